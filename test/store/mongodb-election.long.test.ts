// Two replicas of the bot share a store whose replica set elects, or loses its primary.

import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import type { Change, Store } from '../../src/core/ports/store.ts';
import { UpstreamError } from '../../src/errors.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { useRealSet } from '../cluster/real.ts';
import { all } from './contract/fresh.ts';
import { alertOf, DAY, HOUR, KEEP, MINUTE, noteOf, readingOf, T0 } from './sample.ts';

const { real, closers } = useRealSet({ members: 3 });

async function open(database: string): Promise<Store> {
  const uri = real().uri('app').replace('/?', `/${database}?`);
  const store = await openMongoStore({ uri, keep: KEEP, now: () => new Date(T0) });
  closers.push(store.close);
  return store;
}

/** Who is primary, and by which election. */
async function primary(): Promise<{ host: string; election: string }> {
  const client = new MongoClient(real().uri('root'));
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    return { host: String(hello['primary']), election: String(hello['electionId']) };
  } finally {
    await client.close();
  }
}

async function stepDown(): Promise<void> {
  const client = new MongoClient(real().uri('root'));
  try {
    await client.db('admin').command({ replSetStepDown: 120, secondaryCatchUpPeriodSecs: 100 });
  } finally {
    await client.close();
  }
}

/** The same change again until somebody knows; a store that is away for one call is not away for ever. */
async function write(store: Store, change: Change): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.write(change);
    } catch (error) {
      if (!(error instanceof UpstreamError) || attempt === 5) throw error;
    }
  }
}

const COUNT = 60;

/** Everything that two replicas do with a store, while something happens to it in the middle. */
async function busy(stores: readonly Store[], happens: () => Promise<unknown>) {
  const claims = new Map<number, number>();
  /** The claim had no answer in time: nobody knows whose the slot is. */
  const unanswered = new Set<number>();
  let written = 0;
  let event: Promise<unknown> | null = null;
  const turns = async (store: Store, instance: string) => {
    for (let turn = 0; turn < COUNT; turn++) {
      const slot = T0 + turn * MINUTE;
      const claimed = await store.claim({ cluster: 'prod', slot, instance }).catch((error: unknown) => {
        if (!(error instanceof UpstreamError)) throw error;
        unanswered.add(slot);
        return false;
      });
      if (claimed) claims.set(slot, (claims.get(slot) ?? 0) + 1);
      // Both write every slot, as two that were told that it was theirs would.
      const alerts = [alertOf({ source: `source-${turn}`, since: slot })];
      const change = readingOf({ slot, holding: { a: [0, turn] } }, { alerts, deliveries: [noteOf(`n${turn}`)] });
      if (await write(store, change)) written += 1;
      if (turn === COUNT / 3) event ??= happens();
    }
  };
  await Promise.all(stores.map((store, index) => turns(store, `bot-${index}`)));
  await event;
  return { claims, unanswered, written };
}

async function expectWhole(store: Store): Promise<void> {
  const found = await all(store.snapshots({ cluster: 'prod', after: 0, until: T0 + DAY }));
  expect(found.map(({ at }) => at)).toEqual(Array.from({ length: COUNT }, (_, turn) => T0 + turn * MINUTE + 1_000));
  expect(await store.alerts({ cluster: 'prod', endedSince: 0 })).toHaveLength(COUNT);
  expect((await store.waiting()).count).toBe(COUNT);
  const [hour] = await store.series({ cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + HOUR, buckets: 1 });
  expect(hour?.readings).toBe(COUNT);
}

/** Two take and send in turns; each delivery must have come once, and out of doubt. */
async function sendAll(stores: readonly Store[]): Promise<readonly string[]> {
  const sent: string[] = [];
  const turns = async (store: Store, instance: string) => {
    for (;;) {
      const taken = await store.take({ instance, now: T0 + DAY, leaseMs: HOUR, limit: 4, refreshes: 9 });
      if (taken.length === 0) return;
      for (const one of taken) {
        sent.push(one.id);
        await store.sent(one, null);
      }
    }
  };
  await Promise.all(stores.map((store, index) => turns(store, `bot-${index}`)));
  return sent;
}

test('a secondary that is named alone is no store, and it says so', async () => {
  const { host } = await primary();
  const secondary = real().hosts.find((other) => other !== host);
  const uri = `${real().uri('app', secondary)}&directConnection=true`;
  const error = await openMongoStore({ uri, keep: KEEP, now: () => new Date(T0) }).catch((reason: unknown) => reason);
  if (!(error instanceof UpstreamError)) throw new Error(`no refusal: ${error}`);
  expect(error.problem).toMatchObject({ code: 'store-not-primary', text: expect.stringContaining(`${secondary}`) });
});

test('two replicas write through an election: each slot once, nothing lost, nothing doubled', async () => {
  const stores = await Promise.all([open('election'), open('election')]);
  const before = await primary();
  const { claims, unanswered, written } = await busy(stores, stepDown);
  expect(written).toBe(COUNT);
  expect([...claims.values()].every((count) => count === 1)).toBe(true);
  expect(new Set([...claims.keys(), ...unanswered]).size).toBe(COUNT);
  const [store] = stores;
  if (store === undefined) throw new Error('no store');
  await expectWhole(store);
  const sent = await sendAll(stores);
  expect(sent.toSorted()).toEqual([...new Set(sent)].toSorted());
  expect(sent).toHaveLength(COUNT);
  expect((await primary()).election).not.toBe(before.election);
});

test('the machine of the primary dies while two replicas write: nothing lost, nothing doubled', async () => {
  const stores = await Promise.all([open('death'), open('death')]);
  const dead: string[] = [];
  const { written } = await busy(stores, async () => {
    const { host } = await primary();
    await real().kill(host);
    dead.push(host);
  });
  expect(written).toBe(COUNT);
  const [store] = stores;
  if (store === undefined) throw new Error('no store');
  await expectWhole(store);
  expect(dead).toHaveLength(1);
  expect(dead).not.toContain((await primary()).host);
});
