// The stand-in nodes speak to the real driver: monitoring, logging in, and reading.

import { once } from 'node:events';
import { type Document, MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import { ALL, client, crowd, currentOp, node, refusal } from './nodes/test-reader.ts';

test('a driver logs in, pings and is listed with its own metadata and user, active while it reads', async () => {
  const { uri } = await node();
  const reader = client(uri);
  expect(await reader.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  const listed = (await currentOp(reader)).filter((document) => document['client'] !== undefined);
  const reading = listed.filter((document) => document['active'] === true);
  expect(reading).toHaveLength(1);
  expect(reading[0]).toMatchObject({
    appName: 'atlas-conns',
    clientMetadata: { driver: { name: 'nodejs' } },
    effectiveUsers: [{ user: 'watcher', db: 'admin' }],
    ns: 'admin.$cmd.aggregate',
    command: { aggregate: 1, pipeline: [ALL] },
  });
  const monitors = listed.filter((document) => document['active'] === false);
  expect(monitors).toHaveLength(1);
  expect(monitors[0]).not.toHaveProperty('effectiveUsers');
});

test('a streaming monitor is listed as a hello that waits, beside the pool', async () => {
  const stood = await node();
  const streaming = client(stood.uri, { serverMonitoringMode: 'stream', appName: 'billing' });
  const beats = once(streaming, 'serverHeartbeatSucceeded');
  await streaming.connect();
  await beats;
  const reader = client(stood.uri);
  // The monitor asks its awaitable hello right after its first one; the reader's own round trips come later.
  await expect
    .poll(async () => (await currentOp(reader)).filter((document) => document['command']?.topologyVersion))
    .toEqual([
      expect.objectContaining({
        appName: 'billing',
        active: true,
        ns: 'admin.$cmd',
        command: expect.objectContaining({ hello: 1, maxAwaitTimeMS: 10_000 }),
      }),
    ]);
  expect(stood.counts().exhaustHello).toBe(1);
});

test.each(['watcher', 'nobody'])('a wrong password of %s is code 18', async (username) => {
  const { uri } = await node();
  const error = await refusal(client(uri, { auth: { username, password: 'wrong' } }).connect());
  expect(error).toBeInstanceOf(MongoServerError);
  expect(error).toMatchObject({ code: 18, codeName: 'AuthenticationFailed' });
});

test('a user without clusterMonitor sees its own operations only, and is told what it may not', async () => {
  const { uri } = await node({ population: () => crowd(3) });
  const app = client(uri, { auth: { username: 'app', password: 'other' } });
  const error = await refusal(currentOp(app));
  expect(error).toMatchObject({ code: 13, codeName: 'Unauthorized' });
  expect(String(error)).toContain(
    'not authorized on admin to execute command { aggregate: 1, pipeline: [ { $currentOp: { allUsers: true,',
  );
  expect(await refusal(app.db('admin').command({ serverStatus: 1 }))).toMatchObject({ code: 13 });
  const own = await app
    .db('admin')
    .aggregate([{ $currentOp: {} }])
    .toArray();
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({ effectiveUsers: [{ user: 'app' }], active: true });
});

test('the server groups: addresses of both families survive the cut at the last colon', async () => {
  const { uri } = await node({ population: () => crowd(10) });
  const parts = { $split: ['$client', ':'] };
  const port = { $strLenBytes: { $arrayElemAt: [parts, -1] } };
  const address = { $substrBytes: ['$client', 0, { $subtract: [{ $strLenBytes: '$client' }, { $add: [port, 1] }] }] };
  const groups = await currentOp(client(uri), [
    { $match: { appName: 'billing' } },
    { $group: { _id: address, count: { $sum: 1 } } },
    { $sort: { _id: 1 } },
  ]);
  expect(groups).toEqual([
    { _id: '203.0.113.9', count: 5 },
    { _id: '[2001:db8:40::7]', count: 5 },
  ]);
});

test('results larger than a batch come over several getMore, and a closed cursor is gone', async () => {
  const stood = await node({ population: () => crowd(250) });
  const reader = client(stood.uri);
  expect(await currentOp(reader, [{ $match: { appName: 'billing' } }], 100)).toHaveLength(250);
  expect(stood.received().filter(({ name }) => name === 'getMore')).toHaveLength(2);
  const cursor = reader.db('admin').aggregate([ALL], { batchSize: 5 });
  await cursor.next();
  expect(stood.openCursors()).toBe(1);
  await cursor.close();
  expect(stood.openCursors()).toBe(0);
});

test('idle connections, idle sessions and server threads come only to who asks for them', async () => {
  const { uri } = await node({ population: () => crowd(4) });
  const admin = client(uri).db('admin');
  const read = (options: Document) => admin.aggregate([{ $currentOp: options }]).toArray();
  const quiet = await read({ allUsers: true });
  expect(quiet.every((document) => document['active'] === true)).toBe(true);
  const whole = await read({ allUsers: true, idleConnections: true });
  expect(whole.filter((document) => document['appName'] === 'billing')).toHaveLength(4);
  expect(whole.filter((document) => document['client'] === undefined).length).toBeGreaterThan(20);
  expect(await refusal(read({ everything: true }))).toMatchObject({ code: 9, codeName: 'FailedToParse' });
  expect(await refusal(admin.aggregate([{ $match: {} }]).toArray())).toMatchObject({ code: 115 });
  expect(await refusal(admin.command({ shutdown: 1 }))).toMatchObject({ code: 59, codeName: 'CommandNotFound' });
});

test.each([
  ['6.0', 17, false, false],
  ['7.0', 21, true, false],
  ['8.0', 25, true, false],
  ['8.2', 27, true, true],
] as const)(
  'serverStatus of %s has the counters of that version, and leaves out what it is asked to',
  async (version, wire, rejected, rateLimit) => {
    const stood = await node({ version, population: () => crowd(7), limit: 1500 });
    const admin = client(stood.uri).db('admin');
    const full = await admin.command({ serverStatus: 1 });
    expect(full['connections'].current).toBe(7 + stood.open());
    expect(full['connections'].current + full['connections'].available).toBe(1500);
    expect('rejected' in full['connections']).toBe(rejected);
    expect('establishmentRateLimit' in full['connections']).toBe(rateLimit);
    expect(full).toHaveProperty('wiredTiger');
    const trimmed = await admin.command({ serverStatus: 1, wiredTiger: 0, metrics: 0 });
    expect(trimmed).not.toHaveProperty('wiredTiger');
    expect(trimmed).toHaveProperty('connections');
    expect((await admin.command({ hello: 1 }))['maxWireVersion']).toBe(wire);
  },
);

test('a mongos without localOps names itself as the client, with localOps its own clients', async () => {
  const stood = await node({ role: 'mongos', population: () => crowd(2) });
  const admin = client(stood.uri).db('admin');
  const read = (localOps: boolean) =>
    admin
      .aggregate([
        { $currentOp: { allUsers: true, idleConnections: true, localOps } },
        { $match: { appName: 'billing' } },
      ])
      .toArray();
  expect(await read(true)).toMatchObject([{ client: '203.0.113.9:20000' }, { client: '[2001:db8:40::7]:20001' }]);
  expect(await read(false)).toMatchObject([{ client_s: stood.host }, { client_s: stood.host }]);
  expect(await admin.command({ hello: 1 })).toMatchObject({ msg: 'isdbgrid' });
});
