// What the linter found, as Slack shows it: everything that fits, the worst first, and nothing that Slack parses.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LintReport } from '../../../src/core/lint/lint.ts';
import type { MessageView } from '../../../src/slack/blockkit/types.ts';
import { enteredIn, lintForm } from '../../../src/slack/insight/lint-form.ts';
import { lintedMessage, lintedModal, offerView } from '../../../src/slack/insight/lint-view.ts';
import { submittedForm } from '../../../src/slack/requests/decode.ts';
import { checkMessage, checkModal } from '../../sandbox/slack/limits/limits.ts';
import { drawn } from '../views/drawn.ts';
import { mrkdwnOf } from '../views/parts.ts';

const place = { channel: 'C1', key: '1.2.3' };
const severities = ['error', 'warning', 'info'] as const;
const found = (id: string, severity: (typeof severities)[number] = 'error') => ({
  id,
  severity,
  text: `What is wrong with ${id}.`,
  fix: 'Write it like this.',
});

const report: LintReport = {
  valid: false,
  hosts: ['a.example.com:27017', 'b.example.com:27017'],
  srv: false,
  database: 'shop',
  authSource: 'admin',
  options: { maxPoolSize: 500 },
  findings: [found('userinfo-unescaped'), found('pool-unlimited', 'warning'), found('app-name-missing', 'info')],
  repaired: 'mongodb://<user>:<password>@a.example.com:27017,b.example.com:27017/shop?maxPoolSize=500&w=majority',
  effective: [
    { name: 'maxPoolSize', value: '500', fallback: '100', from: 'string' },
    { name: 'appName', value: 'web', fallback: null, from: 'string' },
    { name: 'tls', value: 'true', fallback: 'false', from: 'srv' },
    { name: 'minPoolSize', value: '0', fallback: '0', from: 'default' },
  ],
  forecast: null,
};
const room = { cluster: 'prod', node: 'a:27017', limit: 1_500, current: 812, own: null };
const linted = { report, fleet: null };
/** The blocks of both kinds of views. */
const shown = ({ blocks }: { readonly blocks: unknown }) =>
  drawn({ text: '', blocks: blocks as MessageView['blocks'] });

test('findings come worst first, then the corrected string as it is copied, then what applies', () => {
  const modal = lintedModal({ report, fleet: { instances: 40, room } }, place);
  expect(modal.title.text).toBe('Connection string');
  expect(shown(modal)).toMatchInlineSnapshot(`
    "**1 error, 1 warning and 1 note: drivers refuse this string.**
    Hosts: a.example.com:27017, b.example.com:27017 · database: shop · authSource: admin
    40 instances for **prod**: 812 of 1,500 connections are open on a:27017 by the last reading, with those of this application if it runs already.
    **Error** \`userinfo-unescaped\`
    What is wrong with userinfo-unescaped.
    → Write it like this.
    **Warning** \`pool-unlimited\`
    What is wrong with pool-unlimited.
    → Write it like this.
    **Note** \`app-name-missing\`
    What is wrong with app-name-missing.
    → Write it like this.
    **Corrected**
    mongodb://<user>:<password>@a.example.com:27017,b.example.com:27017/shop?maxPoolSize=500&w=majority
    **What applies**
    • \`maxPoolSize=500\` in the string; default 100
    • \`appName=web\` in the string
    • \`tls=true\` from mongodb+srv://; default false
    • \`minPoolSize=0\` default
    (Lint another)
    small: Nothing of the string is kept here."
  `);
});

test('a message says first that the string has passed through Slack, and opens the form by its button', () => {
  const view = lintedMessage(linted, null);
  expect(view.text.split('\n')[0]).toMatchInlineSnapshot(
    `"This string has passed through Slack. A message in a channel or to me stays there until it is deleted. If there was a password in it, change that password."`,
  );
  expect(drawn(view).split('\n').slice(0, 3)).toMatchInlineSnapshot(`
    [
      "**This string has passed through Slack. **A message in a channel or to me stays there until it is deleted. If there was a password in it, change that password.",
      "**1 error, 1 warning and 1 note: drivers refuse this string.**",
      "Hosts: a.example.com:27017, b.example.com:27017 · database: shop · authSource: admin",
    ]
  `);
  expect(JSON.stringify(view.blocks)).toContain('"action_id":"lint_open"');
});

test('where nothing is wrong, it says so', () => {
  const clean = { ...report, valid: true, findings: [] };
  const [first] = shown(lintedModal({ report: clean, fleet: null }, place)).split('\n');
  expect(first).toBe('**Nothing to correct: drivers accept this string.**');
});

const errorOf = (id: string) => ({ ...report, valid: true, findings: [found(id)] });
test.each([
  ['placeholder-left', 'no driver connects with this string as it is'],
  ['srv-host-address', 'no driver connects with this string as it is'],
  ['option-unknown', 'Node.js refuses this string'],
  ['question-mark-missing', 'some drivers accept this string, but it needs a correction'],
])('%s: %s', (id, verdict) => {
  expect(shown(lintedModal({ report: errorOf(id), fleet: null }, place))).toContain(`**1 error: ${verdict}.**`);
});

test.each([120, 600])('of %d findings as many are shown as fit, and the number of the others', (many) => {
  const findings = Array.from({ length: many }, (_, at) => found(`id-${at}`));
  const all = { report: { ...report, findings }, fleet: null };
  const [modal, message] = [lintedModal(all, place), lintedMessage(all, null)];
  expect([checkModal(modal), checkMessage(message)]).toEqual([[], []]);
  for (const view of [modal, message]) {
    const text = shown(view);
    const named = text.match(/`id-\d+`/g)?.length ?? 0;
    expect(named).toBeGreaterThan(20);
    expect(text).toContain(`and ${many - named} more: \`atlas-conns lint\` in a terminal shows all.`);
    expect(text).toContain('mongodb://<user>:<password>@a.example.com');
  }
});

test('a corrected string that would leave no room is left to the terminal', () => {
  const long = { ...report, repaired: `mongodb://${'a.example.com,'.repeat(400)}` };
  const text = shown(lintedModal({ report: long, fleet: null }, place));
  expect(text).toContain('The corrected string is too long for Slack: `atlas-conns lint` in a terminal shows it.');
});

/** Host names and values as nobody should choose them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('<!channel>', '<@U1>', '*a* _b_ ~c~ `d`', ':tada: @here', '&lt;', 'x'.repeat(4_000), ' ', '\u202e'),
);
const reports: fc.Arbitrary<LintReport> = fc.record({
  valid: fc.boolean(),
  hosts: fc.array(hostile, { maxLength: 10 }),
  srv: fc.boolean(),
  database: fc.option(hostile),
  authSource: fc.option(hostile),
  options: fc.constant({}),
  findings: fc.array(
    fc.record({
      id: fc.constant('port-invalid'),
      severity: fc.constantFrom(...severities),
      text: hostile,
      fix: hostile,
    }),
    { maxLength: 120 },
  ),
  repaired: fc.option(hostile),
  effective: fc.array(
    fc.record({
      name: hostile,
      value: hostile,
      fallback: fc.option(hostile),
      from: fc.constantFrom('string' as const, 'default' as const, 'srv' as const),
    }),
    { maxLength: 60 },
  ),
  forecast: fc.constant(null),
});

test('Slack takes every answer, and parses nothing in it', () => {
  fc.assert(
    fc.property(reports, fc.boolean(), (any, hasFleet) => {
      const one = { report: any, fleet: hasFleet ? { instances: 3, room } : null };
      const message = lintedMessage(one, hasFleet ? 'silence' : null);
      expect([checkModal(lintedModal(one, place)), checkMessage(message)]).toEqual([[], []]);
      for (const text of mrkdwnOf(message)) expect(text).not.toMatch(/<[!@#]|&(?!(?:amp|lt|gt);)/);
    }),
    { numRuns: 100 },
  );
});

test('Slack takes the form, with any clusters, and the offer of it', () => {
  const names = Array.from({ length: 300 }, (_, at) => `cluster-${at}`);
  for (const clusters of [[], ['prod'], names, ['x'.repeat(80)]]) {
    const form = lintForm(place, clusters);
    expect(checkModal(form)).toEqual([]);
    expect(JSON.stringify(form.blocks)).toContain('The string goes through Slack to this bot.');
  }
  expect(lintForm(place, [])).toEqual(lintForm(place, ['x'.repeat(80)]));
  for (const problem of [null, 'Slack did not open the form (expired_trigger_id).'])
    expect(checkMessage(offerView(problem))).toEqual([]);
});

const submitted = (entered: Readonly<Record<string, object>>) => {
  const values = Object.fromEntries(
    Object.entries(entered).map(([name, element]) => [`${name} k`, { [name]: element }]),
  );
  const form = submittedForm({ user: { id: 'U1' }, view: { id: 'V1', private_metadata: 'x', state: { values } } });
  if (form === null) throw new Error('no form');
  return enteredIn(form);
};
const chosen = (value: string) => ({ selected_option: { value } });

test.each([
  [{ string: { value: 'x' } }, { string: 'x', driver: 'any', functions: false, fleet: null }],
  [
    { string: { value: ' ' }, driver: chosen('go') },
    { string: ' ', driver: 'go', functions: false, fleet: null },
  ],
  [
    { string: { value: 'x' }, driver: chosen('cobol'), functions: { selected_options: [{ value: 'functions' }] } },
    { string: 'x', driver: 'any', functions: true, fleet: null },
  ],
  [
    { string: { value: 'x' }, instances: { value: '40' }, cluster: chosen('prod') },
    { string: 'x', driver: 'any', functions: false, fleet: { instances: 40, cluster: 'prod' } },
  ],
])('%j is understood', (entered, input) => {
  expect(submitted(entered)).toEqual({ ok: true, input });
});

test.each([
  [{ instances: { value: '0' }, cluster: chosen('prod') }, 'instances k'],
  [{ instances: { value: '1.5' }, cluster: chosen('prod') }, 'instances k'],
  [{ instances: { value: 'many' }, cluster: chosen('prod') }, 'instances k'],
  [{ instances: { value: '4' }, cluster: { selected_option: null } }, 'cluster k'],
  [{ instances: { value: null }, cluster: chosen('prod') }, 'instances k'],
])('%j is refused beside %s', (entered, block) => {
  const result = submitted(entered);
  expect(result.ok ? [] : Object.keys(result.errors)).toEqual([block]);
});
