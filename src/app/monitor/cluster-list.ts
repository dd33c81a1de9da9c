// Which clusters are watched: those the desk can read. One that is paused or gone is said once and left.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import { planReading } from '../../core/alerting/plan.ts';
import { DAY } from '../../core/base/duration.ts';
import { FLEX_UNREAD, type Problem } from '../../core/base/problem.ts';
import { afterGap } from '../../core/detection/alert-state.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { AlertTransition } from '../../core/detection/findings.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { UpstreamError } from '../../errors.ts';
import { headOf } from './checkpoint.ts';
import { fieldsOf } from './logging.ts';
import type { ReadingRunner } from './readings.ts';
import type { Claims } from './slot-claims.ts';
import type { StateCache } from './state-cache.ts';
import { alertSnapshot, withOptimisticRetry } from './transaction.ts';
import type { MonitorInput, MonitorReports } from './types.ts';

export interface ClusterListSync {
  readonly names: readonly string[];
  /** Those that were left since it was last asked. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** @returns asks again, at each call */
export function createClusterListSync(
  input: Pick<MonitorInput, 'reports' | 'store' | 'now' | 'log'>,
): (signal: AbortSignal) => Promise<ClusterListSync> {
  const { reports, log } = input;
  let known: readonly string[] | null = null;
  /** Read before this process was, and not listed yet: nobody can tell of which project they are. */
  let untold: readonly string[] | null = null;
  /** Whether those that left while no bot ran are told of. */
  let isSeeded = false;
  let left: ReadonlyMap<string, string> = new Map();
  const tell = listingTold(input);
  return async (signal) => {
    const { names, left: leftNow, problems } = await reports.clusters(signal);
    tell(problems);
    const missing = missingIn(problems);
    const isTold = (name: string) => names.includes(name) || leftNow.some((one) => one.name === name);
    // A project that cannot be listed has among the names those that it had. Where it never could be, its clusters are not
    // gone for that: that they cannot be read is news.
    untold = missing === 'none' ? [] : (untold ?? (await remembered(input)));
    // Of those the list of Flex clusters may hold only such.
    const mayBeThere = async (some: readonly string[]) => (missing === 'flex' ? sharedTier(input, some) : some);
    untold = untold && (await mayBeThere(untold)).filter((name) => !isTold(name));
    const found = [...new Set([...names, ...(untold ?? [])])];
    const alerted = isSeeded || missing === 'any' ? [] : await withAlerts(input);
    const spared = missing === 'flex' ? await sharedTier(input, alerted ?? []) : [];
    isSeeded ||= missing === 'none' && alerted !== null;
    const gone = [...new Set([...(known ?? []), ...(alerted ?? []).filter((name) => !spared.includes(name))])]
      .filter((name) => !untold?.includes(name) && !isTold(name))
      .map((name) => ({ name, reason: 'it is no more' }));
    const news = [...leftNow.filter(({ name, reason }) => left.get(name) !== reason), ...gone];
    for (const { name, reason } of news) log.info({ cluster: name, reason }, 'a cluster is left out of the watch');
    left = new Map(leftNow.map(({ name, reason }) => [name, reason]));
    const added = found.filter((name) => !known?.includes(name));
    if (added.length > 0) log.info({ clusters: added }, 'clusters are watched');
    known = found;
    return { names: found, left: news };
  };
}

/** Which clusters may be there although nobody lists them. Some roles never see the list of Flex clusters. */
function missingIn(problems: readonly Problem[]): 'none' | 'flex' | 'any' {
  if (problems.length === 0) return 'none';
  return problems.every(({ code }) => code === FLEX_UNREAD) ? 'flex' : 'any';
}

/** Says once why clusters cannot be listed, of each project, and that it is over when all of them can be. */
function listingTold({ log, now }: Pick<MonitorInput, 'now' | 'log'>): (problems: readonly Problem[]) => void {
  const said = new Set<string>();
  let since: Date | null = null;
  return (problems) => {
    if (problems.length === 0) {
      if (since !== null) log.info({ since }, 'clusters can be listed again');
      since = null;
      said.clear();
      return;
    }
    since ??= now();
    for (const problem of problems) {
      // Two projects may fail alike: their texts tell them apart.
      const key = JSON.stringify([problem.code, problem.text]);
      if (!said.has(key)) log.warn(fieldsOf(problem), 'clusters cannot be listed');
      said.add(key);
    }
  };
}

/** Clusters with open alerts; null while the store is away. One that left the settings has nobody else to end them. */
async function withAlerts({ store, now }: Pick<MonitorInput, 'store' | 'now'>): Promise<readonly string[] | null> {
  try {
    const alerts = await store.alerts({ cluster: null, endedSince: now().getTime() });
    return alerts.filter(isOpen).map(({ cluster }) => cluster);
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

/** Clusters that were read within a day, by whoever it was: the bot began while Atlas does not answer. Null while the store is away. */
async function remembered({ store, now }: Pick<MonitorInput, 'store' | 'now'>): Promise<readonly string[] | null> {
  try {
    const names = await store.clusters();
    const heads = await Promise.all(names.map((name) => store.head(name)));
    return names.filter((_, index) => now().getTime() - (heads[index]?.at ?? 0) < DAY);
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

/** Those that may be Flex clusters, which tell totals alone: no source of theirs was ever read. */
async function sharedTier(
  { store }: Pick<MonitorInput, 'store'>,
  names: readonly string[],
): Promise<readonly string[]> {
  try {
    const sources = await Promise.all(names.map((name) => store.sources(name)));
    return names.filter((_, index) => sources[index]?.length === 0);
  } catch (error) {
    if (error instanceof UpstreamError) return names;
    throw error;
  }
}

// What the desk last said of the clusters there are: where none is watched, that tells why.

export interface ListedClusters {
  /** The same desk, listened to. */
  readonly reports: MonitorReports;
  /** Why it has no cluster to watch; null where it has one, and before it was asked. */
  whyNone(): Problem | null;
}

export function createListedClusters(reports: MonitorReports): ListedClusters {
  let last: Omit<ClusterList, 'defaultCluster'> | null = null;
  return {
    reports: {
      report: (cluster, options) => reports.report(cluster, options),
      headroom: (cluster, signal) => reports.headroom(cluster, signal),
      async clusters(signal) {
        const list = await reports.clusters(signal);
        last = list;
        return list;
      },
    },
    whyNone: () => (last === null || last.names.length > 0 ? null : problemOf(last)),
  };
}

const MOST_NAMED = 3;

function problemOf({ left, problems: [failed] }: Omit<ClusterList, 'defaultCluster'>): Problem {
  const code = 'no-cluster-watched';
  if (failed !== undefined) return { code, text: `No cluster is watched: ${failed.text}`, remedy: failed.remedy };
  const named = left.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} is not read: ${reason}`);
  const more = left.length > MOST_NAMED ? [`${left.length - MOST_NAMED} more are not read`] : [];
  const why = left.length === 0 ? ['there is none'] : [...named, ...more];
  return {
    code,
    text: `No cluster is watched: ${why.map(ended).join(' ')}`,
    remedy: '`atlas-conns check` tells what could be.',
  };
}

/** Reasons are words of many, some with an end and some without. */
function ended(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

// A cluster that is watched no more, because it is paused or gone: its open alerts end, and say why; what this process
// remembers of it is let go.

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

/** @returns whether anything ended. Rejects with UpstreamError where the store is away: then nothing is let go yet. */
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
    const seen = { cluster, at, transitions, electedAt: null, known: alerts, groups, silences, routing };
    const planned = planReading(seen);
    const head = state === null ? null : headOf(calm(state, at), version + 1);
    return { change: { cluster, reading: null, head, ...planned }, result: true };
  });
  memory.forget(cluster);
  claims.forget(cluster);
  readings.forget(cluster);
  return isEnded;
}

function endOf(alert: Alert, { reason }: Leaving): AlertTransition {
  const { rule, source, node, who, value, usual, what, notes, severity, since, returns } = alert;
  const ending = `the cluster is read no more: ${reason}`;
  const told = { rule, source, node, who, value, usual, what, notes, severity, since, returns };
  return { ...told, app: null, reason: ending, ending, calmSince: null, firing: false, event: 'resolved' };
}

function calm(state: ClusterState, at: number): ClusterState {
  const alerts = Object.entries(state.alerts).map(
    ([key, alert]) => [key, alert.firing ? { ...afterGap(alert), firing: false, endedAt: at } : alert] as const,
  );
  return { ...state, alerts: Object.fromEntries(alerts) };
}
