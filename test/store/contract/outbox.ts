// The contract: what Slack is to be told is given out until somebody says that Slack has it, and to one at a time.

import { expect, test } from 'vitest';
import type { Delivery, MessageRef } from '../../../src/core/alerting/delivery.ts';
import type { LeasedDelivery, Store } from '../../../src/core/ports/store.ts';
import { changeOf, MINUTE, messageOf, noteOf, replyOf, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';

export const PLACE: MessageRef = { channel: 'C0001', ts: '1763728123.000100' };

/** Takes what is due at a time, for a minute. */
export function take(store: Store, now: number, instance = 'one'): Promise<readonly LeasedDelivery[]> {
  return store.take({ instance, now, leaseMs: MINUTE, limit: 100, refreshes: 100 });
}

export async function takeOne(store: Store, now: number, instance = 'one'): Promise<LeasedDelivery> {
  const taken = await take(store, now, instance);
  expect(taken).toHaveLength(1);
  const [only] = taken;
  if (only === undefined) throw new Error('nothing was taken');
  return only;
}

export function put(store: Store, ...deliveries: readonly Delivery[]): Promise<boolean> {
  return store.write(changeOf({ deliveries }));
}

export function outboxContract(kind: string, open: OpenFresh): void {
  const message = messageOf('a');

  test(
    `${kind}: what was written is given out as it was written, once while it is held`,
    on(open, async (store) => {
      const note = noteOf('n', { channel: null, mentions: ['@oncall', 'S01'], broadcast: true, at: T0 + 1 });
      await put(store, message, note);
      const [one, two, ...more] = await take(store, T0 + 2);
      expect(one).toEqual({ ...message, edition: one?.edition, attempts: 0, inDoubt: false });
      expect(two).toEqual({ ...note, edition: two?.edition, attempts: 0, inDoubt: false });
      expect(more).toEqual([]);
      expect(await take(store, T0 + 2, 'two')).toEqual([]);
      expect(await store.waiting()).toEqual({ count: 2, oldest: T0 });
    }),
  );

  test(
    `${kind}: of many that take at once each delivery goes to one`,
    on(open, async (store) => {
      await put(store, ...Array.from({ length: 30 }, (_, index) => noteOf(`n${index}`)));
      const takers = Array.from({ length: 10 }, (_, index) =>
        store.take({ instance: `bot-${index}`, now: T0, leaseMs: MINUTE, limit: 7, refreshes: 100 }),
      );
      const given = await Promise.all(takers);
      expect(given.every(({ length }) => length <= 7)).toBe(true);
      const ids = given.flat().map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const rest = await take(store, T0);
      expect(ids.length + rest.length).toBe(30);
    }),
  );

  test(
    `${kind}: what was sent is given out no more, and its place is remembered`,
    on(open, async (store, { again }) => {
      await put(store, message);
      await store.sent(await takeOne(store, T0), PLACE);
      expect(await take(store, T0 + MINUTE)).toEqual([]);
      expect(await store.place('a')).toEqual(PLACE);
      expect(await store.waiting()).toEqual({ count: 0, oldest: null });
      if (again !== null) expect(await (await again()).place('a')).toEqual(PLACE);
    }),
  );

  test(
    `${kind}: an edit that was sent leaves the place as it was`,
    on(open, async (store) => {
      await put(store, message);
      await store.sent(await takeOne(store, T0), PLACE);
      await put(store, { ...message, at: T0 + MINUTE });
      await store.sent(await takeOne(store, T0 + MINUTE), null);
      expect(await store.place('a')).toEqual(PLACE);
      expect((await store.waiting()).count).toBe(0);
    }),
  );

  test(
    `${kind}: the place of a note is its own, not that of the alert it is about`,
    on(open, async (store) => {
      await put(store, noteOf('n', { about: 'a' }));
      await store.sent(await takeOne(store, T0), PLACE);
      expect(await store.place('a')).toBeNull();
      expect(await store.place('n')).toEqual(PLACE);
    }),
  );

  test(
    `${kind}: whoever took it and never said what became of it leaves it in doubt`,
    on(open, async (store, { again }) => {
      await put(store, message);
      await takeOne(store, T0);
      expect(await take(store, T0 + MINUTE - 1, 'two')).toEqual([]);
      const two = await takeOne(store, T0 + MINUTE, 'two');
      expect(two).toMatchObject({ inDoubt: true, attempts: 1 });
      const three = await takeOne(again === null ? store : await again(), T0 + 2 * MINUTE, 'three');
      expect(three).toMatchObject({ inDoubt: true, attempts: 2 });
    }),
  );

  test(
    `${kind}: what was doubted comes again in doubt, and what was postponed without, each at its time`,
    on(open, async (store) => {
      await put(store, message);
      await store.doubted(await takeOne(store, T0), T0 + 5_000);
      expect(await take(store, T0 + 4_999)).toEqual([]);
      const again = await takeOne(store, T0 + 5_000);
      expect(again).toMatchObject({ inDoubt: true, attempts: 1 });
      await store.postponed(again, T0 + 9_000);
      expect(await take(store, T0 + 8_999)).toEqual([]);
      expect(await takeOne(store, T0 + 9_000)).toMatchObject({ inDoubt: false, attempts: 2 });
    }),
  );

  test(
    `${kind}: a newer edition that came while one was sent is given out after it, at once`,
    on(open, async (store) => {
      await put(store, message);
      const first = await takeOne(store, T0);
      await put(store, { ...message, channel: 'C0002', at: T0 + 1_000 });
      expect(await take(store, T0 + 1_000), 'one at a time').toEqual([]);
      await store.sent(first, PLACE);
      const second = await takeOne(store, T0 + 1_000);
      expect(second).toMatchObject({ channel: 'C0002', at: T0 + 1_000, inDoubt: false });
      expect(second.edition).not.toBe(first.edition);
      await store.sent(second, null);
      expect(await take(store, T0 + MINUTE)).toEqual([]);
    }),
  );

  test(
    `${kind}: an edition that takes the place of one in doubt is in doubt`,
    on(open, async (store) => {
      await put(store, message);
      await store.doubted(await takeOne(store, T0), T0);
      await put(store, { ...message, at: T0 + 1_000 });
      expect(await takeOne(store, T0 + 1_000)).toMatchObject({ inDoubt: true, at: T0 + 1_000 });
    }),
  );

  test(
    `${kind}: a message is given up as it was, not the edition that came meanwhile`,
    on(open, async (store) => {
      await put(store, message);
      const first = await takeOne(store, T0);
      await put(store, { ...message, channel: 'C0002' });
      await store.dropped(first);
      const second = await takeOne(store, T0);
      expect(second.channel).toBe('C0002');
      await store.dropped(second);
      expect(await take(store, T0 + MINUTE)).toEqual([]);
      await put(store, message);
      expect(await takeOne(store, T0)).toMatchObject({ attempts: 0, inDoubt: false });
    }),
  );

  test(
    `${kind}: who lost it by waiting too long takes nothing from who has it now`,
    on(open, async (store) => {
      await put(store, message);
      const slow = await takeOne(store, T0);
      const now = T0 + MINUTE;
      const quick = await takeOne(store, now, 'two');
      await store.postponed(slow, now);
      await store.doubted(slow, now);
      expect(await take(store, now)).toEqual([]);
      await store.sent(quick, PLACE);
      await put(store, { ...message, at: now });
      await store.sent(slow, null);
      expect(await takeOne(store, now), 'the edit is not lost').toMatchObject({ at: now });
      await store.postponed(slow, now);
      await store.dropped(slow);
      expect(await take(store, now)).toEqual([]);
      expect((await store.waiting()).count).toBe(1);
    }),
  );

  test(
    `${kind}: a reply and a note are written once, ever, whatever became of them`,
    on(open, async (store, { again }) => {
      const reply = replyOf('a', 1);
      const [note, lost] = [noteOf('n'), noteOf('lost')];
      await put(store, message);
      await store.sent(await takeOne(store, T0), PLACE);
      await put(store, reply, note, lost);
      await put(store, { ...reply, text: 'other words' }, note);
      const taken = await take(store, T0);
      expect(taken.map(({ text }) => text).toSorted()).toEqual([reply.text, note.text, lost.text].toSorted());
      for (const one of taken) await (one.id === 'lost' ? store.dropped(one) : store.sent(one, null));
      await put(store, reply, note, lost);
      expect(await take(store, T0 + MINUTE)).toEqual([]);
      if (again === null) return;
      const later = await again();
      await put(later, reply, note, lost);
      expect(await take(later, T0 + MINUTE)).toEqual([]);
    }),
  );

  test(
    `${kind}: what was told past the outbox is taken over: its message is edited, its replies and notes are not told again`,
    on(open, async (store) => {
      const message = messageOf('a');
      const told = [message, replyOf('a', 1), noteOf('n')].map(({ id, kind, about, at }) => {
        return { id, kind, about, at, place: kind === 'reply' ? null : PLACE };
      });
      // It had begun to tell some of it itself.
      await put(store, replyOf('a', 1));
      await store.adopt(told);
      await store.adopt(told);
      expect(await store.place('a')).toEqual(PLACE);
      expect(await store.waiting()).toEqual({ count: 0, oldest: null });
      await put(store, message, replyOf('a', 1), replyOf('a', 2), noteOf('n'));
      expect((await takeOne(store, T0 + MINUTE)).id).toBe('a/message');
      const fresh = { id: 'b/message', kind: 'message', about: 'b', at: T0, place: PLACE } as const;
      await store.adopt([fresh, { ...fresh, place: { ...PLACE, ts: '2.1' } }]);
      expect(await store.place('b')).toEqual({ ...PLACE, ts: '2.1' });
    }),
  );
}
