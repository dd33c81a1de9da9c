// Where the bots of a schedule find their store: one file that ends with its bot, or a replica set that they share.

import type { Store } from '../../src/core/ports/store.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';

export interface Shelf {
  /** For a bot that begins; it gives it back when it ends. */
  open(): Promise<{ readonly store: Store; readonly release: () => void }>;
  /** For the one who counts at the end. */
  look(): Promise<Store>;
  close(): Promise<void>;
}

const DAY = 86_400_000;
export const KEEP = { readings: 35 * DAY, hours: 400 * DAY };

/** Replicas share one thread here, as they share a replica set; after the last of them the file is opened anew. */
export function fileShelf(directory: string, now: () => Date): Shelf {
  let opened: Promise<Store> | null = null;
  let holders = 0;
  const look = () => {
    opened ??= openSqliteStore({ directory, keep: KEEP, now });
    return opened;
  };
  const close = async () => {
    const last = opened;
    opened = null;
    await (await last)?.close();
  };
  return {
    async open() {
      if (holders === 0) await close();
      holders += 1;
      const store = await look();
      return {
        store,
        release: () => {
          holders -= 1;
        },
      };
    },
    look,
    close,
  };
}

/** Each bot has connections of its own. */
export function setShelf(uri: string, now: () => Date): Shelf {
  const closers: (() => Promise<void>)[] = [];
  const opened = async () => {
    const store = await openMongoStore({ uri, keep: KEEP, now });
    closers.push(store.close);
    return store;
  };
  return {
    open: async () => ({ store: await opened(), release: () => undefined }),
    look: opened,
    close: async () => void (await Promise.all(closers.splice(0).map((close) => close()))),
  };
}
