// A watch on a stage: a clock that the test moves, a desk whose figures it sets, a store, and as many replicas as it likes.

import { onTestFinished } from 'vitest';
import { createMonitor, type RunningMonitor } from '../../../src/app/monitor/monitor.ts';
import type { MonitorReports } from '../../../src/app/monitor/types.ts';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import type { RuleBook } from '../../../src/core/detection/rules.ts';
import { DEFAULT_RULES } from '../../../src/core/detection/rules.ts';
import type { PoolLooks } from '../../../src/core/ports/pools.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError, UserError } from '../../../src/errors.ts';
import { packing } from '../../../src/store/packing.ts';
import { node, report, source } from '../../cli/sample.ts';
import { seeded } from '../../core/detection/days.ts';
import { type Clock, clockAt } from './clock.ts';
import { type WatchedStore, watchedStore } from './watched-store.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const never = new AbortController().signal;

export const ROUTING: RoutingSettings = {
  channel: 'C0ALERTS',
  critical: { channel: null, mention: null },
  routes: [],
  fallback: [],
};

/** Fires after two readings at a hundred, without a history. */
export const THRESHOLD: RuleBook = {
  rules: { ...DEFAULT_RULES, 'dormant-threshold': { severity: 'warning', limit: 100, readings: { needed: 2, of: 3 } } },
  overrides: [],
};

/** What the stage's clusters are like at a moment. */
export interface Play {
  clusters: string[];
  left: { name: string; reason: string }[];
  /** Dormant connections of a source, `203.0.113.0/24` or `10.8.0.0/16`. */
  dormant: (source: string, at: number, cluster: string) => number;
  /** Whether a source is in a reading at all. */
  isThere: (source: string, at: number) => boolean;
  /** Connections of the first node, of a limit of 1,500. */
  current: number;
  rejected: number;
  /** The apps of each source. */
  apps: { name: string; active: number; dormant: number }[];
  /** Why nothing can be read; null when it can. */
  problem: string | null;
  readonly readings: { cluster: string; at: number }[];
  /** How long a reading takes. */
  takes: number;
}

export interface Scene {
  readonly clock: Clock;
  readonly play: Play;
  readonly direct: string[];
  /** The desk, where it is not to be the stage's own. */
  setDesk(reports: MonitorReports): void;
  readonly log: { readonly message: string; readonly fields: object }[];
  /** The store of this stage: the clock waits for it. */
  store(kind?: 'sqlite' | 'mongodb'): Promise<WatchedStore>;
  /** A bot that watches through this store. */
  replica(
    store: Store,
    more?: {
      readonly instance?: string;
      readonly book?: RuleBook;
      readonly schedule?: string;
      /** How long it takes until people are told something. */
      readonly telling?: number;
      readonly readsAtStart?: true;
      readonly pools?: PoolLooks;
      /** Stands in for a store that is away for long. */
      readonly openStandIn?: () => Promise<Store>;
    },
  ): RunningMonitor;
}

export const SOURCES = ['203.0.113.0/24', '10.8.0.0/16'];

export function scene(start = '2026-11-21T10:00:00Z'): Scene {
  const clock = clockAt(start);
  const play: Play = {
    clusters: ['prod'],
    left: [],
    dormant: () => 20,
    isThere: () => true,
    current: 300,
    rejected: 0,
    apps: [],
    problem: null,
    readings: [],
    takes: 200,
  };
  let reports = deskOf(play, clock);
  const direct: string[] = [];
  const log: Scene['log'] = [];
  return {
    clock,
    play,
    direct,
    log,
    setDesk(other) {
      reports = other;
    },
    async store(kind = 'sqlite') {
      const opened = await watchedStore({ now: clock.now, kind });
      clock.waitFor(opened.busy);
      return opened;
    },
    replica(store, more = {}) {
      const {
        instance = 'A',
        book = THRESHOLD,
        schedule = '*/5 * * * *',
        telling = 0,
        openStandIn,
        readsAtStart,
        pools,
      } = more;
      const say = (fields: object, message: string) => void log.push({ message, fields });
      const watch = createMonitor({
        packing,
        reports,
        store,
        book,
        routing: ROUTING,
        schedules: { default: schedule, clusters: [] },
        timeZone: 'UTC',
        instance,
        now: clock.now,
        random: seeded(instance.charCodeAt(0)),
        log: { debug: () => undefined, info: say, warn: say, error: say },
        signal: never,
        onDecided: () => undefined,
        ...(openStandIn !== undefined && { openStandIn }),
        ...(readsAtStart !== undefined && { readsAtStart }),
        ...(pools !== undefined && { pools }),
        direct: async (text) => {
          await clock.wait(telling, never);
          direct.push(text);
          return true;
        },
        wait: clock.wait,
      });
      onTestFinished(async () => {
        await halt(watch, clock);
        const failed = log.find(({ message }) => /failed|was lost/.test(message));
        if (failed !== undefined) throw new Error(failed.message, { cause: Object.values(failed.fields).at(-1) });
      });
      return watch;
    },
  };
}

/** Stops a watch while the clock goes on. */
export async function halt(watch: RunningMonitor, clock: Clock): Promise<void> {
  const stopped = watch.stop();
  await clock.pass(10_000);
  await stopped;
}

function deskOf(play: Play, clock: Clock): MonitorReports {
  const refused = (cluster: string) => {
    if (play.problem !== null)
      throw new UpstreamError({ code: 'away', text: play.problem, remedy: 'Try again in a few minutes.' });
    if (!play.clusters.includes(cluster)) throw new UserError(`The cluster ${cluster} is not read.`, '');
  };
  let listed: readonly string[] = [];
  return {
    async clusters() {
      const problems = play.problem === null ? [] : [{ code: 'away', text: play.problem, remedy: '' }];
      // As of a fleet: a project that cannot be listed keeps the clusters that it had.
      if (problems.length === 0) listed = [...play.clusters];
      return { names: listed, left: play.left, projects: [], problems, defaultCluster: null };
    },
    async report(cluster, { signal }) {
      const at = clock.now();
      await clock.wait(play.takes, signal);
      signal.throwIfAborted();
      play.readings.push({ cluster, at: at.getTime() });
      refused(cluster);
      return { report: reportAt(play, cluster, at), ageMs: 0 };
    },
    async headroom(cluster) {
      refused(cluster);
      const { host, role, version, available, limit, totalCreated } = NODE;
      const { current, rejected } = play;
      return [{ kind: 'headroom', host, role, version, available, limit, totalCreated, current, rejected }];
    },
  };
}

const NODE = node('shard-00-00.abcde.mongodb.net:27017', { role: 'primary' });

function reportAt(play: Play, cluster: string, at: Date): ConnectionReport {
  const nodes = [{ ...NODE, current: play.current, rejected: play.rejected }];
  const sources = SOURCES.filter((id) => play.isThere(id, at.getTime())).map((id) =>
    source(id, {
      name: `Team ${id}`,
      dormant: play.dormant(id, at.getTime(), cluster),
      ...(id === SOURCES[0] && play.apps.length > 0 && { apps: play.apps.map((app) => ({ ...app, monitors: 0 })) }),
    }),
  );
  return { ...report(), cluster, at: at.toISOString(), nodes, sources, complete: true, problems: [] };
}
