// What a history measures and when it ends, from a real store.

import { expect, onTestFinished, test } from 'vitest';
import { historyOf, pastOf } from '../../../src/app/monitor/history.ts';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import { NO_READING } from '../../../src/core/detection/cluster-state.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { HistoryRequest } from '../../../src/core/ports/monitor.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { writeHistory } from '../../e2e/stored-history.ts';
import { changeOf, DAY, HOUR, KEEP, MINUTE, type NodeSample, snapshotOf, T0 } from '../../store/sample.ts';
import { never } from './scene.ts';

const [A, B] = ['a.example:27017', 'b.example:27017'];

/** @param now later than each reading */
async function asked(snapshots: readonly Snapshot[], now: number) {
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: () => new Date(now) });
  onTestFinished(() => store.close());
  await writeHistory(
    store,
    snapshots.filter(({ extra }) => extra === undefined),
  );
  for (const snapshot of snapshots.filter(({ extra }) => extra === true))
    await store.write(changeOf({ reading: { slot: snapshot.at, snapshot } }));
  const memory = createStateCache({ store, book: DEFAULT_BOOK, readOnly: true });
  return (request: Partial<HistoryRequest>) =>
    historyOf(
      { store, memory, book: DEFAULT_BOOK, now: () => new Date(now) },
      { cluster: 'prod', source: null, window: HOUR, points: 4, signal: never, ...request },
    );
}

const totals = (minutes: number, nodes: NodeSample) =>
  snapshotOf({ at: T0 + minutes * MINUTE, complete: false, nodes, holding: {} });

test('a cluster that hides its sources has a history of its totals, with the limit of all nodes', async () => {
  const history = await asked(
    [
      totals(1, { [A]: [120, 500], [B]: [30, 500] }),
      totals(31, { [A]: [480, 500], [B]: [20, 500] }),
      totals(46, { [A]: [90, 500], [B]: [25, 500] }),
    ],
    T0 + 50 * MINUTE,
  );
  const found = await history({});
  expect(found).toMatchObject({
    figure: 'connections',
    node: null,
    now: null,
    connections: { current: 115, limit: 1000 },
    max: { value: 500, at: T0 + 31 * MINUTE },
    newest: T0 + 46 * MINUTE,
  });
  expect(found.buckets.map(({ connections, limit, incomplete }) => [connections?.max, limit, incomplete])).toEqual([
    [150, 1000, 0],
    [undefined, null, 0],
    [500, 1000, 0],
    [115, 1000, 0],
  ]);
});

test('a cluster with sources has a history of dormant connections, and one that was never read has none', async () => {
  const reading = (minutes: number) => snapshotOf({ at: T0 + minutes * MINUTE, holding: { a: [1, 40] } });
  const history = await asked([reading(1), reading(16)], T0 + 50 * MINUTE);
  const known = await history({});
  expect(known).toMatchObject({ figure: 'dormant', connections: null, max: { value: 40 } });
  const unread = await history({ cluster: 'staging' });
  expect(unread).toMatchObject({ figure: 'dormant', newest: null, max: null, connections: null });
});

test('a history up to the newest reading ends with it, in equal pieces; an extra reading is one like any other', async () => {
  const minutes = Array.from({ length: 40 }, (_, index) => 5 * index);
  const reading = (at: number, current: number) =>
    snapshotOf({ at, nodes: { [A]: [current, 3000] }, holding: { a: [1, current] } });
  const newest = T0 + 197 * MINUTE + 12_345;
  const snapshots = [
    ...minutes.map((minute) => reading(T0 + minute * MINUTE + 1_000, minute)),
    { ...reading(newest, 2990), extra: true as const },
  ];
  const history = await asked(snapshots, T0 + 199 * MINUTE);
  for (const of of [{ node: A }, { source: 'a' }]) {
    const found = await history({ ...of, window: 3 * HOUR, points: 18, end: 'newest' });
    expect([found.from, found.to, found.newest]).toEqual([newest + 1 - 3 * HOUR, newest + 1, newest]);
    expect(found.buckets).toHaveLength(18);
    const last = found.buckets.at(-1);
    expect(last).toMatchObject({ from: newest + 1 - 10 * MINUTE, readings: 3, peakAt: newest });
    expect(found.max).toEqual({ value: 2990, at: newest });
  }
  expect(await history({ node: A })).toMatchObject({
    figure: 'connections',
    connections: { current: 2990, limit: 3000 },
  });
  expect(await history({ node: B })).toMatchObject({ figure: 'connections', connections: null, max: null });
  // A window of round times ends at one, after the newest reading.
  const round = await history({ node: A, window: DAY, points: 20 });
  expect([round.to % (90 * MINUTE), round.to > newest]).toEqual([0, true]);
});

test('the past has the last election with its time and node, and the time of the settings', () => {
  const given = { now: T0, book: { ...DEFAULT_BOOK, timeZone: 'Asia/Tokyo' } };
  const moment = { at: T0, offset: 9 * HOUR };
  const elected = { ...NO_READING, primary: B, electedAt: T0 - HOUR };
  expect(pastOf(elected, given)).toMatchObject({ elected: { at: T0 - HOUR, primary: B }, moment });
  expect(pastOf({ ...NO_READING, primary: B }, given)).toMatchObject({ elected: null, moment });
});
