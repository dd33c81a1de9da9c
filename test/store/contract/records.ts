// The contract: a decision is written together or not at all; alerts, groups, silences, heads and checkpoints come back.

import { expect, test } from 'vitest';
import type { AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { Change, Checkpoint, Store } from '../../../src/core/ports/store.ts';
import { alertOf, changeOf, HOUR, headOf, MINUTE, messageOf, readingOf, replyOf, silenceOf, T0 } from '../sample.ts';
import { all, type OpenFresh, on } from './fresh.ts';

const alert = alertOf();
const group: AlertGroup = {
  id: 'group-1',
  version: 1,
  cluster: 'prod',
  since: T0,
  lead: null,
  alerts: [alert.id],
  cause: null,
};
const silence = silenceOf();

/** All that a change can write. */
const whole = readingOf(
  { slot: T0, holding: { a: [1, 440] } },
  {
    head: headOf(1),
    alerts: [alert],
    groups: [group],
    silences: [silence],
    deliveries: [messageOf(alert.id), replyOf('x', 1)],
  },
);

async function everything(store: Store) {
  return {
    clusters: await store.clusters(),
    head: await store.head('prod'),
    sources: await store.sources('prod'),
    snapshots: await all(store.snapshots({ cluster: null, after: 0, until: T0 + HOUR })),
    alerts: await store.alerts({ cluster: null, endedSince: 0 }),
    group: await store.group(group.id),
    silences: await store.silences(),
    waiting: await store.waiting(),
  };
}

export function recordsContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: a change is there as a whole, and there after the store was opened again`,
    on(open, async (store, { again }) => {
      expect(await store.write(whole)).toBe(true);
      const expected = {
        clusters: ['prod'],
        head: whole.head,
        sources: [{ id: 'a', name: 'Source a „ü“', firstSeen: T0 + 1_000, lastSeen: T0 + 1_000 }],
        snapshots: [whole.reading?.snapshot],
        alerts: [alert],
        group,
        silences: [silence],
        waiting: { count: 2, oldest: T0 },
      };
      expect(await everything(store)).toEqual(expected);
      expect(await store.alert(alert.id)).toEqual(alert);
      if (again !== null) expect(await everything(await again())).toEqual(expected);
    }),
  );

  const next = { ...alert, version: 2, value: 500 };
  const refused: Readonly<Record<string, Partial<Change>>> = {
    'a slot that has a reading': { reading: readingOf({ slot: T0, holding: { b: [9, 9] } }).reading },
    'a head of the same version': { head: headOf(1) },
    'a head of a version that skips one': { head: headOf(3) },
    'a new head of a later version': { cluster: 'staging', reading: null, head: headOf(2) },
    'an alert of the same version': { alerts: [{ ...next, version: 1 }] },
    'an alert of a version that skips one': { alerts: [{ ...next, version: 3 }] },
    'a new alert of a later version': { alerts: [alertOf({ id: 'new', version: 2 })] },
    'a group of the same version': { groups: [group] },
    'a silence of the same version': { silences: [silence] },
  };
  test.each(Object.entries(refused))(`${kind}: %s is refused with all that came with it`, (_, wrong) =>
    on(open, async (store) => {
      expect(await store.write(whole)).toBe(true);
      const before = await everything(store);
      const fresh = readingOf({ slot: T0 + 5 * MINUTE, holding: { c: [1, 1] } });
      const change = changeOf({
        ...fresh,
        head: headOf(2, T0 + 5 * MINUTE),
        alerts: [next],
        groups: [{ ...group, version: 2, cause: 'after an election at 09:54' }],
        silences: [{ ...silence, version: 2, endedAt: T0 }],
        deliveries: [replyOf(alert.id, 7)],
      });
      expect(await store.write({ ...change, ...wrong })).toBe(false);
      expect(await everything(store)).toEqual(before);
      expect(await store.write(change)).toBe(true);
      expect(await store.head('prod')).toEqual(change.head);
      expect(await store.alert(alert.id)).toEqual(next);
      expect(await store.silences()).toEqual([]);
    })(),
  );

  test(
    `${kind}: of many that write the next version of an alert at once, one does`,
    on(open, async (store) => {
      await store.write(whole);
      const changes = Array.from({ length: 20 }, (_, index) =>
        changeOf({ alerts: [{ ...next, value: index }], deliveries: [replyOf(alert.id, index)] }),
      );
      const written = await Promise.all(changes.map((change) => store.write(change)));
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await store.alert(alert.id)).toEqual({ ...next, value: written.indexOf(true) });
      expect((await store.waiting()).count).toBe(3);
    }),
  );

  test(
    `${kind}: of many that write the same slot at once, one does`,
    on(open, async (store) => {
      const changes = Array.from({ length: 20 }, (_, index) =>
        readingOf({ slot: T0, holding: { [`source-${index}`]: [0, index] } }),
      );
      const written = await Promise.all(changes.map((change) => store.write(change)));
      expect(written.filter(Boolean)).toHaveLength(1);
      const sources = await store.sources('prod');
      expect(sources.map(({ id }) => id)).toEqual([`source-${written.indexOf(true)}`]);
    }),
  );

  test(
    `${kind}: alerts are asked for by cluster, open or lately ended`,
    on(open, async (store) => {
      const ended = (source: string, endedAt: number) => alertOf({ source, state: 'ended', endedAt });
      const old = ended('old', T0 + 1);
      const late = ended('late', T0 + HOUR);
      const back = alertOf({ source: 'back', endedAt: T0, refires: 1 });
      const seen = alertOf({ source: 'seen', state: 'acknowledged' });
      const other = alertOf({ cluster: 'staging' });
      await store.write(changeOf({ alerts: [old, late, back, seen] }));
      await store.write(changeOf({ cluster: 'staging', alerts: [other] }));
      const asked = async (cluster: string | null, endedSince: number) =>
        new Set((await store.alerts({ cluster, endedSince })).map(({ id }) => id));
      expect(await asked('prod', T0 + HOUR)).toEqual(new Set([late.id, back.id, seen.id]));
      expect(await asked('prod', T0 + HOUR + 1)).toEqual(new Set([back.id, seen.id]));
      expect(await asked(null, T0)).toEqual(new Set([old.id, late.id, back.id, seen.id, other.id]));
      expect(await asked('staging', 0)).toEqual(new Set([other.id]));
      expect(await asked('unknown', 0)).toEqual(new Set());
    }),
  );

  test(
    `${kind}: what is not there is null`,
    on(open, async (store) => {
      expect(await store.alert('none')).toBeNull();
      expect(await store.group('none')).toBeNull();
      expect(await store.head('none')).toBeNull();
      expect(await store.checkpoint('none')).toBeNull();
      expect(await store.place('none')).toBeNull();
      expect(await store.waiting()).toEqual({ count: 0, oldest: null });
    }),
  );

  test(
    `${kind}: a head goes its way without a reading, and stays where none is given`,
    on(open, async (store) => {
      expect(await store.write(changeOf({ head: headOf(1) }))).toBe(true);
      expect(await store.write(readingOf({ slot: T0 }))).toBe(true);
      expect(await store.head('prod')).toEqual(headOf(1));
      expect(await store.write(changeOf({ head: headOf(2, T0 + 1) }))).toBe(true);
      expect(await store.head('prod')).toEqual(headOf(2, T0 + 1));
      expect(await store.head('staging')).toBeNull();
      expect(await store.write(changeOf({ cluster: 'staging', head: headOf(1) }))).toBe(true);
      expect(await store.clusters()).toEqual(['prod', 'staging']);
    }),
  );

  test(
    `${kind}: a checkpoint of 200 sources comes back to the letter, and the next takes its place as a whole`,
    on(open, async (store) => {
      const first = checkpointOf({ at: T0, sources: 200 });
      await store.saveCheckpoint('prod', first);
      expect(await store.checkpoint('prod')).toEqual(first);
      const second = checkpointOf({ at: T0 + HOUR, sources: 3 });
      await store.saveCheckpoint('prod', second);
      expect(await store.checkpoint('prod')).toEqual(second);
      await store.saveCheckpoint('prod', first);
      expect(await store.checkpoint('prod'), 'an older one takes nobody’s place').toEqual(second);
      expect(await store.checkpoint('staging')).toBeNull();
    }),
  );

  test(
    `${kind}: a newer checkpoint gives way to an older one where that names it as of no use, and only once`,
    on(open, async (store) => {
      const useless = checkpointOf({ at: T0 + HOUR, sources: 3 });
      const [first, second] = [checkpointOf({ at: T0, sources: 2 }), checkpointOf({ at: T0 - HOUR, sources: 1 })];
      await store.saveCheckpoint('prod', useless);
      await store.saveCheckpoint('staging', useless);
      await store.saveCheckpoint('prod', { ...first, replaces: second.head });
      expect(await store.checkpoint('prod'), 'another was named').toEqual(useless);
      await store.saveCheckpoint('prod', { ...first, replaces: useless.head });
      expect(await store.checkpoint('prod')).toEqual(first);
      await store.saveCheckpoint('prod', { ...second, replaces: useless.head });
      expect(await store.checkpoint('prod'), 'it has given way already').toEqual(first);
      expect(await store.checkpoint('staging')).toEqual(useless);
    }),
  );

  test(
    `${kind}: a checkpoint that is read while another takes its place is one of the two, and whole`,
    on(open, async (store) => {
      const both = [checkpointOf({ at: T0, sources: 200 }), checkpointOf({ at: T0, sources: 150 })];
      for (let count = 0; count < 4; count++) {
        const [before, after] = both.map((one) => ({ ...one, at: T0 + count * HOUR }));
        if (before === undefined || after === undefined) throw new Error('there are two');
        await store.saveCheckpoint('prod', before);
        const next = { ...after, at: before.at + 1 };
        const [read] = await Promise.all([store.checkpoint('prod'), store.saveCheckpoint('prod', next)]);
        expect(read).toEqual(read?.at === next.at ? next : before);
      }
    }),
  );
}

function checkpointOf({ at, sources }: { readonly at: number; readonly sources: number }): Checkpoint {
  const numbers = Array.from({ length: 2_000 }, (_, index) => Math.fround(Math.sqrt(index + at)));
  return {
    at,
    head: JSON.stringify(headOf(1, at)),
    sources: Array.from({ length: sources }, (_, index) => ({
      id: `203.0.113.${index}/32 „ü“ 🦆`,
      json: JSON.stringify({ index, numbers }),
    })),
    nodes: [{ host: 'a.example:27017', json: '{"at":1}' }],
  };
}
