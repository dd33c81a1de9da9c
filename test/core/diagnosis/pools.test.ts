// Pools: too large, exhausted, kept by minPoolSize, left by a burst or an election.

import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { type Course3, DRIVERS, type Fleet, idsOf, NODES, NOW, whyOf } from './world.ts';

type Case = readonly [name: string, fleet: Fleet, past: Course3];

describe('pool-too-large', () => {
  test.each<readonly [...Case, string]>([
    ['Node.js: 3 clients with 100', { hosts: 3, pooled: [100, 0, 0] }, { active: () => 12 }, 'maxPoolSize=5'],
    [
      'Java: 6 clients with 50, of which 10 are used',
      { driver: DRIVERS.java, hosts: 6, pooled: [50, 0, 0], active: [8, 0, 0] },
      { active: (ago) => (ago > 30 && ago < 31 ? 60 : 20) },
      'maxPoolSize=12',
    ],
    [
      'Go: full pools on every node',
      { driver: DRIVERS.go, hosts: 4, pooled: [100, 100, 100] },
      { active: () => 40 },
      'maxPoolSize=12',
    ],
  ])('%s', (_, fleet, past, option) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses.map(({ id }) => id)).toEqual(['pool-too-large']);
    expect(diagnoses[0]).toMatchObject({ option, confidence: 'fits', severity: 'warning' });
    expect(diagnoses[0]?.advice).toContain(`Set ${option}`);
  });

  test('frees what is above the new size, on the busiest node', () => {
    const { diagnoses } = whyOf({ hosts: 3, pooled: [100, 0, 0] }, { active: () => 12 });
    expect(diagnoses[0]?.wouldFree).toEqual({ node: NODES[0], connections: 285 });
    expect(diagnoses[0]?.evidence[1]).toContain('12 were active on all nodes: 4 for each client');
  });

  test('load is rarely even: the host with the most active for each client decides', () => {
    const { diagnoses } = whyOf({ hosts: 10, pooled: [50, 0, 0], active: [10, 0, 0] }, { active: () => 20 });
    expect(diagnoses[0]).toMatchObject({ id: 'pool-too-large', option: 'maxPoolSize=12' });
    expect(diagnoses[0]?.evidence[1]).toBe(
      'At the busiest reading of the last week 20 were active on all nodes: 2 for each client. On one host there are 10 for each client now.',
    );
    expect(diagnoses[0]?.advice).toContain('A client with more operations at once would wait.');
    expect(whyOf({ hosts: 10, pooled: [50, 0, 0], active: [30, 0, 0] }, { active: () => 30 }).diagnoses).toEqual([]);
  });

  test('a single client is told as one', () => {
    const { diagnoses } = whyOf({ hosts: 1, pooled: [100, 0, 0] }, { active: () => 4 });
    expect(diagnoses[0]?.evidence[0]).toBe('Its only client holds 100 pooled connections on shard-00-00.');
  });

  test('one reading alone gives no size, and says so', () => {
    const { diagnoses } = whyOf({ hosts: 3, pooled: [100, 0, 0], active: [3, 0, 0] }, null);
    expect(diagnoses[0]).toMatchObject({ id: 'pool-too-large', confidence: 'likely', option: 'maxIdleTimeMS=60000' });
    expect(diagnoses[0]?.evidence[1]).toContain('in this one reading');
  });

  test.each<Case>([
    ['pools that are used', { hosts: 3, pooled: [40, 0, 0] }, { active: (ago) => (ago > 50 && ago < 51 ? 60 : 5) }],
    ['small pools', { hosts: 40, pooled: [15, 0, 0] }, { active: () => 10 }],
    ['a small tool', { hosts: 1, pooled: [25, 0, 0] }, { active: () => 1 }],
    ['many clients', { hosts: 20, clients: 10, pooled: [5, 0, 0] }, { active: () => 10 }],
    [
      'the few clients of a day that had fewer',
      { hosts: 4, pooled: [24, 0, 0] },
      { active: () => 24, clients: () => 1 },
    ],
  ])('not %s', (_, fleet, past) => {
    expect(idsOf(whyOf(fleet, past))).toEqual([]);
  });
});

describe('min-pool', () => {
  test.each<Case>([
    ['Java: 10 on each of three nodes', { driver: DRIVERS.java, hosts: 12, pooled: [10, 10, 10] }, {}],
    ['Node.js: 20, and more on the primary', { hosts: 5, pooled: [26, 20, 20], active: [6, 0, 0] }, {}],
    ['C#: 5 for many clients', { driver: DRIVERS.csharp, hosts: 60, pooled: [5, 5, 5] }, {}],
  ])('%s', (_, fleet, past) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses.map(({ id }) => id)).toEqual(['min-pool']);
    expect(diagnoses[0]).toMatchObject({ option: 'minPoolSize=0', severity: 'info', confidence: 'fits' });
  });

  test('without a day of history it is likely', () => {
    const { diagnoses } = whyOf({ driver: DRIVERS.java, hosts: 12, pooled: [10, 10, 10] }, null);
    expect(diagnoses[0]).toMatchObject({ id: 'min-pool', confidence: 'likely' });
  });

  test.each<Case>([
    [
      'pools of which a good part is used',
      { driver: DRIVERS.java, hosts: 12, pooled: [10, 10, 10] },
      { active: () => 60 },
    ],
    ['a few clients', { driver: DRIVERS.java, hosts: 8, pooled: [5, 5, 5] }, {}],
    ['the primary alone', { driver: DRIVERS.java, hosts: 12, pooled: [10, 0, 0] }, {}],
    ['another number on each node', { driver: DRIVERS.java, hosts: 12, pooled: [12, 9, 6] }, {}],
    [
      'PHP, which has one connection on each node',
      { driver: DRIVERS.php, hosts: 20, clients: 8, pooled: [1, 1, 1], watches: 'nothing' },
      {},
    ],
    [
      'pools that were smaller at night',
      { driver: DRIVERS.java, hosts: 12, pooled: [10, 10, 10] },
      { pooled: (ago) => (ago > 8 && ago < 14 ? 90 : 360) },
    ],
  ])('not %s', (_, fleet, past) => {
    expect(idsOf(whyOf(fleet, past))).not.toContain('min-pool');
  });
});

describe('pool-exhausted', () => {
  test.each<readonly [...Case, string, string]>([
    [
      'Node.js: 100 of 100 in each',
      { hosts: 2, pooled: [100, 0, 0], active: [200, 0, 0] },
      {},
      'fits',
      'maxPoolSize=150',
    ],
    [
      'Rust: 10 of 10',
      { driver: DRIVERS.rust, hosts: 5, pooled: [10, 0, 0], active: [49, 0, 0] },
      {},
      'fits',
      'maxPoolSize=15',
    ],
    [
      'Java: 50, as somebody chose',
      { driver: DRIVERS.java, hosts: 8, pooled: [50, 0, 0], active: [400, 0, 0] },
      {},
      'likely',
      'maxPoolSize=75',
    ],
  ])('%s', (_, fleet, past, confidence, option) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses[0]).toMatchObject({ id: 'pool-exhausted', confidence, option, wouldFree: null });
    expect(diagnoses[0]?.advice).toMatch(/^Look for slow operations first/);
  });

  test.each<Case>([
    ['full pools with idle connections', { hosts: 2, pooled: [100, 0, 0], active: [120, 0, 0] }, { active: () => 120 }],
    ['a number that nobody chooses', { hosts: 4, pooled: [37, 0, 0], active: [148, 0, 0] }, { active: () => 148 }],
    ['one client with a few', { driver: DRIVERS.go, hosts: 1, pooled: [20, 0, 0], active: [20, 0, 0] }, {}],
    ['one connection each', { hosts: 30, pooled: [1, 0, 0], active: [30, 0, 0] }, {}],
  ])('not %s', (_, fleet, past) => {
    expect(idsOf(whyOf(fleet, past))).not.toContain('pool-exhausted');
  });
});

describe('no-idle-limit', () => {
  /** 60 before, a burst to a level so many hours ago, and what stayed. */
  const burst =
    (level: number, hours: number, stays = level) =>
    (ago: number) =>
      ago > hours ? 60 : ago > hours - 0.5 ? level : stays;
  const busy = (most: number, hours: number, since: number) => (ago: number) =>
    ago > hours ? 5 : ago > hours - 0.5 ? most : since;

  test.each<readonly [...Case, string, string | null]>([
    [
      'Node.js',
      { hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 6), active: busy(120, 6, 3) },
      'fits',
      'maxIdleTimeMS=60000',
    ],
    [
      'Java, for a day',
      { driver: DRIVERS.java, hosts: 30, pooled: [20, 0, 0] },
      { pooled: burst(600, 25), active: busy(300, 25, 6) },
      'fits',
      'maxIdleTimeMS=60000',
    ],
    [
      'PyMongo, where no reading fell into the burst',
      { driver: DRIVERS.python, hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 4), active: () => 2 },
      'likely',
      'maxIdleTimeMS=60000',
    ],
    [
      'the C driver, which has no such option',
      { driver: DRIVERS.c, hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 6), active: busy(120, 6, 3) },
      'fits',
      null,
    ],
  ])('%s', (_, fleet, past, confidence, option) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses[0]).toMatchObject({ id: 'no-idle-limit', confidence, option, severity: 'warning' });
  });

  test('frees what is above the level before', () => {
    const { diagnoses } = whyOf({ hosts: 12, pooled: [20, 0, 0] }, { pooled: burst(240, 6), active: busy(120, 6, 3) });
    expect(diagnoses[0]?.wouldFree).toEqual({ node: NODES[0], connections: 180 });
    expect(diagnoses[0]?.evidence[0]).toContain('from 60 to 240 pooled connections 6 h ago');
  });

  test('a Node.js driver that heeds the option too late is named', () => {
    const { diagnoses } = whyOf(
      { driver: DRIVERS.oldNode, hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 6), active: busy(120, 6, 3) },
    );
    expect(diagnoses[0]?.advice).toContain(
      'The Node.js driver 6.3.0 closes them only at their next use: upgrade it to 6.18.0',
    );
  });

  test.each<Case>([
    ['a burst that fell back', { hosts: 12, pooled: [5, 0, 0] }, { pooled: burst(240, 6, 60) }],
    ['an hour ago', { hosts: 12, pooled: [20, 0, 0] }, { pooled: burst(240, 1), active: busy(120, 1, 3) }],
    [
      'load that goes on',
      { hosts: 12, pooled: [20, 0, 0], active: [80, 0, 0] },
      { pooled: burst(240, 6), active: busy(90, 6, 80) },
    ],
    [
      'more clients',
      { hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 6), active: busy(120, 6, 3), clients: (ago) => (ago > 6 ? 3 : 12) },
    ],
    [
      'C#, which closes idle connections',
      { driver: DRIVERS.csharp, hosts: 12, pooled: [20, 0, 0] },
      { pooled: burst(240, 6), active: busy(120, 6, 3) },
    ],
    [
      'a rise over hours',
      { hosts: 12, pooled: [20, 0, 0] },
      { pooled: (ago) => Math.max(60, 240 - Math.max(0, ago - 5) * 30), active: () => 3 },
    ],
    ['as many as ever', { hosts: 12, pooled: [18, 0, 0] }, { active: () => 60 }],
  ])('not %s', (_, fleet, past) => {
    expect(idsOf(whyOf(fleet, past))).not.toContain('no-idle-limit');
  });
});

describe('election-storm', () => {
  const elected = { at: NOW - 20 * MINUTE, primary: NODES[0] };
  const before = { shares: [0.02, 0.96, 0.02] };

  test.each<readonly [...Case, string]>([
    ['Node.js', { hosts: 12, pooled: [14, 12, 0], active: [6, 0, 0] }, { ...before, pooled: () => 146 }, 'fits'],
    [
      'Java, large',
      { driver: DRIVERS.java, hosts: 40, pooled: [18, 19, 1], active: [20, 0, 0] },
      { ...before, pooled: () => 760 },
      'fits',
    ],
    [
      'PyMongo, without enough history',
      { driver: DRIVERS.python, hosts: 6, pooled: [10, 9, 0] },
      { days: 0.5 },
      'likely',
    ],
  ])('%s', (_, fleet, past, confidence) => {
    const { diagnoses } = whyOf(fleet, past, { elected });
    expect(diagnoses[0]).toMatchObject({ id: 'election-storm', confidence, wouldFree: { node: NODES[1] } });
    expect(diagnoses[0]?.option).toBe('maxIdleTimeMS=60000');
  });

  test('where the history does not tell it, the former primary is not claimed to be one', () => {
    const fleet: Fleet = { hosts: 6, pooled: [10, 9, 0] };
    const told = (past: Course3) => whyOf(fleet, past, { elected }).diagnoses[0]?.evidence ?? [];
    expect(told({ days: 0.5 })).toEqual([
      'shard-00-00 became the primary 20 min ago. The source holds 60 connections on it. On shard-00-01 it holds 54, of which 54 are dormant.',
      'Expected: a driver keeps the pool of a primary that steps down, and fills another one for the new primary.',
      'Whether shard-00-01 was the primary before is not known.',
    ]);
    const known = told({ ...before, pooled: () => 60 });
    expect(known[0]).toContain('of which 54 are dormant; usually 60 on all nodes, most of them there.');
    expect(known.join(' ')).not.toContain('not known');
  });

  test.each<readonly [...Case, number, string]>([
    ['an election of two hours ago', { hosts: 12, pooled: [14, 12, 0] }, {}, 2 * HOUR, NODES[0]],
    ['reads from every node', { hosts: 12, pooled: [14, 12, 11] }, {}, 20 * MINUTE, NODES[0]],
    [
      'a former primary that is read from',
      { hosts: 12, pooled: [14, 12, 0], active: [0, 60, 0] },
      {},
      20 * MINUTE,
      NODES[0],
    ],
    [
      'pools that were on both before',
      { hosts: 12, pooled: [14, 12, 0] },
      { shares: [0.5, 0.5, 0] },
      20 * MINUTE,
      NODES[0],
    ],
    ['a few connections', { hosts: 3, pooled: [3, 3, 0] }, {}, 20 * MINUTE, NODES[0]],
  ])('not %s', (_, fleet, past, ago, primary) => {
    expect(idsOf(whyOf(fleet, past, { elected: { at: NOW - ago, primary } }))).not.toContain('election-storm');
  });
});
