// The pools of apps, judged with the check of every minute: by one replica of several, over restarts, outages and silences.

import { expect, test } from 'vitest';
import { createPoolLooks } from '../../../src/app/pools/looks.ts';
import type { PoolRecord } from '../../../src/core/pools/report.ts';
import type { PoolRecords } from '../../../src/core/ports/pools.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { type Reported, recordOf } from '../../core/pools/reported.ts';
import { memoryStore } from './memory-store.ts';
import { halt, MINUTE, never, type Scene, scene } from './scene.ts';

const NODE = 'shard-00-00.abcde.mongodb.net:27017';

/** What processes report at a moment. Every replica reads the same. */
interface Applications {
  /** By minutes since the start of the test; null while the reports cannot be read. */
  report: (minute: number) => readonly Reported[] | null;
}

function applications({ clock }: Scene) {
  const start = clock.now().getTime();
  const play: Applications = { report: () => [] };
  const records: Pick<PoolRecords, 'all'> = {
    async all() {
      const now = clock.now().getTime();
      const found = play.report((now - start) / MINUTE);
      if (found === null)
        throw new UpstreamError({ code: 'away', text: 'The store does not answer.', remedy: 'Wait.' });
      return found.map((one): PoolRecord => recordOf({ address: NODE, ...one }, now - 1_000));
    },
  };
  /** The looks of one replica. */
  const looks = () => createPoolLooks({ records, now: clock.now, wait: clock.wait, signal: never });
  return { play, looks };
}

/** Each minute a thousand connections are checked out from a full pool, after a wait of 450 ms. */
const waits = (minute: number, more: Partial<Reported> = {}): Reported => ({
  now: { open: 100, inUse: 100, waiting: 4 },
  total: { checkouts: Math.round(minute * 1_000), waitMs: Math.round(minute * 450_000) },
  ...more,
});
/** From a minute on nothing waits any more. */
const calm = (minute: number, since: number): Reported => ({
  total: { checkouts: Math.round(minute * 1_000), waitMs: Math.round(since * 450_000) },
});

async function alertsIn(store: Store, now: Date) {
  const alerts = await store.alerts({ cluster: null, endedSince: now.getTime() - 1_440 * MINUTE });
  return alerts.filter(({ rule }) => rule === 'pool-exhausted');
}

const time = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString().slice(11, 16));

test('an app that waits has an alert at the second look, and is resolved ten minutes after its last wait', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  await made.replica(store, { pools: looks() }).start();
  play.report = (minute) => [minute < 12 ? waits(minute) : calm(minute, 12)];
  await made.clock.pass(7 * MINUTE);
  const [alert, ...others] = await alertsIn(store, made.clock.now());
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    source: 'app:billing',
    who: 'billing',
    state: 'firing',
    severity: 'warning',
    value: 1,
  });
  expect([time(alert?.since), time(alert?.judgedAt)]).toEqual(['10:05', '10:06']);
  expect(alert?.evidence?.pools).toMatchObject({ inUse: 100, capacity: 100, meanWaitMs: 450 });
  expect(store.delivered.map(({ id }) => id)).toEqual([`${alert?.id}/message`]);
  // Readings at 10:10 to 10:20 neither end nor change it.
  await made.clock.pass(15 * MINUTE);
  expect(await alertsIn(store, made.clock.now())).toMatchObject([{ state: 'firing' }]);
  await made.clock.pass(2 * MINUTE);
  const [ended] = await alertsIn(store, made.clock.now());
  expect(ended).toMatchObject({ state: 'ended', endReason: null });
  expect([time(ended?.calmSince), time(ended?.endedAt)]).toEqual(['10:12', '10:22']);
});

test('of several replicas one judges each look, and one that takes over has a base', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  const watches = {
    A: made.replica(store, { instance: 'A', pools: looks() }),
    B: made.replica(store, { instance: 'B', pools: looks() }),
  };
  await watches.A.start();
  await watches.B.start();
  await made.clock.pass(8 * MINUTE);
  const holder = (await store.lastClaim('prod#look'))?.instance;
  play.report = (minute) => [waits(minute)];
  await made.clock.pass(MINUTE);
  await halt(holder === 'A' ? watches.A : watches.B, made.clock);
  await made.clock.pass(2 * MINUTE);
  expect((await store.lastClaim('prod#look'))?.instance).toBe(holder === 'A' ? 'B' : 'A');
  const found = await alertsIn(store, made.clock.now());
  // The process was new at 10:08:30. The look of 10:09:30 compares with that, whoever took it.
  expect(found.map(({ since }) => time(since))).toEqual(['10:09']);
});

test('a bot that starts again goes on with its alert, and has no base at its first look', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  const first = made.replica(store, { pools: looks() });
  await first.start();
  play.report = (minute) => [waits(minute)];
  await made.clock.pass(7 * MINUTE);
  await halt(first, made.clock);
  await made.replica(store, { instance: 'B', pools: looks() }).start();
  await made.clock.pass(MINUTE);
  const [known] = await alertsIn(store, made.clock.now());
  expect([known?.state, time(known?.judgedAt)]).toEqual(['firing', '10:06']);
  await made.clock.pass(MINUTE);
  const [later] = await alertsIn(store, made.clock.now());
  expect([later?.id, time(later?.judgedAt)]).toEqual([known?.id, '10:08']);
});

test('reports that cannot be read leave the alert as it is, and its message says so', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  await made.replica(store, { pools: looks() }).start();
  play.report = (minute) => (minute < 8 ? [waits(minute)] : null);
  await made.clock.pass(25 * MINUTE);
  const [alert] = await alertsIn(store, made.clock.now());
  expect([alert?.state, time(alert?.judgedAt), time(alert?.unreadSince)]).toEqual(['firing', '10:07', '10:07']);
});

test('processes that end take their alert with them', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  await made.replica(store, { pools: looks() }).start();
  play.report = (minute) => (minute < 8 ? [waits(minute)] : []);
  await made.clock.pass(12 * MINUTE);
  expect(await alertsIn(store, made.clock.now())).toMatchObject([{ state: 'firing' }]);
  await made.clock.pass(2 * MINUTE);
  expect(await alertsIn(store, made.clock.now())).toMatchObject([
    { state: 'ended', endReason: 'it no longer reports its pools' },
  ]);
});

test('pools are judged while no node can be read', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  await made.replica(store, { pools: looks() }).start();
  await made.clock.pass(6 * MINUTE);
  made.play.problem = 'Atlas does not answer.';
  play.report = (minute) => [waits(minute)];
  await made.clock.pass(3 * MINUTE);
  const [alert] = await alertsIn(store, made.clock.now());
  expect(alert?.evidence).toMatchObject({ node: null, pools: { cause: expect.stringContaining('No node said') } });
});

test('the last reading tells a leak from slow operations', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  made.play.apps = [{ name: 'billing-api', active: 2, dormant: 98 }];
  await made.replica(store, { pools: looks() }).start();
  play.report = () => [
    { appName: 'billing-api', now: { open: 100, inUse: 100, waiting: 4 }, total: { checkouts: 100 } },
  ];
  await made.clock.pass(7 * MINUTE);
  const [alert] = await alertsIn(store, made.clock.now());
  expect(alert?.evidence?.pools?.cause).toContain('Connections are checked out and not returned');
  expect(alert?.evidence?.pools?.cause).toContain(
    'The nodes counted 2 active of 100 connections of billing at 2026-11-21T10:05:00.',
  );
});

test('a silence of the app mutes its alert, and an acknowledgement stays', async () => {
  const made = scene();
  const { play, looks } = applications(made);
  const store = memoryStore();
  const watch = made.replica(store, { pools: looks() });
  await watch.start();
  const until = made.clock.now().getTime() + 60 * MINUTE;
  const request = { cluster: 'prod', source: 'app:billing', node: null, rule: null, who: 'app billing', until };
  await watch.monitor.silence({ request: { ...request, reason: null, hold: false }, by: 'U1', signal: never });
  play.report = (minute) => [waits(minute), waits(minute, { id: 'p2', app: 'web' })];
  await made.clock.pass(7 * MINUTE);
  const found = await alertsIn(store, made.clock.now());
  expect(found.map(({ who, state }) => `${who} ${state}`).toSorted()).toEqual(['billing silenced', 'web firing']);
  const web = found.find(({ who }) => who === 'web');
  await watch.monitor.acknowledge({ alerts: [web?.id ?? ''], by: 'U1', signal: never });
  await made.clock.pass(5 * MINUTE);
  const later = await watch.monitor.alert(web?.id ?? '', never);
  expect(later).toMatchObject({ state: 'acknowledged', value: 1 });
  expect(await watch.monitor.accept({ alerts: [web?.id ?? ''], by: 'U1', signal: never })).toMatchObject([
    { state: 'acknowledged' },
  ]);
});

test('two clusters share one read of the reports at each look', async () => {
  const made = scene();
  made.play.clusters = ['prod', 'staging'];
  const { play, looks } = applications(made);
  let reads = 0;
  play.report = (minute) => {
    reads += 1;
    return [waits(minute)];
  };
  const store = memoryStore();
  await made.replica(store, { pools: looks() }).start();
  await made.clock.pass(10 * MINUTE);
  expect(reads).toBe(10);
  // Both clusters have a node with this name here, so both judge the app.
  expect((await alertsIn(store, made.clock.now())).map(({ cluster }) => cluster).toSorted()).toEqual([
    'prod',
    'staging',
  ]);
});

test('a read that does not end holds no check of the nodes', async () => {
  const made = scene();
  const stuck = { all: () => new Promise<never>(() => undefined) };
  const store = memoryStore();
  const pools = createPoolLooks({ records: stuck, now: made.clock.now, wait: made.clock.wait, signal: never });
  await made.replica(store, { pools }).start();
  await made.clock.pass(5 * MINUTE);
  made.play.current = 1_400;
  await made.clock.pass(2 * MINUTE);
  expect((await store.alerts({ cluster: null, endedSince: 0 })).map(({ rule }) => rule)).toContain('node-headroom');
});
