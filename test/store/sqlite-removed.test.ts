// The file of the embedded store is taken away, or changed for another, while the bot has it open.

import { cp, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/core/ports/store.ts';
import { explain } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { all } from './contract/fresh.ts';
import { KEEP, MINUTE, readingOf, T0 } from './sample.ts';

const FILE = 'atlas-conns.sqlite';
const reading = (index: number) => readingOf({ slot: T0 + index * MINUTE, holding: { app: [1, 1] } });
const everything = { cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER };

async function opened(): Promise<{ readonly store: Store; readonly directory: string }> {
  const root = await mkdtemp(join(tmpdir(), 'atlas-conns-removed-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const directory = join(root, 'data');
  const store = await openSqliteStore({ directory, keep: KEEP, now: () => new Date(T0) });
  onTestFinished(() => store.close());
  expect(await store.write(reading(0))).toBe(true);
  return { store, directory };
}

async function refusal(asked: Promise<unknown>) {
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) throw new Error('it was answered');
  return explain(error, 'unknown');
}

test('a directory that was removed is said to be gone by all that writes and reads, with what to do', async () => {
  const { store, directory } = await opened();
  await rm(directory, { recursive: true });
  const problem = {
    code: 'store-replaced',
    text: `The store ${join(directory, FILE)} was removed or replaced while the bot had it open. Nothing more is written.`,
    remedy: 'Put the file back if you have it, then restart the bot.',
  };
  expect(await refusal(store.write(reading(1)))).toEqual(problem);
  expect(await refusal(store.claim({ cluster: 'prod', slot: T0, instance: 'ABC12' }))).toEqual(problem);
  expect(await refusal(store.waiting())).toEqual(problem);
});

test('another file in its place is not taken for it, even a copy', async () => {
  const { store, directory } = await opened();
  await rename(directory, `${directory}-away`);
  await mkdir(directory);
  await cp(join(`${directory}-away`, FILE), join(directory, FILE));
  expect(await refusal(store.write(reading(1)))).toMatchObject({ code: 'store-replaced' });
});

test('the very file put back is used on', async () => {
  const { store, directory } = await opened();
  await rename(directory, `${directory}-away`);
  expect(await refusal(store.write(reading(1)))).toMatchObject({ code: 'store-replaced' });
  await rename(`${directory}-away`, directory);
  expect(await store.write(reading(1))).toBe(true);
  expect(await all(store.snapshots(everything))).toHaveLength(2);
});

/** With pages in the file and in its log. */
async function grown(): Promise<{ readonly store: Store; readonly directory: string }> {
  const { store, directory } = await opened();
  for (let index = 1; index < 40; index++) await store.write(reading(index));
  await store.close();
  const again = await openSqliteStore({ directory, keep: KEEP, now: () => new Date(T0) });
  onTestFinished(() => again.close());
  await again.write(reading(40));
  return { store: again, directory };
}

test.each([
  ['truncated', (file: string) => truncate(file, 4_096), 'store-cut-short'],
  ['overwritten', (file: string) => writeFile(file, 'garbage'), 'store-cut-short'],
  ['truncated to nothing', (file: string) => truncate(file, 0), 'store-replaced'],
  ['left without its log', (file: string) => rm(`${file}-wal`), 'store-replaced'],
  ['left with an empty log', (file: string) => truncate(`${file}-wal`, 0), 'store-cut-short'],
] as const)('a file that is %s under the bot is not written or read any more', async (_, harm, code) => {
  const { store, directory } = await grown();
  await harm(join(directory, FILE));
  expect(await refusal(store.waiting())).toMatchObject({ code });
  expect(await refusal(store.write(reading(41)))).toMatchObject({ code });
});

test('another program that tidies the file up rightly does not take it away', async () => {
  const { store, directory } = await grown();
  const shell = new DatabaseSync(join(directory, FILE));
  shell.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  shell.close();
  expect(await store.write(reading(41))).toBe(true);
  expect(await all(store.snapshots(everything))).toHaveLength(42);
});
