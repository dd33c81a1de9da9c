// Files that people name: those that were found, damaged as bytes, and their text in any parts.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readSaved } from '../../src/cluster/saved-dump.ts';
import { createScanner } from '../../src/cluster/scanner.ts';
import { UserError } from '../../src/errors.ts';
import { linesOf, piecesOf } from '../../src/files.ts';
import { type Target, target } from './target.ts';

const folder = new URL('../fixtures/found/', import.meta.url).pathname;
const FILES = ['dumps', 'replay'].flatMap((room) =>
  readdirSync(join(folder, room)).map((name) => readFileSync(join(folder, room, name))),
);
const plain = FILES.filter(([first]) => first !== 0x1f);

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.constantFrom(0, 0, 1, 7, 400),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom(
        '"',
        "'",
        '`',
        '{',
        '[',
        '}',
        ']',
        ',',
        '/*',
        '//',
        '\\',
        '... 3 more items',
        'new ',
        'f(',
        '\n> ',
        '\uFEFF',
        '$',
      )
      .map((text) => Buffer.from(text)),
  ),
});

const mutated = fc
  .tuple(fc.constantFrom(...FILES), fc.array(mutation, { maxLength: 4 }), fc.boolean())
  .map(([file, mutations, isPacked]) => {
    const bytes = mutations.reduce((now, { at, drop, put }) => {
      const start = Math.floor(at * now.length);
      return Buffer.concat([now.subarray(0, start), put, now.subarray(start + drop)]);
    }, file);
    return isPacked ? gzipSync(bytes) : bytes;
  });

const NAME = 'the-file.json';
const { signal } = new AbortController();

/** Null where it was refused by a sentence that names the file. */
function refusedByName(error: unknown): null {
  if (!(error instanceof UserError)) throw error;
  if (!error.message.includes(NAME) || error.remedy === '') throw new Error(`names no file: ${error.message}`);
  return null;
}

async function texts(bytes: Buffer): Promise<readonly string[] | null> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-fuzz-'));
  try {
    const path = join(directory, NAME);
    await writeFile(path, bytes);
    const pieces: string[] = [];
    for await (const piece of piecesOf(path, { signal, limit: 2 ** 20 })) pieces.push(piece);
    const lines: string[] = [];
    for await (const line of linesOf(path, { signal })) lines.push(line);
    if (lines.join('').length > pieces.join('').length) throw new Error('there is more in lines than in the text');
    return pieces;
  } catch (error) {
    return refusedByName(error);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const files = target({
  name: 'files of any bytes',
  share: 3,
  inputs: mutated,
  async check(bytes) {
    const pieces = await texts(bytes);
    if (pieces === null) return;
    const whole = await readSaved({ name: NAME, pieces }).catch(refusedByName);
    const text = pieces.join('');
    const size = 1 + (text.length % 97);
    const parted = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.slice(at * size, (at + 1) * size),
    );
    const again = await readSaved({ name: NAME, pieces: parted }).catch(refusedByName);
    if (JSON.stringify(whole) !== JSON.stringify(again)) throw new Error('parted otherwise, it is read otherwise');
  },
});

/** Repeated, a piece of a file must not take more looks at a character than its length explains. */
const growth = target({
  name: 'steps per character of dumps',
  share: 1,
  inputs: fc.record({
    file: fc.constantFrom(...plain),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
  }),
  async check({ file, at, length }) {
    const text = file.toString('utf8');
    const start = Math.floor(at * text.length);
    const head = text.slice(0, start);
    const unit = text.slice(start, start + length);
    const [few, many] = [looks(head + unit.repeat(100)), looks(head + unit.repeat(1_600))];
    if (many > 20 * few + 10_000) throw new Error(`16 times the text needs ${many} looks instead of ${few}`);
    await readSaved({ name: NAME, pieces: [head + unit.repeat(1_600)] }).catch(refusedByName);
  },
});

/** How often the scanner is asked to take a step, with its text in pieces of 64 characters. */
function looks(text: string): number {
  const scanner = createScanner(({ line }, what) => new UserError(`${NAME}, line ${line}: ${what}`, '-'));
  let steps = 0;
  const step = () => {
    steps++;
    if (Number.isNaN(scanner.space())) return false;
    const next = scanner.code();
    if (next === 34 || next === 39 || next === 96) scanner.quoted();
    else scanner.pass(1);
    return true;
  };
  try {
    for (let at = 0; at <= text.length; at += 64)
      if (scanner.feed(text.slice(at, at + 64), at + 64 > text.length)) scanner.run(step);
  } catch (error) {
    refusedByName(error);
  }
  return steps;
}

export const FILE_TARGETS: readonly Target[] = [files, growth];
