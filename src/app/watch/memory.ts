// What the watch remembers of each cluster between decisions; where others decided meanwhile, it catches up with the store.

import type { ClusterState } from '../../core/cluster-state.ts';
import { DAY, HOUR } from '../../core/duration.ts';
import { judgeInSteps } from '../../core/judge.ts';
import type { RuleBook } from '../../core/rule.ts';
import type { ClusterHead, Store } from '../../core/store.ts';
import { breath, stepByStep } from '../wait.ts';
import { checkpointOf, restored } from './checkpoint.ts';
import { underHead } from './head.ts';

/** A cluster's state as the store's newest head has it. */
export interface Known {
  /** Null before the first reading. */
  readonly state: ClusterState | null;
  /** Of the head; 0 before the first. */
  readonly version: number;
}

export interface Memory {
  /** Rejects with UpstreamError where the store cannot be asked. */
  known(cluster: string): Promise<Known>;
  /** What was last known, however old; null for nothing. Asks nobody. */
  last(cluster: string): ClusterState | null;
  /** After a head was written. */
  keep(cluster: string, known: Known): void;
  /** Saves what is known, where that was not done for an hour. */
  save(cluster: string): Promise<void>;
}

/** Where this process is further behind, the last checkpoint may be nearer than what it remembers. */
const BEHIND = 2 * HOUR;
const SAVED_EVERY = HOUR;
/** Without a checkpoint, so many readings make a state: two of each day of the week, and one more. */
const ENOUGH = 15 * DAY;

export function createMemory(input: { readonly store: Store; readonly book: RuleBook }): Memory {
  const { store, book } = input;
  const kept = new Map<string, Known>();
  const savedAt = new Map<string, number>();
  const running = new Map<string, Promise<Known>>();

  const base = async (cluster: string, at: number): Promise<ClusterState | null> => {
    const mine = kept.get(cluster)?.state ?? null;
    const usable = mine !== null && mine.at <= at ? mine : null;
    if (usable !== null && at - usable.at <= BEHIND) return usable;
    const checkpoint = await store.checkpoint(cluster);
    if (checkpoint === null || checkpoint.at > at || checkpoint.at <= (usable?.at ?? 0)) return usable;
    savedAt.set(cluster, checkpoint.at);
    return (await restored(checkpoint)) ?? usable;
  };
  const caughtUp = async (cluster: string, head: ClusterHead): Promise<ClusterState> => {
    let state = await base(cluster, head.at);
    if (state?.at !== head.at) {
      const after = state?.at ?? head.at - ENOUGH;
      // What these say was told when they were read: only what they teach is wanted.
      for await (const snapshot of store.snapshots({ cluster, after, until: head.at })) {
        state = (await stepByStep(judgeInSteps(state, snapshot, book))).state;
        await breath();
      }
    }
    return underHead(state ?? { sources: {}, nodes: {} }, head);
  };
  const known = async (cluster: string): Promise<Known> => {
    const head = await store.head(cluster);
    if (head === null) {
      kept.delete(cluster);
      return { state: null, version: 0 };
    }
    const mine = kept.get(cluster);
    if (mine?.version === head.version && mine.state?.at === head.at) return mine;
    const found = { state: await caughtUp(cluster, head), version: head.version };
    keep(cluster, found);
    return found;
  };
  const keep = (cluster: string, found: Known) => {
    // A look and a reading may end in either order.
    if (found.version >= (kept.get(cluster)?.version ?? 0)) kept.set(cluster, found);
  };

  return {
    known(cluster) {
      const asked = running.get(cluster) ?? known(cluster).finally(() => running.delete(cluster));
      running.set(cluster, asked);
      return asked;
    },
    last: (cluster) => kept.get(cluster)?.state ?? null,
    keep,
    async save(cluster) {
      const { state, version } = kept.get(cluster) ?? { state: null, version: 0 };
      if (state === null || state.at - (savedAt.get(cluster) ?? 0) < SAVED_EVERY) return;
      await store.saveCheckpoint(cluster, await checkpointOf(state, version));
      savedAt.set(cluster, state.at);
    },
  };
}
