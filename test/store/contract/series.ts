// The contract: charts, from raw readings and from hourly rollups, with nothing unread drawn as a zero.

import { expect, test } from 'vitest';
import type { SeriesBucket, Spread } from '../../../src/core/ports/store.ts';
import { ALL_NODES } from '../../../src/core/snapshots/snapshot.ts';
import { DAY, HOUR, MINUTE, type NodeSample, readingOf, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';

const flat = (value: number): Spread => ({ min: value, median: value, max: value });
const bare = (bucket: SeriesBucket | undefined) => ({
  dormant: bucket?.dormant,
  pooled: bucket?.pooled,
  readings: bucket?.readings,
  incomplete: bucket?.incomplete,
});
/** A rollup knows of its most in which hour that was, and no more. */
export const hourly = ({ peakAt, ...bucket }: SeriesBucket): SeriesBucket => ({
  ...bucket,
  peakAt: peakAt === null ? null : peakAt - (peakAt % HOUR),
});
const NOTHING = { dormant: null, pooled: null, readings: 0, incomplete: 0 };

export function seriesContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: a source that a complete reading did not find held zero; where nothing was read, nothing is known`,
    on(open, async (store) => {
      await store.write(readingOf({ slot: T0, holding: { a: [2, 10], b: [1, 1] } }));
      await store.write(readingOf({ slot: T0 + 5 * MINUTE, holding: { b: [1, 1] } }));
      await store.write(readingOf({ slot: T0 + 10 * MINUTE, complete: false, holding: { b: [1, 1] } }));
      await store.write(readingOf({ slot: T0 + 15 * MINUTE, complete: false, problem: 'gone' }));
      const request = { cluster: 'prod', node: null, from: T0, to: T0 + 25 * MINUTE, buckets: 5 };
      const a = await store.series({ ...request, source: 'a' });
      expect(a.map((bucket) => bucket.from)).toEqual([0, 5, 10, 15, 20].map((minutes) => T0 + minutes * MINUTE));
      expect(a.map(bare)).toEqual([
        { dormant: flat(10), pooled: flat(12), readings: 1, incomplete: 0 },
        { dormant: flat(0), pooled: flat(0), readings: 1, incomplete: 0 },
        { dormant: null, pooled: null, readings: 1, incomplete: 1 },
        { dormant: null, pooled: null, readings: 1, incomplete: 1 },
        NOTHING,
      ]);
      const cluster = await store.series({ ...request, source: null });
      expect(cluster.map(bare)).toEqual([
        { dormant: flat(11), pooled: flat(14), readings: 1, incomplete: 0 },
        { dormant: flat(1), pooled: flat(2), readings: 1, incomplete: 0 },
        { dormant: flat(1), pooled: flat(2), readings: 1, incomplete: 1 },
        { dormant: null, pooled: null, readings: 1, incomplete: 1 },
        NOTHING,
      ]);
      const unknown = await store.series({ ...request, cluster: 'unknown', source: null });
      expect(unknown.map(bare)).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING]);
    }),
  );

  test(
    `${kind}: a piece of several readings has the least, the lower middle and the most of the complete ones`,
    on(open, async (store) => {
      const dormant = [50, 10, 40, 20];
      // As after an update: the first reading has no usual.
      for (const [index, value] of dormant.entries()) {
        const usual = index === 0 ? {} : { a: { dormant: 30 + index, pooled: 40 + index } };
        await store.write(readingOf({ slot: T0 + index * MINUTE, holding: { a: [index, value] }, usual }));
      }
      const usual = { a: { dormant: 1, pooled: 2 } };
      await store.write(readingOf({ slot: T0 + 4 * MINUTE, complete: false, holding: { a: [0, 1] }, usual }));
      const [bucket] = await store.series({
        cluster: 'prod',
        source: 'a',
        node: null,
        from: T0,
        to: T0 + HOUR,
        buckets: 1,
      });
      expect(bucket).toEqual({
        from: T0,
        dormant: { min: 10, median: 20, max: 50 },
        pooled: { min: 11, median: 23, max: 50 },
        usual: { dormant: { min: 31, median: 32, max: 33 }, pooled: { min: 41, median: 42, max: 43 } },
        connections: null,
        limit: null,
        readings: 5,
        incomplete: 1,
        peakAt: T0 + 1_000,
      });
    }),
  );

  test(
    `${kind}: the time asked for begins with its first millisecond and ends before its last`,
    on(open, async (store) => {
      for (const at of [T0 - 1, T0, T0 + HOUR - 1, T0 + HOUR])
        await store.write(readingOf({ slot: at - 1_000, holding: { a: [0, 1] } }));
      const buckets = await store.series({
        cluster: 'prod',
        source: 'a',
        node: null,
        from: T0,
        to: T0 + HOUR,
        buckets: 400,
      });
      expect(buckets).toHaveLength(400);
      expect(buckets.reduce((sum, { readings }) => sum + readings, 0)).toBe(2);
      expect(buckets.at(0)?.readings).toBe(1);
      expect(buckets.at(-1)?.readings).toBe(1);
    }),
  );

  test(
    `${kind}: what raw readings say of whole hours, their rollups say too`,
    on(
      open,
      async (store) => {
        const random = numbers(7);
        for (let slot = T0; slot < T0 + 12 * HOUR; slot += 10 * MINUTE) {
          const hour = (slot - T0) / HOUR;
          const held = (below: number): [number, number] => [random(9), random(below)];
          const holding = {
            steady: held(50),
            ...(random(3) > 0 ? { coming: held(900) } : {}),
            ...(hour < 3 ? { gone: held(30) } : {}),
          };
          // One hour without readings, one with incomplete ones alone, one that failed.
          if (Math.floor(hour) === 4) continue;
          const complete = Math.floor(hour) !== 6 && Math.floor(hour) !== 8 && random(5) > 0;
          const failed = Math.floor(hour) === 8;
          const past = { dormant: Math.floor(hour), pooled: Math.floor(hour) + 3 };
          const usual = { steady: past, ...(complete && hour > 5 ? { coming: past, gone: past } : {}) };
          await store.write(
            readingOf({ slot, complete, ...(failed ? { problem: 'gone', holding: {} } : { holding, usual }) }),
          );
        }
        const series = () =>
          Promise.all(
            ['steady', 'coming', 'gone', 'never', null].map(async (source) =>
              (
                await store.series({ cluster: 'prod', source, node: null, from: T0, to: T0 + 12 * HOUR, buckets: 12 })
              ).map(hourly),
            ),
          );
        const raw = await series();
        expect(raw[0]?.filter(({ dormant }) => dormant !== null)).toHaveLength(10);
        const usualAt = (source: number) => raw[source]?.map(({ usual }) => usual?.pooled.median ?? null);
        expect(usualAt(0)).toEqual([3, 4, 5, 6, null, 8, 9, 10, null, 12, 13, 14]);
        expect(usualAt(2)).toEqual([null, null, null, null, null, 8, null, 10, null, 12, 13, 14]);
        expect(usualAt(4)).toEqual(Array.from({ length: 12 }, () => null));
        await store.tidy(T0 + 7 * HOUR);
        expect(await series(), 'the older half from rollups').toEqual(raw);
        await store.tidy(T0 + 30 * HOUR);
        expect(await series(), 'all from rollups').toEqual(raw);
      },
      { readings: HOUR, hours: 400 * DAY },
    ),
  );

  test(
    `${kind}: what was usual for an absent source makes it no newer, and an unknown source no source`,
    on(open, async (store) => {
      const usual = { a: { dormant: 24, pooled: 26 }, unknown: { dormant: 1, pooled: 1 } };
      await store.write(readingOf({ slot: T0, holding: { a: [2, 20] } }));
      await store.write(readingOf({ slot: T0 + 5 * MINUTE, usual }));
      const request = { cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + 10 * MINUTE, buckets: 2 };
      const [first, second] = await store.series(request);
      expect(first?.usual).toBeNull();
      expect(second).toMatchObject({ dormant: flat(0), pooled: flat(0), readings: 1 });
      expect(second?.usual).toEqual({ dormant: flat(24), pooled: flat(26) });
      expect(await store.sources('prod')).toMatchObject([{ id: 'a', lastSeen: T0 + 1_000 }]);
    }),
  );

  test(
    `${kind}: a rolled up hour has the highest usual of its readings, also of one that was written late`,
    on(
      open,
      async (store) => {
        const write = async (minute: number, dormant: number | null) => {
          const usual = dormant === null ? {} : { a: { dormant, pooled: dormant + 1 } };
          await store.write(readingOf({ slot: T0 + minute * MINUTE, holding: { a: [1, 5] }, usual }));
        };
        for (const [index, dormant] of [null, 40, 200, 40].entries()) await write(10 * index, dormant);
        await store.tidy(T0 + 30 * HOUR);
        await write(50, 100);
        await store.tidy(T0 + 30 * HOUR);
        const request = { cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + HOUR, buckets: 1 } as const;
        expect((await store.series(request))[0]?.usual).toEqual({ dormant: flat(200), pooled: flat(201) });
      },
      { readings: HOUR, hours: 400 * DAY },
    ),
  );

  test(
    `${kind}: a piece of many rolled up hours has their least and most, and the middle of their middles`,
    on(
      open,
      async (store) => {
        for (const [hour, values] of [[5, 7, 900], [10, 11, 12], [40, 41, 42], []].entries())
          for (const [index, value] of values.entries())
            await store.write(readingOf({ slot: T0 + hour * HOUR + index * MINUTE, holding: { a: [0, value] } }));
        await store.tidy(T0 + 30 * HOUR);
        const request = { cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + 4 * HOUR } as const;
        const [whole] = await store.series({ ...request, buckets: 1 });
        expect(whole?.dormant).toEqual({ min: 5, median: 11, max: 900 });
        expect(whole?.readings).toBe(9);
        const quarters = await store.series({ ...request, buckets: 16 });
        expect(quarters.slice(0, 5).map(({ dormant }) => dormant?.median)).toEqual([7, 7, 7, 7, 11]);
        expect(quarters.slice(12).map(bare)).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
      },
      { readings: HOUR, hours: 400 * DAY },
    ),
  );

  test(
    `${kind}: a reading that is written after its hour was rolled up is part of the hour`,
    on(
      open,
      async (store) => {
        await store.write(readingOf({ slot: T0, holding: { a: [0, 10] } }));
        await store.tidy(T0 + 5 * HOUR);
        await store.write(readingOf({ slot: T0 + MINUTE, holding: { a: [0, 30], b: [1, 1] } }));
        const request = { cluster: 'prod', source: 'a', node: null, from: T0, to: T0 + HOUR, buckets: 1 } as const;
        const expected = { dormant: { min: 10, median: 10, max: 30 }, readings: 2 };
        expect((await store.series(request))[0]).toMatchObject(expected);
        await store.tidy(T0 + 6 * HOUR);
        expect((await store.series(request))[0]).toMatchObject(expected);
        const [late] = await store.series({ ...request, source: 'b' });
        expect(late).toMatchObject({ dormant: { min: 0, median: 0, max: 1 }, readings: 2 });
      },
      { readings: HOUR, hours: 400 * DAY },
    ),
  );
}

/** Connections and limits of nodes at readings, and of all nodes together. */
export function nodeSeriesContract(kind: string, open: OpenFresh): void {
  const [A, B] = ['a.example:27017', 'b.example:27017'];
  const bare = ({ connections, limit, readings, incomplete }: SeriesBucket) => {
    return { connections, limit, readings, incomplete };
  };
  const NOTHING = { connections: null, limit: null, readings: 0, incomplete: 0 };

  test(
    `${kind}: a node that was not read has no connections, and does not make the sum of all nodes smaller`,
    on(open, async (store) => {
      const at = (minutes: number) => T0 + minutes * MINUTE;
      const write = (minutes: number, nodes: NodeSample, more = {}) =>
        store.write(readingOf({ slot: at(minutes), nodes, ...more }));
      await write(0, { [A]: [800, 3000], [B]: [700, 1500] });
      await write(1, { [A]: [900, 3000], [B]: null }, { complete: false });
      await write(2, { [A]: [850, null], [B]: [720, 1500] });
      await write(5, { [A]: [2990, 3000], [B]: null }, { complete: false });
      await write(10, {}, { complete: false, problem: 'gone' });
      // Another cluster may have a node of the same name.
      await store.write(readingOf({ cluster: 'staging', slot: at(0), nodes: { [A]: [5, 500] } }));
      const request = { cluster: 'prod', source: null, from: T0, to: at(15), buckets: 3 };
      const all = async (node: string | null) => (await store.series({ ...request, node })).map(bare);
      expect(await all(A)).toEqual([
        { connections: { min: 800, median: 850, max: 900 }, limit: 3000, readings: 3, incomplete: 0 },
        { connections: flat(2990), limit: 3000, readings: 1, incomplete: 0 },
        NOTHING,
      ]);
      expect(await all(B)).toEqual([
        { connections: { min: 700, median: 700, max: 720 }, limit: 1500, readings: 3, incomplete: 1 },
        { connections: null, limit: null, readings: 1, incomplete: 1 },
        NOTHING,
      ]);
      expect(await all(ALL_NODES)).toEqual([
        { connections: { min: 1500, median: 1500, max: 1570 }, limit: 4500, readings: 3, incomplete: 1 },
        { connections: flat(2990), limit: 3000, readings: 1, incomplete: 1 },
        NOTHING,
      ]);
      expect(await all('unknown.example:27017')).toEqual([NOTHING, NOTHING, NOTHING]);
      const [first] = await store.series({ ...request, node: A });
      expect(first).toMatchObject({ dormant: null, pooled: null, usual: null, peakAt: at(1) + 1_000 });
      expect((await store.series({ ...request, node: null })).map(bare)).toMatchObject([
        { connections: null, limit: null },
        { connections: null, limit: null },
        { connections: null, limit: null },
      ]);
    }),
  );

  test(
    `${kind}: what raw readings say of a node in whole hours, their rollups say too, until they are too old`,
    on(
      open,
      async (store) => {
        // Over midnight.
        const BEGIN = T0 + 8 * HOUR;
        const random = numbers(11);
        const slots = Array.from({ length: 12 * 6 }, (_, index) => BEGIN + index * 10 * MINUTE);
        for (const slot of slots) {
          const hour = Math.floor((slot - BEGIN) / HOUR);
          if (hour === 4) continue;
          const isRead = hour !== 6 && random(4) > 0;
          const limit = hour < 8 ? 3000 : 6000;
          const nodes: NodeSample = {
            [A]: [random(3000), limit],
            ...(hour < 10 ? { [B]: isRead ? [random(3000), limit] : null } : {}),
          };
          await store.write(readingOf({ slot, complete: isRead, nodes }));
        }
        const request = { cluster: 'prod', source: null, from: BEGIN, to: BEGIN + 12 * HOUR, buckets: 12 } as const;
        const series = () =>
          Promise.all([A, B, ALL_NODES].map(async (node) => (await store.series({ ...request, node })).map(hourly)));
        const raw = await series();
        expect(raw[0]?.map(({ limit }) => limit)).toEqual([
          ...[3000, 3000, 3000, 3000, null, 3000, 3000, 3000],
          ...[6000, 6000, 6000, 6000],
        ]);
        expect(raw[1]?.flatMap(({ connections }, hour) => (connections === null ? [hour] : []))).toEqual([
          4, 6, 10, 11,
        ]);
        await store.tidy(BEGIN + 8 * HOUR);
        expect(await series(), 'the older half from rollups').toEqual(raw);
        await store.tidy(BEGIN + 50 * HOUR);
        expect(await series(), 'all from rollups').toEqual(raw);
        await store.write(readingOf({ slot: BEGIN + 25 * MINUTE, nodes: { [A]: [9000, 9500] } }));
        const late = (await series())[0]?.[0];
        expect(late, 'written late').toMatchObject({ readings: 7, connections: { max: 9000 }, limit: 9500 });
        await store.tidy(BEGIN + 50 * HOUR);
        expect((await series())[0]?.[0], 'rolled up again').toEqual(late);
        await store.tidy(BEGIN + 100 * DAY + 6 * HOUR);
        const left = (await series()).map((buckets) => buckets.filter(({ readings }) => readings > 0).length);
        expect(left).toEqual([6, 4, 6]);
        await store.tidy(BEGIN + 102 * DAY);
        expect((await series()).flat().filter(({ readings }) => readings > 0)).toEqual([]);
      },
      { readings: HOUR, hours: 100 * DAY },
    ),
  );
}

/** Whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
