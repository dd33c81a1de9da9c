// The grammar of `pools`: all apps, an app, a cluster, or both; and the text that parses back.

import { expect, test } from 'vitest';
import { parseCommand, printCommand } from '../../../src/core/commands/commands.ts';
import { poolsText } from '../../../src/core/commands/pools.ts';

const grammar = { clusters: ['prod', 'staging', 'My Cluster'], command: '/atlas-conns' };
const pools = (app: string | null, cluster: string | null) => ({ kind: 'pools', app, cluster }) as const;

test.each([
  ['pools', pools(null, null)],
  ['pool', pools(null, null)],
  ['pools prod', pools(null, 'prod')],
  ['pools in PROD', pools(null, 'prod')],
  ['pools "prod"', pools('prod', null)],
  ['pools billing', pools('billing', null)],
  ['pools billing worker in prod', pools('billing worker', 'prod')],
  ['pools app billing in "my cluster"', pools('billing', 'My Cluster')],
  ['pools of the app billing', pools('billing', null)],
  ['pools "app billing"', pools('app billing', null)],
])('%s', (text, command) => {
  const parsed = parseCommand(text, grammar);
  expect(parsed).toEqual({ ok: true, command });
  expect(parseCommand(printCommand(command), grammar)).toEqual({ ok: true, command });
});

test.each([
  ['billing', 'prod', 'pools billing in prod'],
  ['billing worker', 'My Cluster', 'pools "billing worker" in "My Cluster"'],
  ['prod', 'prod', 'pools "prod" in prod'],
  ['of', 'prod', 'pools "of" in prod'],
  ['a.b', 'prod', 'pools "a.b" in prod'],
])('the command of app %s in %s parses back', (app, cluster, text) => {
  expect(poolsText(app, cluster)).toBe(text);
  expect(parseCommand(text, grammar)).toEqual({ ok: true, command: pools(app, cluster) });
});

test.each([
  ['pools ""', 'missing-app', 'The name of the app is empty.'],
  ['pools billing in prdo', 'unknown-cluster', `I don't know a cluster "prdo".`],
  ['pools prod staging', 'two-clusters', 'One cluster at a time.'],
])('%s is refused: %s', (typed, code, text) => {
  expect(parseCommand(typed, grammar)).toMatchObject({ ok: false, problem: { code, text } });
});

test('a cluster before the word is answered with the right order', () => {
  const remedy = expect.stringContaining('Did you mean "/atlas-conns pools in prod"?');
  expect(parseCommand('prod pools', grammar)).toMatchObject({ ok: false, problem: { remedy } });
});
