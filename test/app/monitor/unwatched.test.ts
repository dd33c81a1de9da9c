// A watch without a cluster: it says why there is none, from when that is known to when there is one.

import { expect, test } from 'vitest';
import { MINUTE, scene } from './scene.ts';

test('while Atlas does not list the clusters that is why; before it was asked nobody knows', async () => {
  const { clock, play, replica, store: opened } = scene();
  play.problem = 'Atlas refuses the client secret.';
  const watch = replica((await opened()).store);
  expect(watch.known()).toMatchObject({ clusters: [], unwatched: null });
  await watch.start();
  expect(watch.known()).toMatchObject({
    clusters: [],
    unwatched: { code: 'no-cluster-watched', text: 'No cluster is watched: Atlas refuses the client secret.' },
  });
  play.problem = null;
  await clock.pass(2 * MINUTE);
  expect(watch.known()).toMatchObject({ clusters: [{ name: 'prod' }], unwatched: null });
});

test('where all that is known is left, each is named with its reason, and of many the first', async () => {
  const { replica, play, store: opened } = scene();
  play.clusters = [];
  play.left = [{ name: 'prdo', reason: 'the project has no such cluster: prod. Did you mean prod?' }];
  const { store } = await opened();
  const one = replica(store);
  await one.start();
  expect(one.known().unwatched?.text).toBe(
    'No cluster is watched: prdo is not read: the project has no such cluster: prod. Did you mean prod?',
  );
  play.left = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, reason: 'paused' }));
  const many = replica(store, { instance: 'B' });
  await many.start();
  expect(many.known().unwatched?.text).toBe(
    'No cluster is watched: a is not read: paused. b is not read: paused. c is not read: paused. 2 more are not read.',
  );
});

test('a cluster that was read before is watched on while Atlas does not list it', async () => {
  const { clock, play, replica, store: opened } = scene();
  const watch = replica((await opened()).store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  play.problem = 'Atlas does not answer.';
  await clock.pass(2 * MINUTE);
  expect(watch.known()).toMatchObject({ clusters: [{ name: 'prod' }], unwatched: null });
});
