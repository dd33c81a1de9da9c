// The arithmetic of a plan: what differs between drivers, kinds of nodes and options. Figures of one client on a node
// are [monitors, idle, used, ceiling].

import { describe, expect, test } from 'vitest';
import { clusterTarget, type Fleet, forecastAgainst, tierTarget } from '../../../src/core/forecast/against.ts';
import { decodePlan } from '../../../src/core/forecast/decode-plan.ts';
import { forecastOf } from '../../../src/core/forecast/forecast.ts';
import type { PlanForecast } from '../../../src/core/forecast/plan.ts';
import { TIERS } from '../../../src/core/forecast/tiers.ts';
import { reportOn } from '../fixtures.ts';

const node = (name: string, kind = name) => ({ name, kind });
const SET = [node('a', 'primary'), node('b', 'secondary'), node('c', 'secondary')];
const ROUTERS = ['r0', 'r1', 'r2'].map((name) => node(name, 'mongos'));
const LAMBDA = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' };

function forecast(plan: object): PlanForecast {
  const decoded = decodePlan({ driver: 'node', instances: 1, nodes: SET, ...plan });
  if ('problems' in decoded) throw new Error(decoded.problems.map(({ text }) => text).join('\n'));
  return forecastOf(decoded.plan);
}

function figures({ perNode }: PlanForecast): object {
  return Object.fromEntries(
    Object.entries(perNode).map(([name, { monitors, idle, used, ceiling }]) => [name, [monitors, idle, used, ceiling]]),
  );
}

const OPERATIONS = { operations: { primary: 30 } };

describe('one client of each driver on a replica set, with 30 operations at once on the primary', () => {
  test.each([
    ['any', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['node', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['python', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['java', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['go', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['csharp', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['c', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['cpp', [2, 2, 32, 102], [2, 2, 2, 102]],
    ['ruby', [2, 2, 22, 22], [2, 2, 2, 22]],
    ['rust', [2, 2, 12, 12], [2, 2, 2, 12]],
    ['php', [0, 1, 1, 1], [0, 1, 1, 1]],
  ])('%s', (driver, primary, secondary) => {
    expect(figures(forecast({ driver, ...OPERATIONS }))).toEqual({ a: primary, b: secondary, c: secondary });
  });

  test('names that people use mean the same', () => {
    for (const [alias, driver] of [
      ['pymongo', 'python'],
      ['kotlin', 'java'],
      ['Scala', 'java'],
      ['c#', 'csharp'],
    ])
      expect(forecast({ driver: alias, ...OPERATIONS })).toEqual(forecast({ driver, ...OPERATIONS }));
  });
});

describe('kinds of nodes', () => {
  const kinds = ['primary', 'secondary', 'readonly', 'analytics', 'arbiter', 'hidden'].map((kind) => node(kind));

  test('an arbiter has monitors and no pool, a hidden node nothing, any other the minimum', () => {
    const withMin = forecast({ nodes: kinds, options: { minPoolSize: 5 } });
    const usual = [2, 7, 7, 102];
    expect(figures(withMin)).toEqual({
      primary: usual,
      secondary: usual,
      readonly: usual,
      analytics: usual,
      arbiter: [2, 2, 2, 2],
      hidden: [0, 0, 0, 0],
    });
    expect(withMin.total).toEqual({ idle: 30, used: 30, ceiling: 410 });
    expect(withMin.monitorsTotal).toBe(10);
  });

  test('a PHP worker has one connection to an arbiter, and none to a hidden node', () => {
    const one = [0, 1, 1, 1];
    expect(figures(forecast({ driver: 'php', nodes: kinds }))).toMatchObject({ arbiter: one, hidden: [0, 0, 0, 0] });
  });

  test('an unlimited pool has no bound where there is a pool', () => {
    const unlimited = forecast({ nodes: kinds, options: { maxPoolSize: 0 }, limit: 1_500, sizing: 'ceiling' });
    expect(figures(unlimited)).toMatchObject({
      primary: [2, 2, 2, null],
      arbiter: [2, 2, 2, 2],
      hidden: [0, 0, 0, 0],
    });
    expect(unlimited).toMatchObject({ total: { idle: 10, used: 10, ceiling: null }, instancesUntilLimit: null });
    expect(unlimited).not.toHaveProperty('busiestShareOfLimit');
  });

  test('a standalone node', () => {
    const nodes = [node('x', 'single')];
    expect(figures(forecast({ nodes, operations: { single: 4 } }))).toEqual({ x: [2, 2, 6, 102] });
  });

  test('operations by the name of a node win over those by its kind', () => {
    const operations = { primary: 6, secondary: 1, c: 9 };
    expect(figures(forecast({ operations }))).toEqual({ a: [2, 2, 8, 102], b: [2, 2, 3, 102], c: [2, 2, 11, 102] });
  });

  test('a node may have the name of a property of every object', () => {
    expect(figures(forecast({ nodes: [node('constructor', 'primary')] }))).toEqual({ constructor: [2, 2, 2, 102] });
  });
});

describe('how clients watch', () => {
  test.each([
    ['streams', {}, 2],
    ['streams on a server that is not out yet', { server: '12.1' }, 2],
    ['streams on a server 4.4', { server: '4.4' }, 2],
    ['polls a server 4.2', { server: '4.2.24' }, 1],
    [
      'polls a server 4.2 even where streaming is set',
      { server: '4.2', options: { serverMonitoringMode: 'stream' } },
      1,
    ],
    ['polls where that is set', { options: { serverMonitoringMode: 'poll' } }, 1],
    ['polls on Lambda', { env: LAMBDA }, 1],
    ['streams on Lambda where that is set', { env: LAMBDA, options: { serverMonitoringMode: 'stream' } }, 2],
    ['polls on Azure Functions', { env: { FUNCTIONS_WORKER_RUNTIME: 'node' } }, 1],
    ['polls on Cloud Run', { env: { K_SERVICE: 'web' } }, 1],
    ['polls on Cloud Functions', { env: { FUNCTION_NAME: 'f' } }, 1],
    ['polls on Vercel', { env: { VERCEL: '1' } }, 1],
    ['streams with an empty variable', { env: { VERCEL: '', K_SERVICE: '' } }, 2],
    ['streams with two families', { env: { ...LAMBDA, FUNCTIONS_WORKER_RUNTIME: 'node' } }, 2],
    ['two families, PyMongo', { driver: 'python', env: { ...LAMBDA, K_SERVICE: 'x' } }, 1],
    ['two families, C#', { driver: 'csharp', env: { ...LAMBDA, K_SERVICE: 'x' } }, 1],
    ['two families, Java', { driver: 'java', env: { ...LAMBDA, K_SERVICE: 'x' } }, 2],
    ['an empty variable, C#', { driver: 'csharp', env: { VERCEL: '' } }, 1],
    ['an empty variable, Java', { driver: 'java', env: { K_SERVICE: '' } }, 1],
    ['an empty variable, Go', { driver: 'go', env: { K_SERVICE: '' } }, 2],
    ['C pooled on Lambda', { driver: 'c', env: LAMBDA }, 2],
    ['C pooled, polling', { driver: 'c', options: { serverMonitoringMode: 'poll' } }, 2],
    ['C++ polling', { driver: 'cpp', options: { serverMonitoringMode: 'poll' } }, 2],
    ['C pooled on a server 4.2', { driver: 'c', server: '4.2' }, 1],
    ['C single', { driver: 'c', mode: 'single', env: LAMBDA }, 0],
  ])('%s', (_, plan, monitors) => {
    expect(forecast(plan).perNode['b']?.monitors).toBe(monitors);
  });

  test('behind a load balancer there are no monitors, with the option or by the kind of node', () => {
    const nodes = [node('lb')];
    const operations = { lb: 12 };
    expect(figures(forecast({ nodes, operations, options: { loadBalanced: true } }))).toEqual({ lb: [0, 0, 12, 100] });
    expect(figures(forecast({ nodes, operations, options: { minPoolSize: 3 } }))).toEqual({ lb: [0, 3, 12, 100] });
  });

  test('directConnection means the first node alone, whatever it is', () => {
    const options = { directConnection: true, minPoolSize: 3 };
    const none = [0, 0, 0, 0];
    expect(figures(forecast({ options, operations: { primary: 5, secondary: 9 } }))).toEqual({
      a: [2, 5, 7, 102],
      b: none,
      c: none,
    });
    const nodes = [node('h', 'hidden'), ...SET];
    expect(figures(forecast({ nodes, options }))).toEqual({ h: [2, 5, 5, 102], a: none, b: none, c: none });
  });
});

describe('pools', () => {
  test('minPoolSize is ignored by drivers without it', () => {
    for (const driver of ['c', 'cpp', 'php']) {
      const options = { minPoolSize: 500 };
      expect(figures(forecast({ driver, options }))).toEqual(figures(forecast({ driver })));
    }
  });

  test('maxPoolSize=0 is 1 for C', () => {
    const options = { maxPoolSize: 0 };
    expect(figures(forecast({ driver: 'c', options, ...OPERATIONS }))).toMatchObject({ a: [2, 2, 3, 3] });
  });

  test('operations above maxPoolSize wait', () => {
    expect(figures(forecast({ options: { maxPoolSize: 7, minPoolSize: 7 }, ...OPERATIONS }))).toMatchObject({
      a: [2, 9, 9, 9],
      b: [2, 9, 9, 9],
    });
  });

  test('clients are instances × processes × clients of a process', () => {
    const fleet = forecast({ instances: 3, processes: 4, clients: 5, operations: { primary: 1 } });
    expect(fleet.clients).toBe(60);
    expect(figures(fleet)).toMatchObject({ a: [120, 120, 180, 6_120], b: [120, 120, 120, 6_120] });
  });
});

describe('srvMaxHosts', () => {
  const plan = (srvMaxHosts: number) =>
    forecast({ nodes: ROUTERS, instances: 10, options: { srvMaxHosts }, operations: { mongos: 3 }, limit: 500 });

  test('a mean with two decimals, and exact totals', () => {
    expect(figures(plan(2))).toEqual(Object.fromEntries(ROUTERS.map(({ name }) => [name, [13.33, 13.33, 33.33, 680]])));
    expect(plan(2)).toMatchObject({ total: { idle: 40, used: 100, ceiling: 2_040 }, monitorsTotal: 40 });
    // 5 × 2 of 3 on each: 500 ÷ 3.33.
    expect(plan(2).instancesUntilLimit).toBe(150);
  });

  test('0, and as many as there are or more, are all of them', () => {
    for (const all of [0, 3, 40]) expect(figures(plan(all))).toMatchObject({ r1: [20, 20, 50, 1_020] });
  });

  test.each([{ driver: 'php' }, { driver: 'c', mode: 'single' }])(
    'a single-threaded client takes its part too',
    (one) => {
      const plan = { ...one, nodes: ROUTERS, instances: 10, options: { srvMaxHosts: 2 }, limit: 500 };
      expect(figures(forecast(plan))).toMatchObject({ r1: [0, 6.67, 6.67, 6.67] });
      expect(forecast(plan)).toMatchObject({ total: { idle: 20, used: 20, ceiling: 20 }, instancesUntilLimit: 750 });
    },
  );

  test('the members of a replica set are all found', () => {
    expect(figures(forecast({ options: { srvMaxHosts: 1 } }))).toEqual(figures(forecast({})));
  });
});

describe('the limit of a node', () => {
  test('reserved and others leave less, and the share is that of the fleet', () => {
    const plan = { instances: 40, operations: { primary: 8 }, limit: 1_500, reserved: 10, others: 400 };
    // (1,500 − 410) ÷ 10.
    expect(forecast(plan)).toMatchObject({ instancesUntilLimit: 109, busiestShareOfLimit: 0.2667, sizing: 'used' });
    expect(forecast({ ...plan, sizing: 'ceiling' })).toMatchObject({
      instancesUntilLimit: 10,
      busiestShareOfLimit: 2.72,
    });
    expect(forecast({ ...plan, others: 1_600 }).instancesUntilLimit).toBe(0);
  });

  test('without a limit nothing is held against it', () => {
    const free = forecast({});
    for (const name of ['sizing', 'instancesUntilLimit', 'busiestShareOfLimit', 'secondsToConnectAll'])
      expect(free).not.toHaveProperty(name);
    for (const scenario of free.scenarios) expect(scenario).toMatchObject({ share: null, instancesUntilLimit: null });
  });

  test('a fleet that opens nothing has no bound', () => {
    const nothing = forecast({ nodes: [node('h', 'hidden')], limit: 500 });
    expect(nothing).toMatchObject({ instancesUntilLimit: null, busiestShareOfLimit: 0 });
  });

  test('seconds to connect all are rounded up', () => {
    const plan = { instances: 100, operations: { primary: 8 }, establishPerSecond: 15 };
    expect(forecast(plan).secondsToConnectAll).toBe(67);
    expect(forecast({ ...plan, limit: 20_000, sizing: 'ceiling' }).secondsToConnectAll).toBe(680);
  });
});

describe('scenarios', () => {
  const fleet = forecast({ instances: 50, operations: { primary: 10, secondary: 1 }, limit: 1_500 });
  const scenario = (name: string) => fleet.scenarios.find((one) => one.name === name);

  test('idle, used and full are the figures of the nodes', () => {
    for (const [name, figure] of [
      ['idle', 'idle'],
      ['used', 'used'],
      ['full', 'ceiling'],
    ] as const)
      expect(scenario(name)?.perNode).toEqual(
        Object.fromEntries(Object.entries(fleet.perNode).map(([host, row]) => [host, row[figure]])),
      );
  });

  test('a deploy has a quarter more instances, rounded up, and fewer fit', () => {
    // 63 × 12; 125 × 12 = 1,500, so 100 instances may deploy.
    expect(scenario('deploy')).toMatchObject({ busiest: 756, share: 0.504, instancesUntilLimit: 100 });
  });

  test('after an election the new primary has a pool as large as that of the former', () => {
    expect(scenario('election')?.perNode).toEqual({ a: 600, b: 600, c: 600 });
  });

  test('an election is none for routers', () => {
    const routers = forecast({ nodes: ROUTERS, operations: { r0: 5 } });
    expect(routers.scenarios.find(({ name }) => name === 'election')?.perNode).toEqual({ r0: 7, r1: 2, r2: 2 });
  });
});

describe('assumptions are said', () => {
  const said = (plan: object) => forecast(plan).assumptions.join('\n');

  test.each([
    [{}, 'maxPoolSize is 100, the default of the Node.js driver.'],
    [{ driver: 'rust' }, 'maxPoolSize is 10, the default of the Rust driver.'],
    [{ driver: 'c', options: { maxPoolSize: 0, minPoolSize: 2 } }, 'minPoolSize is ignored by the C driver.'],
    [{ driver: 'c', options: { maxPoolSize: 0 } }, 'maxPoolSize=0 means 1 for the C driver.'],
    [{ driver: 'c', options: { maxIdleTimeMS: 5 } }, 'maxIdleTimeMS is ignored by the C driver.'],
    [{ driver: 'csharp' }, 'Connections that a burst opened close after 10 min without work.'],
    [{ env: LAMBDA }, 'they run on functions (aws.lambda)'],
    [{ server: '4.2' }, 'the server is 4.2'],
    [{ limit: 1_500, reserved: 10 }, 'Of the 1,500 connections of a node, Atlas reserves 10, and others hold none.'],
    [{ nodes: ROUTERS, options: { srvMaxHosts: 2 } }, 'each client takes 2 of 3 routers at random'],
    [{ options: { directConnection: true } }, 'clients use and watch a alone'],
    [{ instances: 1_000, establishPerSecond: 15 }, 'longer than connectTimeoutMS (30 s by default)'],
  ])('%j', (plan, sentence) => {
    expect(said(plan)).toContain(sentence);
  });

  test('a single-threaded client has no pool to speak of', () => {
    expect(said({ driver: 'php' })).not.toContain('PoolSize');
  });
});

describe('against nodes that differ', () => {
  const [, m10] = TIERS;
  if (m10 === undefined) throw new Error('no tier');
  const fleet = (instances: number): Fleet => {
    const known = {
      driver: 'node',
      mode: 'pooled',
      server: null,
      env: {},
      options: {},
      processes: 1,
      clients: 1,
    } as const;
    return { ...known, instances, operations: { primary: 8 } };
  };

  test.each([1, 3, 4, 119])(
    '%d instances: as many fit during a deploy as by a plan with the same limit',
    (instances) => {
      const plan = forecast({ instances, operations: { primary: 8 }, limit: 1_500, reserved: 10 });
      const { scenarios } = forecastAgainst(fleet(instances), tierTarget(m10, 3));
      const fits = scenarios.map((one) => one.instancesUntilLimit);
      expect(fits).toEqual(plan.scenarios.map((one) => one.instancesUntilLimit));
      // 1,490 ÷ 10 = 149; 119 and a quarter are 149, 120 are 150.
      expect(fits[3]).toBe(119);
      expect(scenarios.map(({ busiest }) => busiest?.share.toFixed(4))).toEqual(
        plan.scenarios.map(({ share }) => share?.toFixed(4)),
      );
    },
  );

  test('a hidden member of a watched cluster has no clients, and a secondary is said to be electable', () => {
    const known = {
      version: '8.0.1',
      connections: 1,
      available: null,
      totalCreated: 1,
      rejected: 0,
      threads: [],
      clients: 1,
    };
    const one = { ...known, current: 100, limit: 1_000 };
    const nodes = [
      { ...one, host: 'a', role: 'primary' as const },
      { ...one, host: 'b', role: 'secondary' as const },
      { ...one, host: 'c', role: 'secondary' as const, hidden: true as const, limit: 101 },
    ];
    const target = clusterTarget({ ...reportOn({}), nodes });
    if (target === null) throw new Error('no target');
    const { nodes: filled, scenarios, assumptions } = forecastAgainst(fleet(2), target);
    expect(filled.map(({ kind, filled: { election, full } }) => [kind, election, full])).toEqual([
      ['primary', 120, 304],
      ['secondary', 120, 304],
      ['hidden', 100, 100],
    ]);
    expect(scenarios[1]).toMatchObject({ instancesUntilLimit: 90 });
    expect(assumptions.some((text) => text.includes('Each secondary counts as electable'))).toBe(true);
    const lone = clusterTarget({ ...reportOn({}), nodes: nodes.slice(0, 1) });
    expect(lone?.assumptions.some((text) => text.includes('electable'))).toBe(false);
  });
});
