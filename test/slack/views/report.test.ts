import { expect, test } from 'vitest';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import type { MessageView } from '../../../src/slack/blockkit/types.ts';
import { type ReportViewInput, reportView } from '../../../src/slack/views/report.ts';
import { completeReport, node, report, source } from '../../cli/sample.ts';
import { drawn, said } from './drawn.ts';

function view(shown: ConnectionReport, more: Partial<ReportViewInput> = {}): MessageView {
  return reportView({
    report: shown,
    by: 'source',
    ageMs: 0,
    tables: 'data_table',
    place: { kind: 'answer' },
    ...more,
  });
}

test('the report says whether it is tight, who holds what, and what could not be read', () => {
  expect(drawn(view(report()))).toMatchInlineSnapshot(`
    "# prod — 785 connections on 3 of 4 nodes, busiest node at 31 %
    27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own
    Source | Dormant | Connections | Active | Clients | Heartbeats
    Billing API | 412 | 488 | 4 | 12 | 72
    Web EU | 96 | 153 | 21 | 6 | 36
    anyone: app "etl" | 60 | 74 | 2 | 2 | 12
    198.51.100.9 | 12 | 18 | 0 | 1 | 6
    Internal (cluster, Atlas) | – | 46 | – | – | –
    Own (this bot) | – | 6 | – | – | –
    **198.51.100.9** is connected but matches no access list entry
    and 1 more finding: \`/atlas-conns hygiene prod\`
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    [Choose a source ▾ Billing API (488); Web EU (153); anyone: app "etl" (74); 198.51.100.9 (18)] (Refresh) (Nodes) (Share)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 4 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries"
  `);
});

test('its text says the same to who only hears it', () => {
  expect(said(view(report()))).toMatchInlineSnapshot(`
    "prod — 785 connections on 3 of 4 nodes, busiest node at 31 %
    27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own
    Most are held by Billing API (488), Web EU (153) and anyone: app "etl" (74).
    198.51.100.9 is connected but matches no access list entry
    and 1 more finding: /atlas-conns hygiene prod
    analytics-2 was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes."
  `);
});

test('turned around and shared it says who shared it, and offers only what opens for one person', () => {
  const shared = view(report(), { by: 'node', place: { kind: 'shared', by: 'U0ANNA' } });
  expect(drawn(shared)).toMatchInlineSnapshot(`
    "# prod by node — 785 connections on 3 of 4 nodes, busiest node at 31 %
    Shared by <user U0ANNA>
    27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own
    Node | Connections | Used | Dormant | Active | Clients | Heartbeats | Internal and own | Sources
    shard-00-00 | 160 | 31 % | 580 | 27 | 20 | 126 | 0 | Billing API, Web EU, 2 more
    shard-00-01 | 160 | 11 % | 0 | 0 | 20 | 0 | 160 | -
    shard-00-02 | 160 | 11 % | 0 | 0 | 20 | 0 | 160 | -
    **198.51.100.9** is connected but matches no access list entry
    and 1 more finding: \`/atlas-conns hygiene prod\`
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    [Choose a source ▾ Billing API (488); Web EU (153); anyone: app "etl" (74); 198.51.100.9 (18)] (Nodes)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 4 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries"
  `);
});

test('in Home it leads back to the overview, and cannot be shared from there', () => {
  const opened = view(completeReport({ findings: [] }), { place: { kind: 'home' } });
  expect(drawn(opened).split('\n').at(-2)).toMatchInlineSnapshot(
    `"[Choose a source ▾ Billing API (488); Web EU (153); anyone: app "etl" (74); 198.51.100.9 (18)] (Back) (Refresh) (Nodes)"`,
  );
});

test('a workspace that refuses tables gets lines of text', () => {
  const lines = drawn(view(completeReport({ findings: [] }), { tables: 'text' }))
    .split('\n')
    .slice(2, -2);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "Source                     Dormant  Connections  Active  Clients  Heartbeats
    Billing API                    412          488       4       12          72
    Web EU                          96          153      21        6          36
    anyone: app "etl"               60           74       2        2          12
    198.51.100.9                    12           18       0        1           6
    Internal (cluster, Atlas)        –           46       –        –           –
    Own (this bot)                   –            6       –        –           –"
  `);
});

test('without warnings no warning line is shown', () => {
  const calm = completeReport({ findings: [{ kind: 'no-comment', entry: 'a', severity: 'notice', text: 'a notice' }] });
  expect(view(calm).blocks.map(({ type }) => type)).toEqual([
    'header',
    'rich_text',
    'data_table',
    'actions',
    'context',
  ]);
});

test('a tight node stands above the table, three warnings at most below it, and the rest is counted', () => {
  const warning = (entry: string) =>
    ({ kind: 'ends-soon', entry, severity: 'warning', text: `${entry} ends.` }) as const;
  const tight = completeReport({
    nodes: [node('a:1', { current: 1_365, limit: 1_500 }), node('b:1', { current: 1_200, limit: 1_500 })],
    findings: ['one', 'two', 'three', 'four'].map(warning),
  });
  const lines = drawn(view(tight, { command: '/conns' }))
    .split('\n')
    .filter((line) => !line.includes('|'))
    .slice(1, -2);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "**a** is at 91 % of its limit, 1,365 of 1,500 connections; 1 more node above 80 %.
    27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own · on 2 nodes
    **one** ends.
    **two** ends.
    **three** ends."
  `);
});

test('a cluster that only tells totals gets them and the reason, and no table', () => {
  const nothing = { active: null, dormant: null, monitors: null, internal: null, own: null, threads: null };
  const refused = 'a:1 refuses $currentOp, as M0 and Flex clusters do: only its totals can be read.';
  const flex = completeReport({
    totals: { connections: 486, ...nothing },
    nodes: [node('a:1', { current: 486, limit: 500, connections: null, clients: null })],
    sources: [],
    findings: [],
    problems: [{ code: 'current-op-refused', text: refused, remedy: 'Ask of M10 and above.' }],
    accessList: null,
  });
  expect(drawn(view(flex))).toMatchInlineSnapshot(`
    "# prod — 486 connections, busiest node at 97 %
    **a** is at 97 % of its limit, 486 of 500 connections.
    Only totals are available for this cluster · on 1 node
    a:1 refuses $currentOp, as M0 and Flex clusters do: only its totals can be read. Ask of M10 and above.
    (Refresh) (Nodes) (Share)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 1 of 1 node · no access list"
  `);
});

test('estimates and unknowns are marked, and the marks explained; an old reading says how old', () => {
  const old = completeReport({
    findings: [],
    sources: [source('10.0.0.0/8', { clients: null, estimated: ['monitors', 'users'] })],
    accessList: { readAt: '2026-11-20T07:00:00.000Z', entries: 1, complete: false },
  });
  expect(drawn(view(old, { ageMs: 8_400 }))).toMatchInlineSnapshot(`
    "# prod — 785 connections, busiest node at 31 %
    27 active · ~580 dormant · ~126 heartbeats · 46 internal · 6 own · on 3 nodes
    Source | Dormant | Connections | Active | Clients | Heartbeats
    10.0.0.0/8 | ~412 | 488 | 4 | ? | ~72
    Internal (cluster, Atlas) | – | 46 | – | – | –
    Own (this bot) | – | 6 | – | – | –
    [Choose a source ▾ 10.0.0.0/8 (488)] (Refresh) (Nodes) (Share)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC>, 8 s ago, in 0.2 s · 3 of 3 nodes · access list of <!date^1795158000^{date_short_pretty} at {time}|2026-11-20 07:00 UTC>, 1 entry, read in part
    small: ~ is an estimate: this server does not distinguish idle heartbeats from pooled connections.
    small: ? is unknown: drivers that poll do not show how many clients there are."
  `);
});

test('of 2,000 sources with long names the largest are shown and the others summed', () => {
  const many = [...Array(2_000).keys()].map((index) =>
    source(`${'long '.repeat(30)}${index}`, { active: 1, dormant: 2, share: 1 / 2_000 }),
  );
  const lines = drawn(view(completeReport({ sources: many, findings: [] }))).split('\n');
  const last = lines.find((line) => line.startsWith('and '));
  expect(last).toMatchInlineSnapshot(`"and 1,903 more | 3,806 | 142,725 | 1,903 | 22,836 | 137,016"`);
});

test('a reading in which no node answered says so, and nothing of numbers', () => {
  const dark = report({ nodes: report().nodes.slice(3), sources: [], findings: [] });
  expect(drawn(view(dark))).toMatchInlineSnapshot(`
    "I could not read **prod**.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    (Fresh report)"
  `);
});

test('many nodes with one cause are one line', () => {
  const nodes = Array.from({ length: 11 }, (_, index) => {
    const host = `shard-${index}.abcde.mongodb.net:27017`;
    return { host, problem: { code: 'timeout', text: `${host} did not answer in time.`, remedy: 'Check it.' } };
  });
  const lines = drawn(view(completeReport({ nodes: [node('a.abcde.mongodb.net:27017'), ...nodes] }))).split('\n');
  expect(lines.filter((line) => line.includes('not read'))).toEqual([
    '**11 nodes** were not read (shard-0, shard-1, shard-2, shard-3, shard-4, shard-5, shard-6, shard-7, shard-8 and 2 more): each did not answer in time. Check it.',
  ]);
});

test('a number of clients over several sources says whose clients it leaves out, and only there', () => {
  const sources = [source('a'), ...['b', 'c', 'd', 'e'].map((name) => source(name, { clients: null }))];
  const small = (by: ReportViewInput['by']) => drawn(view(completeReport({ sources, findings: [] }), { by }));
  const line = 'The numbers of clients leave out b, c, d and 1 more: their drivers poll.';
  expect(small('node')).toContain(line);
  expect(small('host')).toContain(line);
  for (const by of ['source', 'app', 'user'] as const) expect(small(by)).not.toContain('leave out');
  expect(small('source')).toContain('? is unknown');
  // The rows by app have no number of clients.
  expect(small('app')).not.toContain('? is unknown');
});
