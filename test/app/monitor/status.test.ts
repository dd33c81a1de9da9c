// What the watch says of itself: by itself at once, and with its store where that answers.

import { expect, test } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { troubled } from './failing-store.ts';
import { HOUR, MINUTE, scene } from './scene.ts';

const never = () => new Promise<never>(() => undefined);
const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);

/** Answers nothing that status asks from when the test says so. */
function mute(store: Store): { readonly store: Store; readonly trouble: { silent: boolean } } {
  const trouble = { silent: false };
  return {
    trouble,
    store: {
      ...store,
      lastClaim: (cluster) => (trouble.silent ? never() : store.lastClaim(cluster)),
      waiting: () => (trouble.silent ? never() : store.waiting()),
    },
  };
}

test('a store that hangs keeps nobody waiting for what this process knows by itself', async () => {
  const { clock, replica, store: opened } = scene();
  const { store, trouble } = mute((await opened()).store);
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  trouble.silent = true;
  const known = {
    store: { awaySince: null },
    unwritten: 0,
    lost: 0,
    clusters: [{ name: 'prod', last: at('10:05'), lastFailed: false, holder: 'A', skipped: 0 }],
    waiting: null,
  };
  expect(watch.known()).toMatchObject(known);
  const status = watch.monitor.status();
  await clock.pass(2_000);
  expect(await status).toMatchObject({ ...known, clusters: [{ ...known.clusters[0], next: at('10:10') }] });
});

test('a store that is known to be away is not asked, and what waits in memory is told', async () => {
  const { clock, replica, store: opened } = scene();
  const cut = troubled((await opened()).store);
  const asked: string[] = [];
  const store: Store = {
    ...cut.store,
    lastClaim(cluster) {
      asked.push(cluster);
      return cut.store.lastClaim(cluster);
    },
  };
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  cut.trouble.away = true;
  await clock.pass(HOUR);
  expect(watch.known()).toMatchObject({ unwritten: 12, store: { awaySince: at('10:06') + 30_000 } });
  expect(await watch.monitor.status()).toMatchObject({ unwritten: 12, waiting: null });
  expect(asked).toEqual([]);
});

test('a replica that stands by reads what another wrote once for each reading, however often it is asked', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store } = await opened('mongodb');
  await replica(store, { instance: 'A' }).start();
  await clock.pass(MINUTE);
  let read = 0;
  const counting: Store = {
    ...store,
    snapshots(range) {
      read += 1;
      return store.snapshots(range);
    },
  };
  // It never reads itself: it was not started after its clusters were known.
  const standby = replica({ ...counting, claim: async () => false }, { instance: 'B' });
  await standby.start();
  await clock.pass(5 * MINUTE);
  const told = async () => (await standby.monitor.status()).clusters;
  for (let times = 0; times < 3; times++)
    expect(await told()).toMatchObject([{ last: at('10:05'), lastFailed: false, holder: 'A' }]);
  expect(read).toBe(1);
  play.problem = 'Atlas does not answer.';
  await clock.pass(5 * MINUTE);
  for (let times = 0; times < 3; times++) expect(await told()).toMatchObject([{ last: at('10:10'), lastFailed: true }]);
  expect(read).toBe(2);
});

test('what a replica that stands by cannot know without the store is not known, and no failure', async () => {
  const { clock, replica, store: opened } = scene();
  const { store } = await opened('mongodb');
  const cut = troubled({ ...store, claim: async () => false });
  await replica(store, { instance: 'A' }).start();
  const standby = replica(cut.store, { instance: 'B' });
  await standby.start();
  await clock.pass(6 * MINUTE);
  cut.trouble.away = true;
  expect((await standby.monitor.status()).clusters).toMatchObject([{ last: null, lastFailed: null, holder: null }]);
});

test('every schedule that decides whether people are served is watched for its beat', async () => {
  const { clock, replica, store: opened } = scene();
  const watch = replica((await opened()).store);
  await watch.start();
  await clock.pass(MINUTE);
  expect(watch.beats().map(({ key }) => key)).toEqual(['prod', 'prod#look', '#clusters', '#silences']);
});
