// Views with a watch: what the report, a source, the board, a history, Home and the status say of alerts and the past.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/duration.ts';
import type { Surroundings } from '../../../src/slack/surroundings.ts';
import { alertsView } from '../../../src/slack/views/board.ts';
import { historyView } from '../../../src/slack/views/history.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { acknowledgedView, silencedView } from '../../../src/slack/views/silence.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { statusView } from '../../../src/slack/views/status.ts';
import { completeReport, report, source } from '../../cli/sample.ts';
import { drawn, said } from './drawn.ts';
import { alertOn, boardOf, historyOf, silenceOf, TEN, watchStatus } from './watch-sample.ts';

const place = { kind: 'answer' } as const;
const shown = { ageMs: 0, tables: 'data_table', place, timeZone: 'UTC', command: '/atlas-conns' } as const;
const billing = completeReport().sources[0]?.id ?? '';

function around(more: Partial<Surroundings> = {}): Surroundings {
  const usual = new Map([
    [billing, { usual: 61, isNew: false }],
    ...completeReport()
      .sources.slice(1, 3)
      .map(({ id, dormant }, index) => [id, { usual: index === 0 ? dormant : null, isNew: index === 1 }] as const),
  ]);
  return { usual, alerts: [], silences: [], history: null, problem: null, ...more };
}

const lines = (text: string, from: number, to: number) => text.split('\n').slice(from, to).join('\n');

test('the report holds each source against its usual, and says first what fires', () => {
  const fires = around({ alerts: [alertOn(billing)] });
  const view = reportView({ ...shown, report: report(), by: 'source', around: fires });
  expect(lines(drawn(view), 2, 10)).toMatchInlineSnapshot(`
    "Source | Active | Dormant | Heartbeats | Clients | Of all | Against usual
    Billing API | 4 | 412 | 72 | 12 | 67 % | 6.8 ×
    Web EU | 21 | 96 | 36 | 6 | 21 % | as usual
    anyone: app "etl" | 2 | 60 | 12 | 2 | 10 % | new
    198.51.100.9 | 0 | 12 | 6 | 1 | 2 % | –
    **Billing API** holds 412 dormant, usual here on a Saturday 10:00 is 61. Since {2026-11-21 09:55 UTC}.
    **198.51.100.9** is connected but matches no access list entry
    and 1 more finding: \`/atlas-conns hygiene prod\`"
  `);
  expect(said(view)).toContain('Billing API holds 412 dormant, usual here on a Saturday 10:00 is 61. Since ');
});

test('turned around, and before there is any history, nothing is held against a usual', () => {
  const turned = reportView({ ...shown, report: report(), by: 'app', around: around() });
  const early = reportView({ ...shown, report: report(), by: 'source', around: around({ usual: new Map() }) });
  for (const view of [turned, early]) expect(drawn(view)).not.toContain('Against usual');
});

test('what somebody has seen to keeps a line, with who and why; for all to see without the name, which would ping', () => {
  const handling = { act: 'acknowledged', by: 'U0ANNA', at: TEN, until: null, reason: null } as const;
  const alerts = [alertOn(billing, { state: 'acknowledged', handling })];
  const quiet = around({ alerts, silences: [silenceOf('x', { who: 'Web EU', hold: true })] });
  const mine = drawn(reportView({ ...shown, report: completeReport({ findings: [] }), by: 'source', around: quiet }));
  expect(mine.split('\n').filter((line) => /acknowledged|silenced/.test(line))).toMatchInlineSnapshot(`
    [
      "**Billing API**: acknowledged by <user U0ANNA>, {2026-11-21 10:00 UTC} (412 dormant connections, usually 61)",
      "**Web EU**: silenced until {2026-11-21 14:00 UTC}, held also when critical by <user U0SHARER> (deploy)",
    ]
  `);
  const shared = { kind: 'shared', by: 'U0BEN' } as const;
  const all = drawn(reportView({ ...shown, place: shared, report: completeReport(), by: 'source', around: quiet }));
  expect(all).not.toContain('U0ANNA');
  expect(all).not.toContain('U0SHARER');
});

test('of many alerts the worst are told, and how many more there are', () => {
  const alerts = [...Array(6).keys()].map((index) =>
    alertOn(`s${index}`, {
      id: `${index}`,
      who: `Source ${index}`,
      value: index,
      severity: index === 2 ? 'critical' : 'warning',
    }),
  );
  const view = reportView({
    ...shown,
    report: completeReport({ findings: [] }),
    by: 'source',
    around: around({ alerts }),
  });
  const told = drawn(view)
    .split('\n')
    .filter((line) => /Source|alert/.test(line) && !line.includes('|'));
  expect(told).toMatchInlineSnapshot(`
    [
      "**Source 2** (critical): 412 dormant connections, usually 61. Since {2026-11-21 09:55 UTC}.",
      "**Source 5**: 412 dormant connections, usually 61. Since {2026-11-21 09:55 UTC}.",
      "**Source 4**: 412 dormant connections, usually 61. Since {2026-11-21 09:55 UTC}.",
      "and 3 more alerts: \`/atlas-conns alerts prod\`",
    ]
  `);
});

test('where the store does not tell, the report stands without it and says so', () => {
  const problem = { code: 'store', text: 'Alerts are missing here: the store is away.', remedy: 'Look at status.' };
  const view = reportView({
    ...shown,
    report: completeReport(),
    by: 'source',
    around: { ...around({ usual: new Map() }), problem },
  });
  expect(drawn(view)).toContain('Alerts are missing here: the store is away. Look at status.');
  expect(drawn(view)).toContain('Billing API | 4 | 412');
});

test('a source shows its last day, its usual and what fires, with ways on', () => {
  const history = historyOf([60, 61, null, 412]);
  const [first = source('x')] = completeReport().sources;
  const view = sourceView({
    ...shown,
    report: report(),
    source: first,
    around: around({ history, alerts: [alertOn(billing)] }),
  });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# Billing API
    203.0.113.0/24 on the access list ("Billing API", no end date) · **prod**
    4 active · 412 dormant · 72 heartbeats · 12 clients · 67 % of prod's connections
    Usual on a Saturday 10:00: 61 dormant; now 6.8 ×.
    **Billing API** holds 412 dormant, usual here on a Saturday 10:00 is 61. Since {2026-11-21 09:55 UTC}.
    chart: Dormant connections, last 24 h
    dormant, at most 10:00 60, 16:00 61, 04:00 412
    usual 10:00 61, 16:00 61, 04:00 61
    App | Host | Driver | Node | Active | Dormant
    billing | 203.0.113.9 | nodejs | shard-00-00 | 4 | 412
    and 31 more | - | - | - | 0 | 0
    The chart lacks 1 point of 4: nothing was read then.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    (Back) (History) (Acknowledge) (Silence…) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 4 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries
    small: Clients are estimated from their heartbeats."
  `);
});

test('a history is a chart, a table and a line; time that was not read is named and no zero', () => {
  const history = historyOf([60, 61, null, 412]);
  expect(drawn(historyView({ history, sources: [], window: DAY, ...shown }))).toMatchInlineSnapshot(`
    "# Billing API in prod — the last 24h
    Now 412 dormant and 4 active, usually 61 dormant; at most 412, {2026-11-21 04:00 UTC}; first seen {2026-10-22 10:00 UTC}.
    In 1 of 4 parts of this time nothing was read: they are left out.
    chart: Dormant connections, last 24h
    dormant, at most 10:00 60, 16:00 61, 04:00 412
    usual 10:00 61, 16:00 61, 04:00 61
    From | Dormant, at most | Median | Usual | Pooled, at most | Readings
    {2026-11-21 04:00 UTC} | 412 | 412 | 61 | 412 | 12
    {2026-11-20 22:00 UTC} | not read | – | 61 | – | 0
    {2026-11-20 16:00 UTC} | 61 | 61 | 61 | 61 | 12
    {2026-11-20 10:00 UTC} | 60 | 60 | 61 | 60 | 12
    (1h) (24h) (7d) (35d) (400d)
    (Back)
    small: from <!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC> to <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC> · times below the chart are UTC"
  `);
});

test("a cluster's history lists its sources: now, usual, at most, first seen", () => {
  const history = { ...historyOf([600, 700]), source: null, usual: [null, null] };
  const gone = historyOf([9, 0], {
    source: { id: 'x', name: 'Old', firstSeen: TEN - DAY, lastSeen: TEN - HOUR },
    now: null,
    usual: [null],
  });
  const view = historyView({ history, sources: [historyOf([60, 412]), gone], window: DAY, ...shown });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# prod — the last 24h
    Now 700 dormant and 4 active; at most 700, {2026-11-20 22:00 UTC}.
    chart: Dormant connections, last 24h
    dormant, at most 10:00 600, 22:00 700
    Source | Dormant now | Usual | At most | First seen
    Billing API | 412 | 61 | 412 | {2026-10-22 10:00 UTC}
    Old | – | – | 9 | {2026-11-20 10:00 UTC}
    (1h) (24h) (7d) (35d) (400d)
    (Back)
    small: from <!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC> to <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC> · times below the chart are UTC"
  `);
});

test('with one reading there is no chart, and that is said', () => {
  const view = historyView({ history: historyOf([null, null, 3]), sources: [], window: HOUR, ...shown });
  expect(drawn(view)).toContain('There are too few readings for a chart.');
  expect(view.blocks.map(({ type }) => type)).not.toContain('data_visualization');
});

test('the board says what fires and why, what was seen to, what is kept quiet, and the rules', () => {
  const handling = { act: 'acknowledged', by: 'U0ANNA', at: TEN, until: null, reason: null } as const;
  const alerts = [
    alertOn('a', { id: '1', state: 'silenced', who: 'Nightly' }),
    alertOn('b', { id: '2', state: 'acknowledged', who: 'Web EU', handling }),
    alertOn('c', { id: '3', severity: 'critical' }),
    alertOn('d', { id: '4', state: 'ended', who: 'Old', endedAt: TEN - HOUR }),
  ];
  const silences = [
    silenceOf('a', { who: 'Nightly', rule: 'dormant-spike' }),
    silenceOf(null, { id: 'r', cluster: null, rule: 'churn', who: 'rule churn', reason: null }),
  ];
  const board = { ...boardOf(alerts, silences), waiting: { count: 2, oldest: TEN - MINUTE } };
  expect(drawn(alertsView({ board, cluster: null, ...shown }))).toMatchInlineSnapshot(`
    "# alerts: 1 firing, 1 acknowledged, 1 silenced
    State | Alert | Cluster | What | Since | Why
    Firing, critical | Billing API | prod | 412 dormant connections, usually 61 | {2026-11-21 09:55 UTC} | dormant-spike: 6.8 × its usual; 2 of 3 readings above (needs 2)
    Acknowledged | Web EU | prod | 412 dormant connections, usually 61 | {2026-11-21 09:55 UTC} | dormant-spike: 6.8 × its usual; 2 of 3 readings above (needs 2)
    Silenced | Nightly | prod | 412 dormant connections, usually 61 | {2026-11-21 09:55 UTC} | dormant-spike: 6.8 × its usual; 2 of 3 readings above (needs 2)
    [Choose an alert ▾ Billing API (prod); Web EU (prod); Nightly (prod)]
    **Web EU**: acknowledged by <user U0ANNA>, {2026-11-21 10:00 UTC} (412 dormant connections, usually 61)
    Ended in the last day: **Old** in prod ({2026-11-21 09:00 UTC}).
    2 messages for Slack wait to be sent, the oldest since {2026-11-21 09:59 UTC}.
    **Nightly**, dormant-spike: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    (Unsilence)
    **rule churn** in every cluster: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER>
    (Unsilence)
    small: Rules: dormant-spike: 2.5 × its usual and 30 more, 2 of 3 readings · pooled-spike: 2.5 × its usual and 30 more, 2 of 3 readings · node-headroom: 80 %, critical 90 % · rejected · churn: 5 × its usual and 5 more, 3 of 4 readings · clients: 1.5 × its usual and 20 more, 10 of 12 readings · new-source: 50, 3 of 4 readings · unreadable: 2 of 3 readings · off: dormant-threshold · told again after 4h."
  `);
  expect(drawn(alertsView({ board: boardOf([]), cluster: 'staging', ...shown }))).toMatchInlineSnapshot(`
    "# staging — no open alerts
    small: Rules: dormant-spike: 2.5 × its usual and 30 more, 2 of 3 readings · pooled-spike: 2.5 × its usual and 30 more, 2 of 3 readings · node-headroom: 80 %, critical 90 % · rejected · churn: 5 × its usual and 5 more, 3 of 4 readings · clients: 1.5 × its usual and 20 more, 10 of 12 readings · new-source: 50, 3 of 4 readings · unreadable: 2 of 3 readings · off: dormant-threshold · told again after 4h."
  `);
});

test('a silence says until when, of what, and what it keeps quiet', () => {
  expect(drawn(silencedView({ silences: [silenceOf('a')], quiet: 1 }))).toMatchInlineSnapshot(`
    "Silenced until {2026-11-21 14:00 UTC}: **Billing API** in prod (deploy).
    1 open alert is quiet by it. What becomes critical is told all the same.
    (Unsilence)"
  `);
  expect(
    drawn(silencedView({ silences: [silenceOf('a'), silenceOf('b', { who: 'Web EU', rule: 'churn' })], quiet: 0 })),
  ).toMatchInlineSnapshot(`
    "Silenced until {2026-11-21 14:00 UTC}: **Billing API** in prod, **Web EU** (churn) in prod (deploy).
    No alert of it is open. What becomes critical is told all the same."
  `);
  expect(drawn(silencedView({ silences: [], quiet: 0 }))).toBe('There is nothing left to silence: it has ended.');
});

test('what was acknowledged before, or has ended, is said with who it was', () => {
  const handling = { act: 'acknowledged', by: 'U0BEN', at: TEN, until: null, reason: null } as const;
  const before = [
    alertOn('b', { who: 'Web EU', state: 'acknowledged', handling }),
    alertOn('c', { who: 'Old', state: 'ended', endedAt: TEN }),
  ];
  expect(drawn(acknowledgedView({ done: [alertOn('a')], before }))).toMatchInlineSnapshot(`
    "Acknowledged: **Billing API**.
    **Web EU** is acknowledged already by <user U0BEN>, {2026-11-21 10:00 UTC}.
    **Old** has ended, {2026-11-21 10:00 UTC}."
  `);
});

const status = {
  version: '0.1.0',
  instance: 'conns-1',
  startedAt: '2026-11-20T08:00:00Z',
  clusters: [{ name: 'prod', lastReadAt: '2026-11-21T10:00:00Z', tookMs: 212, nodesRead: 3, nodesKnown: 4 }],
  left: [],
  problems: [],
};
const prod = {
  name: 'prod',
  schedule: '*/5 * * * *',
  last: TEN,
  lastFailed: false,
  next: TEN + 5 * MINUTE,
  holder: 'conns-2',
  skipped: 1,
};

test('the status tells where history lives, what waits, and for each cluster its schedule and who holds it', () => {
  const watch = watchStatus({
    store: { kind: 'mongodb', where: 'analysis on db.example.net', awaySince: TEN - HOUR },
    unwritten: 12,
    lost: 3,
    clusters: [prod],
    waiting: { count: 1, oldest: TEN - MINUTE },
  });
  expect(drawn(statusView({ status: { ...status, watch }, tables: 'data_table' }))).toMatchInlineSnapshot(`
    "# atlas-conns 0.1.0
    Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    History and alerts live in **MongoDB: analysis on db.example.net**.
    It cannot be used since {2026-11-21 09:00 UTC}: readings go on and are written when it is back.
    12 readings wait to be written.
    3 of them were lost: there were more than memory holds.
    1 message for Slack waits to be sent, the oldest since {2026-11-21 09:59 UTC}.
    Cluster | Last reading | Took | Nodes read | Schedule | Last slot | It was | Next | Replica | Skipped
    prod | {2026-11-21 10:00 UTC} | 0.2 s | 3 of 4 | */5 * * * * | {2026-11-21 10:00 UTC} | read | {2026-11-21 10:05 UTC} | conns-2 | 1"
  `);
});

test('Home shows open alerts and the next reading of each cluster, and the silences', () => {
  const board = boardOf(
    [alertOn('a'), alertOn('b', { id: '2', who: 'Web EU', state: 'silenced' })],
    [silenceOf('b', { who: 'Web EU' })],
  );
  const clusters = [{ name: 'prod', answer: { report: report(), ageMs: 0 }, problem: null }];
  const view = homeView({
    clusters,
    status: { ...status, watch: watchStatus({ clusters: [prod] }) },
    board,
    tables: 'text',
  });
  expect(lines(drawn(view), 2, 20)).toMatchInlineSnapshot(`
    "---
    **prod** — busiest node at 31 %, fine (shard-00-00) · 785 connections
    Loudest: **Billing API** 488, **Web EU** 153, **anyone: app "etl"** 74
    Last read {2026-11-21 10:00 UTC}, 3 of 4 nodes
    Alerts: 1 firing, 1 silenced: **Billing API**, **Web EU**
    Next reading {2026-11-21 10:05 UTC}
    (Open report)
    ---
    # Silences
    **Web EU**: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    # This bot
    atlas-conns 0.1.0. Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    History and alerts live in **SQLite: data/atlas-conns.db**."
  `);
});
