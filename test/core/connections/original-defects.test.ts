// The sixteen defects of the original tool (wbleonard/atlas-connection-analysis), each as the rule it broke. Those that
// are about reading (9, 10, 15) are proven again over HTTP and on a real mongod, in test/atlas and test/cluster.

import { expect, test } from 'vitest';
import { groupReport } from '../../../src/core/connections/group-by.ts';
import { connections, ids, names, range, reportOn } from '../fixtures.ts';

test('1: a /32 names one address, and a /8 all of its addresses', () => {
  const entries = [range('52.7.1.1/32', 'one'), range('54.9.0.0/8', 'wide')];
  expect(ids({ entries, groups: [connections('52.7.1.2')] })).toEqual(['52.7.1.2']);
  expect(names({ entries, groups: [connections('54.200.3.4')] })).toEqual(['wide']);
});

test('2: two entries in one /16 are two sources', () => {
  const entries = [range('52.7.1.0/24', 'red'), range('52.7.2.0/24', 'blue')];
  const groups = [connections('52.7.1.9'), connections('52.7.2.9')];
  expect(names({ entries, groups }).toSorted()).toEqual(['blue', 'red']);
});

test('3: the order of the connections changes nothing', () => {
  const entries = [range('52.7.0.0/16', 'app')];
  const groups = [connections('52.0.9.9'), connections('52.7.1.1'), connections('52.8.1.1')];
  expect(ids({ entries, groups })).toEqual(ids({ entries, groups: groups.toReversed() }));
});

test('4: an entry inside another stays reachable, whichever was listed first', () => {
  const entries = [range('52.7.1.1/32', 'one'), range('52.0.0.0/8', 'all')];
  const groups = [connections('52.7.1.1'), connections('52.9.9.9')];
  expect(names({ entries, groups }).toSorted()).toEqual(['all', 'one']);
  expect(names({ entries: entries.toReversed(), groups }).toSorted()).toEqual(['all', 'one']);
});

test('5: 0.0.0.0/0 is a catch-all, split by app', () => {
  const groups = [connections('52.7.1.1', { app: 'etl' }), connections('9.9.9.9', { app: 'web', count: 3 })];
  expect(ids({ entries: [range('0.0.0.0/0')], groups })).toEqual(['0.0.0.0/0 app:etl', '0.0.0.0/0 app:web']);
});

test('6: IPv6 clients and entries are named like any other', () => {
  const entries = [range('2001:db8:40::/48', 'Office')];
  const groups = [connections('[2001:db8:40::7]'), connections('[2001:db8:41::7]', { count: 1 })];
  expect(names({ entries, groups })).toEqual(['Office', '2001:db8:41::7']);
});

test('7: a security group breaks nothing and is said to match nobody', () => {
  const entries = [{ kind: 'security-group', securityGroup: 'sg-1', comment: 'peered' } as const];
  const report = reportOn({ entries, groups: [connections('10.0.0.1')] });
  expect(report.sources).toHaveLength(1);
  expect(report.findings.map(({ kind }) => kind)).toContain('security-group');
});

test('8: peering, Atlas’s own network, private and unknown addresses are four classes', () => {
  const report = reportOn({
    networks: {
      peers: [{ provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'vpc-0a1b (account 1)', status: 'AVAILABLE' }],
      containers: [{ provider: 'AWS', cidrBlock: '192.168.248.0/21', region: null }],
    },
    groups: ['10.8.1.1', '192.168.249.1', '10.9.1.1', '198.51.100.9'].map((client) => connections(client)),
  });
  const classes = Object.fromEntries(report.sources.map((source) => [source.id, source.class]));
  expect(classes).toEqual({
    'peering:10.8.0.0/16': 'peering',
    'atlas-internal app:billing': 'atlas-internal',
    'private app:billing': 'private',
    '198.51.100.9': 'unlisted',
  });
});

test('9: a list of 500 entries is matched to its last one', () => {
  const entries = Array.from({ length: 500 }, (_, at) => range(`52.${at >> 8}.${at & 255}.0/24`, `entry ${at}`));
  expect(names({ entries, groups: [connections('52.1.243.7')] })).toEqual(['entry 499']);
});

test('10: the figures are those of all nodes, kept apart by node', () => {
  const report = reportOn({ groups: [connections('203.0.113.9')] });
  expect(report.sources[0]?.nodes).toEqual([{ host: 'a:27017', active: 0, dormant: 10, monitors: 0 }]);
});

test('11: server threads are no connections', () => {
  expect(reportOn({ groups: [connections('203.0.113.9')] }).totals).toMatchObject({ connections: 10, threads: 0 });
});

test('12: our own connections, heartbeats and RTT sockets are set apart', () => {
  const groups = [
    connections('203.0.113.9', { app: 'atlas-conns', count: 2 }),
    connections('203.0.113.9', { activity: 'heartbeat', user: null, count: 3 }),
    connections('203.0.113.9', { user: null, count: 3 }),
  ];
  expect(reportOn({ groups }).totals).toMatchObject({ own: 2, monitors: 6, active: 0, dormant: 0 });
});

test('13: entries with one comment, or none, stay two sources', () => {
  const entries = [
    range('52.7.1.0/24', 'app'),
    range('52.7.2.0/24', 'app'),
    range('52.7.3.0/24'),
    range('52.7.4.0/24', ''),
  ];
  const groups = ['52.7.1.1', '52.7.2.1', '52.7.3.1', '52.7.4.1'].map((client) => connections(client));
  expect(ids({ entries, groups })).toEqual(['52.7.1.0/24', '52.7.2.0/24', '52.7.3.0/24', '52.7.4.0/24']);
  expect(names({ entries, groups })).toEqual(['app', 'app', '52.7.3.0/24', '52.7.4.0/24']);
});

test('14: a comment is the name of its source', () => {
  expect(names({ entries: [range('52.7.1.0/24', 'Billing API')], groups: [connections('52.7.1.1')] })).toEqual([
    'Billing API',
  ]);
});

test('15: a report is made of what was read and changes none of it', () => {
  const facts = { entries: [range('52.7.1.0/24')], groups: [connections('52.7.1.1')] };
  const before = structuredClone(facts);
  reportOn(facts);
  expect(facts).toEqual(before);
});

test('16: limits, apps, users and nodes are in the answer', () => {
  const report = reportOn({ groups: [connections('52.7.1.1')] });
  expect(report.nodes[0]).toMatchObject({ limit: 1000, current: 10 });
  expect(groupReport(report, 'app')).toMatchObject([{ name: 'billing', dormant: 10 }]);
  expect(groupReport(report, 'user')).toMatchObject([{ name: 'app@admin', dormant: 10 }]);
});
