// The embedded store among processes: one bot a file, readers beside it, and what a sudden end leaves behind.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { all } from './contract/fresh.ts';
import { changeOf, KEEP, MINUTE, messageOf, readingOf, T0 } from './sample.ts';
import { read, startWriter, type Writer } from './sqlite-process.ts';

const input = { keep: KEEP, now: () => new Date(T0) };
const everything = { cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER };
/** Someone who may not do what root may. */
const NOBODY = 65_534;
let directory: string;
let writers: Writer[];
const start = (readings: number | null) => {
  const writer = startWriter({ directory, readings });
  writers.push(writer);
  return writer;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-store-'));
  writers = [];
});

afterEach(async () => {
  for (const writer of writers) {
    writer.kill('SIGKILL');
    await writer.rest();
  }
  await rm(directory, { recursive: true });
});

test('a second bot on the same file is refused, in another process and in the same, and told who has it', async () => {
  const first = start(0);
  expect(await first.line()).toBe('open');
  const second = JSON.parse(await start(0).line());
  expect(second).toMatchObject({ code: 'store-held' });
  expect(second.text).toContain(`process ${first.pid} on `);
  expect(second.text).toContain(directory);
  await expect(openSqliteStore({ directory, ...input })).rejects.toMatchObject({ problem: { code: 'store-held' } });
  first.end();
  await first.rest();
  const store = await openSqliteStore({ directory, ...input });
  await expect(openSqliteStore({ directory, ...input })).rejects.toMatchObject({ problem: { code: 'store-held' } });
  expect(JSON.parse(await start(0).line()).text).toContain(`process ${process.pid} on `);
  await store.close();
});

test('the terminal reads while a bot writes, sees what was written since, and writes nothing', async () => {
  const writer = start(20);
  expect(await writer.line()).toBe('open');
  await writer.line();
  const reader = await openSqliteStore({ directory, ...input, readOnly: true });
  const seen = await all(reader.snapshots(everything));
  expect(seen.length).toBeGreaterThanOrEqual(1);
  for (let count = 1; count < 20; count++) await writer.line();
  expect(await all(reader.snapshots(everything))).toHaveLength(20);
  expect(await reader.alerts({ cluster: 'prod', endedSince: 0 })).toHaveLength(20);
  await expect(reader.write(readingOf({ slot: T0 - 1 }))).rejects.toMatchObject({
    problem: { code: 'store-read-only' },
  });
  writer.end();
  expect(await writer.rest()).toEqual([]);
  expect(await all(reader.snapshots(everything))).toHaveLength(20);
  await reader.close();
});

test('who may only read reads a history beside the bot, and one that no bot has open', async () => {
  await chmod(directory, 0o755);
  const uid = getuid?.() === 0 ? { uid: NOBODY } : {};
  const writer = start(3);
  for (const _ of ['open', 1, 2, 3]) await writer.line();
  expect(await read({ directory, ...uid })).toBe('3');
  writer.end();
  await writer.rest();
  if (getuid?.() !== 0) await chmod(directory, 0o555);
  expect(await read({ directory, ...uid })).toBe('3');
  await chmod(directory, 0o755);
});

test('a bot that is killed while it writes leaves all that it said it wrote, and nothing half', async () => {
  let written = 0;
  for (const lines of [1, 7, 30]) {
    const directoryOfTurn = await mkdtemp(join(directory, 'killed-'));
    const writer = startWriter({ directory: directoryOfTurn, readings: null });
    writers.push(writer);
    expect(await writer.line()).toBe('open');
    const slots: string[] = [];
    while (slots.length < lines) slots.push(await writer.line());
    writer.kill('SIGKILL');
    slots.push(...(await writer.rest()));
    written += slots.length;

    const store = await openSqliteStore({ directory: directoryOfTurn, ...input });
    const readings = (await all(store.snapshots(everything))).map(({ at }) => String(at - 1_000));
    expect(readings.slice(0, slots.length)).toEqual(slots);
    // At most the one that it could not tell of any more.
    expect(readings.length - slots.length).toBeLessThanOrEqual(1);
    expect(await store.alerts({ cluster: 'prod', endedSince: 0 })).toHaveLength(readings.length);
    expect((await store.waiting()).count).toBe(readings.length);
    await store.close();
    const file = new DatabaseSync(join(directoryOfTurn, 'atlas-conns.sqlite'), { readOnly: true });
    expect(file.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(file.prepare('SELECT count(*) AS count FROM figure').get()).toEqual({ count: 50 * readings.length });
    file.close();
  }
  expect(written).toBeGreaterThanOrEqual(38);
});

test('what a killed bot held is given out at once, in doubt; what it did not hold is in no doubt', async () => {
  const writer = startWriter({ directory, readings: 2, takes: true });
  writers.push(writer);
  for (const line of ['open', String(T0), String(T0 + MINUTE), 'taken']) expect(await writer.line()).toBe(line);
  writer.kill('SIGKILL');
  await writer.rest();

  const store = await openSqliteStore({ directory, ...input });
  await store.write(changeOf({ deliveries: [messageOf('untouched')] }));
  const now = T0 + MINUTE + 1;
  const taken = await store.take({ instance: 'next', now, leaseMs: MINUTE, limit: 100, refreshes: 100 });
  expect(taken.map(({ attempts, inDoubt }) => ({ attempts, inDoubt }))).toEqual([
    { attempts: 1, inDoubt: true },
    { attempts: 1, inDoubt: true },
    { attempts: 0, inDoubt: false },
  ]);
  // A bot that has the file keeps its holds.
  expect(await store.take({ instance: 'third', now, leaseMs: MINUTE, limit: 100, refreshes: 100 })).toEqual([]);
  await store.close();
});
