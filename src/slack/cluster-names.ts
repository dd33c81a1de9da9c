// Which clusters there are, also while they cannot be listed; and which one a button carries.

import type { ClusterList, Desk } from '../core/desk.ts';
import { matchesKey, readTarget, type Target } from './keys.ts';

export interface Looked {
  readonly desk: Desk;
  readonly signal: AbortSignal;
}

/** Where Atlas does not list them, those that are watched. Rejects as the desk does where nothing is watched either. */
export async function clusterNames({ desk, signal }: Looked): Promise<ClusterList> {
  try {
    return await desk.clusters(signal);
  } catch (error) {
    const watched = (await desk.watching?.status())?.clusters.map(({ name }) => name) ?? [];
    if (watched.length === 0) throw error;
    return {
      names: watched,
      left: [],
      problems: [],
      defaultCluster: watched.length === 1 ? (watched[0] ?? null) : null,
    };
  }
}

/** The name behind a cluster's key; null where it is no longer watched. */
export async function clusterAt(key: string, looked: Looked): Promise<string | null> {
  const { names } = await clusterNames(looked);
  return names.find((known) => matchesKey(known, key)) ?? null;
}

/** What a button carries, with the cluster by its name; null where that is no longer watched. */
export async function targetAt(value: string, looked: Looked): Promise<Target | null> {
  const target = readTarget(value);
  const cluster = target && (await clusterAt(target.cluster, looked));
  return target === null || cluster === null ? null : { ...target, cluster };
}
