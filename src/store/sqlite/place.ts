// The file that was opened, told from what is now where it was: SQLite writes on into one that was removed.

import { statSync } from 'node:fs';
import { UpstreamError } from '../../errors.ts';
import { replaced } from './problem.ts';

/** @returns asked before each use of the open file: throws UpstreamError where it was removed or replaced */
export function placeOf(file: string): () => void {
  const opened = identityOf(file);
  return () => {
    const now = identityOf(file);
    if (opened !== null && now !== null && now !== opened) throw new UpstreamError(replaced(file));
  };
}

const GONE = 'gone';

/** Null where that cannot be told: then SQLite itself says what is wrong. */
function identityOf(file: string): string | null {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? GONE : `${found.dev} ${found.ino}`;
  } catch {
    return null;
  }
}
