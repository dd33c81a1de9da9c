import { expect, test } from 'vitest';
import { classify } from '../../src/core/classification.ts';
import type { ConnectionGroup } from '../../src/core/connection.ts';
import { fc, nodeRead } from './arbitrary.ts';

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
    'a member of the set',
    { driver: { name: 'NetworkInterfaceTL-ReplNetwork', version: '8.0', platform: null } },
    'internal',
  ],
  ['the oplog fetcher', { driver: { name: 'MongoDB Internal Client', version: '8.0', platform: null } }, 'internal'],
  ['the system user', { user: '__system@local' }, 'internal'],
  ['an Atlas agent by user', { user: 'mms-automation@admin' }, 'internal'],
  ['an Atlas agent by appName', { app: 'MongoDB Automation Agent v13.2' }, 'internal'],
  ['mongot', { app: 'mongot', user: null }, 'internal'],
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

test('where the server tells no users of idle connections, each heartbeat has one RTT socket among the idle ones', () => {
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

test('an RTT socket caught at work is not looked for among the idle ones too', () => {
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
