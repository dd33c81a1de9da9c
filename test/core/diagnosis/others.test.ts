// Churn, functions, idle hosts and names.

import { describe, expect, test } from 'vitest';
import { DAY } from '../../../src/core/base/duration.ts';
import { newHistory, type SourceHistory } from '../../../src/core/baseline/source-history.ts';
import { whyOfSource } from '../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import {
  type Course3,
  DRIVERS,
  type Fleet,
  idsOf,
  NODES,
  NOW,
  nodesOpening,
  onlySource,
  pastOf,
  reportOf,
  whyOf,
} from './world.ts';

describe('churn', () => {
  const opening = (primary: number) => nodesOpening([() => primary, () => 0.2, () => 0.2]);
  const own = { opened: { count: 20, seconds: 300 } };

  test.each<readonly [string, Fleet, number, string | null]>([
    ['Node.js', { hosts: 4, pooled: [5, 0, 0] }, 6, 'maxIdleTimeMS=60000'],
    ['Go, many', { driver: DRIVERS.go, hosts: 20, pooled: [10, 0, 0] }, 40, 'maxIdleTimeMS=60000'],
    ['the C driver', { driver: DRIVERS.c, hosts: 10, pooled: [3, 0, 0] }, 5, null],
  ])('%s', (_, fleet, rate, option) => {
    const opened = { count: fleet.hosts * (fleet.pooled[0] ?? 0), seconds: 300 };
    const { diagnoses } = whyOf(fleet, {}, { nodes: opening(rate), opened });
    expect(diagnoses[0]).toMatchObject({ id: 'churn', wouldFree: null, option, confidence: 'fits' });
  });

  test('says how many a second, and how long each lives', () => {
    const { diagnoses } = whyOf({ hosts: 4, pooled: [5, 0, 0] }, {}, { nodes: opening(7), ...own });
    expect(diagnoses[0]?.evidence).toEqual([
      '7 new connections a second on shard-00-00, while it holds 20 pooled there. If it opens all of them, each lives for about 2.9 s.',
      'Expected: connections that are opened once and reused for hours.',
      'Newer than 5 min: 20 of its 44 connections, about as many as its pools hold. No other source is renewed like that.',
    ]);
  });

  test('where it is unknown who opened them, it is said of a source that holds nearly all, with a doubt', () => {
    const { diagnoses } = whyOf({ hosts: 4, pooled: [5, 0, 0] }, {}, { nodes: opening(7) });
    expect(diagnoses[0]).toMatchObject({ id: 'churn', confidence: 'likely' });
  });

  test.each<readonly [string, Fleet, Course3, Parameters<typeof whyOf>[2]]>([
    ['connections that live for minutes', { hosts: 20, pooled: [20, 0, 0] }, {}, { nodes: opening(6), ...own }],
    [
      'a deploy',
      { hosts: 4, pooled: [5, 0, 0] },
      {},
      { nodes: nodesOpening([(ago) => (ago < 0.15 ? 10 : 0.2)]), ...own },
    ],
    ['a few, as Atlas’s own agents open', { hosts: 1, pooled: [5, 0, 0] }, {}, { nodes: opening(1), ...own }],
    ['a source that grows', { hosts: 4, pooled: [30, 0, 0] }, { pooled: () => 40 }, { nodes: opening(6), ...own }],
    ['no history of the nodes', { hosts: 4, pooled: [5, 0, 0] }, {}, own],
  ])('not %s', (_, fleet, past, more) => {
    expect(idsOf(whyOf(fleet, past, more))).not.toContain('churn');
  });
});

describe('functions', () => {
  const lambda = (told: Partial<Fleet>): Fleet => ({ hosts: 40, pooled: [1, 0, 0], watches: 'poll', ...told });

  test.each<readonly [string, Fleet, string]>([
    ['Node.js with five connections each', lambda({ pooled: [5, 0, 0] }), 'fits'],
    [
      'PyMongo behind a NAT gateway',
      lambda({ driver: DRIVERS.python, hosts: 1, clients: 300, pooled: [3, 0, 0] }),
      'likely',
    ],
    ['Go with several clients in each', lambda({ driver: DRIVERS.go, hosts: 30, clients: 6 }), 'likely'],
  ])('%s', (_, fleet, confidence) => {
    const { diagnoses } = whyOf(fleet, {});
    expect(diagnoses[0]).toMatchObject({ id: 'functions', confidence, option: 'maxPoolSize=1', severity: 'warning' });
    expect(diagnoses[0]?.advice).toContain('outside the handler, with maxPoolSize=1 and minPoolSize=0.');
  });

  test('a client for each call is one of them', () => {
    const nodes = nodesOpening([() => 20, () => 10, () => 10]);
    const { diagnoses } = whyOf(lambda({}), {}, { nodes });
    expect(diagnoses.map(({ id }) => id)).toEqual(['functions']);
  });

  test('a client of the C driver that polls has two monitors on each node', () => {
    const c = lambda({ driver: DRIVERS.c, hosts: 20, clients: 2, pooled: [2.5, 0, 0] });
    const { diagnoses, expected } = whyOf(c, {});
    expect(diagnoses[0]?.evidence.slice(0, 2)).toEqual([
      'About 20 clients poll instead of streaming, as drivers do in functions (or with serverMonitoringMode=poll).',
      'Each holds about 5 pooled connections on one node.',
    ]);
    expect(expected?.meaning).toBe('The clients are unknown. “Functions with more connections than they use” fits.');
    const few = whyOf(lambda({ driver: DRIVERS.c, hosts: 10, clients: 2 }), {});
    expect(few.diagnoses).toEqual([]);
    expect(few.expected?.meaning).toBe(
      'The clients are unknown, because their drivers poll. Each has 2 monitors on every node, so about 10.',
    );
  });

  test.each<readonly [string, Fleet]>([
    ['Lambda with maxPoolSize 1', lambda({ hosts: 200 })],
    [
      'an old driver, which polls everywhere',
      lambda({ driver: { ...DRIVERS.node, version: '3.5.9' }, pooled: [5, 0, 0] }),
    ],
    ['PHP', lambda({ driver: DRIVERS.php, hosts: 10, clients: 16, pooled: [1, 1, 1], watches: 'nothing' })],
    ['a few clients that poll', lambda({ hosts: 8, pooled: [5, 0, 0] })],
    ['clients that stream', { hosts: 40, pooled: [5, 0, 0] }],
    ['an unknown driver', lambda({ driver: { name: 'mystery', version: '9', platform: null }, pooled: [5, 0, 0] })],
  ])('not %s', (_, fleet) => {
    expect(idsOf(whyOf(fleet, {}))).toEqual([]);
  });
});

describe('idle-host', () => {
  const fleet: Fleet = { hosts: 4, pooled: [15, 0, 0], active: [10, 0, 0] };
  const hostsOf = (days: number, told: Partial<SourceHistory['hosts'][number]> = {}) =>
    ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'].map((name, index) => ({
      ...{ name, usual: 15, since: NOW - 30 * DAY, heldSince: NOW - days * DAY },
      ...(index < 3 && { activeAt: NOW }),
      ...told,
    }));

  test.each<readonly [string, Fleet, number]>([
    ['Node.js, for eight days', fleet, 8],
    ['Java, for three weeks', { ...fleet, driver: DRIVERS.java }, 21],
    ['Rust, for a week', { ...fleet, driver: DRIVERS.rust, pooled: [15, 0, 0] }, 7],
  ])('%s', (_, idle, days) => {
    const { diagnoses } = whyOf(idle, { hosts: hostsOf(days) });
    expect(diagnoses[0]).toMatchObject({
      ...{ id: 'idle-host', confidence: 'likely', severity: 'info', option: 'maxIdleTimeMS=60000' },
      wouldFree: { node: NODES[0], connections: 15 },
    });
    expect(diagnoses[0]?.evidence.join(' ')).toContain('203.0.113.4 holds 15 connections');
    expect(diagnoses[0]?.evidence.join(' ')).toContain('A reading sees one moment');
    expect(diagnoses[0]?.advice).toMatch(/^Ask its owner/);
    expect(diagnoses[0]?.advice).not.toContain('entry');
  });

  test.each<readonly [string, Fleet, SourceHistory['hosts']]>([
    ['six days', fleet, hostsOf(6)],
    ['a host that was active yesterday', fleet, hostsOf(20, { activeAt: NOW - DAY })],
    ['a host that was away', fleet, hostsOf(20).map(({ heldSince: _, ...row }) => row)],
    ['a host that is active now', { ...fleet, active: [60, 0, 0] }, hostsOf(20)],
    ['a handful of connections', { ...fleet, pooled: [2, 0, 0] }, hostsOf(20)],
    ['a store of the version before', fleet, hostsOf(20).map(({ name, usual, since }) => ({ name, usual, since }))],
  ])('not %s', (_, idle, hosts) => {
    expect(idsOf(whyOf(idle, { hosts }))).not.toContain('idle-host');
  });
});

describe('unnamed', () => {
  test.each<readonly [string, string | null, string]>([
    ['no appName', null, 'have no appName'],
    ['the name that Atlas proposes', 'Cluster0', 'the appName "Cluster0", which Atlas or a tool fills in'],
    ['the name of a tool', 'MongoDB Compass', 'the appName "MongoDB Compass", which Atlas or a tool fills in'],
    ['the name of the cluster', 'PROD', 'the appName "PROD", which Atlas or a tool fills in'],
  ])('%s', (_, app, words) => {
    const { diagnoses } = whyOf({ hosts: 20, pooled: [5, 0, 0], app }, {});
    expect(diagnoses).toMatchObject([
      { id: 'unnamed', severity: 'info', wouldFree: null, option: 'appName=<service>' },
    ]);
    expect(diagnoses[0]?.evidence[0]).toContain(words);
  });

  test.each<readonly [string, readonly Fleet[]]>([
    ['a name', [{ hosts: 20, pooled: [5, 0, 0] }]],
    ['a few connections', [{ hosts: 4, pooled: [5, 0, 0], app: null }]],
    [
      'a small part',
      [
        { hosts: 12, pooled: [5, 0, 0], app: null },
        { hosts: 40, firstHost: 50, pooled: [6, 0, 0] },
      ],
    ],
    ['heartbeats alone', [{ hosts: 40, pooled: [0, 0, 0], app: null }]],
  ])('not %s', (_, fleets) => {
    const report = reportOf(fleets);
    expect(idsOf(whyOfSource(report, onlySource(report), pastOf(report)))).toEqual([]);
  });

  test('not redacted names', () => {
    const report = reportOf([{ hosts: 20, pooled: [5, 0, 0] }], {
      redact: (text) => (text === 'billing' ? '[redacted]' : text),
    });
    expect(idsOf(whyOfSource(report, onlySource(report), pastOf(report)))).toEqual([]);
  });
});

test('a source that the store does not know is no reason for a guess', () => {
  const report = reportOf([{ hosts: 20, pooled: [5, 0, 0] }]);
  const [known] = snapshotOf(report, { before: null }).sources;
  if (known === undefined) throw new Error('one source is expected');
  const past = { ...pastOf(report), sources: { other: newHistory(known, NOW) } };
  expect(whyOfSource(report, onlySource(report), past).diagnoses).toEqual([]);
});
