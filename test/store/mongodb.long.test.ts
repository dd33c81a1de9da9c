// The contract of the store on a real replica set.

import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { realSet } from '../cluster/real.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { storeContract } from './contract.ts';
import { T0 } from './sample.ts';

const set = await realSet({ members: 1 });
const now = () => new Date(T0);

if ('reason' in set) test.skip(`the store in MongoDB: ${set.reason}`, () => undefined);
else describe('the store in MongoDB', () => onSet(set));

function onSet(set: ReplicaSet): void {
  const admin = new MongoClient(set.uri('root'));
  // The tests have a clock of their own; the server removes what is old by its own.
  beforeAll(() => admin.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false }));
  afterAll(async () => {
    await admin.close();
    await set.close();
  });

  let count = 0;
  storeContract('MongoDB', async (keep) => {
    const database = `store_${count++}`;
    const open = () => openMongoStore({ uri: set.uri('app').replace('/?', `/${database}?`), keep, now });
    const opened = [await open()];
    const [store] = opened;
    if (store === undefined) throw new Error('no store');
    return {
      store,
      again: async () => {
        const another = await open();
        opened.push(another);
        return another;
      },
      close: async () => {
        await Promise.all(opened.map((one) => one.close()));
        await admin.db(database).dropDatabase();
      },
    };
  });
}
