// What the terminal asks of a store: sources by size, alerts by state, clusters by name.

import { expect, onTestFinished, test } from 'vitest';
import { alertBoard, history, storedCluster } from '../../../src/app/commands/history.ts';
import { useOf } from '../../../src/app/monitor/history.ts';
import { findKnown } from '../../../src/cli/report.ts';
import type { KnownSource } from '../../../src/core/connections/source.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UserError } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { snapshotsUntil, writeHistory } from '../../e2e/stored-history.ts';
import { alertOf, changeOf, readingOf, silenceOf } from '../../store/sample.ts';
import { DAY, HOUR, MINUTE, never } from '../monitor/scene.ts';

const NOW = Date.parse('2026-11-21T10:02:30Z');

async function opened(): Promise<Store> {
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  const store = await openSqliteStore({ directory: ':memory:', keep, now: () => new Date(NOW) });
  onTestFinished(() => store.close());
  return store;
}

const ASKED = {
  ...{ book: DEFAULT_BOOK, defaultCluster: null, now: new Date(NOW), signal: never },
  ...{ cluster: null, source: null, word: null },
  find: (typed: string, known: readonly KnownSource[], cluster: string) => findKnown(known, cluster, typed),
};

test('the cluster comes first and then its sources, largest first', async () => {
  const store = await opened();
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.1 }));
  const query = { ...ASKED, store };
  const all = await history({ ...query, window: HOUR });
  expect(all.map(({ source }) => source?.id ?? null)).toEqual([
    null,
    '10.40.0.0/16',
    '203.0.113.0/26',
    '192.0.2.16/28',
  ]);
  const [cluster, ...sources] = all;
  expect(cluster?.now?.dormant).toBe(sources.reduce((sum, { now }) => sum + (now?.dormant ?? 0), 0));
  const one = await history({ ...query, source: '10.40.0.0/16', window: HOUR });
  expect(one).toHaveLength(1);
});

test('a word alone is a cluster, or a source of the default cluster, or of the only cluster that has it', async () => {
  const store = await opened();
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.01 }, 'prod'));
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.01 }, 'stage'));
  await store.write(readingOf({ cluster: 'stage', slot: NOW, holding: { '198.51.100.9': [1, 2] } }));
  const ask = async (asked: { word?: string; cluster?: string; source?: string; defaultCluster?: string }) => {
    const [first] = await history({ ...ASKED, ...asked, store, window: HOUR });
    return `${first?.cluster} ${first?.source?.id ?? '-'}`;
  };
  expect(await ask({ word: 'STAGE' })).toBe('stage -');
  expect(await ask({ word: '198.51.100.9' })).toBe('stage 198.51.100.9');
  expect(await ask({ word: '10.40.0.0/16', defaultCluster: 'prod' })).toBe('prod 10.40.0.0/16');
  expect(await ask({ cluster: 'prod', source: '10.40.0.0/16' })).toBe('prod 10.40.0.0/16');
  const refused = (asked: Parameters<typeof ask>[0]) =>
    ask(asked).catch(({ message, remedy }) => `${message} ${remedy}`);
  expect(await refused({ word: '10.40.0.0/16' })).toBe(
    '"10.40.0.0/16" is in the history of prod and stage. Name the cluster first: atlas-conns history prod "10.40.0.0/16".',
  );
  expect(await refused({ word: 'stagge' })).toBe(
    'No cluster and no source "stagge" is in the history. Did you mean the cluster stage?',
  );
  expect(await refused({ word: 'zzzzzzzz' })).toBe(
    'No cluster and no source "zzzzzzzz" is in the history. There is a history of prod and stage.',
  );
  expect(await refused({ word: '198.51.100.9', defaultCluster: 'prod' })).toContain(
    'No source "198.51.100.9" is in the history of prod.',
  );
});

test('the use of entries is known from the history: since when, and whether each of nine days has a whole reading', async () => {
  const store = await opened();
  expect(await useOf(store, 'prod', NOW)).toEqual({ sources: [], since: null, isLong: false });
  const days = async (cluster: string, ago: readonly number[], complete = true) => {
    for (const day of ago) {
      const slot = NOW - day * DAY - HOUR;
      await store.write(readingOf({ cluster, slot, complete, holding: { '203.0.113.0/24': [1, 2] } }));
    }
    const { since, isLong } = await useOf(store, cluster, NOW);
    return { since: since === null ? null : Math.round((NOW - since) / DAY), isLong };
  };
  expect(await days('eight', [7, 6, 5, 4, 3, 2, 1, 0])).toEqual({ since: 7, isLong: false });
  expect(await days('nine', [8, 7, 6, 5, 4, 3, 2, 1, 0])).toEqual({ since: 8, isLong: true });
  expect(await days('a gap', [20, 8, 7, 6, 5, 3, 2, 1, 0])).toEqual({ since: 20, isLong: false });
  expect(await days('in part', [8, 7, 6, 5, 4, 3, 2, 1, 0], false)).toEqual({ since: 8, isLong: false });
});

test('what is asked for writes nothing, however much of the history has to be judged for it', async () => {
  const given = await opened();
  const snapshots = snapshotsUntil(NOW, { days: 1 });
  expect(snapshots.length).toBeGreaterThan(250);
  await writeHistory(given, snapshots);
  const written: unknown[] = [];
  const saveCheckpoint = async (...asked: unknown[]) => void written.push(asked);
  const store: Store = { ...given, checkpoint: async () => null, saveCheckpoint };
  const query = { ...ASKED, store };
  const [whole] = await history({ ...query, window: HOUR });
  expect(whole?.now?.dormant).toBeGreaterThan(0);
  expect(written).toEqual([]);
});

test('a cluster is found by its name in any case, by the settings, or because it is the only one', async () => {
  const store = await opened();
  await expect(storedCluster(store, null)).rejects.toThrow('There is no history in :memory: yet.');
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.01 }, 'prod'));
  expect(await storedCluster(store, null)).toBe('prod');
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.01 }, 'stage'));
  expect(await storedCluster(store, 'PROD')).toBe('prod');
  expect(await storedCluster(store, null, 'stage')).toBe('stage');
  await expect(storedCluster(store, null)).rejects.toThrow('Which cluster?');
  await expect(storedCluster(store, 'prdo')).rejects.toMatchObject({
    remedy: 'Did you mean prod? There is a history of prod, stage.',
  });
});

test('alerts are the open ones, firing first, with the silences in force and how old the last reading is', async () => {
  const store = await opened();
  await writeHistory(store, snapshotsUntil(NOW, { days: 0.01 }));
  const since = NOW - HOUR;
  const alerts = [
    alertOf({ since, source: 'silenced', state: 'silenced' }),
    alertOf({ since, source: 'old' }),
    alertOf({ since: since + MINUTE, source: 'new' }),
    alertOf({ since, source: 'over', state: 'ended', endedAt: NOW - MINUTE }),
    alertOf({ since, source: 'seen', state: 'acknowledged' }),
  ];
  const silences = [
    silenceOf({ id: 'here', until: NOW + HOUR }),
    silenceOf({ id: 'all', cluster: null, until: NOW + HOUR }),
    silenceOf({ id: 'elsewhere', cluster: 'stage', until: NOW + HOUR }),
    silenceOf({ id: 'over', until: NOW - MINUTE }),
  ];
  expect(await store.write(changeOf({ alerts, silences }))).toBe(true);
  const board = await alertBoard(store, 'PROD', new Date(NOW));
  expect(board.alerts.map(({ source }) => source)).toEqual(['new', 'old', 'seen', 'silenced']);
  expect(board.silences.map(({ id }) => id).toSorted()).toEqual(['all', 'here']);
  expect(board).toMatchObject({ at: NOW, clusters: [{ name: 'prod', lastReading: NOW - 150_000 }] });
  expect((await alertBoard(store, null, new Date(NOW))).silences.map(({ id }) => id)).toContain('elsewhere');
  await expect(alertBoard(store, 'prdo', new Date(NOW))).rejects.toThrow(UserError);
});
