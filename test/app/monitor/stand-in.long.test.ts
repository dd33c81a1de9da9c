// What the watch gives the notifier while the store is away for long. With a notifier and Slack: test/chaos/store-away.test.ts.

import { expect, test } from 'vitest';
import { troubled } from './failing-store.ts';
import { MINUTE, never, SOURCES, scene } from './scene.ts';

const place = (ts: string) => ({ channel: 'C0ALERTS', ts });

async function stage(kind: 'sqlite' | 'mongodb') {
  const stage = scene();
  const { store: kept } = await stage.store(kind);
  const standIn = await stage.store();
  const { store, trouble } = troubled(kept);
  // A test closes it.
  const openStandIn = async () => ({ ...standIn.store, close: async () => undefined });
  const first = stage.replica(store, { openStandIn });
  const take = () =>
    first.outbox.take({ instance: 'A', now: stage.clock.now().getTime(), leaseMs: MINUTE, limit: 100, refreshes: 100 });
  return { ...stage, kept, store, trouble, first, take };
}

test('before five minutes have passed nothing is given out; then each alert once, with a word that it may repeat', async () => {
  const { clock, play, trouble, first, take } = await stage('sqlite');
  await first.start();
  await clock.pass(6 * MINUTE);
  trouble.away = true;
  play.dormant = () => 250;
  await clock.pass(4.5 * MINUTE);
  await expect(take()).rejects.toThrow('The store does not answer.');
  await clock.pass(6 * MINUTE);
  const taken = await take();
  expect(taken.map(({ kind, remark }) => [kind, remark])).toEqual(
    SOURCES.map(() => ['message', 'History unavailable: this was decided without the store and may repeat.']),
  );
  for (const [index, one] of taken.entries()) await first.outbox.sent(one, place(String(index)));
  await clock.pass(20 * MINUTE);
  // Nothing is said again: only the figures are refreshed.
  expect((await take()).map(({ refresh, remark }) => [refresh, remark !== undefined])).toEqual(
    SOURCES.map(() => ['warning', true]),
  );
  const [{ about } = { about: null }] = taken;
  expect(about === null ? null : await first.monitor.alert(about, never)).toMatchObject({ state: 'firing' });
});

test('newer figures of what the store decided bear no word that it was decided without it', async () => {
  const { clock, play, trouble, first, take } = await stage('sqlite');
  await first.start();
  play.dormant = () => 250;
  await clock.pass(12 * MINUTE);
  for (const [index, one] of (await take()).entries()) await first.outbox.sent(one, place(String(index)));
  trouble.away = true;
  await clock.pass(25 * MINUTE);
  const figures = await take();
  expect(figures.map(({ refresh, remark }) => [refresh, remark])).toEqual(SOURCES.map(() => ['warning', undefined]));
  for (const one of figures) await first.outbox.sent(one, null);
  play.dormant = () => 20;
  await clock.pass(40 * MINUTE);
  const ends = (await take()).filter(({ kind }) => kind === 'message');
  expect(ends.map(({ refresh, remark }) => [refresh, remark !== undefined])).toEqual(SOURCES.map(() => [null, true]));
});

test('what another replica decided otherwise meanwhile is written as over, and its message is kept in mind', async () => {
  const { clock, play, kept, trouble, first, take, replica } = await stage('mongodb');
  await first.start();
  await clock.pass(6 * MINUTE);
  trouble.away = true;
  play.dormant = (source) => (source === SOURCES[0] ? 250 : 20);
  await clock.pass(10 * MINUTE);
  const [taken, ...more] = await take();
  if (taken === undefined || taken.about === null) throw new Error('nothing was given out');
  expect(more).toEqual([]);
  await first.outbox.sent(taken, place('1.1'));
  // The other begins late, reads the same slots, and has its own idea of when it began.
  play.dormant = () => 20;
  const second = replica(kept, { instance: 'B' });
  await second.start();
  await clock.pass(10 * MINUTE);
  trouble.away = false;
  for (const slot of ['10:10', '10:15']) {
    const at = Date.parse(`2026-11-21T${slot}:00Z`);
    await kept.claim({ cluster: 'prod', slot: at, instance: 'B' });
  }
  await clock.pass(3 * MINUTE);
  expect(await kept.place(taken.about)).toEqual(place('1.1'));
  expect(await kept.alert(taken.about)).toMatchObject({
    state: 'ended',
    endReason: 'the store is back, and its history does not have this alert',
  });
});

test('a minute of refreshes is for one replica of a shared store, for the only bot of an embedded one, and for a stand-in', async () => {
  const shared = await stage('mongodb');
  const second = shared.replica(shared.store, { instance: 'B' });
  const minute = Math.floor(shared.clock.now().getTime() / MINUTE) * MINUTE;
  const asked = [second, shared.first].map(({ mayRefresh }) => mayRefresh(minute));
  expect((await Promise.all(asked)).toSorted()).toEqual([false, true]);
  expect(await shared.kept.lastClaim('#refresh')).toMatchObject({ slot: minute });
  await shared.first.start();
  await shared.clock.pass(6 * MINUTE);
  shared.trouble.away = true;
  await expect(shared.first.mayRefresh(minute + MINUTE)).rejects.toThrow('The store does not answer.');
  await shared.clock.pass(10 * MINUTE);
  expect(await shared.first.mayRefresh(minute)).toBe(true);
  const alone = await stage('sqlite');
  expect([await alone.first.mayRefresh(minute), await alone.first.mayRefresh(minute)]).toEqual([true, true]);
});
