// Reading stand-in nodes that are full, slow, cut off, refuse, or are not what the connection string says.

import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MongoNetworkError } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { nodeProblem } from '../../src/cluster/problems.ts';
import { SELF_SIGNED } from '../sandbox/atlas/certificate.ts';
import { as, onlyProblem, outcomes, PASSWORD, patience, read, standInNode, standInSet, watch } from './stand-in.ts';

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const direct = (host: string) => `mongodb://${host}/?directConnection=true`;

test('a full node still answers on the kept connection, and refuses a new reader with a reason', async () => {
  const node = await standInNode();
  const kept = watch(as('watcher', node.uri));
  expect(outcomes(await read(kept))).toEqual({ [node.host]: 'standalone' });
  node.fill();
  const full = await read(kept);
  expect(full.nodes).toMatchObject([{ kind: 'read', available: 0 }]);
  const { code, text, remedy } = onlyProblem(await read(watch(as('watcher', node.uri))));
  expect(code).toBe('connection-limit');
  expect(text).toBe(
    `${node.host} accepted the connection and closed it at once, as a node at its connection limit does.`,
  );
  expect(remedy).toContain('Check its connections in Atlas');
});

test.each([
  ['hello', 'never answered'],
  ['aggregate', 'never answered'],
  ['aggregate', 'cut off in its answer'],
  ['serverStatus', 'cut off in its answer'],
] as const)(
  'a node whose %s is %s is named with its problem, the others are read, and it is read again later',
  async (command, what) => {
    const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }, { role: 'secondary' }] });
    const sick = set.node(1);
    const cluster = watch(as('watcher', set.uri), { deadlineMs: 3_000 });
    await read(cluster);
    if (what === 'never answered') sick.trouble.slow(Number.POSITIVE_INFINITY, [command]);
    else sick.trouble.drop([command]);
    const expected = {
      [set.node(0).host]: 'primary',
      [sick.host]: what === 'never answered' ? 'timeout' : 'connection-lost',
      [set.node(2).host]: 'secondary',
    };
    // On a busy machine the others may need more than one deadline, too.
    await expect.poll(async () => outcomes(await read(cluster))).toEqual(expected);
    sick.trouble.end();
    // What it was asked before it was well again may still be unanswered: that is one reading more at most.
    await expect.poll(async () => outcomes(await read(cluster))[sick.host]).toBe('secondary');
  },
);

test('a wrong password is reported for every node, with the user and without the password', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const wrong = 'wr0ng-s3cret';
  const reading = await read(watch(as('watcher', set.uri, wrong)));
  expect(Object.values(outcomes(reading))).toEqual(['authentication-failed', 'authentication-failed']);
  for (const node of reading.nodes) {
    expect(node).toMatchObject({
      problem: {
        text: `${node.host} rejects the user watcher: unknown user or wrong password.`,
        remedy: expect.stringContaining('MONGODB_PASSWORD'),
      },
    });
  }
  expect(JSON.stringify(reading)).not.toContain(wrong);
});

test('a missing privilege is answered by the exact command that grants it, whatever the user is called', async () => {
  const node = await standInNode();
  const reading = await read(watch(as("o'brien", node.uri)));
  const { code, text, remedy } = onlyProblem(reading);
  expect({ code, text }).toEqual({
    code: 'missing-privilege',
    text: `The user o'brien may not list the connections of ${node.host}: the role clusterMonitor is missing.`,
  });
  expect(remedy).toContain(
    `db.getSiblingDB('admin').grantRolesToUser('o\\'brien', [{ role: 'clusterMonitor', db: 'admin' }])`,
  );
  expect(JSON.stringify(reading)).not.toContain(PASSWORD);
});

test('a connection string without a user: the problem says that the node requires one', async () => {
  const node = await standInNode();
  expect(onlyProblem(await read(watch(node.uri)))).toMatchObject({
    code: 'authentication-required',
    remedy: expect.stringContaining('clusterMonitor'),
  });
});

test('TLS to a node that closes at the first bytes of it: no TLS there, or at its limit, and never a bare limit', async () => {
  const host = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
  const { code, text, remedy } = onlyProblem(await read(watch(`${direct(host)}&tls=true`)));
  expect({ code, text }).toEqual({
    code: 'closed-before-tls',
    text: `${host} accepted the connection and closed it before TLS was agreed: it does not use TLS, or is at its connection limit.`,
  });
  expect(remedy).toContain('tls=false');
});

test('a connection that ends in the handshake is never a bare limit where TLS is used', () => {
  const error = new MongoNetworkError('connection 1 to 127.0.0.1:27017 closed');
  error.addErrorLabel('HandshakeError');
  const failed = { host: '127.0.0.1:27017', user: null };
  expect(nodeProblem(error, failed).code).toBe('connection-limit');
  expect(nodeProblem(error, { ...failed, usesTls: true }).code).toBe('closed-before-tls');
});

test('without TLS to a node that requires it, the remedy says how to turn it on', async () => {
  const server = createTlsServer(SELF_SIGNED, (socket) => socket.destroy());
  const host = await listening(server);
  expect(onlyProblem(await read(watch(direct(host))))).toMatchObject({
    text: expect.stringContaining(host),
    remedy: expect.stringContaining('tls=true'),
  });
});

test('an untrusted certificate is a TLS problem with its reason', async () => {
  const host = await listening(createTlsServer(SELF_SIGNED));
  expect(onlyProblem(await read(watch(`${direct(host)}&tls=true`)))).toMatchObject({
    code: 'tls',
    text: `No secure connection to ${host} could be made (DEPTH_ZERO_SELF_SIGNED_CERT).`,
  });
});

test('names that do not resolve are named: of a node, and of a cluster', async () => {
  const node = await read(watch(as('watcher', direct('node.invalid:27017'))));
  expect(onlyProblem(node)).toMatchObject({ code: 'dns', text: expect.stringContaining('node.invalid') });
  const cluster = await read(watch(as('watcher', 'mongodb+srv://cluster.example.invalid/')));
  expect(cluster).toMatchObject({
    nodes: [],
    problems: [{ code: 'dns', text: expect.stringMatching(/^cluster\.example\.invalid does not resolve/) }],
  });
  expect(JSON.stringify([node, cluster])).not.toContain(PASSWORD);
});

test('a name server that refuses is not mistaken for a node that does', async () => {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers(['127.0.0.1:1']);
  const error: unknown = await resolver
    .resolveSrv('_mongodb._tcp.cluster.example.net')
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ syscall: 'querySrv' });
  expect(nodeProblem(error, { host: 'cluster.example.net', user: null })).toMatchObject({ code: 'dns' });
});

test('a refused connection is reported for its node, and with all nodes refused each is listed', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const [one, other] = [set.node(0), set.node(1)];
  await one.refuse();
  expect(outcomes(await read(watch(as('watcher', set.uri))))).toMatchObject({ [one.host]: 'refused' });
  await other.refuse();
  const reading = await read(watch(as('watcher', set.uri)));
  expect(outcomes(reading)).toEqual({ [one.host]: 'refused', [other.host]: 'refused' });
  expect(reading.nodes[0]).toMatchObject({ problem: { text: expect.stringContaining(one.host) } });
});

test('an aborted reading of a hung node rejects with the reason, and closing leaves nothing open', async () => {
  const node = await standInNode();
  const cluster = watch(as('watcher', node.uri));
  await cluster.read({ signal: patience() });
  node.trouble.slow(Number.POSITIVE_INFINITY, ['aggregate']);
  const owner = new AbortController();
  const asked = node.received().length;
  const reading = cluster.read({ signal: owner.signal });
  const refused = expect(reading).rejects.toThrow('Ctrl-C');
  await expect
    .poll(() =>
      node
        .received()
        .slice(asked)
        .some(({ name }) => name === 'aggregate'),
    )
    .toBe(true);
  owner.abort(new Error('Ctrl-C'));
  await refused;
  await cluster.close();
  await expect.poll(() => node.open()).toBe(0);
});
