// The grammar of `forecast`: a cluster, or a source with its growth; and what wrong input is answered with.

import { expect, test } from 'vitest';
import { type Command, commandName, parseCommand, printCommand } from '../../../src/core/commands/commands.ts';

const grammar = { clusters: ['prod', 'staging', 'My Cluster', 'x2'], command: '/atlas-conns' };
const parsed = (text: string) => {
  const result = parseCommand(text, grammar);
  return result.ok ? result.command : result.problem.code;
};
const ofCluster = (cluster: string | null) => ({ kind: 'forecast', source: null, cluster, scale: null });
const scaled = (source: string, scale: object, cluster: string | null = null) => {
  return { kind: 'forecast', source, cluster, scale };
};
const twice = { factor: 2 };
const forty = { clients: 40 };

test.each<[string, unknown]>([
  ['forecast', ofCluster(null)],
  ['Forecast prod.', ofCluster('prod')],
  ['forecast in prod', ofCluster('prod')],
  ['forecast for "my cluster"', ofCluster('My Cluster')],
  ['forecast Billing API x2', scaled('Billing API', twice)],
  ['forecast Billing API 2x', scaled('Billing API', twice)],
  ['forecast Billing API ×1.5', scaled('Billing API', { factor: 1.5 })],
  ['forecast Billing API x 2', scaled('Billing API', twice)],
  ['forecast Billing API 1,5x', scaled('Billing API', { factor: 1.5 })],
  ['forecast Billing API by 2x please', scaled('Billing API', twice)],
  ['forecast Billing API 40 clients', scaled('Billing API', forty)],
  ['forecast Billing API to 40 clients', scaled('Billing API', forty)],
  ['forecast Billing API 1 client', scaled('Billing API', { clients: 1 })],
  ['forecast Billing API 40clients', scaled('Billing API', forty)],
  ['forecast Billing API in prod x2', scaled('Billing API', twice, 'prod')],
  ['forecast Billing API x2 in prod', scaled('Billing API', twice, 'prod')],
  ['forecast Billing API prod x2', scaled('Billing API', twice, 'prod')],
  ['forecast Billing API x2 prod', scaled('Billing API', twice, 'prod')],
  ['forecast Billing API x2 in "my cluster"', scaled('Billing API', twice, 'My Cluster')],
  ['forecast Billing API in my cluster x2', scaled('Billing API in my cluster', twice)],
  ['forecast Billing API 40 clients in prod', scaled('Billing API', forty, 'prod')],
  ['forecast "Billing API" in prod 40 clients', scaled('Billing API', forty, 'prod')],
  ['forecast “Billing API” x2 in prod', scaled('Billing API', twice, 'prod')],
  ['forecast "worker x2" x4', scaled('worker x2', { factor: 4 })],
  ['forecast "worker x2" 40 clients in staging', scaled('worker x2', forty, 'staging')],
  ['forecast "worker x2" in staging 40 clients', scaled('worker x2', forty, 'staging')],
  ['forecast worker x4 pool x3', scaled('worker x4 pool', { factor: 3 })],
  ['forecast "40 clients" x3', scaled('40 clients', { factor: 3 })],
  ['forecast "prod" x3', scaled('prod', { factor: 3 })],
  ['forecast anyone: app "etl" x3', scaled('anyone: app "etl"', { factor: 3 })],
  ['forecast "anyone: app "etl"" in prod x3', scaled('anyone: app "etl"', { factor: 3 }, 'prod')],
  ['forecast 203.0.113.9 x3', scaled('203.0.113.9', { factor: 3 })],
  ['forecast 203.0.113.0/24 x0.5', scaled('203.0.113.0/24', { factor: 0.5 })],
  ['forecast Billing API', 'missing-growth'],
  ['forecast "worker x4"', 'missing-growth'],
  ['forecast "worker x4" in prod', 'missing-growth'],
  ['forecast prod Billing API', 'missing-growth'],
  ['forecast "prod"', 'missing-growth'],
  ['forecast x3', 'missing-source'],
  ['forecast 40 clients', 'missing-source'],
  ['forecast prod x3', 'missing-source'],
  ['forecast in prod x3', 'missing-source'],
  ['forecast x3 in prod', 'missing-source'],
  ['forecast "" x3', 'missing-source'],
  ['forecast prdo', 'unknown-cluster'],
  ['forecast Billing API in prdo x3', 'unknown-cluster'],
  ['forecast Billing API x3 in prdo', 'unknown-cluster'],
  ['forecast "Billing API" in elsewhere x3', 'unknown-cluster'],
  ['forecast prod staging', 'two-clusters'],
  ['forecast Billing API in prod x3 in staging', 'two-clusters'],
  ['forecast Billing API x0', 'unknown-growth'],
  ['forecast Billing API x1001', 'unknown-growth'],
  ['forecast Billing API x1.234', 'unknown-growth'],
  ['forecast Billing API 0 clients', 'unknown-growth'],
  ['forecast Billing API 1.5 clients in prod', 'unknown-growth'],
  ['forecast Billing API 2000000 clients', 'unknown-growth'],
  ['forecast Billing API 2', 'unknown-growth'],
  ['forecast Billing API +50%', 'unknown-growth'],
  ['forecast Billing API x-2', 'unknown-growth'],
  ['forecast Billing API 40 instances in prod', 'unknown-growth'],
  ['forecast "Billing API" 2 in prod', 'unknown-growth'],
])('%s is understood', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

test.each([
  ['forecast prdo', `I don't know a cluster "prdo". Did you mean "/atlas-conns forecast prod"? I watch prod, staging.`],
  [
    'forecast Billing API',
    'No growth was named. Did you mean "/atlas-conns forecast "Billing API" x2"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast prod Billing API',
    'No growth was named. Did you mean "/atlas-conns forecast "Billing API" in prod x2"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Billing API +50% in prod',
    '"+50%" is not a growth. Did you mean "/atlas-conns forecast "Billing API" x1.5"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Web EU -5 clients',
    '"-5 clients" is not a growth. Did you mean "/atlas-conns forecast "Web EU" x2"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Web EU 40',
    '"40" is not a growth. Did you mean "/atlas-conns forecast "Web EU" 40 clients"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Web EU 3 pods',
    '"3 pods" is not a growth. Did you mean "/atlas-conns forecast "Web EU" 3 clients"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Web EU 3',
    '"3" is not a growth. Did you mean "/atlas-conns forecast "Web EU" x3"? A growth is x2, 1.5x or 40 clients.',
  ],
  [
    'forecast Web EU x1000000',
    '"x1000000" is not a growth. Did you mean "/atlas-conns forecast "Web EU" x2"? A growth is x2, 1.5x or 40 clients. At most x1,000.',
  ],
  [
    'forecast Web EU 2000000 clients',
    '"2000000 clients" is not a growth. Did you mean "/atlas-conns forecast "Web EU" x2"? A growth is x2, 1.5x or 40 clients. At most 999,999 clients.',
  ],
  ['forecast prod x3', 'No source was named. Write "/atlas-conns forecast <source> in prod x3".'],
  [
    'forecast Billing API x3 in prdo',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns forecast "Billing API" in prod x3"? I watch prod, staging.`,
  ],
  [
    'forecast prod and staging',
    'One cluster at a time. Write "/atlas-conns forecast prod" or "/atlas-conns forecast staging".',
  ],
  [
    'prod forecast',
    `I don't know "forecast" after the cluster "prod". Did you mean "/atlas-conns forecast prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'prod forecast Billing API x3',
    `I don't know "forecast" after the cluster "prod". Did you mean "/atlas-conns forecast prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'capacity',
    `I don't know "capacity". Did you mean "/atlas-conns forecast [cluster], or forecast <source> [in <cluster>] <x2 or 40 clients>"? "/atlas-conns help" lists everything.`,
  ],
])('%s is answered with what was wrong, and the nearest right form', (text, answer) => {
  const result = parseCommand(text, { ...grammar, clusters: ['prod', 'staging'] });
  if (result.ok) throw new Error(`"${text}" was understood`);
  expect(`${result.problem.text} ${result.problem.remedy}`).toBe(answer);
});

test.each<Command<'forecast'>>([
  { kind: 'forecast', source: null, cluster: null, scale: null },
  { kind: 'forecast', source: null, cluster: 'My Cluster', scale: null },
  { kind: 'forecast', source: 'worker x2', cluster: 'x2', scale: { factor: 0.25 } },
  { kind: 'forecast', source: 'anyone: app "40 clients"', cluster: null, scale: { clients: 999_999 } },
])('a printed forecast parses back: %j', (command) => {
  expect(parsed(printCommand(command))).toEqual(command);
  expect(commandName('forecast x2', grammar)).toBe('forecast');
});
