// Which stand-in nodes are read as a cluster changes: arbiters, hidden members, elections, mongos, growth; and what stays open.

import { expect, onTestFinished, test } from 'vitest';
import type { AtlasProcess } from '../../src/core/ports/clusters.ts';
import { type Node, startNode } from '../sandbox/nodes/node.ts';
import { crowd } from '../sandbox/nodes/test-reader.ts';
import { createAccounts } from '../sandbox/nodes/user.ts';
import { as, outcomes, patience, read, standInNode, standInSet, USERS, watch } from './stand-in.ts';

const process = (host: string, type = 'REPLICA_SECONDARY'): AtlasProcess => ({
  host,
  type,
  replicaSet: 'rs0',
  version: '8.0.29',
});

test('an arbiter is left out and named; a hidden member is read where the processes list it', async () => {
  const set = await standInSet({
    members: [{ role: 'primary' }, { role: 'secondary' }, { role: 'hidden' }, { role: 'arbiter' }],
  });
  const [primary, secondary, hidden, arbiter] = set.nodes.map(({ host }) => host) as [string, string, string, string];
  const uri = as('watcher', set.uri);
  const leftOut = [{ host: arbiter, reason: 'arbiter: it holds no data and serves no clients' }];

  const untold = await read(watch(uri));
  expect(outcomes(untold)).toEqual({ [primary]: 'primary', [secondary]: 'secondary' });
  expect(untold.leftOut).toEqual(leftOut);

  const told = await read(watch(uri, { processes: async () => set.nodes.map(({ host }) => process(host)) }));
  expect(outcomes(told)).toEqual({ [primary]: 'primary', [secondary]: 'secondary', [hidden]: 'secondary' });
  expect(told.leftOut).toEqual(leftOut);
});

test('the processes are asked for again after a minute, and when a clock that was ahead is set back', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }] });
  const clock = { at: Date.now() };
  let asked = 0;
  const processes = async () => {
    asked += 1;
    return set.nodes.map(({ host }) => process(host));
  };
  const cluster = watch(as('watcher', set.uri), { now: () => new Date(clock.at), processes });
  const askedAfter = async (ms: number) => {
    clock.at += ms;
    await read(cluster);
    return asked;
  };
  expect(await askedAfter(0)).toBe(1);
  expect(await askedAfter(59_000)).toBe(1);
  expect(await askedAfter(1_000)).toBe(2);
  expect(await askedAfter(-600_000)).toBe(3);
});

test('every mongos of the seed list is read, by its own clients and not as the client of its shards', async () => {
  const two = [
    await standInNode({ role: 'mongos', population: () => crowd(4) }),
    await standInNode({ role: 'mongos', population: () => crowd(6) }),
  ];
  const hosts = two.map(({ host }) => host);
  const reading = await read(watch(as('watcher', `mongodb://${hosts.join(',')}/`)));
  expect(Object.values(outcomes(reading))).toEqual(['mongos', 'mongos']);
  const billing = reading.nodes.map((node) =>
    node.kind === 'read' ? node.groups.filter(({ app }) => app === 'billing') : [],
  );
  expect(billing.map((groups) => groups.map(({ client, count }) => [client, count]))).toEqual([
    [
      ['203.0.113.9', 2],
      ['[2001:db8:40::7]', 2],
    ],
    [
      ['203.0.113.9', 3],
      ['[2001:db8:40::7]', 3],
    ],
  ]);
  for (const node of two) {
    const asked = node.received().filter(({ name }) => name === 'aggregate');
    expect(asked.map(({ command }) => command['pipeline'][0].$currentOp.localOps)).toEqual([true]);
  }
});

test('an election between two readings changes the roles; the connections stay', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const [one, other] = [set.node(0), set.node(1)];
  const cluster = watch(as('watcher', set.uri));
  expect(outcomes(await read(cluster))).toEqual({ [one.host]: 'primary', [other.host]: 'secondary' });
  set.stepDown();
  expect(outcomes(await read(cluster))).toEqual({ [one.host]: 'secondary', [other.host]: 'secondary' });
  set.elect(1);
  expect(outcomes(await read(cluster))).toEqual({ [one.host]: 'secondary', [other.host]: 'primary' });
  for (const node of set.nodes) expect(connectionsAsking(node)).toHaveLength(1);
});

test('a node that comes back is read again', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const lost = set.node(1);
  const cluster = watch(as('watcher', set.uri));
  expect(outcomes(await read(cluster))[lost.host]).toBe('secondary');
  await lost.refuse();
  const without = await read(cluster);
  expect(outcomes(without)[set.node(0).host]).toBe('primary');
  expect(without.nodes.find(({ host }) => host === lost.host)?.kind).toBe('unread');
  await lost.listen();
  await expect.poll(async () => outcomes(await read(cluster))[lost.host]).toBe('secondary');
});

test('one pooled connection and one monitor a node stay open between readings, and nothing after the end', async () => {
  const set = await standInSet({ members: [{ role: 'primary' }, { role: 'secondary' }] });
  const cluster = watch(as('watcher', set.uri));
  for (let reading = 0; reading < 4; reading += 1) {
    const { nodes } = await read(cluster);
    expect(nodes.map((node) => (node.kind === 'read' ? node.groups.length : 0))).not.toContain(0);
    expect(set.nodes.map((node) => node.open())).toEqual([2, 2]);
  }
  await cluster.headroom({ signal: patience() });
  expect(set.nodes.map((node) => node.open())).toEqual([2, 2]);
  for (const node of set.nodes) {
    expect(new Set(node.received().map(({ connectionId }) => connectionId)).size).toBe(2);
    expect(connectionsAsking(node)).toHaveLength(1);
    expect(node.openCursors()).toBe(0);
  }
  await cluster.close();
  await expect.poll(() => set.nodes.map((node) => node.open())).toEqual([0, 0]);
});

test('members that join are read, and connections to members that left are closed', async () => {
  const accounts = createAccounts(USERS);
  const members: Node[] = [];
  const state = { hosts: [] as readonly string[] };
  const set = () => ({ setName: 'rs0', term: 1, hosts: state.hosts, arbiters: [], primary: state.hosts[0] ?? null });
  for (const role of ['primary', 'secondary', 'secondary'] as const) {
    const node = await startNode({ role, accounts, set });
    onTestFinished(node.close);
    members.push(node);
  }
  const [one, two, three] = members as [Node, Node, Node];
  state.hosts = [one.host, two.host];
  const cluster = watch(as('watcher', `mongodb://${one.host}/?replicaSet=rs0`));
  expect(Object.keys(outcomes(await read(cluster)))).toEqual([one.host, two.host]);

  state.hosts = [one.host, two.host, three.host];
  expect(Object.keys(outcomes(await read(cluster)))).toEqual([one.host, two.host, three.host]);
  expect(members.map((node) => node.open())).toEqual([2, 2, 2]);

  state.hosts = [one.host, three.host];
  const shrunk = await read(cluster);
  expect(outcomes(shrunk)).toEqual({ [one.host]: 'primary', [three.host]: 'secondary' });
  await expect.poll(() => members.map((node) => node.open())).toEqual([2, 0, 2]);
});

/** Which of a node's connections were asked who is connected. */
function connectionsAsking(node: Node): readonly number[] {
  return [
    ...new Set(node.received().flatMap(({ name, connectionId }) => (name === 'aggregate' ? [connectionId] : []))),
  ];
}

test('a kept connection that died between readings costs nothing: the node is read over a new one', async () => {
  const node = await standInNode();
  const cluster = watch(as('watcher', node.uri));
  for (let round = 0; round < 5; round++) {
    expect(outcomes(await read(cluster))).toEqual({ [node.host]: 'standalone' });
    node.disconnect();
  }
});

test('a node that is gone refuses, in whatever state it left the kept connection', async () => {
  const node = await standInNode();
  const cluster = watch(as('watcher', node.uri));
  for (let round = 0; round < 5; round++) {
    expect(outcomes(await read(cluster))).toEqual({ [node.host]: 'standalone' });
    await node.refuse();
    expect(outcomes(await read(cluster))).toEqual({ [node.host]: 'refused' });
    await node.listen();
  }
});
