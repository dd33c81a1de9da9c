import { expect, test } from 'vitest';
import { HOUR, halt, MINUTE, scene } from './scene.ts';

const isReading = (key: string) => !key.includes('#');

function slotsOf(claims: ReadonlyMap<string, string>): readonly string[] {
  return [...claims.keys()].filter(isReading).toSorted();
}

test('every slot of every cluster is read once, and the replicas share them', async () => {
  const { clock, play, replica, store: opened } = scene();
  play.clusters = ['prod', 'staging', 'onprem'];
  const { store, claims } = await opened('mongodb');
  for (const instance of ['A', 'B', 'C']) await replica(store, { instance }).start();
  await clock.pass(4 * HOUR + MINUTE);
  expect(slotsOf(claims)).toHaveLength(3 * 48);
  expect(play.readings).toHaveLength(3 * 48);
  const holders = [...claims].filter(([key]) => isReading(key)).map(([, instance]) => instance);
  for (const instance of ['A', 'B', 'C']) {
    expect(holders.filter((one) => one === instance).length).toBeGreaterThan(10);
  }
});

test('whoever had the slot before goes first, so that what it remembers is used', async () => {
  const { clock, replica, store: opened } = scene();
  const { store, claims } = await opened('mongodb');
  for (const instance of ['A', 'B']) await replica(store, { instance }).start();
  await clock.pass(56 * MINUTE);
  expect(new Set([...claims].filter(([key]) => isReading(key)).map(([, instance]) => instance)).size).toBe(1);
});

test('a replica that dies is replaced in the very next slot', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened('mongodb');
  const watches = { A: replica(store, { instance: 'A' }), B: replica(store, { instance: 'B' }) };
  await watches.A.start();
  await watches.B.start();
  await clock.pass(11 * MINUTE);
  const holder = (await store.lastClaim('prod'))?.instance;
  await halt(holder === 'A' ? watches.A : watches.B, clock);
  await clock.pass(20 * MINUTE);
  expect((await store.lastClaim('prod'))?.instance).toBe(holder === 'A' ? 'B' : 'A');
  const times = play.readings.map(({ at }) => new Date(at).toISOString().slice(11, 16));
  expect(times).toEqual(['10:05', '10:10', '10:15', '10:20', '10:25', '10:30']);
});
