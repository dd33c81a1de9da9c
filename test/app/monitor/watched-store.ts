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
  const opened = await openSqliteStore({ directory, keep: { readings: 35 * DAY, hours: 400 * DAY }, now });
  onTestFinished(() => opened.close());
  const { store, busy } = countedStore(opened);
  const delivered: Delivery[] = [];
  const claims = new Map<string, string>();
  return {
    delivered,
    claims,
    busy,
    store: {
      ...store,
      about: { ...store.about, kind },
      async claim(claim) {
        const isFirst = await store.claim(claim);
        if (isFirst) claims.set(`${claim.cluster} ${claim.slot}`, claim.instance);
        return isFirst;
      },
      async write(change) {
        const isWritten = await store.write(change);
        if (isWritten) delivered.push(...change.deliveries);
        return isWritten;
      },
    },
  };
}

/** The same store, and how much it was asked and has not answered yet. Each of its functions counts. */
export function countedStore(store: Store): { readonly store: Store; readonly busy: () => number } {
  let asked = 0;
  const counted = new Proxy(store, {
    get(target, name, receiver) {
      const part: unknown = Reflect.get(target, name, receiver);
      if (typeof part !== 'function' || name === 'snapshots') return part;
      return (...given: readonly unknown[]) => {
        asked += 1;
        return part(...given).finally(() => {
          asked -= 1;
        });
      };
    },
  });
  const snapshots: Store['snapshots'] = async function* (range) {
    asked += 1;
    try {
      yield* store.snapshots(range);
    } finally {
      asked -= 1;
    }
  };
  return { store: { ...counted, snapshots }, busy: () => asked };
}

/** Every reading that a store has, oldest first. */
export async function readingsIn(store: Store): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  for await (const snapshot of store.snapshots({ cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER }))
    found.push(snapshot);
  return found;
}
