// Use case: reads every cluster by its schedule, evaluates, stores, and answers queries. Wiring only.

import { withTimeout } from '../../core/base/abort.ts';
import { wait } from '../../core/base/clock.ts';
import type { Monitor, MonitorState, MonitorStatus, ScheduleHealth } from '../../core/ports/monitor.ts';
import type { Outbox } from '../../core/ports/store.ts';
import { ConfigError } from '../../errors.ts';
import { createScheduler, scheduleProblem } from '../scheduler/scheduler.ts';
import { withAlertLog } from './logging.ts';
import { createQueries, createStatus, type Status } from './queries.ts';
import { createReadingRunner } from './readings.ts';
import { createKnownAlerts } from './recall.ts';
import { createScheduleRunner, scheduleOf, TIDYING } from './schedules.ts';
import { createClaims } from './slot-claims.ts';
import { createStandIn } from './stand-in.ts';
import { createStateCache } from './state-cache.ts';
import type { MonitorInput } from './types.ts';
import { createUserActions } from './user-actions.ts';

export interface RunningMonitor extends Status {
  readonly monitor: Monitor;
  /** The deliveries that a notifier sends. */
  readonly outbox: Outbox;
  /** Whether the schedules run on time. Retention is excluded, because it may take long. */
  beats(): readonly ScheduleHealth[];
  /** Starts the schedules. Rejects with ConfigError, listing every problem, if an expression is invalid. */
  start(): Promise<void>;
  /** Reads every cluster once, for the log alone. Resolves when all are read; never rejects. */
  readAtStart(): Promise<void>;
  /** Starts no more runs, and waits a bounded time for running ones. */
  stop(): Promise<void>;
}

const LAST_MOMENT = 1_000;

/** Opens and reads nothing before it is started. */
export function createMonitor(given: Omit<MonitorInput, 'wait'> & Partial<Pick<MonitorInput, 'wait'>>): RunningMonitor {
  const stopped = new AbortController();
  // Without an outbox, the caller prints the notifications itself, next to the log.
  const recall = createKnownAlerts(given.store, given.now);
  const store = given.onNotifications === undefined ? withAlertLog(recall.store, given.log) : recall.store;
  const input: MonitorInput = {
    wait,
    ...given,
    store,
    signal: AbortSignal.any([given.signal, stopped.signal]),
  };
  const { schedules } = input;
  const scheduler = createScheduler({
    ...input,
    onMissed(key, missed) {
      if (runner.clusters().includes(key))
        input.log.warn({ cluster: key, ...missed }, 'scheduled readings were missed');
    },
  });
  let movedAt: number | null = null;
  const onMoved = () => {
    movedAt = input.now().getTime();
  };
  const memory = createStateCache({ ...input, onMoved });
  const claims = createClaims(input);
  const standIn = createStandIn({ ...input, recall, memory });
  const readings = createReadingRunner({
    ...input,
    memory,
    recall,
    standIn,
    claims,
    clusters: () => runner.clusters(),
  });
  const actions = createUserActions({ ...input, memory });
  const runner = createScheduleRunner({ ...input, scheduler, memory, claims, readings, actions });
  const clusters = () => runner.clusters().map((name) => ({ name, schedule: scheduleOf(name, schedules) }));
  const { known, told } = createStatus({
    ...input,
    readings,
    clusters,
    skipped: scheduler.skipped,
    whyNone: runner.whyNone,
  });
  // Forecasts are only for people; probes do not need them.
  const status = async () => ahead(await told(), scheduler.next);
  return {
    ...{ known, told },
    outbox: standIn.outbox,
    monitor: createQueries({ ...input, memory, standIn, outage: readings.outage, actions, status }),
    beats: () => scheduler.health().flatMap((beat) => (beat.key === TIDYING ? [] : [{ ...beat, movedAt }])),
    async start() {
      const expressions = [schedules.default, ...schedules.clusters.map(({ schedule }) => schedule)];
      const problems = expressions.map(scheduleProblem).filter((problem) => problem !== null);
      if (problems.length > 0) throw new ConfigError(problems);
      await runner.start();
    },
    async readAtStart() {
      await Promise.all(runner.clusters().map((name) => readings.atStart(name, input.signal)));
    },
    async stop() {
      await scheduler.stop();
      stopped.abort(new Error('the watch was stopped'));
      await withTimeout(readings.outage.ended(), { ms: LAST_MOMENT, wait: input.wait });
      const unwritten = readings.backlog.size();
      if (unwritten > 0) input.log.warn({ readings: unwritten }, 'unwritten readings lost at stop');
    },
  };
}

function ahead({ clusters, ...state }: MonitorState, next: (cluster: string) => number | null): MonitorStatus {
  return { ...state, clusters: clusters.map((cluster) => ({ ...cluster, next: next(cluster.name) })) };
}
