// How many MongoClients an address has, when that number is a lower bound, and who never signed in.

import { expect, test } from 'vitest';
import { reportCsv } from '../../../src/cli/csv.ts';
import { reportJson } from '../../../src/cli/report-export.ts';
import { reportText } from '../../../src/cli/report-text.ts';
import { sourceText } from '../../../src/cli/source-text.ts';
import type { Dimension } from '../../../src/core/connections/group-by.ts';
import type { ConnectionGroup, NodeRead } from '../../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import { NEVER_AUTHENTICATED } from '../../../src/core/connections/source.ts';
import { encodeSnapshot, snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { decodeSnapshot } from '../../../src/core/snapshots/snapshot.ts';
import { nodesView } from '../../../src/slack/views/nodes.ts';
import { doubtLines } from '../../../src/slack/views/notes.ts';
import { readNode } from '../arbitrary.ts';
import { connections, now } from '../fixtures.ts';

const ADDRESS = '203.0.113.9';
const heartbeats = (count: number, facts: Partial<ConnectionGroup> = {}) =>
  connections(ADDRESS, { user: null, activity: 'heartbeat', count, ...facts });
/** RTT sockets and polling monitors look alike. */
const idle = (count: number, facts: Partial<ConnectionGroup> = {}) =>
  connections(ADDRESS, { user: null, count, ...facts });
const pool = (count: number, facts: Partial<ConnectionGroup> = {}) => connections(ADDRESS, { count, ...facts });

function reportOf(groups: readonly (readonly ConnectionGroup[])[], facts: Partial<NodeRead> = {}): ConnectionReport {
  const at = now.toISOString();
  const nodes = groups.map((some, index) => ({ ...readNode(`n${index}:27017`), ...facts, groups: some }));
  const reading = { cluster: 'prod', at, tookMs: 1, nodes, leftOut: [], problems: [] };
  return buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now });
}

type Groups = readonly (readonly ConnectionGroup[])[];
const three = (...groups: ConnectionGroup[]): Groups => [groups, groups, groups];
const shell = { driver: { name: 'nodejs|mongosh', version: '6.20.0|2.5.9', platform: 'Node.js v22' } };

test.each<[string, Groups, number | null, true | undefined]>([
  ['clients that stream, with RTT sockets and pools', three(heartbeats(4), idle(4), pool(9)), 4, undefined],
  ['clients that stream, before their RTT sockets are there', three(heartbeats(4), idle(1), pool(9)), 4, undefined],
  [
    'a pool on the primary alone',
    [[heartbeats(2), idle(2), pool(9)], ...three(heartbeats(2), idle(2)).slice(1)],
    2,
    undefined,
  ],
  ['one client that streams and one that polls', three(heartbeats(1), idle(2), pool(2)), 1, true],
  ['direct clients on two nodes', [[heartbeats(1), idle(1), pool(1)], [heartbeats(1), idle(1), pool(1)], []], 1, true],
  ['a direct client on one node', [[heartbeats(1), idle(1), pool(1)], [], []], 1, undefined],
  [
    'one client, and direct clients on two nodes',
    [[heartbeats(2), pool(2)], [heartbeats(2), pool(1)], [heartbeats(1)]],
    2,
    true,
  ],
  [
    'one client, and direct clients on one node',
    [[heartbeats(3), pool(3)], [heartbeats(1)], [heartbeats(1)]],
    3,
    undefined,
  ],
  [
    'a client that watches a node, and a pool of another where nobody watches',
    [[heartbeats(1)], [pool(1)], []],
    1,
    true,
  ],
  ['a library that polls on the socket of its pool', three(heartbeats(1), pool(1), pool(1, shell)), 1, true],
  ['direct clients of two libraries on two nodes', [[heartbeats(1)], [heartbeats(1, shell)]], 1, true],
  [
    'heartbeats without metadata, and pools with it',
    three(heartbeats(2, { app: null, driver: null }), pool(4)),
    2,
    undefined,
  ],
  [
    'of many clients one more or less between two nodes',
    [[heartbeats(40), pool(9)], [heartbeats(39)], [heartbeats(40)]],
    40,
    undefined,
  ],
  ['polling monitors and no pool', three(idle(3)), null, undefined],
  ['a pool and no heartbeat', three(pool(3)), null, undefined],
])('%s', (_, groups, clients, clientsAtLeast) => {
  const [source] = reportOf(groups).sources;
  expect(source?.clients).toBe(clients);
  expect(source?.clientsAtLeast).toBe(clientsAtLeast);
  expect(source?.hosts[0]).toMatchObject({ clients });
});

test('a hidden member makes no lower bound, because no client watches it', () => {
  const at = now.toISOString();
  const seen = [heartbeats(2), idle(2), pool(4)];
  const nodes = three(...seen).map((groups, index) => ({ ...readNode(`n${index}:27017`), groups }));
  const hidden: NodeRead = { ...readNode('hidden:27017'), hidden: true };
  const reading = { cluster: 'prod', at, tookMs: 1, nodes: [...nodes, hidden], leftOut: [], problems: [] };
  const report = buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now });
  expect(report.sources[0]).not.toHaveProperty('clientsAtLeast');
  // A forecast needs to know which one it is.
  expect(report.nodes.filter((node) => 'hidden' in node).map(({ host }) => host)).toEqual(['hidden:27017']);
});

test('a source with one address of unknown clients has a lower bound', () => {
  const elsewhere = connections('203.0.113.9', { client: '203.0.113.10' });
  const entries = [{ kind: 'range' as const, cidrBlock: '203.0.113.0/24', comment: 'app', deleteAfterDate: null }];
  const at = now.toISOString();
  const nodes = [{ ...readNode('a:27017'), groups: [heartbeats(2), pool(2), elsewhere] }];
  const reading = { cluster: 'prod', at, tookMs: 1, nodes, leftOut: [], problems: [] };
  const accessList = { entries, complete: true, readAt: at, problems: [] };
  const report = buildReport({ reading, accessList, networks: null, labels: [], problems: [], now });
  expect(report.sources).toMatchObject([{ clients: 2, clientsAtLeast: true }]);
  expect(report.nodes).toMatchObject([{ clients: 2, clientsAtLeast: true }]);
});

test('without users from the server idle connections make no lower bound', () => {
  const [source] = reportOf(three(heartbeats(1), idle(9)), { idleUsersTold: false }).sources;
  expect(source).toMatchObject({ clients: 1, dormant: 24, monitors: 6 });
  expect(source).not.toHaveProperty('clientsAtLeast');
});

const unsigned = (report: ConnectionReport) =>
  report.sources.flatMap(({ users }) => users).find(({ name }) => name === NEVER_AUTHENTICATED)?.dormant ?? 0;

test.each<[string, Groups, number]>([
  ['idle sockets on one node alone', [[idle(7)], [], []], 7],
  ['idle sockets on one node, beside one of a client that polls on every node', [[idle(8)], [idle(1)], [idle(1)]], 7],
  [
    'idle sockets on one node, beside clients that stream',
    [
      [heartbeats(2), idle(9)],
      [heartbeats(2), idle(2)],
    ],
    7,
  ],
  ['sockets that never said who they are', [[idle(7, { app: null, driver: null })], [], []], 7],
  ['a fleet that polls and has no pool: equally many on every node', three(idle(7)), 0],
  ['a fleet that polls, with a pool on the primary', [[idle(7), pool(3)], [idle(7)], [idle(6)]], 0],
  ['a fleet that polls, with pools on the secondaries', [[idle(7)], [idle(7), pool(3)], [idle(7), pool(3)]], 0],
  ['clients that stream', three(heartbeats(7), idle(7)), 0],
  ['RTT sockets caught at work', three(heartbeats(7), idle(3), idle(4, { activity: 'ping' })), 0],
  ['a reading of one node', [[idle(7)]], 0],
])('never authenticated and dormant: %s', (_, groups, dormant) => {
  const report = reportOf(groups);
  expect(unsigned(report)).toBe(dormant);
  const all = groups.flat().reduce((sum, { count }) => sum + count, 0);
  expect(report.totals.connections).toBe(all);
  if (dormant > 0) expect(report.totals.dormant).toBe(dormant);
});

test('a node at its limit says nothing about monitors: whom it shuts out polls the other nodes', () => {
  const [full, ...others] = [[], [idle(7)], [idle(7)]].map((groups, at) => ({ ...readNode(`n${at}:27017`), groups }));
  const dormantWith = (available: number) => {
    const nodes = [{ ...full!, current: 1000 - available, available }, ...others];
    const reading = { cluster: 'prod', at: now.toISOString(), tookMs: 1, nodes, leftOut: [], problems: [] };
    return buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now }).totals.dormant;
  };
  expect([0, 9, 10].map(dormantWith)).toEqual([0, 0, 14]);
});

test('without users from the server no connection is called unauthenticated', () => {
  expect(unsigned(reportOf([[idle(7)], [], []], { idleUsersTold: false }))).toBe(0);
});

test('a lower bound is one in every form: tables, the drill-down, JSON, the history; CSV has the number', () => {
  const report = reportOf(three(heartbeats(1), idle(2), pool(2)));
  const [source] = report.sources;
  if (source === undefined) throw new Error('a source is needed');
  expect(reportText(report, { by: 'source', threads: false, width: 120, paint })).toMatch(
    /≥ 1 .*unknown\n\n≥ is a lower bound/,
  );
  expect(reportText(report, { by: 'host', threads: false, width: 120, paint })).toMatch(/203\.0\.113\.9 .*≥ 1/);
  expect(reportText(report, { by: 'node', threads: false, width: 120, paint })).toMatch(/≥ 1 /);
  expect(sourceText({ report, source, by: 'source', width: 120, paint })).toContain('≥ 1 clients');
  expect(reportCsv(report, 'source')).toMatch(/,1,1\r\n$/);
  expect(JSON.parse(reportJson(report))).toMatchObject({
    sources: [{ clients: 1, clientsAtLeast: true, hosts: [{ clients: 1, clientsAtLeast: true }] }],
    nodes: [{ clients: 1, clientsAtLeast: true }, {}, {}],
  });
  const snapshot = snapshotOf(report, { before: null });
  expect(snapshot.sources).toMatchObject([{ clients: 1, clientsAtLeast: true }]);
  expect(decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(snapshot))))).toEqual({ snapshot });
});

const paint = (_: unknown, text: string) => text;
/** Of one address all clients are known, of the other none: of the nodes there is a bound. */
const apart = three(heartbeats(2), pool(2), connections('203.0.113.10', { client: '203.0.113.10' }));
const BOUND = '≥ is a lower bound';
const UNKNOWN = '? is unknown';

test.each<[string, Dimension, Groups, readonly string[]]>([
  ['a bound in a row', 'source', three(heartbeats(1), idle(2), pool(2)), [BOUND]],
  ['no bound without a column of clients', 'app', three(heartbeats(1), idle(2), pool(2)), []],
  ['no bound of a node in the rows of sources', 'source', apart, [UNKNOWN]],
  ['no bound of a node in the rows of hosts', 'host', apart, [UNKNOWN]],
  ['the bound of a node, and no unknown of a source, in the rows of nodes', 'node', apart, [BOUND]],
])('a report explains the marks that its rows have: %s', (_, by, groups, explained) => {
  const report = reportOf(groups);
  const said = [reportText(report, { by, threads: false, width: 120, paint }), JSON.stringify(doubtLines(report, by))];
  for (const text of said) expect([UNKNOWN, BOUND].filter((mark) => text.includes(mark))).toEqual(explained);
});

test('the view of the nodes explains the bound that its rows have', () => {
  const view = nodesView({ report: reportOf(apart), ageMs: 0, tables: 'data_table', place: { kind: 'answer' } });
  expect(JSON.stringify(view)).toContain(BOUND);
});

test('the drill-down explains the unknown clients of a host beside the bound of their source', () => {
  const at = now.toISOString();
  const entries = [{ kind: 'range' as const, cidrBlock: '203.0.113.0/24', comment: 'app', deleteAfterDate: null }];
  const nodes = apart.map((groups, index) => ({ ...readNode(`n${index}:27017`), groups }));
  const reading = { cluster: 'prod', at, tookMs: 1, nodes, leftOut: [], problems: [] };
  const accessList = { entries, complete: true, readAt: at, problems: [] };
  const report = buildReport({ reading, accessList, networks: null, labels: [], problems: [], now });
  const [source] = report.sources;
  if (source === undefined) throw new Error('a source is needed');
  const text = sourceText({ report, source, by: 'source', width: 120, paint });
  for (const mark of [UNKNOWN, BOUND]) expect(text).toContain(mark);
});
