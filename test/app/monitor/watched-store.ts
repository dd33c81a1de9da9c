// The real store, embedded, with an eye on it: what is asked of it now, what was put into its outbox, and who has which slot.

import { onTestFinished } from 'vitest';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';

export interface WatchedStore {
  readonly store: Store;
  /** All that was ever put into the outbox, in order. */
  readonly delivered: readonly Delivery[];
  /** By `<cluster> <slot>`. */
  readonly claims: ReadonlyMap<string, string>;
  /** How much it was asked and has not answered yet. */
  readonly busy: () => number;
}

const DAY = 86_400_000;

/** @param kind what it says it is: replicas share one that is no file */
export async function watchedStore(
  { now, kind = 'sqlite' }: { readonly now: () => Date; readonly kind?: 'sqlite' | 'mongodb' },
  directory = ':memory:',
): Promise<WatchedStore> {
  const store = await openSqliteStore({ directory, keep: { readings: 35 * DAY, hours: 400 * DAY }, now });
  onTestFinished(() => store.close());
  let asked = 0;
  const counted = <Args extends readonly unknown[], Result>(ask: (...args: Args) => Promise<Result>) => {
    return (...args: Args): Promise<Result> => {
      asked += 1;
      return ask(...args).finally(() => {
        asked -= 1;
      });
    };
  };
  const delivered: Delivery[] = [];
  const claims = new Map<string, string>();
  return {
    delivered,
    claims,
    busy: () => asked,
    store: {
      ...store,
      about: { ...store.about, kind },
      claim: counted(async (claim) => {
        const isFirst = await store.claim(claim);
        if (isFirst) claims.set(`${claim.cluster} ${claim.slot}`, claim.instance);
        return isFirst;
      }),
      write: counted(async (change) => {
        const isWritten = await store.write(change);
        if (isWritten) delivered.push(...change.deliveries);
        return isWritten;
      }),
      hasReading: counted(store.hasReading),
      async *snapshots(range) {
        asked += 1;
        try {
          yield* store.snapshots(range);
        } finally {
          asked -= 1;
        }
      },
      lastClaim: counted(store.lastClaim),
      head: counted(store.head),
      checkpoint: counted(store.checkpoint),
      saveCheckpoint: counted(store.saveCheckpoint),
      series: counted(store.series),
      sources: counted(store.sources),
      clusters: counted(store.clusters),
      alerts: counted(store.alerts),
      alert: counted(store.alert),
      group: counted(store.group),
      silences: counted(store.silences),
      tidy: counted(store.tidy),
      waiting: counted(store.waiting),
    },
  };
}

/** Every reading that a store has, oldest first. */
export async function readingsIn(store: Store): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  for await (const snapshot of store.snapshots({ cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER }))
    found.push(snapshot);
  return found;
}
