import { expect, test } from 'vitest';
import { runToEnd } from '../../../src/core/base/cooperative.ts';
import type { ClusterUse } from '../../../src/core/connections/entry-use.ts';
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

const DAY = 86_400_000;
const ago = (days: number) => now.getTime() - days * DAY;
/** Watched for 38 days, unless told otherwise. */
const history = (sources: Readonly<Record<string, number>> = {}, more: Partial<ClusterUse> = {}): ClusterUse => ({
  sources: Object.entries(sources).map(([id, lastSeen]) => ({ id, lastSeen })),
  since: ago(38),
  isLong: true,
  ...more,
});

type Histories = Readonly<Record<string, ClusterUse>>;
const LONG: Histories = { prod: history(), staging: history() };

function joined(
  reports: readonly ReturnType<typeof report>[],
  left: readonly UnreadCluster[] = [],
  {
    histories = LONG,
    entries = accessList.entries,
  }: { histories?: Histories; entries?: typeof accessList.entries } = {},
) {
  const given = { reports, unread: left, accessList: { ...accessList, entries }, problems: [], now };
  return runToEnd(projectHygiene({ ...given, histories: new Map(Object.entries(histories)) }));
}
const found = (hygiene: ReturnType<typeof joined>) => hygiene.findings.map(({ kind, entry }) => `${kind} ${entry}`);
const batchOf = (hygiene: ReturnType<typeof joined>) =>
  hygiene.findings.filter(({ entry }) => entry === '198.51.100.0/24').map(({ kind, text }) => `${kind}: ${text}`);

const prod = report('prod', [read(connections('203.0.113.9'))]);
const staging = report('staging', [read()]);

test('an entry that another cluster uses is neither unused nor unseen', () => {
  expect(found(joined([prod, report('staging', [read(connections('198.51.100.9'))])]))).toEqual([]);
});

test('an entry is unused where no cluster used it in a long history, and the history is the evidence', () => {
  const hygiene = joined([prod, staging], [], { histories: { ...LONG, staging: history({}, { since: ago(10) }) } });
  expect(hygiene).toMatchObject({ clusters: [{ name: 'prod' }, { name: 'staging' }], unread: [] });
  expect(batchOf(hygiene)).toEqual([
    'unused-entry: 198.51.100.0/24 (batch) was used by no cluster of the project since 2026-11-11T10:00Z. Ask its owner, then remove it.',
  ]);
  expect(hygiene.findings[0]?.timed?.[1]).toEqual({ at: ago(10) });
});

test.each<[string, Histories]>([
  ['by the cluster that does not use it now', { ...LONG, staging: history({ '198.51.100.0/24': ago(0.3) }) }],
  ['by a source that a label names', { ...LONG, staging: history({ '198.51.100.64/26': ago(0.3) }) }],
  ['by one address that no entry covered then', { ...LONG, staging: history({ '198.51.100.7': ago(0.3) }) }],
  ['through a peered network', { ...LONG, staging: history({ 'peering:198.51.100.0/25': ago(0.3) }) }],
  [
    'by two clusters, and the last one counts',
    {
      prod: history({ '198.51.100.0/24': ago(30) }),
      staging: history({ '198.51.100.0/24': ago(0.3) }),
    },
  ],
])('an entry that was used last night, %s, is not unused: the finding says when and by whom', (_, histories) => {
  expect(batchOf(joined([prod, staging], [], { histories }))).toEqual([
    'unseen-entry: 198.51.100.0/24 (batch) was last used 2026-11-21T02:48Z by staging.',
  ]);
});

test('what a paused cluster used while it was watched counts', () => {
  const histories = { prod: history(), old: history({ '198.51.100.0/24': ago(3) }, { isLong: false }) };
  expect(batchOf(joined([prod], [{ name: 'old', reason: 'paused' }], { histories }))).toEqual([
    'unseen-entry: 198.51.100.0/24 (batch) was last used 2026-11-18T10:00Z by old.',
  ]);
});

test.each<[string, Histories, string]>([
  [
    'less than eight days',
    { ...LONG, staging: history({}, { since: ago(7), isLong: false }) },
    'was not used by prod and staging since 2026-11-14T10:00Z. Keep it: staging has less than 8 days of history.',
  ],
  [
    'no history',
    { prod: history() },
    'has no connection in this reading of prod and staging. Keep it: staging has less than 8 days of history.',
  ],
  [
    'no history of any cluster',
    {},
    'has no connection in this reading of prod and staging. Keep it: prod and staging have less than 8 days of history.',
  ],
])('with %s no entry is unused', (_, histories, text) => {
  expect(batchOf(joined([prod, staging], [], { histories }))).toEqual([
    `unseen-entry: 198.51.100.0/24 (batch) ${text}`,
  ]);
});

test.each<[string, ReturnType<typeof joined>, UnreadCluster, string]>([
  [
    'paused',
    joined([prod], [{ name: 'old', reason: 'paused' }]),
    { name: 'old', reason: 'paused' },
    'old is not read completely',
  ],
  [
    'unread',
    joined([prod, report('old', [unread])]),
    { name: 'old', reason: 'b timed out.' },
    'old is not read completely',
  ],
  [
    'read in part',
    joined([prod, report('old', [read(), unread])], [], { histories: { ...LONG, old: history() } }),
    { name: 'old', reason: '1 node of 2 not read' },
    'old is not read completely',
  ],
  [
    'refusing $currentOp',
    joined([prod, report('old', [refuses])]),
    {
      name: 'old',
      reason: 'hides its sources, as M0 and Flex clusters do',
      hides: true,
    },
    'old hides its sources',
  ],
  [
    'without a node',
    joined([prod, report('old', [])]),
    { name: 'old', reason: 'no node was found' },
    'old is not read completely',
  ],
  [
    'not listed',
    joined([prod], [{ name: null, reason: 'Atlas did not answer.' }]),
    { name: null, reason: 'Atlas did not answer.' },
    'not all clusters are listed',
  ],
])('a cluster that is %s is the reason why no entry is unused', (_, hygiene, reason, doubt) => {
  expect(hygiene.unread).toEqual([reason]);
  expect(batchOf(hygiene)).toEqual([expect.stringMatching(new RegExp(`^unseen-entry: .* Keep it: ${doubt}\\.$`))]);
});

test('an entry around others that are used is unused only with a word about those', () => {
  const entries = [range('198.51.0.0/16', 'office'), range('198.51.100.0/24', 'batch')];
  const inner = report('prod', [read(connections('198.51.100.9'))]);
  const [wide, ...others] = joined([inner], [], { entries }).findings.filter(({ kind }) => kind !== 'shadowed-entry');
  expect(wide?.text).toBe(
    '198.51.0.0/16 (office) covers entries that are used. No other client came since 2026-10-14T10:00Z. Keep those entries if you remove it.',
  );
  expect(others).toEqual([]);
  const careful = joined([inner], [{ name: 'old', reason: 'paused' }], { entries });
  expect(found(careful)).toEqual(['shadowed-entry 198.51.100.0/24']);
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
