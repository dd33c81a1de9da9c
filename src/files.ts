// Reads files that a person names, as text: UTF-8 or UTF-16, plain or gzip, with a size limit. The signal stops it.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from './errors.ts';

export interface FileOptions {
  readonly signal: AbortSignal;
  /** The maximum number of characters. */
  readonly limit: number;
  /** How long a pipe may have no writer, in milliseconds. */
  readonly patience?: number;
}

const MIB = 2 ** 20;
/** For files written by hand: settings, rules and `.env`. */
export const SETTINGS_LIMIT = MIB;
/** For a line, with the blank lines before it. */
const LINE_LIMIT = 64 * MIB;
const CHUNK = 256 * 1024;
const PATIENCE = 5_000;

/** @throws UserError with the file's name and a remedy; its cause is the system's error, if there is one */
export async function readText(path: string, options: FileOptions): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of piecesOf(path, options)) pieces.push(piece);
  return pieces.join('');
}

/** Reads lines without their ends, so the file may be larger than memory. Throws as `readText` does. */
export async function* linesOf(path: string, { signal }: Pick<FileOptions, 'signal'>): AsyncIterable<string> {
  let begun: string[] = [];
  let number = 1;
  let length = 0;
  for await (const piece of piecesOf(path, { signal, limit: Number.POSITIVE_INFINITY })) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', start)) {
      // Joined files have a byte order mark at each joint.
      const line = [...begun, piece.slice(start, end)].join('').replace(/^\uFEFF|\r$/g, '');
      length = line.trim() === '' ? length + line.length + 1 : 0;
      yield line;
      begun = [];
      start = end + 1;
      number++;
    }
    begun.push(piece.slice(start));
    length += piece.length - start;
    if (length > LINE_LIMIT) {
      const text = `${path}, line ${number} has no end: it is longer than ${LINE_LIMIT / MIB} MiB, or all is blank there.`;
      throw new UserError(text, 'Expected a text file with one item a line.');
    }
  }
  if (begun.some((part) => part !== '')) yield begun.join('').replace(/^\uFEFF/, '');
}

/** Reads pieces in order. Throws as `readText` does. */
export async function* piecesOf(path: string, options: FileOptions): AsyncIterable<string> {
  const { signal, limit } = options;
  let length = 0;
  try {
    for await (const piece of decoded(path, bytesOf(path, options))) {
      signal.throwIfAborted();
      length += piece.length;
      if (length > limit)
        throw new UserError(
          `${path} is larger than ${Math.round(limit / MIB)} MiB.`,
          'Expected a smaller file: check its name.',
        );
      yield piece;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(path, cause);
  }
}

async function* decoded(path: string, bytes: AsyncGenerator<Buffer>): AsyncIterable<string> {
  let unpacked: AsyncGenerator<Buffer> | null = null;
  try {
    const head = await headOf(bytes);
    // RFC 1952.
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      yield* textOf(path, head, bytes);
      return;
    }
    unpacked = gunzipped(path, joined(head, bytes));
    yield* textOf(path, await headOf(unpacked), unpacked);
  } finally {
    await unpacked?.return(undefined);
    // Closes the file, whatever the error is.
    await bytes.return(undefined);
  }
}

async function* textOf(path: string, head: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = decoderOf(path, head);
  const first = decoder.write(head);
  yield first.startsWith('\uFEFF') ? first.slice(1) : first;
  for await (const chunk of rest) yield decoder.write(chunk);
  yield decoder.end();
}

interface Decoder {
  write(chunk: Buffer): string;
  end(): string;
}

/** Uses the byte order mark, or the zeros of the first character: these files start with ASCII. */
function decoderOf(path: string, head: Buffer): Decoder {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw new UserError(`${path} is UTF-32.`, 'Save it as UTF-8.');
  if ((a === 0xff && b === 0xfe) || (a !== 0 && a !== undefined && b === 0)) return new StringDecoder('utf16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && b !== undefined)) {
    const decoder = new TextDecoder('utf-16be', { ignoreBOM: true });
    return { write: (chunk) => decoder.decode(chunk, { stream: true }), end: () => decoder.decode() };
  }
  return new StringDecoder('utf8');
}

const HEAD = 4;

/** At least the bytes that show the encoding, or the whole file if it is shorter. */
async function headOf(bytes: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD) {
    const next = await bytes.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield head;
  yield* rest;
}

async function* gunzipped(path: string, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { createGunzip } = await import('node:zlib');
  const unpacked = createGunzip({ chunkSize: CHUNK });
  // The loop below throws the errors of this pipeline.
  pipeline(Readable.from(copied(packed), { objectMode: false }), unpacked).catch(() => undefined);
  try {
    yield* unpacked;
  } catch (cause) {
    const code = codeOf(cause);
    if (!code.startsWith('Z_')) throw cause;
    // A wrong header after a good start is other data after the end. Its code, Z_DATA_ERROR, is the same for any
    // damage. `rejectGarbageAfterEnd` has its own code, but also refuses a second gzip member.
    const hasMore = cause instanceof Error && cause.message === 'incorrect header check';
    const ending = hasMore ? 'has other data after its end' : code === 'Z_BUF_ERROR' ? 'is cut short' : 'is damaged';
    const remedy = 'Copy or create the file again, or unpack it with gunzip and give the result.';
    throw new UserError(`${path} is gzip and ${ending}.`, remedy, { cause });
  } finally {
    unpacked.destroy();
  }
}

async function* copied(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** A chunk is valid until the next one is requested. */
async function* bytesOf(path: string, options: FileOptions): AsyncGenerator<Buffer> {
  // Without O_NONBLOCK a pipe without a writer would block a thread, and no signal ends that. Windows has no such flag.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const about = await file.stat();
    if (about.isDirectory()) throw new UserError(`${path} is a directory.`, 'Give the path of a file in it.');
    if (about.isFIFO()) yield* pipedBytes(path, file, options);
    else if (about.isFile()) yield* fileBytes(path, file, about.size);
    // /dev/null is an empty file. Other devices have no end.
    else if ((await read(file, Buffer.alloc(1))) !== 0) {
      throw new UserError(`${path} is a device, not a file.`, 'Give the path of a file.');
    }
  } finally {
    await file.close();
  }
}

async function* fileBytes(path: string, file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let total = 0;
  for (;;) {
    const length = (await read(file, buffer)) ?? 0;
    if (length === 0) return;
    total += length;
    // System files, such as those of /proc, have no size.
    if (size > 0 && total > size)
      throw new UserError(`${path} grows while it is read.`, 'Wait until it is complete, or give a copy of it.');
    yield buffer.subarray(0, length);
  }
}

async function* pipedBytes(path: string, file: FileHandle, options: FileOptions): AsyncGenerator<Buffer> {
  const { signal, patience = PATIENCE } = options;
  const buffer = Buffer.allocUnsafe(CHUNK);
  let hasWriter = false;
  let pause = 1;
  for (let waited = 0; ; ) {
    const length = await read(file, buffer);
    if (length === null || length > 0) hasWriter = true;
    if (length !== null && length > 0) {
      yield buffer.subarray(0, length);
      pause = 1;
      continue;
    }
    if (length === 0 && hasWriter) return;
    if (!hasWriter && waited >= patience) {
      const remedy = 'Start the command that writes to it first, or give a file.';
      throw new UserError(`${path} is a pipe, but nothing writes to it.`, remedy);
    }
    await sleep(pause, undefined, { signal });
    waited += pause;
    pause = Math.min(2 * pause, 20);
  }
}

/** Null when there is no data yet. */
async function read(file: FileHandle, buffer: Buffer): Promise<number | null> {
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return null;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

function unreadable(path: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause;
  const code = codeOf(cause);
  if (code === 'ENOENT') return new UserError(`There is no file ${path}.`, 'Check its name.', { cause });
  return new UserError(`${path} cannot be read (${code}).`, 'Check its path and permissions.', { cause });
}
