// The watch when the clock was wrong: readings of a time to come blind nobody, then or when that time comes.

import { expect, test } from 'vitest';
import { troubled } from './failing-store.ts';
import { DAY, HOUR, MINUTE, never, type Scene, scene } from './scene.ts';
import { readingsIn } from './watched-store.ts';

/** Reads for a while by a clock that is ahead, and goes on by the right one. */
async function ahead({ clock }: Scene, { by, during }: { readonly by: number; readonly during: number }) {
  await clock.pass(21 * MINUTE);
  const right = clock.now().getTime();
  clock.set(right + by);
  await clock.pass(during);
  clock.set(right + during);
}

test('after a clock that was ahead the next reading counts, and alerts are not late by what it was ahead', async () => {
  const stage = scene();
  const { clock, play, replica, log } = stage;
  const watch = replica((await stage.store()).store);
  await watch.start();
  await ahead(stage, { by: 3 * HOUR, during: 6 * MINUTE });
  play.dormant = () => 250;
  await clock.pass(11 * MINUTE);
  const { alerts } = await watch.monitor.board(never);
  expect(alerts).toMatchObject([{ rule: 'dormant-threshold' }, { rule: 'dormant-threshold' }]);
  expect(log.map(({ message }) => message)).toContain('system clock was set back');
});

test('slots that a wrong clock has read are read again when they come: no reading is left out, none stops the others', async () => {
  const stage = scene();
  const { clock, play, replica } = stage;
  const { store } = await stage.store();
  const watch = replica(store);
  await watch.start();
  await ahead(stage, { by: 3 * DAY, during: 30 * MINUTE });
  await clock.pass(3 * DAY + 2 * HOUR);
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0, lost: 0 });
  const times = (readings: readonly { readonly at: number }[]) =>
    readings.map(({ at }) => at).toSorted((a, b) => a - b);
  expect(times(await readingsIn(store))).toEqual(times(play.readings));
  // Four by the right clock, seven by the wrong one with the slot it jumped over, then one in each five minutes.
  expect(play.readings).toHaveLength(4 + 7 + (3 * DAY + 2 * HOUR) / (5 * MINUTE));
});

test('a bot that is alone reads on at once through hours that a wrong clock has claimed before', async () => {
  const stage = scene();
  const { clock, play, replica } = stage;
  const { store } = await stage.store();
  await replica(store).start();
  await ahead(stage, { by: 3 * HOUR, during: 3 * HOUR });
  const before = play.readings.length;
  await clock.pass(3 * HOUR);
  expect(play.readings.length - before).toBe((3 * HOUR) / (5 * MINUTE));
  const kept = await readingsIn(store);
  expect(kept).toHaveLength(play.readings.length);
});

test('what a bot that is alone reads without its store at times that a wrong clock has read before is written, too', async () => {
  const stage = scene();
  const { clock, play, replica } = stage;
  const { store: kept } = await stage.store();
  const { store, trouble } = troubled(kept);
  const watch = replica(store);
  await watch.start();
  await ahead(stage, { by: 3 * HOUR, during: 3 * HOUR });
  await clock.pass(2 * HOUR + 30 * MINUTE);
  trouble.away = true;
  await clock.pass(HOUR);
  trouble.away = false;
  await clock.pass(HOUR);
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0, lost: 0 });
  expect(await readingsIn(kept)).toHaveLength(play.readings.length);
});
