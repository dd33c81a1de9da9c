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
  readonly now: () => Date;
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
  const marks = createMarks();
  return {
    async read(how) {
      const { host, user, deadlineMs, now } = options;
      const busy = createStopwatch(deadlineMs, now);
      const reading = (within: AbortSignal) =>
        readNode(client, { ...how, failed: { host, user }, deadlineMs, now, busy, marks, signal: within });
      const result = await attempt({ ...given, signal: how.signal }, reading);
      const busyMs = busy.elapsed();
      return busyMs === null || result.kind === 'totals' ? result : { ...result, busyMs };
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

/** A reading's time in milliseconds since 1970, the highest connectionId until then, and the counter of connections. */
interface Mark {
  readonly at: number;
  readonly highest: number;
  readonly created: number;
}

/** The marks of earlier readings: a node numbers its connections in the order in which it opens them. */
interface Marks {
  /** The newest one that is old enough to give a rate; null without one, and after the node restarted. */
  before(now: Pick<Mark, 'at' | 'created'>): Mark | null;
  add(mark: Mark): void;
}

/** A shorter time, as between a reading and a click on Refresh, gives no rate. */
const LEAST_BETWEEN = 30_000;

function createMarks(): Marks {
  let marks: readonly Mark[] = [];
  return {
    before({ at, created }) {
      // A node that restarted counts from 1 again. A clock that was set back gives no rate, either.
      marks = marks.filter((mark) => mark.created <= created && mark.at <= at);
      return marks.findLast((mark) => at - mark.at >= LEAST_BETWEEN) ?? null;
    },
    add(mark) {
      const last = marks.at(-1);
      if (last !== undefined && mark.at - last.at < LEAST_BETWEEN) return;
      // The newest connection may be closed again.
      marks = [...marks, { ...mark, highest: Math.max(mark.highest, last?.highest ?? 0) }].slice(-2);
    },
  };
}

/** How long the node is busy with `$currentOp`. The deadline is the most, whatever the clock does meanwhile. */
interface Stopwatch {
  begin(): void;
  end(): void;
  /** Milliseconds, also of what has not ended; null if it never began. */
  elapsed(): number | null;
}

function createStopwatch(most: number, now: () => Date): Stopwatch {
  let began: number | null = null;
  let ended: number | null = null;
  return {
    begin: () => {
      began = now().getTime();
    },
    end: () => {
      ended = now().getTime();
    },
    elapsed: () => (began === null ? null : Math.min(most, Math.max(0, (ended ?? now().getTime()) - began))),
  };
}

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
  readonly now: () => Date;
  readonly marks: Marks;
  readonly busy: Stopwatch;
}

async function readNode(client: MongoClient, reading: Reading): Promise<NodeReading> {
  const { threads, signal, onHello, failed, deadlineMs, now, marks, busy } = reading;
  const hello = decodeHello(await greeting(client, signal));
  onHello(hello);
  const totals = decodeServerStatus(await command(client, SERVER_STATUS, signal));
  const node = { host: failed.host, role: hello.role, ...totals };
  try {
    // Declared separately: the types of a database's aggregate have no signal, although its cursor does.
    const cursorOptions = { batchSize: ONE_BATCH, maxTimeMS: deadlineMs, signal };
    const seen = { at: now().getTime(), created: totals.totalCreated ?? 0 };
    const before = marks.before(seen);
    const pipeline = probe({ threads, since: before?.highest ?? null });
    busy.begin();
    const rows = await client.db('admin').aggregate(pipeline, cursorOptions).toArray();
    busy.end();
    const { groups, threads: threadGroups, highest } = decodeProbe(rows);
    if (highest !== null) marks.add({ ...seen, highest });
    const openedWithin = before === null ? {} : { openedWithin: (seen.at - before.at) / 1_000 };
    const usersTold = idleUsersTold(groups, totals.version);
    const hidden = hello.isHidden ? { hidden: true as const } : {};
    return {
      kind: 'read',
      ...node,
      groups,
      threads: threadGroups,
      idleUsersTold: usersTold,
      ...openedWithin,
      ...hidden,
    };
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
