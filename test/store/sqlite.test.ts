// The contract of the store, on files and in memory.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { storeContract } from './contract.ts';
import { T0 } from './sample.ts';

const now = () => new Date(T0);

storeContract('file', async (keep) => {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-store-'));
  const store = await openSqliteStore({ directory, keep, now });
  let last = store;
  return {
    store,
    again: async () => {
      await last.close();
      last = await openSqliteStore({ directory, keep, now });
      return last;
    },
    close: async () => {
      await last.close();
      await rm(directory, { recursive: true });
    },
  };
});

storeContract('memory', async (keep) => {
  const store = await openSqliteStore({ directory: ':memory:', keep, now });
  return { store, again: null, close: () => store.close() };
});
