import { expect, test } from 'vitest';
import type { History } from '../../../src/core/ports/monitor.ts';
import { UserError } from '../../../src/errors.ts';
import { DAY, HOUR, halt, MINUTE, never, SOURCES, scene } from './scene.ts';

const [BILLING = '', VPC = ''] = SOURCES;

test('history: what was, piece by piece, what is now, and when it was most', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened();
  const { monitor, start } = replica(store);
  await start();
  const began = clock.now().getTime();
  play.dormant = (source, at) => (source === VPC ? 10 : at < began + 31 * MINUTE && at > began + 24 * MINUTE ? 90 : 40);
  await clock.pass(HOUR);
  const request = { cluster: 'prod', window: HOUR, points: 4, signal: never };
  const history = await monitor.history({ ...request, source: BILLING });
  expect(history.source).toMatchObject({ id: BILLING, name: `Team ${BILLING}` });
  expect(history.buckets.map(({ readings }) => readings).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  expect(history.buckets.map(({ dormant }) => dormant?.max)).toEqual([40, 90, 90, 40]);
  expect(history.buckets.map(({ usual }) => usual)).toEqual([null, null, null, null]);
  expect(history.now).toEqual({ active: 4, dormant: 40 });
  const first = history.buckets[1];
  expect(history.max).toEqual({ value: 90, at: first?.peakAt });
  expect(first?.peakAt).toBeGreaterThan(began + 24 * MINUTE);
  const whole = await monitor.history({ ...request, source: null });
  expect(whole).toMatchObject({ source: null, now: { active: 8, dormant: 50 } });
  expect((await monitor.sources('prod', never)).map(({ id }) => id).toSorted()).toEqual(SOURCES.toSorted());
});

test('a source that was never seen is refused, with the nearest that was', async () => {
  const { clock, replica, store: opened } = scene();
  const { store } = await opened();
  const { monitor, start } = replica(store);
  await start();
  await clock.pass(6 * MINUTE);
  const asked = monitor.history({ cluster: 'prod', source: '203.0.113.0/25', window: HOUR, points: 4, signal: never });
  await expect(asked).rejects.toThrow(UserError);
  await expect(asked).rejects.toMatchObject({ remedy: `Did you mean ${BILLING}?` });
});

test('against usual: nothing before a day, then what is usual at this time; a source of today is new', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened();
  const { monitor, start } = replica(store, { schedule: '*/20 * * * *' });
  await start();
  expect((await monitor.usual('prod', never)).size).toBe(0);
  const began = clock.now().getTime();
  play.dormant = (source, at) => (source === VPC && at < began + 25 * HOUR ? 0 : 40);
  play.isThere = (source, at) => source !== VPC || at >= began + 25 * HOUR;
  await clock.pass(HOUR);
  expect(await monitor.usual('prod', never)).toEqual(
    new Map([[BILLING, { name: expect.any(String), usual: null, pooled: null, isNew: false }]]),
  );
  await clock.pass(DAY + HOUR);
  const usual = await monitor.usual('prod', never);
  expect(usual.get(BILLING)).toMatchObject({ usual: 40, isNew: false });
  expect(usual.get(BILLING)?.pooled).toBeGreaterThanOrEqual(40);
  const last = await monitor.lastReadings(['prod', 'elsewhere'], never);
  expect([...last.keys()]).toEqual(['prod']);
  expect(last.get('prod')?.sources.map(({ id }) => id)).toContain(BILLING);
  expect(usual.get(VPC)).toMatchObject({ usual: null, isNew: true });
});

test('what is usual now is the same whatever the window; beside what was held at most stands the highest usual', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened();
  const { monitor, start } = replica(store, { schedule: '*/20 * * * *' });
  play.dormant = (_, at) => (new Date(at).getUTCHours() === 3 ? 200 : 40);
  await start();
  await clock.pass(3 * DAY);
  const asked = [HOUR, DAY, 2 * DAY].map((window) =>
    monitor.history({ cluster: 'prod', source: BILLING, window, points: 8, signal: never }),
  );
  const histories = await Promise.all(asked);
  expect(histories.map(({ usualNow }) => usualNow)).toEqual([40, 40, 40]);
  const [hour, , long] = histories;
  const usual = (history: History | undefined, which: 'median' | 'max') =>
    history?.buckets.map((bucket) => bucket.usual?.dormant[which]);
  // Half of its pieces have no reading.
  expect(new Set(usual(hour, 'max'))).toEqual(new Set([40, undefined]));
  expect(usual(long, 'max')).toEqual(long?.buckets.map(({ dormant }) => dormant?.max));
  expect(usual(long, 'max')).toContain(200);
  expect(new Set(usual(long, 'median'))).toEqual(new Set([40]));
  const whole = await monitor.history({ cluster: 'prod', source: null, window: DAY, points: 8, signal: never });
  expect([whole.usualNow, ...whole.buckets.map((bucket) => bucket.usual)]).toEqual(Array(9).fill(null));
});

test('the usual of the past stays what it was then, after a spike of half a day', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened();
  const watch = replica(store, { schedule: '*/20 * * * *' });
  const began = clock.now().getTime();
  const spike = { from: began + 3 * DAY, to: began + 3.5 * DAY };
  play.dormant = (source, at) => (source === BILLING && at >= spike.from && at < spike.to ? 300 : 100);
  play.isThere = (source, at) => source === BILLING || at < spike.from;
  await watch.start();
  await clock.pass(3.5 * DAY + HOUR);
  const ofSpike = (source: string) =>
    store.series({ cluster: 'prod', source, node: null, from: spike.from, to: spike.to, buckets: 12 });
  const then = { billing: await ofSpike(BILLING), vpc: await ofSpike(VPC) };
  expect(then.billing.map(({ usual }) => usual?.dormant.max)).toEqual(Array(12).fill(100));
  expect(then.billing.map(({ usual }) => usual?.pooled.max)).toEqual(Array(12).fill(104));
  expect(then.vpc.map(({ dormant, usual }) => [dormant?.max, usual?.dormant.max])).toEqual(Array(12).fill([0, 100]));
  await clock.pass(2 * DAY);
  expect(await ofSpike(BILLING)).toEqual(then.billing);
  const asked = { cluster: 'prod', source: BILLING, window: 3 * DAY, points: 72, signal: never };
  const { buckets } = await watch.monitor.history(asked);
  const during = buckets.filter(({ from }) => from >= spike.from && from < spike.to);
  expect(during.map(({ dormant, usual }) => [dormant?.max, usual?.dormant.max])).toEqual(Array(12).fill([300, 100]));

  // A replica that begins from nothing evaluates all of it again, and leaves what is stored.
  await halt(watch, clock);
  const fresh = replica({ ...store, checkpoint: async () => null }, { instance: 'B', schedule: '*/20 * * * *' });
  await fresh.start();
  await clock.pass(HOUR);
  expect(await ofSpike(BILLING)).toEqual(then.billing);
  expect(await ofSpike(VPC)).toEqual(then.vpc);
});
