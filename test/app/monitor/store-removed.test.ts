// The embedded store's file is removed under a watch: known for what it is, told, and over only when it is back.

import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MINUTE, scene } from './scene.ts';
import { readingsIn, watchedStore } from './watched-store.ts';

test('a store whose directory is removed is away, with why, and people are told that waiting does not mend it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'atlas-conns-watch-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const directory = join(root, 'data');
  const { clock, play, replica, direct, log } = scene();
  const { store, busy } = await watchedStore({ now: clock.now }, directory);
  clock.waitFor(busy);
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  expect(watch.known().store.problem).toBeNull();
  await rename(directory, `${directory}-away`);
  await clock.pass(10 * MINUTE);
  expect(watch.known()).toMatchObject({
    store: { awaySince: expect.any(Number), problem: { code: 'store-replaced' } },
    unwritten: 2,
  });
  expect(direct).toHaveLength(1);
  expect(direct[0]).toMatch(/was removed or replaced.*then restart the bot\..*This needs action\./);
  expect(direct[0]).not.toContain('until the store is back');
  const said = (message: string) => log.filter((one) => one.message === message);
  expect(said('store is unavailable')).toHaveLength(1);
  expect(said('store is available again')).toHaveLength(0);
  await rename(`${directory}-away`, directory);
  await clock.pass(MINUTE);
  expect(watch.known()).toMatchObject({ store: { awaySince: null, problem: null }, unwritten: 0 });
  const read = play.readings.map(({ at }) => at);
  expect(read).toHaveLength(3);
  expect((await readingsIn(store)).map(({ at }) => at)).toEqual(read);
});
