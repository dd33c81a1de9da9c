// The store over a line on which answers are lost: what was carried out without our hearing of it is known again.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Change, Store } from '../../src/core/ports/store.ts';
import { UpstreamError } from '../../src/errors.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { realSet } from '../cluster/real.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { type Cut, cutting } from './cut.ts';
import { headOf, KEEP, MINUTE, noteOf, readingOf, T0 } from './sample.ts';

let set: ReplicaSet | { reason: string };
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  set = await realSet({ members: 1 });
  if ('hosts' in set) closers.push(set.close);
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** A store that talks to the one member through the line. */
async function over(database: string): Promise<{ store: Store; cut: Cut }> {
  if ('reason' in set) throw new Error(set.reason);
  const cut = await cutting(set.hosts[0] ?? '');
  closers.push(cut.close);
  const uri = `${set.uri('app', cut.host).replace('/?', `/${database}?`)}&directConnection=true`;
  const store = await openMongoStore({ uri, keep: KEEP, now: () => new Date(T0) });
  closers.push(store.close);
  return { store, cut };
}

test('an answer that was lost after the commit is no refusal: the same change again is the one that was written', async () => {
  const { store, cut } = await over('lost');
  const change = readingOf({ slot: T0, holding: { a: [1, 2] } }, { head: headOf(1), deliveries: [noteOf('n')] });

  cut.after('commitTransaction', { times: 1 });
  expect(await store.write(change), 'the commit was asked again').toBe(true);
  expect(cut.count()).toBe(1);

  const next = readingOf({ slot: T0 + MINUTE }, { head: headOf(2), deliveries: [noteOf('m')] });
  await expectLost(store, next, cut);
  expect(await store.write(next), 'it had been written').toBe(true);
  expect(await store.write(next), 'that is known now').toBe(false);
  expect(await store.write({ ...next })).toBe(false);
  expect(await store.head('prod')).toEqual(headOf(2));
  expect((await store.waiting()).count).toBe(2);
});

/** Nobody answers any more once the commit has arrived; the call ends by itself. */
async function expectLost(store: Store, change: Change, cut: Cut): Promise<void> {
  cut.after('commitTransaction', { times: Number.POSITIVE_INFINITY });
  const error = await store.write(change).catch((reason: unknown) => reason);
  if (!(error instanceof UpstreamError)) throw new Error(`no problem: ${error}`);
  expect(error.problem.code).toMatch(/^store-/);
  cut.after('commitTransaction', { times: 0 });
}

test('a claim whose answer was lost is still that of who asked', async () => {
  const { store, cut } = await over('claims');
  // More often than the driver itself asks again.
  cut.after('bot-of-the-test', { times: 3 });
  expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'bot-of-the-test' })).toBe(true);
  expect(cut.count()).toBe(3);
  expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'bot-of-the-test' })).toBe(false);
});
