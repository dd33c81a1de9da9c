// What a face may ask of the watch: alerts, silences, history, and what is usual. Types only; app/ provides it.

import type { Alert, AlertGroup } from '../alerting/alert.ts';
import type { Silence } from '../alerting/silence.ts';
import { MINUTE } from '../base/duration.ts';
import { count } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import type { KnownSource } from '../connections/source.ts';
import type { RuleBook, RuleName } from '../detection/rules.ts';
import type { SeriesBucket } from './store.ts';

/** Cron expressions: when clusters are read. */
export interface Schedules {
  readonly default: string;
  /** `cluster` is a glob; the last that fits wins. */
  readonly clusters: readonly { readonly cluster: string; readonly schedule: string }[];
}

/** Every alert that is open or ended within a day, newest first within its state. */
export interface AlertOverview {
  readonly alerts: readonly Alert[];
  /** In force. */
  readonly silences: readonly Silence[];
  readonly book: RuleBook;
  /** Those with too little history for anything to be usual: rules that go by it do not fire before that time. */
  readonly learning: readonly { readonly cluster: string; readonly until: number }[];
  /** Deliveries that Slack does not have yet. */
  readonly waiting: { readonly count: number; readonly oldest: number | null };
}

export interface HistoryRequest {
  readonly cluster: string;
  /** A source's id; null for the cluster. */
  readonly source: string | null;
  /** Milliseconds back from now. */
  readonly window: number;
  /** At most this many points. */
  readonly points: number;
  readonly signal: AbortSignal;
}

export interface History {
  readonly cluster: string;
  /** Null for the cluster as a whole. */
  readonly source: KnownSource | null;
  readonly from: number;
  readonly to: number;
  readonly buckets: readonly SeriesBucket[];
  /** The median of what is usual within each bucket, of dormant connections, as it is known now; null where it is not, or for a cluster. */
  readonly usual: readonly (number | null)[];
  /** The highest of it, to stand beside what was held at most. */
  readonly usualMost: readonly (number | null)[];
  /** At this moment, whatever the window. */
  readonly usualNow: number | null;
  /** Of the last reading; null where the source was not in it. */
  readonly now: { readonly active: number; readonly dormant: number } | null;
  readonly max: { readonly dormant: number; readonly at: number } | null;
}

/** One source against its own past. */
export interface BaselineComparison {
  /** Usual dormant connections at this time; null while there is too little history. */
  readonly usual: number | null;
  /** First seen less than a day ago by a watch that is older than that. */
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

/** Where the watch stands: its store, what is not written yet, the last reading of each cluster. */
export interface MonitorState {
  readonly store: {
    readonly kind: string;
    readonly where: string;
    /** Since when it cannot be used; null while it can. */
    readonly awaySince: number | null;
    /** Why it cannot be used, as it was last found; null while it can. */
    readonly problem: Problem | null;
  };
  /** Readings in memory that the store does not have yet, and those that were lost: they were too many, or could not be written. */
  readonly unwritten: number;
  readonly lost: number;
  readonly clusters: readonly ClusterSchedule[];
  /** Why no cluster is watched; null while one is, and before that is known. */
  readonly unwatched: Problem | null;
  /** Deliveries that Slack does not have yet; null where the store did not tell, neither this nor of other replicas. */
  readonly waiting: { readonly count: number; readonly oldest: number | null } | null;
}

/** Of all replicas where the store tells, else of this one alone. */
export interface ClusterSchedule {
  readonly name: string;
  readonly schedule: string;
  /** The last slot, in milliseconds since 1970; null where none is known. */
  readonly last: number | null;
  /** Null where that is not known. */
  readonly lastFailed: boolean | null;
  /** Which replica claimed the last slot. */
  readonly holder: string | null;
  /** Slots that came while the reading before still ran. */
  readonly skipped: number;
}

/** What the watch says of itself in `status`. */
export interface MonitorStatus extends MonitorState {
  readonly clusters: readonly (ClusterSchedule & {
    /** The next slot, in milliseconds since 1970. */
    readonly next: number | null;
  })[];
}

/** A long history that is judged again, e.g. after an update: where that began, where it is and where it ends, by the time of readings. */
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
  /** Null where the cluster is not behind. Asks nobody. */
  catchingUp(cluster: string): CatchingUp | null;
  /** By id of the source; empty before the first reading. */
  usual(cluster: string, signal: AbortSignal): Promise<ReadonlyMap<string, BaselineComparison>>;
  /** Acknowledges those of the alerts that are open. @returns them as they are now */
  acknowledge(act: {
    readonly alerts: readonly string[];
    readonly by: string;
    readonly signal: AbortSignal;
  }): Promise<readonly Alert[]>;
  silence(act: {
    readonly request: SilenceRequest;
    readonly by: string | null;
    readonly signal: AbortSignal;
  }): Promise<Silence>;
  /** Ends silences by id. @returns them as they are now */
  unsilence(act: {
    readonly silences: readonly string[];
    readonly by: string | null;
    readonly signal: AbortSignal;
  }): Promise<readonly Silence[]>;
  /** Within a moment, whatever becomes of the store: what only it knows is then null. */
  status(): Promise<MonitorStatus>;
}

// Whether a schedule still beats: what decides that a process is worth starting anew.

/** One schedule, as this process keeps it; whoever has the store, and whatever became of the readings. */
export interface ScheduleHealth {
  /** E.g. the cluster's name. */
  readonly key: string;
  /** Slots that passed since the schedule last looked at the clock, counted up to a few. */
  readonly overdue: number;
  /** Since when a run goes on, in milliseconds since 1970; null while none does. */
  readonly runningSince: number | null;
  /** When the long work that runs may wait for last moved on, whichever of them; null where there was none. */
  readonly movedAt?: number | null;
}

/** One may just be due, and a machine that slept wakes to several: the next look is seconds away. */
const MOST_OVERDUE = 2;
/**
 * A reading has deadlines of two minutes. Catching up with a long history may take longer than this, and moves on: who
 * ended it would have it begin again.
 */
const LONGEST_RUN = 15 * MINUTE;

/** Why a schedule is stuck, in words; null while it beats. */
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

/** What a new process mends and waiting does not, and for how long it is there first: a thread is begun again by itself. */
const MENDED_BY_RESTART: ReadonlyMap<string, number> = new Map([
  ['store-replaced', 0],
  ['store-thread-ended', MINUTE],
]);

/** Why a restart would mend the store; null where waiting mends it, or only an operator can. */
export function restartFor(
  { awaySince, problem }: { readonly awaySince: number | null; readonly problem: Problem | null },
  now: number,
): Problem | null {
  const after = problem === null ? undefined : MENDED_BY_RESTART.get(problem.code);
  return after === undefined || awaySince === null || now - awaySince < after ? null : problem;
}

/** Whether waiting is of no use. */
export function isUnmended({ code }: Problem): boolean {
  return MENDED_BY_RESTART.get(code) === 0;
}

// One source against its own past, in a word or two: `6.8 ×`, `as usual`, `new`.

/** Nearer to its usual than this nobody has to look. */
const NEAR = 1.4;
/** A few connections more or less are nothing, whatever the ratio. */
const FEW = 10;

/** @param known undefined for a source that no reading of the watch has found yet */
export function againstUsual(dormant: number, known: BaselineComparison | undefined): string {
  if (known?.isNew === true) return 'new';
  const usual = known?.usual ?? null;
  if (usual === null) return '–';
  const isNear = dormant <= usual * NEAR && dormant >= usual / NEAR;
  if (isNear || Math.abs(dormant - usual) < FEW) return 'as usual';
  const ratio = dormant / usual;
  if (!Number.isFinite(ratio) || ratio >= 1_000) return `usually ${count(Math.round(usual))}`;
  return `${ratio < 10 ? ratio.toFixed(1) : count(Math.round(ratio))} ×`;
}
