// Errors of the file, its directory and its disk in sentences: by error code, never by message.

import type { Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';

/** Converts an error of node:sqlite for people; returns any other error unchanged. @param file path of the store */
export function storeError(error: unknown, file: string): unknown {
  const problem = problemOf(error, file);
  return problem === null ? error : new UpstreamError(problem, { cause: error });
}

function errcodeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
}

/** Primary result codes: https://sqlite.org/rescode.html. The low byte of an extended code is its primary one. */
const [INTERNAL, PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, AUTH, NOTADB, PROTOCOL, NOLFS] = [
  2, 3, 5, 6, 7, 8, 10, 11, 13, 14, 23, 26, 15, 22,
];
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4_874;

export function isBusy(error: unknown): boolean {
  const code = errcodeOf(error);
  return code !== null && primaryOf(code) === BUSY;
}

/** The file cannot be opened read-only without a writer: see the database's `immutable`. */
export function isUnopenable(error: unknown): boolean {
  const code = errcodeOf(error);
  return code !== null && [CANTOPEN, READONLY].some((one) => one === primaryOf(code));
}

function primaryOf(code: number): number {
  return code & 0xff;
}

function problemOf(error: unknown, file: string): Problem | null {
  const code = errcodeOf(error);
  return code === null ? systemProblem(error, file) : sqliteProblem(code, file);
}

function sqliteProblem(code: number, file: string): Problem | null {
  if (code === IOERR_WRITE || code === IOERR_SHMSIZE) return unwritable(file);
  switch (primaryOf(code)) {
    case FULL:
      return full(file);
    case READONLY:
    case PERM:
    case AUTH:
      return readOnly(file);
    case CANTOPEN:
      return unopenable(file);
    case CORRUPT:
    case NOTADB:
      return corrupt(file);
    case BUSY:
    case LOCKED:
    case PROTOCOL:
      return busy(file);
    case IOERR:
    case NOLFS:
    case INTERNAL:
      return failing(file, code);
    case NOMEM:
      return {
        code: 'store-no-memory',
        text: `There was not enough memory to use the store ${file}.`,
        remedy: 'Give the bot more memory.',
      };
    default:
      // Wrong SQL or a broken constraint is our own fault: it goes into the log with a reference.
      return null;
  }
}

/** Errors when the directory is created. */
function systemProblem(error: unknown, file: string): Problem | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return full(file);
    case 'EROFS':
      return readOnly(file);
    case 'EACCES':
    case 'EPERM':
    case 'EEXIST':
    case 'ENOTDIR':
    case 'ENOENT':
      return unopenable(file);
    default:
      return null;
  }
}

const PLACE = 'ATLAS_CONNS_DATA_DIR';

function full(file: string): Problem {
  return {
    code: 'store-full',
    text: `The disk of the store ${file} is full: nothing was written.`,
    remedy:
      'Free space there: the bot then writes what waits. For a larger disk, move the directory with its content and restart the bot.',
  };
}

function unwritable(file: string): Problem {
  return {
    code: 'store-unwritable',
    text: `The store ${file} could not be written: its disk is full or failing, or a file size limit was reached.`,
    remedy: 'Check the free space, the limits (ulimit -f, quotas) and the health of the disk.',
  };
}

function readOnly(file: string): Problem {
  return {
    code: 'store-read-only',
    text: `The store ${file} cannot be written: the file, its directory or the file system is read-only.`,
    remedy: `Give the bot's user write permission there, or set ${PLACE} to another directory.`,
  };
}

function unopenable(file: string): Problem {
  return {
    code: 'store-cannot-open',
    text: `The store ${file} cannot be opened: its directory cannot be created or entered, or the file is not readable.`,
    remedy: `Check the path and its permissions, or set ${PLACE} to another directory.`,
  };
}

export function corrupt(file: string): Problem {
  return {
    code: 'store-corrupt',
    text: `The store ${file} is damaged or is not an SQLite file. Nothing was changed in it.`,
    remedy: `Move it away together with ${file}-wal, or restore it from a backup. Without a file the bot starts a new history.`,
  };
}

export function replaced(file: string): Problem {
  return {
    code: 'store-replaced',
    text: `The store ${file} was removed or replaced while the bot had it open. Nothing more is written.`,
    remedy: 'Put the file back if you have it, then restart the bot.',
  };
}

export function cutShort(file: string): Problem {
  return {
    code: 'store-cut-short',
    text: `The store ${file} was truncated or overwritten while the bot had it open. Nothing more is written.`,
    remedy: `Restore it from a backup, or move it away together with ${file}-wal. Then restart the bot.`,
  };
}

/** @param what e.g. `a checkpoint of prod` */
export function damaged(what: string): Problem {
  return {
    code: 'store-damaged',
    text: `The store holds ${what} that can no longer be read.`,
    remedy: 'Restore the store from a backup, and check the health of the disk.',
  };
}

function busy(file: string): Problem {
  return {
    code: 'store-busy',
    text: `Another program has locked the store ${file}.`,
    remedy: 'Close the program that writes to it (a backup, an SQLite shell), and try again.',
  };
}

function failing(file: string, code: number): Problem {
  return {
    code: 'store-failing',
    text: `Reading or writing the store ${file} failed (SQLite result code ${code}).`,
    remedy: 'Check the health of the disk. Do not use a network file system.',
  };
}

export function newer(file: string, version: { readonly found: number; readonly known: number }): Problem {
  return {
    code: 'store-newer',
    text: `The store ${file} was written by a later version of atlas-conns (format ${version.found}, this one knows ${version.known}).`,
    remedy: `Update atlas-conns, or set ${PLACE} to another directory. Nothing was changed in it.`,
  };
}

export function older(file: string): Problem {
  return {
    code: 'store-older',
    text: `The store ${file} was written by an earlier version of atlas-conns. Only the bot upgrades it.`,
    remedy: 'Start the bot of this version once.',
  };
}

export function foreign(file: string): Problem {
  return {
    code: 'store-foreign',
    text: `${file} is an SQLite file of another program. Nothing was changed in it.`,
    remedy: `Move it away, or set ${PLACE} to another directory.`,
  };
}
