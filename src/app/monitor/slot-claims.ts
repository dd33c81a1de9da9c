// Claims decide which replica runs a slot. The replica with the previous slot goes first, because its state is current.
// After an hour in a row it yields, so that replicas share the clusters. The others try a moment later, so that a dead
// replica is replaced at once.

import type { Store } from '../../core/ports/store.ts';
import type { MonitorInput } from './types.ts';

export interface Claims {
  /** Rejects with UpstreamError if the store is unavailable. */
  claim(key: string, slot: number, signal: AbortSignal): Promise<boolean>;
  /**
   * Whether a slot that was read without a claim belongs to this replica: another replica may have reached the store.
   */
  isOurs(key: string, slot: number): Promise<boolean>;
  /** Whether this replica got the last claimed slot of this key, as far as known. */
  holds(key: string): boolean;
  /** Forgets a cluster that is no longer monitored: its own key, and the keys below it (`prod#look`). */
  forget(cluster: string): void;
}

const STRETCH = 12;
const OTHERS_AFTER = 1_000;
const AFTER_A_STRETCH = 3_000;

export function createClaims(
  input: Pick<MonitorInput, 'instance' | 'wait' | 'random' | 'observer'> & {
    readonly store: Pick<Store, 'claim' | 'lastClaim' | 'about'>;
  },
): Claims {
  const { store, instance, wait, random } = input;
  /** Slots in a row; 0 if another replica got the last one. */
  const streaks = new Map<string, number>();
  // An embedded store has only one bot.
  const isAlone = store.about.kind === 'sqlite';
  const delay = (key: string): number => {
    const streak = streaks.get(key);
    if (isAlone || (streak !== undefined && streak > 0 && streak % STRETCH !== 0)) return 0;
    return streak === undefined || streak === 0
      ? OTHERS_AFTER * random() + (streak === 0 ? OTHERS_AFTER : 0)
      : AFTER_A_STRETCH;
  };
  return {
    async claim(key, slot, signal) {
      const ms = delay(key);
      if (ms > 0) await wait(ms, signal);
      if (signal.aborted) return false;
      // With a single bot, only the bot itself can have the slot: from a clock that was ahead.
      const isOurs = (await store.claim({ cluster: key, slot, instance })) || isAlone;
      streaks.set(key, isOurs ? (streaks.get(key) ?? 0) + 1 : 0);
      input.observer?.claim({ key, won: isOurs });
      return isOurs;
    },
    async isOurs(key, slot) {
      if (isAlone || (await store.claim({ cluster: key, slot, instance }))) return true;
      // The store may have accepted the claim although its answer was lost.
      const last = await store.lastClaim(key);
      return last?.slot === slot && last.instance === instance;
    },
    holds: (key) => isAlone || (streaks.get(key) ?? 0) > 0,
    forget(cluster) {
      for (const key of streaks.keys()) if (key === cluster || key.startsWith(`${cluster}#`)) streaks.delete(key);
    },
  };
}
