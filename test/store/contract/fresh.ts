// A store for one test: on data of its own, empty at first, closed when the test is over.

import type { Store } from '../../../src/core/ports/store.ts';
import type { Retention } from '../../../src/store/retention.ts';
import { KEEP } from '../sample.ts';

export interface Fresh {
  readonly store: Store;
  /** Another store on the same data (the first may be closed for it); null where the data end with the store. */
  readonly again: (() => Promise<Store>) | null;
  close(): Promise<void>;
}

export type OpenFresh = (keep: Retention) => Promise<Fresh>;

/** Runs a test on a fresh store. */
export function on(open: OpenFresh, test: (store: Store, fresh: Fresh) => Promise<void>, keep: Retention = KEEP) {
  return async () => {
    const fresh = await open(keep);
    try {
      await test(fresh.store, fresh);
    } finally {
      await fresh.close();
    }
  };
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
