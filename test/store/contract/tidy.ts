// The contract: what is older than the settings keep goes, and nothing else.

import { expect, test } from 'vitest';
import {
  alertOf,
  changeOf,
  DAY,
  HOUR,
  headOf,
  messageOf,
  noteOf,
  readingOf,
  replyOf,
  silenceOf,
  T0,
} from '../sample.ts';
import { all, type OpenFresh, on } from './fresh.ts';
import { hourly } from './series.ts';

const keep = { readings: 2 * HOUR, hours: 10 * DAY };

export function tidyContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: tidying takes away raw readings, then hours, then the source itself, each after its time`,
    on(
      open,
      async (store) => {
        await store.write(readingOf({ slot: T0, holding: { a: [1, 5] } }, { head: headOf(1) }));
        await store.write(readingOf({ slot: T0 + 3 * HOUR, holding: { b: [1, 5] } }));
        const left = async () => ({
          raw: (await all(store.snapshots({ cluster: 'prod', after: 0, until: T0 + DAY }))).length,
          seen: (
            await store.series({ cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + HOUR, buckets: 1 })
          )[0]?.readings,
          sources: (await store.sources('prod')).map(({ id }) => id),
        });
        await store.tidy(T0 + 2 * HOUR);
        expect(await left(), 'its hour is not over for two hours').toEqual({ raw: 2, seen: 1, sources: ['a', 'b'] });
        await store.tidy(T0 + 4 * HOUR);
        expect(await left()).toEqual({ raw: 1, seen: 1, sources: ['a', 'b'] });
        await store.write(readingOf({ slot: T0 + 9 * DAY + HOUR }));
        await store.tidy(T0 + 10 * DAY + 2 * HOUR);
        expect(await left()).toEqual({ raw: 0, seen: 0, sources: ['b'] });
        expect(await store.clusters()).toEqual(['prod']);
        expect(await store.head('prod')).toEqual(headOf(1));
      },
      keep,
    ),
  );

  test(
    `${kind}: a clock that jumped years ahead takes nothing away until readings went on by it for a day`,
    on(
      open,
      async (store) => {
        const ended = alertOf({ source: 'ended', state: 'ended', endedAt: T0 });
        await store.write(readingOf({ slot: T0, holding: { a: [1, 5] } }, { alerts: [ended] }));
        await store.claim({ cluster: 'prod', slot: T0, instance: 'one' });
        await store.claim({ cluster: 'prod', slot: T0 + HOUR, instance: 'one' });
        const [kept, later] = [{ from: T0, to: T0 + HOUR }, T0 + 1_000 * DAY];
        const left = async () => ({
          raw: (await all(store.snapshots({ cluster: 'prod', after: 0, until: T0 + HOUR }))).length,
          seen: (await store.series({ cluster: 'prod', source: 'a', node: null, ...kept, buckets: 1 }))[0]?.readings,
          sources: (await store.sources('prod')).length,
          alert: await store.alert(ended.id),
        });
        await store.tidy(later);
        await store.write(readingOf({ slot: later }));
        await store.tidy(later + HOUR);
        expect(await left()).toEqual({ raw: 1, seen: 1, sources: 1, alert: ended });
        expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'two' })).toBe(false);
        await store.tidy(later + 25 * HOUR);
        expect(await left()).toEqual({ raw: 0, seen: 0, sources: 0, alert: null });
      },
      { readings: 4 * DAY, hours: 10 * DAY },
    ),
  );

  test(
    `${kind}: tidying twice is tidying once`,
    on(
      open,
      async (store) => {
        for (let hour = 0; hour < 5; hour++)
          await store.write(readingOf({ slot: T0 + hour * HOUR, holding: { a: [hour, hour] } }));
        const request = { cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + DAY, buckets: 24 } as const;
        const series = async () => (await store.series(request)).map(hourly);
        const before = await series();
        await Promise.all([store.tidy(T0 + 4 * HOUR), store.tidy(T0 + 4 * HOUR), store.tidy(T0 + 4 * HOUR)]);
        await store.tidy(T0 + 4 * HOUR);
        expect(await series()).toEqual(before);
      },
      keep,
    ),
  );

  test(
    `${kind}: an ended alert stays as long as its hours, an open one and what waits for ever`,
    on(
      open,
      async (store) => {
        const open = alertOf({ source: 'open' });
        const ended = alertOf({ source: 'ended', state: 'ended', endedAt: T0 });
        const over = silenceOf({ id: 'over', endedAt: T0 });
        const standing = silenceOf({ id: 'standing', until: T0 + HOUR });
        const deliveries = [messageOf(open.id), noteOf('waits')];
        await store.write(changeOf({ alerts: [open, ended], silences: [over, standing], deliveries }));
        await store.tidy(T0 + 10 * DAY - HOUR);
        expect(await store.alert(ended.id)).toEqual(ended);
        await store.tidy(T0 + 11 * DAY);
        expect(await store.alert(ended.id)).toBeNull();
        expect(await store.alert(open.id)).toEqual(open);
        expect((await store.silences()).map(({ id }) => id)).toEqual(['standing']);
        expect((await store.waiting()).count).toBe(2);
      },
      keep,
    ),
  );

  test(
    `${kind}: the place of a message outlives tidying while its alert does, and what was sent stays sent`,
    on(
      open,
      async (store) => {
        const alert = alertOf();
        await store.write(changeOf({ alerts: [alert], deliveries: [messageOf(alert.id), replyOf(alert.id, 1)] }));
        const input = { instance: 'one', now: T0, leaseMs: HOUR, limit: 10, refreshes: 9 };
        for (const [message] of [await store.take(input)])
          if (message !== undefined) await store.sent(message, { channel: 'C0001', ts: '1.1' });
        for (const [reply] of [await store.take(input)]) if (reply !== undefined) await store.sent(reply, null);
        expect((await store.waiting()).count).toBe(0);
        await store.tidy(T0 + 30 * DAY);
        expect(await store.place(alert.id)).toEqual({ channel: 'C0001', ts: '1.1' });
        const ended = { ...alert, version: 2, state: 'ended', endedAt: T0 + 30 * DAY } as const;
        await store.write(changeOf({ alerts: [ended] }));
        await store.tidy(T0 + 41 * DAY);
        expect(await store.place(alert.id)).toBeNull();
      },
      keep,
    ),
  );
}
