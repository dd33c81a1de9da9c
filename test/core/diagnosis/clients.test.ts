// Too many MongoClients: leaks, one for each request, forks. Each with neighbours that look alike and are not.

import { describe, expect, test } from 'vitest';
import { type Course3, DRIVERS, type Fleet, idsOf, nodesOpening, whyOf } from './world.ts';

const DAY_HOURS = 24;
/** Clients that grow by a number each hour, for so many hours. */
const growing = (now: number, each: number, hours: number) => (ago: number) =>
  Math.round(now - each * Math.min(ago, hours));

interface Case {
  readonly fleet: Fleet;
  readonly past: Course3;
}

describe('client-leak', () => {
  const leaking = (driver: Fleet['driver'], clients: number): Fleet => ({
    ...(driver && { driver }),
    hosts: 3,
    clients: clients / 3,
    pooled: [1, 0, 0],
  });

  test.each<[string, Case]>([
    ['Node.js, by 20 an hour', { fleet: leaking(DRIVERS.node, 300), past: { clients: growing(300, 20, 12) } }],
    ['Java, by 100 an hour', { fleet: leaking(DRIVERS.java, 1_200), past: { clients: growing(1_200, 100, 9) } }],
    [
      'Go, by 30 a day for a week',
      { fleet: leaking(DRIVERS.go, 300), past: { clients: growing(300, 30 / DAY_HOURS, 7 * DAY_HOURS) } },
    ],
  ])('%s', (_, { fleet, past }) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses.map(({ id }) => id)).toEqual(['client-leak']);
    expect(diagnoses[0]).toMatchObject({ severity: 'warning', confidence: 'fits', option: null });
    expect(diagnoses[0]?.advice).toContain('close it on shutdown');
  });

  test('says what grew, and what would be freed on the busiest node', () => {
    const { diagnoses } = whyOf(leaking(DRIVERS.node, 300), { clients: growing(300, 20, 12) });
    expect(diagnoses[0]?.evidence[0]).toBe('The clients grew from 60 to 300 in 12 h, and still grow.');
    // 300 pooled and 600 monitors on the primary, of which 60 of 300 clients stay.
    expect(diagnoses[0]?.wouldFree).toEqual({ node: 'shard-00-00.abc.net:27017', connections: 720 });
  });

  test.each([
    ['node', ' The Node.js driver keeps a client open that is dropped without close().'],
    ['go', ''],
    ['java', ''],
    ['python', ''],
  ] as const)('says what a driver does with dropped clients only where that was measured: %s', (driver, said) => {
    const { diagnoses } = whyOf(leaking(DRIVERS[driver], 300), { clients: growing(300, 20, 12) });
    expect(diagnoses[0]?.advice).toBe(`Create one MongoClient for each process, and close it on shutdown.${said}`);
    expect(diagnoses[0]?.evidence[1]).toBe('Each holds 1 pooled connection: they are not busy, they are many.');
  });

  test('PyMongo closes dropped clients, so that it is said with a doubt', () => {
    const { diagnoses } = whyOf(leaking(DRIVERS.python, 300), { clients: growing(300, 20, 12) });
    expect(diagnoses[0]).toMatchObject({ id: 'client-leak', confidence: 'likely' });
    expect(diagnoses[0]?.evidence.join(' ')).toContain('something still refers to these');
  });

  test.each<[string, Case]>([
    [
      'a fleet that scales out: new hosts come with the new clients',
      {
        fleet: { hosts: 60, pooled: [2, 0, 0] },
        past: { clients: growing(60, 5, 10), newHosts: 50, hosts: [] },
      },
    ],
    ['one step at a deploy', { fleet: leaking(DRIVERS.node, 60), past: { clients: (ago) => (ago > 5 ? 30 : 60) } }],
    [
      'clients that are busy: pools grow with them',
      { fleet: { hosts: 3, clients: 100, pooled: [8, 0, 0] }, past: { clients: growing(300, 20, 12) } },
    ],
    [
      'every morning as on the days before',
      {
        fleet: leaking(DRIVERS.node, 300),
        past: { clients: (ago) => (ago % DAY_HOURS > 18 ? 300 : growing(300, 30, 8)(ago % DAY_HOURS)) },
      },
    ],
    [
      'a growth that ended',
      { fleet: leaking(DRIVERS.node, 300), past: { clients: (ago) => growing(300, 30, 9)(Math.max(0, ago - 4)) } },
    ],
    ['a few more', { fleet: leaking(DRIVERS.node, 24), past: { clients: growing(24, 2, 8) } }],
  ])('not %s', (_, { fleet, past }) => {
    expect(idsOf(whyOf(fleet, past))).not.toContain('client-leak');
  });
});

describe('client-per-request', () => {
  test.each<[string, Case]>([
    [
      'Node.js: 40 clients become 240',
      {
        fleet: { hosts: 4, clients: 60, pooled: [1, 0, 0] },
        past: { clients: jumped(240, 40), pooled: jumped(240, 200), hostsHeld: 0.4 },
      },
    ],
    [
      'Java: 12 become 90',
      {
        fleet: { driver: DRIVERS.java, hosts: 2, clients: 45, pooled: [1, 0, 0] },
        past: { clients: jumped(90, 12), pooled: jumped(90, 48), hostsHeld: 0.5 },
      },
    ],
    [
      'Go on one address: 10 become 800',
      {
        fleet: { driver: DRIVERS.go, hosts: 1, clients: 800, pooled: [1, 0, 0] },
        past: { clients: jumped(800, 10), pooled: jumped(800, 100), hostsHeld: 0.2 },
      },
    ],
  ])('%s', (_, { fleet, past }) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses[0]).toMatchObject({
      ...{ id: 'client-per-request', confidence: 'fits', severity: 'warning', option: null },
      advice: 'Create one MongoClient when the process starts, and let all requests share it.',
    });
    expect(diagnoses[0]?.wouldFree?.connections).toBeGreaterThan(100);
  });

  test('where each client held as few before, more processes would look alike', () => {
    const past = { clients: jumped(240, 40), pooled: jumped(240, 40), hostsHeld: 0.2 };
    const { diagnoses } = whyOf({ hosts: 4, clients: 60, pooled: [1, 0, 0] }, past);
    expect(diagnoses[0]).toMatchObject({ id: 'client-per-request', confidence: 'likely' });
    expect(diagnoses[0]?.evidence.join(' ')).toContain('As many more processes');
  });

  test.each<[string, Case]>([
    [
      'twice the hosts',
      { fleet: { hosts: 80, clients: 4, pooled: [1, 0, 0] }, past: { clients: jumped(320, 160), hosts: [] } },
    ],
    [
      'clients with pools',
      { fleet: { hosts: 4, clients: 60, pooled: [6, 0, 0] }, past: { clients: jumped(240, 40), hostsHeld: 0.2 } },
    ],
    ['as many as ever, on purpose', { fleet: { hosts: 4, clients: 60, pooled: [1, 0, 0] }, past: {} }],
    ['a first reading', { fleet: { hosts: 4, clients: 60, pooled: [1, 0, 0] }, past: { days: 0.2 } }],
  ])('not %s', (_, { fleet, past }) => {
    expect(idsOf(whyOf(fleet, past))).toEqual([]);
  });

  const rates = (primary: number, other: number) => nodesOpening([() => primary, () => other, () => other]);
  const few: Fleet = { driver: DRIVERS.python, hosts: 2, clients: 2, pooled: [2, 0, 0] };

  test.each([
    ['3 + 2 + 2 for each request', 30, 20, few, 'fits'],
    ['Node.js clients of a few seconds: 2 + 1 + 1', 20, 10, { ...few, driver: DRIVERS.node }, 'fits'],
    ['another ratio', 23.5, 10, { ...few, driver: DRIVERS.java }, 'likely'],
  ] as const)('%s, as new connections on every node at once', (_, primary, other, fleet, confidence) => {
    const why = whyOf(fleet, {}, { nodes: rates(primary, other), opened: { count: 26, seconds: 300 } });
    expect(why.diagnoses[0]).toMatchObject({ id: 'client-per-request', wouldFree: null, confidence });
    expect(idsOf(why)).not.toContain('churn');
  });

  test.each([
    ['new connections on the primary alone', rates(30, 0.3)],
    ['as many on each node', rates(20, 20)],
    ['a few', rates(1, 0.7)],
    [
      'a deploy, which is over',
      nodesOpening([
        (ago) => (ago < 0.3 && ago > 0.1 ? 30 : 0.2),
        (ago) => (ago < 0.3 && ago > 0.1 ? 20 : 0.2),
        () => 0.2,
      ]),
    ],
  ])('not %s', (_, nodes) => {
    expect(idsOf(whyOf(few, {}, { nodes }))).not.toContain('client-per-request');
  });
});

/** Another level until an hour ago. */
function jumped(now: number, before: number) {
  return (ago: number) => (ago > 0.5 ? before : now);
}

describe('fork', () => {
  const odd = (driver: NonNullable<Fleet['driver']>, each: number, times: number): Fleet => ({
    driver,
    hosts: 6,
    clients: (host) => (host === 2 ? each * times : each),
    pooled: [1, 0, 0],
  });

  test.each<[string, Case]>([
    ['PyMongo: one host with nine times the clients', { fleet: odd(DRIVERS.python, 1, 9), past: {} }],
    ['Ruby: one host with five times four', { fleet: odd(DRIVERS.ruby, 4, 5), past: {} }],
    [
      'PyMongo: three times the usual since a deploy',
      {
        fleet: { driver: DRIVERS.python, hosts: 4, clients: 9, pooled: [1, 0, 0] },
        past: { clients: (ago) => (ago > 3 ? 12 : 36) },
      },
    ],
  ])('%s', (_, { fleet, past }) => {
    const { diagnoses } = whyOf(fleet, past);
    expect(diagnoses[0]).toMatchObject({ id: 'fork', confidence: 'likely', option: null });
    expect(diagnoses[0]?.advice).toBe('Create the MongoClient in each worker, after the fork.');
  });

  test('says which host, and how many times', () => {
    const { diagnoses } = whyOf(odd(DRIVERS.python, 2, 8), {});
    expect(diagnoses[0]?.evidence[0]).toBe(
      '203.0.113.3 has 16 clients, 8 times as many as each other host: 2 clients.',
    );
    // 14 of 26 clients, each with one pooled connection and two monitors on the primary.
    expect(diagnoses[0]?.wouldFree?.connections).toBe(42);
  });

  test.each<[string, Case]>([
    ['Node.js, which does not fork', { fleet: odd(DRIVERS.node, 1, 9), past: {} }],
    ['as many on each host', { fleet: { driver: DRIVERS.python, hosts: 6, clients: 8, pooled: [1, 0, 0] }, past: {} }],
    [
      'hosts of every size',
      { fleet: { driver: DRIVERS.python, hosts: 6, clients: (host) => 2 + 3 * host, pooled: [1, 0, 0] }, past: {} },
    ],
    ['one host with a few more', { fleet: odd(DRIVERS.python, 2, 3), past: {} }],
    [
      'two hosts, of which one is larger',
      { fleet: { driver: DRIVERS.python, hosts: 2, clients: (host) => 4 + 28 * host, pooled: [1, 0, 0] }, past: {} },
    ],
  ])('not %s', (_, { fleet, past }) => {
    expect(idsOf(whyOf(fleet, past))).not.toContain('fork');
  });
});

test('a reading without a past says what it cannot tell', () => {
  const { diagnoses, limits } = whyOf({ hosts: 3, clients: 100, pooled: [1, 0, 0] }, null);
  expect(diagnoses).toEqual([]);
  expect(limits[0]).toContain('There is no history here');
});
