// Which clusters there are, also while they cannot be listed; and which one a button carries.

import type { ClusterList, ReportService } from '../../core/ports/reports.ts';
import { UpstreamError } from '../../errors.ts';
import { matchesKey, readTarget, type ViewTarget } from '../blockkit/action-values.ts';

export interface Looked {
  readonly reports: ReportService;
  readonly signal: AbortSignal;
}

/** Where Atlas does not list them, those that are watched. Rejects with why where nothing is watched either. */
export async function clusterNames({ reports, signal }: Looked): Promise<ClusterList> {
  const list = await reports.clusters(signal);
  const [problem] = list.problems;
  if (list.names.length > 0 || problem === undefined) return list;
  const names = (await reports.monitor?.status())?.clusters.map(({ name }) => name) ?? [];
  if (names.length === 0) throw new UpstreamError(problem);
  return { ...list, names, defaultCluster: list.defaultCluster ?? (names.length === 1 ? (names[0] ?? null) : null) };
}

/** The name behind a cluster's key; null where it is no longer watched. */
export async function clusterAt(key: string, looked: Looked): Promise<string | null> {
  const { names } = await clusterNames(looked);
  return names.find((known) => matchesKey(known, key)) ?? null;
}

/** What a button carries, with the cluster by its name; null where that is no longer watched. */
export async function targetAt(value: string, looked: Looked): Promise<ViewTarget | null> {
  const target = readTarget(value);
  const cluster = target && (await clusterAt(target.cluster, looked));
  return target === null || cluster === null ? null : { ...target, cluster };
}
