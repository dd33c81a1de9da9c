// Reading a real replica set while it breaks: what fails is named, and what stands is told.

import { createServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { until } from '../sandbox/mongod/until.ts';
import { nodesRead, now, patience, somebody, useRealSet } from './real.ts';

const { real, closers } = useRealSet({ members: 2, arbiter: true });

function watch(uri: string, deadlineMs = 10_000) {
  const cluster = openCluster({ name: 'prod', uri, now, deadlineMs });
  closers.push(cluster.close);
  return cluster;
}

/** A node that takes connections and never says a word. */
async function silentNode(): Promise<{ host: string; taken: Promise<Socket> }> {
  const sockets: Socket[] = [];
  const server: Server = createServer();
  const taken = new Promise<Socket>((resolve) => {
    server.on('connection', (socket) => {
      sockets.push(socket);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { host: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, taken };
}

test('an arbiter is left out and named as such', async () => {
  const [one, two, arbiter] = real().hosts;
  const reading = await watch(real().uri('watcher')).read({ signal: patience() });
  expect(reading.leftOut).toEqual([{ host: arbiter, reason: expect.stringContaining('arbiter') }]);
  expect(
    nodesRead(reading)
      .map(({ host }) => host)
      .sort(),
  ).toEqual([one, two].sort());
});

test('a node that never answers is a timeout within its deadline', async () => {
  const { host } = await silentNode();
  const reading = await watch(`mongodb://${host}/?directConnection=true`, 300).read({ signal: patience() });
  expect(reading.nodes).toMatchObject([{ kind: 'unread', host, problem: { code: 'timeout' } }]);
});

test('an abort ends a reading that waits for a silent node, and its connections can be closed', async () => {
  const { host, taken } = await silentNode();
  const cluster = watch(`mongodb://${host}/?directConnection=true`, 100_000);
  const owner = new AbortController();
  const reading = cluster.read({ signal: owner.signal });
  const socket = await taken;
  const gone = new Promise((resolve) => socket.once('close', resolve));
  owner.abort(new Error('Ctrl-C'));
  await expect(reading).rejects.toThrow('Ctrl-C');
  await cluster.close();
  await gone;
});

test('a node that closes each connection at once looks like one at its limit', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const reading = await watch(`mongodb://${host}/?directConnection=true`).read({ signal: patience() });
  expect(reading.nodes).toMatchObject([{ kind: 'unread', host, problem: { code: 'connection-limit' } }]);
});

test('TLS to a node without it, and a name that does not resolve, are different problems', async () => {
  const [host = ''] = real().hosts;
  const plain = await watch(`mongodb://${host}/?directConnection=true&tls=true`).read({ signal: patience() });
  expect(plain.nodes).toMatchObject([{ kind: 'unread', host, problem: { text: expect.stringContaining(host) } }]);
  const nameless = await watch('mongodb://node.invalid:27017/?directConnection=true').read({ signal: patience() });
  expect(nameless.nodes).toMatchObject([{ kind: 'unread', problem: { code: 'dns' } }]);
  const srv = await watch('mongodb+srv://cluster.invalid.example/').read({ signal: patience() });
  expect(srv).toMatchObject({ nodes: [], problems: [{ code: 'dns' }] });
});

test('after an election the same connections tell the new primary; a node that dies is refused, the other stands', async () => {
  const [first = '', second = ''] = real().hosts;
  const cluster = watch(real().uri('watcher'));
  const roles = async () => {
    const { nodes } = await cluster.read({ signal: patience() });
    return Object.fromEntries(nodes.map((node) => [node.host, node.kind === 'read' ? node.role : node.kind]));
  };
  expect(await roles()).toEqual({ [first]: 'primary', [second]: 'secondary' });
  const root = await somebody(real().uri('root', first), { directConnection: true });
  closers.push(() => root.close());
  await root.db('admin').command({ replSetStepDown: 600, secondaryCatchUpPeriodSecs: 300 });
  await until('the other is primary', async () => {
    const now = await roles();
    return now[second] === 'primary' && now[first] === 'secondary';
  });
  await real().kill(first);
  const reading = await cluster.read({ signal: patience() });
  expect(nodesRead(reading).map(({ host }) => host)).toEqual([second]);
  const dead = reading.nodes.find(({ host }) => host === first);
  expect(dead).toMatchObject({ kind: 'unread', problem: { text: expect.stringContaining(first) } });
  // With the dead node as its only seed nothing else can be told; with both, the one that lives tells of both.
  const later = await watch(real().uri('watcher')).read({ signal: patience() });
  expect(later.nodes).toHaveLength(2);
  expect(later.nodes.find(({ host }) => host === first)).toMatchObject({
    kind: 'unread',
    problem: { code: 'refused' },
  });
  // When nobody is left, every node that was known is unread: none has vanished.
  await real().kill(second);
  const last = await cluster.read({ signal: patience() });
  expect(last.nodes.map(({ host, kind }) => [host, kind]).sort()).toEqual(
    [
      [first, 'unread'],
      [second, 'unread'],
    ].sort(),
  );
});
