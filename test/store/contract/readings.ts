// The contract: raw readings come back bit by bit, in order; sources and clusters are known by what was read.

import { expect, test } from 'vitest';
import type { SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { changeOf, HOUR, MINUTE, readingOf, snapshotOf, T0 } from '../sample.ts';
import { all, type OpenFresh, on } from './fresh.ts';

export function readingsContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: readings come oldest first, after one time and until another, of one cluster or all`,
    on(open, async (store) => {
      const slots = [3, 0, 4, 1, 2].map((index) => T0 + index * 5 * MINUTE);
      for (const slot of slots) {
        expect(await store.write(readingOf({ slot, holding: { a: [1, 2] } }))).toBe(true);
        expect(await store.write(readingOf({ slot: slot + MINUTE, cluster: 'staging' }))).toBe(true);
      }
      const times = async (cluster: string | null, after: number, until: number) =>
        (await all(store.snapshots({ cluster, after, until }))).map((snapshot) => snapshot.at);
      const prod = slots.toSorted((a, b) => a - b).map((slot) => slot + 1_000);
      expect(await times('prod', 0, T0 + HOUR)).toEqual(prod);
      expect(await times('prod', prod[1] ?? 0, prod[3] ?? 0)).toEqual(prod.slice(2, 4));
      expect(await times('prod', T0 + HOUR, T0 + 2 * HOUR)).toEqual([]);
      const both = prod.flatMap((at) => [at, at + MINUTE]);
      expect(await times(null, 0, T0 + HOUR)).toEqual(both);
      expect(await times('unknown', 0, T0 + HOUR)).toEqual([]);
    }),
  );

  test(
    `${kind}: whether a slot has a reading is asked by the slot, whenever it was read`,
    on(open, async (store) => {
      expect(await store.hasReading({ cluster: 'prod', slot: T0 })).toBe(false);
      await store.write(readingOf({ slot: T0 }));
      expect(await store.hasReading({ cluster: 'prod', slot: T0 })).toBe(true);
      expect(await store.hasReading({ cluster: 'prod', slot: T0 + 1_000 })).toBe(false);
      expect(await store.hasReading({ cluster: 'staging', slot: T0 })).toBe(false);
    }),
  );

  test(
    `${kind}: readings of two clusters at the same time all come, more than one page of them`,
    on(open, async (store) => {
      const count = 150;
      for (let index = 0; index < count; index++) {
        const slot = T0 + index * MINUTE;
        await store.write(readingOf({ slot, holding: { a: [index, index] } }));
        await store.write(readingOf({ slot, cluster: 'staging', holding: { a: [index, index] } }));
      }
      const found = await all(store.snapshots({ cluster: null, after: 0, until: T0 + 10 * HOUR }));
      expect(found).toHaveLength(2 * count);
      expect(new Set(found.map(({ cluster, at }) => `${cluster} ${at}`)).size).toBe(2 * count);
      expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => a - b));
    }),
  );

  test(
    `${kind}: a reading comes back bit by bit, also one that failed`,
    on(open, async (store) => {
      const moves = [{ from: 'a', to: 'b', dormant: 1, pooled: 2, hosts: 3 }];
      const absent = [{ id: 'gone', usual: { dormant: 1, pooled: 2 } }];
      const rich = { ...snapshotOf({ at: T0, complete: false }), sources: [odd], moves, absent };
      const failed = { ...snapshotOf({ at: T0 + 1, complete: false, problem: 'gone' }), nodes: [], sources: [] };
      for (const snapshot of [rich, failed]) {
        const reading = { slot: snapshot.at, snapshot };
        expect(await store.write(changeOf({ reading }))).toBe(true);
      }
      const [first, second] = await all(store.snapshots({ cluster: 'prod', after: 0, until: T0 + 1 }));
      expect(first).toStrictEqual(rich);
      expect(second).toStrictEqual(failed);
    }),
  );

  test(
    `${kind}: readings of thousands of sources come one by one, none twice and none left out`,
    on(open, async (store) => {
      const name = 'a source with a long name '.repeat(20_000);
      for (let index = 0; index < 20; index++) {
        const large = readingOf({ slot: T0 + index * MINUTE, holding: { a: [0, index] } });
        const { slot, snapshot } = large.reading ?? never();
        const sources = snapshot.sources.map((source) => ({ ...source, name }));
        await store.write({ ...large, reading: { slot, snapshot: { ...snapshot, sources } } });
      }
      const seen: number[] = [];
      for await (const { at } of store.snapshots({ cluster: 'prod', after: 0, until: T0 + HOUR })) seen.push(at);
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => T0 + index * MINUTE + 1_000));
    }),
  );

  test(
    `${kind}: iterating may end early and may go on while others write`,
    on(open, async (store) => {
      for (let index = 0; index < 5; index++) await store.write(readingOf({ slot: T0 + index * MINUTE }));
      const seen: number[] = [];
      for await (const { at } of store.snapshots({ cluster: 'prod', after: 0, until: T0 + HOUR })) {
        seen.push(at);
        if (seen.length === 1) await store.write(readingOf({ slot: T0 - HOUR }));
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([0, 1, 2].map((index) => T0 + index * MINUTE + 1_000));
    }),
  );

  test(
    `${kind}: sources are known by their last name, from the first to the last reading that found them`,
    on(open, async (store) => {
      await store.write(readingOf({ slot: T0, holding: { a: [0, 1], b: [0, 1] } }));
      const renamed = readingOf({ slot: T0 + HOUR, holding: { a: [0, 0] } });
      const snapshot = snapshotOf({ at: T0 + HOUR, holding: { a: [0, 0] } });
      const sources = snapshot.sources.map((source) => ({ ...source, name: 'Billing API' }));
      const reading = { slot: T0 + HOUR, snapshot: { ...snapshot, sources } };
      await store.write({ ...renamed, reading });
      await store.write(readingOf({ slot: T0 - HOUR, holding: { a: [0, 1] } }));
      await store.write(readingOf({ slot: T0, cluster: 'staging', holding: { c: [0, 1] } }));
      expect(await store.sources('prod')).toEqual([
        { id: 'a', name: 'Billing API', firstSeen: T0 - HOUR + 1_000, lastSeen: T0 + HOUR },
        { id: 'b', name: 'Source b „ü“', firstSeen: T0 + 1_000, lastSeen: T0 + 1_000 },
      ]);
      expect(await store.sources('unknown')).toEqual([]);
      expect(await store.clusters()).toEqual(['prod', 'staging']);
    }),
  );
}

function never(): never {
  throw new Error('a reading was expected');
}

const odd: SnapshotSource = {
  id: '0.0.0.0/0 app:"quoted" \\ $where.a',
  name: '\u0000 control, „quotes“, 🦆, ünïcödé',
  class: null,
  active: 0,
  dormant: Number.MAX_SAFE_INTEGER,
  monitors: null,
  clients: 0,
  nodes: [],
  apps: [
    { name: null, active: 0, dormant: 1 },
    { name: '', active: 0, dormant: 1 },
  ],
  hosts: [{ name: '2001:db8::1', active: 1, dormant: 0 }],
  usual: { dormant: 0, pooled: Number.MAX_SAFE_INTEGER },
};
