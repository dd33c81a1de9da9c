// Catching up with a long history: kept on the way, one cluster after another, and once however many ask for it.

import { expect, test } from 'vitest';
import { historyOf } from '../../../src/app/monitor/history.ts';
import { createQueries } from '../../../src/app/monitor/queries.ts';
import { createStateCache, type StateCache } from '../../../src/app/monitor/state-cache.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { CatchingUp } from '../../../src/core/ports/monitor.ts';
import type { Checkpoint, Store } from '../../../src/core/ports/store.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { snapshotsUntil, writeHistory } from '../../e2e/stored-history.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';
import { DAY, HOUR, never } from './scene.ts';

const book = DEFAULT_BOOK;
const NOW = Date.parse('2026-11-21T10:02:30Z');
/** Of two days and a half. */
const READINGS = 720;

/** A long history, and a checkpoint of its end that another version of the rules wrote. */
async function outdated(...clusters: readonly string[]): Promise<MemoryStore> {
  const store = memoryStore();
  for (const cluster of clusters) {
    await writeHistory(store, snapshotsUntil(NOW, { days: 2.5 }, cluster).slice(-READINGS));
    const checkpoint = await checkpointIn(store, cluster);
    await store.saveCheckpoint(cluster, { ...checkpoint, at: NOW - HOUR, head: '{"format":0}', sources: [] });
  }
  return store;
}

async function checkpointIn(store: Store, cluster = 'prod'): Promise<Checkpoint> {
  const checkpoint = await store.checkpoint(cluster);
  if (checkpoint === null) throw new Error('there is no checkpoint');
  return checkpoint;
}

/** The same store; the readings are counted as they are fetched, and `onReading` may end the process in the midst of them. */
function counted(store: Store, onReading: (count: number, snapshot: Snapshot) => unknown = () => undefined) {
  const fetched: Snapshot[] = [];
  let times = 0;
  const watched: Store = {
    ...store,
    async *snapshots(range) {
      times += 1;
      for await (const snapshot of store.snapshots(range)) {
        fetched.push(snapshot);
        await onReading(fetched.length, snapshot);
        yield snapshot;
      }
    },
  };
  return { store: watched, fetched, times: () => times };
}

/** What is known in the end where nothing ends it. */
const whole = (store: Store) => createStateCache({ store, book, readOnly: true }).known('prod');

test('who is killed while it catches up goes on from where it was, past a checkpoint of other rules', async () => {
  const store = await outdated('prod');
  const known = await whole(store);
  let left = READINGS;
  for (let kills = 0; kills < 2; kills++) {
    const dying = counted(store, (count) => {
      if (count > 300) throw new Error('killed');
    });
    await expect(createStateCache({ store: dying.store, book }).known('prod')).rejects.toThrow('killed');
    left -= 250;
  }
  const last = counted(store);
  expect(await createStateCache({ store: last.store, book }).known('prod')).toEqual(known);
  expect(last.fetched).toHaveLength(left);
});

test('what another replica saved meanwhile is newer, and stays', async () => {
  const store = await outdated('prod');
  const other = memoryStore();
  await writeHistory(other, snapshotsUntil(NOW, { days: 0.2 }));
  const newer = { ...(await checkpointIn(other)), at: NOW - 2 * HOUR };
  const outdatedOne = await checkpointIn(store);
  const catching = counted(store, (count) =>
    count === 200 ? store.saveCheckpoint('prod', { ...newer, replaces: outdatedOne.head }) : undefined,
  );
  await createStateCache({ store: catching.store, book }).known('prod');
  expect(await checkpointIn(store)).toEqual(newer);
});

test('the first reading after it saves what is known, however new the checkpoint of other rules is', async () => {
  const store = await outdated('prod');
  const { at, head } = await checkpointIn(store);
  const memory = createStateCache({ store, book });
  const { state } = await memory.known('prod');
  expect((state?.at ?? 0) - at).toBeLessThan(HOUR);
  await memory.save('prod');
  expect(await checkpointIn(store)).toMatchObject({ at: state?.at });
  expect((await checkpointIn(store)).head).not.toBe(head);
});

test('who only reads saves nothing, and a store that takes no checkpoint keeps nobody from catching up', async () => {
  const given = await outdated('prod');
  const known = await whole(given);
  let saves = 0;
  const store = {
    ...given,
    async saveCheckpoint() {
      saves += 1;
      throw new UpstreamError({ code: 'store-full', text: 'The disk is full.', remedy: 'Make room.' });
    },
  };
  expect(await createStateCache({ store, book, readOnly: true }).known('prod')).toEqual(known);
  expect(saves).toBe(0);
  expect(await createStateCache({ store, book }).known('prod')).toEqual(known);
  expect(saves).toBe(2);
});

test('a checkpoint that cannot be read any more is made anew; a store that is away is said to be', async () => {
  const given = await outdated('prod');
  const known = await whole(given);
  const failing = (code: string) => ({
    ...given,
    checkpoint: () => Promise.reject(new UpstreamError({ code, text: 'It cannot be read.', remedy: '' })),
  });
  expect(await createStateCache({ store: failing('store-damaged'), book }).known('prod')).toEqual(known);
  await expect(createStateCache({ store: failing('store-slow'), book }).known('prod')).rejects.toThrow(UpstreamError);
});

/** All asked for at once, in the order in which they are known. */
async function inOrder(memory: StateCache, clusters: readonly string[]): Promise<readonly string[]> {
  const order: string[] = [];
  const ask = async (cluster: string) => {
    await memory.known(cluster);
    order.push(cluster);
  };
  await Promise.all(clusters.map(ask));
  return order;
}

test('long ones go one after another, and nothing else waits for more than one reading', async () => {
  const clusters = ['one', 'two', 'three'];
  const given = await outdated(...clusters);
  let turns = 0;
  let isOver = false;
  const turning = (async () => {
    for (; !isOver; turns++) await new Promise((resolve) => void setImmediate(resolve));
  })();
  const seen: { readonly cluster: string; readonly turn: number }[] = [];
  const { store } = counted(given, (_, { cluster }) => seen.push({ cluster, turn: turns }));
  const memory = createStateCache({ store, book });
  const order = await inOrder(memory, clusters);
  isOver = true;
  await turning;
  expect(order).toEqual(clusters);
  expect(seen).toHaveLength(clusters.length * READINGS);
  const late = seen.slice(clusters.length * 25);
  const changes = late.filter(({ cluster }, index) => index > 0 && cluster !== late[index - 1]?.cluster);
  expect(changes).toHaveLength(clusters.length - 1);
  expect(late.filter(({ turn }, index) => turn === late[index - 1]?.turn)).toEqual([]);
});

test('a short way does not wait for a long one', async () => {
  const given = await outdated('long');
  await writeHistory(given, snapshotsUntil(NOW, { days: 0.05 }, 'short'));
  const memory = createStateCache({ store: given, book });
  expect(await inOrder(memory, ['long', 'short'])).toEqual(['short', 'long']);
});

test('of a store that was put back from a copy the older state holds, and is made once', async () => {
  const given = await outdated('prod');
  const before = memoryStore();
  await writeHistory(before, snapshotsUntil(NOW - HOUR, { days: 0.2 }));
  let isPutBack = false;
  const { store, fetched } = counted({
    ...given,
    head: (cluster) => (isPutBack ? before : given).head(cluster),
    checkpoint: () => Promise.resolve(null),
  });
  const memory = createStateCache({ store, book });
  const first = await memory.known('prod');
  isPutBack = true;
  const second = await memory.known('prod');
  expect(second.version).toBeLessThan(first.version);
  const judged = fetched.length;
  expect(await memory.known('prod')).toBe(second);
  expect(memory.last('prod')).toBe(second.state);
  expect(fetched).toHaveLength(judged);
});

test('people who ask meanwhile begin no second one, and leave when their time is over', async () => {
  const given = await outdated('prod');
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { store, times, fetched } = counted(given, (count) => (count === 100 ? gate : undefined));
  const memory = createStateCache({ store, book });
  const known = memory.known('prod');
  const patience = new AbortController();
  const { signal } = patience;
  const asking = { store, memory, book, now: () => new Date(NOW) };
  const request = { cluster: 'prod', source: null, window: DAY, points: 20, signal };
  const asked = [historyOf(asking, request), watchingOf(memory, store).usual('prod', signal)];
  const ended = Promise.allSettled(asked);
  patience.abort(new Error('their time is over'));
  expect((await ended).map((one) => one.status === 'rejected' && String(one.reason))).toEqual(
    asked.map(() => 'Error: their time is over'),
  );
  expect(memory.last('prod')).toBeNull();
  const again = watchingOf(memory, store).usual('prod', never);
  open();
  expect((await again).size).toBeGreaterThan(0);
  expect((await known).state).not.toBeNull();
  expect(times()).toBe(1);
  expect(fetched).toHaveLength(READINGS);
});

test('who catches up tells how far it is, and nothing before and after it', async () => {
  const given = await outdated('prod');
  const way: (CatchingUp | null)[] = [];
  const { store } = counted(given, (count) => count % 180 === 1 && way.push(memory.progress('prod')));
  const memory: StateCache = createStateCache({ store, book });
  expect(memory.progress('prod')).toBeNull();
  await memory.known('prod');
  const parts = way.slice(1).map((one) => one && (one.at - one.from) / (one.to - one.from));
  expect(parts.map((part) => Number(part?.toFixed(1)))).toEqual([0.2, 0.5, 0.7]);
  expect(memory.progress('prod')).toBeNull();
});

/** As people ask it; what they do is not looked at here. */
function watchingOf(memory: StateCache, store: Store) {
  const unused = () => Promise.reject(new Error('not part of this test'));
  const actions = { acknowledge: unused, accept: unused, silence: unused, unsilence: unused, endSilences: unused };
  const standIn = { alert: store.alert, group: store.group, isOn: () => false };
  const outage = { problem: () => null };
  return createQueries({ store, book, now: () => new Date(NOW), memory, standIn, outage, actions, status: unused });
}

test('each reading that is judged again is a sign that it moves on', async () => {
  const store = await outdated('prod');
  let moved = 0;
  const onMoved = () => {
    moved += 1;
  };
  await createStateCache({ store, book, onMoved }).known('prod');
  expect(moved).toBe(READINGS);
});
