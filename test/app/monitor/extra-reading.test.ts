// A node that becomes critical between two readings is read at once: for its message, and for nothing else.

import { expect, test } from 'vitest';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { troubled } from './failing-store.ts';
import { memoryStore } from './memory-store.ts';
import { MINUTE, never, type Scene, SOURCES, scene, THRESHOLD } from './scene.ts';
import { readingsIn } from './watched-store.ts';

const [BILLING = ''] = SOURCES;
const HOST = 'shard-00-00.abcde.mongodb.net:27017';

/** Billing takes the node from now on. */
function fills({ play, clock }: Scene): void {
  const from = clock.now().getTime();
  play.current = 1_400;
  play.dormant = (source, at) => (source === BILLING && at >= from ? 1_000 : 20);
}

const timesOf = async (store: Store) =>
  (await readingsIn(store)).map(({ at, extra = false }) => {
    const time = new Date(at).toISOString().slice(11, 19);
    return extra ? `${time} extra` : time;
  });

async function nodeFilled(made: Scene, store: Store, more: Parameters<Scene['replica']>[1] = {}) {
  const watch = made.replica(store, more);
  await watch.start();
  await made.clock.pass(6 * MINUTE + 10_000);
  fills(made);
  return watch;
}

test('its alert names who fills it within a minute, and the message is edited', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await nodeFilled(made, store);
  await made.clock.pass(21_000);
  const [alert] = (await watch.monitor.board(never)).alerts;
  expect(await timesOf(store)).toEqual(['10:05:00', '10:06:30 extra']);
  expect(alert).toMatchObject({ rule: 'node-headroom', node: HOST, severity: 'critical', value: 1_400, version: 2 });
  expect(alert?.evidence?.readAt).toBe(Date.parse('2026-11-21T10:06:30Z'));
  expect(alert?.evidence?.culprits).toMatchObject([{ source: BILLING }]);
  expect(store.delivered.slice(-1)).toMatchObject([{ id: `${alert?.id}/message`, kind: 'message', refresh: null }]);
  // Two checks later it still says so.
  await made.clock.pass(2 * MINUTE);
  const later = await watch.monitor.alert(alert?.id ?? '', never);
  expect(later?.evidence?.culprits).toEqual(alert?.evidence?.culprits);
});

test('refused connections are not counted twice because of it', async () => {
  const made = scene();
  const store = memoryStore();
  const watch = await nodeFilled(made, store);
  made.play.rejected = 7;
  await made.clock.pass(20_100);
  made.play.rejected = 12;
  await made.clock.pass(MINUTE);
  expect(await timesOf(store)).toHaveLength(2);
  const refused = (await watch.monitor.board(never)).alerts.find(({ rule }) => rule === 'rejected');
  expect(refused?.evidence?.node?.refused?.count).toBe(12);
});

test('the readings after it come to the same decisions and the same state as without it', async () => {
  const outcome = async ({ isExtraTaken }: { readonly isExtraTaken: boolean }) => {
    const made = scene();
    const kept = memoryStore();
    // A claim that another replica has prevents it.
    const claim: Store['claim'] = async (asked) =>
      (isExtraTaken || !asked.cluster.endsWith('#extra')) && kept.claim(asked);
    const watch = await nodeFilled(made, { ...kept, claim });
    await made.clock.pass(30 * MINUTE);
    const { alerts } = await watch.monitor.board(never);
    const { state } = await createStateCache({ store: kept, book: THRESHOLD }).known('prod');
    return {
      readings: (await readingsIn(kept)).filter(({ extra }) => extra !== true),
      extra: (await readingsIn(kept)).filter(({ extra }) => extra === true).length,
      head: await kept.head('prod'),
      state,
      decided: alerts.map(({ version: _, evidence: __, shownAt: ___, ...alert }) => alert),
      replies: kept.delivered.filter(({ kind }) => kind !== 'message'),
    };
  };
  const { extra: some, ...withExtra } = await outcome({ isExtraTaken: true });
  const { extra: none, ...without } = await outcome({ isExtraTaken: false });
  expect([some, none]).toEqual([1, 0]);
  expect(withExtra).toEqual(without);
  expect(withExtra.decided.length).toBeGreaterThan(1);
});

test('of two replicas one takes it, and a node that goes on refusing connections has no other', async () => {
  const made = scene();
  const store = memoryStore();
  for (const instance of ['A', 'B']) await made.replica(store, { instance, schedule: '*/15 * * * *' }).start();
  await made.clock.pass(16 * MINUTE + 10_000);
  fills(made);
  const extra = async () => (await timesOf(store)).filter((time) => time.endsWith('extra')).length;
  const counts: number[] = [];
  for (const minute of [1, 2, 3, 4, 5, 6, 7]) {
    made.play.rejected = 10 ** minute;
    await made.clock.pass(MINUTE);
    counts.push(await extra());
  }
  expect(counts).toEqual(Array(7).fill(1));
});

test('a scheduled reading that begins within a minute, or runs, stands in for it', async () => {
  for (const { until, takes } of [
    { until: 9 * MINUTE + 10_000, takes: 200 },
    { until: 5 * MINUTE + 10_000, takes: 50_000 },
  ]) {
    const made = scene();
    const store = memoryStore();
    made.play.takes = takes;
    const watch = made.replica(store);
    await watch.start();
    await made.clock.pass(until - 5 * MINUTE);
    await made.clock.pass(5 * MINUTE);
    fills(made);
    await made.clock.pass(80_000);
    expect((await timesOf(store)).filter((time) => time.endsWith('extra'))).toEqual([]);
    expect((await watch.monitor.board(never)).alerts).not.toEqual([]);
  }
});

test('there is none while the store is away', async () => {
  const made = scene();
  const { store, trouble } = troubled(memoryStore());
  const watch = await nodeFilled(made, store);
  trouble.away = true;
  const before = made.play.readings.length;
  await made.clock.pass(2 * MINUTE);
  expect(made.play.readings).toHaveLength(before);
  trouble.away = false;
  await made.clock.pass(6 * MINUTE);
  expect((await watch.monitor.board(never)).alerts).not.toEqual([]);
});

test('a bot that reads at its start says at once what cannot be read, and reads once in five minutes', async () => {
  const made = scene();
  const store = memoryStore();
  await made.replica(store, { readsAtStart: true }).start();
  made.play.problem = 'Atlas does not answer.';
  await made.clock.pass(1_000);
  expect(made.log.at(-1)).toMatchObject({
    message: 'cluster could not be read',
    fields: { cluster: 'prod', problem: 'Atlas does not answer.' },
  });
  made.play.problem = null;
  await made.replica(store, { instance: 'B', readsAtStart: true }).start();
  await made.clock.pass(4 * MINUTE);
  expect(await timesOf(store)).toEqual(['10:00:00 extra']);
  await made.clock.pass(2 * MINUTE);
  expect(await timesOf(store)).toEqual(['10:00:00 extra', '10:05:00']);
});
