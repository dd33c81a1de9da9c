// What the watch says of itself: its store, what is not written yet, and each cluster's last and next reading.

import type { Store } from '../../core/store.ts';
import type { WatchStatus } from '../../core/watching.ts';
import { UpstreamError } from '../../errors.ts';
import type { Readings } from './readings.ts';

interface Asking {
  readonly store: Store;
  readonly readings: Readings;
  readonly instance: string;
  readonly clusters: readonly { readonly name: string; readonly schedule: string }[];
  readonly next: (cluster: string) => number | null;
  readonly skipped: (cluster: string) => number;
}

type ClusterStatus = WatchStatus['clusters'][number];

/** Never rejects for the store's sake: what only it knows is then null, and what this process knows stands. */
export async function statusOf(asking: Asking): Promise<WatchStatus> {
  const { store, readings, clusters } = asking;
  const { kind, where } = store.about;
  return {
    store: { kind, where, awaySince: readings.outage.since() },
    unwritten: readings.backlog.size(),
    lost: readings.backlog.lost(),
    clusters: await Promise.all(clusters.map((cluster) => clusterStatus(cluster, asking))),
    waiting: await unlessAway(store.waiting(), asking),
  };
}

async function clusterStatus({ name, schedule }: Asking['clusters'][number], asking: Asking): Promise<ClusterStatus> {
  const { store, readings, instance } = asking;
  const mine = readings.last(name);
  const claim = await unlessAway(store.lastClaim(name), asking);
  const isMine = mine !== null && (claim === null || claim.instance === instance || mine.slot >= claim.slot);
  return {
    name,
    schedule,
    last: isMine ? mine.slot : (claim?.slot ?? null),
    lastFailed: isMine ? mine.failed : ((await unlessAway(lastFailed(name, store), asking)) ?? false),
    next: asking.next(name),
    holder: claim?.instance ?? (isMine ? instance : null),
    skipped: asking.skipped(name),
  };
}

async function lastFailed(cluster: string, store: Store): Promise<boolean> {
  const head = await store.head(cluster);
  if (head === null) return false;
  let failed = false;
  for await (const { nodes } of store.snapshots({ cluster, after: head.at - 1, until: head.at }))
    failed = nodes.every(({ problem }) => problem !== null);
  return failed;
}

async function unlessAway<T>(asked: Promise<T>, { readings }: Asking): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    readings.outage.begin(error);
    return null;
  }
}
