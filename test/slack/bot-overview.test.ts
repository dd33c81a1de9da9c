// Commands without a cluster, where several are monitored: the overview, and sources that are looked up in all of them.

import { expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { connections, range, reportOn } from '../core/fixtures.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { command, newSlack, optionOf, press, prodReport, runBot, testDesk } from './bot-fixture.ts';
import { drawn } from './views/drawn.ts';
import { alertOn } from './views/watch-sample.ts';
import { BILLING, watchedBot } from './watch-fixture.ts';

const clusters = ['prod', 'staging', 'reports'];
const shown = (message: Parameters<typeof drawn>[0] | object) => drawn(message as Parameters<typeof drawn>[0]);

test('/atlas-conns alone shows every cluster, the worst first, from the store alone, and opens one by a menu', async () => {
  const slack = await newSlack();
  const fires = (id: string, more: object) => alertOn(BILLING, { id, cluster: 'staging', ...more });
  const alerts = [
    fires('1', { severity: 'critical' }),
    fires('2', { severity: 'critical', rule: 'churn' }),
    alertOn(BILLING, { id: '3', cluster: 'reports', state: 'acknowledged' }),
  ];
  const { reports } = await watchedBot(slack, { clusters, alerts });
  const overview = await command(slack, '');
  expect(overview.ephemeralTo).toBe(ANNA.id);
  expect(shown(overview)).toMatchInlineSnapshot(`
    "# 3 clusters — 1 critical, 1 acknowledged, silenced or recovering, 1 fine
    Cluster | State | Busiest node | Connections | Largest source | Last read
    staging | 🔴 **2 critical** | 27 % | 812 | Billing API: 62 dormant | {2026-11-21 09:55 UTC}, 5 min ago
    reports | 🔵 **1 acknowledged** | 27 % | 812 | Billing API: 62 dormant | {2026-11-21 09:55 UTC}, 5 min ago
    prod | fine | 27 % | 812 | Billing API: 62 dormant | {2026-11-21 09:55 UTC}, 5 min ago
    [Open the report of a cluster ▾ staging (2 critical); reports (1 acknowledged); prod (fine)]
    small: From the last scheduled readings. Nothing was read for this table."
  `);
  expect(reports.asked).toEqual([]);
  const opened = await press(slack, overview, { actionId: 'choose_cluster', option: optionOf(overview, 'staging') });
  expect(opened).toMatchObject({ ts: overview.ts, text: expect.stringContaining('staging — 65 connections') });
  expect(reports.asked).toEqual(['staging']);
});

test('nodes and history alone show the same clusters with their own columns', async () => {
  const slack = await newSlack();
  const { reports } = await watchedBot(slack, { clusters });
  const nodes = shown(await command(slack, 'nodes'));
  expect(nodes.split('\n').slice(1, 3)).toMatchInlineSnapshot(`
    [
      "Cluster | Busiest node | Node | In use | Limit | Nodes read | State | Last read",
      "prod | 27 % | a (primary) | 812 | 3,000 | 1 of 1 | fine | {2026-11-21 09:55 UTC}, 5 min ago",
    ]
  `);
  const answer = await command(slack, 'history 7d');
  expect(shown(answer).split('\n').slice(1, 3)).toMatchInlineSnapshot(`
    [
      "Cluster | Dormant | Usual | Most in 7d | When | State | Last read",
      "prod | 82 | ? | 82 | {2026-11-21 09:55 UTC} | fine | {2026-11-21 09:55 UTC}, 5 min ago",
    ]
  `);
  expect(reports.asked).toEqual([]);
  const opened = await press(slack, answer, { actionId: 'choose_cluster', option: optionOf(answer, 'reports') });
  expect(opened.text).toContain('reports — the last 7d');
});

test('a grouping without a cluster is kept for the report that is opened', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { clusters });
  const overview = await command(slack, 'by app');
  const opened = await press(slack, overview, { actionId: 'choose_cluster', option: optionOf(overview, 'reports') });
  expect(opened.text).toContain('reports by app — ');
});

test('with a default cluster its report is shown, and a line for each other one that is not fine', async () => {
  const slack = await newSlack();
  const alerts = [alertOn(BILLING, { cluster: 'staging', severity: 'critical' })];
  const { reports } = await watchedBot(slack, { clusters, alerts });
  reports.defaultCluster = 'prod';
  const { text } = await command(slack, '');
  expect(text).toContain('prod — 65 connections');
  expect(text).toMatch(/🔴 staging: 1 critical, busiest node at \d+ %, as of /);
  expect(text).not.toContain('reports');
  const refreshed = await press(slack, await command(slack, 'prod'), { actionId: 'refresh' });
  expect(refreshed.text).toContain('🔴 staging: 1 critical');
  expect((await command(slack, 'staging')).text).not.toContain('reports');
});

test('while the store is away the overview is made of the readings of this process, and says what is missing', async () => {
  const slack = await newSlack();
  const problem = { code: 'store-away', text: 'the store is away.', remedy: 'Look at status.' };
  const { reports } = await watchedBot(slack, {
    clusters,
    seenAs: (monitor) => ({ ...monitor, lastReadings: () => Promise.reject(new UpstreamError(problem)) }),
  });
  await command(slack, 'prod');
  const lines = shown(await command(slack, '')).split('\n');
  expect(lines).toContain('# 3 clusters — 2 not read, 1 fine');
  expect(lines.join('\n')).toContain(
    'Alerts are missing here, and readings may be older: the store is away. Look at status.',
  );
  expect(reports.asked).toEqual(['prod']);
});

test('without a store the overview knows the readings of this process', async () => {
  const slack = await newSlack();
  const later = Date.parse(prodReport.at) + 9 * 60_000;
  await runBot(slack, { reports: testDesk({ prod: prodReport, staging: prodReport }), now: () => new Date(later) });
  await command(slack, 'prod');
  const lines = shown(await command(slack, '')).split('\n');
  expect(lines.slice(0, 4)).toMatchInlineSnapshot(`
    [
      "# 2 clusters — 1 not read, 1 fine",
      "Cluster | State | Busiest node | Connections | Largest source | Last read",
      "staging | **not read yet** | ? | ? | ? | -",
      "prod | fine | 1 % | 10 | Billing API: 40 dormant | {2026-11-21 10:00 UTC}, 9 min ago",
    ]
  `);
  expect((await command(slack, 'history')).text).toContain('this bot runs without one');
});

const stagingReport = reportOn({
  groups: [connections('192.0.2.9:1', { count: 3 }), connections('203.0.113.9:1', { count: 7, app: 'billing' })],
  entries: [range('192.0.2.0/24', 'Nightly ETL'), range('203.0.113.0/24', 'Billing API')],
});

test('a source without a cluster is shown where it is, and asked for by buttons only where two clusters have it', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: prodReport, staging: stagingReport });
  await runBot(slack, { reports });
  // Nothing is known of the clusters yet, so both are read.
  expect((await command(slack, 'source nightly')).text).toContain('Nightly ETL · 192.0.2.0/24');
  expect(reports.asked.toSorted()).toEqual(['prod', 'staging', 'staging']);
  reports.asked.length = 0;
  expect((await command(slack, 'source "Web EU"')).text).toContain('Web EU · 203.0.113.64/26');
  expect(reports.asked).toEqual(['prod']);
  const which = await command(slack, 'source Billing API');
  expect(shown(which)).toBe(
    ['"Billing API" matches 2 sources. Which one?', '(Billing API in prod)', '(Billing API in staging)'].join('\n'),
  );
  const chosen = await press(slack, which, { actionId: 'source_of_cluster' });
  expect(chosen).toMatchObject({ ts: which.ts, text: expect.stringContaining('Billing API · 203.0.113.0/24') });
  const { text } = await command(slack, 'source nothing');
  expect(text).toContain('No source "nothing" is in the last readings of prod and staging.');
  expect(text).toContain('To read a cluster now, write: /atlas-conns source "nothing" in prod');
});

test('of two clusters with a source, the default one is meant', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: prodReport, staging: stagingReport });
  reports.defaultCluster = 'staging';
  await runBot(slack, { reports });
  expect((await command(slack, 'source billing')).text).toContain('of all sources in staging');
  expect((await command(slack, 'source "Web EU"')).text).toContain('of all sources in prod');
});

test('a source that only the history knows opens its history, in whichever cluster it was', async () => {
  const slack = await newSlack();
  const { reports } = await watchedBot(slack, { clusters: ['prod', 'staging'] });
  const empty = { ...prodReport, sources: [] };
  for (const name of ['prod', 'staging']) reports.reports.set(name, empty);
  const which = await command(slack, 'source "Billing API"');
  const chosen = await press(slack, which, { actionId: 'source_of_cluster' });
  expect(chosen.text).toContain('Billing API in prod — the last 24h');
});

test('an address that is asked for is marked in its source', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const lines = shown(await command(slack, 'source 203.0.113.9')).split('\n');
  expect(lines).toContain('**203.0.113.9** holds of these: 0 active, 40 dormant, 0 heartbeats, clients unknown.');
  expect(lines.find((line) => line.includes('→'))).toContain('→ **203.0.113.9** (asked for)');
  expect((await command(slack, 'source 203.0.113.33')).text).toContain(
    '203.0.113.33 belongs to Billing API and has no connection in this reading.',
  );
});
