// What applications report of their own pools turns guesses about pools into facts.

import { describe, expect, test } from 'vitest';
import type { AppPools } from '../../../src/core/pools/view.ts';
import { poolsView } from '../../../src/core/pools/view.ts';
import { type Reported, recordOf } from '../pools/reported.ts';
import { type Course3, type Fleet, idsOf, NODES, NOW, whyOf } from './world.ts';

/** What the processes of app billing reported ten seconds before the reading, and five seconds before that. */
function reports(
  processes: readonly Reported[],
  { ageMs = 10_000, checkouts: since = 1_000 } = {},
): readonly AppPools[] {
  const at = NOW - ageMs;
  const records = processes.map((one, index) => {
    const record = recordOf({ id: `p${index}`, app: 'billing', address: NODES[0], ...one }, at);
    const total = record.report.clients[0]?.pools[0]?.total;
    const before = { checkouts: (total?.checkouts ?? 0) - since, failed: 0, waitMs: 0 };
    return {
      ...record,
      before: one.seq === 1 ? null : { at: at - 5_000, isPartial: false, pools: { [`1 ${NODES[0]}`]: before } },
    };
  });
  return poolsView(records, { now: NOW, clusterOf: () => 'prod', seenOf: () => null }).apps;
}

const pool = (inUse: number, more: Partial<Reported> = {}): Reported => ({
  now: { open: 100, inUse, waiting: 5 },
  peak: inUse,
  total: { checkouts: 2_000, waitMs: 300_000 },
  ...more,
});
/** Two clients with 100 each, all active. */
const full: Fleet = { hosts: 2, pooled: [100, 0, 0], active: [200, 0, 0] };
const why = (fleet: Fleet, past: Course3, pools: readonly AppPools[]) => whyOf(fleet, past, { pools }).diagnoses;

describe('pool-exhausted', () => {
  test('says how many wait, for how long, and the maximum that is set', () => {
    const [found] = why(
      full,
      {},
      reports([pool(100), pool(100, { total: { checkouts: 2_000, waitMs: 300_000, timeouts: 7 } })]),
    );
    expect(found).toMatchObject({ id: 'pool-exhausted', confidence: 'fits', option: 'maxPoolSize=150' });
    expect(found?.evidence).toEqual([
      '2 processes of app billing report 2 full pools: 200 connections in use, maxPoolSize is 100.',
      '10 operations wait for one, 300 ms on average.',
      '7 operations timed out since these processes started.',
      'Expected: some connections of a pool are free. Without one, operations wait in the client, where the server does not see them.',
    ]);
  });

  test('finds a size that nobody would guess, and waits that the nodes do not show', () => {
    const odd: Fleet = { hosts: 4, pooled: [37, 0, 0], active: [20, 0, 0] };
    const four = Array.from({ length: 4 }, () => pool(37, { max: 37, now: { open: 37, inUse: 37, waiting: 5 } }));
    expect(idsOf(whyOf(odd, { active: () => 148 }))).not.toContain('pool-exhausted');
    expect(why(odd, { active: () => 148 }, reports(four))).toMatchObject([
      { id: 'pool-exhausted', confidence: 'fits', option: 'maxPoolSize=56' },
    ]);
  });

  test.each([
    ['small', 3, 5, 8],
    ['of which few wait', 3, 1, 5],
    ['with a long queue', 20, 900, 100],
    ['above the usual size', 200, 900, 300],
  ])('a pool %s has room for what is in use and waits', (_, max, waiting, size) => {
    const fleet: Fleet = { hosts: 1, pooled: [max, 0, 0], active: [max, 0, 0] };
    const now = { open: max, inUse: max, waiting };
    expect(why(fleet, { active: () => max }, reports([pool(max, { max, now })]))).toMatchObject([
      { id: 'pool-exhausted', option: `maxPoolSize=${size}` },
    ]);
  });

  test('where no connection is returned, a larger pool is no advice', () => {
    const [found] = why(full, {}, reports([pool(100), pool(100)], { checkouts: 0 }));
    expect(found).toMatchObject({ id: 'pool-exhausted', option: null });
    expect(found?.advice).toBe(
      'Look for operations that never end, and for cursors and sessions that stay open: a larger pool would fill, too.',
    );
    expect(found?.evidence).toContain('10 operations wait for one, and no checkout succeeds.');
  });

  test('a slow pool of the same process does not make a fast full one a finding, nor hides one that is slow', () => {
    // Two clients in each process: one is full, and 1,000 operations had a connection of each in the last five seconds.
    const two = (fullWaitMs: number, otherWaitMs: number) => {
      const at = NOW - 10_000;
      const records = ['p0', 'p1'].map((id) => {
        const one = (n: number, inUse: number, waitMs: number) => {
          const reported = { id, address: NODES[0], now: { open: 100, inUse }, total: { checkouts: 2_000, waitMs } };
          return recordOf(reported, at).report.clients.map((client) => ({ ...client, n }));
        };
        const clients = [...one(1, 100, fullWaitMs), ...one(2, 0, otherWaitMs)];
        const was = { checkouts: 1_000, failed: 0, waitMs: 0 };
        const record = recordOf({ id }, at);
        const before = { at: at - 5_000, isPartial: false, pools: { [`1 ${NODES[0]}`]: was, [`2 ${NODES[0]}`]: was } };
        return { ...record, report: { ...record.report, clients }, before };
      });
      return why(full, {}, poolsView(records, { now: NOW, clusterOf: () => 'prod', seenOf: () => null }).apps);
    };
    expect(two(1_000, 1_000_000)[0]?.evidence.join(' ') ?? '').not.toContain('full pool');
    const [found] = two(150_000, 0);
    expect(found?.evidence).toContain('0 operations wait for one, 150 ms on average.');
  });

  test('pools that are full and make nobody wait are no finding', () => {
    const calm = pool(100, { total: { checkouts: 2_000, waitMs: 2_000 } });
    expect(why(full, {}, reports([calm, calm]))).toEqual([]);
  });

  test.each<readonly [string, readonly AppPools[]]>([
    ['there are no reports', []],
    ['a process has reported once', reports([pool(100, { seq: 1 }), pool(100, { seq: 1 })])],
    ['the reports are stale', reports([pool(1), pool(1)], { ageMs: 60_000 })],
    ['half of the clients report', reports([pool(1)])],
    ['another app reports', reports([pool(1, { appName: 'web' }), pool(1, { appName: 'web' })])],
    ['operations wait, although no pool was full at the moment of its report', reports([pool(99), pool(99)])],
    ['the clients have no name', reports([pool(1, { appName: null }), pool(1, { appName: null })])],
  ])('the guess stays where %s', (_, pools) => {
    expect(why(full, {}, pools)).toEqual(whyOf(full, {}).diagnoses);
    expect(why(full, {}, pools)[0]?.evidence.join(' ')).toContain('is the maxPoolSize of its driver');
  });
});

describe('pool-too-large', () => {
  const large: Fleet = { hosts: 3, pooled: [100, 0, 0], active: [3, 0, 0] };
  const three = (peak: number) => reports(Array.from({ length: 3 }, () => pool(1, { peak })));

  test('the most in use since the start is evidence, and gives the size', () => {
    const [found] = why(large, { active: () => 12 }, three(9));
    expect(found).toMatchObject({ id: 'pool-too-large', option: 'maxPoolSize=11', confidence: 'fits' });
    expect(found?.evidence).toContain(
      '3 processes of app billing report at most 9 connections in use at once in one pool since their start; maxPoolSize is 100.',
    );
  });

  test('without a day of history it is known all the same', () => {
    expect(why(large, { days: 0.1 }, three(9))).toMatchObject([{ id: 'pool-too-large', option: 'maxPoolSize=11' }]);
    expect(whyOf(large, { days: 0.1 }).diagnoses[0]?.option).not.toContain('maxPoolSize');
  });

  test('processes that started today do not know the peaks of a day', () => {
    const young = Array.from({ length: 3 }, () => pool(1, { peak: 2, startedAt: NOW - 3_600_000 }));
    expect(why(large, { days: 0.1 }, reports(young))[0]?.option).not.toContain('maxPoolSize');
  });

  test('peaks between the readings justify the pool', () => {
    expect(idsOf(whyOf(large, { active: () => 12 }))).toContain('pool-too-large');
    expect(why(large, { active: () => 12 }, three(90)).map(({ id }) => id)).not.toContain('pool-too-large');
  });
});

test('a leak of clients is told with the clients that the processes report', () => {
  const leak: Fleet = { hosts: 2, clients: 60, pooled: [1, 0, 0] };
  const growing: Course3 = {
    clients: (ago) => Math.max(12, 120 - 4 * ago),
    pooled: (ago) => Math.max(12, 120 - 4 * ago),
  };
  const [found] = why(leak, growing, reports([pool(1), pool(1)]));
  expect(found?.id).toBe('client-leak');
  expect(found?.evidence).toContain(
    '2 processes of app billing report 2 clients, of which the busiest had 1 connection in use at once.',
  );
});
