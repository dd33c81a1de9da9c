// What health and metrics say of the last readings where the clock was ahead and was set right.

import { expect, test } from 'vitest';
import type { Health } from '../../src/http/health.ts';
import { completeReport } from '../cli/sample.ts';
import { figures, parseExposition } from './exposition.ts';
import { ask, cluster, goodStore, NOW, serveHealth, someBot, statusOf } from './fixture.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const reportAt = (at: number) => completeReport({ at: new Date(at).toISOString() });
const prod = (last: number, lastFailed: boolean) => statusOf({ clusters: [cluster('prod', { last, lastFailed })] });

async function said(health: Health) {
  const says = JSON.parse((await ask(health, '/readyz')).body).clusters[0].says;
  const families = parseExposition((await ask(health, '/metrics')).body);
  return { says, read: figures(families, 'atlas_conns_last_reading_timestamp_seconds')['cluster=prod'] };
}

/** A bot whose clock tests set. */
async function serve(bot = someBot()) {
  const clock = { now: NOW.getTime() };
  const health = await serveHealth(bot, { now: () => new Date(clock.now) });
  health.observer.watched(['prod']);
  return { bot, clock, health };
}

test('read by a clock that was ahead and not since then: no reading is known, and an alert on its age fires', async () => {
  const { bot, clock, health } = await serve();
  clock.now = NOW.getTime() + 3 * DAY;
  health.observer.reading({ cluster: 'prod', report: reportAt(clock.now), tookMs: 1 });
  bot.status = prod(clock.now, false);
  expect((await said(health)).read).toBe(clock.now / 1000);
  clock.now = NOW.getTime() + 60 * MINUTE;
  bot.status = prod(NOW.getTime(), true);
  expect(await said(health)).toEqual({ says: 'No reading yet.', read: 0 });
  // Nor is it one when that time comes.
  clock.now = NOW.getTime() + 3 * DAY;
  expect(await said(health)).toEqual({ says: 'No reading yet.', read: 0 });
});

test('the next reading counts, and grows old from then on', async () => {
  const { clock, health } = await serve();
  clock.now = NOW.getTime() + 3 * DAY;
  health.observer.reading({ cluster: 'prod', report: reportAt(clock.now), tookMs: 1 });
  clock.now = NOW.getTime();
  health.observer.reading({ cluster: 'prod', report: reportAt(clock.now), tookMs: 1 });
  clock.now = NOW.getTime() + 20 * MINUTE;
  expect(await said(health)).toEqual({ says: 'Last read 20 min ago.', read: NOW.getTime() / 1000 });
});

test('a future time from the store is not a reading, and replaces none', async () => {
  const { bot, health } = await serve();
  bot.status = prod(NOW.getTime() - 5 * MINUTE, false);
  expect((await said(health)).says).toBe('Last read 5 min ago.');
  bot.status = prod(NOW.getTime() + DAY, false);
  expect((await said(health)).says).toBe('Last read 5 min ago.');
});

test('restarted after a clock correction, it goes by the sources that it saw before', async () => {
  const bot = someBot();
  const seen = (lastSeen: number) => ({ id: `${lastSeen}`, name: 'x', firstSeen: 0, lastSeen });
  const sources = async () => [seen(NOW.getTime() + DAY), seen(NOW.getTime() - 9 * MINUTE)];
  bot.store = { ...goodStore(), sources };
  bot.status = prod(NOW.getTime(), true);
  const { health } = await serve(bot);
  expect((await said(health)).says).toBe('Last read 9 min ago.');
});

test('a reading of another replica, whose clock is some seconds ahead, was taken now', async () => {
  const { bot, health } = await serve();
  bot.status = prod(NOW.getTime() + 20_000, false);
  expect((await said(health)).says).toMatch(/^Last read 0/);
});
