// The view as JSON and back, and what happens to a report before it is kept.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { decodePoolReport } from '../../../src/core/pools/decode.ts';
import { redactedPoolReport, sizeOf, totalsOf, wantedPace } from '../../../src/core/pools/intake.ts';
import { poolsJson, poolsOfJson } from '../../../src/core/pools/json.ts';
import type { PoolReport } from '../../../src/core/pools/report.ts';
import { poolsView } from '../../../src/core/pools/view.ts';
import { pool, poolReport } from '../../http/pools-fixture.ts';

const AT = Date.parse('2026-11-21T10:00:00Z');

function reportOf(more: Parameters<typeof poolReport>[0] = {}): PoolReport {
  const decoded = decodePoolReport(poolReport(more));
  if (!decoded.ok) throw new Error(decoded.field);
  return decoded.report;
}

const view = () =>
  poolsView(
    [
      { report: reportOf(), at: AT, firstAt: AT, before: { at: AT - 5_000, isPartial: false, pools: {} } },
      {
        report: reportOf({ process: { id: 'b', app: 'mail', labels: { zone: 'a' } } }),
        at: AT - 60_000,
        firstAt: AT,
        before: null,
      },
      {
        report: reportOf({ process: { id: 'c', app: 'idle' }, clients: [], left: 3 }),
        at: AT,
        firstAt: AT,
        before: null,
      },
    ],
    {
      now: AT,
      clusterOf: (address) => (address.startsWith('shard') ? 'prod' : null),
      seenOf: ({ app }) => (app === 'billing' ? { at: AT, pooled: 40, monitors: 6, expectedMonitors: 4 } : null),
    },
  );

test('what the daemon writes, the terminal reads: the view comes back as it was', () => {
  const text = JSON.stringify(poolsJson(view()));
  expect(poolsOfJson(JSON.parse(text))).toEqual(view());
});

test('the names are those of the documentation', () => {
  const { apps, ...about } = JSON.parse(JSON.stringify(poolsJson(view())));
  expect(about).toEqual({ schema: 'atlas-conns/pools/1', at: '2026-11-21T10:00:00.000Z' });
  const [billing] = apps;
  expect(billing).toMatchObject({
    ...{ app: 'billing', cluster: 'prod', addresses: ['shard-00-00.example.net:27017'], clients: 1, stale: 0 },
    now: { open: 12, pending: 0, inUse: 3, waiting: 0 },
    ...{ capacity: 100, peak: { inUse: 38, maxPoolSize: 100 }, checkoutsPerSecond: 81_233 / 5 },
    seen: { at: '2026-11-21T10:00:00.000Z', pooled: 40, monitors: 6, expectedMonitors: 4 },
    processes: [{ process: { pid: 4711, startedAt: '2026-11-21T10:00:00.000Z' }, ageMs: 0, stale: false, left: 0 }],
  });
});

test.each([
  [null],
  [{}],
  [{ schema: 'atlas-conns/pools/2', at: '2026-11-21T10:00:00Z', apps: [] }],
  [{ schema: 'atlas-conns/pools/1', at: 'now', apps: [] }],
  [{ schema: 'atlas-conns/pools/1', at: '2026-11-21T10:00:00Z', apps: [{ app: 'a' }] }],
])('%j is no view', (data) => {
  expect(poolsOfJson(data)).toBeNull();
});

test('secrets leave every text of a report but its id', () => {
  const secret = 'hunter2-hunter2';
  const report = reportOf({
    process: {
      app: secret,
      host: `a${secret}`,
      driver: { name: secret, version: secret },
      labels: { [secret]: secret },
    },
    clients: [{ n: 1, appName: secret, pools: { [`${secret}.example.net:1`]: pool() } }],
  });
  const clean = redactedPoolReport(report, (text) => text.replaceAll(secret, '[redacted]'));
  expect(JSON.stringify(clean)).not.toContain(secret);
  expect(clean.process.id).toBe(report.process.id);
  expect(clean.clients[0]?.pools[0]?.total).toEqual(report.clients[0]?.pools[0]?.total);
});

test('the pools of several clients to one server have a total each', () => {
  const client = (n: number) => ({ n, pools: { 'A:1': pool({ checkouts: n, waitMs: 10 * n }) } });
  expect(totalsOf(reportOf({ clients: [client(1), client(2)], left: 1 }))).toEqual({
    isPartial: true,
    pools: { '1 a:1': { checkouts: 1, failed: 0, waitMs: 10 }, '2 a:1': { checkouts: 2, failed: 0, waitMs: 20 } },
  });
});

test('the estimate of memory is above what V8 takes', () => {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const texts = Array.from({ length: 2_000 }, (_, index) =>
    JSON.stringify(
      poolReport({
        process: { id: `id-${index}`, host: `host-${index}` },
        clients: [{ n: 1, appName: `app ${index}`, pools: { [`a${index}:1`]: pool(), [`b${index}:1`]: pool() } }],
      }),
    ),
  );
  gc();
  const before = process.memoryUsage().heapUsed;
  const kept = texts.map((text) => {
    const decoded = decodePoolReport(JSON.parse(text));
    if (!decoded.ok) throw new Error(decoded.field);
    return [decoded.report, totalsOf(decoded.report)] as const;
  });
  gc();
  const used = process.memoryUsage().heapUsed - before;
  const estimated = kept.reduce((sum, [report]) => sum + sizeOf(report), 0);
  expect(kept).toHaveLength(2_000);
  expect(estimated).toBeGreaterThan(used);
  expect(estimated / 2_000).toBeLessThan(4_000);
});

test.each([
  [5_000, 1, null],
  [5_000, 2_000, null],
  [5_000, 2_001, 6_000],
  [5_000, 10_000, 25_000],
  [30_000, 10_000, null],
  [100, 1, 1_000],
  [300_000, 1, 60_000],
])('a process that reports each %i ms, of %i: %j', (everyMs, processes, wanted) => {
  expect(wantedPace(everyMs, processes)).toBe(wanted);
});
