// Claims: which replica has a slot. Whoever had the one before goes first, because it remembers; for an hour at a stretch,
// so that replicas share the clusters. The others come a moment later, so that one that is dead is replaced at once.

import type { Store } from '../../core/ports/store.ts';
import type { MonitorInput } from './types.ts';

export interface Claims {
  /** Rejects with UpstreamError where the store is away. */
  claim(key: string, slot: number, signal: AbortSignal): Promise<boolean>;
  /** Whether a slot that was read without a claim is ours: another replica may have had the store. */
  isOurs(key: string, slot: number): Promise<boolean>;
  /** Whether the last slot of this key that was claimed was ours, as far as is known. */
  holds(key: string): boolean;
  /** Lets go of a cluster that is watched no more: of its own key, and of those below it (`prod#look`). */
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
  /** Slots in a row; 0 where the last one was another's. */
  const streaks = new Map<string, number>();
  // An embedded store has one bot.
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
      // Of a bot that is alone, nobody but itself can have it: by a clock that was ahead.
      const isOurs = (await store.claim({ cluster: key, slot, instance })) || isAlone;
      streaks.set(key, isOurs ? (streaks.get(key) ?? 0) + 1 : 0);
      input.observer?.claim({ key, won: isOurs });
      return isOurs;
    },
    async isOurs(key, slot) {
      if (isAlone || (await store.claim({ cluster: key, slot, instance }))) return true;
      // The claim may have been made although no answer to it came.
      const last = await store.lastClaim(key);
      return last?.slot === slot && last.instance === instance;
    },
    holds: (key) => isAlone || (streaks.get(key) ?? 0) > 0,
    forget(cluster) {
      for (const key of streaks.keys()) if (key === cluster || key.startsWith(`${cluster}#`)) streaks.delete(key);
    },
  };
}
