// The rows of each view: the figures of `report`, of a stored reading, and of the applications' pools.

import { expect, test } from 'vitest';
import { groupReport } from '../../../src/core/connections/group-by.ts';
import { sizeOf } from '../../../src/core/connections/source.ts';
import type { PoolReport } from '../../../src/core/pools/report.ts';
import { poolsView } from '../../../src/core/pools/view.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { rowsOfPools } from '../../../src/core/top/of-pools.ts';
import { readingOfReport } from '../../../src/core/top/of-report.ts';
import { readingOfSnapshot } from '../../../src/core/top/of-snapshot.ts';
import { CLUSTER_VIEWS } from '../../../src/core/top/row.ts';
import { completeReport, node, report, source } from '../../cli/sample.ts';
import { connections, reportOn } from '../fixtures.ts';

const crowd = reportOn({
  groups: [
    connections('203.0.113.9', { count: 7 }),
    connections('203.0.113.9', { app: 'web', activity: 'operation', count: 3 }),
    connections('203.0.113.9', { app: 'web', user: null, activity: 'heartbeat', count: 2 }),
    connections('198.51.100.4', { app: null, driver: null, user: null, activity: 'operation', count: 5 }),
    connections('198.51.100.5', { app: 'web', user: 'etl@admin', count: 4 }),
  ],
});

test('each view has the rows and the figures of the report', () => {
  const { rows, totals } = readingOfReport(crowd, null);
  expect(rows.source.map(({ name, now }) => [name, now])).toEqual(crowd.sources.map((one) => [one.name, sizeOf(one)]));
  for (const view of CLUSTER_VIEWS) {
    const all = rows[view].reduce((sum, { now }) => sum + now, 0);
    expect({ view, all }).toEqual({ view, all: 21 });
    if (view === 'source' || view === 'node') continue;
    expect(
      rows[view].map(({ name, now, active, dormant, heartbeats }) => [name, now, active, dormant, heartbeats]),
    ).toEqual(
      groupReport(crowd, view).map((row) => [
        row.name ?? `(no ${view})`,
        sizeOf(row),
        row.active,
        row.dormant,
        row.monitors,
      ]),
    );
  }
  expect(totals).toMatchObject({ connections: 21, active: 8, dormant: 11, heartbeats: 2, internal: 0, own: 0 });
});

test('an opened row adds up to its figures', () => {
  const { rows } = readingOfReport(crowd, null);
  for (const view of CLUSTER_VIEWS)
    for (const row of rows[view])
      for (const { title, rows: parts } of row.parts()) {
        const all = parts.reduce((sum, { now }) => sum + now, 0);
        expect({ view, name: row.name, title, all }).toEqual({ view, name: row.name, title, all: row.now });
      }
  const titles = (view: 'source' | 'app' | 'user') => rows[view][0]?.parts().map(({ title }) => title);
  expect(titles('source')).toEqual(['app', 'host', 'node', 'driver']);
  expect(titles('app')).toEqual(['source', 'host', 'node', 'driver']);
  expect(titles('user')).toEqual(['source']);
});

test('new connections: a node counts its own, and starts again after a restart', () => {
  const at = (seconds: number, totalCreated: number) =>
    completeReport({
      at: new Date(Date.parse('2026-11-21T10:00:00Z') + seconds * 1000).toISOString(),
      nodes: [node('a:27017', { totalCreated })],
    });
  const first = readingOfReport(at(0, 100), null);
  const second = readingOfReport(at(2, 130), first);
  const restarted = readingOfReport(at(4, 5), second);
  expect([first, second, restarted].map(({ rows }) => rows.node[0]?.opened)).toEqual([
    null,
    { perSecond: 15, isAtLeast: false },
    null,
  ]);
});

test('new connections of a source are a lower bound, and unknown without an earlier reading', () => {
  const sources = [source('203.0.113.0/24', { opened: { count: 90, seconds: 30 } }), source('198.51.100.9')];
  const { rows } = readingOfReport(completeReport({ sources }), null);
  expect(rows.source.map(({ opened }) => opened)).toEqual([{ perSecond: 3, isAtLeast: true }, null]);
});

test('a node that was not read is in the header and not among the rows', () => {
  const { nodes, rows, isComplete } = readingOfReport(report(), null);
  expect(nodes.filter(({ problem }) => problem !== null).map(({ host }) => host)).toEqual([
    'analytics-2.abcde.mongodb.net:27017',
  ]);
  expect(rows.node).toHaveLength(3);
  expect(isComplete).toBe(false);
});

test('a cluster that tells its totals alone has rows for its nodes', () => {
  const shared = completeReport({
    sources: [],
    complete: false,
    totals: { connections: 12, active: null, dormant: null, monitors: null, internal: null, own: null, threads: null },
    nodes: [node('a:27017', { connections: null, clients: null, current: 12, available: 488, limit: 500 })],
    problems: [{ code: 'shared-tier', text: 'prod refuses $currentOp.', remedy: '' }],
  });
  const { rows, isComplete, problems } = readingOfReport(shared, null);
  expect(rows.node).toMatchObject([{ now: 12, active: null, dormant: null, heartbeats: null, clients: null }]);
  expect(isComplete).toBe(true);
  expect(problems).toHaveLength(1);
});

test('a stored reading has the figures of its report, and null for what is not stored', () => {
  const stored = readingOfSnapshot(snapshotOf(crowd, { before: null }), null);
  const live = readingOfReport(crowd, null);
  const figures = ({ rows }: typeof live, view: 'source' | 'node' | 'app') =>
    rows[view].map(({ name, active, dormant }) => [name, active, dormant]).toSorted();
  for (const view of ['source', 'node', 'app'] as const) expect(figures(stored, view)).toEqual(figures(live, view));
  expect(stored.rows.source.map(({ heartbeats }) => heartbeats)).toEqual(
    live.rows.source.map(({ heartbeats }) => heartbeats),
  );
  expect(stored.rows.app.map(({ heartbeats }) => heartbeats)).toEqual([null, null, null]);
  expect(stored.rows.user).toEqual([]);
  expect(stored.totals).toMatchObject({ internal: null, own: null });
});

test('a stored reading without a list of connections has the totals of its nodes, and no zeros', () => {
  const shared = completeReport({
    sources: [],
    complete: false,
    totals: { connections: 12, active: null, dormant: null, monitors: null, internal: null, own: null, threads: null },
    nodes: [node('a:27017', { connections: null, clients: null, current: 12, available: 488, limit: 500 })],
    problems: [{ code: 'shared-tier', text: 'prod refuses $currentOp.', remedy: '' }],
  });
  const untold = { ...snapshotOf(crowd, { before: null }), untold: true as const, complete: false, sources: [] };
  for (const snapshot of [snapshotOf(shared, { before: null }), untold]) {
    const { totals, rows } = readingOfSnapshot(snapshot, null);
    expect(totals).toMatchObject({ connections: null, active: null, dormant: null, heartbeats: null });
    const expected = snapshot.nodes.map(({ host, current }) => ({
      id: host,
      name: 'a',
      now: current,
      active: null,
      dormant: null,
    }));
    expect(rows.node).toMatchObject(expected);
  }
});

test('a stored reading of nothing has no rows and says why', () => {
  const nothing = { cluster: 'prod', at: 1, complete: false, problem: 'Atlas did not answer.', nodes: [], sources: [] };
  const { totals, problems, isComplete } = readingOfSnapshot(nothing, null);
  expect({ totals: totals.connections, isComplete }).toEqual({ totals: null, isComplete: false });
  expect(problems).toEqual([{ code: 'stored', text: 'Atlas did not answer.', remedy: '' }]);
});

const AT = Date.parse('2026-11-21T10:00:00Z');

function poolReport(app: string, address: string, open: number, inUse: number): PoolReport {
  const driver = { name: 'nodejs', version: '7.9.0' };
  const total = { created: 9, closed: 0, checkouts: 100, failed: 1, timeouts: 1, cleared: 0, waitMs: 5 };
  return {
    ...{ seq: 1, everyMs: 5_000, left: 0, bye: false },
    process: { id: `${app}-${address}`, pid: 7, host: 'web-7', app, startedAt: AT, driver, labels: {} },
    clients: [
      {
        ...{ n: 1, appName: app, options: { maxPoolSize: 100, minPoolSize: 0, maxIdleTimeMS: null } },
        pools: [
          {
            ...{ address, total, max: { open, inUse, waiting: 2 } },
            now: { open, pending: 0, inUse, waiting: 2 },
          },
        ],
      },
    ],
  };
}

test('pools: those of the cluster and of unknown addresses, each with the age of its report', () => {
  const records = [
    { report: poolReport('billing', 'a:27017', 12, 3), at: AT - 3_000, firstAt: AT, before: null },
    { report: poolReport('billing', 'a:27017', 99, 9), at: AT - 60_000, firstAt: AT, before: null },
    { report: poolReport('web', 'x:27017', 5, 5), at: AT, firstAt: AT, before: null },
    { report: poolReport('other', 'b:27017', 5, 5), at: AT, firstAt: AT, before: null },
  ];
  const clusters: Readonly<Record<string, string>> = { 'a:27017': 'prod', 'b:27017': 'staging' };
  const view = poolsView(records, { now: AT, clusterOf: (address) => clusters[address] ?? null, seenOf: () => null });
  const rows = rowsOfPools(view, 'prod');
  expect(rows.map(({ name, now, at, origin }) => [name, now, at, origin])).toEqual([
    ['web', 5, AT, 'no watched cluster: x:27017'],
    ['billing', 12, AT - 3_000, 'prod'],
  ]);
  expect(rows[1]?.pool).toMatchObject({ processes: 2, stale: 1, inUse: 3, waiting: 2, timeouts: 1 });
  expect(rows[1]?.parts().map(({ title, rows: parts }) => [title, parts.map(({ name, now }) => [name, now])])).toEqual([
    [
      'process',
      [
        ['web-7 pid 7, last report 1 min ago', 99],
        ['web-7 pid 7', 12],
      ],
    ],
    ['node', [['a:27017', 12]]],
  ]);
});
