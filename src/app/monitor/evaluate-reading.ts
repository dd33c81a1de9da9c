// Takes one reading of one cluster, evaluates it by the rules, and writes it with all its consequences.

import { type EvaluatedReading, type Plan, planEvidence, planReading } from '../../core/alerting/plan.ts';
import type { Chunked } from '../../core/base/cooperative.ts';
import { SECOND } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import { isNamed } from '../../core/connections/report.ts';
import { type ClusterState, isClockAhead } from '../../core/detection/cluster-state.ts';
import { evaluateInChunks, evidenceOfExtra } from '../../core/detection/evaluate.ts';
import { evaluateNodeCheck, type NodeCheck, needsReading } from '../../core/detection/node-check.ts';
import type { PoolReports } from '../../core/pools/look.ts';
import { failedSnapshot, type Holders, holdersOf, snapshotOf } from '../../core/snapshots/from-report.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { UpstreamError, UserError } from '../../errors.ts';
import { runInChunks } from '../scheduler/timers.ts';
import { headOf } from './checkpoint.ts';
import { failed, outcomeOf, type ReadingOutcome } from './logging.ts';
import type { KnownState, StateCache } from './state-cache.ts';
import {
  type AlertSnapshot,
  alertSnapshot,
  changes,
  latest,
  type TransactionResult,
  withOptimisticRetry,
} from './transaction.ts';
import type { DecisionResult, MonitorInput } from './types.ts';

export interface TakenReading {
  readonly slot: number;
  readonly snapshot: Snapshot;
}

/** Connection holders in the previous reading, by cluster. They show the effect of an access list change. */
export type Before = Map<string, Holders>;

/**
 * A failed reading gives a failed snapshot; null for a cluster that is no longer monitored, e.g. because it is paused.
 * @param asked.before receives this reading's holders
 * @param asked.onTaken receives the result of the reading, with all problems
 */
export async function takeReading(
  { reports, now }: Pick<MonitorInput, 'reports' | 'now'>,
  asked: {
    readonly cluster: string;
    readonly before: Before;
    readonly last: ClusterState | null;
    readonly onTaken?: (outcome: ReadingOutcome) => void;
  },
  signal: AbortSignal,
): Promise<Snapshot | null> {
  const { cluster, before, last, onTaken } = asked;
  const at = now().getTime();
  try {
    const { report } = await reports.report(cluster, { fresh: true, signal });
    const held = before.get(cluster) ?? null;
    if (isNamed(report)) before.set(cluster, holdersOf(report));
    onTaken?.(outcomeOf(report));
    // If this reading was already reported, its moves would be reported twice.
    return snapshotOf(report, { before: held?.at === last?.at ? held : null });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) return null;
    const problem = whyUnread(error);
    if (problem === null) throw error;
    onTaken?.(failed(cluster, problem));
    return failedSnapshot({ cluster, at, problem: problem.text, remedy: problem.remedy });
  }
}

/** Null if neither Atlas nor a node is at fault. */
function whyUnread(error: unknown): Problem | null {
  if (error instanceof UpstreamError) return error.problem;
  return isTimeout(error) ? LATE : null;
}

const LATE: Problem = {
  code: 'timeout',
  text: 'the reading timed out',
  remedy: 'The next scheduled reading tries again. Check the load of the nodes and of this machine.',
};

/** Whether an AbortSignal.timeout caused the error. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

interface Judging extends Pick<MonitorInput, 'store' | 'book' | 'routing' | 'now' | 'log'> {
  readonly memory: StateCache;
}

/**
 * @param mayBeWritten an earlier attempt ended without an answer of the store
 * @returns null if there is nothing to report: it is already written, or a newer reading was evaluated meanwhile
 */
export async function writeReading(
  { store, book, routing, memory, now, log }: Judging,
  { slot, snapshot, mayBeWritten }: TakenReading & { readonly mayBeWritten: boolean },
): Promise<DecisionResult | null> {
  const { cluster, at } = snapshot;
  let place = slot;
  const after = await withOptimisticRetry(store, async (attempt) => {
    if ((mayBeWritten || attempt > 0) && (await store.hasReading({ cluster, slot: place }))) {
      if (mayBeWritten) return NOTHING;
      // This slot belongs to this replica and was free: a clock that was ahead read it before. This reading is stored
      // next to it.
      place += 1;
    }
    const known = await memory.known(cluster);
    const found = await alertSnapshot(store, cluster, at);
    // Compares with the current time: a reading that waited for the store is correctly older.
    const wasAhead = known.state !== null && isClockAhead(known.state, now().getTime());
    if (wasAhead) log.warn({ cluster }, SET_BACK);
    return runInChunks(decisionOf({ known, wasAhead, found, slot: place, snapshot, book, routing }));
  });
  if (after !== null) memory.keep(cluster, after.known);
  return after?.told ?? null;
}

const SET_BACK = 'system clock was set back';
const NOTHING = { change: null, result: null };

interface Situation extends Pick<MonitorInput, 'book' | 'routing'>, TakenReading {
  readonly known: KnownState;
  /** The known state is from the future. */
  readonly wasAhead: boolean;
  readonly found: AlertSnapshot;
}

interface After {
  readonly known: KnownState;
  readonly told: DecisionResult;
}

/** The plan after a reading or a check, with the state that it led to. */
function planAfter(
  { electedAt, interval }: ClusterState,
  { alerts: known, groups, silences }: AlertSnapshot,
  evaluated: Pick<EvaluatedReading, 'cluster' | 'at' | 'transitions' | 'routing'>,
): Plan {
  return planReading({ ...evaluated, electedAt, interval, known, groups, silences });
}

/** The decision, a pure function: what to write, and the state and messages that follow. */
function* decisionOf(situation: Situation): Chunked<TransactionResult<After | null>> {
  const { known, wasAhead, found, slot, snapshot, book, routing } = situation;
  const { cluster, at } = snapshot;
  const none = { alerts: [], groups: [], silences: [], deliveries: [] };
  // A newer reading was evaluated meanwhile. This one is stored but decides nothing.
  if (known.state !== null && at <= known.state.at && !wasAhead)
    return { change: { cluster, reading: { slot, snapshot }, head: null, ...none }, result: null };
  const { state, reading, transitions, notifications } = yield* evaluateInChunks(known.state, snapshot, book);
  const version = known.version + 1;
  const { alerts } = found;
  const planned = planAfter(state, found, { cluster, at, transitions, routing });
  return {
    change: { cluster, reading: { slot, snapshot: reading }, head: headOf(state, version), ...planned },
    result: { known: { state, version }, told: { notifications, alerts: latest(alerts, planned.alerts) } },
  };
}

// A check between two readings: evaluates the usage of each node and the pools of each app, and writes it if anything
// changes.

/** A check without the reading that explains it. */
type Look = Omit<NodeCheck, 'reading'>;

/**
 * Null if no node answered and no pools are reported: the next reading reports it. Pools may be exhausted while no node
 * answers. Null as well for a cluster that is no longer monitored.
 */
export async function takeLook(
  { reports, now }: Pick<MonitorInput, 'reports' | 'now'>,
  { cluster, pools }: { readonly cluster: string; readonly pools: PoolReports | null },
  signal: AbortSignal,
): Promise<Look | null> {
  try {
    const nodes = await reports.headroom(cluster, signal);
    const at = now().getTime();
    return {
      cluster,
      at,
      pools,
      nodes: nodes.map((node) =>
        node.kind === 'unread'
          ? { host: node.host, problem: node.problem.text, current: null, limit: null, rejected: null }
          : { host: node.host, problem: null, current: node.current, limit: node.limit, rejected: node.rejected },
      ),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) return null;
    if (!(error instanceof UpstreamError || isTimeout(error))) throw error;
    return pools === null ? null : { cluster, at: now().getTime(), pools, nodes: [] };
  }
}

interface Checking extends Pick<MonitorInput, 'store' | 'book' | 'routing' | 'log'> {
  readonly memory: StateCache;
}

/** @returns null if nothing changes. Before a cluster's first reading there is nothing to compare with. */
export async function writeLook(
  { store, book, routing, memory, log }: Checking,
  look: Look,
): Promise<DecisionResult | null> {
  const { cluster, at } = look;
  const after = await withOptimisticRetry<{ readonly known: KnownState; readonly told: DecisionResult } | null>(
    store,
    async () => {
      const { state: before, version } = await memory.known(cluster);
      if (before === null) return UNCHANGED;
      if (isClockAhead(before, at)) log.warn({ cluster }, SET_BACK);
      const reading = needsReading(before, look) ? await readingAt(store, cluster, before.at) : null;
      const { state, transitions, notifications } = evaluateNodeCheck(before, { ...look, reading }, book);
      const found = await alertSnapshot(store, cluster, at);
      const { alerts } = found;
      const planned = planAfter(state, found, { cluster, at, transitions, routing });
      if (!changes(planned) && !moved(headOf(before, 0), headOf(state, 0))) return UNCHANGED;
      const known = { state, version: version + 1 };
      return {
        change: { cluster, reading: null, head: headOf(state, known.version), ...planned },
        result: { known, told: { notifications, alerts: latest(alerts, planned.alerts) } },
      };
    },
  );
  if (after !== null) memory.keep(cluster, after.known);
  return after?.told ?? null;
}

/** The last evaluated reading. */
async function readingAt(store: MonitorInput['store'], cluster: string, at: number): Promise<Snapshot | null> {
  let last: Snapshot | null = null;
  for await (const snapshot of store.snapshots({ cluster, after: at - 1, until: at })) last = snapshot;
  return last;
}

const UNCHANGED = { change: null, result: null };

/** Whether a head has new information. A later check without refused connections is not new information. */
function moved(before: ReturnType<typeof headOf>, after: ReturnType<typeof headOf>): boolean {
  const counts = ({ alerts, rejected }: typeof before) =>
    JSON.stringify([alerts, Object.entries(rejected).map(([host, { count }]) => [host, count])]);
  return counts(before) !== counts(after);
}

// An extra reading between the slots, for the messages of open alerts.

/**
 * Stores the reading and adds what it found to the open alerts. It decides nothing: the state of the cluster stays as it
 * is.
 */
export async function writeExtra(
  { store, book, routing, memory }: Omit<Checking, 'log'>,
  snapshot: Snapshot,
): Promise<void> {
  const { cluster, at } = snapshot;
  await withOptimisticRetry(store, async () => {
    const { state } = await memory.known(cluster);
    const { alerts } = await alertSnapshot(store, cluster, at);
    const isTold = state !== null && snapshot.sources.length > 0;
    const evidence = isTold ? evidenceOfExtra(state, snapshot, book) : () => null;
    const planned = planEvidence({ alerts, evidence, at, routing });
    // Slots are whole seconds, and this must never be one.
    const slot = at % SECOND === 0 ? at + 1 : at;
    return { change: { cluster, reading: { slot, snapshot }, head: null, ...planned }, result: null };
  });
}
