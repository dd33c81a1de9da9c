// What a process remembers of a cluster ends with its watch; the store keeps what it has.

import { expect, test } from 'vitest';
import { endAlerts } from '../../../src/app/monitor/cluster-list.ts';
import { createClaims } from '../../../src/app/monitor/slot-claims.ts';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import { memoryStore } from './memory-store.ts';
import { HOUR, MINUTE, never, ROUTING, type Scene, scene, THRESHOLD } from './scene.ts';

async function read(made: Scene) {
  const store = memoryStore();
  await made.replica(store).start();
  await made.clock.pass(HOUR + 6 * MINUTE);
  return store;
}

test('what is remembered of a cluster that leaves is forgotten, and found again in the store when it comes back', async () => {
  const made = scene();
  const store = await read(made);
  const memory = createStateCache({ store, book: THRESHOLD });
  const { state, version } = await memory.known('prod');
  expect(Object.keys(state?.sources ?? {})).toHaveLength(2);
  expect(memory.last('prod')).toEqual(state);
  const claims = createClaims({ store, instance: 'C', wait: async () => undefined, random: () => 0 });
  const at = made.clock.now().getTime();
  const forgotten: string[] = [];
  const readings = { forget: (cluster: string) => void forgotten.push(cluster) };
  const left = { store, routing: ROUTING, memory, claims, readings };
  expect(await endAlerts(left, { cluster: 'prod', reason: 'gone', at })).toBe(false);
  expect(forgotten).toEqual(['prod']);
  expect(memory.last('prod') === null).toBe(true);
  expect(await memory.known('prod')).toEqual({ state, version });
});

test('the alerts of a cluster that leaves end, and nothing of it is remembered after that either', async () => {
  const made = scene();
  made.play.dormant = () => 250;
  const store = await read(made);
  const memory = createStateCache({ store, book: THRESHOLD });
  const claims = createClaims({ store, instance: 'C', wait: async () => undefined, random: () => 0 });
  const at = made.clock.now().getTime();
  const left = { store, routing: ROUTING, memory, claims, readings: { forget: () => undefined } };
  expect(await endAlerts(left, { cluster: 'prod', reason: 'gone', at })).toBe(true);
  expect(memory.last('prod') === null).toBe(true);
  const alerts = await store.alerts({ cluster: 'prod', endedSince: 0 });
  expect(alerts.map(({ state }) => state)).toEqual(['ended', 'ended']);
});

test('whoever had the slots of a cluster that leaves has no claim to those after it comes back', async () => {
  const store = memoryStore();
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const claims = createClaims({ store, instance: 'A', wait, random: () => 0.5 });
  const keys = ['prod', 'prod#look', 'prod-2'];
  for (const key of keys) expect(await claims.claim(key, 1, never)).toBe(true);
  expect(keys.map(claims.holds)).toEqual([true, true, true]);
  claims.forget('prod');
  expect(keys.map(claims.holds)).toEqual([false, false, true]);
  waits.splice(0);
  for (const key of keys) await claims.claim(key, 2, never);
  expect(waits).toEqual([500, 500]);
});

test('a reading that is under way when its cluster goes leaves no reading, no alert and no error', async () => {
  const made = scene();
  made.play.dormant = () => 250;
  made.play.takes = 3 * MINUTE;
  const store = memoryStore();
  const { start, monitor } = made.replica(store);
  await start();
  await made.clock.pass(14 * MINUTE);
  const firing = async () => (await monitor.board(never)).alerts.map(({ state }) => state);
  expect(await firing()).toEqual(['firing', 'firing']);
  const before = await store.head('prod');
  await made.clock.pass(1.5 * MINUTE);
  made.play.clusters = [];
  await made.clock.pass(10 * MINUTE);
  expect(await firing()).toEqual(['ended', 'ended']);
  expect((await store.head('prod'))?.at).toBe(before?.at);
  expect(made.log.map(({ message }) => message)).toContain('reading skipped, cluster not readable');
});
