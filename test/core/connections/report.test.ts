import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import type { AccessList, AccessListEntry } from '../../../src/core/connections/access-list.ts';
import type { ConnectionGroup, NodeRead, NodeReading } from '../../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import { accessListEntry, fc, nodeRead, readNode } from '../arbitrary.ts';

const now = new Date('2026-11-21T10:00:00Z');
const at = now.toISOString();

function accessList(entries: readonly AccessListEntry[], complete = true): AccessList {
  return { entries, complete, readAt: at, problems: [] };
}

function report(nodes: readonly NodeReading[], list: AccessList | null): ConnectionReport {
  return buildReport({
    reading: { cluster: 'prod', at, tookMs: 12, nodes, leftOut: [], problems: [] },
    accessList: list,
    networks: {
      peers: [{ provider: 'AWS', cidrBlock: '10.1.0.0/16', name: 'vpc-1 (account 1)', status: 'AVAILABLE' }],
      containers: [{ provider: 'AWS', cidrBlock: '192.0.0.0/21', region: null }],
      privateEndpointServices: [],
      problems: [],
    },
    labels: [{ cidr: '52.1.0.0/20', name: 'Egress' }],
    problems: [],
    now,
  });
}

// The model: one connection at a time, the rules as the README words them, every block asked with ipaddr.js.

interface Expected {
  active: number;
  dormant: number;
  monitors: number;
  class: string;
  addresses: Map<string, { pooled: number; heartbeats: Map<string, number> }>;
}

interface World {
  readonly nodes: readonly NodeRead[];
  readonly entries: readonly AccessListEntry[];
}

function claimByTheRules({ app, driver }: ConnectionGroup): string | null {
  if (app === 'atlas-conns' || app?.startsWith('atlas-conns ')) return app;
  if (driver?.name.startsWith('NetworkInterfaceTL')) return driver.name;
  return app === 'mongot' || app?.startsWith('MongoDB Automation Agent') ? app : null;
}

function insideByTheRules(group: ConnectionGroup, { nodes, entries }: World): 'own' | 'internal' | null {
  if (group.user === '__system@local') return 'internal';
  const claim = claimByTheRules(group);
  if (claim === null) return null;
  const addressOf = (one: ConnectionGroup) => sourceByTheRules(one, entries).address;
  const readers = ['app@admin', 'etl@admin, ro@admin'].filter((user) =>
    nodes.every(({ groups }) =>
      groups.some((one) => one.app === 'atlas-conns' && one.activity === 'operation' && one.user === user),
    ),
  );
  const isReader = (one: ConnectionGroup) => readers.length === 0 || readers.includes(one.user ?? '');
  const isOwn = claim.startsWith('atlas-conns');
  if (isOwn && group.user !== null && isReader(group)) return 'own';
  const here = nodes.flatMap(({ groups }) => groups).filter((one) => addressOf(one) === addressOf(group));
  const isTaken = here.some(
    (one) =>
      one.user !== null && one.user !== '__system@local' && claimByTheRules(one) === claim && !(isOwn && isReader(one)),
  );
  if (isTaken) return null;
  if (isOwn) return 'own';
  const isMember = here.some(({ user }) => user === '__system@local');
  const isAtlas = sourceByTheRules(group, entries).class === 'atlas-internal';
  return isMember || isAtlas || group.client.includes('sock') ? 'internal' : null;
}

function kindByTheRules(group: ConnectionGroup, world: World): 'own' | 'internal' | 'active' | 'dormant' | 'monitors' {
  const { app, driver, user, activity } = group;
  const inside = insideByTheRules(group, world);
  if (inside !== null) return inside;
  if (activity === 'operation') return 'active';
  if (activity === 'heartbeat') return 'monitors';
  if (activity === 'ping') return user ? 'active' : 'monitors';
  return user || (!driver && app === null) ? 'dormant' : 'monitors';
}

function sourceByTheRules(group: ConnectionGroup, entries: readonly AccessListEntry[]) {
  const who = group.app
    ? `app:${group.app}`
    : group.user
      ? `user:${group.user}`
      : group.driver
        ? `driver:${group.driver.name}`
        : 'unknown';
  if (group.client.includes('.sock') || group.client.includes('socket')) {
    return { id: `private ${who}`, class: 'private', address: group.client };
  }
  const bare = group.client.replace(/^\[|\]$/g, '').replace(/%.*/, '');
  if (!ipaddr.isValid(bare)) return { id: bare, class: 'unknown', address: bare };
  const ip = ipaddr.process(bare);
  const address = ip.kind() === 'ipv6' ? (ip as ipaddr.IPv6).toRFC5952String() : ip.toString();
  const blocks = [
    { text: '52.1.0.0/20', rank: 0, class: 'listed' },
    ...entries.flatMap((entry) =>
      entry.kind === 'range' ? [{ text: entry.cidrBlock, rank: 1, class: 'listed' }] : [],
    ),
    { text: '10.1.0.0/16', rank: 2, class: 'peering' },
    { text: '192.0.0.0/21', rank: 3, class: 'atlas-internal' },
  ].flatMap(({ text, ...rest }) => {
    const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
    return ipaddr.isValidCIDR(whole) ? [{ cidr: ipaddr.parseCIDR(whole), ...rest }] : [];
  });
  const matching = blocks
    .filter(({ cidr }) => cidr[0].kind() === ip.kind() && ip.match(cidr))
    .sort((one, other) => other.cidr[1] - one.cidr[1] || one.rank - other.rank);
  const best = matching[0];
  if (best && best.cidr[1] > 0) {
    const network =
      best.cidr[0].kind() === 'ipv4'
        ? ipaddr.IPv4.networkAddressFromCIDR(`${best.cidr[0]}/${best.cidr[1]}`).toString()
        : ipaddr.IPv6.networkAddressFromCIDR(`${best.cidr[0]}/${best.cidr[1]}`).toRFC5952String();
    if (best.class === 'atlas-internal') return { id: `atlas-internal ${who}`, class: best.class, address };
    const prefix = best.class === 'peering' ? 'peering:' : '';
    return { id: `${prefix}${network}/${best.cidr[1]}`, class: best.class, address };
  }
  if (best) return { id: `0.0.0.0/0 ${who}`, class: 'catch-all', address };
  const closed = ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat'].includes(ip.range());
  return closed ? { id: `private ${who}`, class: 'private', address } : { id: address, class: 'unlisted', address };
}

function model(nodes: readonly NodeRead[], entries: readonly AccessListEntry[]): Map<string, Expected> {
  const sources = new Map<string, Expected>();
  for (const node of nodes) {
    for (const group of node.groups) {
      const kind = kindByTheRules(group, { nodes, entries });
      if (kind === 'own' || kind === 'internal') continue;
      const { id, address, class: of } = sourceByTheRules(group, entries);
      const source = sources.get(id) ?? { active: 0, dormant: 0, monitors: 0, class: of, addresses: new Map() };
      sources.set(id, source);
      const host = source.addresses.get(address) ?? { pooled: 0, heartbeats: new Map() };
      source.addresses.set(address, host);
      for (let one = 0; one < group.count; one++) {
        source[kind] += 1;
        if (kind !== 'monitors') host.pooled += 1;
        if (group.activity === 'heartbeat') host.heartbeats.set(node.host, (host.heartbeats.get(node.host) ?? 0) + 1);
      }
    }
  }
  return sources;
}

const told = (host: string) => nodeRead(host).map((node) => ({ ...node, idleUsersTold: true }));
const nodes = fc.tuple(told('a:27017'), told('b:27017'), told('c:27017'));
const entries = fc.array(accessListEntry, { maxLength: 12 });

/** Somebody signed in from every address, so that none of its sockets is judged by what the other nodes have. */
function signedIn([first, ...others]: readonly NodeRead[]): readonly NodeRead[] {
  const all = [first!, ...others].flatMap(({ groups }) => groups);
  const user = 'app@admin';
  const guests = all.map(
    ({ client }) => ({ client, app: 'guest', driver: null, user, activity: 'idle', count: 1 }) as const,
  );
  return [{ ...first!, groups: [...first!.groups, ...guests] }, ...others];
}

test('sources, their classes, figures and clients are those of a naive count, one connection at a time', () => {
  fc.assert(
    fc.property(nodes, entries, (some, list) => {
      const read = signedIn(some);
      const expected = model(read, list);
      const { sources } = report(read, accessList(list));
      expect(new Set(sources.map(({ id }) => id))).toEqual(new Set(expected.keys()));
      for (const source of sources) {
        const { addresses, ...figures } = expected.get(source.id)!;
        expect(source).toMatchObject(figures);
        const monitor = [...addresses.values()].reduce(
          (sum, host) => sum + Math.max(0, ...host.heartbeats.values()),
          0,
        );
        expect(source.clients).toBe(monitor === 0 ? null : monitor);
        expect(new Set(source.hosts.map(({ address }) => address))).toEqual(new Set(addresses.keys()));
      }
    }),
    { numRuns: 150 },
  );
});

const figures = (rows: readonly { active: number; dormant: number; monitors: number }[]) =>
  rows.reduce<[number, number, number]>(
    ([active, dormant, monitors], row) => [active + row.active, dormant + row.dormant, monitors + row.monitors],
    [0, 0, 0],
  );

test('nothing is dropped, nothing counted twice: every sum of the public format holds for every input', () => {
  const some = fc.array(fc.oneof(nodeRead('a:27017'), nodeRead('b:27017')), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(some, entries, fc.boolean(), (read, list, complete) => {
      const { totals, sources, nodes: rows } = report(read, accessList(list, complete));
      const clients = read.flatMap(({ groups }) => groups).reduce((sum, { count }) => sum + count, 0);
      const [active, dormant, monitors] = figures(sources);
      expect(totals).toMatchObject({ active, dormant, monitors, connections: clients });
      expect(active + dormant + monitors + totals.internal! + totals.own!).toBe(clients);
      expect(totals.threads).toBe(read.flatMap(({ threads }) => threads).reduce((sum, { count }) => sum + count, 0));
      expect(rows.map((row) => ('connections' in row ? row.connections : null))).toEqual(
        read.map(({ groups }) => groups.reduce((sum, { count }) => sum + count, 0)),
      );
      for (const source of sources) {
        const whole = [source.active, source.dormant, source.monitors];
        for (const part of [source.nodes, source.apps, source.hosts, source.drivers, source.users]) {
          expect(figures(part)).toEqual(whole);
        }
        expect(source.share).toBeCloseTo(
          (source.active + source.dormant + source.monitors) / (active + dormant + monitors),
        );
      }
      const order = sources.map((source) => [-(source.active + source.dormant + source.monitors), source.id] as const);
      expect(order).toEqual([...order].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)));
    }),
    { numRuns: 150 },
  );
});

test('the same reading gives the same report, in whatever order the node lists its groups', () => {
  fc.assert(
    fc.property(nodeRead('a:27017'), entries, (node, list) => {
      const reversed = { ...node, groups: [...node.groups].reverse() };
      expect(
        report([reversed], accessList(list)).sources.map(({ id, active, dormant }) => [id, active, dormant]),
      ).toEqual(report([node], accessList(list)).sources.map(({ id, active, dormant }) => [id, active, dormant]));
    }),
  );
});

const problem = { code: 'timeout', text: 'c:27017 timed out', remedy: 'wait' };
const group: ConnectionGroup = {
  client: '203.0.113.9',
  app: 'billing',
  driver: null,
  user: 'app@admin',
  activity: 'idle',
  count: 7,
};

test('an unread node is named, the others keep their figures, and the report is incomplete', () => {
  const read = { ...readNode('a:27017'), groups: [group] };
  const told = report([read, { kind: 'unread', host: 'c:27017', problem }], accessList([]));
  expect(told.complete).toBe(false);
  expect(told.nodes[1]).toEqual({ host: 'c:27017', problem });
  expect(told.totals.dormant).toBe(7);
});

test('a cluster that refuses $currentOp has totals, a problem and unknowns, never zeros', () => {
  const { groups: _, threads: __, idleUsersTold: ___, ...rest } = readNode('a:27017');
  const told = report([{ ...rest, kind: 'totals', problem }], accessList([]));
  expect(told.totals).toEqual({
    connections: 10,
    active: null,
    dormant: null,
    monitors: null,
    internal: null,
    own: null,
    threads: null,
  });
  expect(told.sources).toEqual([]);
  expect(told.problems.map(({ code }) => code)).toEqual([problem.code]);
});

test('with an incomplete access list the report says that unlisted is uncertain', () => {
  const read = { ...readNode('a:27017'), groups: [group] };
  const told = report([read], accessList([], false));
  expect(told.complete).toBe(false);
  expect(told.problems.find(({ code }) => code === 'unlisted-uncertain')?.text).toMatch(/^1 address matches no entry/);
  expect(told.findings.map(({ kind }) => kind)).not.toContain('unlisted-client');
});

test('without a read node figures are unknown, never zero', () => {
  const told = report([{ kind: 'unread', host: 'c:27017', problem }], accessList([]));
  expect(Object.values(told.totals)).toEqual(Array(7).fill(null));
});

test('without an access list the report says that unlisted is uncertain', () => {
  const told = buildReport({
    reading: {
      cluster: 'prod',
      at,
      tookMs: 1,
      nodes: [{ ...readNode('a:27017'), groups: [group] }],
      leftOut: [],
      problems: [],
    },
    accessList: null,
    networks: null,
    labels: [],
    problems: [{ code: 'atlas-unreachable', text: 'Atlas cannot be reached.', remedy: 'Wait.' }],
    now,
  });
  expect(told.problems.map(({ code }) => code)).toEqual(['atlas-unreachable', 'unlisted-uncertain']);
  expect(told.complete).toBe(false);
});
