// Errors when the store is read or written, as problems: by class, code and label of the error, never by message.

import { MongoNetworkError, MongoNetworkTimeoutError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import type { Problem } from '../../core/base/problem.ts';
import { causesOf, driverProblem } from '../../driver/problem.ts';

/** The user and servers of a connection. Never contains a password. */
export interface FailedCall {
  /** Hosts, or the SRV name. */
  readonly host: string;
  readonly database: string;
  /** Null without authentication. */
  readonly user: string | null;
  /** The authentication database. */
  readonly authSource: string;
  /** The required role there. */
  readonly role: 'read' | 'readWrite';
}

/** True for errors that may pass quickly: an election, a lost connection, a conflict with another replica. */
export function isPassing(error: unknown): boolean {
  // It has already waited for a primary.
  if (error instanceof MongoServerSelectionError) return false;
  if (!(error instanceof Error)) return false;
  if (error instanceof MongoNetworkError) return true;
  if (!(error instanceof MongoServerError)) return false;
  return PASSING_LABELS.some((label) => error.hasErrorLabel(label)) || PASSING.has(Number(error.code));
}

const PASSING_LABELS = ['RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult'];
/** Codes of an election, of a shutdown and of conflicts: https://www.mongodb.com/docs/manual/reference/error-codes/ */
const PASSING = new Set([91, 112, 117, 189, 10_107, 11_600, 11_602, 13_435, 13_436]);

const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const ATLAS_ERROR = 8000;
const DUPLICATE_KEY = 11_000;
const DISK_FULL = 14_031;
const MAX_TIME_EXPIRED = 50;
const WRITE_CONCERN_FAILED = 64;

/** DNS could not resolve a mongodb+srv:// address; the driver passes on the error of node:dns. */
export function isUnresolved(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && QUERIES.has(String(error.syscall));
}

const QUERIES = new Set(['querySrv', 'queryTxt']);

export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

export function storeProblem(error: unknown, asked: FailedCall): Problem {
  const ownFault = driverProblem(error, asked);
  if (ownFault !== null) return { ...ownFault, code: `store-${ownFault.code}` };
  for (const cause of causesOf(error)) {
    const problem = ofServer(cause, asked) ?? ofSystem(cause, asked);
    if (problem !== null) return problem;
  }
  if (causesOf(error).some((cause) => cause instanceof MongoServerSelectionError)) return noPrimary(asked);
  if (causesOf(error).some(isNetwork)) return lost(asked);
  const kind = error instanceof Error ? error.name : typeof error;
  return {
    code: 'store-unusable',
    text: `${placeOf(asked)} could not be used (${kind}).`,
    remedy: 'Try again. If it persists, report this kind of error.',
  };
}

export function timeoutProblem(asked: FailedCall): Problem {
  return {
    code: 'store-timeout',
    text: `${placeOf(asked)} did not answer in time.`,
    remedy: 'Check the replica set: it may be under heavy load, or most of its members may be down.',
  };
}

export function standaloneProblem({ host }: FailedCall): Problem {
  return {
    code: 'store-standalone',
    text: `${host} is a standalone mongod. The store needs transactions, and these need a replica set.`,
    remedy:
      'Start it with --replSet and run rs.initiate(), one member is enough; or use an Atlas cluster; or remove ' +
      'ANALYSIS_URI to keep history and alerts in the data directory.',
  };
}

export function readOnlyMemberProblem({ host }: FailedCall): Problem {
  return {
    code: 'store-not-primary',
    text: `${host} is a secondary, and the connection string of the store names it alone (directConnection).`,
    remedy: 'Remove directConnection from ANALYSIS_URI and name the replica set (replicaSet=…).',
  };
}

export function newerProblem(asked: FailedCall, versions: { readonly found: number; readonly known: number }): Problem {
  return {
    code: 'store-newer',
    text: `${placeOf(asked)} was written by a newer version of atlas-conns (schema ${versions.found}; this one knows ${versions.known}).`,
    remedy: 'Run the newer version, or name another database in ANALYSIS_URI.',
  };
}

export function foreignProblem(asked: FailedCall, collection: string): Problem {
  return {
    code: 'store-foreign',
    text: `${placeOf(asked)} belongs to something else: its collection ${collection} was not created by atlas-conns.`,
    remedy: 'Name a database of its own in ANALYSIS_URI (mongodb://…/atlas_conns); nothing was changed.',
  };
}

export function damagedProblem(asked: FailedCall, what: string): Problem {
  return {
    code: 'store-damaged',
    text: `${placeOf(asked)} holds ${what} that can no longer be read.`,
    remedy:
      'Restore it from a backup, or name another database in ANALYSIS_URI. Another program may have written there.',
  };
}

function placeOf({ database, host }: FailedCall): string {
  return `The database ${database} on ${host}`;
}

function ofServer(error: unknown, asked: FailedCall): Problem | null {
  if (!(error instanceof MongoServerError)) return null;
  const { code } = error;
  if (code === UNAUTHORIZED) return missingRole(asked);
  if (code === AUTHENTICATION_FAILED || code === ATLAS_ERROR) return wrongPassword(asked);
  if (code === MAX_TIME_EXPIRED || code === WRITE_CONCERN_FAILED) return timeoutProblem(asked);
  if (code === DISK_FULL) return diskFull(asked);
  if (isPassing(error)) return noPrimary(asked);
  const codeName: unknown = error.codeName;
  return {
    code: 'store-refused',
    text: `${placeOf(asked)} answered with error ${code}${typeof codeName === 'string' ? ` (${codeName})` : ''}.`,
    remedy: `Try again. If it persists, look for error ${code} in the server's log.`,
  };
}

function wrongPassword({ host, user, authSource }: FailedCall): Problem {
  return {
    code: 'store-authentication-failed',
    text: `${host} rejects ${user === null ? 'the login' : `the user ${user}`}: unknown user or wrong password.`,
    remedy: `Check ANALYSIS_URI: user, password, and authSource, the database where the user is known (now ${authSource}).`,
  };
}

function missingRole(asked: FailedCall): Problem {
  const { host, database, user, authSource, role } = asked;
  if (user === null) {
    return {
      code: 'store-authentication-required',
      text: `${host} requires authentication, but ANALYSIS_URI names no user.`,
      remedy: `Put a database user with the role ${role} on ${database} into ANALYSIS_URI.`,
    };
  }
  const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
  const roles = `[{ role: '${role}', db: ${quoted(database)} }]`;
  return {
    code: 'store-missing-privilege',
    text: `${host} does not let the user ${user} ${role === 'read' ? 'read' : 'keep'} history and alerts: the role ${role} on the database ${database} is missing.`,
    remedy:
      `Atlas: Database Access → Edit user → Specific Privileges → ${role} on ${database}. ` +
      `Elsewhere: db.getSiblingDB(${quoted(authSource)}).grantRolesToUser(${quoted(user)}, ${roles})`,
  };
}

function diskFull({ host }: FailedCall): Problem {
  return {
    code: 'store-disk-full',
    text: `The disk of ${host} is full: nothing can be written.`,
    remedy: 'Add storage, or keep history for a shorter time (store.keep).',
  };
}

function noPrimary(asked: FailedCall): Problem {
  return {
    code: 'store-no-primary',
    text: `${placeOf(asked)} cannot be written now: no primary was found in time.`,
    remedy:
      'An election takes seconds. If it persists, check that most members are up and can be reached from here, and that ' +
      'the address of this machine is on the IP access list (Atlas: Network Access).',
  };
}

function lost(asked: FailedCall): Problem {
  return {
    code: 'store-connection-lost',
    text: `The connection to ${asked.host}, where history and alerts live, was lost.`,
    remedy: "The bot tries again. If it persists, check the server's log.",
  };
}

function isNetwork(error: unknown): boolean {
  return error instanceof MongoNetworkError || error instanceof MongoNetworkTimeoutError;
}

const NAMES = new Set(['ENOTFOUND', 'ENODATA', 'EAI_AGAIN']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
]);

function ofSystem(error: unknown, { host }: FailedCall): Problem | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const { code } = error;
  if (NAMES.has(code) || isUnresolved(error)) {
    return {
      code: 'store-dns',
      text: `A name of ${host}, where history and alerts live, does not resolve (${code}).`,
      remedy: 'Check the host in ANALYSIS_URI; a private name resolves only inside its network.',
    };
  }
  if (UNREACHABLE.has(code)) {
    return {
      code: 'store-unreachable',
      text: `${host}, where history and alerts live, cannot be reached from here (${code}).`,
      remedy:
        'Check that it is up, that host and port in ANALYSIS_URI are right, and that the address of this machine is ' +
        'on the IP access list (Atlas: Network Access).',
    };
  }
  if (!code.startsWith('ERR_SSL') && !code.startsWith('ERR_TLS') && !CERTIFICATE.test(code)) return null;
  return {
    code: 'store-tls',
    text: `No secure connection to ${host}, where history and alerts live, could be made (${code}).`,
    remedy:
      'Check the TLS options in ANALYSIS_URI; on Atlas, that the address of this machine is on the IP access list.',
  };
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|^EPROTO$/;
