// Views with a watch: what the report, a source, Home and the status say of alerts and the past.

import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import type { ReportContext } from '../../../src/slack/views/alert-status.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { statusView } from '../../../src/slack/views/status.ts';
import { completeReport, node, report, source } from '../../cli/sample.ts';
import { EVIDENCE } from './alert-sample.ts';
import { drawn, said } from './drawn.ts';
import { alertOn, boardOf, historyOf, silenceOf, TEN, usualFigures, watchStatus } from './watch-sample.ts';

const place = { kind: 'answer' } as const;
const shown = { ageMs: 0, tables: 'data_table', place, timeZone: 'UTC', command: '/atlas-conns' } as const;
const billing = completeReport().sources[0]?.id ?? '';

function reportContext(more: Partial<ReportContext> = {}): ReportContext {
  const usual = new Map([
    [billing, usualFigures({ usual: 61 })],
    ...completeReport()
      .sources.slice(1, 3)
      .map(({ id, dormant }, index) => {
        return [id, usualFigures({ usual: index === 0 ? dormant : null, isNew: index === 1 })] as const;
      }),
  ]);
  return { usual, alerts: [], silences: [], history: null, problem: null, ...more };
}

const lines = (text: string, from: number, to: number) => text.split('\n').slice(from, to).join('\n');

test('the report holds each source against its usual, and says first what fires', () => {
  const fires = reportContext({ alerts: [alertOn(billing)] });
  const view = reportView({ ...shown, report: report(), by: 'source', reportContext: fires });
  expect(lines(drawn(view), 0, 9)).toMatchInlineSnapshot(`
    "# prod — 785 connections on 3 of 4 nodes, busiest node at 31 %
    🟠 **Warning — ****Billing API** holds 412 dormant connections, usually 61. Since {2026-11-21 09:55 UTC}.
    27 active · 580 dormant · 126 heartbeats · 46 internal · 6 own
    Source | Dormant | Against usual | Connections | Active | Clients | Heartbeats
    Billing API | 412 | 6.8 × | 488 | 4 | 12 | 72
    Web EU | 96 | as usual | 153 | 21 | 6 | 36
    anyone: app "etl" | 60 | new | 74 | 2 | 2 | 12
    198.51.100.9 | 12 | – | 18 | 0 | 1 | 6
    Internal (cluster, Atlas) | – | – | 46 | – | – | –"
  `);
  expect(said(view)).toContain('🟠 Warning — Billing API holds 412 dormant connections, usually 61. Since ');
});

test('in another grouping, and before there is history, no baseline is shown', () => {
  const turned = reportView({ ...shown, report: report(), by: 'app', reportContext: reportContext() });
  const early = reportView({
    ...shown,
    report: report(),
    by: 'source',
    reportContext: reportContext({ usual: new Map() }),
  });
  for (const view of [turned, early]) expect(drawn(view)).not.toContain('Against usual');
});

test('what somebody has seen to keeps a line, with who and why; for all to see without the name, which would ping', () => {
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: TEN, until: null, reason: null } as const;
  const alerts = [alertOn(billing, { state: 'acknowledged', lastAction })];
  const quiet = reportContext({ alerts, silences: [silenceOf('x', { who: 'Web EU', hold: true })] });
  const mine = drawn(
    reportView({ ...shown, report: completeReport({ findings: [] }), by: 'source', reportContext: quiet }),
  );
  expect(mine.split('\n').filter((line) => /acknowledged|silenced/i.test(line))).toMatchInlineSnapshot(`
    [
      "🔵 **Acknowledged — ****Billing API** holds 412 dormant connections, usually 61. Acknowledged by <user U0ANNA>, firing since {2026-11-21 09:55 UTC}.",
      "**Web EU**: silenced until {2026-11-21 14:00 UTC}, held also when critical by <user U0SHARER> (deploy)",
    ]
  `);
  const shared = { kind: 'shared', by: 'U0BEN' } as const;
  const all = drawn(
    reportView({ ...shown, place: shared, report: completeReport(), by: 'source', reportContext: quiet }),
  );
  expect(all).not.toContain('U0ANNA');
  expect(all).not.toContain('U0SHARER');
});

test('of many alerts the worst are listed, with a count of the rest', () => {
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
    reportContext: reportContext({ alerts }),
  });
  const told = drawn(view)
    .split('\n')
    .filter((line) => /Source|alert/.test(line) && !line.includes('|'));
  expect(told).toMatchInlineSnapshot(`
    [
      "🔴 **Critical — ****Source 2: 412 dormant connections, usually 61**, as of {2026-11-21 10:00 UTC}. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 5: 412 dormant connections, usually 61**, as of {2026-11-21 10:00 UTC}. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 4: 412 dormant connections, usually 61**, as of {2026-11-21 10:00 UTC}. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 3: 412 dormant connections, usually 61**, as of {2026-11-21 10:00 UTC}. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 1: 412 dormant connections, usually 61**, as of {2026-11-21 10:00 UTC}. Since {2026-11-21 09:55 UTC}.",
      "and 1 more alert: \`/atlas-conns alerts prod\`",
    ]
  `);
});

test('while the store does not answer, the report is shown without alerts and says so', () => {
  const problem = { code: 'store', text: 'Alerts are missing here: the store is away.', remedy: 'Look at status.' };
  const view = reportView({
    ...shown,
    report: completeReport(),
    by: 'source',
    reportContext: { ...reportContext({ usual: new Map() }), problem },
  });
  expect(drawn(view)).toContain('Alerts are missing here: the store is away. Look at status.');
  expect(drawn(view)).toContain('Billing API | 412 | 488');
});

test('a source shows its last day, its usual and what fires, with ways on', () => {
  const history = historyOf([60, 61, null, 412]);
  const [first = source('x')] = completeReport().sources;
  const view = sourceView({
    ...shown,
    report: report(),
    source: first,
    reportContext: reportContext({ history, alerts: [alertOn(billing)] }),
  });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# Billing API
    203.0.113.0/24 on the access list ("Billing API", no end date) · **prod**
    4 active · 412 dormant · 72 heartbeats · 12 clients · 67 % of all sources in prod
    🟠 **Warning — ****Billing API** holds 412 dormant connections, usually 61. Since {2026-11-21 09:55 UTC}.
    chart: Dormant, last 24 h, times in UTC
    dormant, at most 16:00 60, 22:00 61, 09:59 412
    usual, at most 16:00 61, 22:00 61, 09:59 61
    App | Host | Dormant | Active | Driver | Node
    billing | 203.0.113.9 | 412 | 4 | nodejs | shard-00-00
    and 31 smaller ones | - | 0 | 0 | - | -
    No readings in 1 of 4 intervals; they are left out.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    (Back) (Why so many) (History) (Acknowledge) (Silence…) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 4 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries
    small: Clients are estimated from their heartbeats."
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
  const problem = { code: 'store-dns', text: 'db.example.net has no address.', remedy: 'Check ANALYSIS_URI.' };
  const watch = watchStatus({
    store: { kind: 'mongodb', where: 'analysis on db.example.net', awaySince: TEN - HOUR, problem },
    unwritten: 12,
    lost: 3,
    clusters: [prod],
    waiting: { count: 1, oldest: TEN - MINUTE },
  });
  expect(drawn(statusView({ status: { ...status, watch }, tables: 'data_table' }))).toMatchInlineSnapshot(`
    "# atlas-conns 0.1.0
    Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    History and alerts live in MongoDB: \`analysis on db.example.net\`.
    It has been unavailable since {2026-11-21 09:00 UTC}: db.example.net has no address. Check ANALYSIS_URI.
    Readings continue and wait in memory.
    12 readings wait to be written.
    3 earlier readings were lost: memory was full, or they could not be written.
    1 message for Slack waits to be sent, the oldest since {2026-11-21 09:59 UTC}.
    Cluster | State | Last reading | Next | Schedule | Replica
    prod | 3 of 4 nodes in 0.2 s | {2026-11-21 10:00 UTC} | {2026-11-21 10:05 UTC} | */5 * * * * | conns-2
    Readings were skipped because the one before was still running: prod 1."
  `);
});

test('the status says that what only a store knows is not known while it is away, and not that nothing was read', () => {
  const unknown = { ...prod, last: null, lastFailed: null, holder: null, skipped: 0 };
  const [cluster] = status.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const unread = { ...status, clusters: [{ ...cluster, lastReadAt: null }] };
  const table = (more: Parameters<typeof watchStatus>[0]) => {
    const watch = watchStatus({ clusters: [unknown], ...more });
    return drawn(statusView({ status: { ...unread, watch }, tables: 'data_table' }))
      .split('\n')
      .at(-1);
  };
  const away = { kind: 'mongodb', where: 'analysis on db.example.net', awaySince: TEN, problem: null };
  expect(table({ store: away, waiting: null })).toContain('prod | - | not known |');
  expect(table({})).toContain('prod | - | not yet |');
});

test('a slot that another replica read later is the state of the cluster', () => {
  const state = (lastFailed: boolean) => {
    const watch = watchStatus({ clusters: [{ ...prod, last: TEN + 5 * MINUTE, lastFailed, skipped: 0 }] });
    return drawn(statusView({ status: { ...status, watch }, tables: 'data_table' }))
      .split('\n')
      .at(-1);
  };
  expect(state(true)).toContain('prod | failed | {2026-11-21 10:05 UTC} |');
  expect(state(false)).toContain('prod | read | {2026-11-21 10:05 UTC} |');
});

test('a reading that failed is not shown as one', () => {
  const [cluster] = status.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const failed = { ...status, watch: null, clusters: [{ ...cluster, nodesRead: 0 }] };
  const view = statusView({ status: failed, tables: 'data_table' });
  expect(drawn(view)).toContain('prod | failed, 0 of 4 nodes in 0.2 s | {2026-11-21 10:00 UTC}');
  expect(said(view)).toMatch(/prod: could not be read <!date.*>, 0 of 4 nodes/);
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
    🟠 **prod** — 1 warning, 1 silenced, 1 of 4 nodes not read · busiest node at 31 % (shard-00-00) · 785 connections on 3 of 4 nodes
    Alerts: 🟠 **Billing API**, 🔕 **Web EU**
    Largest: **Billing API** 488, **Web EU** 153, **anyone: app "etl"** 74
    Last read {2026-11-21 10:00 UTC}
    Next reading {2026-11-21 10:05 UTC}
    (Open report)
    ---
    # Silences
    **Web EU**: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    # This bot
    atlas-conns 0.1.0. Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    History and alerts live in SQLite: \`data/atlas-conns.db\`."
  `);
});

const full = completeReport({
  findings: [],
  nodes: [node('shard-00-00.abcde.mongodb.net:27017', { role: 'primary', current: 1_496, limit: 1_500 })],
});
const victims = new Map([
  [billing, usualFigures({ usual: 61 })],
  ['203.0.113.64/26', usualFigures({ name: 'Web EU', usual: 260, pooled: 300 })],
  ['198.51.100.9', usualFigures({ usual: 20, pooled: 21 })],
  ['198.51.100.128/28', usualFigures({ name: 'Partner', usual: 22, pooled: 24.4 })],
]);
const rowOf = (text: string, name: string) => text.split('\n').find((line) => line.startsWith(`${name} |`));

test('while a node is full, sources below half of their usual are marked as shut out, also those without connection', () => {
  const view = reportView({ ...shown, report: full, by: 'source', reportContext: reportContext({ usual: victims }) });
  expect(lines(drawn(view), 1, 3)).toMatchInlineSnapshot(`
    "**shard-00-00** is at 100 % of its limit, 1,496 of 1,500 connections.
    Shut out while a node is at its limit: **Web EU** (117, usually 300), **Partner** (0, usually 24)."
  `);
  expect(rowOf(drawn(view), 'Web EU')).toBe('Web EU | 96 | **shut out**: 117, usually 300 | 153 | 21 | 6 | 36');
  expect(rowOf(drawn(view), 'Partner')).toBe('Partner | 0 | **shut out**: 0, usually 24 | 0 | 0 | 0 | 0');
  // Nine fewer are few, whatever the ratio.
  expect(rowOf(drawn(view), '198.51.100.9')).not.toContain('shut out');
  const web = full.sources[1] ?? source('x');
  const detail = sourceView({ ...shown, report: full, source: web, reportContext: reportContext({ usual: victims }) });
  expect(drawn(detail)).toContain(
    '**Shut out while a node is at its limit**: 117 active and dormant connections, usually 300.',
  );
});

test('refused connections shut out as well; with room on every node the same sources are only far below', () => {
  const calm = completeReport({ findings: [] });
  const at = (alerts: Parameters<typeof reportContext>[0]) =>
    drawn(
      reportView({ ...shown, report: calm, by: 'source', reportContext: reportContext({ usual: victims, ...alerts }) }),
    );
  const refused = { rule: 'rejected', source: null, node: 'shard-00-00.abcde.mongodb.net:27017' } as const;
  expect(at({ alerts: [alertOn(null, refused)] })).toContain('Shut out while a node is at its limit: **Web EU**');
  expect(at({ alerts: [alertOn(null, { ...refused, calmSince: TEN })] })).not.toContain('hut out');
  // The alert still shows it as shut out, by its last reading.
  const shutOut = [{ source: '198.51.100.128/28', name: 'Partner', now: 0, usual: 24 }];
  const evidence = { ...EVIDENCE, readAt: TEN, shutOut };
  const told = at({ alerts: [alertOn(null, { ...refused, calmSince: TEN, evidence })] });
  expect(told).toContain('Shut out while a node is at its limit: **Web EU** (117, usually 300), **Partner**');
  expect(rowOf(at({}), 'Web EU')).toContain('**far below usual**: 117, usually 300');
  expect(rowOf(at({}), 'Partner')).toBeUndefined();
});

test('a report in part marks those that the alert shows as shut out, unless it sees more of them', () => {
  const shutOut = [
    { source: '198.51.100.128/28', name: 'Partner', now: 0, usual: 24 },
    { source: '203.0.113.64/26', name: 'Web EU', now: 3, usual: 200 },
  ];
  const evidence = { ...EVIDENCE, readAt: TEN, shutOut };
  const context = reportContext({
    usual: victims,
    alerts: [alertOn(null, { rule: 'node-headroom', source: null, node: 'x:27017', evidence })],
  });
  const text = drawn(reportView({ ...shown, report: report(), by: 'source', reportContext: context }));
  expect(text).toContain('Shut out while a node is at its limit: **Partner** (0, usually 24).');
  expect(rowOf(text, 'Web EU')).not.toContain('shut out');
});

test('beside a node that was not read, less than usual is unknown and not little, and ? has its footnote', () => {
  const partly = reportView({
    ...shown,
    report: report(),
    by: 'source',
    reportContext: reportContext({ usual: victims }),
  });
  expect(rowOf(drawn(partly), 'Web EU')).toBe('Web EU | 96 | ? | 153 | 21 | 6 | 36');
  expect(rowOf(drawn(partly), 'Billing API')).toContain('| 6.8 × |');
  const note = '? against usual is unknown: the nodes that were not read may hold the rest.';
  expect(drawn(partly)).toContain(note);
  const whole = reportView({ ...shown, report: full, by: 'source', reportContext: reportContext({ usual: victims }) });
  expect(drawn(whole)).not.toContain('?');
});

test('each open alert has its mark above the table, with figures of the report, and a silence is said once', () => {
  const host = 'shard-00-00.abcde.mongodb.net:27017';
  const alerts = [
    alertOn('b', { id: 'calm', who: 'Web EU', calmSince: TEN }),
    alertOn(billing, {
      id: 'silenced',
      state: 'silenced',
      lastAction: { act: 'silenced', by: 'U0ANNA', at: TEN, until: TEN + HOUR, reason: 'deploy' },
    }),
    alertOn(null, {
      id: 'node',
      rule: 'node-headroom',
      node: host,
      who: 'shard-00-00',
      severity: 'critical',
      usual: null,
    }),
  ];
  const silences = [silenceOf(billing)];
  const view = reportView({ ...shown, report: full, by: 'source', reportContext: reportContext({ alerts, silences }) });
  expect(lines(drawn(view), 1, 4)).toMatchInlineSnapshot(`
    "🔴 **Critical — ****shard-00-00** is at 100 % of its limit, 1,496 of 1,500 connections. Since {2026-11-21 09:55 UTC}.
    🟡 **Recovering — ****Web EU**: back to usual since {2026-11-21 10:00 UTC}, resolves at {10:10 UTC} if it stays so.
    🔕 **Silenced — ****Billing API** holds 412 dormant connections, usually 61. Silenced until {2026-11-21 11:00 UTC} by <user U0ANNA> (deploy), firing since {2026-11-21 09:55 UTC}."
  `);
  expect(drawn(view).match(/ilenced until/g)).toHaveLength(1);
  expect(drawn(view).match(/of its limit/g)).toHaveLength(1);
});

test('Home puts the cluster with a critical alert first, then the largest, and calls neither fine that has one', () => {
  const answer = (name: string, current: number) => ({
    name,
    answer: { report: completeReport({ cluster: name, nodes: [node('a:1', { current })] }), ageMs: 0 },
    problem: null,
  });
  const board = boardOf([alertOn('a', { cluster: 'small', severity: 'critical' }), alertOn('b', { cluster: 'tiny' })]);
  const clusters = [answer('large', 900), answer('larger', 1_000), answer('small', 20), answer('tiny', 10)];
  const home = drawn(homeView({ clusters, status: { ...status, watch: null }, board, tables: 'text' }));
  const heads = home.split('\n').filter((line) => line.includes('** — '));
  expect(heads.map((line) => line.split(' · ')[0])).toEqual([
    '🔴 **small** — 1 critical',
    '🟠 **tiny** — 1 warning',
    '**larger** — fine',
    '**large** — fine',
  ]);
});
