// Views with a watch: what the report, a source, Home and the status say of alerts and the past.

import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import type { ReportContext } from '../../../src/slack/views/alert-status.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { statusView } from '../../../src/slack/views/status.ts';
import { completeReport, report, source } from '../../cli/sample.ts';
import { drawn, said } from './drawn.ts';
import { alertOn, boardOf, historyOf, silenceOf, TEN, watchStatus } from './watch-sample.ts';

const place = { kind: 'answer' } as const;
const shown = { ageMs: 0, tables: 'data_table', place, timeZone: 'UTC', command: '/atlas-conns' } as const;
const billing = completeReport().sources[0]?.id ?? '';

function reportContext(more: Partial<ReportContext> = {}): ReportContext {
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
  const fires = reportContext({ alerts: [alertOn(billing)] });
  const view = reportView({ ...shown, report: report(), by: 'source', reportContext: fires });
  expect(lines(drawn(view), 2, 10)).toMatchInlineSnapshot(`
    "Source | Active | Dormant | Heartbeats | Clients | Of all | Against usual
    Billing API | 4 | 412 | 72 | 12 | 67 % | 6.8 ×
    Web EU | 21 | 96 | 36 | 6 | 21 % | as usual
    anyone: app "etl" | 2 | 60 | 12 | 2 | 10 % | new
    198.51.100.9 | 0 | 12 | 6 | 1 | 2 % | –
    🟠 **Warning — ****Billing API** holds 412 dormant, usual here on a Saturday 10:00 is 61. Since {2026-11-21 09:55 UTC}.
    **198.51.100.9** is connected but matches no access list entry
    and 1 more finding: \`/atlas-conns hygiene prod\`"
  `);
  expect(said(view)).toContain('Billing API holds 412 dormant, usual here on a Saturday 10:00 is 61. Since ');
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
  expect(mine.split('\n').filter((line) => /acknowledged|silenced/.test(line))).toMatchInlineSnapshot(`
    [
      "**Billing API**: acknowledged by <user U0ANNA>, {2026-11-21 10:00 UTC} (412 dormant connections, usually 61)",
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
      "🔴 **Critical — ****Source 2: 412 dormant connections, usually 61**. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 5: 412 dormant connections, usually 61**. Since {2026-11-21 09:55 UTC}.",
      "🟠 **Warning — ****Source 4: 412 dormant connections, usually 61**. Since {2026-11-21 09:55 UTC}.",
      "and 3 more alerts: \`/atlas-conns alerts prod\`",
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
  expect(drawn(view)).toContain('Billing API | 4 | 412');
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
    🟠 **Warning — ****Billing API** holds 412 dormant, usual here on a Saturday 10:00 is 61. Since {2026-11-21 09:55 UTC}.
    chart: Dormant, last 24 h, times in UTC
    dormant, at most 16:00 60, 22:00 61, 09:59 412
    usual, at most 16:00 61, 22:00 61, 09:59 61
    App | Host | Driver | Node | Active | Dormant
    billing | 203.0.113.9 | nodejs | shard-00-00 | 4 | 412
    and 31 more | - | - | - | 0 | 0
    No readings in 1 of 4 intervals; they are left out.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    (Back) (History) (Acknowledge) (Silence…) (Refresh)
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
    **prod** — busiest node at 31 %, fine (shard-00-00) · 785 connections
    Loudest: **Billing API** 488, **Web EU** 153, **anyone: app "etl"** 74
    Last read {2026-11-21 10:00 UTC}, 3 of 4 nodes
    Alerts: 1 warning, 1 silenced: **Billing API**, **Web EU**
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
