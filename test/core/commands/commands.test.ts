// The small language of the slash command: what people type, what Slack makes of it, and what is meant.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/core/base/duration.ts';
import { COMMANDS, type Command, parseCommand, printCommand } from '../../../src/core/commands/commands.ts';
import { plainText } from '../../../src/core/commands/tokens.ts';
import { DIMENSIONS } from '../../../src/core/connections/group-by.ts';

const grammar = { clusters: ['prod', 'staging', 'My Cluster', 'help'], command: '/atlas-conns' };
const parsed = (text: string) => {
  const result = parseCommand(text, grammar);
  return result.ok ? result.command : result.problem.code;
};
const refusal = (text: string, clusters = ['prod', 'staging']) => {
  const result = parseCommand(text, { ...grammar, clusters });
  if (result.ok) throw new Error(`"${text}" was understood`);
  return `${result.problem.text} ${result.problem.remedy}`;
};
const report = (cluster: string | null, by = 'source') => ({ kind: 'report', cluster, by });
const source = (name: string, cluster: string | null = null) => ({ kind: 'source', source: name, cluster });

test.each<[string, unknown]>([
  ['', report(null)],
  ['  prod ', report('prod')],
  ['PROD', report('prod')],
  ['prod.', report('prod')],
  ['report prod', report('prod')],
  ['by app', report(null, 'app')],
  ['prod by apps', report('prod', 'app')],
  ['By Driver prod', report('prod', 'driver')],
  ['by user in prod?', report('prod', 'user')],
  ['"my cluster" by node', report('My Cluster', 'node')],
  ['“help”', report('help')],
  ['help', { kind: 'help' }],
  ['Status?', { kind: 'status' }],
  ['nodes', { kind: 'nodes', cluster: null }],
  ['nodes in staging', { kind: 'nodes', cluster: 'staging' }],
  ['hygiene prod', { kind: 'hygiene', cluster: 'prod' }],
  ['whitelist prod', { kind: 'hygiene', cluster: 'prod' }],
  ['?', { kind: 'help' }],
  ['help?', { kind: 'help' }],
  ['--help', { kind: 'help' }],
  ['hey @atlas-conns prod please', report('prod')],
  ['hey <@U0BOT> prod', report('prod')],
  ['<@U0BOT|atlas-conns> prod', report('prod')],
  ['@atlas-conns prod', report('prod')],
  ['@atlas-conns', report(null)],
  ['/atlas-conns prod by app', report('prod', 'app')],
  ['atlas-conns report prod', report('prod')],
  ['please show me prod, thanks!', report('prod')],
  ['prod ?', report('prod')],
  ['nodes of prod please', { kind: 'nodes', cluster: 'prod' }],
  ['alerts for prod', { kind: 'alerts', cluster: 'prod' }],
  ['report on prod by app', report('prod', 'app')],
  ['203.0.113.9', source('203.0.113.9')],
  ['203.0.113.0/24 in prod', source('203.0.113.0/24', 'prod')],
  ['prod 203.0.113.9', source('203.0.113.9', 'prod')],
])('%s is understood', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

test.each<[string, unknown]>([
  ['source Billing API', source('Billing API')],
  ['source "Billing API" in prod', source('Billing API', 'prod')],
  ['source Billing API in Prod', source('Billing API', 'prod')],
  ['source Billing API prod', source('Billing API', 'prod')],
  ['source „Billing API“ prod', source('Billing API', 'prod')],
  ['source «Web EU» in "my cluster"', source('Web EU', 'My Cluster')],
  ['source ’Web EU‘', source('Web EU')],
  ['source "anyone: app "etl"" in prod', source('anyone: app "etl"', 'prod')],
  ['source anyone: app "etl"', source('anyone: app "etl"')],
  ['source "staging"', source('staging')],
  ['source nat in zurich', source('nat in zurich')],
  ['source 203.0.113.9?', source('203.0.113.9')],
  ['source 2001:db8::/48 staging', source('2001:db8::/48', 'staging')],
  ['source <http://203.0.113.9|203.0.113.9> prod', source('203.0.113.9', 'prod')],
  ['source <http://billing.example.com>', source('billing.example.com')],
  ['source <tel:2030113009|203.0113.009>', source('203.0113.009')],
  ['source <mailto:etl@example.com|etl@example.com>', source('etl@example.com')],
  ['source R&amp;D &lt;eu&gt;', source('R&D <eu>')],
  ['source\u00a0Billing\u2009API\u3000prod', source('Billing API', 'prod')],
  ['source &lt;http://a|b&gt;', source('<http://a|b>')],
])('%s is a source', (text, command) => {
  expect(parsed(text)).toEqual(command);
});

test.each([
  ['prdo', `I don't know a cluster "prdo". Did you mean "/atlas-conns prod"? I watch prod, staging.`],
  [
    'sorce Billing',
    `I don't know "sorce". Did you mean "/atlas-conns source <name, IP or CIDR> [in <cluster>]"? "/atlas-conns help" lists everything.`,
  ],
  [
    'nodes stagin',
    `I don't know a cluster "stagin". Did you mean "/atlas-conns nodes staging"? I watch prod, staging.`,
  ],
  [
    'source "Web EU" in prdo',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns source "Web EU" in prod"? I watch prod, staging.`,
  ],
  [
    'source Web EU in prdo',
    `I don't know a cluster "prdo". Did you mean "/atlas-conns source "Web EU" in prod"? I watch prod, staging.`,
  ],
  [
    'prod by ap',
    `A report cannot be grouped by "ap". Did you mean "/atlas-conns prod by app"? Use app, user, host, driver, node.`,
  ],
  ['prod by', `Missing value after "by". Use app, user, host, driver, node.`],
  [
    'prod nodes',
    `I don't know "nodes" after the cluster "prod". Did you mean "/atlas-conns nodes prod"? "/atlas-conns help" lists everything.`,
  ],
  ['production', `I don't know a cluster "production". Did you mean "/atlas-conns prod"? I watch prod, staging.`],
  [
    'nodes production',
    `I don't know a cluster "production". Did you mean "/atlas-conns nodes prod"? I watch prod, staging.`,
  ],
  ['alerts stag', `I don't know a cluster "stag". Did you mean "/atlas-conns alerts staging"? I watch prod, staging.`],
  [
    'source Web EU in production',
    `I don't know a cluster "production". Did you mean "/atlas-conns source "Web EU" in prod"? I watch prod, staging.`,
  ],
  ['nodes prod staging', 'One cluster at a time. Write "/atlas-conns nodes prod" or "/atlas-conns nodes staging".'],
  [
    'alerts prod and staging',
    'One cluster at a time. Write "/atlas-conns alerts prod" or "/atlas-conns alerts staging".',
  ],
  [
    'hygiene prod, in staging',
    'One cluster at a time. Write "/atlas-conns hygiene prod" or "/atlas-conns hygiene staging".',
  ],
  ['prod staging', 'One cluster at a time. Write "/atlas-conns prod" or "/atlas-conns staging".'],
  [
    'who is using prod',
    `I don't know "who is using prod". Did you mean "/atlas-conns prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'how is prod?',
    `I don't know "how is prod?". Did you mean "/atlas-conns prod"? "/atlas-conns help" lists everything.`,
  ],
  ['clusters', `I don't know "clusters". Did you mean "/atlas-conns status"? "/atlas-conns help" lists everything.`],
  [
    'connections in prod',
    `I don't know "connections in prod". Did you mean "/atlas-conns prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'ack Billing API',
    `I don't know "ack Billing API". Did you mean "/atlas-conns alerts [cluster]"? "/atlas-conns help" lists everything.`,
  ],
  [
    'prod 24h',
    `I don't know "24h" after the cluster "prod". Did you mean "/atlas-conns history in prod 24h"? "/atlas-conns help" lists everything.`,
  ],
  [
    'Billing API 24h',
    `I don't know "Billing API 24h". Did you mean "/atlas-conns history "Billing API" 24h"? "/atlas-conns help" lists everything.`,
  ],
  [
    'prod source',
    `I don't know "source" after the cluster "prod". Did you mean "/atlas-conns source <name, IP or CIDR> [in <cluster>]"? "/atlas-conns help" lists everything.`,
  ],
  ['prod vs staging', 'One cluster at a time. Write "/atlas-conns prod" or "/atlas-conns staging".'],
  ['nodes prod now', `I don't know "now" after the cluster "prod". Did you mean "/atlas-conns nodes prod"?`],
  [
    'prod source Billing API',
    `I don't know "source" after the cluster "prod". Did you mean "/atlas-conns source "Billing API" in prod"? "/atlas-conns help" lists everything.`,
  ],
  [
    'prod silence Billing API 4h',
    `I don't know "silence" after the cluster "prod". Did you mean "/atlas-conns silence "Billing API" in prod 4h"? "/atlas-conns help" lists everything.`,
  ],
  [
    'source in prod',
    'No source was named. Write "/atlas-conns source <name, IP or CIDR> in prod". "/atlas-conns prod" lists the sources of prod.',
  ],
  [
    'source prod',
    'No source was named. Write "/atlas-conns source <name, IP or CIDR> in prod". "/atlas-conns prod" lists the sources of prod.',
  ],
  ['source ""', 'The name of the source is empty. Write "/atlas-conns source <name, IP or CIDR> [in <cluster>]".'],
  ['source “ ”', 'The name of the source is empty. Write "/atlas-conns source <name, IP or CIDR> [in <cluster>]".'],
  [
    'source "" in prod',
    'No source was named. Write "/atlas-conns source <name, IP or CIDR> in prod". "/atlas-conns prod" lists the sources of prod.',
  ],
  ['source', 'No source was named. Write "/atlas-conns source <name, IP or CIDR> [in <cluster>]".'],
  ['constructor', `I don't know "constructor". I watch prod, staging. "/atlas-conns help" lists everything.`],
  ['qwertz', `I don't know "qwertz". I watch prod, staging. "/atlas-conns help" lists everything.`],
])('%s is answered with what was wrong and the nearest right form', (text, answer) => {
  expect(refusal(text)).toBe(answer);
});

test.each<[string, unknown]>([
  ['Billing API', { name: 'Billing API', cluster: null, isNear: false }],
  ['Billing API in prod', { name: 'Billing API', cluster: 'prod', isNear: false }],
  ['prod Billing API', { name: 'Billing API', cluster: 'prod', isNear: false }],
  ['prdo', { name: 'prdo', cluster: null, isNear: true }],
  ['sorce Billing', { name: 'sorce Billing', cluster: null, isNear: true }],
  ['prod nodes', undefined],
  ['nodes Billing', undefined],
])('%s may be the name of a source', (text, bare) => {
  const result = parseCommand(text, { ...grammar, clusters: ['prod', 'staging'] });
  expect(result.ok ? null : result.source).toEqual(bare);
});

test('of very many clusters an answer names some', () => {
  const clusters = Array.from({ length: 300 }, (_, index) => `cluster-${index}`);
  expect(refusal('nodes x', clusters)).toMatch(/cluster-19 and 280 more\.$/);
});

test('a secret that is a word of the grammar stays in its place, and is hidden in names', () => {
  const secrets = ['hold', 'until', 'prod'];
  const redact = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
  const clusters = ['[redacted]', 'staging'];
  const command = (text: string) => {
    const result = parseCommand(text, { ...grammar, clusters, redact });
    return result.ok ? result.command : result.problem;
  };
  expect(command('silence household in prod until 18:00 hold prod deploy')).toEqual({
    ...{ kind: 'silence', target: 'house[redacted]', cluster: '[redacted]', until: { day: null, time: '18:00' } },
    ...{ hold: true, reason: '[redacted] deploy' },
  });
  expect(command('nodes prod')).toEqual({ kind: 'nodes', cluster: '[redacted]' });
});

test('without any cluster the answer says so', () => {
  expect(refusal('prod', [])).toContain('I watch no cluster.');
});

test('nothing that people type makes it throw, and no answer grows with what they typed', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom('source', 'by', 'in', 'prod', '"', '“', "'", '<', '|', '>', '&amp;', 'app', ' ', '9.9.9.9/8'),
      )
      .map((parts) => parts.join(' ')),
    fc.constant('x'.repeat(10_000)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const result = parseCommand(text, grammar);
      if (!result.ok) expect(`${result.problem.text}${result.problem.remedy}`.length).toBeLessThan(1_500);
    }),
  );
});

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** A name as access lists and apps have it: one line, and not with both kinds of quotes. */
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => plainText(escaped(text)) === text && !(/["“”„‟«»]/.test(text) && /['‘’‚‹›]/.test(text)));
const cluster = fc.constantFrom(null, ...grammar.clusters);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('report' as const), cluster, by: fc.constantFrom(...DIMENSIONS) }),
  fc.record({ kind: fc.constant('source' as const), source: name, cluster }),
  fc.record({ kind: fc.constant('nodes' as const), cluster }),
  fc.record({ kind: fc.constant('hygiene' as const), cluster }),
  fc.record({ kind: fc.constant('alerts' as const), cluster }),
  fc.record({ kind: fc.constant('unsilence' as const), target: name, cluster }),
  fc.record({ kind: fc.constant('why' as const), source: fc.option(name), cluster }),
  fc.record({
    kind: fc.constant('history' as const),
    source: fc.option(name),
    cluster,
    window: fc.integer({ min: 60, max: 400 * 24 * 60 }).map((minutes) => minutes * MINUTE),
  }),
  fc.record({
    kind: fc.constant('silence' as const),
    target: name,
    cluster,
    until: fc.oneof(
      fc.integer({ min: 5, max: 400 * 24 * 60 }).map((minutes) => ({ for: minutes * MINUTE })),
      fc.constantFrom(
        ...[
          { day: '2026-11-30', time: '18:00' },
          { day: null, time: '07:05' },
        ],
        ...[
          { day: 'tomorrow', time: '09:00' },
          { day: 'monday', time: '00:00' },
          { day: 'today', time: '23:59' },
        ],
      ),
    ),
    hold: fc.boolean(),
    reason: fc.option(
      fc.oneof(
        name,
        fc.constantFrom(
          'hold on',
          'in prod we deploy',
          '4h of load',
          'and 30m',
          'am Montag',
          'at noon',
          'stop, please',
          'deploy',
        ),
      ),
    ),
  }),
  fc.constantFrom({ kind: 'status' as const }, { kind: 'help' as const }),
);

test('every command prints as a text that parses back to it', () => {
  fc.assert(
    fc.property(command, (given) => {
      expect(parsed(escaped(printCommand(given)))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});

test('every form of the table is understood by its first word', () => {
  for (const name of Object.keys(COMMANDS)) {
    const more = name === 'silence' ? ' x 4h' : name === 'source' || name === 'unsilence' ? ' x' : '';
    expect(parsed(`${name}${more}`)).toMatchObject({ kind: name });
  }
});
