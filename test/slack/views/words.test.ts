import { expect, test } from 'vitest';
import { viewValue } from '../../../src/slack/blockkit/action-values.ts';
import {
  clusterChoiceView,
  goneView,
  helpView,
  problemView,
  readingView,
  refusalView,
  sourceChoiceView,
  unreadView,
} from '../../../src/slack/views/notices.ts';
import { report } from '../../cli/sample.ts';
import { checkMessage } from '../../sandbox/slack/limits/limits.ts';
import { drawn, said } from './drawn.ts';

const byApp = (cluster: string) => viewValue({ view: 'report', cluster, by: 'app' });

test('help lists what works, under the name that the command has here', () => {
  expect(drawn(helpView('/conns'))).toMatchInlineSnapshot(`
    "# What you can ask
    • \`/conns [cluster] [by app, user, host, driver, node]\` — who holds the connections, grouped by source, app, user, host, driver or node
    • \`/conns source <name, IP or CIDR> [in <cluster>]\` — one source in detail
    • \`/conns nodes [cluster]\` — each node: role, connections, limit, clients; unread nodes
    • \`/conns history [source] [in <cluster>] [1h … 400d]\` — line chart and table: now, usual, peak, first seen
    • \`/conns why [source] [in <cluster>]\` — the likely reason for so many, with evidence, and what would be freed
    • \`/conns alerts [cluster]\` — firing, acknowledged and silenced alerts, with reasons; the rules
    • \`/conns silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]\` — mutes alerts for 30m, 4h, 1d or 1w, or until tomorrow 18:00; with hold, critical ones too
    • \`/conns unsilence [source, node, rule or all] [in <cluster>]\` — ends a silence, or asks which
    • \`/conns hygiene [cluster]\` — access list findings of the whole project, with evidence
    • \`/conns forecast [cluster], or forecast <source> [in <cluster>] <x2 or 40 clients>\` — when nodes reach their limit, how many more clients fit; a source with twice the load
    • \`/conns pools [app] [in <cluster>]\` — what applications report of their own connection pools, beside what the nodes count
    • \`/conns lint\` — a form that says what is wrong with a connection string, and corrects it
    • \`/conns status\` — the bot itself: clusters, last readings, missing permissions
    • \`/conns help\` — this list
    Slash commands do not work in threads: mention me there instead."
  `);
});

test('a problem says what happened and what to do', () => {
  const text = `I don't know a cluster "prdo".`;
  const view = problemView({ code: 'user', text, remedy: 'Did you mean "prod"? I watch prod, staging.' });
  expect(drawn(view)).toMatchInlineSnapshot(
    `"I don't know a cluster "prdo". Did you mean "prod"? I watch prod, staging."`,
  );
});

test('where nothing could be read, the last reading is one click away', () => {
  const dark = report({ nodes: report().nodes.slice(3), sources: [] });
  const view = unreadView(dark, { lastReading: { cluster: 'prod', at: '2026-11-21T09:55:00Z' } });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "I could not read **prod**.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The last reading is of {2026-11-21 09:55 UTC}.
    (Show it) (Fresh report)"
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "I could not read prod.
    analytics-2 was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The last reading is of <!date^1795254900^{date_short_pretty} at {time}|2026-11-21 09:55 UTC>."
  `);
});

test('several clusters: a menu, and what is not in it with its reason', () => {
  const view = clusterChoiceView({
    names: ['prod', 'staging'],
    left: [{ name: 'old', reason: 'paused' }],
    optionValue: byApp,
  });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "Which cluster?
    **old** is not read: paused
    [Choose a cluster ▾ prod; staging]"
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "Which cluster? I watch prod, staging.
    old is not read: paused"
  `);
});

test('without clusters the answer says so and offers no menu', () => {
  expect(drawn(clusterChoiceView({ names: [], left: [], optionValue: byApp }))).toBe('I watch no cluster.');
});

test('several sources fit: a menu of them', () => {
  const view = sourceChoiceView({ cluster: 'prod', text: '203.0', candidates: report().sources.slice(0, 2) });
  expect(drawn(view)).toMatchInlineSnapshot(`
    ""203.0" matches 2 sources of **prod**. Which one?
    [Choose a source ▾ Billing API (488); Web EU (153)]"
  `);
});

test('a slow reading says what it is about', () => {
  expect(drawn(readingView({ cluster: 'prod', nodes: 3 }))).toBe('Reading **prod**, 3 nodes…');
  expect(said(readingView({ cluster: 'prod', nodes: null }))).toBe('Reading prod…');
});

test('a refusal names whom to ask: people, groups and channels as such', () => {
  const reason = 'You are not in a group that may read connections here.';
  const view = refusalView({ reason, ask: ['U0OWNER', 'S0DBAS', 'C0DBHELP', 'the platform team'] });
  expect(drawn(view)).toMatchInlineSnapshot(
    `"You are not in a group that may read connections here. Ask <user U0OWNER> or <usergroup S0DBAS> or <channel C0DBHELP> or the platform team."`,
  );
  expect(said(view)).toMatchInlineSnapshot(
    `"You are not in a group that may read connections here. Ask <@U0OWNER> or <!subteam^S0DBAS> or <#C0DBHELP> or the platform team."`,
  );
  expect(drawn(refusalView({ reason, ask: [] }))).toBe(reason);
});

test('a click on what is gone says so, and offers a fresh report where there is a cluster', () => {
  expect(drawn(goneView({ what: 'The source of this message', cluster: 'prod' }))).toMatchInlineSnapshot(`
    "The source of this message no longer exists. A fresh report of **prod** shows the current sources.
    (Fresh report)"
  `);
  expect(drawn(goneView({ what: 'The cluster of this message', cluster: null }))).toMatchInlineSnapshot(
    `"The cluster of this message no longer exists."`,
  );
});

test('a line without a word is left out: Slack refuses an element without a part', () => {
  const silent = problemView({ code: 'none', text: '', remedy: '' });
  expect(checkMessage(silent)).toEqual([]);
});
