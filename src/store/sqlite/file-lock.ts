// Allows one bot per file, by a lock of the operating system. The lock ends with the process in every case.

import { hostname } from 'node:os';
import { pid } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { isBusy } from './problems.ts';
import { countIn, textIn } from './rows.ts';

export interface Lock {
  release(): void;
}

/**
 * Locks a separate file: SQLite's locks on the store itself are short, and must allow readers.
 *
 * @throws UpstreamError naming the process that has it
 */
export function takeLock(file: string): Lock {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    // Nothing is written to the lock file: it stays empty, without a journal, and the transaction stays open.
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock.close();
    throw isBusy(error) ? new UpstreamError(lockedBy(file), { cause: error }) : error;
  }
  return { release: () => lock.close() };
}

/** Records which process has the file, for the error of the next one. */
export function signHolder(database: DatabaseSync, since: number): void {
  database.exec('DELETE FROM holder');
  database.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(pid, hostname(), since);
}

function lockedBy(file: string): Problem {
  return {
    code: 'store-held',
    text: `Another bot has the store ${file} open: ${holderOf(file) ?? UNKNOWN}.`,
    remedy:
      'Stop it, or give this one another directory (ATLAS_CONNS_DATA_DIR). Replicas share a history in MongoDB: set ANALYSIS_URI.',
  };
}

/** E.g. `process 12 on host, since 2026-11-21T10:00:00.000Z`; null if the process has not recorded itself. */
export function holderOf(file: string): string | null {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
    try {
      const row = database.prepare('SELECT pid, host, since FROM holder').get();
      if (row === undefined) return null;
      const since = new Date(countIn(row, 'since')).toISOString();
      return `process ${countIn(row, 'pid')} on ${textIn(row, 'host')}, since ${since}`;
    } finally {
      database.close();
    }
  } catch {
    // The other process just started, or another program made the file. The lock itself is certain.
    return null;
  }
}

const UNKNOWN = 'a process that has not said which it is';
