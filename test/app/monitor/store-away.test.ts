import { expect, test } from 'vitest';
import type { Store } from '../../../src/core/ports/store.ts';
import { troubled } from './failing-store.ts';
import { HOUR, MINUTE, never, scene } from './scene.ts';
import { readingsIn } from './watched-store.ts';

test('while the store is away the bot reads on; what it read is written and judged when the store is back', async () => {
  const { clock, play, replica, direct, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const { store, trouble } = troubled(kept);
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  trouble.away = true;
  play.dormant = () => 250;
  await clock.pass(HOUR);
  expect(play.readings).toHaveLength(13);
  expect(await watch.monitor.status()).toMatchObject({
    store: { awaySince: Date.parse('2026-11-21T10:06:30Z'), problem: { text: 'The store does not answer.' } },
    unwritten: 12,
    lost: 0,
    waiting: null,
    clusters: [{ name: 'prod', last: Date.parse('2026-11-21T11:05:00Z') }],
  });
  expect(direct).toHaveLength(1);
  expect(direct[0]).toContain('has been unavailable since 10:06 UTC: The store does not answer.');
  trouble.away = false;
  await clock.pass(MINUTE);
  const snapshots = await readingsIn(kept);
  expect(snapshots.map(({ at }) => at)).toEqual(play.readings.map(({ at }) => at));
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0 });
  const { alerts } = await watch.monitor.board(never);
  expect(alerts.map(({ since }) => new Date(since).toISOString().slice(11, 16))).toEqual(['10:10', '10:10']);
  expect(direct).toHaveLength(2);
  expect(direct[1]).toContain('is back');
});

test('a store that is away for seconds, e.g. in an election, is no news', async () => {
  const { clock, replica, direct, store: opened } = scene();
  const { store, trouble } = troubled((await opened()).store);
  await replica(store).start();
  await clock.pass(4.9 * MINUTE);
  trouble.away = true;
  await clock.pass(20_000);
  trouble.away = false;
  await clock.pass(5 * MINUTE);
  expect(direct).toEqual([]);
});

test('a write whose answer is lost is neither lost nor done twice', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store: kept, delivered } = await opened('sqlite');
  const { store, trouble } = troubled(kept);
  const watch = replica(store);
  play.dormant = () => 250;
  await watch.start();
  await clock.pass(9.5 * MINUTE);
  trouble.silent = true;
  await clock.pass(MINUTE);
  trouble.silent = false;
  await clock.pass(10 * MINUTE);
  const snapshots = await readingsIn(kept);
  expect(snapshots.map(({ at }) => at)).toEqual(play.readings.map(({ at }) => at));
  expect(snapshots).toHaveLength(4);
  expect((await watch.monitor.board(never)).alerts).toHaveLength(2);
  const news = delivered.filter(({ refresh }) => refresh === null);
  expect(news.map(({ kind }) => kind)).toEqual(['message', 'message']);
});

test('of several replicas only the one that held the cluster reads on, and it alone says that the store is away', async () => {
  const { clock, play, replica, direct, store: opened } = scene();
  const { store: kept } = await opened('mongodb');
  const stores = [troubled(kept), troubled(kept)];
  for (const [index, { store }] of stores.entries())
    await replica(store, { instance: index === 0 ? 'A' : 'B' }).start();
  await clock.pass(11 * MINUTE);
  for (const { trouble } of stores) trouble.away = true;
  await clock.pass(20 * MINUTE);
  expect(play.readings).toHaveLength(6);
  expect(direct).toHaveLength(1);
  for (const { trouble } of stores) trouble.away = false;
  await clock.pass(2 * MINUTE);
  expect(direct).toHaveLength(2);
});

test('a reading that another replica wrote meanwhile is not written again', async () => {
  const { clock, replica, store: opened } = scene();
  const { store: kept } = await opened('mongodb');
  const cut = troubled(kept);
  await replica(cut.store, { instance: 'A' }).start();
  await clock.pass(6 * MINUTE);
  cut.trouble.away = true;
  await replica(kept, { instance: 'B' }).start();
  await clock.pass(10 * MINUTE);
  cut.trouble.away = false;
  await clock.pass(5 * MINUTE);
  const snapshots = await readingsIn(kept);
  expect(snapshots.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual([
    '10:05',
    '10:10',
    '10:15',
    '10:20',
  ]);
});

test('a reading that others always forestall is given up alone: it is no outage, and the next one is written', async () => {
  const { clock, play, replica, log, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const slot = Date.parse('2026-11-21T10:10:00Z');
  const store: Store = { ...kept, write: async (change) => change.reading?.slot !== slot && kept.write(change) };
  const watch = replica(store);
  await watch.start();
  await clock.pass(16 * MINUTE);
  expect(play.readings).toHaveLength(3);
  expect(await readingsIn(kept)).toHaveLength(2);
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0, lost: 1 });
  expect(log.splice(0).map(({ message }) => message)).toEqual(['clusters are now watched', 'scheduled run has failed']);
});

test('what waits in memory does not wait for one reading that cannot be written', async () => {
  const { clock, replica, log, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const slot = Date.parse('2026-11-21T10:10:00Z');
  const blocked: Store = { ...kept, write: async (change) => change.reading?.slot !== slot && kept.write(change) };
  const { store, trouble } = troubled(blocked);
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  trouble.away = true;
  await clock.pass(10 * MINUTE);
  trouble.away = false;
  await clock.pass(MINUTE);
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0, lost: 1 });
  expect((await readingsIn(kept)).map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual([
    '10:05',
    '10:15',
  ]);
  expect(log.splice(0).filter(({ message }) => message === 'unwritten reading was lost')).toHaveLength(1);
});

test('a reading that is taken while people are told that the store is back is written at once', async () => {
  const { clock, replica, direct, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const { store, trouble } = troubled(kept);
  const watch = replica(store, { telling: 2 * MINUTE });
  await watch.start();
  await clock.pass(6 * MINUTE);
  trouble.away = true;
  await clock.pass(13.5 * MINUTE);
  trouble.away = false;
  // The word is under way at 10:20.
  await clock.pass(MINUTE);
  expect(direct).toHaveLength(1);
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0 });
  expect(await readingsIn(kept)).toHaveLength(4);
  await clock.pass(2 * MINUTE);
  expect(direct.at(-1)).toContain('is back');
});

test('a file that another program holds locked is away: nothing that was read meanwhile is lost', async () => {
  const { clock, play, replica, direct, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const { store, trouble } = troubled(kept);
  const watch = replica(store);
  await watch.start();
  await clock.pass(6 * MINUTE);
  trouble.locked = true;
  play.dormant = () => 250;
  await clock.pass(20 * MINUTE);
  expect(await watch.monitor.status()).toMatchObject({
    store: { awaySince: Date.parse('2026-11-21T10:10:00Z'), problem: { code: 'store-busy' } },
    unwritten: 4,
    lost: 0,
  });
  expect(direct).toMatchObject([expect.stringContaining('Another program holds the store locked. Close it.')]);
  trouble.locked = false;
  await clock.pass(MINUTE);
  expect((await readingsIn(kept)).map(({ at }) => at)).toEqual(play.readings.map(({ at }) => at));
  expect(await watch.monitor.status()).toMatchObject({ store: { awaySince: null }, unwritten: 0, lost: 0 });
  expect((await watch.monitor.board(never)).alerts).toMatchObject([{ state: 'firing' }, { state: 'firing' }]);
});

test('a file that is locked between the claim of a slot and the writing of its reading loses nothing either', async () => {
  const { clock, play, replica, log, store: opened } = scene();
  const { store: kept } = await opened('sqlite');
  const { store, trouble } = troubled(kept);
  const claim: Store['claim'] = async (claiming) => {
    const isOurs = await store.claim(claiming);
    if (claiming.slot === Date.parse('2026-11-21T10:10:00Z')) trouble.locked = true;
    return isOurs;
  };
  const watch = replica({ ...store, claim });
  await watch.start();
  await clock.pass(9 * MINUTE);
  await clock.pass(2 * MINUTE);
  expect(trouble.locked).toBe(true);
  trouble.locked = false;
  await clock.pass(MINUTE);
  expect(play.readings).toHaveLength(2);
  expect(await readingsIn(kept)).toHaveLength(2);
  expect(log.splice(0).map(({ message }) => message)).toContain('store is unavailable');
});

test('a cluster that is paused and goes on while the store is away keeps its alerts', async () => {
  const { clock, play, replica, store: opened } = scene();
  const { store, trouble } = troubled((await opened()).store);
  const watch = replica(store);
  play.dormant = () => 250;
  await watch.start();
  await clock.pass(16 * MINUTE);
  const { alerts } = await watch.monitor.board(never);
  expect(alerts).toMatchObject([{ state: 'firing' }, { state: 'firing' }]);
  trouble.away = true;
  await clock.pass(2 * MINUTE);
  play.clusters = [];
  play.left = [{ name: 'prod', reason: 'it is paused' }];
  await clock.pass(2 * MINUTE);
  play.clusters = ['prod'];
  play.left = [];
  await clock.pass(2 * MINUTE);
  trouble.away = false;
  await clock.pass(5 * MINUTE);
  expect((await watch.monitor.board(never)).alerts.map(({ state, endReason }) => ({ state, endReason }))).toEqual(
    alerts.map(({ endReason }) => ({ state: 'firing', endReason })),
  );
});
