// What the watch remembers of each cluster between decisions; where others decided meanwhile, it catches up with the store.

import { HOUR } from '../../core/base/duration.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { Checkpoint, ClusterHead, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import { type Catching, type CatchUp, type CatchUpStart, createCatchUp } from './catch-up.ts';
import { checkpointOf, restored, underHead } from './checkpoint.ts';

/** A cluster's state as the store's newest head has it. */
export interface KnownState {
  /** Null before the first reading. */
  readonly state: ClusterState | null;
  /** Of the head; 0 before the first. */
  readonly version: number;
}

export interface StateCache extends Pick<CatchUp, 'progress'> {
  /** Rejects with UpstreamError where the store cannot be asked. */
  known(cluster: string): Promise<KnownState>;
  /** What was last known, however old; null for nothing. Asks nobody. */
  last(cluster: string): ClusterState | null;
  /** Clusters with their states, as they were last known. Asks nobody. */
  all(): readonly (readonly [cluster: string, state: ClusterState])[];
  /** After a head was written. */
  keep(cluster: string, known: KnownState): void;
  /** Saves what is known, where that was not done for an hour. */
  save(cluster: string): Promise<void>;
  /** Lets go of a cluster that is watched no more; the store has it all. */
  forget(cluster: string): void;
}

/** Where this process is further behind, the last checkpoint may be nearer than what it remembers. */
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
      // The readings that it was made from are there.
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
    // Of a store that was put back from a copy the older head is the one that holds.
    if (kept.get(cluster) === mine) kept.set(cluster, found);
    else keep(cluster, found);
    return found;
  };
  const keep = (cluster: string, found: KnownState) => {
    // A look and a reading may end in either order.
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
