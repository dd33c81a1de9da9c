// A report as it came: each field by name, what is cut, what is ignored.

import { describe, expect, test } from 'vitest';
import { decodePoolReport } from '../../../src/core/pools/decode.ts';
import type { PoolReport } from '../../../src/core/pools/report.ts';
import { pool, poolReport } from '../../http/pools-fixture.ts';

function decoded(data: unknown): PoolReport {
  const result = decodePoolReport(data);
  if (!result.ok) throw new Error(`${result.field}: ${result.expected}`);
  return result.report;
}

const wrong = (data: unknown) => {
  const result = decodePoolReport(data);
  return result.ok ? null : `${result.field}: ${result.expected}`;
};

/** The example with one value at a path. Undefined takes the field away. */
function changed(path: string, value: unknown): unknown {
  const report: unknown = JSON.parse(JSON.stringify(poolReport()));
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: the path is what the test is about
  const parent = steps.reduce((part: any, step) => part[step], report);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return report;
}

const POOL = 'clients/0/pools/shard-00-00.example.net:27017';

test('the example of the protocol', () => {
  expect(decoded(poolReport())).toEqual({
    ...{ seq: 17, everyMs: 5_000, left: 0, bye: false },
    process: {
      ...{ id: 'b51ad8a4-0000-4000-8000-000000000001', pid: 4711, host: 'web-7', app: 'billing', labels: {} },
      startedAt: Date.parse('2026-11-21T10:00:00Z'),
      driver: { name: 'nodejs', version: '7.9.0' },
    },
    clients: [
      {
        ...{ n: 1, appName: 'billing', options: { maxPoolSize: 100, minPoolSize: 0, maxIdleTimeMS: null } },
        pools: [{ address: 'shard-00-00.example.net:27017', ...pool() }],
      },
    ],
  });
});

describe('a missing or wrong field is named with what was expected', () => {
  const whole = 'a whole number, 0 or more';
  test.each([
    ['v', 2, 'v: 1'],
    ['v', undefined, 'v: 1'],
    ['v', '1', 'v: 1'],
    ['seq', -1, `seq: ${whole}`],
    ['seq', 1.5, `seq: ${whole}`],
    ['seq', null, `seq: ${whole}`],
    ['everyMs', 0, 'everyMs: a whole number, 1 or more'],
    ['everyMs', 1e300, 'everyMs: a whole number, 1 or more'],
    ['left', 'many', `left: ${whole}`],
    ['bye', 1, 'bye: true or false'],
    ['process', [], 'process: an object'],
    ['process/id', '', 'process.id: a text of 1 to 100 characters'],
    ['process/id', 'x'.repeat(101), 'process.id: a text of 1 to 100 characters'],
    ['process/id', 'a\u0000b', 'process.id: a text of 1 to 100 characters'],
    ['process/pid', '4711', `process.pid: ${whole}`],
    ['process/host', '\u001b\u0007', 'process.host: a text of 1 character or more'],
    ['process/app', undefined, 'process.app: a text of 1 character or more'],
    ['process/startedAt', 'yesterday', 'process.startedAt: a time such as 2026-11-21T10:00:00Z'],
    ['process/startedAt', 1_764_000_000_000, 'process.startedAt: a time such as 2026-11-21T10:00:00Z'],
    ['process/driver', undefined, 'process.driver: an object'],
    ['process/driver/name', 5, 'process.driver.name: a text of 1 character or more'],
    ['process/driver/version', null, 'process.driver.version: a text'],
    ['process/labels', ['a'], 'process.labels: an object'],
    ['process/labels', { zone: 1 }, 'process.labels["zone"]: a text'],
    [
      'process/labels',
      Object.fromEntries([...'abcdefghi'].map((name) => [name, ''])),
      'process.labels: 8 labels at most',
    ],
    ['clients', {}, 'clients: a list'],
    ['clients/0', 'client', 'clients[0]: an object'],
    ['clients/0/n', true, `clients[0].n: ${whole}`],
    ['clients/0/appName', 7, 'clients[0].appName: a text'],
    ['clients/0/options', 7, 'clients[0].options: an object'],
    ['clients/0/options/maxPoolSize', -100, `clients[0].options.maxPoolSize: ${whole}`],
    ['clients/0/options/minPoolSize', '0', `clients[0].options.minPoolSize: ${whole}`],
    ['clients/0/options/maxIdleTimeMS', 0.1, `clients[0].options.maxIdleTimeMS: ${whole}`],
    ['clients/0/pools', undefined, 'clients[0].pools: an object'],
    [POOL, null, 'clients[0].pools["shard-00-00.example.net:27017"]: an object'],
  ])('%s %j', (path, value, words) => {
    expect(wrong(changed(path, value))).toBe(words);
  });

  const figures = [
    ...['open', 'pending', 'inUse', 'waiting'].map((name) => `now/${name}`),
    ...['open', 'inUse', 'waiting'].map((name) => `max/${name}`),
    ...['created', 'closed', 'checkouts', 'failed', 'timeouts', 'cleared', 'waitMs'].map((name) => `total/${name}`),
  ];
  test.each(figures)('%s of a pool', (figure) => {
    const named = `clients[0].pools["shard-00-00.example.net:27017"].${figure.replace('/', '.')}: ${whole}`;
    for (const value of [undefined, null, -1, 0.5, '3', true, Number.MAX_VALUE])
      expect(wrong(changed(`${POOL}/${figure}`, value))).toBe(named);
  });

  test.each([[null], [[]], ['report'], [1], [undefined]])('%j is no report', (data) => {
    expect(wrong(data)).toBe(': an object');
  });
});

test('what may be left out is left out, and unknown fields are ignored', () => {
  const { bye: _, clients, ...rest } = poolReport();
  const [client] = clients;
  const report = decoded({ ...rest, clients: [{ n: client?.n, pools: {} }], reporter: { failed: 3 }, later: true });
  expect(report).toMatchObject({ bye: false, left: 0 });
  const options = { maxPoolSize: null, minPoolSize: null, maxIdleTimeMS: null };
  expect(report.clients).toEqual([{ n: 1, appName: null, options, pools: [] }]);
  expect(report).not.toHaveProperty('reporter');
});

test('texts are cut to 200 characters and lose control characters and direction marks', () => {
  const app = `\u001b[2Jbill\u202eing\r\n${'x'.repeat(300)}`;
  const report = decoded(poolReport({ process: { app, host: 'a\ud83d', labels: { 'k\u0000': 'v\u2028' } } }));
  expect(report.process.app).toMatch(/^\[2Jbillingx+$/);
  expect(report.process.app.length).toBeLessThanOrEqual(200);
  expect(report.process.host).toBe('a\ufffd');
  expect(report.process.labels).toEqual({ k: 'v' });
});

test('addresses are in lower case, and a name such as constructor or __proto__ is a name like any other', () => {
  const pools = JSON.parse(
    `{"Shard-00-00.Example.NET:27017":${JSON.stringify(pool())},"__proto__":${JSON.stringify(pool())}}`,
  );
  const labels = JSON.parse('{"__proto__":"a","constructor":"b"}');
  const report = decoded(poolReport({ clients: [{ n: 1, pools }], process: { labels } }));
  expect(report.clients[0]?.pools.map(({ address }) => address)).toEqual([
    'shard-00-00.example.net:27017',
    '__proto__',
  ]);
  expect(Object.entries(report.process.labels)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('100 pools of all clients together, and 100 clients', () => {
  const client = (n: number, count: number) => ({
    n,
    pools: Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}:27017`, pool()])),
  });
  expect(decoded(poolReport({ clients: [client(1, 60), client(2, 40)] })).clients).toHaveLength(2);
  expect(wrong(poolReport({ clients: [client(1, 60), client(2, 41)] }))).toMatch(/^clients: 100 pools at most/);
  const many = Array.from({ length: 101 }, (_, index) => client(index, 0));
  expect(wrong(poolReport({ clients: many }))).toBe('clients: 100 clients at most');
});
