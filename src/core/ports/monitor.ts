// The monitor, for Slack and terminal: alerts, silences, history, baselines. Types only; app/ provides it.

import type { Alert, AlertGroup } from '../alerting/alert.ts';
import type { Silence } from '../alerting/silence.ts';
import { MINUTE } from '../base/duration.ts';
import { count } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import type { ClusterUse } from '../connections/entry-use.ts';
import type { KnownSource } from '../connections/source.ts';
import type { RuleBook, RuleName } from '../detection/rules.ts';
import type { ClusterPast } from '../diagnosis/past.ts';
import type { NodeGrowth } from '../forecast/growth.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import type { SeriesBucket } from './store.ts';

/** Cron expressions: when clusters are read. */
export interface Schedules {
  readonly default: string;
  /** `cluster` is a glob; the last match wins. */
  readonly clusters: readonly { readonly cluster: string; readonly schedule: string }[];
}

/** Every alert that is open or ended within a day, newest first within its state. */
export interface AlertOverview {
  readonly alerts: readonly Alert[];
  /** In force. */
  readonly silences: readonly Silence[];
  readonly book: RuleBook;
  /** Clusters without a baseline yet: rules that need one do not fire before that time. */
  readonly learning: readonly { readonly cluster: string; readonly until: number }[];
  /** Deliveries that Slack does not have yet. */
  readonly waiting: { readonly count: number; readonly oldest: number | null };
}

export interface HistoryRequest {
  readonly cluster: string;
  /** A source's id; null for a node, and for the cluster. */
  readonly source: string | null;
  /** A node's host, with `source` null. */
  readonly node?: string;
  /** Milliseconds back from now. */
  readonly window: number;
  /** At most this many points. */
  readonly points: number;
  /**
   * The window has exactly `points` pieces, and ends with the newest reading, or with the millisecond of this time. Left
   * out, the pieces begin at round times.
   */
  readonly end?: 'newest' | number;
  readonly signal: AbortSignal;
}

export interface History {
  readonly cluster: string;
  /** Null for a node, and for the cluster as a whole. */
  readonly source: KnownSource | null;
  /** A node's host; null for a source, and for the cluster as a whole. */
  readonly node: string | null;
  /**
   * What `buckets` and `max` measure: the dormant connections of a source or a cluster; or all connections of a node, or
   * of all nodes together while no source of the cluster is known, as on the tiers M0 and Flex.
   */
  readonly figure: 'dormant' | 'connections';
  readonly from: number;
  /** The end of the last interval; may be after `newest`. */
  readonly to: number;
  /** The time of the newest reading; null before the first. */
  readonly newest: number | null;
  readonly buckets: readonly SeriesBucket[];
  /** The usual dormant connections now, by the present baseline. Null without one, and for a cluster. */
  readonly usualNow: number | null;
  /** From the last reading; null when the source was not in it. */
  readonly now: { readonly active: number; readonly dormant: number } | null;
  /** From the last reading, with the figure `connections`: null when the node, or no node, was read. */
  readonly connections: { readonly current: number; readonly limit: number | null } | null;
  /** Of the figure. */
  readonly max: { readonly value: number; readonly at: number } | null;
}

/** The end of an interval: of the one with the newest reading, the time of that reading. */
export function intervalEnd(
  { buckets, to, newest }: Pick<History, 'buckets' | 'to' | 'newest'>,
  index: number,
): number {
  const from = buckets[index]?.from ?? to;
  const end = buckets[index + 1]?.from ?? to;
  return newest !== null && newest >= from && newest < end ? newest : end;
}

/** Intervals side by side without any reading. */
export interface HistoryGap {
  /** Index of the first and the last of them. */
  readonly first: number;
  readonly last: number;
  /** The end of the interval before, or the start of the history. */
  readonly from: number;
  /** Null when nothing was read since. */
  readonly to: number | null;
}

/** Oldest first. */
export function gapsOf(history: Pick<History, 'buckets' | 'from' | 'to' | 'newest'>): readonly HistoryGap[] {
  const { buckets } = history;
  const isGap = (index: number) => buckets[index]?.readings === 0;
  const starts = buckets.flatMap((_, index) => (isGap(index) && !isGap(index - 1) ? [index] : []));
  return starts.map((first) => {
    const length = buckets.slice(first).findIndex(({ readings }) => readings > 0);
    const last = length === -1 ? buckets.length - 1 : first + length - 1;
    return {
      ...{ first, last },
      from: first === 0 ? history.from : intervalEnd(history, first - 1),
      to: length === -1 ? null : intervalEnd(history, last),
    };
  });
}

/** One source against its baseline. */
export interface BaselineComparison {
  /** The source's last name. */
  readonly name: string;
  /** Usual dormant connections at this time; null while there is too little history. */
  readonly usual: number | null;
  /** The same for active and dormant connections together. */
  readonly pooled: number | null;
  /** First seen less than a day ago, while the cluster is monitored for longer. */
  readonly isNew: boolean;
}

export interface SilenceRequest {
  readonly cluster: string | null;
  readonly source: string | null;
  readonly node: string | null;
  readonly rule: RuleName | null;
  readonly who: string;
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

/** The state of the monitor: its store, unwritten readings, the last reading of each cluster. */
export interface MonitorState {
  readonly store: {
    readonly kind: string;
    readonly where: string;
    /** Since when the store cannot be used; null while it can. */
    readonly awaySince: number | null;
    /** Why the store cannot be used; null while it can. */
    readonly problem: Problem | null;
  };
  /** Readings in memory that the store does not have yet. Lost readings: too many, or impossible to write. */
  readonly unwritten: number;
  readonly lost: number;
  readonly clusters: readonly ClusterSchedule[];
  /** Why no cluster is monitored; null while one is, and at the start. */
  readonly unwatched: Problem | null;
  /** Deliveries that Slack does not have yet; null when the store did not answer. */
  readonly waiting: { readonly count: number; readonly oldest: number | null } | null;
}

/** Of all replicas while the store is available, else of this one alone. */
export interface ClusterSchedule {
  readonly name: string;
  readonly schedule: string;
  /** The last slot, in milliseconds since 1970; null when none is known. */
  readonly last: number | null;
  /** Null when it is unknown. */
  readonly lastFailed: boolean | null;
  /** Which replica claimed the last slot. */
  readonly holder: string | null;
  /** Slots that came while the previous reading was still running. */
  readonly skipped: number;
}

export interface MonitorStatus extends MonitorState {
  readonly clusters: readonly (ClusterSchedule & {
    /** The next slot, in milliseconds since 1970. */
    readonly next: number | null;
  })[];
}

/** A long history that is evaluated again, e.g. after an update: start, position and end, as times of readings. */
export interface CatchingUp {
  readonly from: number;
  readonly at: number;
  readonly to: number;
}

export interface Monitor {
  board(signal: AbortSignal): Promise<AlertOverview>;
  alert(id: string, signal: AbortSignal): Promise<Alert | null>;
  group(id: string, signal: AbortSignal): Promise<AlertGroup | null>;
  /** Rejects with UserError for a source that was never seen. */
  history(request: HistoryRequest): Promise<History>;
  sources(cluster: string, signal: AbortSignal): Promise<readonly KnownSource[]>;
  /**
   * The growth of nodes over the last four weeks, by host. It is worked out once a day. While the store is away, only
   * what is known already, without a request.
   */
  growth(cluster: string, hosts: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, NodeGrowth>>;
  /** Which sources the history knows, and how long it is. */
  use(cluster: string, signal: AbortSignal): Promise<ClusterUse>;
  /** Null when the cluster is not behind. Makes no request. */
  catchingUp(cluster: string): CatchingUp | null;
  /** The last evaluated reading of each of these clusters that has one. Rejects while the store is away. */
  lastReadings(clusters: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Snapshot>>;
  /** By id of the source; empty before the first reading. */
  usual(cluster: string, signal: AbortSignal): Promise<ReadonlyMap<string, BaselineComparison>>;
  /** What the readings so far say about a cluster, by reference; `NO_PAST` before the first reading. */
  past(cluster: string, signal: AbortSignal): Promise<ClusterPast>;
  /** Acknowledges the alerts that are open, and returns them. */
  acknowledge(act: {
    readonly alerts: readonly string[];
    readonly by: string;
    readonly signal: AbortSignal;
  }): Promise<readonly Alert[]>;
  /**
   * Accepts the level of the sources of these alerts as normal. Ends every open alert of these sources that compares
   * with their usual, and their usual begins at the level of the last hours. Returns the alerts, and those that ended
   * with them. Alerts that `isAcceptable` does not allow stay as they are.
   */
  accept(act: {
    readonly alerts: readonly string[];
    readonly by: string;
    readonly signal: AbortSignal;
  }): Promise<readonly Alert[]>;
  silence(act: {
    readonly request: SilenceRequest;
    readonly by: string | null;
    readonly signal: AbortSignal;
  }): Promise<Silence>;
  /** Ends silences by id, and returns them. */
  unsilence(act: {
    readonly silences: readonly string[];
    readonly by: string | null;
    readonly signal: AbortSignal;
  }): Promise<readonly Silence[]>;
  /** Answers within a moment even if the store does not. Then the store's part is null. */
  status(): Promise<MonitorStatus>;
}

// The health of a schedule. It decides whether a restart would help.

/** One schedule of this process, independent of the store and of the readings' results. */
export interface ScheduleHealth {
  /** E.g. the cluster's name. */
  readonly key: string;
  /** Slots that passed since the schedule last checked the clock, counted up to a few. */
  readonly overdue: number;
  /** The start of the present run, in milliseconds since 1970; null while none runs. */
  readonly runningSince: number | null;
  /** The last progress of long work that a run may wait for; null without such work. */
  readonly movedAt?: number | null;
}

/** One slot may just be due, and a machine that slept has several. The next check is seconds away. */
const MOST_OVERDUE = 2;
/**
 * A reading has timeouts of two minutes. Catching up with a long history may take longer, but makes progress. A restart
 * would only start it again.
 */
const LONGEST_RUN = 15 * MINUTE;

/** Why a schedule is stuck; null while it is healthy. */
export function stuckReason(
  { key, overdue, runningSince, movedAt = null }: ScheduleHealth,
  now: number,
): string | null {
  if (runningSince === null) return overdue > MOST_OVERDUE ? `${overdue} slots of ${key} passed and nothing ran` : null;
  const hasMoved = movedAt !== null && movedAt > runningSince;
  const still = now - (hasMoved ? movedAt : runningSince);
  if (still <= LONGEST_RUN) return null;
  const minutes = Math.floor(still / MINUTE);
  return hasMoved
    ? `the run of ${key} has not moved on for ${minutes} min`
    : `the run of ${key} has gone on for ${minutes} min`;
}

/** Problems that only a restart solves, and how long to wait first. The store's thread restarts by itself. */
const MENDED_BY_RESTART: ReadonlyMap<string, number> = new Map([
  ['store-replaced', 0],
  ['store-thread-ended', MINUTE],
]);

/** Why a restart would repair the store; null when waiting or an operator repairs it. */
export function restartFor(
  { awaySince, problem }: { readonly awaySince: number | null; readonly problem: Problem | null },
  now: number,
): Problem | null {
  const after = problem === null ? undefined : MENDED_BY_RESTART.get(problem.code);
  return after === undefined || awaySince === null || now - awaySince < after ? null : problem;
}

/** Whether waiting never helps. */
export function isUnmended({ code }: Problem): boolean {
  return MENDED_BY_RESTART.get(code) === 0;
}

// One source against its baseline, in a few characters: `6.8 ×`, `as usual`, `new`.

/** A ratio within this factor is usual. */
const NEAR = 1.4;
/** A smaller difference is usual, whatever the ratio. */
const FEW = 10;

/** @param known undefined for a source that is in no scheduled reading yet */
export function againstUsual(dormant: number, known: Pick<BaselineComparison, 'usual' | 'isNew'> | undefined): string {
  if (known?.isNew === true) return 'new';
  const usual = known?.usual ?? null;
  if (usual === null) return '–';
  const isNear = dormant <= usual * NEAR && dormant >= usual / NEAR;
  if (isNear || Math.abs(dormant - usual) < FEW) return 'as usual';
  const ratio = dormant / usual;
  if (!Number.isFinite(ratio) || ratio >= 1_000) return `usually ${count(Math.round(usual))}`;
  return `${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))} ×`;
}
