// The monitor's state of each cluster between decisions. After a decision by another replica, it catches up with the
// store.

import { HOUR } from '../../core/base/duration.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { Checkpoint, ClusterHead, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import { type Catching, type CatchUp, type CatchUpStart, createCatchUp } from './catch-up.ts';
import { checkpointOf, restored, underHead } from './checkpoint.ts';

/** The state of a cluster at the store's newest head. */
export interface KnownState {
  /** Null before the first reading. */
  readonly state: ClusterState | null;
  /** Version of the head; 0 before the first. */
  readonly version: number;
}

export interface StateCache extends Pick<CatchUp, 'progress'> {
  /** Rejects with UpstreamError if the store does not answer. */
  known(cluster: string): Promise<KnownState>;
  /** The last known state, of any age; null if there is none. No query. */
  last(cluster: string): ClusterState | null;
  /** Clusters with their last known states. No query. */
  all(): readonly (readonly [cluster: string, state: ClusterState])[];
  /** Called after a head was written. */
  keep(cluster: string, known: KnownState): void;
  /** Saves checkpoints that are older than an hour. */
  save(cluster: string): Promise<void>;
  /** Forgets a cluster that is no longer monitored; the store has its state. */
  forget(cluster: string): void;
}

/** If this process is further behind, the last checkpoint may be closer than the state in memory. */
const BEHIND = 2 * HOUR;
const SAVED_EVERY = HOUR;
const DAMAGED = 'store-damaged';

export function createStateCache(input: Catching & { readonly store: Store }): StateCache {
  const { store, log } = input;
  const kept = new Map<string, KnownState>();
  const savedAt = new Map<string, number>();
  const running = new Map<string, Promise<KnownState>>();

  const catchUp = createCatchUp(input);

  const checkpointIn = async (cluster: string): Promise<Checkpoint | null> => {
    try {
      return await store.checkpoint(cluster);
    } catch (error) {
      // The store has the readings that made this state.
      if (!(error instanceof UpstreamError) || error.problem.code !== DAMAGED) throw error;
      log?.warn({ cluster, problem: error.problem.text }, 'damaged checkpoint is rebuilt');
      return null;
    }
  };
  const startOf = async (cluster: string, at: number): Promise<CatchUpStart> => {
    const mine = kept.get(cluster)?.state ?? null;
    const usable = mine !== null && mine.at <= at ? mine : null;
    if (usable !== null && at - usable.at <= BEHIND) return { state: usable, replaces: null };
    const checkpoint = await checkpointIn(cluster);
    if (checkpoint === null || checkpoint.at > at || checkpoint.at <= (usable?.at ?? 0))
      return { state: usable, replaces: null };
    const state = await restored(checkpoint);
    if (state === null) return { state: usable, replaces: checkpoint.head };
    savedAt.set(cluster, checkpoint.at);
    return { state, replaces: null };
  };
  const caughtUp = async (cluster: string, head: ClusterHead): Promise<ClusterState> => {
    const start = await startOf(cluster, head.at);
    const state = start.state?.at === head.at ? start.state : await catchUp.go({ cluster, start, head });
    return underHead(state ?? { sources: {}, nodes: {} }, head);
  };
  const known = async (cluster: string): Promise<KnownState> => {
    const head = await store.head(cluster);
    if (head === null) {
      kept.delete(cluster);
      return { state: null, version: 0 };
    }
    const mine = kept.get(cluster);
    if (mine?.version === head.version && mine.state?.at === head.at) return mine;
    const found = { state: await caughtUp(cluster, head), version: head.version };
    // After a restore of the store from a backup, the older head is valid.
    if (kept.get(cluster) === mine) kept.set(cluster, found);
    else keep(cluster, found);
    return found;
  };
  const keep = (cluster: string, found: KnownState) => {
    // A node check and a reading may end in either order.
    if (found.version >= (kept.get(cluster)?.version ?? 0)) kept.set(cluster, found);
  };

  return {
    progress: catchUp.progress,
    known(cluster) {
      const asked = running.get(cluster) ?? known(cluster).finally(() => running.delete(cluster));
      running.set(cluster, asked);
      return asked;
    },
    last: (cluster) => kept.get(cluster)?.state ?? null,
    all: () => [...kept].flatMap(([cluster, { state }]) => (state === null ? [] : [[cluster, state] as const])),
    keep,
    async save(cluster) {
      const { state, version } = kept.get(cluster) ?? { state: null, version: 0 };
      if (state === null || state.at - (savedAt.get(cluster) ?? 0) < SAVED_EVERY) return;
      await store.saveCheckpoint(cluster, await checkpointOf(state, version));
      savedAt.set(cluster, state.at);
    },
    forget(cluster) {
      kept.delete(cluster);
      savedAt.delete(cluster);
    },
  };
}
