// "This is normal now": what a person accepts ends its alerts, and is the usual from then on, wherever it is known.

import { expect, test } from 'vitest';
import { writeReading } from '../../../src/app/monitor/evaluate-reading.ts';
import type { RunningMonitor } from '../../../src/app/monitor/monitor.ts';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import { isOpen } from '../../../src/core/alerting/alert.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { troubled } from './failing-store.ts';
import { memoryStore } from './memory-store.ts';
import { HOUR, halt, MINUTE, never, ROUTING, type Scene, SOURCES, scene, THRESHOLD } from './scene.ts';
import { readingsIn } from './watched-store.ts';

const [BILLING = '', VPC = ''] = SOURCES;
const REPLICA = { book: DEFAULT_BOOK, schedule: '*/20 * * * *' };
const SLOT = 20 * MINUTE;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const isOf = (kind: string) => (delivery: { readonly kind: string }) => delivery.kind === kind;

/** Thirty hours at a hundred, then what `rise` says for three readings: by default Billing at 400. */
async function risen(made: Scene, store: Store, rise = (source: string) => (source === BILLING ? 400 : 100)) {
  const { clock, play } = made;
  play.dormant = () => 100;
  const first = made.replica(store, REPLICA);
  await first.start();
  await clock.pass(SLOT + MINUTE);
  await halt(first, clock);
  const [snapshot] = await readingsIn(store);
  if (snapshot === undefined) throw new Error('nothing was read');
  const memory = createStateCache({ store, book: DEFAULT_BOOK });
  const judging = { store, memory, book: DEFAULT_BOOK, routing: ROUTING, now: clock.now, log: SILENT };
  const until = snapshot.at + 30 * HOUR;
  for (let at = snapshot.at + SLOT; at <= until; at += SLOT)
    await writeReading(judging, { slot: at - (at % SLOT), snapshot: { ...snapshot, at }, mayBeWritten: false });
  await memory.save('prod');
  clock.set(until + MINUTE);
  const watch = made.replica(store, REPLICA);
  await watch.start();
  play.dormant = rise;
  await made.clock.pass(HOUR);
  return watch;
}

async function openIn({ monitor }: RunningMonitor) {
  return (await monitor.board(never)).alerts.filter(isOpen);
}

async function acceptAll(watch: RunningMonitor) {
  const alerts = (await openIn(watch)).map(({ id }) => id);
  return watch.monitor.accept({ alerts, by: 'U1', signal: never });
}

const usualOf = async ({ monitor }: RunningMonitor, source = BILLING) =>
  (await monitor.usual('prod', never)).get(source)?.usual;

test('an accepted alert resolves with a reply, its level fires nothing, and a spike above that level fires', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await risen(made, store);
  expect(await openIn(watch)).toMatchObject([{ rule: 'dormant-spike', source: BILLING, state: 'firing' }]);
  const told = store.delivered.length;
  const ended = await acceptAll(watch);
  const by = { act: 'accepted', by: 'U1', at: made.clock.now().getTime(), until: null, reason: null };
  const over = { state: 'ended', endedAt: by.at, endReason: null, calmSince: null, lastAction: by };
  expect(ended).toMatchObject([over]);
  expect(store.delivered.slice(told)).toMatchObject([
    { kind: 'message', about: ended[0]?.id, refresh: null },
    { kind: 'reply', text: 'Accepted as normal after 41 min, peak 400' },
  ]);
  await made.clock.pass(3 * HOUR);
  expect(await openIn(watch)).toEqual([]);
  expect(store.delivered.slice(told)).toHaveLength(2);
  expect(await usualOf(watch)).toBe(400);
  expect(await usualOf(watch, VPC)).toBe(100);
  made.play.dormant = (source) => (source === BILLING ? 1_600 : 100);
  await made.clock.pass(HOUR);
  expect(await openIn(watch)).toMatchObject([{ rule: 'dormant-spike', source: BILLING, usual: 400 }]);
});

test('the level of before fires nothing when it comes back, and neither does the accepted one after it', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await risen(made, store);
  await acceptAll(watch);
  const told = store.delivered.length;
  made.play.dormant = () => 100;
  await made.clock.pass(3 * HOUR);
  made.play.dormant = (source) => (source === BILLING ? 400 : 100);
  await made.clock.pass(3 * HOUR);
  expect(await openIn(watch)).toEqual([]);
  expect(store.delivered.slice(told)).toEqual([]);
});

test('whatever was usual at the readings of before stays what was stored with them', async () => {
  const made = scene();
  const { store } = await made.store();
  const watch = await risen(made, store);
  const usuals = async () => (await readingsIn(store)).map(({ sources }) => sources.map(({ usual }) => usual));
  const before = await usuals();
  await acceptAll(watch);
  await made.clock.pass(2 * HOUR);
  const after = await usuals();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(before.at(-1)).toContainEqual({ dormant: 100, pooled: 104 });
  expect(after.at(-1)).toContainEqual({ dormant: 400, pooled: 404 });
});

test.each([
  ['before the next reading', 0],
  ['hours later', 3 * HOUR],
])('a state that is made anew %s is the one that lived through it', async (_, later) => {
  const made = scene();
  const store = memoryStore();
  const watch = await risen(made, store);
  const checkpoint = await store.checkpoint('prod');
  await acceptAll(watch);
  await made.clock.pass(later);
  const lived = (await createStateCache({ store, book: DEFAULT_BOOK }).known('prod')).state;
  const starts = { fromNothing: null, fromBefore: checkpoint };
  for (const start of Object.values(starts)) {
    const other = { ...store, checkpoint: async () => start };
    const { state } = await createStateCache({ store: other, book: DEFAULT_BOOK }).known('prod');
    expect(state).toEqual(lived);
  }
  const [level] = lived?.accepted ?? [];
  expect(lived?.sources[BILLING]?.acceptedAt).toBe(later === 0 ? undefined : level?.at);
});

test('a restart before the next reading keeps what was accepted', async () => {
  const made = scene();
  const store = memoryStore();
  const first = await risen(made, store);
  await acceptAll(first);
  await halt(first, made.clock);
  const second = made.replica(store, { ...REPLICA, instance: 'B' });
  await second.start();
  await made.clock.pass(3 * HOUR);
  expect(await openIn(second)).toEqual([]);
  expect(await usualOf(second)).toBe(400);
});

test('another replica, which has the state of before, goes on with what was accepted', async () => {
  const made = scene();
  const store = memoryStore();
  const [mine, others] = [troubled(store), troubled(store)];
  others.trouble.mayClaim = () => false;
  const watch = await risen(made, mine.store);
  const other = made.replica(others.store, { ...REPLICA, instance: 'B' });
  await other.start();
  await made.clock.pass(10 * MINUTE);
  expect(await openIn(other)).toHaveLength(1);
  await usualOf(other);
  await acceptAll(watch);
  mine.trouble.mayClaim = () => false;
  others.trouble.mayClaim = () => true;
  await made.clock.pass(3 * HOUR);
  expect(await openIn(other)).toEqual([]);
  expect(await usualOf(other)).toBe(400);
});

test('a reading that runs while a person accepts is judged after it', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await risen(made, store);
  made.play.takes = 2 * MINUTE;
  await made.clock.pass(SLOT);
  const told = store.delivered.length;
  await acceptAll(watch);
  expect(await readingsIn(store)).toHaveLength(94);
  await made.clock.pass(HOUR);
  expect(await readingsIn(store)).toHaveLength(97);
  expect(await openIn(watch)).toEqual([]);
  expect(store.delivered.slice(told).map(({ kind }) => kind)).toEqual(['message', 'reply']);
});

test('every alert about the level of the source ends with it, silenced too; others stay as they are', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await risen(made, store, () => 400);
  const both = await openIn(watch);
  const [billing, vpc] = SOURCES.map((id) => both.find(({ source }) => source === id));
  const target = { cluster: 'prod', source: BILLING, node: null, rule: null, who: 'Billing' };
  const until = made.clock.now().getTime() + HOUR;
  await watch.monitor.silence({ request: { ...target, until, reason: null, hold: false }, by: 'U2', signal: never });
  const told = store.delivered.length;
  const alerts = [billing?.id ?? '', 'no such alert'];
  const now = await watch.monitor.accept({ alerts, by: 'U1', signal: never });
  expect(now).toMatchObject([{ id: billing?.id, state: 'ended', lastAction: { act: 'accepted' } }]);
  expect(store.delivered.slice(told).filter(isOf('reply'))).toHaveLength(1);
  expect(await openIn(watch)).toMatchObject([{ id: vpc?.id, state: 'firing' }]);
  const again = await watch.monitor.accept({ alerts, by: 'U3', signal: never });
  expect(again).toMatchObject([{ id: billing?.id, lastAction: { by: 'U1' } }]);
});

test('an alert without a usual of its source cannot be accepted', async () => {
  const made = scene();
  const store = memoryStore();
  made.play.dormant = () => 250;
  const watch = made.replica(store, { book: THRESHOLD });
  await watch.start();
  await made.clock.pass(16 * MINUTE);
  const before = await openIn(watch);
  const told = store.delivered.length;
  expect(before).toMatchObject([{ rule: 'dormant-threshold' }, { rule: 'dormant-threshold' }]);
  expect(await acceptAll(watch)).toEqual(before);
  expect(await openIn(watch)).toEqual(before);
  expect(store.delivered.slice(told)).toEqual([]);
});

test('while the store is away nothing is accepted, and the reason is said', async () => {
  const made = scene();
  const { store, trouble } = troubled(memoryStore());
  const watch = await risen(made, store);
  const alerts = (await openIn(watch)).map(({ id }) => id);
  trouble.away = true;
  const asked = watch.monitor.accept({ alerts, by: 'U1', signal: never });
  await expect(asked).rejects.toThrow(UpstreamError);
  trouble.away = false;
  await made.clock.pass(MINUTE);
  expect(await openIn(watch)).toHaveLength(1);
});
