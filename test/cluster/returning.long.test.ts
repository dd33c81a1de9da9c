// Nodes that were not there when they were first asked: they are read as soon as they are there.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openNode } from '../../src/cluster/node.ts';
import type { OpenCluster } from '../../src/core/ports/clusters.ts';
import { as, outcomes, patience, read, standInNode, standInSet, watch } from './stand-in.ts';

/** The driver tries the first connection for so long, and then gives the client up. */
const DEADLINE_MS = 700;

/** Reads until the driver has long given up; what nobody listens for is then refused, on a busy machine not at once. */
async function tired(cluster: OpenCluster, expected: Readonly<Record<string, string>>): Promise<void> {
  const until = performance.now() + 3 * DEADLINE_MS;
  while (performance.now() < until) await read(cluster);
  await expect.poll(async () => outcomes(await read(cluster))).toMatchObject(expected);
}

test('a node that was down when it was first asked, for however long, is read as soon as it is up', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const late = set.node(1);
  await late.refuse();
  const cluster = watch(as('watcher', set.uri), { deadlineMs: DEADLINE_MS });
  await tired(cluster, { [late.host]: 'refused' });
  await late.listen();
  // A machine under load may need more than one deadline for it.
  const all = { [set.node(0).host]: 'primary', [late.host]: 'secondary' };
  await expect.poll(async () => outcomes(await read(cluster))).toEqual(all);
  await late.refuse();
  expect(outcomes(await read(cluster))).not.toMatchObject({ [late.host]: 'secondary' });
  await late.listen();
  await expect.poll(async () => outcomes(await read(cluster))).toEqual(all);
});

test('a cluster without any answer at first is read as soon as a node answers', async () => {
  const node = await standInNode();
  await node.refuse();
  const cluster = watch(as('watcher', node.uri), { deadlineMs: DEADLINE_MS });
  await tired(cluster, { [node.host]: 'refused' });
  await node.listen();
  const up = { [node.host]: 'standalone' };
  await expect.poll(async () => outcomes(await read(cluster))).toEqual(up);
});

test('a connection that is closed while it is tried connects to nobody again', async () => {
  let tried = 0;
  const first = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    tried += 1;
    first.resolve();
    socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const uri = `mongodb://${host}/?directConnection=true`;
  const node = openNode({ host, uri, user: null, deadlineMs: 5_000, now: () => new Date(0) });
  const reading = node.read({ threads: false, signal: patience(), onHello: () => undefined });
  await first.promise;
  await node.close();
  expect(await reading).toMatchObject({ kind: 'unread', host });
  const before = tried;
  await new Promise(setImmediate);
  expect(tried).toBe(before);
});
