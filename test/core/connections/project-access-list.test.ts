import { expect, test } from 'vitest';
import { runToEnd } from '../../../src/core/base/cooperative.ts';
import { projectHygiene, type UnreadCluster } from '../../../src/core/connections/project-access-list.ts';
import type { ConnectionGroup, NodeReading } from '../../../src/core/connections/reading.ts';
import { buildReport } from '../../../src/core/connections/report.ts';
import { readNode } from '../arbitrary.ts';
import { connections, now, range, reportOn } from '../fixtures.ts';

const accessList = {
  entries: [range('203.0.113.0/24', 'app'), range('198.51.100.0/24', 'batch')],
  complete: true,
  readAt: now.toISOString(),
  problems: [],
};

function report(cluster: string, nodes: readonly NodeReading[]) {
  const reading = { cluster, at: now.toISOString(), tookMs: 1, nodes, leftOut: [], problems: [] };
  return buildReport({ reading, accessList, networks: null, labels: [], problems: [], now });
}

const read = (...groups: readonly ConnectionGroup[]) => ({ ...readNode('a:27017'), groups });
const unread = {
  kind: 'unread',
  host: 'b:27017',
  problem: { code: 'timeout', text: 'b timed out.', remedy: '' },
} as const;
const refuses: NodeReading = {
  ...{ host: 'c:27017', version: '8.0', current: 4, available: 496, limit: 500, totalCreated: 9, rejected: null },
  kind: 'totals',
  role: 'primary',
  problem: { code: 'refused', text: 'c refuses $currentOp.', remedy: '' },
};

const joined = (reports: readonly ReturnType<typeof report>[], left: readonly UnreadCluster[] = []) =>
  runToEnd(projectHygiene({ reports, unread: left, accessList, problems: [], now }));
const found = (hygiene: ReturnType<typeof joined>) => hygiene.findings.map(({ kind, entry }) => `${kind} ${entry}`);

const prod = report('prod', [read(connections('203.0.113.9'))]);

test('an entry that another cluster uses is neither unused nor unseen', () => {
  expect(found(joined([prod, report('staging', [read(connections('198.51.100.9'))])]))).toEqual([]);
});

test('an entry is unused where every cluster of the project was read completely and none uses it', () => {
  const hygiene = joined([prod, report('staging', [read()])]);
  expect(hygiene).toMatchObject({ clusters: ['prod', 'staging'], unread: [] });
  expect(hygiene.findings).toMatchObject([
    {
      kind: 'unused-entry',
      text: '198.51.100.0/24 (batch) holds no connection in this reading of prod and staging, all clusters of the project.',
    },
  ]);
});

test.each<[string, ReturnType<typeof joined>, UnreadCluster]>([
  ['paused', joined([prod], [{ name: 'old', reason: 'paused' }]), { name: 'old', reason: 'paused' }],
  ['unread', joined([prod, report('old', [unread])]), { name: 'old', reason: 'b timed out.' }],
  ['read in part', joined([prod, report('old', [read(), unread])]), { name: 'old', reason: '1 node of 2 not read' }],
  [
    'refusing $currentOp',
    joined([prod, report('old', [refuses])]),
    { name: 'old', reason: 'does not tell its connections (M0 or Flex)' },
  ],
  ['without a node', joined([prod, report('old', [])]), { name: 'old', reason: 'no node was found' }],
  [
    'not listed',
    joined([prod], [{ name: null, reason: 'Atlas did not answer.' }]),
    { name: null, reason: 'Atlas did not answer.' },
  ],
])('a cluster that is %s is the reason why no entry is unused', (_, hygiene, reason) => {
  expect(hygiene.unread).toEqual([reason]);
  expect(found(hygiene)).toEqual(['unseen-entry 198.51.100.0/24']);
});

test('connections of one address to several clusters are one finding, with all of them', () => {
  const stray = connections('192.0.2.7');
  const { findings } = joined([report('prod', [read(stray)]), report('staging', [read(stray)])]);
  expect(findings.filter(({ kind }) => kind === 'unlisted-client')).toMatchObject([
    { entry: '192.0.2.7', text: expect.stringContaining('holds 20 connections') },
  ]);
});

test('an entry that contains a peered network allows its clients', () => {
  const peers = [{ provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'vpc', status: 'AVAILABLE' } as const];
  const entries = [range('10.0.0.0/8', 'all of ours'), range('10.9.0.0/16', 'nobody')];
  const { findings } = reportOn({ groups: [connections('10.8.0.9')], entries, networks: { peers } });
  expect(findings.filter(({ kind }) => kind === 'unseen-entry').map(({ entry }) => entry)).toEqual(['10.9.0.0/16']);
});
