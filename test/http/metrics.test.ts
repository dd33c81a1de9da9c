// The metrics as Prometheus reads them: names, units, labels with a bound, and figures that go with what they are about.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Health } from '../../src/http/health.ts';
import { CATALOG, metricsTable } from '../../src/http/metric-catalog.ts';
import { completeReport, node, report, source, unread } from '../cli/sample.ts';
import { alertOf } from '../store/sample.ts';
import { type Family, figures, parseExposition } from './exposition.ts';
import { ask, cluster, goodStore, NOW, serveHealth, someBot, statusOf } from './fixture.ts';

const A = 'shard-00-00.abcde.mongodb.net:27017';

async function scrape(health: Health): Promise<readonly Family[]> {
  const { status, headers, body } = await ask(health, '/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(body);
}

test('src/http/README.md has the table of the metrics', async () => {
  const readme = await readFile(new URL('../../src/http/README.md', import.meta.url), 'utf8');
  const table = /<!-- metrics -->\n+([\s\S]*?)\n+<!-- \/metrics -->/.exec(readme)?.[1];
  expect(table).toBe(metricsTable());
});

test('what a scrape shows is what the table says, and the process', async () => {
  const families = await scrape(await serveHealth(someBot()));
  const own = families.filter(({ name }) => name.startsWith('atlas_conns_'));
  expect(own.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    expect.arrayContaining(Object.values(CATALOG).map(({ name, type, help }) => ({ name, type, help }))),
  );
  expect(own).toHaveLength(Object.values(CATALOG).length);
  const others = families.filter((family) => !own.includes(family)).map(({ name }) => name);
  expect(others).toEqual(expect.arrayContaining(['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']));
  expect(others.every((name) => /^(process|nodejs)_/.test(name))).toBe(true);
  expect(figures(families, 'atlas_conns_build_info')).toEqual({ 'version=1.2.3': 1 });
});

test('names and units are those of Prometheus: counters end in _total, times are in seconds', () => {
  for (const { name, type } of Object.values(CATALOG)) {
    expect(name).toMatch(/^atlas_conns_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent)\b/);
    if (/duration|age|timestamp/.test(name)) expect(name).toMatch(/_seconds$/);
  }
});

test('connections are counted by node and class, and an unread node is not a zero', async () => {
  const health = await serveHealth(someBot());
  health.observer.watched(['prod']);
  health.observer.reading({ cluster: 'prod', report: report(), tookMs: 212 });
  const families = await scrape(health);
  const told = figures(families, 'atlas_conns_connections');
  const here = `cluster=prod node=${A}`;
  expect(told[`${here} class=listed state=dormant`]).toBe(412 + 96);
  expect(told[`${here} class=catch-all state=active`]).toBe(2);
  expect(told[`${here} class=unlisted state=monitor`]).toBe(6);
  expect(told[`${here} class=peering state=active`]).toBe(0);
  expect(Object.keys(told).filter((labels) => labels.includes('analytics-2'))).toEqual([]);
  expect(figures(families, 'atlas_conns_node_up')).toMatchObject({
    [here]: 1,
    'cluster=prod node=analytics-2.abcde.mongodb.net:27017': 0,
  });
  expect(figures(families, 'atlas_conns_node_connections')[here]).toBe(465);
  expect(figures(families, 'atlas_conns_node_connections_limit')[here]).toBe(1500);
  expect(figures(families, 'atlas_conns_internal_connections')).toEqual({ 'cluster=prod': 46 });
  expect(figures(families, 'atlas_conns_own_connections')).toEqual({ 'cluster=prod': 6 });
  expect(figures(families, 'atlas_conns_reading_duration_seconds_sum')).toEqual({ 'cluster=prod': 0.212 });
});

test('a thousand hostile apps, users and clients make no label and no series more', async () => {
  const hostile = ['"} 1\natlas_conns_own_connections 7', '\\', 'x'.repeat(500), '<!channel>', '9".9'];
  const many = Array.from({ length: 1_000 }, (_, index) => {
    const name = `${hostile[index % hostile.length]} ${index}`;
    const counts = { active: 1, dormant: 1, monitors: 0 };
    return source(`0.0.0.0/0 app:${name}`, {
      ...counts,
      name,
      class: 'catch-all',
      apps: [{ name, ...counts }],
      users: [{ name, ...counts }],
      hosts: [{ address: name, clients: 1, ...counts }],
    });
  });
  const health = await serveHealth(someBot());
  health.observer.watched(['prod']);
  health.observer.reading({ cluster: 'prod', report: completeReport({ sources: [] }), tookMs: 1 });
  // What Node's own metrics tell of (handles, spaces) comes and goes by itself.
  const ours = (found: Awaited<ReturnType<typeof scrape>>) =>
    found.flatMap(({ samples }) => samples).filter(({ name }) => name.startsWith('atlas_conns_'));
  const before = ours(await scrape(health)).length;
  health.observer.reading({ cluster: 'prod', report: completeReport({ sources: many }), tookMs: 1 });
  const families = await scrape(health);
  expect(figures(families, 'atlas_conns_connections')[`cluster=prod node=${A} class=catch-all state=dormant`]).toBe(
    1_000,
  );
  expect(ours(families).length).toBeLessThan(150);
  expect(ours(families).length).toBe(before);
});

test('a cluster that is not watched is never a label, whatever a person asks for', async () => {
  const health = await serveHealth(someBot());
  health.observer.watched(['prod']);
  health.observer.reading({ cluster: '<!channel> staging', report: null, tookMs: 1 });
  health.observer.claim({ key: '#silences', won: true });
  const families = await scrape(health);
  const clusters = families.flatMap(({ samples }) => samples.flatMap(({ labels }) => labels['cluster'] ?? []));
  expect(new Set(clusters)).toEqual(new Set(['prod']));
});

test('what is gone disappears: a node, a failed reading’s figures, another replica’s cluster, a cluster that left', async () => {
  const health = await serveHealth(someBot());
  const nodes = async () => figures(await scrape(health), 'atlas_conns_node_up');
  const { observer } = health;
  observer.watched(['prod', 'stage']);
  observer.reading({ cluster: 'prod', report: completeReport({ nodes: [node('a:1'), node('b:1')] }), tookMs: 1 });
  observer.reading({ cluster: 'prod', report: completeReport({ nodes: [node('b:1')] }), tookMs: 1 });
  expect(await nodes()).toEqual({ 'cluster=prod node=b:1': 1 });
  observer.reading({ cluster: 'prod', report: null, tookMs: 1 });
  expect(await nodes()).toEqual({});
  observer.reading({ cluster: 'prod', report: completeReport({ nodes: [node('b:1')] }), tookMs: 1 });
  observer.claim({ key: 'prod', won: false });
  expect(await nodes()).toEqual({});
  expect(figures(await scrape(health), 'atlas_conns_readings_total')).toMatchObject({
    'cluster=prod result=complete': 3,
    'cluster=prod result=failed': 1,
    'cluster=stage result=complete': 0,
  });
  observer.watched(['stage']);
  const left = (await scrape(health)).flatMap(({ samples }) => samples);
  expect(left.filter(({ labels }) => labels['cluster'] === 'prod')).toEqual([]);
  expect(left.filter(({ labels }) => labels['cluster'] === 'stage').length).toBeGreaterThan(0);
});

test('with every node down each of them is 0, and figures without a source are absent', async () => {
  const health = await serveHealth(someBot());
  const { observer } = health;
  const problem = { code: 'unreachable', text: 'It does not answer.', remedy: 'Is it running?' };
  const nodes = [node('a:1'), node('b:1')];
  const down = nodes.map(({ host }) => ({ host, problem }));
  const totals = { connections: null, active: null, dormant: null, monitors: null, internal: null, own: null };
  observer.watched(['prod']);
  observer.reading({ cluster: 'prod', report: completeReport({ nodes }), tookMs: 1 });
  const at = new Date(NOW.getTime() + 300_000).toISOString();
  const report = completeReport({
    at,
    complete: false,
    nodes: down,
    sources: [],
    totals: { ...totals, threads: null },
  });
  observer.reading({ cluster: 'prod', report, tookMs: 1 });
  const families = await scrape(health);
  const told = (name: string) => figures(families, `atlas_conns_${name}`);
  expect(told('node_up')).toEqual({ 'cluster=prod node=a:1': 0, 'cluster=prod node=b:1': 0 });
  for (const name of ['connections', 'internal_connections', 'own_connections', 'node_connections'])
    expect(told(name)).toEqual({});
  expect(told('readings_total')).toMatchObject({ 'cluster=prod result=failed': 1 });
  // Reached by nobody, it was not read.
  expect(told('last_reading_timestamp_seconds')['cluster=prod']).toBeLessThan(Date.parse(at) / 1000);
});

test('a cluster that was never read has a last reading, in 1970: an alert on its age fires', async () => {
  const bot = someBot();
  bot.status = statusOf({ clusters: [cluster('prod', { last: NOW.getTime(), lastFailed: true })] });
  const health = await serveHealth(bot);
  health.observer.watched(['prod']);
  health.observer.reading({ cluster: 'prod', report: null, tookMs: 1 });
  expect(figures(await scrape(health), 'atlas_conns_last_reading_timestamp_seconds')).toEqual({ 'cluster=prod': 0 });
});

test('a cluster with totals only is read completely: its tier has no more', async () => {
  const health = await serveHealth(someBot());
  health.observer.watched(['free']);
  const shared = { code: 'shared-tier', text: 'free refuses $currentOp.', remedy: 'Take another tier.' };
  const missing = { code: 'access-list-page-failed', text: 'A page is missing.', remedy: 'Ask again.' };
  const nodes = [node('a:1', { connections: null, clients: null }), node('b:1', { connections: null, clients: null })];
  const free = { cluster: 'free', complete: false, nodes, sources: [], problems: [shared] };
  for (const more of [{}, { problems: [shared, missing] }, { nodes: [...nodes, unread] }, { nodes: [unread] }])
    health.observer.reading({ cluster: 'free', report: completeReport({ ...free, ...more }), tookMs: 1 });
  expect(figures(await scrape(health), 'atlas_conns_readings_total')).toEqual({
    'cluster=free result=complete': 1,
    'cluster=free result=partial': 2,
    'cluster=free result=failed': 1,
  });
});

test('a reading with missing parts is not a good one', async () => {
  const bot = someBot();
  bot.status = statusOf({ clusters: [cluster('prod', { last: NOW.getTime(), lastFailed: null })] });
  const health = await serveHealth(bot);
  health.observer.watched(['prod']);
  expect(figures(await scrape(health), 'atlas_conns_last_reading_timestamp_seconds')).toEqual({ 'cluster=prod': 0 });
});

test('calls, claims, alerts and the outbox are counted by what has a bound', async () => {
  const bot = someBot();
  const oldest = NOW.getTime() - 90_000;
  bot.store = goodStore([
    alertOf({ id: '1' }),
    alertOf({ id: '2', state: 'acknowledged', severity: 'critical' }),
    alertOf({ id: '3', state: 'ended' }),
  ]);
  const clusters = [
    cluster('prod', { last: oldest, skipped: 2 }),
    cluster('stage', { last: oldest, lastFailed: true }),
  ];
  bot.status = statusOf({ waiting: { count: 3, oldest }, unwritten: 4, lost: 1, clusters });
  const health = await serveHealth(bot);
  const { observer } = health;
  observer.watched(['prod', 'stage']);
  observer.claim({ key: 'prod', won: true });
  observer.claim({ key: 'prod', won: false });
  for (const status of [200, 204, 429, 503, null]) observer.atlasCall({ status });
  observer.slackCall({ method: 'chat.postMessage', result: 'rate_limited' });
  const families = await scrape(health);
  const told = (name: string) => figures(families, `atlas_conns_${name}`);
  expect(told('claims_total')).toMatchObject({ 'cluster=prod result=won': 1, 'cluster=prod result=lost': 1 });
  const statuses = { 'status=2xx': 2, 'status=3xx': 0, 'status=4xx': 1, 'status=5xx': 1, 'status=none': 1 };
  expect(told('atlas_requests_total')).toEqual(statuses);
  expect(told('slack_requests_total')).toEqual({ 'method=chat.postMessage result=rate_limited': 1 });
  expect(told('alerts')).toMatchObject({
    'state=firing severity=warning': 1,
    'state=acknowledged severity=critical': 1,
    'state=silenced severity=warning': 0,
  });
  expect(told('outbox_deliveries')).toEqual({ '': 3 });
  expect(told('outbox_oldest_age_seconds')).toEqual({ '': 90 });
  expect(told('unwritten_readings')).toEqual({ '': 4 });
  expect(told('lost_readings_total')).toEqual({ '': 1 });
  expect(told('slots_skipped_total')).toEqual({ 'cluster=prod': 2, 'cluster=stage': 0 });
  expect(told('last_reading_timestamp_seconds')).toEqual({ 'cluster=prod': oldest / 1000, 'cluster=stage': 0 });
  expect(told('slack_up')).toEqual({ '': 1 });
  expect(told('store_up')).toEqual({ '': 1 });
});
