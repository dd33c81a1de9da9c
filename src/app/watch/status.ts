// What the watch says of itself: its store, what is not written yet, and each cluster's last reading.

import type { Problem } from '../../core/base/problem.ts';
import type { ClusterWatch, WatchState } from '../../core/ports/monitor.ts';
import type { Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import type { Readings } from '../monitor/readings.ts';
import type { WatchInput } from '../monitor/types.ts';

export interface Status {
  /** What this process knows by itself. */
  known(): WatchState;
  /** Also what the store tells of all replicas, where it answers within a moment. Never rejects for the store's sake. */
  told(): Promise<WatchState>;
}

interface StatusInput extends Pick<WatchInput, 'store' | 'instance' | 'wait'> {
  readonly readings: Readings;
  readonly clusters: () => readonly Pick<ClusterWatch, 'name' | 'schedule'>[];
  readonly skipped: (cluster: string) => number;
  /** Why there is no cluster to watch; null where there is one, or nobody knows. */
  readonly whyNone: () => Problem | null;
}

/** A store that is just gone takes 15 s to say so; people and probes wait for less. */
const MOMENT = 1_500;

export function createStatus(input: StatusInput): Status {
  const { store, readings, instance, wait } = input;
  const hasFailed = failures(store);

  const known = (): WatchState => {
    const { kind, where } = store.about;
    const { since, problem } = readings.outage;
    const clusters = input.clusters();
    return {
      store: { kind, where, awaySince: since(), problem: problem() },
      unwritten: readings.backlog.size(),
      lost: readings.backlog.lost(),
      unwatched: clusters.length === 0 ? input.whyNone() : null,
      clusters: clusters.map((cluster) => {
        const mine = readings.last(cluster.name);
        return {
          ...cluster,
          last: mine?.slot ?? null,
          lastFailed: mine?.failed ?? null,
          holder: mine === null ? null : instance,
          skipped: input.skipped(cluster.name),
        };
      }),
      waiting: null,
    };
  };
  const withStore = async (mine: ClusterWatch): Promise<ClusterWatch> => {
    const claim = await store.lastClaim(mine.name);
    if (claim === null) return mine;
    const { slot: last, instance: holder } = claim;
    if (mine.last !== null && (holder === instance || mine.last >= last)) return { ...mine, holder };
    return { ...mine, last, holder, lastFailed: await hasFailed(mine.name) };
  };
  /** Null where the store is away. */
  const asked = async (): Promise<WatchState | null> => {
    try {
      const clusters = Promise.all(known().clusters.map(withStore));
      const [told, waiting] = await Promise.all([clusters, store.waiting()]);
      return { ...known(), clusters: told, waiting };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      readings.outage.begin(error);
      return null;
    }
  };

  return {
    known,
    async told() {
      if (readings.outage.since() !== null) return known();
      const answered = new AbortController();
      const late = wait(MOMENT, answered.signal).then(() => null);
      try {
        return (await Promise.race([asked(), late])) ?? known();
      } finally {
        answered.abort();
      }
    },
  };
}

/** @returns whether the last reading of a cluster failed, from the store: a large reading is fetched once, not at every probe */
function failures(store: Pick<Store, 'head' | 'snapshots'>): (cluster: string) => Promise<boolean | null> {
  const found = new Map<string, { readonly at: number; readonly failed: boolean }>();
  return async (cluster) => {
    const head = await store.head(cluster);
    if (head === null) return null;
    const last = found.get(cluster);
    if (last?.at === head.at) return last.failed;
    let failed: boolean | null = null;
    for await (const { nodes } of store.snapshots({ cluster, after: head.at - 1, until: head.at }))
      failed = nodes.every(({ problem }) => problem !== null);
    if (failed !== null) found.set(cluster, { at: head.at, failed });
    return failed;
  };
}
