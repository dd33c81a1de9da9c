// The file that was opened, told from what is now where it was: SQLite writes on into one that was removed, and goes on
// from its cache with one that was cut short.

import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { UpstreamError } from '../../errors.ts';
import { cutShort, replaced } from './problems.ts';

/** SQLite cuts its log down to this when it begins it again, and never cuts the file itself. */
export const LOG_LIMIT = 16_777_216;

/** @returns asked before each use of the open file: throws UpstreamError where it was removed, replaced or cut short */
export function placeOf(file: string): () => void {
  const isSame = [watched(file, Number.POSITIVE_INFINITY), watched(`${file}-wal`, LOG_LIMIT)];
  let isCut = false;
  return () => {
    const found = isSame.map((look) => look());
    if (found.includes('another')) throw new UpstreamError(replaced(file));
    // What is written into it again is not what the cache goes on from.
    isCut ||= found.includes('shorter') && !isWhole(file);
    if (isCut) throw new UpstreamError(cutShort(file));
  };
}

type Found = 'same' | 'another' | 'shorter';

/** @param limit SQLite itself may cut it down to this */
function watched(file: string, limit: number): () => Found {
  const opened = lookAt(file);
  let least = opened?.size ?? 0;
  return () => {
    const now = lookAt(file);
    if (opened === null || now === null) return 'same';
    // An emptied file begins a new history, as a removed one does. SQLite deletes the log beside it, so nothing opens it.
    const isEmptied = now.size === 0 && opened.size > 0 && limit > LOG_LIMIT;
    if (now.identity !== opened.identity || isEmptied) return 'another';
    const isShorter = now.size < least;
    least = Math.min(now.size, limit);
    return isShorter ? 'shorter' : 'same';
  };
}

/** Also after a checkpoint or a VACUUM by another program, which cut a file rightly. Asks past the cache. */
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

/** Null where that cannot be told: then SQLite itself says what is wrong. */
function lookAt(file: string): Look | null {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return { identity: 'gone', size: 0 };
    return { identity: `${found.dev} ${found.ino}`, size: Number(found.size) };
  } catch {
    return null;
  }
}
