import { expect, test } from 'vitest';
import { connections, type Facts, ids, names, range, reportOn } from '../fixtures.ts';

const peer = { provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'vpc-0a1b (account 1)', status: null } as const;
const container = { provider: 'AWS', cidrBlock: '10.8.0.0/16', region: null } as const;
const groups = [connections('10.8.1.1')];

test('of equal blocks a label wins over an entry, an entry over a peer, a peer over the container', () => {
  const networks = { peers: [peer], containers: [container] };
  const entries = [range('10.8.0.0/16', 'entry')];
  const labels = [{ cidr: '10.8.0.0/16', name: 'label' }];
  expect(names({ groups, networks, entries, labels })).toEqual(['label']);
  expect(names({ groups, networks, entries })).toEqual(['entry']);
  expect(names({ groups, networks })).toEqual(['peered network 10.8.0.0/16']);
  expect(reportOn({ groups, networks }).sources).toMatchObject([{ peer: 'vpc-0a1b (account 1)' }]);
  const atlas = { groups, networks: { containers: [container] } };
  expect(ids(atlas)).toEqual(['atlas-internal app:billing']);
  expect(names(atlas)).toEqual(['private endpoint: billing']);
});

const peers = (facts: Facts) => reportOn(facts).sources.map(({ peer }) => peer);

test.each(['INITIATING', 'PENDING_ACCEPTANCE', 'FINALIZING', 'FAILED', 'TERMINATING'])(
  'of two peerings of one block the one that is up names its clients, not the one that is %s, which only fills in',
  (status) => {
    const down = { ...peer, name: 'vpc-old (account 1)', status };
    const wider = { ...down, cidrBlock: '10.0.0.0/8', name: 'vpc-wide (account 1)' };
    for (const live of ['AVAILABLE', null]) {
      const networks = { peers: [down, wider, { ...peer, name: 'vpc-new (account 2)', status: live }] };
      expect(peers({ groups, networks })).toEqual(['vpc-new (account 2)']);
    }
    expect(peers({ groups, networks: { peers: [down] } })).toEqual(['vpc-old (account 1)']);
    expect(peers({ groups: [connections('10.9.1.1')], networks: { peers: [down, wider] } })).toEqual([
      'vpc-wide (account 1)',
    ]);
  },
);

test('a more specific peer wins over a wider label', () => {
  expect(ids({ groups, networks: { peers: [peer] }, labels: [{ cidr: '10.0.0.0/8', name: 'wide' }] })).toEqual([
    'peering:10.8.0.0/16',
  ]);
});

test('a label inside an entry keeps the entry that lets it in', () => {
  const entries = [range('52.0.0.0/8', 'all'), range('52.7.0.0/16', 'app')];
  const report = reportOn({
    entries,
    labels: [{ cidr: '52.7.1.0/24', name: 'pods' }],
    groups: [connections('52.7.1.1')],
  });
  expect(report.sources).toMatchObject([{ id: '52.7.1.0/24', name: 'pods', entry: { cidrBlock: '52.7.0.0/16' } }]);
});

test('0.0.0.0/0 allows IPv4 alone, and ::/0 IPv6 alone', () => {
  const both = [connections('8.8.8.8'), connections('[2001:4860::8888]', { count: 1 })];
  expect(ids({ entries: [range('0.0.0.0/0')], groups: both })).toEqual(['0.0.0.0/0 app:billing', '2001:4860::8888']);
  expect(ids({ entries: [range('::/0')], groups: both })).toEqual(['8.8.8.8', '0.0.0.0/0 app:billing']);
});

test.each([
  [{}, '0.0.0.0/0 app:billing', 'anyone: billing'],
  [{ app: null }, '0.0.0.0/0 user:app@admin', 'anyone: user app@admin'],
  [{ app: null, user: null }, '0.0.0.0/0 driver:nodejs', 'anyone: driver nodejs'],
  [{ app: null, user: null, driver: null }, '0.0.0.0/0 unknown', 'anyone: unknown'],
])('a catch-all is split by app, else user, else driver: %j', (facts, id, name) => {
  const told = { entries: [range('0.0.0.0/0')], groups: [connections('8.8.8.8', facts)] };
  expect(reportOn(told).sources).toMatchObject([{ id, name, class: 'catch-all' }]);
});

test('clients are the highest number of heartbeats on one node, never the sum of nodes', () => {
  const heartbeat = connections('203.0.113.9', { activity: 'heartbeat', user: null, count: 3 });
  const elsewhere = connections('203.0.113.10', { activity: 'heartbeat', user: null, count: 2 });
  const entries = [range('203.0.113.0/24', 'app')];
  expect(reportOn({ entries, groups: [heartbeat, elsewhere] }).sources[0]?.clients).toBe(5);
});

test('clients are unknown, not zero, where drivers poll', () => {
  expect(reportOn({ groups: [connections('203.0.113.9')] }).sources[0]?.clients).toBeNull();
});

test('text from outside is unchanged', () => {
  const hostile = '<!channel> *b* \u202E \u0000';
  expect(names({ entries: [range('203.0.113.0/24', hostile)], groups: [connections('203.0.113.9')] })).toEqual([
    hostile,
  ]);
});
