// Forecasts of a watched cluster and of one of its sources, held against figures worked out by hand.

import { expect, test } from 'vitest';
import type { ConnectionReport, ReportNode } from '../../../src/core/connections/report.ts';
import type { ConnectionSource } from '../../../src/core/connections/source.ts';
import { growthOf } from '../../../src/core/forecast/growth.ts';
import { clusterForecast, scaledSource, scaleWords } from '../../../src/core/forecast/live.ts';
import { TIERS } from '../../../src/core/forecast/tiers.ts';
import { reportOn } from '../fixtures.ts';

const AT = '2026-11-21T10:00:00.000Z';
const DAY = 86_400_000;

function node(host: string, facts: Partial<ReportNode> = {}): ReportNode {
  const known = { version: '8.0.1', available: null, totalCreated: 1, rejected: 0, threads: [], clients: 10 };
  return { host, role: 'secondary', connections: 90, current: 100, limit: 1_000, ...known, ...facts };
}

type Held = Readonly<Record<string, readonly [active: number, dormant: number, monitors: number]>>;

function source(name: string, held: Held, facts: Partial<ConnectionSource> = {}): ConnectionSource {
  const nodes = Object.entries(held).map(([host, [active, dormant, monitors]]) => ({
    host,
    active,
    dormant,
    monitors,
  }));
  const sum = (figure: 'active' | 'dormant' | 'monitors') => nodes.reduce((all, row) => all + row[figure], 0);
  const [active, dormant, monitors] = [sum('active'), sum('dormant'), sum('monitors')];
  const driver = { name: 'nodejs', version: '7.9.0', platform: null, active, dormant, monitors };
  return {
    ...{ id: name, name, class: 'listed', entry: null, share: 0.5, estimated: [], clients: 10 },
    ...{ active, dormant, monitors, nodes, apps: [], hosts: [], drivers: [driver], users: [] },
    combinations: { largest: [], more: 0 },
    ...facts,
  };
}

/** A replica set: a primary with 400 of 1,000 connections, and two secondaries with 100. */
function report(sources: readonly ConnectionSource[], facts: Partial<ConnectionReport> = {}): ConnectionReport {
  const nodes = [node('a:27017', { role: 'primary', current: 400 }), node('b:27017'), node('c:27017')];
  return { ...reportOn({}), at: AT, nodes, sources, ...facts };
}

/** Ten clients: on the primary 13 connections each, on the secondaries 2 heartbeats each. */
const billing = source('Billing API', { 'a:27017': [20, 90, 20], 'b:27017': [0, 0, 20], 'c:27017': [0, 0, 20] });
const functions = source('Functions', { 'a:27017': [5, 15, 20] }, { clients: null });

test('more clients fit until the first node reaches its limit', () => {
  const { nodes, sources } = clusterForecast(report([billing, functions]), new Map());
  expect(nodes).toMatchObject([
    { host: 'a:27017', now: 400, limit: 1_000, headroom: 600, growth: { kind: 'unknown' }, reaches: null },
    { host: 'b:27017', now: 100, headroom: 900 },
    { host: 'c:27017', now: 100, headroom: 900 },
  ]);
  expect(sources).toEqual([
    // 600 / 13 = 46.2 on the primary, 900 / 2 = 450 on a secondary.
    {
      ...{ id: 'Billing API', name: 'Billing API', clients: 10, fits: 46, busiest: 'a:27017', perClient: 13 },
      reason: null,
    },
    {
      ...{ id: 'Functions', name: 'Functions', clients: null, fits: null, busiest: null, perClient: null },
      reason: 'Its clients are not counted: its drivers poll.',
    },
  ]);
});

test('the node that fills first counts, not the busiest one of today', () => {
  const nodes = [node('a:27017', { role: 'primary', current: 400 }), node('b:27017', { current: 990 })];
  const [room] = clusterForecast(report([billing], { nodes }), new Map()).sources;
  expect(room).toMatchObject({ fits: 5, busiest: 'b:27017', perClient: 2 });
});

test('a quotient that is whole stays whole; a node above its limit has no room', () => {
  const seven = source('Seven', { 'a:27017': [0, 14, 7] }, { clients: 7 });
  const full = (current: number) => report([seven], { nodes: [node('a:27017', { current })] });
  expect(clusterForecast(full(700), new Map()).sources[0]?.fits).toBe(100);
  expect(clusterForecast(full(1_001), new Map())).toMatchObject({ nodes: [{ headroom: 0 }], sources: [{ fits: 0 }] });
});

test('a lower bound of clients gives a lower bound of those that fit', () => {
  const atLeast = source('Billing API', { 'a:27017': [0, 100, 30] }, { clientsAtLeast: true });
  const [room] = clusterForecast(report([atLeast]), new Map()).sources;
  expect(room).toMatchObject({ fits: 46, fitsAtLeast: true });
});

test('a node without a limit has no room to tell, and a node that was not read is left out, as a sentence says', () => {
  const unread = { host: 'b:27017', problem: { code: 'timeout', text: 'b timed out.', remedy: 'Wait.' } };
  const nodes = [node('a:27017', { limit: null }), unread];
  const forecast = clusterForecast(report([billing], { nodes }), new Map());
  expect(forecast.nodes).toMatchObject([{ host: 'a:27017', headroom: null, reaches: null }]);
  expect(forecast.sources).toMatchObject([{ fits: null, reason: 'The limit of its nodes is unknown.' }]);
  expect(forecast.assumptions).toContain('1 node could not be read: the figures leave it out.');
});

test('each node reaches its own limit by its own growth', () => {
  const first = Date.parse('2026-10-24T00:00:00Z');
  const days = Array.from({ length: 28 }, (_, day) => ({ at: first + day * DAY, value: 100 + 10 * day }));
  const { nodes } = clusterForecast(report([]), new Map([['a:27017', growthOf(days)]]));
  // 370 on 20 November, 10 a day: 1,000 on 22 January, which is 62 days from the 21st, 10:00.
  expect(nodes.map(({ reaches }) => reaches?.likely ?? null)).toEqual([62, null, null]);
});

const scaled = (...asked: Parameters<typeof scaledSource>) => {
  const answer = scaledSource(...asked);
  if (!answer.ok) throw new Error(answer.problem.text);
  return answer.forecast;
};

test('twice the clients: what they hold now, full pools, a deploy and an election, node by node', () => {
  const forecast = scaled(report([billing]), billing, { factor: 2 });
  expect(forecast).toMatchObject({ cluster: 'prod', at: AT, scale: { factor: 2 }, clients: { now: 10, scaled: 20 } });
  const known = { limit: 1_000 };
  expect(forecast.nodes).toEqual([
    {
      ...{ host: 'a:27017', role: 'primary', ...known, now: 400, held: 130 },
      // 270 of others, and 260; 20 × 100 and 40 heartbeats; 325; the old primary keeps its pools.
      ...{ scaled: 530, full: 2_310, deploy: 595, election: 530 },
    },
    {
      ...{ host: 'b:27017', role: 'secondary', ...known, now: 100, held: 20 },
      // 80 of others, and 40; 2,040; 50; 40 heartbeats and the 220 pooled of the primary.
      ...{ scaled: 120, full: 2_120, deploy: 130, election: 340 },
    },
    {
      host: 'c:27017',
      role: 'secondary',
      ...known,
      now: 100,
      held: 20,
      scaled: 120,
      full: 2_120,
      deploy: 130,
      election: 340,
    },
  ]);
  expect(forecast.assumptions).toContain(
    'Full pools: maxPoolSize 100, the default of Node.js; a connection string may set another.',
  );
  expect(forecast.assumptions.join('\n')).toContain('The pools of this source alone move here:');
});

test('40 clients are four times ten clients', () => {
  const byClients = scaled(report([billing]), billing, { clients: 40 });
  expect(byClients.nodes).toEqual(scaled(report([billing]), billing, { factor: 4 }).nodes);
  expect(byClients.clients).toEqual({ now: 10, scaled: 40 });
  expect([scaleWords({ clients: 40 }), scaleWords({ clients: 1 }), scaleWords({ factor: 1.5 })]).toEqual([
    'with 40 clients',
    'with 1 client',
    '×1.5',
  ]);
});

test('a part of a connection counts as one, and a quotient that is whole stays whole', () => {
  const seven = source('Seven', { 'a:27017': [0, 35, 14] }, { clients: 7 });
  const [first] = scaled(report([seven]), seven, { clients: 40 }).nodes;
  // 351 of others and 49 × 40 / 7 = 280.
  expect(first).toMatchObject({ held: 49, scaled: 631 });
  const [other] = scaled(report([seven]), seven, { factor: 1.01 }).nodes;
  expect(other?.scaled).toBe(351 + 50);
});

test('while the clients are unknown, x2 scales the connections and a number of clients is refused', () => {
  const forecast = scaled(report([functions]), functions, { factor: 2 });
  expect(forecast.clients).toEqual({ now: null, scaled: null });
  expect(forecast.nodes[0]).toMatchObject({ scaled: 440, full: null, deploy: 460, election: 440 });
  expect(forecast.assumptions[0]).toBe(
    'Its clients are not counted: its drivers poll. So its connections are scaled, not its clients.',
  );
  expect(scaledSource(report([functions]), functions, { clients: 40 })).toEqual({
    ok: false,
    problem: {
      code: 'clients-unknown',
      text: 'The number of clients of Functions is unknown: its drivers poll.',
      remedy: 'Scale its connections instead, such as x2.',
    },
  });
});

test('the reason of an unknown number is the true one', () => {
  const php = { ...billing.drivers[0], name: 'ext-mongodb:PHP', version: '2.1.0', platform: null };
  const counts = { active: 1, dormant: 9, monitors: 0 };
  const held: Held = { 'a:27017': [1, 9, 0] };
  const reasonOf = (facts: Partial<ConnectionSource>) =>
    clusterForecast(report([source('One', held, { clients: null, ...facts })]), new Map()).sources[0]?.reason;
  const start = 'Its clients are not counted: ';
  expect(reasonOf({ drivers: [{ ...php, ...counts }] })).toBe(
    `${start}its driver is single-threaded, and sends heartbeats on the connections that it uses.`,
  );
  expect(reasonOf({ estimated: ['monitors'], monitors: 5 })).toBe(
    `${start}none of them streams heartbeats, and the server does not tell other heartbeats from idle connections.`,
  );
  expect(reasonOf({})).toBe(`${start}none of its connections is a heartbeat.`);
  expect(reasonOf({ monitors: 5 })).toBe(`${start}its drivers poll.`);
});

test('a hidden member is no next primary', () => {
  const hidden = node('b:27017', { hidden: true });
  const nodes = [node('a:27017', { role: 'primary', current: 400 }), hidden];
  const everywhere = source('Billing API', { 'a:27017': [20, 90, 20], 'b:27017': [0, 1, 0] });
  expect(scaled(report([everywhere], { nodes }), everywhere, { factor: 2 }).nodes[1]?.election).toBeNull();
});

test('no node of a cluster that was relieved reaches its limit', () => {
  const first = Date.parse('2026-10-24T00:00:00Z');
  const days = Array.from({ length: 28 }, (_, day) => ({ at: first + day * DAY, value: 100 + 30 * day }));
  const growth = new Map(['a:27017', 'b:27017'].map((host) => [host, growthOf(days)]));
  // 910 yesterday; 400 and 100 now.
  const { nodes } = clusterForecast(report([]), growth);
  expect(nodes.map(({ reaches }) => reaches?.likely ?? null)).toEqual([2, null, null]);
});

test('a pool is as large as its driver makes it; one above the default stays as it is seen', () => {
  const ruby = { ...billing.drivers[0], name: 'mongo-ruby-driver', version: '2.25.0', platform: null };
  const small = source(
    'Ruby',
    { 'a:27017': [0, 300, 20] },
    { drivers: [{ ...ruby, active: 0, dormant: 300, monitors: 20 }] },
  );
  // 80 of others; 10 × 20 and 20 heartbeats would be less than what it holds now.
  expect(scaled(report([small]), small, { factor: 1 }).nodes[0]).toMatchObject({ scaled: 400, full: 400 });
});

test('mongos have no election, and a source elsewhere leaves a node as it is', () => {
  const nodes = [node('a:27017', { role: 'mongos' }), node('b:27017', { role: 'mongos', current: 7 })];
  const one = source('One', { 'a:27017': [0, 50, 0] });
  expect(scaled(report([one], { nodes }), one, { factor: 2 }).nodes).toMatchObject([
    { scaled: 150, election: null },
    { now: 7, held: 0, scaled: 7, full: 7, deploy: 7, election: null },
  ]);
});

test('tiers: connections a node, and the rate of the two smallest dedicated ones', () => {
  const figure = (name: string) => TIERS.find((tier) => tier.name === name);
  expect(TIERS.filter(({ establishPerSecond }) => establishPerSecond !== null)).toEqual([
    { name: 'M10', connections: 1_500, establishPerSecond: 15 },
    { name: 'M20', connections: 3_000, establishPerSecond: 15 },
  ]);
  expect([figure('M40')?.connections, figure('R40 on AWS')?.connections]).toEqual([6_000, 4_000]);
  expect(new Set(TIERS.map(({ name }) => name)).size).toBe(TIERS.length);
});
