// A watch that begins with a long history to catch up with: alive as long as that moves on.

import { expect, test } from 'vitest';
import { stuckReason } from '../../../src/core/ports/monitor.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { snapshotsUntil, writeHistory } from '../../e2e/stored-history.ts';
import { memoryStore } from './memory-store.ts';
import { HOUR, MINUTE, type Scene, scene } from './scene.ts';

const START = '2026-11-21T10:02:30Z';

/** A store with a history of an evening and no checkpoint, whose every reading comes when `comes` says so. */
async function slow(comes: (count: number) => Promise<unknown>): Promise<Store> {
  const store = memoryStore('sqlite');
  await writeHistory(store, snapshotsUntil(Date.parse(START), { days: 0.3 }).slice(-60));
  let count = 0;
  return {
    ...store,
    checkpoint: async () => null,
    async *snapshots(range) {
      for await (const snapshot of store.snapshots(range)) {
        count += 1;
        await comes(count);
        yield snapshot;
      }
    },
  };
}

/** What liveness says, minute by minute. */
async function lived({ clock }: Scene, watch: ReturnType<Scene['replica']>, minutes: number) {
  const told: (string | null)[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    await clock.pass(MINUTE);
    told.push(...watch.beats().map((beat) => stuckReason(beat, clock.now().getTime())));
  }
  return [...new Set(told)];
}

test('a run that catches up for an hour is alive, its look at the nodes too, and what it read is written', async () => {
  const stage = scene(START);
  const { clock, replica } = stage;
  const store = await slow(() => clock.wait(MINUTE, new AbortController().signal));
  const watch = replica(store);
  const began = await store.head('prod');
  await watch.start();
  expect(await lived(stage, watch, 55)).toEqual([null]);
  expect(await store.head('prod')).toEqual(began);
  await clock.pass(HOUR);
  expect((await store.head('prod'))?.at).toBeGreaterThan(began?.at ?? 0);
});

test('a run that catches up and moves on no more is stuck', async () => {
  const stage = scene(START);
  const { clock, replica } = stage;
  const store = await slow((count) =>
    count < 30 ? clock.wait(MINUTE, new AbortController().signal) : new Promise(() => undefined),
  );
  const watch = replica(store);
  await watch.start();
  expect(await lived(stage, watch, 40)).toEqual([null]);
  expect(await lived(stage, watch, 15)).toContain('the run of prod has not moved on for 16 min');
});
