// The files that people name: every encoding, never endless, and left at once when the signal says so.

import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '../src/errors.ts';
import { linesOf, piecesOf, readText } from '../src/files.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-files-'));
});
afterAll(() => rm(directory, { recursive: true }));

const { signal } = new AbortController();
const limit = 2 ** 20;
let files = 0;

async function written(bytes: Uint8Array | string): Promise<string> {
  const path = join(directory, `${++files}.json`);
  await writeFile(path, bytes);
  return path;
}

function pipe(): string {
  const path = join(directory, `${++files}.pipe`);
  execFileSync('mkfifo', [path]);
  return path;
}

async function said(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${error}`);
  expect(error.remedy).not.toBe('');
  return error.message;
}

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

const TEXT = '[{"name":"Zürich 🏔"},\r\n 1]\n';
const little = Buffer.from(TEXT, 'utf16le');
const big = Buffer.from(little).swap16();
const utf8 = Buffer.from(TEXT);
const bom = Buffer.from('\uFEFF');

test.each([
  ['UTF-8', utf8],
  ['UTF-8 with a byte order mark', Buffer.concat([bom, utf8])],
  ['UTF-16 LE', little],
  ['UTF-16 LE with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
  ['UTF-16 BE', big],
  ['UTF-16 BE with a byte order mark', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
])('%s, plain and in gzip of one part or several', async (_, bytes) => {
  const [first, second] = [bytes.subarray(0, 9), bytes.subarray(9)];
  for (const file of [bytes, gzipSync(bytes), Buffer.concat([gzipSync(first), gzipSync(second)])]) {
    const path = await written(file);
    expect(await readText(path, { signal, limit })).toBe(TEXT);
    expect(await all(linesOf(path, { signal }))).toEqual(['[{"name":"Zürich 🏔"},', ' 1]']);
  }
});

test('characters that two chunks share, short files and files without a last line end are whole', async () => {
  for (const text of ['', 'a', '[]', `x${'ü🏔'.repeat(100_000)}`]) {
    for (const encoding of ['utf8', 'utf16le'] as const) {
      const path = await written(gzipSync(Buffer.from(text, encoding)));
      expect(await readText(path, { signal, limit })).toBe(text);
      expect((await all(linesOf(path, { signal }))).join('')).toBe(text);
    }
  }
});

const packed = gzipSync(Buffer.from('x'.repeat(5_000)));
test.each([
  ['is gzip and is cut short', packed.subarray(0, -9)],
  ['is gzip and is cut short', packed.subarray(0, 3)],
  ['is gzip and has other data after its end', Buffer.concat([packed, Buffer.from('xyz')])],
  ['is gzip and is damaged', Buffer.concat([packed.subarray(0, 12), Buffer.alloc(9, 7), packed.subarray(20)])],
  ['is UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0])],
  ['is larger than 1 MiB', gzipSync(Buffer.alloc(5_000_000, 32))],
  ['is larger than 1 MiB', Buffer.alloc(2_000_000, 32)],
])('%s: a sentence that names the file', async (what, bytes) => {
  const path = await written(bytes);
  expect(await said(readText(path, { signal, limit }))).toBe(`${path} ${what}.`);
});

test('a path that is not a file is reported, with what to do', async () => {
  expect(await said(readText('/dev/zero', { signal, limit }))).toBe('/dev/zero is a device, not a file.');
  expect(await said(readText('/dev/urandom', { signal, limit }))).toContain('is a device');
  expect(await said(readText(directory, { signal, limit }))).toBe(`${directory} is a directory.`);
  const nowhere = join(directory, 'nowhere');
  expect(await said(readText(nowhere, { signal, limit }))).toBe(`There is no file ${nowhere}.`);
  expect(await said(readText(join(await written(''), 'x'), { signal, limit }))).toContain('cannot be read (ENOTDIR)');
  expect(await said(all(linesOf('/dev/zero', { signal })))).toContain('is a device');
  expect(await readText('/dev/null', { signal, limit })).toBe('');
});

test('a byte order mark is no part of a line, wherever files were joined', async () => {
  const path = await written('\uFEFF{}\n\uFEFF[]\n\uFEFF1');
  expect(await all(linesOf(path, { signal }))).toEqual(['{}', '[]', '1']);
});

test('a line without an end is a sentence with its number', async () => {
  const path = await written(gzipSync(Buffer.concat([Buffer.from('{}\n'), Buffer.alloc(70 * 2 ** 20, 0x78)])));
  expect(await said(all(linesOf(path, { signal })))).toMatch(/, line 2 has no end: it is longer than 64 MiB/);
});

test('a file that grows while it is read is not read for ever', async () => {
  const path = await written('x'.repeat(1_000));
  const read = async () => {
    for await (const _ of piecesOf(path, { signal, limit: Number.POSITIVE_INFINITY })) await appendFile(path, 'more');
  };
  expect(await said(read())).toBe(`${path} grows while it is read.`);
});

test('a pipe is read as it is written, and a wait for a writer ends in time', async () => {
  const path = pipe();
  const reading = readText(path, { signal, limit, patience: 60_000 });
  const writer = await open(path, 'w');
  for (const part of ['[1,', '2', ']']) await writer.write(part);
  await writer.close();
  expect(await reading).toBe('[1,2]');
  expect(await said(readText(pipe(), { signal, limit, patience: 5 }))).toMatch(
    /is a pipe, but nothing writes to it\.$/,
  );
});

test('the signal ends the wait for a pipe, and a file in between', async () => {
  const waiting = new AbortController();
  const reading = readText(pipe(), { signal: waiting.signal, limit, patience: 600_000 });
  setTimeout(() => waiting.abort(), 20);
  await expect(reading).rejects.toThrow(/abort/);
  const between = new AbortController();
  const path = await written(gzipSync(Buffer.alloc(3 * 2 ** 20, 10)));
  const lines = async () => {
    for await (const _ of linesOf(path, { signal: between.signal })) between.abort();
  };
  await expect(lines()).rejects.toThrow(/abort/);
});
