// From a state to the one that a newer head stands for: the readings between are judged again, however many they are.

import { DAY } from '../../core/base/duration.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
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
  /** Saves nothing on the way: of a store that may not be written. */
  readonly readOnly?: boolean;
  /** Told of each reading that was judged: however long the way, it goes on. */
  readonly onMoved?: () => void;
  readonly log?: Pick<Log, 'info' | 'warn'>;
}

interface CatchUpRange {
  readonly cluster: string;
  readonly start: CatchUpStart;
  readonly head: ClusterHead;
}

export interface CatchUpStart {
  /** Null for nothing at all. */
  readonly state: ClusterState | null;
  /** The head of a checkpoint that is newer and of no use. */
  readonly replaces: string | null;
}

/** Without a state, so many readings make one: two of each day of the week, and one more. */
const ENOUGH = 15 * DAY;
/** A way is long after so many. */
const SHORT = 24;
/** Whoever is killed judges no more than these again: seconds of work, for one large compressed write. */
const SAVED_AFTER = 250;

export interface CatchUp {
  /** Rejects with UpstreamError where the store cannot be read. Null where there is nothing to make a state of. */
  go(way: CatchUpRange): Promise<ClusterState | null>;
  /** How far a long way is; null for a cluster that has none to go. */
  progress(cluster: string): CatchingUp | null;
}

export function createCatchUp(input: Catching): CatchUp {
  const { store, book, onMoved, log } = input;
  const turns = createTurns();
  const under = new Map<string, CatchingUp>();
  const go = async ({ cluster, start, head }: CatchUpRange) => {
    let { state, replaces } = start;
    const after = state?.at ?? head.at - ENOUGH;
    let judged = 0;
    let endTurn: (() => void) | null = null;
    try {
      // What these say was told when they were read: only what they teach is wanted.
      for await (const snapshot of store.snapshots({ cluster, after, until: head.at })) {
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

/** Long ways are gone one after another: the first cluster is there the sooner, and one at a time is held up in memory. */
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

/** Only for who is ended on the way: a store that does not take it keeps nobody from going on. */
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
