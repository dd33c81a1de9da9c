// The connection to the store's replica set: every call has a time limit, survives an election, and fails with a
// sentence.

import { setTimeout as pause } from 'node:timers/promises';
import { type ClientSession, type Db, MongoClient, MongoError, MongoServerError } from 'mongodb';
import { unlessAborted, withTimeout } from '../../core/base/abort.ts';
import { OWN_APP } from '../../core/connections/internal.ts';
import { type Understood, understand } from '../../driver/connection.ts';
import { driverProblem } from '../../driver/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { type FailedCall, isPassing, isUnresolved, storeProblem, timeoutProblem } from './problems.ts';

interface Attempt {
  /** Aborts at the deadline of the call. */
  readonly signal: AbortSignal;
  /** An earlier attempt may have succeeded without an answer. */
  readonly isRetry: boolean;
  /** Replaces the plain timeout error with a more precise one. */
  readonly failed: (error: unknown) => void;
}

export interface Connection {
  readonly db: Db;
  readonly asked: FailedCall;
  /** Connects only to this one server, whatever its role. */
  readonly isDirect: boolean;
  /** Retries after an election or a lost connection. Rejects with UpstreamError within 15 seconds. */
  call<T>(work: (attempt: Attempt) => Promise<T>): Promise<T>;
  /** One transaction with majority. `work` repeats on conflicts; null rolls it back. Same time limits. */
  transact<T>(work: (attempt: TransactionAttempt) => Promise<T | null>): Promise<T | null>;
  /** Ends within a second, whatever the server does. */
  close(): Promise<void>;
}

interface TransactionAttempt {
  readonly session: ClientSession;
  readonly isRetry: boolean;
}

const CALL_MS = 15_000;
/** An election takes up to 12 seconds if a primary dies without notice. */
const SELECTION_MS = 12_000;
const CONNECT_MS = 5_000;
const BETWEEN_MS = 100;
const CLOSE_MS = 1_000;
const MAJORITY = { w: 'majority', wtimeoutMS: 10_000 } as const;

/** Does not connect yet. Throws UserError for an unusable connection string. */
export function connect(
  { uri, setting = 'ANALYSIS_URI' }: StoreAddress,
  { role }: Pick<FailedCall, 'role'>,
): Connection {
  const { string, uri: understood, parsed, ownFault } = understand({ uri, setting });
  const client = clientOf(understood);
  const asked: FailedCall = {
    host: string.hosts.join(', '),
    database: string.database ?? 'analysis',
    user: parsed.credentials?.username || null,
    authSource: parsed.credentials?.source ?? 'admin',
    role,
  };
  // An open connection needs no files; before it opens, the driver reads them without checks.
  let works = false;
  const call = async <T>(work: (attempt: Attempt) => Promise<T>) => {
    const unusable = works ? null : await ownFault(null);
    if (unusable !== null) throw new UpstreamError(unusable);
    const result = await bounded(work, { asked, ownFault });
    works = true;
    return result;
  };
  return {
    db: client.db(asked.database),
    asked,
    isDirect: parsed.directConnection,
    call,
    transact: (work) => call((attempt) => transaction(client, attempt, work)),
    close: () => withTimeout(client.close(true), { ms: CLOSE_MS }),
  };
}

export interface StoreAddress {
  readonly uri: string;
  /** The setting of the connection string; default ANALYSIS_URI. */
  readonly setting?: string;
}

/** We set pools, times and concerns ourselves: `understand` removes these options. */
function clientOf(uri: string): MongoClient {
  return new MongoClient(uri, {
    // The suffix marks them as ours in the report, and distinguishes them from those of a reading.
    appName: `${OWN_APP} store`,
    writeConcern: MAJORITY,
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    retryReads: true,
    maxPoolSize: 5,
    maxIdleTimeMS: 120_000,
    connectTimeoutMS: CONNECT_MS,
    serverSelectionTimeoutMS: SELECTION_MS,
    socketTimeoutMS: CALL_MS,
    waitQueueTimeoutMS: CALL_MS,
  });
}

const UNSEEN = new Set(['store-dns', 'store-unreachable', 'store-package-missing']);

async function bounded<T>(
  work: (attempt: Attempt) => Promise<T>,
  { asked, ownFault }: { readonly asked: FailedCall } & Pick<Understood, 'ownFault'>,
): Promise<T> {
  const ended = new AbortController();
  const overdue = AbortSignal.timeout(CALL_MS);
  const signal = AbortSignal.any([overdue, ended.signal]);
  let last: unknown = null;
  const failed = (error: unknown) => {
    last = error;
  };
  try {
    for (let isRetry = false; ; isRetry = true) {
      try {
        return await unlessAborted(work({ signal, isRetry, failed }), signal);
      } catch (error) {
        if (overdue.aborted || !isPassing(error)) throw error;
        failed(error);
        await unlessAborted(pause(BETWEEN_MS), signal);
      }
    }
  } catch (error) {
    if (overdue.aborted) {
      const problem = last === null ? timeoutProblem(asked) : storeProblem(last, asked);
      throw new UpstreamError(problem, { cause: last ?? error });
    }
    const ofDriver = driverProblem(error, asked) !== null;
    if (!(error instanceof MongoError) && !isUnresolved(error) && !ofDriver) throw error;
    const problem = storeProblem(error, asked);
    // A server that answers accepted the certificate; an unreachable one has not seen it.
    const isUnseen = error instanceof MongoServerError || UNSEEN.has(problem.code);
    throw new UpstreamError((isUnseen ? null : await ownFault(new Date())) ?? problem, { cause: error });
  } finally {
    ended.abort();
  }
}

function transaction<T>(
  client: MongoClient,
  { signal, isRetry, failed }: Attempt,
  work: (attempt: TransactionAttempt) => Promise<T | null>,
): Promise<T | null> {
  const concerns = { readConcern: { level: 'snapshot' }, writeConcern: MAJORITY } as const;
  return client.withSession((session) => {
    let attempts = 0;
    return session.withTransaction(async () => {
      // The driver would continue for two minutes.
      signal.throwIfAborted();
      try {
        const result = await work({ session, isRetry: isRetry || attempts++ > 0 });
        if (result === null) await session.abortTransaction();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      }
    }, concerns);
  });
}
