// One direct connection to one node. It stays open between readings, so that it still works when the node is full.

import { MongoClient, MongoServerError, MongoTopologyClosedError } from 'mongodb';
import { unlessAborted, withTimeout } from '../core/base/abort.ts';
import type { Problem } from '../core/base/problem.ts';
import { OWN_APP } from '../core/connections/internal.ts';
import type { NodeHeadroom, NodeReading, NodeUnread } from '../core/connections/reading.ts';
import { decodeProbe, idleUsersTold, probe } from './current-op.ts';
import { decodeHello, decodeServerStatus, type Hello } from './decode.ts';
import { type FailedRead, isConnectionGone, isSharedTier, nodeProblem, sharedTierProblem } from './problems.ts';

export interface NodeOptions {
  readonly host: string;
  /** A direct connection string. */
  readonly uri: string;
  readonly user: string | null;
  /** A local fault that prevents any connection. Checked before the first attempt and after each failed one. */
  readonly ownFault?: (failed: boolean) => Promise<Problem | null>;
  /** Deadline of one reading of this node. */
  readonly deadlineMs: number;
}

interface NodeReadOptions {
  readonly threads: boolean;
  readonly signal: AbortSignal;
  /** Called as soon as the node has listed the other members, so that they do not wait for its numbers. */
  readonly onHello: (hello: Hello) => void;
}

export interface NodeConnection {
  /** Rejects only if `signal` aborted it. */
  read(options: NodeReadOptions): Promise<NodeReading>;
  headroom(signal: AbortSignal): Promise<NodeHeadroom | NodeUnread>;
  /** Ends within a second, even if the node hangs. */
  close(): Promise<void>;
}

export function openNode(options: NodeOptions): NodeConnection {
  const client = clientOf(options);
  const closing = new AbortController();
  const given = { client, ...options, closing: closing.signal, state: { works: false } };
  return {
    async read(how) {
      const failed: FailedRead = { host: options.host, user: options.user };
      const reading = (within: AbortSignal) =>
        readNode(client, { ...how, failed, deadlineMs: options.deadlineMs, signal: within });
      return attempt({ ...given, signal: how.signal }, reading);
    },
    async headroom(signal) {
      return attempt({ ...given, signal }, async (within) => {
        const { role } = decodeHello(await greeting(client, within));
        const totals = decodeServerStatus(await command(client, SERVER_STATUS, within));
        return { kind: 'headroom', host: options.host, role, ...totals } as const;
      });
    },
    close() {
      closing.abort();
      return withTimeout(client.close(true), { ms: CLOSE_MS });
    },
  };
}

const CLOSE_MS = 1_000;

/** Sections that a reading does not use are switched off: they cost the node time. */
const SERVER_STATUS = {
  serverStatus: 1,
  ...Object.fromEntries(
    ['repl', 'metrics', 'locks', 'wiredTiger', 'opLatencies', 'tcmalloc', 'transactions', 'logicalSessionRecordCache']
      .concat([
        'mirroredReads',
        'security',
        'opcounters',
        'network',
        'asserts',
        'flowControl',
        'globalLock',
        'sharding',
      ])
      .concat([
        'extra_info',
        'electionMetrics',
        'indexBulkBuilder',
        'oplogTruncation',
        'queryAnalyzers',
        'catalogStats',
      ])
      .map((section) => [section, 0]),
  ),
};

/** Larger than the number of client kinds, so that the answer is one message. */
const ONE_BATCH = 10_000;

function clientOf({ uri, deadlineMs }: NodeOptions): MongoClient {
  return new MongoClient(uri, {
    appName: OWN_APP,
    maxPoolSize: 1,
    minPoolSize: 0,
    serverMonitoringMode: 'poll',
    readPreference: 'secondaryPreferred',
    connectTimeoutMS: deadlineMs,
    serverSelectionTimeoutMS: deadlineMs,
  });
}

interface Attempt extends FailedRead {
  readonly client: MongoClient;
  readonly ownFault?: NodeOptions['ownFault'];
  /** Whether the last attempt succeeded: an open connection needs no further check. */
  readonly state: { works: boolean };
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Aborts when the connection is closed. */
  readonly closing: AbortSignal;
}

/** Problems that no certificate can cause. */
const UNSEEN = new Set(['dns', 'refused', 'not-reachable', 'package-missing']);

/** Turns a failed reading into a problem; rejects only if the caller aborts. */
async function attempt<T>(
  { client, deadlineMs, signal, closing, ownFault, state, ...failed }: Attempt,
  work: (within: AbortSignal) => Promise<T>,
): Promise<T | NodeUnread> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const within = AbortSignal.any([signal, closing, AbortSignal.timeout(deadlineMs), ended.signal]);
  // The driver retries until the deadline, but the first failed heartbeat already shows that the node is unreachable.
  const giveUp = ({ failure }: { readonly failure: Error }) => ended.abort(failure);
  client.once('serverHeartbeatFailed', giveUp);
  const unread = (problem: Problem) => ({ kind: 'unread', host: failed.host, problem }) as const;
  try {
    const unusable = state.works ? null : await ownFault?.(false);
    if (unusable != null) return unread(unusable);
    const result = await unlessAborted(work(within), within);
    state.works = true;
    return result;
  } catch (error) {
    state.works = false;
    signal.throwIfAborted();
    const problem = nodeProblem(error, { ...failed, usesTls: client.options.tls === true });
    // A server that answers accepted the certificate; an unreachable one has not seen it.
    const isUnseen = error instanceof MongoServerError || UNSEEN.has(problem.code);
    return unread((isUnseen ? null : await ownFault?.(true)) ?? problem);
  } finally {
    client.off('serverHeartbeatFailed', giveUp);
  }
}

interface Reading extends NodeReadOptions {
  readonly failed: FailedRead;
  readonly deadlineMs: number;
}

async function readNode(client: MongoClient, reading: Reading): Promise<NodeReading> {
  const { threads, signal, onHello, failed, deadlineMs } = reading;
  const hello = decodeHello(await greeting(client, signal));
  onHello(hello);
  const totals = decodeServerStatus(await command(client, SERVER_STATUS, signal));
  const node = { host: failed.host, role: hello.role, ...totals };
  try {
    // Declared separately: the types of a database's aggregate have no signal, although its cursor does.
    const cursorOptions = { batchSize: ONE_BATCH, maxTimeMS: deadlineMs, signal };
    const rows = await client.db('admin').aggregate(probe({ threads }), cursorOptions).toArray();
    const { groups, threads: threadGroups } = decodeProbe(rows);
    const usersTold = idleUsersTold(groups, totals.version);
    const hidden = hello.isHidden ? { hidden: true as const } : {};
    return { kind: 'read', ...node, groups, threads: threadGroups, idleUsersTold: usersTold, ...hidden };
  } catch (error) {
    if (isSharedTier(error)) return { kind: 'totals', ...node, problem: sharedTierProblem(failed) };
    throw error;
  }
}

/** A kept connection may have died since the last reading: the second attempt opens a new one. */
async function greeting(client: MongoClient, signal: AbortSignal): Promise<unknown> {
  try {
    return await command(client, { hello: 1 }, signal);
  } catch (error) {
    signal.throwIfAborted();
    // A client whose first connection failed stays closed until connect() is called again.
    if (error instanceof MongoTopologyClosedError) await client.connect();
    else if (!isConnectionGone(error)) throw error;
    return command(client, { hello: 1 }, signal);
  }
}

async function command(client: MongoClient, document: object, signal: AbortSignal): Promise<unknown> {
  return client.db('admin').command({ ...document }, { signal });
}
