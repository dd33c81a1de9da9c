// Figures between two reports of a process, while clients come and go and while pools are left out of reports.

import { expect, test } from 'vitest';
import { totalsOf } from '../../../src/core/pools/intake.ts';
import type { PoolRecord } from '../../../src/core/pools/report.ts';
import { client, NOW, pool, record, type SampleProcess, viewOf } from './sample.ts';

const NONE = { created: 0, closed: 0, timeouts: 0, cleared: 0 };

function clientWith(n: number, checkouts: number, waitMs: number, failed = 0) {
  return client({ n, pools: [pool({ total: { ...NONE, checkouts, failed, waitMs } })] });
}

/** Two reports of a process, five seconds apart. */
function reported(first: SampleProcess, second: SampleProcess): PoolRecord {
  const { report } = record(first);
  return record({ ...second, before: { at: NOW - 9_000, ...totalsOf(report) } });
}

const ratesOf = (one: PoolRecord) => {
  const [app] = viewOf([one]).apps;
  return { perSecond: app?.checkoutsPerSecond, meanWaitMs: app?.meanWaitMs };
};

test.each<[string, SampleProcess, SampleProcess, object]>([
  [
    'two clients of one server',
    { clients: [clientWith(1, 1_000, 0), clientWith(2, 500, 100)] },
    { clients: [clientWith(1, 1_010, 20), clientWith(2, 510, 180)] },
    { perSecond: 4, meanWaitMs: 5 },
  ],
  [
    'a client that left takes its totals with it, not the rate of the other one',
    { clients: [clientWith(1, 1_000_000, 9_000), clientWith(2, 500, 100)] },
    { clients: [clientWith(2, 520, 200)] },
    { perSecond: 4, meanWaitMs: 5 },
  ],
  [
    'a client that is new counts from its start',
    { clients: [clientWith(1, 1_000, 0)] },
    { clients: [clientWith(1, 1_000, 0), clientWith(2, 20, 100)] },
    { perSecond: 4, meanWaitMs: 5 },
  ],
  [
    'waits that timed out after 10 seconds are waits, too: no mean is above them',
    { clients: [clientWith(1, 0, 0)] },
    { clients: [clientWith(1, 20, 200_000, 20)] },
    { perSecond: 4, meanWaitMs: 5_000 },
  ],
  [
    'a pool that the report before left out counts from the next report on',
    { left: 1, clients: [clientWith(1, 1_000, 0)] },
    { clients: [clientWith(1, 1_020, 100), clientWith(2, 1_000_000, 9_000)] },
    { perSecond: 4, meanWaitMs: 5 },
  ],
  [
    'so does one that comes back in the place of another',
    { left: 1, clients: [clientWith(1, 1_000, 0)] },
    { left: 1, clients: [clientWith(2, 1_000_000, 9_000)] },
    { perSecond: null, meanWaitMs: null },
  ],
])('rates: %s', (_, first, second, rates) => {
  expect(ratesOf(reported(first, second))).toEqual(rates);
});

test('the most used pool is the one closest to its limit; without a limit the number decides', () => {
  const used = (n: number, inUse: number, maxPoolSize: number | null) =>
    client({
      n,
      options: { maxPoolSize, minPoolSize: 0, maxIdleTimeMS: null },
      pools: [pool({ max: { open: inUse, inUse, waiting: 0 } })],
    });
  const peakOf = (...clients: ReturnType<typeof used>[]) => viewOf([record({ clients })]).apps[0]?.peak;
  expect(peakOf(used(1, 90, 1_000), used(2, 50, 50))).toEqual({ inUse: 50, maxPoolSize: 50 });
  expect(peakOf(used(1, 50, 50), used(2, 60, 60))).toEqual({ inUse: 60, maxPoolSize: 60 });
  expect(peakOf(used(1, 90, 0), used(2, 5, 50))).toEqual({ inUse: 5, maxPoolSize: 50 });
  expect(peakOf(used(1, 90, 0), used(2, 95, null))).toEqual({ inUse: 95, maxPoolSize: null });
});

test('an app whose processes are all stale has no capacity', () => {
  expect(viewOf([record({ ageMs: 60_000 })]).apps[0]).toMatchObject({ stale: 1, capacity: null, peak: null });
  expect(viewOf([record()]).apps[0]?.capacity).toBe(100);
});
