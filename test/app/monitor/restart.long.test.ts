// Cutting the history anywhere and going on from the store, and sharing it among replicas, changes nothing that is told.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import { seeded } from '../../core/detection/days.ts';
import { troubled } from './failing-store.ts';
import { memoryStore } from './memory-store.ts';
import { DAY, HOUR, halt, MINUTE, never, type Play, type Scene, scene, THRESHOLD } from './scene.ts';

const LENGTH = 28 * HOUR;
const SLOT = 5 * MINUTE;

/** Noise, spikes on the second day and a source that comes and goes: the same for the same seed. */
function acted(play: Play, seed: number, began: number): void {
  const random = seeded(seed);
  const spikes = Array.from({ length: 3 }, () => ({
    at: began + DAY + random() * 3 * HOUR,
    lasts: (0.3 + random()) * HOUR,
    rise: 60 + random() * 200,
  }));
  play.dormant = (source, at) => {
    const noise = seeded(Math.floor(at / SLOT) + source.length + seed)() * 10;
    const rise = spikes.reduce(
      (sum, spike) => (at >= spike.at && at < spike.at + spike.lasts ? sum + spike.rise : sum),
      0,
    );
    return Math.round(20 + noise + (source.startsWith('10.') ? rise : rise / 4));
  };
}

/** What was told, as one can compare it. */
function said(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ id, kind, text, at, broadcast }) => JSON.stringify({ id, kind, text, at, broadcast }));
}

function stage(seed: number): Scene {
  const made = scene('2026-11-20T00:00:30Z');
  acted(made.play, seed, made.clock.now().getTime());
  return made;
}

async function uncut(seed: number): Promise<readonly string[]> {
  const { clock, replica } = stage(seed);
  const store = memoryStore('sqlite');
  await replica(store).start();
  await clock.pass(LENGTH);
  return said(store.delivered);
}

test('cutting anywhere and starting again from the store tells the same', async () => {
  let told = 0;
  const cuts = fc.array(fc.integer({ min: 1, max: LENGTH / SLOT - 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.integer(), cuts, async (seed, slots) => {
      const { clock, replica } = stage(seed);
      const store = memoryStore('sqlite');
      let watch = replica(store);
      await watch.start();
      const began = clock.now().getTime();
      for (const slot of [...new Set(slots)].sort((a, b) => a - b)) {
        await clock.pass(began + slot * SLOT - clock.now().getTime());
        await halt(watch, clock);
        watch = replica(store);
        await watch.start();
      }
      await clock.pass(began + LENGTH - clock.now().getTime());
      const whole = await uncut(seed);
      told += whole.length;
      expect(said(store.delivered)).toEqual(whole);
    }),
    { numRuns: 4, seed: 6 },
  );
  expect(told).toBeGreaterThan(10);
});

test('two watches that share the slots of one store in any way tell the same as one', async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 40 }), async (seed, stretch) => {
      const { clock, replica } = stage(seed);
      const store = memoryStore('sqlite');
      const isMine = (slot: number) => seeded(Math.floor(slot / SLOT / stretch))() < 0.5;
      const [one, other] = [troubled(store), troubled(store)];
      one.trouble.mayClaim = isMine;
      other.trouble.mayClaim = (slot) => !isMine(slot);
      await replica(one.store, { instance: 'A' }).start();
      await replica(other.store, { instance: 'B' }).start();
      await clock.pass(LENGTH);
      expect(new Set(store.claims.values())).toEqual(new Set(['A', 'B']));
      const whole = await uncut(seed);
      told += whole.length;
      expect(said(store.delivered)).toEqual(whole);
    }),
    { numRuns: 2, seed: 6 },
  );
  expect(told).toBeGreaterThan(10);
});

test('what is rebuilt from a checkpoint and the readings after it is what was remembered', async () => {
  const { clock, replica } = stage(1);
  const store = memoryStore('sqlite');
  await replica(store).start();
  await clock.pass(7.4 * HOUR);
  const checkpoint = await store.checkpoint('prod');
  const head = await store.head('prod');
  expect(head?.at).toBeGreaterThan(checkpoint?.at ?? Number.POSITIVE_INFINITY);
  const fromCheckpoint = await createStateCache({ store, book: THRESHOLD }).known('prod');
  const fromReadings = await createStateCache({
    store: { ...store, checkpoint: async () => null },
    book: THRESHOLD,
  }).known('prod');
  expect(fromCheckpoint.state?.sources).toEqual(fromReadings.state?.sources);
  expect(fromCheckpoint).toEqual(fromReadings);
  expect(Object.keys(fromCheckpoint.state?.sources ?? {})).toHaveLength(2);
});

test('a checkpoint that another version of the rules wrote is made anew from the readings', async () => {
  const { clock, replica } = stage(1);
  const store = memoryStore('sqlite');
  await replica(store).start();
  await clock.pass(3 * HOUR);
  const old = await store.checkpoint('prod');
  if (old === null) throw new Error('there is no checkpoint to make old');
  const known = await createStateCache({ store, book: THRESHOLD }).known('prod');
  await store.saveCheckpoint('prod', { ...old, head: '{"format":0}', sources: [{ id: 'x', json: '{}' }] });
  expect(await createStateCache({ store, book: THRESHOLD }).known('prod')).toEqual(known);
});

test('a cluster that left the settings while no bot ran has its alerts ended by the next bot', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened();
  play.clusters = ['prod', 'old'];
  play.dormant = (_source, _at, cluster) => (cluster === 'old' ? 250 : 20);
  const first = replica(store, { instance: 'A' });
  await first.start();
  await clock.pass(11 * MINUTE);
  await halt(first, clock);
  const opening = (await first.monitor.board(never)).alerts;
  expect(opening.map(({ cluster, state }) => `${cluster} ${state}`)).toEqual(['old firing', 'old firing']);
  play.clusters = ['prod'];
  const second = replica(store, { instance: 'B' });
  await second.start();
  await clock.pass(2 * MINUTE);
  const { alerts } = await second.monitor.board(never);
  expect(alerts.map(({ cluster, state }) => `${cluster} ${state}`)).toEqual(['old ended', 'old ended']);
});
