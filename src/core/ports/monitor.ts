// What a face may ask of the watch: alerts, silences, history, and what is usual. Types only; app/ provides it.

import type { AlertGroup, AlertRecord } from '../alerting/alert.ts';
import type { Silence } from '../alerting/silence.ts';
import type { Problem } from '../base/problem.ts';
import type { RuleBook, RuleName } from '../detection/rules.ts';
import type { KnownSource, SeriesBucket } from './store.ts';

/** Every alert that is open or ended within a day, newest first within its state. */
export interface Board {
  readonly alerts: readonly AlertRecord[];
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
export interface AgainstUsual {
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
export interface WatchState {
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
  readonly clusters: readonly ClusterWatch[];
  /** Why no cluster is watched; null while one is, and before that is known. */
  readonly unwatched: Problem | null;
  /** Deliveries that Slack does not have yet; null where the store did not tell, neither this nor of other replicas. */
  readonly waiting: { readonly count: number; readonly oldest: number | null } | null;
}

/** Of all replicas where the store tells, else of this one alone. */
export interface ClusterWatch {
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
export interface WatchStatus extends WatchState {
  readonly clusters: readonly (ClusterWatch & {
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

export interface Watching {
  board(signal: AbortSignal): Promise<Board>;
  alert(id: string, signal: AbortSignal): Promise<AlertRecord | null>;
  group(id: string, signal: AbortSignal): Promise<AlertGroup | null>;
  /** Rejects with UserError for a source that was never seen. */
  history(request: HistoryRequest): Promise<History>;
  sources(cluster: string, signal: AbortSignal): Promise<readonly KnownSource[]>;
  /** Null where the cluster is not behind. Asks nobody. */
  catchingUp(cluster: string): CatchingUp | null;
  /** By id of the source; empty before the first reading. */
  usual(cluster: string, signal: AbortSignal): Promise<ReadonlyMap<string, AgainstUsual>>;
  /** Acknowledges those of the alerts that are open. @returns them as they are now */
  acknowledge(act: {
    readonly alerts: readonly string[];
    readonly by: string;
    readonly signal: AbortSignal;
  }): Promise<readonly AlertRecord[]>;
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
  status(): Promise<WatchStatus>;
}
