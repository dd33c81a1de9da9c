// A plan from outside: every problem at once, with the field's path and the nearest right word.

import { expect, test } from 'vitest';
import { decodePlan } from '../../../src/core/forecast/decode-plan.ts';

const PLAN = { driver: 'node', instances: 2, nodes: [{ name: 'a', kind: 'primary' }] };

function said(value: unknown): readonly string[] {
  const decoded = decodePlan(value);
  return 'problems' in decoded ? decoded.problems.map(({ text, remedy }) => `${text} ${remedy}`) : [];
}

test('what is missing has its default', () => {
  expect(decodePlan(PLAN)).toEqual({
    plan: {
      driver: 'node',
      mode: 'pooled',
      server: null,
      env: {},
      options: {},
      instances: 2,
      processes: 1,
      clients: 1,
      nodes: [{ name: 'a', kind: 'primary' }],
      operations: {},
      limit: null,
      reserved: 0,
      others: 0,
      sizing: 'used',
      establishPerSecond: null,
    },
  });
  expect(said({ ...PLAN, limit: null, server: null, establishPerSecond: null })).toEqual([]);
});

test('every problem comes at once', () => {
  expect(
    said({
      driver: 'nod',
      instances: 0,
      proceses: 4,
      nodes: [{ name: 'a', kind: 'primry' }, 'b', { name: '', kind: 'arbiter', port: 1 }],
      options: { maxpoolsize: 5, srvMaxHosts: 1.5, serverMonitoringMode: 'polling', directConnection: 'yes' },
      operations: { primarie: 1, primary: -1 },
      sizing: 'full',
      limit: '1500',
    }),
  ).toEqual([
    'proceses is not a field of a plan. Did you mean processes?',
    'nodes[0].kind is "primry". Did you mean primary?',
    'nodes[1] is "b". Expected an object.',
    'nodes[2].port is not a field of a plan. Expected one of name, kind.',
    'nodes[2].name is "". Expected text in quotes.',
    'driver is "nod". Did you mean node?',
    'options.maxpoolsize is not a field of a plan. Did you mean maxPoolSize?',
    'options.serverMonitoringMode is "polling". Did you mean poll?',
    'options.srvMaxHosts is 1.5. Expected a whole number from 0.',
    'options.directConnection is "yes". Expected true or false.',
    'instances is 0. Expected a whole number from 1.',
    'operations.primarie is neither a node of the plan nor a kind of node. Did you mean primary?',
    'operations.primary is -1. Expected a whole number from 0.',
    'limit is "1500". Expected a whole number from 1.',
    'sizing is "full". Expected one of used, ceiling.',
  ]);
});

test.each<[unknown, string]>([
  [null, 'The plan is null. Expected an object with driver, instances and nodes.'],
  [[], 'The plan is an empty list. Expected an object with driver, instances and nodes.'],
  [{ ...PLAN, nodes: [] }, 'nodes is an empty list. Expected a list of nodes, each with name and kind.'],
  [{ ...PLAN, minPoolSize: 5 }, 'minPoolSize is not a field of a plan. Did you mean options.minPoolSize?'],
  [{ ...PLAN, maxpoolsize: 5 }, 'maxpoolsize is not a field of a plan. Did you mean options.maxPoolSize?'],
  [{ ...PLAN, server: 'latest' }, 'server is "latest". Expected a version as text, such as "4.2" or "8.0.4".'],
  [{ ...PLAN, server: 4.2 }, 'server is 4.2. Expected a version as text, such as "4.2" or "8.0.4".'],
  [
    { ...PLAN, nodes: [...PLAN.nodes, ...PLAN.nodes] },
    'nodes has two nodes with the name "a". Expected different names.',
  ],
  [
    { ...PLAN, driver: 'rust', options: { maxPoolSize: 0 } },
    'options.maxPoolSize is 0, which this driver refuses. Expected a whole number from 1.',
  ],
  [
    { ...PLAN, options: { minPoolSize: 20, maxPoolSize: 10 } },
    'options.minPoolSize is 20, above maxPoolSize (10). Lower it, or raise maxPoolSize.',
  ],
  [
    { ...PLAN, driver: 'ruby', options: { minPoolSize: 21 } },
    'options.minPoolSize is 21, above maxPoolSize (20, the default of Ruby). Lower it, or raise maxPoolSize.',
  ],
  [
    { ...PLAN, options: { loadBalanced: true, directConnection: true } },
    'options.loadBalanced stands beside directConnection or srvMaxHosts, which drivers refuse. Keep one of them.',
  ],
])('%j', (value, sentence) => {
  expect(said(value)).toEqual([sentence]);
});

test('a minimum that the driver ignores, or one below no maximum, is no problem', () => {
  expect(said({ ...PLAN, driver: 'php', options: { minPoolSize: 20, maxPoolSize: 10 } })).toEqual([]);
  expect(said({ ...PLAN, options: { minPoolSize: 20, maxPoolSize: 0 } })).toEqual([]);
});

test('values that may be secrets are not repeated', () => {
  const secret = 'hunter22';
  const all = said({ ...PLAN, env: { TOKEN: [secret] }, driver: `mongodb://u:${secret}@h`, mode: { key: secret } });
  expect(all).toHaveLength(3);
  expect(all.join()).not.toContain(secret);
});
