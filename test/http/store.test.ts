// What health says of the store: that it can be written, that it is away, and nothing that only it could tell then.

import { expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { completeReport } from '../cli/sample.ts';
import { figures, parseExposition } from './exposition.ts';
import { ask, cluster, goodStore, NOW, serveHealth, someBot, statusOf } from './fixture.ts';

const MINUTE = 60_000;
const never = () => new Promise<never>(() => undefined);

test('a store that cannot be written is alive and not ready, and says why in a sentence', async () => {
  const bot = someBot();
  const refused = new UpstreamError({
    code: 'store-full',
    text: 'The disk of the store is full.',
    remedy: 'Make room.',
  });
  bot.store = { claim: () => Promise.reject(refused), alerts: () => Promise.reject(refused) };
  const health = await serveHealth(bot);
  expect((await ask(health, '/livez')).status).toBe(200);
  const { status, body } = await ask(health, '/readyz');
  expect(status).toBe(503);
  expect(JSON.parse(body).checks[1]).toEqual({
    name: 'store',
    ok: false,
    says: 'The disk of the store is full. Make room.',
  });
  const families = parseExposition((await ask(health, '/metrics')).body);
  expect(figures(families, 'atlas_conns_store_up')).toEqual({ '': 0 });
  expect(figures(families, 'atlas_conns_alerts')).toEqual({});
});

test('a store that hangs hangs neither probe nor scrape, and is asked once however many ask', async () => {
  const bot = someBot();
  let asked = 0;
  const hang = () => {
    asked += 1;
    return never();
  };
  bot.store = { claim: hang, alerts: hang };
  bot.status = never;
  bot.known = statusOf({ waiting: null, unwritten: 7, lost: 2, clusters: [cluster('prod', { skipped: 3 })] });
  const health = await serveHealth(bot, { deadlineMs: 50 });
  health.observer.watched(['prod']);
  health.observer.reading({ cluster: 'prod', report: completeReport({ at: NOW.toISOString() }), tookMs: 1 });
  for (let round = 0; round < 3; round++) {
    const [ready, metrics] = await Promise.all([ask(health, '/readyz'), ask(health, '/metrics')]);
    expect(ready.status).toBe(503);
    const { checks, clusters } = JSON.parse(ready.body);
    expect(checks[1].says).toBe('The store does not answer in time.');
    // What this process knows itself stands.
    expect(clusters[0]).toMatchObject({ cluster: 'prod', ageSeconds: 0 });
    const families = parseExposition(metrics.body);
    expect(figures(families, 'atlas_conns_store_up')).toEqual({ '': 0 });
    for (const name of ['alerts', 'outbox_deliveries', 'outbox_oldest_age_seconds'])
      expect(figures(families, `atlas_conns_${name}`)).toEqual({});
    expect(figures(families, 'atlas_conns_unwritten_readings')).toEqual({ '': 7 });
    expect(figures(families, 'atlas_conns_lost_readings_total')).toEqual({ '': 2 });
    expect(figures(families, 'atlas_conns_slots_skipped_total')).toEqual({ 'cluster=prod': 3 });
    expect(figures(families, 'atlas_conns_readings_total')['cluster=prod result=complete']).toBe(1);
  }
  expect(asked).toBe(2);
});

test('a store that is known to be away is asked nothing for a scrape', async () => {
  const bot = someBot();
  const unasked = () => Promise.reject(new Error('was asked'));
  bot.store = { claim: async () => true, alerts: unasked };
  bot.status = unasked;
  const store = { kind: 'mongodb', where: 'analysis on db', awaySince: NOW.getTime() - MINUTE, problem: null };
  bot.known = statusOf({ store, waiting: null, unwritten: 4 });
  const health = await serveHealth(bot);
  const families = parseExposition((await ask(health, '/metrics')).body);
  expect(figures(families, 'atlas_conns_store_up')).toEqual({ '': 0 });
  expect(figures(families, 'atlas_conns_unwritten_readings')).toEqual({ '': 4 });
  expect(figures(families, 'atlas_conns_alerts')).toEqual({});
  expect(bot.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a store that answers only in part is not up: an absent figure has a reason', async () => {
  const bot = someBot();
  bot.status = statusOf({ waiting: null });
  const families = parseExposition((await ask(await serveHealth(bot), '/metrics')).body);
  expect(figures(families, 'atlas_conns_outbox_deliveries')).toEqual({});
  expect(figures(families, 'atlas_conns_store_up')).toEqual({ '': 0 });
});

test('each replica tests by its own write, however many share the store', async () => {
  const claimed = new Set<number>();
  const written: boolean[] = [];
  const bot = someBot();
  bot.store = {
    ...goodStore(),
    async claim({ slot }) {
      written.push(!claimed.has(slot));
      claimed.add(slot);
      return true;
    },
  };
  let time = NOW.getTime();
  const replicas: Awaited<ReturnType<typeof serveHealth>>[] = [];
  for (const began of [0, 1_000, 2_500]) {
    time = NOW.getTime() + began;
    replicas.push(await serveHealth(bot, { now: () => new Date(time) }));
  }
  for (const replica of replicas) expect((await ask(replica, '/readyz')).status).toBe(200);
  expect(written).toEqual([true, true, true]);
});

test.each([
  ['store-replaced', 0, 503],
  ['store-thread-ended', 30_000, 200],
  ['store-thread-ended', 90_000, 503],
  ...['store-no-primary', 'store-unreachable', 'store-full', 'store-read-only', 'store-busy', 'store-cut-short'].map(
    (code) => [code, 60 * MINUTE, 200] as const,
  ),
] as const)(
  'a bot whose store is away (%s) for %d ms is as alive as a restart is of use: %d',
  async (code, ms, expected) => {
    const bot = someBot();
    const problem = { code, text: `It says ${code}.`, remedy: 'Do what it says.' };
    bot.known = statusOf({ store: { kind: 'sqlite', where: 'memory', awaySince: NOW.getTime() - ms, problem } });
    const { status, body } = await ask(await serveHealth(bot), '/livez');
    expect(status).toBe(expected);
    const says = { name: 'store', ok: false, says: `It says ${code}. Do what it says.` };
    expect(JSON.parse(body).checks.slice(2)).toEqual(expected === 200 ? [] : [says]);
  },
);
