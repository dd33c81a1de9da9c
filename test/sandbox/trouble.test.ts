// What goes wrong with a node, as the real driver meets it: limits, refusals, slowness, elections.

import { expect, onTestFinished, test } from 'vitest';
import { startReplicaSet } from './nodes/replica-set.ts';
import { client, currentOp, node, refusal, USERS } from './nodes/test-reader.ts';

test('M0 refuses $currentOp and tells three figures', async () => {
  const { uri } = await node({ tier: 'M0', limit: 500 });
  const reader = client(uri);
  expect(await refusal(currentOp(reader))).toMatchObject({
    code: 8000,
    codeName: 'AtlasError',
    errmsg: '$currentOp is not allowed in this atlas tier',
  });
  const { connections } = await reader.db('admin').command({ serverStatus: 1 });
  expect(Object.keys(connections)).toEqual(['current', 'available', 'totalCreated']);
});

test('a full node turns new connections away while open ones go on', async () => {
  const stood = await node();
  const inside = client(stood.uri);
  await inside.db('admin').command({ ping: 1 });
  stood.fill();
  await refusal(client(stood.uri, { serverSelectionTimeoutMS: 300 }).connect());
  const { connections } = await inside.db('admin').command({ serverStatus: 1 });
  expect(connections.available).toBe(0);
  expect(connections.rejected).toBeGreaterThan(0);
});

test('a slow node keeps its reader waiting until the reader gives up; a dropped answer is a network error', async () => {
  const stood = await node();
  const reader = client(stood.uri);
  await reader.connect();
  stood.trouble.slow(Number.POSITIVE_INFINITY, ['serverStatus']);
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const waiting = refusal(reader.db('admin').command({ serverStatus: 1 }, { signal }));
  await expect.poll(() => stood.received().some(({ name }) => name === 'serverStatus')).toBe(true);
  giveUp.abort(new Error('given up'));
  expect(await waiting).toBe(signal.reason);
  stood.trouble.end();
  stood.trouble.drop(['serverStatus']);
  expect(await refusal(reader.db('admin').command({ serverStatus: 1 }))).toMatchObject({
    name: 'MongoNetworkError',
  });
  stood.trouble.end();
  expect(await reader.db('admin').command({ serverStatus: 1 })).toMatchObject({ ok: 1 });
});

test('a node that refuses is unreachable, and back on the same port later', async () => {
  const stood = await node();
  await stood.refuse();
  const error = await refusal(client(stood.uri, { serverSelectionTimeoutMS: 300 }).connect());
  expect(error).toMatchObject({ name: 'MongoServerSelectionError' });
  await stood.listen();
  expect(await client(stood.uri).db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
});

test('a streaming client of a set sees an election, arbiters are named and hidden members are not', async () => {
  const set = await startReplicaSet({
    setName: 'rs0',
    users: USERS,
    members: [{ role: 'primary' }, { role: 'secondary' }, { role: 'arbiter' }, { role: 'hidden' }],
  });
  onTestFinished(set.close);
  const monitor = client(set.uri, { serverMonitoringMode: 'stream', heartbeatFrequencyMS: 600_000 });
  await monitor.connect();
  const hello = await monitor.db('admin').command({ hello: 1 });
  expect(hello).toMatchObject({ primary: set.node(0).host, arbiters: [set.node(2).host], setName: 'rs0' });
  expect(hello['hosts']).toEqual([set.node(0).host, set.node(1).host]);
  const primaryIs = (host: string) =>
    expect.poll(async () => (await monitor.db('admin').command({ hello: 1 }))['me']).toBe(host);
  set.elect(1);
  await primaryIs(set.node(1).host);
  const hidden = client(set.node(3).uri);
  expect(await hidden.db('admin').command({ hello: 1 })).toMatchObject({ hidden: true, secondary: true });
  // A driver does not log in to an arbiter.
  expect(await refusal(client(set.node(2).uri).db('admin').command({ serverStatus: 1 }))).toMatchObject({ code: 13 });
});
