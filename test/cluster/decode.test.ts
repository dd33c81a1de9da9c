// Recorded documents of a real primary and secondary, and shapes of other versions, as core types.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { decodeDocuments, decodeProbe, idleUsersTold } from '../../src/cluster/current-op.ts';
import { decodeHello, decodeServerStatus } from '../../src/cluster/decode.ts';
import { parseClient } from '../../src/core/net/address.ts';

const fixture = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../fixtures/currentop/${name}.json`, import.meta.url), 'utf8'));

const documents = async (name: string): Promise<unknown[]> => {
  const recorded = await fixture(name);
  if (!Array.isArray(recorded)) throw new Error(`${name} is no array`);
  return recorded;
};

test('every recorded document is counted once: a connection where it has a client, a thread where it has none', async () => {
  for (const name of ['primary', 'secondary']) {
    const all = await documents(name);
    const { groups, threads } = decodeDocuments(all);
    const clients = all.filter((document) => JSON.stringify(document).includes('"client":'));
    const sum = (counts: readonly { readonly count: number }[]) =>
      counts.reduce((total, { count }) => total + count, 0);
    expect(sum(groups)).toBe(clients.length);
    expect(sum(threads)).toBe(all.length - clients.length);
    expect(clients.length).toBeGreaterThan(5);
  }
});

test('the recorded driver holds pooled connections, one of them at work, a heartbeat and an RTT socket', async () => {
  const { groups } = decodeDocuments(await documents('primary'));
  const driver = { name: 'nodejs', version: '7.8.0', platform: 'Node.js v24.21.0, LE' };
  const billing = { client: '127.9.9.9', app: 'billing', driver };
  expect(groups.filter(({ app }) => app === 'billing')).toEqual(
    expect.arrayContaining([
      { ...billing, user: 'app@admin', activity: 'operation', count: 1 },
      { ...billing, user: 'app@admin', activity: 'idle', count: 2 },
      { ...billing, user: null, activity: 'heartbeat', count: 1 },
      { ...billing, user: null, activity: 'idle', count: 1 },
    ]),
  );
});

test('an address loses its port and nothing else', () => {
  const cut = (client: string) => decodeDocuments([{ type: 'op', client, active: false }]).groups[0]?.client;
  expect(cut('203.0.113.9:50123')).toBe('203.0.113.9');
  expect(cut('[2001:db8::1]:50123')).toBe('[2001:db8::1]');
  expect(cut('[fe80::1%eth0]:1')).toBe('[fe80::1%eth0]');
  expect(cut('anonymous unix socket')).toBe('anonymous unix socket');
  expect(cut('anonymous unix socket:27017')).toBe('anonymous unix socket');
  expect(cut('2001:db8::1')).toBe('2001:db8::1');
  expect(cut('203.0.113.9')).toBe('203.0.113.9');
});

test('client_s stands in for client; idle sessions and cursors are no connections', () => {
  const { groups, threads } = decodeDocuments([
    { type: 'op', client_s: '10.0.0.1:1', active: false },
    { type: 'idleSession', client: '10.0.0.2:1' },
    { type: 'idleCursor', client: '10.0.0.3:1' },
    { client: '10.0.0.4:1' },
  ]);
  expect(groups.map(({ client }) => client)).toEqual(['10.0.0.1', '10.0.0.4']);
  expect(threads).toEqual([]);
});

test('a hello that waits is a heartbeat, one that does not is a ping, and of a user it is an operation', () => {
  const activity = (command: object, effectiveUsers?: object[]) =>
    decodeDocuments([{ client: '10.0.0.1:1', active: true, command, effectiveUsers }]).groups[0]?.activity;
  expect(activity({ isMaster: 1, topologyVersion: { counter: 1 }, maxAwaitTimeMS: 10_000 })).toBe('heartbeat');
  expect(activity({ hello: 1 })).toBe('ping');
  expect(activity({ ismaster: true })).toBe('ping');
  expect(activity({ ping: 1 })).toBe('ping');
  expect(activity({ ping: 1 }, [{ user: 'app', db: 'admin' }])).toBe('operation');
  expect(activity({ $truncated: '{ find: …' })).toBe('operation');
});

test('several users of one connection are one text', () => {
  const effectiveUsers = [
    { user: 'a', db: 'admin' },
    { user: 'b', db: 'sales' },
  ];
  expect(decodeDocuments([{ client: '10.0.0.1:1', effectiveUsers }]).groups[0]?.user).toBe('a@admin, b@sales');
});

test('hello tells the role, the members and the arbiters', async () => {
  const primary = await fixture('primary.hello');
  const hello = typeof primary === 'object' && primary !== null && 'hello' in primary ? primary.hello : null;
  expect(decodeHello(hello)).toMatchObject({ role: 'primary', setName: 'rs0', arbiters: [] });
  expect(decodeHello(hello).members).toHaveLength(3);
  expect(decodeHello({ msg: 'isdbgrid', isWritablePrimary: true }).role).toBe('mongos');
  expect(decodeHello({ isWritablePrimary: true }).role).toBe('standalone');
  expect(decodeHello({ setName: 'rs0', secondary: true, passives: ['b:1'] })).toMatchObject({
    role: 'secondary',
    members: ['b:1'],
  });
  expect(decodeHello({ setName: 'rs0' }).role).toBe('other');
});

test('serverStatus: a figure that a version lacks is null, never zero; both kinds of rejections are added up', () => {
  expect(decodeServerStatus({ connections: { current: 5, available: 10 } })).toEqual({
    version: null,
    current: 5,
    available: 10,
    limit: 15,
    totalCreated: null,
    rejected: null,
  });
  const connections = { current: 5, rejected: 2, establishmentRateLimit: { rejected: 3 } };
  expect(decodeServerStatus({ version: '8.2.1', connections })).toMatchObject({ rejected: 5, limit: null });
});

test('users of idle connections are reported up to 8.0, and where authentication is on', () => {
  const own = { client: 'a', app: 'atlas-conns', driver: null, activity: 'operation', count: 1 } as const;
  const known = [{ ...own, user: 'watcher@admin' }];
  expect(idleUsersTold(known, '6.0.5')).toBe(true);
  expect(idleUsersTold(known, '8.0.29')).toBe(true);
  expect(idleUsersTold(known, '8.1.0')).toBe(false);
  expect(idleUsersTold(known, '8.2.0-rc1')).toBe(false);
  expect(idleUsersTold(known, null)).toBe(false);
  expect(idleUsersTold([{ ...own, user: null }], '6.0.5')).toBe(false);
});

test('a value that is not a number is unknown, also a list of one and other objects', () => {
  const hostile: readonly unknown[] = [
    [5],
    [{ toString: 0 }],
    { valueOf: 0, toString: 0 },
    { toString: 'x' },
    '5',
    true,
    null,
  ];
  for (const value of hostile)
    expect(decodeServerStatus({ connections: { current: value, totalCreated: value } })).toMatchObject({
      current: null,
      totalCreated: null,
    });
});

test('a live node and a dump agree on clients without an address or a port', () => {
  const clients = ['', ':27017', '(NONE)', '0.0.0.0:0', 'app.internal:5000', '[2001:db8::1]:5'];
  const row = (a: string) => ({ _id: { n: null, d: null, v: null, p: null, u: [], k: 'idle' }, c: [{ a, n: 1 }] });
  const live = decodeProbe(clients.map((client) => row(client.replace(/\d+$/, '')))).groups;
  const saved = decodeDocuments(clients.map((client) => ({ client, active: false }))).groups;
  const named = (groups: typeof live) =>
    groups.flatMap(({ client, count }) => Array<string>(count).fill(parseClient(client).text));
  expect(named(live)).toEqual([...Array(4).fill('unknown address'), 'app.internal', '2001:db8::1']);
  expect(named(saved)).toEqual(named(live));
});
