// What was put into stand-in nodes is what the report tells: exactly up to 8.0, as an estimate from 8.2; M0 and Flex by totals.

import type { Document } from 'bson';
import { expect, test } from 'vitest';
import type { ClusterReading } from '../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../src/core/connections/report.ts';
import {
  activeConnection,
  heartbeat,
  type Incoming,
  idleConnection,
  type Shape,
  topologyVersion,
} from '../sandbox/nodes/document.ts';
import { fixedPopulation } from '../sandbox/nodes/population.ts';
import type { ServerVersion } from '../sandbox/nodes/version.ts';
import { as, read, standInNode, standInSet, watch } from './stand-in.ts';

/** Somebody's clients at one address, as they stand on each node. */
interface Somebody {
  readonly address: string;
  readonly app: string | null;
  readonly driver: { readonly name: string; readonly version: string };
  readonly user: string | null;
  readonly clients: number;
  readonly active: number;
  readonly dormant: number;
  /** `stream`: a heartbeat and an RTT socket a client; `poll`: one idle socket. */
  readonly monitoring: 'stream' | 'poll';
  /** RTT sockets that are caught in their hello. */
  readonly pinging?: number;
}

const NODE = { name: 'nodejs', version: '7.8.0' };
const STREAMING: readonly Somebody[] = [
  {
    address: '203.0.113.1',
    app: 'billing',
    driver: NODE,
    user: 'billing',
    clients: 6,
    active: 5,
    dormant: 25,
    monitoring: 'stream',
  },
  {
    address: '203.0.113.2',
    app: 'web',
    driver: { name: 'mongo-java-driver', version: '5.6.1' },
    user: 'web',
    clients: 4,
    active: 2,
    dormant: 7,
    monitoring: 'stream',
    pinging: 1,
  },
  {
    address: '[2001:db8:40::7]',
    app: null,
    driver: NODE,
    user: 'anna',
    clients: 2,
    active: 0,
    dormant: 3,
    monitoring: 'stream',
  },
];
const POLLING: Somebody = {
  address: '198.51.100.128',
  app: 'thumbnails',
  driver: NODE,
  user: 'thumbnails',
  clients: 5,
  active: 1,
  dormant: 4,
  monitoring: 'poll',
};

function connectionsOf(one: Somebody, shape: Shape): readonly Document[] {
  const documents: Document[] = [];
  const metadata = { ...(one.app === null ? {} : { application: { name: one.app } }), driver: one.driver };
  const incoming = (user: string | null): Incoming => {
    const n = documents.length + 1;
    return {
      connectionId: 30_000 + n,
      client: `${one.address}:${40_000 + n}`,
      metadata,
      user: user === null ? null : { user, db: 'admin' },
    };
  };
  const operation = (command: Document) => ({
    opid: 1_000 + documents.length,
    op: 'command',
    ns: 'shop.$cmd',
    command,
    microsecs: 900,
  });
  const times = (count: number, make: (n: number) => Document) => {
    for (let n = 0; n < count; n += 1) documents.push(make(n));
  };
  times(one.active, () =>
    activeConnection(shape, incoming(one.user), operation({ find: 'orders', filter: { card: '4111' } })),
  );
  times(one.dormant, () => idleConnection(shape, incoming(one.user)));
  if (one.monitoring === 'stream') {
    const wait = { opid: 9, microsecs: 0, topologyVersion: topologyVersion('64b0c2a5f1e2d3c4b5a69788', 6) };
    times(one.clients, () => heartbeat(shape, incoming(null), wait));
  }
  times(one.clients, (n) =>
    n < (one.pinging ?? 0)
      ? activeConnection(shape, incoming(null), operation({ hello: 1 }))
      : idleConnection(shape, incoming(null)),
  );
  return documents;
}

function reported(reading: ClusterReading): ConnectionReport {
  const now = new Date(reading.at);
  return buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now });
}

async function reportOn(options: { version: ServerVersion; population: readonly Somebody[]; login?: boolean }) {
  const { version, population, login = true } = options;
  const node = {
    population: () => fixedPopulation((shape) => population.flatMap((one) => connectionsOf(one, shape))),
    members: ['192.168.248.10', '192.168.248.11'],
    agents: '192.168.248.4',
  };
  const members = (['primary', 'secondary', 'secondary'] as const).map((role) => ({ role, ...node }));
  const set = await standInSet({ version, members }, { login });
  return reported(await read(watch(as(login ? 'watcher' : null, set.uri))));
}

const NODES = 3;
/** Monitor and replication connections of two members, six on the primary, and eight of Atlas's agents. */
const INTERNAL = { primary: 2 * 6 + 8, secondary: 2 * 5 + 8 };

function truth(population: readonly Somebody[]) {
  return Object.fromEntries(
    population.map((one) => {
      const streams = one.monitoring === 'stream';
      return [
        one.address.replace(/[[\]]/g, ''),
        {
          active: one.active * NODES,
          dormant: one.dormant * NODES,
          monitors: one.clients * (streams ? 2 : 1) * NODES,
          clients: streams ? one.clients : null,
        },
      ];
    }),
  );
}

function told({ sources }: ConnectionReport) {
  return Object.fromEntries(
    sources.map(({ id, active, dormant, monitors, clients }) => [id, { active, dormant, monitors, clients }]),
  );
}

test.each(['6.0', '7.0', '8.0'] as const)(
  '%s: pools, heartbeats and RTT sockets are told exactly, users too',
  async (version) => {
    const population = [...STREAMING, POLLING];
    const report = await reportOn({ version, population });
    expect(told(report)).toEqual(truth(population));
    expect(report.sources.map(({ estimated }) => estimated)).toEqual([[], [], [], []]);
    for (const source of report.sources) {
      const { user = '' } = population.find(({ address }) => address.includes(source.id)) ?? {};
      const { active, dormant, monitors } = source;
      expect(source.users).toContainEqual({ name: `${user}@admin`, active, dormant, monitors: 0 });
      expect(source.users).toContainEqual({ name: null, active: 0, dormant: 0, monitors });
    }
    // Ours: the pooled connection and the monitor of each node.
    expect(report.totals).toMatchObject({ internal: INTERNAL.primary + 2 * INTERNAL.secondary, own: 2 * NODES });
    const rejected = version === '6.0' ? null : 0;
    for (const node of report.nodes)
      expect(node).toMatchObject({ rejected, version: expect.stringMatching(`^${version}`) });
  },
);

test('8.2: the estimate equals the truth where drivers stream, and is marked as one; users of idle connections are unknown', async () => {
  const report = await reportOn({ version: '8.2', population: STREAMING });
  expect(told(report)).toEqual(truth(STREAMING));
  for (const source of report.sources) {
    expect(source.estimated).toEqual(['monitors', 'users']);
    const { active, dormant, monitors } = source;
    expect(source.users).toContainEqual({ name: null, active: 0, dormant, monitors });
    expect(source.users.reduce((sum, row) => sum + row.active, 0)).toBe(active);
  }
  expect(report.totals).toMatchObject({ internal: INTERNAL.primary + 2 * INTERNAL.secondary, own: 2 * NODES });
});

test('8.2: where drivers poll nothing is lost, the doubt is marked, and clients are unknown', async () => {
  const report = await reportOn({ version: '8.2', population: [POLLING] });
  const [source] = report.sources;
  expect(report.sources).toHaveLength(1);
  // Idle sockets of a polling driver look like its pool: they are counted there, and said to be an estimate.
  expect(source).toMatchObject({
    active: POLLING.active * NODES,
    dormant: (POLLING.dormant + POLLING.clients) * NODES,
    monitors: 0,
    clients: null,
    estimated: ['monitors', 'users'],
  });
});

test('without authentication nobody has a user: monitors are an estimate on any version, and right where drivers stream', async () => {
  const population = STREAMING.map((one) => ({ ...one, user: null }));
  const report = await reportOn({ version: '8.0', population, login: false });
  expect(told(report)).toEqual(truth(population));
  for (const { estimated } of report.sources) expect(estimated).toContain('monitors');
});

test.each(['M0', 'FLEX'] as const)(
  '%s refuses $currentOp: totals, a sentence, no sources, and no zeros',
  async (tier) => {
    const node = await standInNode({
      tier,
      limit: 500,
      population: () => fixedPopulation((shape) => connectionsOf(POLLING, shape)),
    });
    const reading = await read(watch(as('watcher', node.uri)));
    const current = node.counts().current;
    expect(reading.nodes).toMatchObject([
      {
        kind: 'totals',
        host: node.host,
        current,
        limit: 500,
        problem: { code: 'shared-tier', text: expect.stringContaining(`${node.host} refuses $currentOp`) },
      },
    ]);
    expect(current).toBeGreaterThan(POLLING.active + POLLING.dormant);
    const report = reported(reading);
    expect(report).toMatchObject({
      complete: false,
      sources: [],
      totals: { connections: current, active: null, dormant: null },
    });
    expect(report.problems.map(({ code }) => code)).toContain('shared-tier');
  },
);
