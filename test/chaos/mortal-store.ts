// A store as one bot has it: it may be away, may do its work without answering, and ends with the bot.

import type { Change, Store } from '../../src/core/ports/store.ts';
import { UpstreamError } from '../../src/errors.ts';
import type { Fate } from './fate.ts';

export interface StoreTrouble {
  away: boolean;
  /** Does what it was asked, and its answer is lost. */
  silent: boolean;
}

export interface MortalStore {
  readonly store: Store;
  /** What it was asked and has not answered. */
  readonly busy: () => number;
}

async function all<Item>(found: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of found) items.push(item);
  return items;
}

export function mortalStore(
  store: Store,
  given: {
    readonly fate: Fate;
    readonly trouble: StoreTrouble;
    readonly kind: 'sqlite' | 'mongodb';
    readonly onWritten: (change: Change) => void;
  },
): MortalStore {
  const { fate, trouble, kind, onWritten } = given;
  let asked = 0;
  const gone = () => new UpstreamError({ code: 'store-away', text: 'The store does not answer.', remedy: 'Wait.' });
  const op = <Args extends readonly unknown[], Result>(name: string, ask: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      await fate.pass(`${name}/before`);
      if (trouble.away) throw gone();
      asked += 1;
      const result = await ask(...args).finally(() => {
        asked -= 1;
      });
      await fate.pass(`${name}/after`);
      if (trouble.silent) throw gone();
      return result;
    };
  };
  const mortal: Store = {
    about: { ...store.about, kind },
    claim: op('claim', store.claim),
    lastClaim: op('lastClaim', store.lastClaim),
    write: op('write', async (change) => {
      const isWritten = await store.write(change);
      if (isWritten) onWritten(change);
      return isWritten;
    }),
    hasReading: op('hasReading', store.hasReading),
    head: op('head', store.head),
    checkpoint: op('checkpoint', store.checkpoint),
    saveCheckpoint: op('saveCheckpoint', store.saveCheckpoint),
    async *snapshots(range) {
      yield* await op('snapshots', () => all(store.snapshots(range)))();
    },
    series: op('series', store.series),
    sources: op('sources', store.sources),
    clusters: op('clusters', store.clusters),
    alerts: op('alerts', store.alerts),
    alert: op('alert', store.alert),
    group: op('group', store.group),
    silences: op('silences', store.silences),
    keepShown: op('keepShown', store.keepShown),
    shown: op('shown', store.shown),
    tidy: op('tidy', store.tidy),
    close: async () => undefined,
    take: op('take', store.take),
    sent: op('sent', store.sent),
    postponed: op('postponed', store.postponed),
    doubted: op('doubted', store.doubted),
    dropped: op('dropped', store.dropped),
    adopt: op('adopt', store.adopt),
    place: op('place', store.place),
    forget: op('forget', store.forget),
    waiting: op('waiting', store.waiting),
  };
  return { store: mortal, busy: () => (fate.isDead() || fate.isFrozen() ? 0 : asked) };
}
