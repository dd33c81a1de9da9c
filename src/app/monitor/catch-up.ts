// Brings a state up to a newer head: evaluates all readings in between again.

import { DAY } from '../../core/base/duration.ts';
import { type ClusterState, NO_READING } from '../../core/detection/cluster-state.ts';
import { evaluateInChunks } from '../../core/detection/evaluate.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { CatchingUp } from '../../core/ports/monitor.ts';
import type { ClusterHead, Store } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';
import { breath, runInChunks } from '../scheduler/timers.ts';
import { checkpointOf } from './checkpoint.ts';

export interface Catching {
  readonly store: Pick<Store, 'snapshots' | 'saveCheckpoint'>;
  readonly book: RuleBook;
  /** Saves no checkpoints on the way, for a store that is opened read-only. */
  readonly readOnly?: boolean;
  /** Called after each reading, to show progress on a long way. */
  readonly onMoved?: () => void;
  readonly log?: Pick<Log, 'info' | 'warn'>;
}

interface CatchUpRange {
  readonly cluster: string;
  readonly start: CatchUpStart;
  readonly head: ClusterHead;
}

export interface CatchUpStart {
  /** Null if nothing is known. */
  readonly state: ClusterState | null;
  /** The head of a newer checkpoint that cannot be used. */
  readonly replaces: string | null;
}

/** Readings of this period make a state from nothing: two of each day of the week, and one more. */
const ENOUGH = 15 * DAY;
/** A way with more readings is long. */
const SHORT = 24;
/** After a kill, at most this many readings are evaluated again: seconds of work, for one large compressed write. */
const SAVED_AFTER = 250;

export interface CatchUp {
  /** Rejects with UpstreamError if the store cannot be read. Null if there are no readings to make a state from. */
  go(way: CatchUpRange): Promise<ClusterState | null>;
  /** Progress of a long way; null for a cluster that has none. */
  progress(cluster: string): CatchingUp | null;
}

export function createCatchUp(input: Catching): CatchUp {
  const { store, book, onMoved, log } = input;
  const turns = createTurns();
  const under = new Map<string, CatchingUp>();
  const go = async ({ cluster, start, head }: CatchUpRange) => {
    let { replaces } = start;
    let state = withAcceptedOf(head, start.state);
    const after = start.state?.at ?? head.at - ENOUGH;
    let judged = 0;
    let endTurn: (() => void) | null = null;
    try {
      // The findings of these readings were reported at that time. Only the baselines are needed.
      for await (const snapshot of store.snapshots({ cluster, after, until: head.at })) {
        if (snapshot.extra === true) continue;
        if (judged === SHORT) {
          under.set(cluster, { from: snapshot.at, at: snapshot.at, to: head.at });
          endTurn = await turns();
          log?.info({ cluster, since: new Date(after) }, 'cluster catch-up started');
        }
        state = (await runInChunks(evaluateInChunks(state, snapshot, book))).state;
        judged += 1;
        const way = under.get(cluster);
        if (way !== undefined) under.set(cluster, { ...way, at: snapshot.at });
        onMoved?.();
        if (judged % SAVED_AFTER === 0 && (await isSaved(input, { cluster, state, head, replaces }))) replaces = null;
        await breath();
      }
    } finally {
      endTurn?.();
      under.delete(cluster);
    }
    if (judged > SHORT) log?.info({ cluster, readings: judged }, 'cluster catch-up finished');
    return state;
  };
  return { go, progress: (cluster) => under.get(cluster) ?? null };
}

/** Levels that people accepted during these readings are only in the newer head. */
function withAcceptedOf({ accepted }: ClusterHead, state: ClusterState | null): ClusterState | null {
  if (accepted === undefined) return state;
  return { ...(state ?? NO_READING), accepted };
}

/** Long ways run one after another: the first cluster finishes sooner, and memory holds only one. */
function createTurns(): () => Promise<() => void> {
  let last = Promise.resolve();
  return async () => {
    const before = last;
    const mine = Promise.withResolvers<void>();
    last = mine.promise;
    await before;
    return mine.resolve;
  };
}

interface Place extends Pick<CatchUpRange, 'cluster' | 'head'>, Pick<CatchUpStart, 'replaces'> {
  readonly state: ClusterState;
}

/** Saves progress in case the process is killed. A failed save does not stop the work. */
async function isSaved({ store, readOnly = false, log }: Catching, place: Place): Promise<boolean> {
  const { cluster, state, head, replaces } = place;
  if (readOnly) return false;
  try {
    await store.saveCheckpoint(cluster, { ...(await checkpointOf(state, head.version)), replaces });
    return true;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    log?.warn({ cluster, problem: error.problem.text }, 'catch-up checkpoint not saved');
    return false;
  }
}
