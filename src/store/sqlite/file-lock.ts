// One bot a file: a lock of the operating system, which ends with the process however it ends.

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
 * Held on a file of its own: SQLite's locks on the store itself are short, and must let readers in.
 *
 * @throws UpstreamError naming who has it
 */
export function takeLock(file: string): Lock {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    // Nothing is ever written to it: it stays empty, without a journal beside it, and the transaction stays open.
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock.close();
    throw isBusy(error) ? new UpstreamError(lockedBy(file), { cause: error }) : error;
  }
  return { release: () => lock.close() };
}

/** Writes down who has the file, for the sentence that the next one gets. */
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

/** E.g. `process 12 on host, since 2026-11-21T10:00:00.000Z`; null where it has not said which it is. */
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
    // It only began, or the file is of another making: that somebody has it is known all the same.
    return null;
  }
}

const UNKNOWN = 'a process that has not said which it is';
