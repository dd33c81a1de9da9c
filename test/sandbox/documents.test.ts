// The generated `$currentOp` documents, held against recorded ones of a real primary and secondary, field by field.

import { readFileSync } from 'node:fs';
import { type Document, EJSON } from 'bson';
import { expect, test } from 'vitest';
import { internalConnections, threads } from './nodes/background.ts';
import { activeConnection, heartbeat, idleConnection, type Shape, topologyVersion } from './nodes/document.ts';
import { serverStatusBody } from './nodes/server-status.ts';
import { createTopology, helloBody } from './nodes/topology.ts';
import type { ServerVersion } from './nodes/version.ts';
import { connectionsOf } from './scenario/connections.ts';

const recorded = (name: string) =>
  EJSON.parse(readFileSync(new URL(`../fixtures/currentop/${name}.json`, import.meta.url), 'utf8'));
const PRIMARY: readonly Document[] = recorded('primary');
const PROCESS_ID = '6b0171fecde9c25563eac0c5';

const shape = (version: ServerVersion): Shape => ({
  version,
  host: 'mongo1.example.net:28101',
  at: new Date('2026-11-21T10:31:50.067Z'),
});
const incoming = (app: string, user: string | null) => ({
  connectionId: 18_046,
  client: '127.9.9.9:34351',
  metadata: {
    application: { name: app },
    driver: { name: 'nodejs', version: '7.8.0' },
    platform: 'Node.js v24.21.0, LE',
    os: { name: 'linux', architecture: 'x64', version: '6.1.0-27-amd64', type: 'Linux' },
  },
  user: user === null ? null : { user, db: 'admin' },
});

/** Field names in order, nested ones too, each with the type of its value: what must be alike. */
function outline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline);
  if (typeof value !== 'object' || value === null) return typeof value;
  const type: unknown = Reflect.get(value, '_bsontype');
  if (type === 'Long') return 'number';
  if (type !== undefined) return type;
  if (value instanceof Date) return 'date';
  return Object.entries(value).map(([name, inner]) => [name, LOOSE.has(name) ? 'any' : outline(inner)]);
}
/** What depends on the moment and on the operation, not on the kind of document. */
const LOOSE = new Set(['command', 'originatingCommand', 'locks', 'lockStats', 'os']);

function recordedWith(matches: (document: Document) => boolean): Document {
  const found = PRIMARY.find(matches);
  if (found === undefined) throw new Error('no recorded document is of this kind');
  return found;
}
const isBilling = (document: Document) => document['appName'] === 'billing';

test('an idle pooled connection is, value for value but for its ids, what a server says of one', () => {
  const real = recordedWith((document) => isBilling(document) && !document['active'] && document['effectiveUsers']);
  const made = idleConnection(shape('6.0'), {
    ...incoming('billing', 'app'),
    connectionId: real['connectionId'],
    client: real['client'],
  });
  expect(made).toEqual(real);
  expect(Object.keys(made)).toEqual(Object.keys(real));
});

test('an idle monitor differs from a pooled connection by its missing user alone', () => {
  const real = recordedWith((document) => isBilling(document) && !document['active'] && !document['effectiveUsers']);
  const made = idleConnection(shape('6.0'), incoming('billing', null));
  expect(outline(made)).toEqual(outline(real));
});

test('a streaming heartbeat has the fields of a recorded one, in its command too', () => {
  const real = recordedWith((document) => isBilling(document) && document['command']?.hello === 1);
  const wait = { opid: 96_703, microsecs: 3_562_453, topologyVersion: topologyVersion(PROCESS_ID, 7) };
  const made = heartbeat(shape('6.0'), incoming('billing', null), wait);
  expect(outline(made)).toEqual(outline(real));
  expect(outline(made['command'])).toEqual(outline(real['command']));
  expect(made['secs_running']).toBe(real['secs_running']);
});

test('a running operation of a source has the fields of a recorded one, and carries literals', () => {
  const real = recordedWith((document) => isBilling(document) && document['op'] === 'query');
  const made = connectionsOf(
    {
      source: {
        name: 'Billing API',
        addresses: { blocks: ['203.0.113.0/24'], hosts: 1 },
        app: 'billing',
        driver: { name: 'nodejs', version: '7.8.0', platform: 'Node.js v24.21.0, LE' },
        user: 'app',
        clients: 1,
        pool: 1,
        active: 1,
      },
      standing: { clients: 1, pooled: 1, active: 1, heartbeats: 0, idleMonitors: 0 },
      open: 1,
      addresses: ['203.0.113.9'],
      seed: 1,
    },
    shape('6.0'),
    topologyVersion(PROCESS_ID, 7),
  );
  expect(made.map(outline)).toEqual([outline(real)]);
  expect(JSON.stringify(made)).toContain('4111-1111');
});

test('a reader that runs $currentOp has the fields of the recorded one', () => {
  const real = recordedWith((document) => document['command']?.aggregate === 1);
  const { lsid } = real;
  const operation = { opid: 1, op: 'command', ns: 'admin.$cmd.aggregate', command: {}, microsecs: 166, lsid };
  const made = activeConnection(shape('6.0'), incoming('atlas-conns', 'watcher'), operation);
  expect(outline(made)).toEqual(outline(real));
});

test.each(['primary', 'secondary'] as const)(
  'threads and internal connections of a %s are kinds that were recorded',
  (role) => {
    const documents: readonly Document[] = recorded(role);
    const kinds = new Set(documents.map((document) => JSON.stringify(outline(document))));
    const options = { role, processId: PROCESS_ID, counter: 7, members: ['10.0.0.2'] };
    const made = [...threads(shape('6.0'), options), ...internalConnections(shape('6.0'), options)];
    expect(made.length).toBeGreaterThan(30);
    const unlike = made.filter((document) => !kinds.has(JSON.stringify(outline(document))));
    expect(unlike).toEqual([]);
  },
);

test.each([
  ['6.0', true, false],
  ['7.0', true, false],
  ['8.0', true, true],
  ['8.2', false, true],
] as const)('%s tells the user of an idle connection: %s, isFromUserConnection: %s', (version, user, from) => {
  const idle = idleConnection(shape(version), incoming('billing', 'app'));
  expect('effectiveUsers' in idle).toBe(user);
  expect('isFromUserConnection' in idle).toBe(from);
  const operation = { opid: 1, op: 'query', ns: 'shop.o', command: {}, microsecs: 1 };
  expect(activeConnection(shape(version), incoming('billing', 'app'), operation)).toHaveProperty('effectiveUsers');
});

test.each(['primary', 'secondary'] as const)(
  'hello and serverStatus.connections of a %s have the recorded fields',
  (role) => {
    const real = recorded(`${role}.hello`);
    const hosts = [1, 2, 3].map((n) => `127.0.0.1:2810${n}`);
    const made = helloBody({
      topology: createTopology(role, PROCESS_ID),
      version: '6.0',
      me: real.hello.me,
      set: { setName: 'rs0', term: 5, hosts, arbiters: [], primary: hosts[0] ?? null },
      connectionId: real.hello.connectionId,
      at: new Date('2026-11-21T10:31:50.076Z'),
      legacy: false,
    });
    expect(outline(made)).toEqual(outline(real.hello));
    const { current, available, totalCreated, active, exhaustHello, exhaustIsMaster } = real.connections;
    const { connections } = serverStatusBody({
      command: { serverStatus: 1 },
      version: '6.0',
      host: 'a:27017',
      mongos: false,
      trimmedByAtlas: false,
      at: new Date(0),
      counts: {
        current,
        limit: current + available,
        totalCreated,
        active,
        exhaustHello,
        exhaustIsMaster,
        rejected: 0,
        rateLimited: 0,
      },
    });
    expect(connections).toEqual(real.connections);
  },
);
