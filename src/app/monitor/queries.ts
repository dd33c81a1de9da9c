// Queries for Slack and the terminal: status, records, history, usual values, and user actions.

import type { Alert, AlertState } from '../../core/alerting/alert.ts';
import { unlessAborted, withTimeout } from '../../core/base/abort.ts';
import type { Problem } from '../../core/base/problem.ts';
import { LEARNS_FOR } from '../../core/baseline/baseline.ts';
import type { AlertOverview, ClusterSchedule, Monitor, MonitorState } from '../../core/ports/monitor.ts';
import type { Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import { againstUsual, createGrowthMemory, historyOf, lastReadings, useOf } from './history.ts';
import type { ReadingRunner } from './readings.ts';
import type { StandIn } from './stand-in.ts';
import type { StateCache } from './state-cache.ts';
import type { StoreOutage } from './store-outage.ts';
import { alertSnapshot } from './transaction.ts';
import type { MonitorInput } from './types.ts';
import type { UserActions } from './user-actions.ts';

interface WatchingInput extends Pick<MonitorInput, 'store' | 'book' | 'now'>, Pick<Monitor, 'status'> {
  readonly memory: StateCache;
  readonly standIn: Pick<StandIn, 'alert' | 'group' | 'isOn'>;
  readonly outage: Pick<StoreOutage, 'problem'>;
  readonly actions: UserActions;
}

export function createQueries(input: WatchingInput): Monitor {
  const { store, book, now, memory, standIn, outage, status } = input;
  const { acknowledge, accept, silence, unsilence } = input.actions;
  const growths = createGrowthMemory(store);
  /** Each message of the stand-in would wait for the store. */
  const refuseWhileAway = () => {
    const problem = outage.problem();
    if (standIn.isOn() && problem !== null) throw new UpstreamError(problem);
  };
  return {
    ...{ acknowledge, accept, silence, unsilence, status },
    async board(signal) {
      const at = now().getTime();
      const [{ alerts, silences }, waiting] = await Promise.all([alertSnapshot(store, null, at), store.waiting()]);
      signal.throwIfAborted();
      const inForce = silences.filter(({ until }) => until > at);
      return { alerts: byState(alerts), silences: inForce, book, waiting, learning: learningAt(memory, at) };
    },
    catchingUp: (cluster) => memory.progress(cluster),
    alert: standIn.alert,
    group: standIn.group,
    async lastReadings(clusters, signal) {
      refuseWhileAway();
      return unlessAborted(lastReadings(store, clusters), signal);
    },
    async history(request) {
      refuseWhileAway();
      return historyOf({ store, memory, book, now }, request);
    },
    sources: (cluster) => store.sources(cluster),
    growth: (cluster, hosts, signal) =>
      unlessAborted(growths.of({ cluster, hosts, now: now().getTime() }, outage.problem() !== null), signal),
    use: (cluster, signal) => unlessAborted(useOf(store, cluster, now().getTime()), signal),
    async usual(cluster, signal) {
      // The query does not wait for a cluster that catches up with a long history.
      const state = await unlessAborted(lastKnown(memory, cluster), signal);
      return againstUsual(state, { now: now().getTime(), book });
    },
  };
}

/** During a store outage, older usual values are better than none. */
async function lastKnown(memory: StateCache, cluster: string) {
  try {
    return (await memory.known(cluster)).state;
  } catch (error) {
    if (error instanceof UpstreamError) return memory.last(cluster);
    throw error;
  }
}

function learningAt(memory: StateCache, now: number): AlertOverview['learning'] {
  return (
    memory
      .all()
      // A cluster that reports only totals has no baselines.
      .filter(([, { sources }]) => Object.keys(sources).length > 0)
      .map(([cluster, { since }]) => ({ cluster, until: since + LEARNS_FOR }))
      .filter(({ until }) => until > now)
      .toSorted((a, b) => a.until - b.until || a.cluster.localeCompare(b.cluster))
  );
}

const STATES: readonly AlertState[] = ['firing', 'acknowledged', 'silenced', 'ended'];

function byState(alerts: readonly Alert[]): readonly Alert[] {
  const rank = ({ state }: Alert) => STATES.indexOf(state);
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.since - a.since);
}

// The monitor's status: its store, unwritten readings, and the last reading of each cluster.

export interface Status {
  /** What this process knows without a query. */
  known(): MonitorState;
  /** Adds the store's data on all replicas, if it answers quickly. Never rejects because of the store. */
  told(): Promise<MonitorState>;
}

interface StatusInput extends Pick<MonitorInput, 'store' | 'instance' | 'wait'> {
  readonly readings: ReadingRunner;
  readonly clusters: () => readonly Pick<ClusterSchedule, 'name' | 'schedule'>[];
  readonly skipped: (cluster: string) => number;
  /** Why there is no cluster to monitor; null if there is one, or if that is unknown. */
  readonly whyNone: () => Problem | null;
}

/** A store that just failed takes 15 s to reject. People and probes wait less. */
const MOMENT = 1_500;

export function createStatus(input: StatusInput): Status {
  const { store, readings, instance, wait } = input;
  const hasFailed = failures(store);

  const known = (): MonitorState => {
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
  const withStore = async (mine: ClusterSchedule): Promise<ClusterSchedule> => {
    const claim = await store.lastClaim(mine.name);
    if (claim === null) return mine;
    const { slot: last, instance: holder } = claim;
    if (mine.last !== null && (holder === instance || mine.last >= last)) return { ...mine, holder };
    return { ...mine, last, holder, lastFailed: await hasFailed(mine.name) };
  };
  /** Null if the store is unavailable. */
  const asked = async (): Promise<MonitorState | null> => {
    try {
      const clusters = Promise.all(known().clusters.map(withStore));
      const [schedules, waiting] = await Promise.all([clusters, store.waiting()]);
      return { ...known(), clusters: schedules, waiting };
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
      return (await withTimeout(asked(), { ms: MOMENT, late: () => null, wait })) ?? known();
    },
  };
}

/**
 * @returns whether the last reading of a cluster failed, from the store. A large reading is fetched once, not at every
 * probe.
 */
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
