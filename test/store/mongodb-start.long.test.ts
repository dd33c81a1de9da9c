// Opening the store on a real MongoDB: what it needs, what it makes, and what it says where it cannot be used.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { classify } from '../../src/core/connections/classify.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { UpstreamError, UserError } from '../../src/errors.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import type { Retention } from '../../src/store/retention.ts';
import { nodesRead, patience, realSet } from '../cluster/real.ts';
import { freePort } from '../sandbox/free-port.ts';
import { findMongod } from '../sandbox/mongod/binary.ts';
import { password, type ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { until } from '../sandbox/mongod/until.ts';
import { alertOf, DAY, HOUR, headOf, KEEP, messageOf, readingOf, silenceOf, T0 } from './sample.ts';

let set: ReplicaSet | { reason: string };
let admin: MongoClient;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  set = await realSet({ members: 1 });
  if ('reason' in set) return;
  closers.push(set.close);
  admin = new MongoClient(set.uri('root'));
  closers.push(() => admin.close());
  await admin.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false });
  const roles = [{ role: 'readWrite', db: 'history' }];
  await admin.db('admin').command({ createUser: 'keeper', pwd: password, roles });
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

function uri(user: string, database = ''): string {
  if ('reason' in set) throw new Error(set.reason);
  return set.uri(user).replace('/?', `/${database}?`);
}

async function open(address: string, keep: Retention = KEEP): Promise<Store> {
  const store = await openMongoStore({ uri: address, keep, now: () => new Date(T0) });
  closers.push(store.close);
  return store;
}

/** The problem of a store that cannot be opened; the password is nowhere in the error. */
async function refusal(address: string) {
  const error = await openMongoStore({ uri: address, keep: KEEP, now: () => new Date(T0) }).then(
    (store) => store.close(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) throw new Error(`no refusal: ${error}`);
  expect(JSON.stringify([error.problem, error.message, String(error.cause), error.stack])).not.toContain(password);
  return error.problem;
}

async function expiries(database: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const { name } of await admin.db(database).listCollections().toArray())
    for (const index of await admin.db(database).collection(name).indexes())
      if (typeof index.expireAfterSeconds === 'number') found[name] = index.expireAfterSeconds;
  return found;
}

test('a user with readWrite on the one database can do all that the store does', async () => {
  const store = await open(uri('keeper', 'history'));
  const alert = alertOf();
  const reading = readingOf({ slot: T0, holding: { a: [1, 2] } });
  const parts = { head: headOf(1), alerts: [alert], silences: [silenceOf()], deliveries: [messageOf(alert.id)] };
  expect(await store.write({ ...reading, ...parts })).toBe(true);
  expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'one' })).toBe(true);
  await store.saveCheckpoint('prod', { at: T0, head: '{}', sources: [{ id: 'a', json: '1' }], nodes: [] });
  const [taken] = await store.take({ instance: 'one', now: T0, leaseMs: HOUR, limit: 1, refreshes: 9 });
  if (taken === undefined) throw new Error('nothing was taken');
  await store.sent(taken, { channel: 'C1', ts: '1.1' });
  await store.tidy(T0 + 2 * DAY);
  expect(await store.checkpoint('prod')).toMatchObject({ at: T0 });
  const [bucket] = await store.series({
    cluster: 'prod',
    source: 'a',
    node: null,
    from: T0,
    to: T0 + HOUR,
    buckets: 1,
  });
  expect(bucket?.readings).toBe(1);
  // A change of the settings changes the indexes.
  await open(uri('keeper', 'history'), { readings: DAY, hours: 2 * DAY });
  expect(await expiries('history')).toMatchObject({ snapshots: 86_400, readings: 86_400, hours: 172_800 });
});

test('the terminal reads with the role read, whatever it is set to keep, and changes nothing', async () => {
  const store = await open(uri('app', 'read_beside'));
  await store.write(readingOf({ slot: T0, holding: { a: [1, 2] } }, { head: headOf(1) }));
  const before = await expiries('read_beside');
  const roles = [{ role: 'read', db: 'read_beside' }];
  await admin.db('admin').command({ createUser: 'reader', pwd: password, roles });
  const reader = await openMongoStore({
    uri: uri('reader', 'read_beside'),
    keep: { readings: DAY, hours: 2 * DAY },
    now: () => new Date(T0),
    readOnly: true,
  });
  closers.push(reader.close);
  expect(await reader.clusters()).toEqual(['prod']);
  expect((await reader.sources('prod')).map(({ id }) => id)).toEqual(['a']);
  expect(await expiries('read_beside')).toEqual(before);
});

test('where nobody has written yet the terminal says so, and makes nothing; where it may not read, which role is missing', async () => {
  const reading = (address: string) =>
    openMongoStore({ uri: address, keep: KEEP, now: () => new Date(T0), readOnly: true });
  await expect(reading(uri('app', 'nothing_yet'))).rejects.toThrow(UserError);
  expect(await admin.db('nothing_yet').listCollections().toArray()).toEqual([]);
  const missing = { problem: { code: 'store-missing-privilege', remedy: expect.stringContaining("role: 'read',") } };
  await expect(reading(uri('nobody', 'history'))).rejects.toMatchObject(missing);
});

test('the last claim of a cluster outlives an index of an earlier version that let claims expire', async () => {
  await open(uri('app', 'earlier'));
  const claims = admin.db('earlier').collection('claims');
  await claims.dropIndex('slot_1');
  await claims.createIndex({ slot: 1 }, { expireAfterSeconds: 60 });
  expect(await expiries('earlier')).toHaveProperty('claims');
  await open(uri('app', 'earlier'));
  expect(await expiries('earlier')).not.toHaveProperty('claims');
});

test('without a name in the connection string the database is `analysis`, and it says where it lives without secrets', async () => {
  const store = await open(uri('app'));
  expect(store.about.kind).toBe('mongodb');
  expect(store.about.where).toMatch(/^analysis on 127\.0\.0\.1:\d+$/);
  expect((await expiries('analysis'))['snapshots']).toBe((35 * DAY) / 1_000);
});

test('many replicas that start at once on an empty database all open, and each index is there once', async () => {
  const stores = await Promise.all(Array.from({ length: 6 }, () => open(uri('app', 'together'))));
  const won = await Promise.all(stores.map((store, n) => store.claim({ cluster: 'prod', slot: T0, instance: `${n}` })));
  expect(won.filter(Boolean)).toHaveLength(1);
  const kept = await expiries('together');
  expect(Object.keys(kept).toSorted()).toEqual(
    [
      'alerts',
      'changes',
      'hours',
      'nodes',
      'pools',
      'readings',
      'shown',
      'silences',
      'snapshots',
      'sources',
    ].toSorted(),
  );
});

test('its connections are known as ours in a reading of the cluster it lives in', async () => {
  await open(uri('app', 'watched'));
  const cluster = openCluster({ name: 'prod', uri: uri('watcher'), now: () => new Date() });
  closers.push(cluster.close);
  const nodes = nodesRead(await cluster.read({ signal: patience() }));
  const stores = nodes.flatMap((node) => classify(node)).filter(({ group }) => group.app === 'atlas-conns store');
  expect(stores.length).toBeGreaterThan(0);
  expect(new Set(stores.map(({ kind }) => kind))).toEqual(new Set(['own']));
});

test('a wrong password is named as such', async () => {
  const problem = await refusal(uri('keeper', 'history').replace(password, 'wrong'));
  expect(problem.code).toBe('store-authentication-failed');
  expect(problem.text).toContain('the user keeper');
});

test('a missing privilege is named with role, database and the command that grants it', async () => {
  const problem = await refusal(uri('nobody', 'history'));
  expect(problem.code).toBe('store-missing-privilege');
  expect(problem.text).toContain('readWrite on the database history is missing');
  expect(problem.remedy).toContain(
    `db.getSiblingDB('admin').grantRolesToUser('nobody', [{ role: 'readWrite', db: 'history' }])`,
  );
  expect((await refusal(uri('keeper', 'other'))).code).toBe('store-missing-privilege');
});

test('a user that is needed and not named is asked for', async () => {
  const anonymous = uri('nobody', 'history')
    .replace(/\/\/.*@/, '//')
    .replace(/\?.*/, '');
  expect((await refusal(anonymous)).code).toBe('store-authentication-required');
});

test('a database with a newer schema is refused, and left as it is', async () => {
  const schema = admin.db('newer').collection<{ _id: string; version: number }>('schema');
  await schema.insertOne({ _id: 'atlas-conns', version: 7 });
  const problem = await refusal(uri('app', 'newer'));
  expect(problem.code).toBe('store-newer');
  expect(problem.text).toContain('schema 7');
  expect(await admin.db('newer').listCollections().toArray()).toHaveLength(1);
});

test('a database with somebody else’s collection of the same name is refused, and left as it is', async () => {
  await admin
    .db('shop')
    .collection('alerts')
    .insertOne({ ended: new Date(0) });
  const problem = await refusal(uri('app', 'shop'));
  expect(problem.code).toBe('store-foreign');
  expect(problem.text).toContain('alerts');
  expect(await admin.db('shop').listCollections().toArray()).toHaveLength(1);
});

test('a server that nobody can reach is named, within the time of a call', async () => {
  const problem = await refusal(`mongodb://keeper:${password}@127.0.0.1:${await freePort()}/history`);
  expect(problem.code).toBe('store-unreachable');
  expect(problem.text).toContain('ECONNREFUSED');
});

test('a name that does not resolve is named, of a host and of a mongodb+srv:// address', async () => {
  for (const scheme of ['mongodb', 'mongodb+srv']) {
    const problem = await refusal(`${scheme}://keeper:${password}@nothing.invalid/history`);
    expect(problem.code).toBe('store-dns');
    expect(problem.text).toContain('nothing.invalid');
  }
});

test('a connection string that is not understood is no crash, and is not repeated', async () => {
  const address = `mongodb://keeper:${password}@127.0.0.1/history?replicaSet=a&directConnection=perhaps`;
  const opening = openMongoStore({ uri: address, keep: KEEP, now: () => new Date(T0) });
  await expect(opening).rejects.toThrow('ANALYSIS_URI');
  await expect(opening).rejects.not.toThrow(password);
});

test('a single mongod is refused, and told that a replica set is needed', async () => {
  const mongod = await findMongod();
  if ('reason' in mongod) throw new Error(mongod.reason);
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-single-'));
  const port = await freePort();
  const log = join(directory, 'log');
  const argv = ['--port', `${port}`, '--dbpath', directory, '--bind_ip', '127.0.0.1', '--logpath', log];
  const child = spawn(mongod.path, argv, { stdio: 'ignore' });
  closers.push(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await rm(directory, { recursive: true, force: true });
  });
  await until('it listens', async () =>
    (await readFile(log, 'utf8').catch(() => '')).includes('Waiting for connections'),
  );
  const problem = await refusal(`mongodb://127.0.0.1:${port}/history`);
  expect(problem.code).toBe('store-standalone');
  expect(problem.text).toContain('need a replica set');
});
