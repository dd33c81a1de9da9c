// The monitored clusters: those that Atlas lists, and those that may exist although they are not listed.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import { planReading } from '../../core/alerting/plan.ts';
import { DAY } from '../../core/base/duration.ts';
import { FLEX_UNREAD, type Problem } from '../../core/base/problem.ts';
import { endedState } from '../../core/detection/alert-state.ts';
import { mapValues } from '../../core/detection/cluster-state.ts';
import type { AlertTransition } from '../../core/detection/findings.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { UpstreamError } from '../../errors.ts';
import { headOf } from './checkpoint.ts';
import { fieldsOf } from './logging.ts';
import type { ReadingRunner } from './readings.ts';
import type { Claims } from './slot-claims.ts';
import type { StateCache } from './state-cache.ts';
import { alertSnapshot, withOptimisticRetry } from './transaction.ts';
import type { MonitorInput } from './types.ts';

interface LeftCluster {
  readonly name: string;
  readonly reason: string;
}

interface WatchedClusters {
  readonly names: readonly string[];
  /** Clusters that are no longer monitored since the previous refresh. */
  readonly left: readonly LeftCluster[];
}

export interface ClusterListSync {
  refresh(signal: AbortSignal): Promise<WatchedClusters>;
  /** Why there is no cluster to monitor; null if there is one, and before the first refresh. */
  whyNone(): Problem | null;
}

/**
 * State that one refresh passes to the next.
 * @internal
 */
export interface WatchList {
  /** Null before the first refresh. */
  readonly watched: readonly string[] | null;
  /** Monitored although not listed: read before this process started. Null while the store could not answer. */
  readonly unlisted: readonly string[] | null;
  /** Listed but not read, e.g. paused. */
  readonly excluded: readonly LeftCluster[];
  /** Whether the clusters that disappeared while no bot ran have left. */
  readonly isSettled: boolean;
}

/**
 * What the store knows, as far as needed. Null while the store is unavailable.
 * @internal
 */
export interface StoredClusters {
  /** Read within a day. */
  readonly recent: readonly string[] | null;
  readonly withOpenAlerts: readonly string[] | null;
  /** Those without any known source: a Flex cluster has none. */
  readonly withoutSources: readonly string[];
}

/** Which clusters may exist although Atlas does not list them. Some roles never see the list of Flex clusters. */
type Unseen = 'none' | 'flex' | 'any';

const NEW_LIST: WatchList = { watched: null, unlisted: null, excluded: [], isSettled: false };

/**
 * Combines three lists: what Atlas lists, what is monitored, and what the store knows.
 * @internal
 */
export function reconcile(
  list: WatchList,
  { names, left: excluded, problems }: Pick<ClusterList, 'names' | 'left' | 'problems'>,
  { recent, withOpenAlerts, withoutSources }: StoredClusters,
): WatchList & WatchedClusters {
  const unseen = unseenBy(problems);
  const isListed = (name: string) => names.includes(name) || excluded.some((cluster) => cluster.name === name);
  const mayExist = (name: string) => unseen === 'any' || (unseen === 'flex' && withoutSources.includes(name));
  const unlisted = recent?.filter((name) => !isListed(name) && mayExist(name)) ?? null;
  const watched = [...new Set([...names, ...(unlisted ?? [])])];
  // A cluster removed from the settings gets no reading that would resolve its alerts.
  const expected = [...(list.watched ?? []), ...(withOpenAlerts ?? []).filter((name) => !mayExist(name))];
  const gone = [...new Set(expected)].filter((name) => !isListed(name) && !watched.includes(name));
  const wasExcluded = new Map(list.excluded.map(({ name, reason }) => [name, reason]));
  return {
    watched,
    unlisted,
    excluded,
    isSettled: list.isSettled || (unseen === 'none' && withOpenAlerts !== null),
    names: watched,
    left: [
      ...excluded.filter(({ name, reason }) => wasExcluded.get(name) !== reason),
      ...gone.map((name) => ({ name, reason: 'it no longer exists' })),
    ],
  };
}

function unseenBy(problems: readonly Problem[]): Unseen {
  if (problems.length === 0) return 'none';
  return problems.every(({ code }) => code === FLEX_UNREAD) ? 'flex' : 'any';
}

export function createClusterListSync(input: Pick<MonitorInput, 'reports' | 'store' | 'now' | 'log'>): ClusterListSync {
  const { reports, log } = input;
  let list = NEW_LIST;
  let listing: Pick<ClusterList, 'names' | 'left' | 'problems'> | null = null;
  const logProblems = createListingLog(input);
  return {
    async refresh(signal) {
      listing = await reports.clusters(signal);
      logProblems(listing.problems);
      const before = list;
      const { names, left, ...next } = reconcile(before, listing, await storedFor(before, listing, input));
      for (const { name, reason } of left) log.info({ cluster: name, reason }, 'cluster is no longer watched');
      const added = names.filter((name) => !before.watched?.includes(name));
      if (added.length > 0) log.info({ clusters: added }, 'clusters are now watched');
      list = next;
      return { names, left };
    },
    whyNone: () => (listing === null || listing.names.length > 0 ? null : noClusterProblem(listing)),
  };
}

/** Logs once why a project's clusters cannot be listed, and once when all can be listed again. */
function createListingLog({ log, now }: Pick<MonitorInput, 'now' | 'log'>): (problems: readonly Problem[]) => void {
  const said = new Set<string>();
  let since: Date | null = null;
  return (problems) => {
    if (problems.length === 0) {
      if (since !== null) log.info({ since }, 'cluster list is complete again');
      since = null;
      said.clear();
      return;
    }
    since ??= now();
    for (const problem of problems) {
      // Two projects may fail with the same code but different texts.
      const key = JSON.stringify([problem.code, problem.text]);
      if (!said.has(key)) log.warn(fieldsOf(problem), 'cluster list is incomplete');
      said.add(key);
    }
  };
}

/** Queries the store only for what `reconcile` needs now: usually nothing. */
async function storedFor(
  list: WatchList,
  { problems }: Pick<ClusterList, 'problems'>,
  { store, now }: Pick<MonitorInput, 'store' | 'now'>,
): Promise<StoredClusters> {
  const unseen = unseenBy(problems);
  const time = now().getTime();
  const recent = async () => {
    const names = await store.clusters();
    const heads = await Promise.all(names.map((name) => store.head(name)));
    return names.filter((_, index) => time - (heads[index]?.at ?? 0) < DAY);
  };
  const withOpenAlerts = async () => {
    const alerts = await store.alerts({ cluster: null, endedSince: time });
    return alerts.filter(isOpen).map(({ cluster }) => cluster);
  };
  const found = {
    recent: unseen === 'none' ? [] : (list.unlisted ?? (await unlessAway(recent))),
    withOpenAlerts: list.isSettled || unseen === 'any' ? [] : await unlessAway(withOpenAlerts),
  };
  if (unseen !== 'flex') return { ...found, withoutSources: [] };
  const asked = [...new Set([...(found.recent ?? []), ...(found.withOpenAlerts ?? [])])];
  const sources = await unlessAway(() => Promise.all(asked.map((name) => store.sources(name))));
  // If the store cannot answer, each of them may be a Flex cluster.
  return { ...found, withoutSources: asked.filter((_, index) => (sources?.[index]?.length ?? 0) === 0) };
}

async function unlessAway<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

const MOST_NAMED = 3;

function noClusterProblem({ left, problems: [failed] }: Pick<ClusterList, 'left' | 'problems'>): Problem {
  const code = 'no-cluster-watched';
  if (failed !== undefined) return { code, text: `No cluster is watched: ${failed.text}`, remedy: failed.remedy };
  const named = left.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} is not read: ${reason}`);
  const more = left.length > MOST_NAMED ? [`${left.length - MOST_NAMED} more are not read`] : [];
  const why = left.length === 0 ? ['there is none'] : [...named, ...more];
  return {
    code,
    text: `No cluster is watched: ${why.map(asSentence).join(' ')}`,
    remedy: 'Run `atlas-conns check`: it lists the clusters and what keeps them from being read.',
  };
}

function asSentence(reason: string): string {
  return /[.?]$/.test(reason) ? reason : `${reason}.`;
}

// A cluster that is no longer monitored, because it is paused or gone. Its open alerts resolve with the reason, and
// this process forgets its state.

export interface Leaving {
  readonly cluster: string;
  /** In words, e.g. `paused`. */
  readonly reason: string;
  readonly at: number;
}

interface Left extends Pick<MonitorInput, 'store' | 'routing'> {
  readonly memory: StateCache;
  readonly claims: Pick<Claims, 'forget'>;
  readonly readings: Pick<ReadingRunner, 'forget'>;
}

/**
 * @returns whether any alert resolved. Rejects with UpstreamError if the store is unavailable; then no state is
 * forgotten yet.
 */
export async function endAlerts(
  { store, routing, memory, claims, readings }: Left,
  leaving: Leaving,
): Promise<boolean> {
  const { cluster, at } = leaving;
  const isEnded = await withOptimisticRetry(store, async () => {
    const { alerts, groups, silences } = await alertSnapshot(store, cluster, at);
    const open = alerts.filter(isOpen);
    if (open.length === 0) return { change: null, result: false };
    const { state, version } = await memory.known(cluster);
    const transitions = open.map((alert) => endOf(alert, leaving));
    const seen = {
      cluster,
      at,
      transitions,
      electedAt: null,
      interval: null,
      known: alerts,
      groups,
      silences,
      routing,
    };
    const planned = planReading(seen);
    const over = state && { ...state, alerts: mapValues(state.alerts, (known) => endedState(known, at)) };
    const head = over && headOf(over, version + 1);
    return { change: { cluster, reading: null, head, ...planned }, result: true };
  });
  memory.forget(cluster);
  claims.forget(cluster);
  readings.forget(cluster);
  return isEnded;
}

function endOf(alert: Alert, { reason }: Leaving): AlertTransition {
  const { rule, source, node, who, value, usual, what, notes, evidence, severity, since, refires: returns } = alert;
  const ending = `the cluster is no longer read: ${reason}`;
  const told = { rule, source, node, who, value, usual, what, notes, evidence, severity, since, returns };
  return { ...told, app: null, reason: ending, ending, calmSince: null, firing: false, event: 'resolved' };
}
