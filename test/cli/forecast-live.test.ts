// `atlas-conns forecast` of a cluster and of a source that grows, and the growth in `nodes`.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { storedGrowth } from '../../src/app/commands/forecast.ts';
import type { Commands } from '../../src/app/commands/types.ts';
import { run } from '../../src/cli/run.ts';
import { DAY } from '../../src/core/base/duration.ts';
import { growthOf } from '../../src/core/forecast/growth.ts';
import { UpstreamError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { KEEP, readingOf } from '../store/sample.ts';
import { node, report, source } from './sample.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const A = 'shard-00-00.abcde.mongodb.net:27017';
const AT = Date.parse('2026-11-21T10:00:00.000Z');
/** 12 clients with 488 connections on the primary, and one whose drivers poll. */
const whole = report({
  nodes: [node(A, { role: 'primary', current: 600, limit: 1_500 })],
  sources: [
    source('203.0.113.0/24', { name: 'Billing API' }),
    source('198.51.100.9', { name: 'Polls', clients: null }),
  ],
});
const growing = growthOf(
  Array.from({ length: 28 }, (_, day) => ({
    at: Date.parse('2026-10-24T00:00:00Z') + day * DAY,
    value: 300 + 10 * day,
  })),
);
const withGrowth = async () => ({ growth: new Map([[A, growing]]), problem: null });

async function ran(argv: readonly string[], given: Partial<Commands> = {}) {
  const { terminal, said } = recordedTerminal(100);
  const silent = () => undefined;
  const code = await run({
    argv,
    commands: someCommands({ report: async () => whole, ...given }),
    terminal,
    version: '1.2.3',
    log: { debug: silent, info: silent, warn: silent, error: silent, hide: silent },
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  return { code, ...said() };
}

test('a cluster: its nodes, when they reach their limit, and how many more clients fit', async () => {
  const { code, out, err } = await ran(['forecast', 'prod'], { growth: withGrowth });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  // 570 on 20 November, ten a day: 1,500 on 21 February.
  expect(out).toContain('shard-00-00 reaches its limit in 92 days, at its growth of 28 days.');
  expect(out).toMatch(/shard-00-00 +600 +1,500 +900 +\+10 a day/);
  // 900 / (488 / 12) = 22.1
  expect(out).toMatch(/Billing API +12 +22 +shard-00-00/);
  expect(out).toMatch(/until a node is\s+at 100 % of its limit: a busier hour or a deploy\s+leaves room for fewer/);
  expect(out).toMatch(/Polls +\? +\?/);
  expect(out).toContain(
    'How many more clients of Polls fit is unknown. Its clients are not counted: its drivers poll.',
  );
});

test('a node that is full, or close to it, is told before any trend', async () => {
  const nodeAt = async (current: number) => {
    const full = report({ nodes: [node(A, { role: 'primary', current, limit: 1_500 })] });
    return (await ran(['forecast'], { growth: withGrowth, report: async () => full })).out;
  };
  const full = await nodeAt(1_500);
  expect(full).toContain('shard-00-00 is full now: 1,500 of 1,500.');
  expect(full).not.toContain('reaches its limit');
  const close = await nodeAt(1_380);
  expect(close).toMatch(/is close to its limit now: 1,380 of 1,500 \(92 %\)\.\nshard-00-00 reaches its limit in/);
  expect(await nodeAt(600)).not.toContain(' now: ');
});

test('the same as JSON, schema atlas-conns/forecast-cluster/1', async () => {
  const { out } = await ran(['forecast', '--json'], { growth: withGrowth });
  const { nodes, sources, ...document } = JSON.parse(out);
  expect(document).toEqual({
    schema: 'atlas-conns/forecast-cluster/1',
    cluster: 'prod',
    at: '2026-11-21T10:00:00.000Z',
    assumptions: expect.any(Array),
    problems: [],
  });
  expect(nodes).toEqual([
    {
      ...{ host: A, role: 'primary', connections: 600, limit: 1_500, headroom: 900 },
      growth: { kind: 'growing', days: 28, perDay: 10, least: 10, most: 10 },
      daysUntilLimit: { earliest: 92, likely: 92, latest: 92 },
    },
  ]);
  expect(sources[0]).toMatchObject({ name: 'Billing API', clients: 12, moreClientsFit: 22, busiest: A, reason: null });
  expect(sources[1]).toMatchObject({ moreClientsFit: null, reason: expect.stringContaining('drivers poll') });
});

test('without a history the forecast says so, and an incomplete reading has exit code 1', async () => {
  const problem = { code: 'no-history', text: 'Growth is missing here: no store.', remedy: '' };
  const missing = async () => ({ growth: new Map(), problem });
  const { code, out } = await ran(['forecast'], { growth: missing, report: async () => report() });
  expect(code).toBe(1);
  expect(out).toContain('problem: Growth is missing here: no store.');
  expect(out).toContain('1 node could not be read: the figures leave it out.');
});

test.each([
  [['forecast', 'prod', 'Billing API', '--scale', '2']],
  [['forecast', 'Billing API', '--cluster', 'prod', '--scale', 'x2']],
  [['forecast', 'Billing API', '--clients', '24']],
])('%j scales one source', async (argv) => {
  const { code, out } = await ran(argv);
  expect(code).toBe(0);
  // 112 of others and 976; 24 clients with 100 pooled and 144 heartbeats; 1,220.
  expect(out).toMatch(/shard-00-00 +600 \(40 %\) +1,088 \(73 %\) +2,656 \(177 %\) +1,332 \(89 %\) +1,088 \(73 %\)/);
  expect(out).toContain('prod, 12 clients now, 24 then');
});

test('a scaled source as JSON, schema atlas-conns/forecast-source/1', async () => {
  const document = JSON.parse((await ran(['forecast', 'Billing API', '--scale', '2', '--json'])).out);
  expect(document).toEqual({
    schema: 'atlas-conns/forecast-source/1',
    cluster: 'prod',
    at: '2026-11-21T10:00:00.000Z',
    source: { id: '203.0.113.0/24', name: 'Billing API' },
    scale: { factor: 2 },
    clients: { now: 12, scaled: 24 },
    nodes: [
      {
        ...{ host: A, role: 'primary', limit: 1_500, connections: 600, held: 488 },
        ...{ scaled: 1_088, full: 2_656, deploy: 1_332, election: 1_088 },
      },
    ],
    assumptions: expect.any(Array),
  });
});

const PLAN = ['forecast', 'prod', '--driver', 'node', '--instances', '4'];

test.each([
  [['forecast', 'prod', 'Billing API'], 'No growth of "Billing API" is given.'],
  [['forecast', '--scale', '2'], 'No source is given.'],
  [['forecast', 'prod', 'Billing API', '--scale', '2', '--clients', '4'], '--scale and --clients are two growths.'],
  [['forecast', 'prod', 'Billing API', '--clients', '0'], '--clients is out of range.'],
  [['forecast', 'prod', 'Billing API', '--scale', '0'], 'Expected a factor such as 2 or 1.5, up to 1,000.'],
  [['forecast', 'prod', 'Polls', '--clients', '4'], 'The number of clients of Polls is unknown: its drivers poll.'],
  [['forecast', 'prod', 'Billin API', '--scale', '2'], 'Did you mean "Billing API"?'],
  [[...PLAN, 'Billing API'], 'A plan has no source, and "Billing API" is one.'],
  [[...PLAN, '--scale', '2'], '--scale is of a source, and the other options are of a plan.'],
  [['forecast', '--driver', 'node', '--instances', '4', '--scale', '2'], '--scale is of a source'],
  [['forecast', 'prod', '--limit', '5'], '--limit stands beside a watched cluster, which has its own nodes'],
  [['forecast', 'prod', '--nodes', '5', '--tier', 'M10'], '--nodes and --tier stand beside a watched cluster'],
  [['forecast', '--cluster', 'prod', '--others', '5'], '--others stands beside a watched cluster'],
  [['forecast', 'prod', '--operations', '5'], 'driver is missing.'],
  [[...PLAN, '--operations', 'primarie=5'], 'operations.primarie is neither a node of the plan nor a kind of node.'],
])('%j is refused', async (argv, words) => {
  const { code, err } = await ran(argv);
  expect(code).toBe(2);
  expect(err).toContain(words);
});

const B = 'shard-00-01.abcde.mongodb.net:27017';
const C = 'shard-00-02.abcde.mongodb.net:27017';
const set = report({
  nodes: [
    node(A, { role: 'primary', current: 600, limit: 1_500 }),
    node(B, { role: 'secondary', current: 100, limit: 1_500 }),
    node(C, { role: 'secondary', current: 80, limit: 1_500, hidden: true }),
  ],
});

test('a plan against a watched cluster: its nodes, their limits, and what others hold now', async () => {
  const argv = ['forecast', 'prod', '--driver', 'node', '--instances', '20', '--operations', '8', '--processes', '4'];
  const { code, out } = await ran(argv, { report: async () => set });
  expect(code).toBe(0);
  expect(out).toContain('80 clients (Node.js): 20 instances × 4 processes\n');
  // 80 × 2 heartbeats and 80 × 8; 25 instances; none on the hidden node.
  expect(out).toMatch(/shard-00-00 +600 +760 +1,400 +8,760 +1,600 +1,400 +1,500\n/);
  expect(out).toMatch(/shard-00-01 +100 +260 +260 +8,260 +300 +900 +1,500\n/);
  expect(out).toMatch(/shard-00-02 +80 +80 +80 +80 +80 +80 +1,500\n/);
  // 900 ÷ 40 = 22; 22 ÷ 1.25 = 17.
  expect(out).toMatch(/used: operations at once +shard-00-00 +93 % +22\n/);
  expect(out).toMatch(/deploy: used, old and new +shard-00-00 +107 % +17\n/);
  expect(out).toContain('- Others hold what they hold in this reading.');
  expect(out).toContain('- Each secondary counts as electable: a reading does not show');
});

test('the same as JSON, schema atlas-conns/forecast-fleet/1; operations by a node, and a file', async () => {
  const argv = [...PLAN, '--operations', `${B}=3`, '--per-second', '15', '--json'];
  const document = JSON.parse((await ran(argv, { report: async () => set })).out);
  expect(document).toEqual({
    schema: 'atlas-conns/forecast-fleet/1',
    ...{ cluster: 'prod', at: '2026-11-21T10:00:00.000Z', clients: 4 },
    nodes: expect.any(Array),
    scenarios: expect.any(Array),
    secondsToConnectAll: 2,
    assumptions: expect.any(Array),
  });
  expect(document.nodes[1]).toEqual({
    ...{ host: B, kind: 'secondary', limit: 1_500, connections: 100 },
    ...{ idle: 108, used: 120, full: 508, deploy: 125, election: 120 },
  });
  expect(document.scenarios[1]).toEqual({
    name: 'used',
    busiest: { name: A, connections: 608, share: 608 / 1_500 },
    instancesUntilLimit: 280,
  });
});

test('a plan in a file has no nodes beside a watched cluster', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'plan.json');
  const plan = { driver: 'node', instances: 4, operations: { primary: 3 } };
  await writeFile(path, JSON.stringify(plan));
  const { out } = await ran(['forecast', 'prod', '--plan', path], { report: async () => set });
  expect(out).toMatch(/shard-00-00 +600 +608 +620 /);
  await writeFile(path, JSON.stringify({ ...plan, nodes: [{ name: 'a', kind: 'primary' }], limit: 500 }));
  const { code, err } = await ran(['forecast', 'prod', '--plan', path], { report: async () => set });
  expect(code).toBe(2);
  expect(err).toContain('The plan has nodes and limit, and a watched cluster has its own nodes and limits.');
});

test('a cluster of which no node was read takes no plan', async () => {
  const unread = { host: A, problem: { code: 'timeout', text: 'It timed out.', remedy: 'Wait.' } };
  const { code, err } = await ran(PLAN, { report: async () => report({ nodes: [unread] }) });
  expect(code).toBe(2);
  expect(err).toContain('No node of prod could be read.');
});

test('nodes says when a node reaches its limit, and says nothing without growth', async () => {
  const sentence = 'shard-00-00 reaches its limit in 92 days, at its growth of 28 days.';
  expect((await ran(['nodes'], { growth: withGrowth })).out).toContain(sentence);
  expect((await ran(['nodes'])).out).not.toContain('reaches its limit');
});

test('the growth of a stored history: daily maxima of whole days; a store that is away is a problem', async () => {
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: () => new Date(AT) });
  onTestFinished(() => store.close());
  for (let day = 0; day < 10; day++) {
    // The highest of each day counts, and today's not at all.
    for (const [hours, more] of [
      [2, 0],
      [8, 50],
    ] as const) {
      const slot = AT - day * DAY - hours * 3_600_000;
      const nodes = { [A]: [900 - 20 * day + more, 1_500] } as const;
      expect(await store.write(readingOf({ slot, nodes }))).toBe(true);
    }
  }
  const asked = { cluster: 'prod', hosts: [A, 'elsewhere:27017'], now: AT };
  const { growth, problem } = await storedGrowth({ ...asked, openToRead: async () => store });
  expect(problem).toBeNull();
  expect(growth.get(A)).toMatchObject({ kind: 'growing', days: 9, likely: { perDay: 20, level: 930 } });
  expect(growth.get('elsewhere:27017')).toEqual({ kind: 'unknown', days: 0 });
  const away = new UpstreamError({ code: 'store-away', text: 'The store is away.', remedy: 'Wait.' });
  const without = await storedGrowth({ ...asked, openToRead: () => Promise.reject(away) });
  expect(without).toEqual({
    growth: new Map(),
    problem: { code: 'no-history', text: 'Growth is missing here: The store is away. Wait.', remedy: '' },
  });
});
