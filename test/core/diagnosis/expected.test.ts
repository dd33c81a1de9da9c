// Expected against seen: what the clients of a source need, and what the difference likely means.

import { expect, test } from 'vitest';
import type { ExpectedAndSeen } from '../../../src/core/diagnosis/diagnosis.ts';
import { type Course3, DRIVERS, type Fleet, whyOf } from './world.ts';

function tableOf(fleet: Fleet, past: Course3 | null = {}): ExpectedAndSeen {
  const { expected } = whyOf(fleet, past);
  if (expected === null) throw new Error('a source has a table');
  return expected;
}

test('one operation at a time: 3 + 2 + 2 for each client', () => {
  const table = tableOf({ hosts: 10, pooled: [1, 0, 0] });
  expect(table).toMatchObject({
    clients: 10,
    expected: 70,
    seen: 70,
    meaning: 'As many as expected: nothing unusual.',
  });
  expect(table.nodes).toEqual([
    { host: 'shard-00-00.abc.net:27017', monitors: { expected: 20, seen: 20 }, pooled: 10, pooledPerClient: 1 },
    { host: 'shard-00-01.abc.net:27017', monitors: { expected: 20, seen: 20 }, pooled: 0, pooledPerClient: 0 },
    { host: 'shard-00-02.abc.net:27017', monitors: { expected: 20, seen: 20 }, pooled: 0, pooledPerClient: 0 },
  ]);
});

test.each<readonly [string, Fleet, Course3, Partial<ExpectedAndSeen>]>([
  [
    'load',
    { hosts: 12, pooled: [5, 0, 0], active: [6, 0, 0] },
    {},
    {
      ...{ clients: 12, expected: 84, seen: 132 },
      meaning:
        '48 more than expected: pools of 5 for each client on the primary, of which 6 connections are active. Load opens them, and without maxIdleTimeMS they stay open after it.',
    },
  ],
  [
    'load that is still there',
    { hosts: 12, pooled: [5, 0, 0], active: [40, 0, 0] },
    {},
    {
      meaning:
        '48 more than expected: pools of 5 for each client on the primary, of which 40 connections are active. Load opens them.',
    },
  ],
  [
    'Node.js clients in their first ten seconds',
    { hosts: 10, pooled: [1, 0, 0], rtt: 0 },
    {},
    {
      ...{ clients: 10, expected: 70, seen: 40 },
      meaning:
        '30 fewer than expected: clients that just started have one monitor on each node; Node.js opens the other after ten seconds.',
    },
  ],
  [
    'the same of Java, which opens both at once',
    { driver: DRIVERS.java, hosts: 10, pooled: [1, 0, 0], rtt: 0 },
    {},
    { meaning: '30 fewer than expected: about one monitor of each client is missing, as when clients start or stop.' },
  ],
  [
    'a diagnosis that explains none of what is missing',
    { hosts: 3, clients: 100, pooled: [1, 0, 0], rtt: 0.9 },
    { clients: (ago) => 300 - 20 * Math.min(12, Math.floor(ago)) },
    { meaning: '90 fewer than expected. “MongoClients that are never closed” fits.' },
  ],
  [
    'a diagnosis of as many as expected',
    { hosts: 3, clients: 100, pooled: [1, 0, 0] },
    { clients: (ago) => 300 - 20 * Math.min(12, Math.floor(ago)) },
    { meaning: 'As many as expected. “MongoClients that are never closed” fits.' },
  ],
  [
    'minPoolSize on every node',
    { driver: DRIVERS.java, hosts: 8, pooled: [5, 5, 5] },
    {},
    {
      ...{ clients: 8, expected: 56, seen: 168 },
      meaning: '112 more than expected: each client holds 5 on every node, as with minPoolSize=5.',
    },
  ],
  [
    'a fleet that polls',
    { hosts: 40, pooled: [1, 0, 0], watches: 'poll' },
    {},
    {
      ...{ clients: null, expected: null, seen: 160 },
      meaning: 'The clients are unknown, because their drivers poll. Each has one monitor on every node, so about 40.',
    },
  ],
  [
    'a single-threaded driver',
    { driver: DRIVERS.php, hosts: 10, clients: 8, pooled: [1, 1, 1], watches: 'nothing' },
    {},
    {
      ...{ clients: null, expected: null, seen: 240 },
      meaning: 'The clients are unknown. A single-threaded driver has one connection on every node, so about 80.',
    },
  ],
  [
    'a diagnosis',
    { hosts: 3, pooled: [100, 0, 0] },
    { active: () => 12 },
    {
      ...{ clients: 3, expected: 21, seen: 318 },
      meaning: '297 more than expected: “Pools larger than their use” fits.',
    },
  ],
  [
    'many names are no reason for many connections',
    { hosts: 20, pooled: [5, 0, 0], app: null },
    {},
    {
      meaning:
        '80 more than expected: pools of 5 for each client on the primary. Load opens them, and without maxIdleTimeMS they stay open after it.',
    },
  ],
  [
    'clients that hold nothing',
    { hosts: 40, pooled: [0.25, 0, 0] },
    {},
    {
      ...{ expected: 280, seen: 240 },
      meaning: '40 fewer than expected: some clients do not watch every node, or hold no pooled connection.',
    },
  ],
])('%s', (_, fleet, past, told) => {
  expect(tableOf(fleet, past)).toMatchObject(told);
});

test('a lower bound of clients is said to be one', () => {
  const { clientsAtLeast, meaning } = tableOf({ hosts: 4, pooled: [5, 0, 0], rtt: 3 });
  expect(clientsAtLeast).toBe(true);
  expect(meaning).toContain('a lower bound');
});
