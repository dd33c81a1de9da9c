// Opens the file: checks it before any write, then keeps one connection with prepared statements.

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { NoHistoryError, UpstreamError } from '../../errors.ts';
import { type Lock, signHolder, takeLock } from './file-lock.ts';
import { corrupt, cutShort, foreign, isUnopenable, newer, older, replaced } from './problems.ts';
import { countIn, type SqlRow } from './rows.ts';
import { APPLICATION_ID, STEPS } from './schema.ts';

type Values = Readonly<Record<string, SQLInputValue>>;

export interface Database {
  get(sql: string, values?: Values): SqlRow | null;
  all(sql: string, values?: Values): readonly SqlRow[];
  /** @returns the number of changed rows */
  run(sql: string, values?: Values): number;
  /** Writes everything, or nothing if `work` throws. */
  together<Result>(work: () => Result): Result;
  close(): void;
}

export interface OpenInput {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly readOnly: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How long SQLite waits for a lock of another program. */
const BUSY_MS = 5_000;

/** @throws UpstreamError, NoHistoryError or errors of node:sqlite and node:fs, see `storeError` */
export function openDatabase({ file, readOnly, now }: OpenInput): Database {
  if (file === ':memory:') return connected(prepared(new DatabaseSync(file), { file, now }), UNGUARDED);
  if (readOnly) return connected(openedForReading(file), UNGUARDED);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = takeLock(file);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_MS });
    return connected(prepared(database, { file, now }), { lock, isThere: placeOf(file) });
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
}

function openedForReading(file: string): DatabaseSync {
  if (!existsSync(file)) throw missing(file);
  try {
    return checkedForReading(new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS }), file);
  } catch (error) {
    // Next to a writer, SQLite wants to write near the file. If nobody can write there and nobody has, the file is
    // complete.
    if (!isUnopenable(error) || existsSync(`${file}-wal`)) throw error;
    const url = pathToFileURL(file);
    url.searchParams.set('immutable', '1');
    return checkedForReading(new DatabaseSync(url, { readOnly: true }), file);
  }
}

function checkedForReading(database: DatabaseSync, file: string): DatabaseSync {
  try {
    const version = versionOf(database, file);
    // A bot that is just starting has created the file, without any content.
    if (version === 0) throw missing(file);
    if (version < STEPS.length) throw new UpstreamError(older(file));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function missing(file: string): NoHistoryError {
  return new NoHistoryError(
    `There is no history yet in ${file}.`,
    '`atlas-conns serve` and `atlas-conns watch` write it, a reading at a time; or let ATLAS_CONNS_DATA_DIR name the directory that it writes to.',
  );
}

function prepared(
  database: DatabaseSync,
  { file, now }: { readonly file: string; readonly now: number },
): DatabaseSync {
  const version = versionOf(database, file);
  if (version > 0) checkPages(database, file);
  database.exec('PRAGMA journal_mode = WAL');
  // A written decision survives a power loss.
  database.exec('PRAGMA synchronous = FULL');
  database.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT}`);
  migrate(database, version);
  signHolder(database, now);
  return database;
}

/** 0 for an empty file. */
function versionOf(database: DatabaseSync, file: string): number {
  const version = pragma(database, 'user_version');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (isEmpty && version === 0) return 0;
  if (pragma(database, 'application_id') !== APPLICATION_ID) throw new UpstreamError(foreign(file));
  if (version > STEPS.length) throw new UpstreamError(newer(file, { found: version, known: STEPS.length }));
  return version;
}

function checkPages(database: DatabaseSync, file: string): void {
  const [first] = database.prepare('PRAGMA quick_check(1)').all();
  if (first?.['quick_check'] !== 'ok') throw new UpstreamError(corrupt(file));
}

function migrate(database: DatabaseSync, version: number): void {
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue;
    database.exec(
      `BEGIN IMMEDIATE; ${step}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}; COMMIT`,
    );
  }
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return countIn(database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
}

/** Protects the file while it is open. */
interface Guard {
  readonly lock: Lock | null;
  /** Throws if the file is no longer the one that was opened. */
  readonly isThere: () => void;
}

/** For a store in memory or a read-only one: there is nothing to lose. */
const UNGUARDED: Guard = { lock: null, isThere: () => {} };

function connected(database: DatabaseSync, { lock, isThere }: Guard): Database {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  // Reading fails, too: an answer would make the store look available again. Checked once per transaction.
  const guarded = (sql: string): StatementSync => {
    if (!database.isTransaction) isThere();
    return statement(sql);
  };
  return {
    get: (sql, values = {}) => guarded(sql).get(values) ?? null,
    all: (sql, values = {}) => guarded(sql).all(values),
    run: (sql, values = {}) => Number(guarded(sql).run(values).changes),
    together: (work) => {
      guarded('BEGIN IMMEDIATE').run();
      try {
        const result = work();
        statement('COMMIT').run();
        return result;
      } catch (error) {
        // A full disk may have rolled it back already.
        if (database.isTransaction) statement('ROLLBACK').run();
        throw error;
      }
    },
    close: () => {
      database.close();
      lock?.release();
    },
  };
}

// Detects that the opened file was replaced or cut. SQLite keeps writing to a removed file, and uses stale cache pages
// of a truncated one.

/** SQLite truncates its log to this size when it restarts the log. It never truncates the database file itself. */
const LOG_LIMIT = 16_777_216;

/** @returns a check for each use of the open file: throws UpstreamError if it was removed, replaced or truncated */
function placeOf(file: string): () => void {
  const isSame = [watched(file, Number.POSITIVE_INFINITY), watched(`${file}-wal`, LOG_LIMIT)];
  let isCut = false;
  return () => {
    const found = isSame.map((check) => check());
    if (found.includes('another')) throw new UpstreamError(replaced(file));
    // New content in the file does not match the cache.
    isCut ||= found.includes('shorter') && !isWhole(file);
    if (isCut) throw new UpstreamError(cutShort(file));
  };
}

type Found = 'same' | 'another' | 'shorter';

/** @param limit SQLite itself may truncate the file to this size */
function watched(file: string, limit: number): () => Found {
  const opened = lookAt(file);
  let least = opened?.size ?? 0;
  return () => {
    const now = lookAt(file);
    if (opened === null || now === null) return 'same';
    // An emptied file starts a new history, as a removed one does. SQLite deletes the log next to it, so nothing opens
    // it.
    const isEmptied = now.size === 0 && opened.size > 0 && limit > LOG_LIMIT;
    if (now.identity !== opened.identity || isEmptied) return 'another';
    const isShorter = now.size < least;
    least = Math.min(now.size, limit);
    return isShorter ? 'shorter' : 'same';
  };
}

/**
 * True also after a checkpoint or VACUUM by another program, which truncates the file correctly. Reads past the cache.
 */
function isWhole(file: string): boolean {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const [version] = database.prepare('PRAGMA user_version').all();
      const [first] = database.prepare('PRAGMA quick_check(1)').all();
      return version?.['user_version'] !== 0 && first?.['quick_check'] === 'ok';
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

interface Look {
  readonly identity: string;
  readonly size: number;
}

/** Null if unknown: SQLite then reports the error itself. */
function lookAt(file: string): Look | null {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return { identity: 'gone', size: 0 };
    return { identity: `${found.dev} ${found.ino}`, size: Number(found.size) };
  } catch {
    return null;
  }
}
