// When a run begins, how large it is, and every way in which it ends: against one real mongod with few connections.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { LOAD_APP } from '../../src/core/load/patterns.ts';
import { UpstreamError, UserError } from '../../src/errors.ts';
import { countOf, nodeOf, now, patience, useRealSet } from '../cluster/real.ts';
import { password } from '../sandbox/mongod/replica-set.ts';
import { until } from '../sandbox/mongod/until.ts';
import { play } from './play.ts';

const LIMIT = 150;
const { real } = useRealSet({ members: 1, maxConns: LIMIT });

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const host = () => real().hosts[0] ?? '';
const uri = () => real().uri('watcher');

/** Connections of the crowd, by the server. */
async function crowdOn(): Promise<number> {
  const cluster = openCluster({ name: 'prod', uri: uri(), now });
  try {
    return countOf(nodeOf(await cluster.read({ signal: patience() }), host()), { app: LOAD_APP });
  } finally {
    await cluster.close();
  }
}

async function admin<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`${real().uri('root')}&directConnection=true`, { maxPoolSize: 1 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function currentOn(): Promise<number> {
  const status = await admin((client) => client.db('admin').command({ serverStatus: 1 }));
  return status['connections'].current;
}

/** So many connections of others, until the test ends. */
async function openOthers(many: number): Promise<void> {
  const [, port = ''] = host().split(':');
  const before = await currentOn();
  const sockets: Socket[] = [];
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await until('the others are gone', async () => (await currentOn()) <= Math.max(before, LIMIT / 4));
  });
  for (let missing = many; missing > 0; missing--) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
  }
}

/** Others that hold all connections up to so many, until the test ends. */
async function holdOthers(wanted: number): Promise<void> {
  await openOthers(wanted - (await currentOn()));
  await until('the others are there', async () => (await currentOn()) >= wanted);
}

test('at most half of what is available is taken, and said', async () => {
  const run = play({ uri: uri(), pattern: 'leak', clients: 400 });
  const { plan, nodes, remarks } = await run.begun();
  const [before] = nodes;
  const half = Math.floor((before?.available ?? 0) / 2);
  expect(half).toBeGreaterThan(40);
  expect(plan.clients).toBe(Math.floor(half / 3));
  expect(remarks.join()).toContain(`${plan.clients} clients in place of 400`);
  await until('all clients are there', async () => (await crowdOn()) === 3 * plan.clients);
  const { end, nodes: after } = await run.stop();
  expect([end, after[0]?.remaining]).toEqual(['stopped', 0]);
  expect(await crowdOn()).toBe(0);
});

test('a run stops by itself when its time is over, and every count falls back', async () => {
  const run = play({ uri: uri(), pattern: 'idle', clients: 1, connections: 5, lasts: 3_000 });
  const { end, problem, lasted, nodes } = await run.ended();
  expect([end, problem]).toEqual(['time', null]);
  expect(lasted).toBeGreaterThanOrEqual(3_000);
  expect(nodes.map(({ remaining }) => remaining)).toEqual([0]);
  const kinds = run.events.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== 'progress')).toEqual(['begin', 'closing', 'end']);
  expect(await crowdOn()).toBe(0);
});

test('new connections never come faster than the ramp', async () => {
  const run = play({ uri: uri(), pattern: 'idle', clients: 2, connections: 20, perSecond: 8 });
  await until('the pools are full', async () => (await crowdOn()) >= 40);
  const { nodes } = await run.stop();
  const created = nodes[0]?.before.totalCreated ?? 0;
  const steps = run.events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
  expect(steps.length).toBeGreaterThan(0);
  // The looks of this test open a few themselves, and each kind of them is counted by the server as well.
  for (const { at, pooled, nodes: seen } of steps) {
    expect(pooled).toBeLessThanOrEqual((8 * at) / 1_000 + 3);
    expect(seen[0]?.totalCreated).toBeGreaterThanOrEqual(created);
  }
});

test('a slow ramp lets the second client wait', async () => {
  const run = play({ uri: uri(), pattern: 'leak', clients: 5, perSecond: 1 / 60 });
  await until('three looks', async () => run.events.filter(({ kind }) => kind === 'progress').length >= 3);
  const { nodes } = await run.stop();
  expect(run.events.flatMap((event) => (event.kind === 'progress' ? [event.clients] : []))).toEqual([1, 1, 1]);
  expect(nodes[0]?.remaining).toBe(0);
});

test('with less than 20 % of the limit left, a run ends', async () => {
  await holdOthers(Math.round(LIMIT * 0.6));
  const run = play({ uri: uri(), pattern: 'idle', clients: 1, connections: 10 });
  await run.begun();
  // Others come while it lasts: by itself, a run never goes so far.
  await openOthers(Math.round(LIMIT * 0.22));
  const { end, problem, nodes } = await run.ended();
  expect(end).toBe('full');
  expect(problem?.text).toContain(`${host()} has only`);
  expect(problem?.text).toContain('so the run ended');
  expect(nodes[0]?.peak.available).toBeGreaterThan(0);
  expect(await crowdOn()).toBe(0);
});

test('with less than 20 % left at the start, a run does not begin', async () => {
  await holdOthers(Math.round(LIMIT * 0.82));
  const refused = await play({ uri: uri(), pattern: 'idle' })
    .ended()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UserError);
  expect(String(refused)).toContain('so load opens none');
  expect(await crowdOn()).toBe(0);
});

test('the first connection that is refused ends a run', async () => {
  let left = 12;
  const [, port = ''] = host().split(':');
  const pairs = new Set<Socket>();
  const gate = createServer((socket) => {
    pairs.add(socket.on('error', () => undefined));
    // As a node at its limit does: it accepts, and closes at once.
    if (left-- <= 0) return void socket.destroy();
    const through = connect(Number(port), '127.0.0.1');
    pairs.add(through.on('error', () => socket.destroy()));
    socket.pipe(through).pipe(socket);
    socket.on('close', () => through.destroy());
    through.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  ends.push(() => {
    for (const socket of pairs) socket.destroy();
    return new Promise((resolve) => gate.close(resolve));
  });
  const through = `127.0.0.1:${(gate.address() as AddressInfo).port}`;
  const run = play({ uri: `${real().uri('watcher', through)}&directConnection=true`, pattern: 'idle', clients: 1 });
  const { end, problem } = await run.ended();
  expect(end).toBe('refused');
  expect(problem?.code).toBe('connection-limit');
  expect(problem?.text).toMatch(/^A connection failed, so the run ended: 127\.0\.0\.1:\d+ accepted the connection/);
  expect(run.events.filter(({ kind }) => kind === 'closing')).toHaveLength(1);
  await until('the crowd is gone', async () => (await crowdOn()) === 0);
});

test('more files than this process may open are refused before the first client', async () => {
  const run = play({ uri: uri(), pattern: 'leak', clients: 10, openFiles: 100 });
  await expect(run.ended()).rejects.toThrow('this process may open 100');
});

test.each([
  ['a wrong password', () => uri().replace(password, 'wrong'), /unknown user or wrong password/],
  ['a user without clusterMonitor', () => real().uri('nobody'), /role clusterMonitor is missing/],
  ['no user', () => `mongodb://${host()}`, /requires authentication/],
  ['nothing that listens', () => 'mongodb://127.0.0.1:1', /nothing listens/],
])('%s is told, and nothing is opened', async (_, given, words) => {
  const refused = await play({ uri: given(), pattern: 'idle' })
    .ended()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UpstreamError);
  expect(String(refused)).toMatch(words);
  expect(String(refused)).not.toContain(password);
});

test('another replica set than the one of the string is told at once', async () => {
  const run = play({ uri: `${uri()}&replicaSet=other`, pattern: 'idle' });
  await expect(run.ended()).rejects.toThrow(`has replicaSet=other, and ${host()} is in the replica set rs0`);
});

test('a proxy is refused, because it hides where a connection goes', async () => {
  const run = play({ uri: 'mongodb://127.0.0.1/?proxyHost=127.0.0.1', pattern: 'idle' });
  await expect(run.ended()).rejects.toThrow('does not go through a proxy');
});

const unknown = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }));

test('a name is used only at the addresses that were checked', async () => {
  const [, port = ''] = host().split(':');
  const names = { addresses: async () => ['127.0.0.1'], srv: unknown, txt: unknown };
  const there = `${real().uri('watcher', `db.private.invalid:${port}`)}&directConnection=true`;
  const run = play({ uri: there, pattern: 'functions', clients: 2, resolver: names });
  // The system does not know the name: the sockets have the address of the check.
  await until('both clients are there', async () => (await crowdOn()) === 10);
  expect((await run.stop()).end).toBe('stopped');
  const public_ = { ...names, addresses: async () => ['127.0.0.1', '203.0.113.9'] };
  const refused = play({ uri: there, pattern: 'leak', resolver: public_ });
  await expect(refused.ended()).rejects.toThrow('public address 203.0.113.9');
});

test('an SRV name is resolved once, checked, and played', async () => {
  const [, port = ''] = host().split(':');
  const names = {
    addresses: async (name: string) => (name === 'n0.set.invalid' ? ['127.0.0.1'] : unknown()),
    srv: async (name: string) =>
      name === '_mongodb._tcp.c0.set.invalid' ? [{ name: 'n0.set.invalid', port: Number(port) }] : unknown(),
    txt: async () => ['authSource=admin&replicaSet=rs0'],
  };
  const string = `mongodb+srv://watcher:${password}@c0.set.invalid/?tls=false`;
  const run = play({ uri: string, pattern: 'functions', clients: 2, resolver: names });
  await until('both clients are there', async () => (await crowdOn()) === 10);
  expect((await run.stop()).end).toBe('stopped');
  const elsewhere = { ...names, srv: async () => [{ name: 'n0.other.invalid', port: 1 }] };
  await expect(play({ uri: string, pattern: 'leak', resolver: elsewhere }).ended()).rejects.toThrow(
    'DNS lists n0.other.invalid:1',
  );
  const nothing = { ...names, srv: unknown };
  await expect(play({ uri: string, pattern: 'leak', resolver: nothing }).ended()).rejects.toThrow(
    'c0.set.invalid does not resolve',
  );
});

test('nothing is asked about a cluster of Atlas that the user does not own', async () => {
  let asked = 0;
  const count = () => {
    asked += 1;
    return unknown();
  };
  const resolver = { addresses: count, srv: count, txt: count };
  const run = play({ uri: 'mongodb+srv://cluster0.ab1cd.mongodb.net', pattern: 'idle', resolver });
  await expect(run.ended()).rejects.toThrow('is a node of an Atlas cluster');
  expect(asked).toBe(0);
});
