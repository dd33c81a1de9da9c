// All scheduled work: readings and node checks of each cluster, cluster list, expiry of silences, retention.

import type { Alert } from '../../core/alerting/alert.ts';
import { fits } from '../../core/base/glob.ts';
import type { PoolReports } from '../../core/pools/look.ts';
import type { Schedules } from '../../core/ports/monitor.ts';
import type { Run, Scheduler } from '../scheduler/scheduler.ts';
import { type ClusterListSync, createClusterListSync, endAlerts } from './cluster-list.ts';
import { takeLook, writeLook } from './evaluate-reading.ts';
import type { ReadingRunner } from './readings.ts';
import type { Claims } from './slot-claims.ts';
import type { StateCache } from './state-cache.ts';
import { isAway } from './transaction.ts';
import type { MonitorInput } from './types.ts';
import type { UserActions } from './user-actions.ts';

export interface ScheduleRunner {
  /** Begins the schedules. */
  start(): Promise<void>;
  /** Names of the monitored clusters. */
  clusters(): readonly string[];
  readonly whyNone: ClusterListSync['whyNone'];
}

interface PatrolInput extends MonitorInput {
  readonly scheduler: Scheduler;
  readonly memory: StateCache;
  readonly claims: Claims;
  readonly readings: ReadingRunner;
  readonly actions: UserActions;
}

export const TIDYING = '#tidy';
const EVERY_MINUTE = '* * * * *';
/** Node checks run between the readings, which start with the minute. */
const EVERY_HALF_MINUTE_PAST = '30 * * * * *';
const EVERY_HOUR = '17 * * * *';

export function createScheduleRunner(input: PatrolInput): ScheduleRunner {
  const { scheduler, schedules, claims, readings } = input;
  const clusterList = createClusterListSync(input);
  let clusters: readonly string[] = [];
  /** Clusters whose alerts are still open, by name, with the reason. */
  const leaving = new Map<string, string>();
  const unlessAway = (run: Run) => whileThere(readings.outage, run);
  const claimed = (key: string, run: (signal: AbortSignal, slot: number) => Promise<unknown>) =>
    unlessAway(async (slot, signal) => {
      if (await claims.claim(key, slot, signal)) await run(signal, slot);
    });

  const watchClusters = async (signal: AbortSignal) => {
    const { names, left } = await clusterList.refresh(signal);
    for (const name of clusters.filter((one) => !names.includes(one))) {
      scheduler.cancel(name);
      scheduler.cancel(lookOf(name));
    }
    for (const name of names.filter((one) => !clusters.includes(one))) {
      const look: Run = async (slot, signal) => {
        // Before the claim, and while the store is away: the replica that takes over has a base to compare with.
        const pools = (await input.pools?.at(slot, { isAway: readings.outage.since() !== null })) ?? null;
        const judged = claimed(lookOf(name), async (within) => {
          await lookAt({ cluster: name, pools }, input, within);
          input.log.debug({ cluster: name, slot: new Date(slot) }, 'node check finished');
        });
        await judged(slot, signal);
      };
      scheduler.schedule(name, scheduleOf(name, schedules), (slot, within) => readings.run(name, slot, within));
      scheduler.schedule(lookOf(name), EVERY_HALF_MINUTE_PAST, look);
      if (input.readsAtStart === true) readings.extra.begin(name);
    }
    clusters = names;
    // The cluster returned during the store outage: its alerts continue.
    for (const name of names) leaving.delete(name);
    input.observer?.watched(names);
    for (const { name, reason } of left) leaving.set(name, reason);
  };
  const leave = async () => {
    for (const [cluster, reason] of leaving) {
      if (await endAlerts(input, { cluster, reason, at: input.now().getTime() })) input.onDecided();
      leaving.delete(cluster);
    }
  };

  return {
    clusters: () => clusters,
    whyNone: clusterList.whyNone,
    async start() {
      await watchClusters(input.signal);
      scheduler.schedule('#clusters', EVERY_MINUTE, async (slot, signal) => {
        await watchClusters(signal);
        await unlessAway(leave)(slot, signal);
      });
      scheduler.schedule('#silences', EVERY_MINUTE, claimed('#silences', input.actions.endSilences));
      scheduler.schedule(
        TIDYING,
        EVERY_HOUR,
        claimed(TIDYING, () => input.store.tidy(input.now().getTime())),
      );
    },
  };
}

/** The readings report a store outage. Other work that needs the store waits for its next run. */
function whileThere(outage: ReadingRunner['outage'], run: Run): Run {
  return async (slot, signal) => {
    if (outage.since() !== null) return;
    try {
      await run(slot, signal);
    } catch (error) {
      if (!isAway(error)) throw error;
      outage.begin(error);
    }
  };
}

async function lookAt(
  of: { readonly cluster: string; readonly pools: PoolReports | null },
  input: PatrolInput,
  signal: AbortSignal,
): Promise<void> {
  const look = await takeLook(input, of, signal);
  const told = look === null ? null : await writeLook(input, look);
  if (told === null) return;
  input.onDecided();
  input.onNotifications?.(told);
  // In the background: the next check does not wait for it.
  // One that was left out is made up for at the next check.
  if (told.alerts.some(needsStory)) input.readings.extra.begin(of.cluster);
}

/** Whether a node is critical or refuses connections, and no reading since then says why. */
function needsStory({ rule, state, severity, calmSince, since, evidence }: Alert): boolean {
  if (state === 'ended' || calmSince !== null || evidence === null || evidence.node === null) return false;
  const isAboutNode = rule === 'rejected' || (rule === 'node-headroom' && severity === 'critical');
  return isAboutNode && (evidence.readAt ?? 0) < since;
}

/** The key for claims of a cluster's node checks. */
function lookOf(cluster: string): string {
  return `${cluster}#look`;
}

// The schedule of each cluster: the default, or the last setting with a glob that matches its name.

export function scheduleOf(cluster: string, schedules: Schedules): string {
  return schedules.clusters.findLast((one) => fits(one.cluster, cluster))?.schedule ?? schedules.default;
}
