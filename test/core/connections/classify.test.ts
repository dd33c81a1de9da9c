import { expect, test } from 'vitest';
import { classify } from '../../../src/core/connections/classify.ts';
import type { ConnectionGroup } from '../../../src/core/connections/reading.ts';
import { fc, nodeRead } from '../arbitrary.ts';

const pooled: ConnectionGroup = {
  client: '203.0.113.9',
  app: 'billing',
  driver: { name: 'nodejs', version: '7.9.0', platform: 'Node.js v24' },
  user: 'app@admin',
  activity: 'idle',
  count: 1,
};

const kinds = (groups: readonly ConnectionGroup[], idleUsersTold: boolean) =>
  classify({ groups, idleUsersTold }).map(({ kind, count, estimated }) => [kind, count, estimated]);

test.each<[string, Partial<ConnectionGroup>, string]>([
  ['our own appName', { app: 'atlas-conns' }, 'own'],
  ['our own appName with a replica suffix', { app: 'atlas-conns 7F3K2' }, 'own'],
  ['an appName that only begins like ours', { app: 'atlas-connsumer' }, 'dormant'],
  [
    'an app with the driver name of a member',
    { driver: { name: 'NetworkInterfaceTL-ReplNetwork', version: '8.0', platform: null } },
    'dormant',
  ],
  [
    'an app with the driver name of the oplog fetcher',
    { driver: { name: 'MongoDB Internal Client', version: '8.0', platform: null } },
    'dormant',
  ],
  ['the system user', { user: '__system@local' }, 'internal'],
  ['an Atlas agent by user', { user: 'mms-automation@admin' }, 'internal'],
  ['an app with the name of an Atlas agent', { app: 'MongoDB Automation Agent v13.2' }, 'dormant'],
  [
    'an Atlas agent on the node itself',
    { app: 'MongoDB Automation Agent v13.2', client: '127.0.0.1', user: null },
    'internal',
  ],
  ['mongot on the node itself', { app: 'mongot', client: '[::1]', user: null }, 'internal'],
  ['mongot over a unix socket', { app: 'mongot', client: 'anonymous unix socket', user: null }, 'internal'],
  ['an app named mongot of a user on the node itself', { app: 'mongot', client: '127.0.0.1' }, 'dormant'],
  ['a user named as the system’s in another database', { user: '__system@shop' }, 'dormant'],
  ['a user named as an agent in another database', { user: 'mms-automation@shop' }, 'dormant'],
  ['a customer app that begins like an agent', { app: 'mongotail' }, 'dormant'],
  ['a running operation', { activity: 'operation' }, 'active'],
  ['a running operation of nobody', { activity: 'operation', user: null }, 'active'],
  ['a streaming heartbeat', { activity: 'heartbeat', user: null }, 'monitor'],
  ['a hello of nobody: an RTT socket at work', { activity: 'ping', user: null }, 'monitor'],
  ['a ping by a user', { activity: 'ping' }, 'active'],
  ['an idle connection of a user', {}, 'dormant'],
  ['an idle connection of nobody', { user: null }, 'monitor'],
  ['a socket that has not said who it is', { user: null, driver: null, app: null }, 'dormant'],
])('%s is %3$s', (_, facts, kind) => {
  expect(kinds([{ ...pooled, ...facts }], true)).toEqual([[kind, 1, false]]);
});

test('without users of idle connections each heartbeat has one RTT socket among the idle ones', () => {
  const groups = [
    { ...pooled, activity: 'heartbeat' as const, user: null, count: 3 },
    { ...pooled, user: null, count: 20 },
  ];
  expect(kinds(groups, false)).toEqual([
    ['monitor', 3, false],
    ['monitor', 3, true],
    ['dormant', 17, true],
  ]);
});

test('an active RTT socket is not counted among the idle ones too', () => {
  const groups = [
    { ...pooled, activity: 'heartbeat' as const, user: null, count: 2 },
    { ...pooled, activity: 'ping' as const, user: null, count: 1 },
    { ...pooled, user: null, count: 5 },
  ];
  expect(kinds(groups, false).slice(2)).toEqual([
    ['monitor', 1, true],
    ['dormant', 4, true],
  ]);
});

test('the estimate prefers idle connections of the heartbeat’s own app, then takes any of the same client library', () => {
  const heartbeat = { ...pooled, activity: 'heartbeat' as const, user: null, count: 2 };
  const own = { ...pooled, user: null, count: 1 };
  const wrapped = { ...pooled, app: 'mongoose', user: null, count: 9 };
  const elsewhere = { ...pooled, client: '203.0.113.10', user: null, count: 4 };
  const told = classify({ groups: [heartbeat, wrapped, own, elsewhere], idleUsersTold: false });
  const monitors = (group: ConnectionGroup) => told.filter((row) => row.group === group && row.kind === 'monitor');
  expect(monitors(own).map(({ count }) => count)).toEqual([1]);
  expect(monitors(wrapped).map(({ count }) => count)).toEqual([1]);
  expect(monitors(elsewhere)).toEqual([]);
});

const system = { ...pooled, client: '10.0.0.5', app: null, user: '__system@local' };
const member = {
  ...pooled,
  client: '10.0.0.5',
  app: null,
  user: null,
  driver: { name: 'NetworkInterfaceTL-x', version: '8.0', platform: null },
};

test('a name is internal where a member authenticates from its address on any node', () => {
  expect(kinds([system, member], true)).toEqual([
    ['internal', 1, false],
    ['internal', 1, false],
  ]);
  expect(kinds([{ ...system, client: '10.0.0.6' }, member], true)[1]).toEqual(['monitor', 1, false]);
});

test('a name with another user at a member’s address is not internal, nor are its heartbeats', () => {
  const leak = { ...pooled, client: '10.0.0.5', app: 'mongot leak' };
  const heartbeat = { ...leak, user: null, activity: 'heartbeat' as const };
  expect(kinds([system, leak, heartbeat], true).map(([kind]) => kind)).toEqual(['internal', 'dormant', 'monitor']);
});

test('without users a member is recognised by the version of a node, and by no other', () => {
  const told = (version: string) =>
    classify({ groups: [member], idleUsersTold: false, version }).map(({ kind }) => kind);
  expect(told('8.0')).toEqual(['internal']);
  expect(told('6.0.5')).toEqual(['dormant']);
});

test('an app with our name is ours with our user, or without any user from the server', () => {
  const ours = { ...pooled, app: 'atlas-conns', user: 'watcher@admin', activity: 'operation' as const };
  const theirs = { ...pooled, client: '203.0.113.10', app: 'atlas-conns' };
  const heartbeat = { ...theirs, user: null, activity: 'heartbeat' as const };
  const store = { ...pooled, app: 'atlas-conns store', user: 'store@admin' };
  const replica = { ...ours, client: '203.0.113.11', activity: 'idle' as const };
  const all = kinds([ours, theirs, heartbeat, store, replica], true).map(([kind]) => kind);
  expect(all).toEqual(['own', 'dormant', 'monitor', 'own', 'own']);
  expect(kinds([theirs, heartbeat], true).map(([kind]) => kind)).toEqual(['own', 'own']);
});

test('every connection is in exactly one kind, whatever the node says', () => {
  fc.assert(
    fc.property(nodeRead('a:27017'), (node) => {
      const classified = classify(node);
      for (const group of node.groups) {
        const parts = classified.filter((row) => row.group === group);
        expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(group.count);
        expect(parts.every(({ count }) => count > 0)).toBe(true);
      }
      expect(classified.every(({ group }) => node.groups.includes(group))).toBe(true);
    }),
  );
});
