// The contract: in which order deliveries are given out. A message comes before its replies, and nothing overtakes.

import { expect, test } from 'vitest';
import { LONGEST_POSTPONEMENT } from '../../../src/core/alerting/delivery.ts';
import type { LeasedDelivery } from '../../../src/core/ports/store.ts';
import { changeOf, HOUR, MINUTE, messageOf, noteOf, replyOf, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';
import { PLACE, put, take, takeOne } from './outbox.ts';

const ids = (taken: readonly LeasedDelivery[]) => taken.map(({ id }) => id);

export function outboxOrderContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: the oldest comes first, up to the limit, and nothing before its time`,
    on(open, async (store) => {
      await put(store, noteOf('c', { at: T0 + 2 }), noteOf('a', { at: T0 }), noteOf('b', { at: T0 + 1 }));
      const input = { instance: 'one', now: T0 + 2, leaseMs: MINUTE, refreshes: 9 };
      expect(ids(await store.take({ ...input, limit: 2 }))).toEqual(['a', 'b']);
      expect(ids(await store.take({ ...input, limit: 2 }))).toEqual(['c']);
      expect((await store.waiting()).oldest).toBe(T0);
    }),
  );

  test(
    `${kind}: a reply waits until its message has a place, and a note for nothing`,
    on(open, async (store) => {
      await put(store, replyOf('a', 1), messageOf('a', { at: T0 + 5 }), noteOf('n'), replyOf('b', 1));
      const first = await take(store, T0 + 5);
      expect(ids(first)).toEqual(['n', 'a/message']);
      for (const one of first) await (one.id === 'n' ? store.sent(one, null) : store.postponed(one, T0 + MINUTE));
      expect(await take(store, T0 + 10)).toEqual([]);
      await store.sent(await takeOne(store, T0 + MINUTE), PLACE);
      expect(ids(await take(store, T0 + MINUTE)), 'that of b has none').toEqual(['a/reply/1']);
    }),
  );

  test(
    `${kind}: of one alert one delivery is out at a time: first the message, then its replies as they were decided`,
    on(open, async (store) => {
      await put(store, messageOf('a'));
      await store.sent(await takeOne(store, T0), PLACE);
      await put(store, replyOf('a', 1), replyOf('a', 2, { at: T0 + 1 }), messageOf('a', { at: T0 + 2 }));
      await put(store, messageOf('b', { at: T0 + 3 }));
      const order: string[] = [];
      for (let round = 0; round < 4; round++) {
        const taken = await take(store, T0 + 3);
        order.push(ids(taken).join(' '));
        for (const one of taken) await store.sent(one, one.id === 'b/message' ? PLACE : null);
      }
      expect(order).toEqual(['a/message b/message', 'a/reply/1', 'a/reply/2', '']);
    }),
  );

  test(
    `${kind}: a reply that was postponed is not overtaken by the next one, but an edit may pass`,
    on(open, async (store) => {
      await put(store, messageOf('a'));
      await store.sent(await takeOne(store, T0), PLACE);
      await put(store, replyOf('a', 1), replyOf('a', 2));
      const first = await takeOne(store, T0);
      expect(first.id).toBe('a/reply/1');
      await store.postponed(first, T0 + MINUTE);
      expect(await take(store, T0 + 1)).toEqual([]);
      await put(store, messageOf('a', { at: T0 + 1 }));
      const edit = await takeOne(store, T0 + 1);
      expect(edit.id).toBe('a/message');
      await store.sent(edit, null);
      expect(ids(await take(store, T0 + MINUTE))).toEqual(['a/reply/1']);
    }),
  );

  test(
    `${kind}: what a wrong clock put off for years, or holds for them, is given out when the clock is right again`,
    on(open, async (store) => {
      const years = T0 + 40_000 * HOUR;
      await put(store, messageOf('a'), messageOf('b'));
      const [tried, held] = await take(store, years);
      if (tried === undefined || held === undefined) throw new Error('nothing was taken');
      await store.postponed(tried, years + MINUTE);
      const [first, second] = await take(store, T0);
      expect(first).toMatchObject({ id: tried.id, inDoubt: false, attempts: 1 });
      expect(second, 'whoever held it may have sent it').toMatchObject({ id: held.id, inDoubt: true, attempts: 1 });
      if (first === undefined) throw new Error('nothing was taken');
      await store.postponed(first, T0 + LONGEST_POSTPONEMENT);
      expect(await take(store, T0 + 1), 'of its own time').toEqual([]);
      await store.sent(await takeOne(store, T0 + MINUTE), PLACE);
      expect(ids(await take(store, T0 + LONGEST_POSTPONEMENT))).toEqual([tried.id]);
    }),
  );

  test(
    `${kind}: a newer edition keeps the message's place in the line`,
    on(open, async (store) => {
      await put(store, messageOf('a'), messageOf('b', { at: T0 + 1 }));
      await put(store, messageOf('a', { at: T0 + 2, channel: 'C0002' }));
      expect(await store.waiting()).toEqual({ count: 2, oldest: T0 });
      const taken = await take(store, T0 + 2);
      expect(ids(taken)).toEqual(['a/message', 'b/message']);
      expect(taken[0]).toMatchObject({ channel: 'C0002', at: T0 + 2 });
    }),
  );

  test(
    `${kind}: places outlast the writing of records, and go when they are forgotten`,
    on(open, async (store) => {
      await put(store, messageOf('a'));
      await store.sent(await takeOne(store, T0), PLACE);
      for (let turn = 0; turn < 3; turn++) {
        await store.write(changeOf({ deliveries: [messageOf('a', { at: T0 + turn })] }));
        expect(await store.place('a')).toEqual(PLACE);
      }
      await put(store, replyOf('a', 1));
      const edit = await takeOne(store, T0 + 2);
      await store.forget('a');
      expect(await store.place('a')).toBeNull();
      await store.postponed(edit, T0 + 2);
      const anew = await takeOne(store, T0 + 2);
      expect(anew.id, 'the reply waits for the new message').toBe('a/message');
      const elsewhere = { channel: 'C0001', ts: '2.2' };
      await store.sent(anew, elsewhere);
      expect(await store.place('a')).toEqual(elsewhere);
      expect(ids(await take(store, T0 + 2))).toEqual(['a/reply/1']);
    }),
  );

  test(
    `${kind}: with a message that is given up before it had a place its replies are given up`,
    on(open, async (store) => {
      await put(store, messageOf('a'), replyOf('a', 1), noteOf('n', { about: 'a' }), replyOf('b', 1));
      const message = await takeOne(store, T0);
      expect(message.id).toBe('a/message');
      await store.dropped(message);
      expect(ids(await take(store, T0))).toEqual(['n']);
      expect((await store.waiting()).count).toBe(2);
    }),
  );
}
