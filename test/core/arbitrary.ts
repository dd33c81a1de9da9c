// Generators of what the world sends: addresses, access lists, connections, hostile text.

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import type { AccessListEntry } from '../../src/core/connections/access-list.ts';
import type { ConnectionGroup, NodeRead } from '../../src/core/connections/reading.ts';

export { fc };

export const ipv4Text = fc.ipV4();

const words = fc.array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });

/** ipaddr.js takes the deprecated `::1.2.3.4` (RFC 4291 §2.5.5.1) for an IPv4 address; it is an IPv6 one. */
export const isCompatible = (text: string): boolean => /^::\d+\.\d+\.\d+\.\d+$/.test(text);

/** IPv6 in all spellings: full, compressed, upper case, IPv4 tail, mapped. */
export const ipv6Text = fc
  .oneof(
    fc.ipV6(),
    words.map((groups) => new ipaddr.IPv6(groups).toString()),
    words.map((groups) => new ipaddr.IPv6(groups).toNormalizedString().toUpperCase()),
    fc.ipV4().map((tail) => `::ffff:${tail}`),
  )
  .filter((text) => !isCompatible(text));

/** Few networks, so that blocks nest, collide and miss. */
const nearbyV4 = fc
  .tuple(fc.constantFrom(10, 52, 172, 192, 203), fc.nat(2), fc.nat(2), fc.nat(255))
  .map((octets) => octets.join('.'));
const nearbyV6 = fc
  .tuple(fc.constantFrom('2001:db8', 'fd00:1', 'fe80:0'), fc.nat(1), fc.nat(3))
  .map(([net, sub, host]) => `${net}:${sub.toString(16)}::${host.toString(16)}`);

export const nearbyAddress = fc.oneof({ weight: 4, arbitrary: nearbyV4 }, { weight: 1, arbitrary: nearbyV6 });

const nearbyBlock = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(nearbyV4, fc.integer({ min: 6, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`) },
  { weight: 2, arbitrary: fc.tuple(nearbyV6, fc.integer({ min: 20, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`) },
  { weight: 1, arbitrary: nearbyV4 },
  { weight: 1, arbitrary: fc.constantFrom('0.0.0.0/0', '::/0', 'not a block', '203.0.113.0/99') },
);

export const hostileText = fc.oneof(
  fc.constantFrom(
    'Billing API',
    '<!channel>',
    '*bold* `code` :tada:',
    '\u202Eevil',
    '',
    '   ',
    '=1+1',
    'a\u0000b',
    '長い名前',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

export const accessListEntry: fc.Arbitrary<AccessListEntry> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('range' as const),
      cidrBlock: nearbyBlock,
      comment: fc.option(hostileText),
      deleteAfterDate: fc.option(fc.constantFrom('2026-11-22T10:00:00Z', '2026-11-20T10:00:00Z')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('security-group' as const),
      securityGroup: fc.constantFrom('sg-1', '123/sg-2'),
      comment: fc.option(hostileText),
    }),
  },
);

const client = fc.oneof(
  { weight: 8, arbitrary: nearbyAddress },
  { weight: 1, arbitrary: nearbyV6.map((ip) => `[${ip}%eth0]`) },
  { weight: 1, arbitrary: nearbyV4.map((ip) => `[::ffff:${ip}]`) },
  { weight: 1, arbitrary: fc.constantFrom('anonymous unix socket', '/tmp/mongodb.sock', '???') },
);

const app = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('billing', 'etl', 'web') },
  { weight: 1, arbitrary: fc.constantFrom('atlas-conns', 'atlas-conns 2', 'MongoDB Automation Agent v1', 'mongot') },
  { weight: 1, arbitrary: hostileText },
);

const connectionGroup: fc.Arbitrary<ConnectionGroup> = fc.record({
  client,
  app: fc.option(app),
  driver: fc.option(
    fc.record({
      name: fc.constantFrom('nodejs', 'PyMongo', 'NetworkInterfaceTL-ReplNetwork'),
      version: fc.option(fc.constantFrom('7.9.0', '4.1')),
      platform: fc.option(fc.constantFrom('Node.js v24', 'CPython 3.13')),
    }),
  ),
  user: fc.option(fc.constantFrom('app@admin', 'etl@admin, ro@admin', '__system@local')),
  activity: fc.constantFrom('idle' as const, 'heartbeat' as const, 'ping' as const, 'operation' as const),
  count: fc.integer({ min: 1, max: 50 }),
});

export function nodeRead(host: string): fc.Arbitrary<NodeRead> {
  return fc
    .record({
      groups: fc.array(connectionGroup, { maxLength: 12 }),
      threads: fc.array(fc.record({ name: fc.constantFrom('TTLMonitor', 'ftdc'), count: fc.nat(3) }), { maxLength: 2 }),
      idleUsersTold: fc.boolean(),
    })
    .map((told) => ({ ...readNode(host), ...told }));
}

/** A node that was read and has nobody on it. */
export function readNode(host: string): NodeRead {
  return {
    kind: 'read',
    host,
    role: 'primary',
    version: '8.0.4',
    current: 10,
    available: 990,
    limit: 1000,
    totalCreated: 100,
    rejected: 0,
    groups: [],
    threads: [],
    idleUsersTold: true,
  };
}
