// What can be wrong with the file of the embedded store: said in sentences, and nothing overwritten.

import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explain, UserError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { all } from './contract/fresh.ts';
import { alertOf, headOf, KEEP, MINUTE, messageOf, readingOf, silenceOf, T0 } from './sample.ts';
import { startWriter } from './sqlite-process.ts';

const input = { keep: KEEP, now: () => new Date(T0) };
const everything = { cluster: null, after: 0, until: Number.MAX_SAFE_INTEGER };
/** Someone who may not do what root may. */
const NOBODY = 65_534;
let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-store-'));
  file = join(directory, 'atlas-conns.sqlite');
});

afterEach(() => rm(directory, { recursive: true }));

async function withReadings(count: number): Promise<void> {
  const store = await openSqliteStore({ directory, ...input });
  const holding = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`source-${index}`, [1, 1] as const]));
  for (let index = 0; index < count; index++) await store.write(readingOf({ slot: T0 + index * MINUTE, holding }));
  await store.close();
}

async function refusal(options: { readonly directory?: string; readonly readOnly?: boolean } = {}) {
  try {
    await (await openSqliteStore({ directory, ...input, ...options })).close();
  } catch (error) {
    return explain(error, 'unknown');
  }
  throw new Error('it was opened');
}

test('the directory is made', async () => {
  const deep = join(directory, 'a', 'b');
  const store = await openSqliteStore({ directory: deep, ...input });
  expect(store.about).toEqual({ kind: 'sqlite', where: join(deep, 'atlas-conns.sqlite') });
  await store.close();
});

const damages: Readonly<Record<string, (whole: Buffer) => Buffer>> = {
  'text in place of a file': () => Buffer.from('this is no store\n'.repeat(200)),
  'a file cut in half': (whole) => whole.subarray(0, Math.floor(whole.length / 2 / 4096) * 4096),
  'pages of noise': (whole) => Buffer.concat([whole.subarray(0, 8_192), Buffer.alloc(whole.length - 8_192, 0xa5)]),
};

test.each(Object.entries(damages))('%s is refused by name, and left as it is', async (_, damage) => {
  await withReadings(40);
  const damaged = damage(await readFile(file));
  await writeFile(file, damaged);
  const problem = await refusal();
  expect(problem.code).toBe('store-corrupt');
  expect(problem.text).toContain(file);
  expect(problem.remedy).toMatch(/move it away/i);
  expect((await readFile(file)).equals(damaged)).toBe(true);
});

test('a checkpoint that is damaged inside is said to be, and the next takes its place', async () => {
  const store = await openSqliteStore({ directory, ...input });
  const checkpoint = { at: T0, head: '{}', sources: [{ id: 'a', json: '1' }], nodes: [] };
  for (const part of ['checkpoint_piece SET body', 'checkpoint SET head']) {
    await store.saveCheckpoint('prod', checkpoint);
    const database = new DatabaseSync(file);
    database.exec(`UPDATE ${part} = X'00'`);
    database.close();
    await expect(store.checkpoint('prod')).rejects.toMatchObject({ problem: { code: 'store-damaged' } });
  }
  await store.saveCheckpoint('prod', checkpoint);
  expect(await store.checkpoint('prod')).toEqual(checkpoint);
  await store.close();
});

test('a file of a later version is refused, and left as it is', async () => {
  await withReadings(1);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const before = await readFile(file);
  for (const readOnly of [false, true]) {
    const problem = await refusal({ readOnly });
    expect(problem.code).toBe('store-newer');
    expect(problem.text).toMatch(/later version of atlas-conns \(format 99, this one knows \d+\)/);
  }
  expect((await readFile(file)).equals(before)).toBe(true);
});

test("another program's SQLite file is refused, and left as it is", async () => {
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE orders (id INTEGER)');
  database.close();
  const before = await readFile(file);
  for (const readOnly of [false, true]) expect(await refusal({ readOnly })).toMatchObject({ code: 'store-foreign' });
  expect((await readFile(file)).equals(before)).toBe(true);
});

test('where there is no file the terminal says so, and makes none', async () => {
  await expect(openSqliteStore({ directory, ...input, readOnly: true })).rejects.toThrow(UserError);
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a directory whose name a file has is named', async () => {
  await writeFile(join(directory, 'taken'), '');
  const problem = await refusal({ directory: join(directory, 'taken') });
  expect(problem).toMatchObject({ code: 'store-cannot-open' });
  expect(problem.text).toContain(join(directory, 'taken'));
});

test('a directory or file that may not be written is named', async () => {
  const isRoot = getuid?.() === 0;
  const uid = isRoot ? { uid: NOBODY } : {};
  await chmod(directory, 0o755);
  const closed = join(directory, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o555);
  const [line = ''] = await startWriter({ directory: closed, readings: 1, ...uid }).rest();
  expect(JSON.parse(line)).toMatchObject({ code: 'store-cannot-open', text: expect.stringContaining(closed) });

  await withReadings(1);
  await chmod(file, 0o444);
  if (isRoot) await chown(directory, NOBODY, NOBODY);
  await rm(`${file}.lock`);
  const [other = ''] = await startWriter({ directory, readings: 1, ...uid }).rest();
  expect(JSON.parse(other)).toMatchObject({ code: 'store-read-only', text: expect.stringContaining(file) });
});

test('where no more can be written a write is refused with a sentence, and what was written before stays', async () => {
  const writer = startWriter({ directory, readings: 10_000, largestFile: 4_001 });
  const lines = await writer.rest();
  const slots = lines.slice(1, -1);
  expect(['store-full', 'store-unwritable']).toContain(JSON.parse(lines.at(-1) ?? '').code);
  expect(slots.length).toBeGreaterThan(5);
  const store = await openSqliteStore({ directory, ...input });
  const readings = await all(store.snapshots(everything));
  expect(readings.map(({ at }) => String(at - 1_000))).toEqual(slots);
  expect(await store.write(readingOf({ slot: T0 - MINUTE }))).toBe(true);
  await store.close();
});

test('a thread that ends lets nobody wait, and the next call has another; one that ends at once again is not followed', async () => {
  const workers: Worker[] = [];
  const seen = (worker: Worker) => void workers.push(worker);
  process.on('worker', seen);
  const store = await openSqliteStore({ directory, ...input });
  expect(workers).toHaveLength(1);
  await store.write(readingOf({ slot: T0 }));
  const asked = [store.clusters(), store.waiting()];
  const answers = Promise.allSettled(asked);
  await workers[0]?.terminate();
  for (const answer of await answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ problem: { code: 'store-thread-ended' } });
  expect(await Promise.all([store.clusters(), store.clusters()])).toEqual([['prod'], ['prod']]);
  expect(workers).toHaveLength(2);
  await workers[1]?.terminate();
  await expect(store.clusters()).rejects.toMatchObject({ problem: { code: 'store-thread-ended' } });
  expect(workers).toHaveLength(2);
  process.off('worker', seen);
  await store.close();
  const again = await openSqliteStore({ directory, ...input });
  expect(await again.clusters()).toEqual(['prod']);
  await again.close();
  await again.close();
  await expect(again.clusters()).rejects.toMatchObject({ problem: { code: 'store-closed' } });
});

test('a damaged record is named by its kind and id, and the bot can read the others', async () => {
  const [broken, whole] = [alertOf({ source: 'broken' }), alertOf({ source: 'whole' })];
  const group = { id: 'group-1', version: 1, cluster: 'prod', since: T0, lead: null, alerts: [whole.id], cause: null };
  const [silence, message] = [silenceOf(), messageOf(whole.id)];
  const store = await openSqliteStore({ directory, ...input });
  const records = { alerts: [broken, whole], groups: [group], silences: [silence], deliveries: [message] };
  expect(await store.write(readingOf({ slot: T0 }, { head: headOf(1), ...records }))).toBe(true);
  const database = new DatabaseSync(file);
  database.exec(`UPDATE alert SET body = json_set(body, '$.handling', 'Anna') WHERE id = '${broken.id}'`);
  database.exec(`UPDATE alert_group SET body = json_remove(body, '$.since')`);
  database.exec(`UPDATE silence SET body = 'null'`);
  database.exec(`UPDATE delivery SET body = json_set(body, '$.kind', 'telegram')`);
  database.exec(`UPDATE cluster SET head = substr(head, 2)`);
  database.exec(`UPDATE snapshot SET body = X'00'`);
  database.close();
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    [`an alert (${broken.id})`]: () => store.alert(broken.id),
    [`a group of alerts (${group.id})`]: () => store.group(group.id),
    [`a silence (${silence.id})`]: () => store.silences(),
    [`a delivery (${message.id})`]: () =>
      store.take({ instance: 'A', now: T0, leaseMs: 1_000, limit: 9, refreshes: 9 }),
    'the state (prod)': () => store.head('prod'),
    'a reading of 2026-11-02T10:00:01.000Z': () => all(store.snapshots(everything)),
  };
  for (const [name, read] of Object.entries(reads)) {
    const text = `The store holds ${name} that can no longer be read.`;
    await expect(read(), name).rejects.toMatchObject({ problem: { code: 'store-damaged', text } });
  }
  expect(await store.alert(whole.id)).toEqual(whole);
  await store.close();
});
