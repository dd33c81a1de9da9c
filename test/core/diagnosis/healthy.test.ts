// Healthy fleets: nothing unusual is said of them.

import { expect, test } from 'vitest';
import { buildReport } from '../../../src/core/connections/report.ts';
import { whyOfCluster, whyOfSource } from '../../../src/core/diagnosis/diagnose.ts';
import { NO_PAST } from '../../../src/core/diagnosis/past.ts';
import { readNode } from '../arbitrary.ts';
import {
  type Course3,
  DRIVERS,
  type Fleet,
  idsOf,
  nodesOpening,
  onlySource,
  pastOf,
  reportOf,
  SOURCE,
  whyOf,
} from './world.ts';

/** More by day than by night, a little uneven. */
const daily = (night: number, day: number) => (ago: number) => {
  const hour = (14 - ago + 24 * 30) % 24;
  const share = (1 - Math.cos((2 * Math.PI * (hour - 2)) / 24)) / 2;
  return Math.round(night + (day - night) * share);
};

test.each<readonly [string, Fleet, Course3]>([
  ['12 Node.js clients with 5 pooled', { hosts: 12, pooled: [5, 0, 0], active: [6, 0, 0] }, { active: daily(1, 14) }],
  [
    'a Java fleet whose minPoolSize is used',
    { driver: DRIVERS.java, hosts: 8, pooled: [10, 10, 10], active: [20, 0, 0] },
    { active: daily(3, 30) },
  ],
  [
    'a Java fleet with a small minPoolSize',
    { driver: DRIVERS.java, hosts: 8, pooled: [5, 5, 5], active: [2, 0, 0] },
    { active: daily(1, 4) },
  ],
  [
    'PHP with a process for each request',
    { driver: DRIVERS.php, hosts: 10, clients: 32, pooled: [1, 1, 1], watches: 'nothing', active: [9, 0, 0] },
    {},
  ],
  [
    '8 clients on each host, on purpose',
    { driver: DRIVERS.python, hosts: 6, clients: 8, pooled: [1, 0, 0], active: [3, 0, 0] },
    {},
  ],
  ['two tools on one host', { hosts: 1, clients: 2, pooled: [3, 0, 0] }, { active: () => 0 }],
  [
    'Lambda with maxPoolSize 1',
    { hosts: 150, pooled: [1, 0, 0], watches: 'poll', active: [20, 0, 0] },
    { pooled: daily(40, 150), active: daily(2, 30) },
  ],
  [
    'Ruby with pools of 20',
    { driver: DRIVERS.ruby, hosts: 4, pooled: [16, 2, 2], active: [8, 2, 1] },
    { active: daily(2, 30) },
  ],
  [
    'C#, busy by day',
    { driver: DRIVERS.csharp, hosts: 10, pooled: [18, 0, 0], active: [30, 0, 0] },
    { pooled: daily(60, 180), active: daily(8, 60) },
  ],
  ['reads from the nearest node', { hosts: 20, pooled: [4, 3, 3], active: [10, 8, 6] }, { active: daily(6, 30) }],
  ['C with pools', { driver: DRIVERS.c, hosts: 5, pooled: [8, 0, 0], active: [5, 0, 0] }, { active: daily(1, 12) }],
  [
    'a fleet that scaled out at noon',
    { hosts: 40, pooled: [4, 0, 0], active: [9, 0, 0] },
    { clients: (ago) => (ago > 2 ? 20 : 40), pooled: (ago) => (ago > 2 ? 80 : 160), hosts: [] },
  ],
])('nothing unusual: %s', (_, fleet, past) => {
  const nodes = nodesOpening([() => 0.8, () => 0.5, () => 0.5]);
  const why = whyOf(fleet, past, { nodes, opened: { count: 2, seconds: 300 } });
  expect(why.diagnoses).toEqual([]);
  expect(idsOf(whyOf(fleet, null))).toEqual([]);
});

test('what is told of a fleet does not change when an election is an hour old', () => {
  const fleet: Fleet = { hosts: 12, pooled: [5, 4, 0], active: [4, 2, 0] };
  const elected = { at: Date.parse('2026-11-26T12:30:00Z'), primary: 'shard-00-00.abc.net:27017' };
  expect(whyOf(fleet, {}, { elected }).diagnoses).toEqual([]);
});

test('heartbeats that are an estimate make no claim, and the answer says that they are', () => {
  const nodes = [0, 1, 2].map(() => ({ idleUsersTold: false as const }));
  const report = reportOf([{ hosts: 12, pooled: [5, 0, 0] }], { nodes });
  const { diagnoses, expected, limits } = whyOfSource(report, onlySource(report), pastOf(report));
  expect(diagnoses).toEqual([]);
  expect(expected?.meaning).toContain('estimate');
  expect(limits.join(' ')).toContain('do not tell heartbeats from idle connections');
});

test('a node that was not read is named, and the others are judged', () => {
  const report = reportOf([{ hosts: 3, pooled: [100, 0, 0] }]);
  const problem = { code: 'timeout', text: 'b did not answer', remedy: 'Try again.' };
  const [first, , third] = report.nodes;
  if (first === undefined || third === undefined) throw new Error('three nodes are expected');
  const partial = { ...report, nodes: [first, { host: 'b:27017', problem }, third] };
  const { limits } = whyOfCluster(partial, pastOf(report, { active: () => 12 }));
  expect(limits).toContain('Without b:27017: it was not read.');
});

test('a cluster that hides its connections has no source, and the answer says why', () => {
  const problem = { code: 'shared-tier', text: 'a refuses', remedy: 'A larger tier.' };
  const { groups: _, threads: __, idleUsersTold: ___, ...facts } = readNode('a:27017');
  const at = '2026-11-26T14:00:00Z';
  const report = buildReport({
    reading: {
      cluster: 'free',
      at,
      tookMs: 3,
      nodes: [{ ...facts, kind: 'totals', problem }],
      leftOut: [],
      problems: [],
    },
    ...{ accessList: null, networks: null, labels: [], problems: [], now: new Date(at) },
  });
  expect(whyOfCluster(report, NO_PAST)).toEqual({
    diagnoses: [],
    expected: null,
    limits: ['The cluster does not show its connections (M0 and Flex), so no source is known.'],
  });
});

test('redacted hosts and names find the same diagnosis, and no name comes back', () => {
  const redact = (text: string) => (text.includes('203.0.113') || text === 'Billing API' ? '[redacted]' : text);
  const report = reportOf([{ hosts: 3, pooled: [100, 0, 0] }], { redact });
  const [source] = report.sources;
  if (source === undefined) throw new Error('a source is expected');
  const past = pastOf(reportOf([{ hosts: 3, pooled: [100, 0, 0] }]), { active: () => 12 });
  const why = whyOfSource(report, source, { ...past, sources: { [source.id]: past.sources[SOURCE] ?? never() } });
  expect(idsOf(why)).toEqual(['pool-too-large']);
  expect(JSON.stringify(why)).not.toContain('Billing API');
});

function never(): never {
  throw new Error('the past of the source is expected');
}
