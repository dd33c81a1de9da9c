// The contract: an edit that only refreshes figures waits behind everything else, and delays nothing.

import { expect, test } from 'vitest';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { LeasedDelivery, Store } from '../../../src/core/ports/store.ts';
import { MINUTE, messageOf, noteOf, replyOf, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';
import { PLACE, put, takeOne } from './outbox.ts';

const ids = (taken: readonly LeasedDelivery[]) => taken.map(({ id }) => id);

function take(store: Store, now: number, most: { readonly limit?: number; readonly refreshes?: number } = {}) {
  return store.take({ instance: 'one', now, leaseMs: MINUTE, limit: 100, refreshes: 100, ...most });
}

/** A refresh of an alert's message. */
function refreshOf(about: string, at: number, refresh: Delivery['refresh'] = 'warning'): Delivery {
  return messageOf(about, { at, refresh });
}

/** Messages that are in Slack. */
async function posted(store: Store, ...abouts: readonly string[]): Promise<void> {
  await put(store, ...abouts.map((about) => messageOf(about)));
  for (const one of await take(store, T0)) await store.sent(one, PLACE);
}

export function outboxRefreshContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: refreshes come last, critical first, then the oldest, and no more than may`,
    on(open, async (store) => {
      await posted(store, 'a', 'b', 'c', 'd', 'e');
      await put(
        store,
        refreshOf('a', T0 + 3),
        refreshOf('b', T0 + 2),
        refreshOf('c', T0 + 5, 'critical'),
        refreshOf('d', T0 + 4, 'critical'),
      );
      await put(store, messageOf('e', { at: T0 + 6 }), noteOf('n', { at: T0 + 7 }));
      expect(ids(await take(store, T0 + 9, { limit: 1, refreshes: 0 }))).toEqual(['e/message']);
      expect(ids(await take(store, T0 + 9, { refreshes: 1 }))).toEqual(['n', 'd/message']);
      expect(ids(await take(store, T0 + 9, { limit: 0, refreshes: 2 }))).toEqual(['c/message', 'b/message']);
      expect(ids(await take(store, T0 + 9, { refreshes: 0 }))).toEqual([]);
      expect(ids(await take(store, T0 + 9))).toEqual(['a/message']);
    }),
  );

  test(
    `${kind}: what waits as a refresh is given out as it was written, and is nothing that waits`,
    on(open, async (store, { again }) => {
      await posted(store, 'a');
      const refresh = refreshOf('a', T0 + MINUTE, 'critical');
      await put(store, refresh);
      expect(await store.waiting()).toEqual({ count: 0, oldest: null });
      await put(store, noteOf('n', { at: T0 + 2 * MINUTE }));
      expect(await store.waiting()).toEqual({ count: 1, oldest: T0 + 2 * MINUTE });
      const later = again === null ? store : await again();
      const [note, one] = await take(later, T0 + 2 * MINUTE);
      expect(note?.refresh).toBeNull();
      expect(one).toEqual({ ...refresh, edition: one?.edition, attempts: 0, inDoubt: false });
      expect(await later.waiting(), 'held').toEqual({ count: 1, oldest: T0 + 2 * MINUTE });
    }),
  );

  test(
    `${kind}: a newer refresh replaces a waiting one, which keeps its place in the line`,
    on(open, async (store) => {
      await posted(store, 'a', 'b');
      await put(store, refreshOf('a', T0 + 1), refreshOf('b', T0 + 2));
      await put(store, refreshOf('a', T0 + MINUTE));
      const taken = await take(store, T0 + MINUTE);
      expect(taken.map(({ id, at }) => [id, at])).toEqual([
        ['a/message', T0 + MINUTE],
        ['b/message', T0 + 2],
      ]);
      for (const one of taken) await store.sent(one, null);
      expect(await take(store, T0 + 2 * MINUTE)).toEqual([]);
    }),
  );

  test(
    `${kind}: a refresh that was sent while a newer one came goes to the end of the line`,
    on(open, async (store) => {
      await posted(store, 'a', 'b');
      await put(store, refreshOf('a', T0 + 1));
      const first = await takeOne(store, T0 + 1);
      await put(store, refreshOf('b', T0 + 2), refreshOf('a', T0 + 3));
      await store.sent(first, null);
      expect(await store.waiting()).toEqual({ count: 0, oldest: null });
      expect(ids(await take(store, T0 + 3))).toEqual(['b/message', 'a/message']);
    }),
  );

  test(
    `${kind}: a refresh does not take the place of a change that waits, nor of its time and its due time`,
    on(open, async (store) => {
      await put(store, messageOf('a'));
      await store.postponed(await takeOne(store, T0), T0 + 5_000);
      await put(store, refreshOf('a', T0 + 1_000));
      expect(await store.waiting()).toEqual({ count: 1, oldest: T0 });
      expect(await take(store, T0 + 4_999)).toEqual([]);
      const [change] = await take(store, T0 + 5_000, { refreshes: 0 });
      expect(change).toMatchObject({ at: T0, refresh: null, attempts: 1 });
    }),
  );

  test(
    `${kind}: a change that replaces a postponed refresh is due at once, and as old as itself`,
    on(open, async (store) => {
      await posted(store, 'a');
      await put(store, refreshOf('a', T0 + 1));
      const refresh = await takeOne(store, T0 + 1);
      await store.postponed(refresh, T0 + 10 * MINUTE);
      expect(await take(store, T0 + MINUTE)).toEqual([]);
      await put(store, messageOf('a', { at: T0 + MINUTE }));
      expect(await store.waiting()).toEqual({ count: 1, oldest: T0 + MINUTE });
      const [change] = await take(store, T0 + MINUTE, { refreshes: 0 });
      expect(change).toMatchObject({ at: T0 + MINUTE, refresh: null, attempts: 0 });
    }),
  );

  test(
    `${kind}: a change that comes while a refresh is sent follows it at once, whatever becomes of the refresh`,
    on(open, async (store) => {
      await posted(store, 'a', 'b', 'c');
      await put(store, refreshOf('a', T0 + 1), refreshOf('b', T0 + 2), refreshOf('c', T0 + 3));
      const [one, two, three] = await take(store, T0 + 4);
      if (one === undefined || two === undefined || three === undefined) throw new Error('too little was taken');
      await put(store, ...['a', 'b', 'c'].map((about) => messageOf(about, { at: T0 + 5 })));
      expect(await store.waiting()).toEqual({ count: 3, oldest: T0 + 5 });
      expect(await take(store, T0 + 5), 'one at a time').toEqual([]);
      await store.sent(one, null);
      await store.postponed(two, T0 + 10 * MINUTE);
      await store.dropped(three);
      const changes = await take(store, T0 + 5, { refreshes: 0 });
      expect(changes.map(({ id, attempts }) => [id, attempts])).toEqual([
        ['a/message', expect.any(Number)],
        ['b/message', 0],
        ['c/message', expect.any(Number)],
      ]);
    }),
  );

  test(
    `${kind}: a refresh that comes while a change is sent stays one if the change arrives, and becomes it if not`,
    on(open, async (store, { again: reopened }) => {
      await posted(store, 'a', 'b', 'c');
      await put(store, ...['a', 'b', 'c'].map((about, index) => messageOf(about, { at: T0 + 1 + index })));
      const [sent, late, lost] = await take(store, T0 + 4);
      if (sent === undefined || late === undefined || lost === undefined) throw new Error('too little was taken');
      await put(store, ...['a', 'b', 'c'].map((about) => refreshOf(about, T0 + 5)));
      await store.sent(sent, null);
      await store.postponed(late, T0 + 5_000);
      expect(await store.waiting()).toEqual({ count: 2, oldest: T0 + 2 });
      expect(ids(await take(store, T0 + 6, { limit: 0 }))).toEqual(['a/message']);
      const again = await take(store, T0 + 5_000, { refreshes: 0 });
      expect(again).toMatchObject([{ id: 'b/message', at: T0 + 2, refresh: null, attempts: 1, inDoubt: false }]);
      const later = reopened === null ? store : await reopened();
      const isLost = ({ id }: LeasedDelivery) => id === 'c/message';
      const found = (await take(later, T0 + 5_000 + MINUTE, { refreshes: 0 })).find(isLost);
      expect(found, 'its holder never came back').toMatchObject({ refresh: null, inDoubt: true });
      if (found === undefined) throw new Error('nothing was taken');
      await later.postponed(found, T0 + 2 * MINUTE);
      expect((await later.waiting()).count).toBe(2);
    }),
  );

  test(
    `${kind}: a waiting refresh holds up no reply and no note of its thread, and a held one only while it is held`,
    on(open, async (store) => {
      await posted(store, 'a');
      await put(
        store,
        refreshOf('a', T0 + 1),
        replyOf('a', 1, { at: T0 + 2 }),
        noteOf('n', { about: 'a', at: T0 + 3 }),
      );
      const [reply] = await take(store, T0 + 3);
      if (reply === undefined) throw new Error('nothing was taken');
      expect(reply.id).toBe('a/reply/1');
      await store.sent(reply, null);
      const [note] = await take(store, T0 + 3);
      if (note === undefined) throw new Error('nothing was taken');
      expect(note.id).toBe('n');
      await store.sent(note, null);
      const refresh = await takeOne(store, T0 + 3);
      await put(store, replyOf('a', 2, { at: T0 + 4 }));
      expect(await take(store, T0 + 4)).toEqual([]);
      await store.postponed(refresh, T0 + MINUTE);
      expect(ids(await take(store, T0 + 4))).toEqual(['a/reply/2']);
    }),
  );

  test(
    `${kind}: many refreshes that wait keep no alert from being given out`,
    on(open, async (store) => {
      const abouts = Array.from({ length: 1_100 }, (_, index) => `a${index}`);
      await put(store, ...abouts.map((about) => refreshOf(about, T0)));
      await put(store, messageOf('b', { at: T0 + 1 }));
      expect(ids(await take(store, T0 + 1, { limit: 20, refreshes: 1 }))).toEqual(['b/message', expect.any(String)]);
    }),
  );
}
