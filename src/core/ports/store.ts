// Where history and alerts live: the contract of both kinds of store. Types only; store/ provides them.

import type { Alert, AlertGroup } from '../alerting/alert.ts';
import type { Delivery, MessageRef } from '../alerting/delivery.ts';
import type { Silence } from '../alerting/silence.ts';
import type { KnownSource } from '../connections/source.ts';
import type { ClusterState } from '../detection/cluster-state.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';

/** The part of a cluster's state that is written with every reading and every look at the nodes: small, and what decides about telling. */
export interface ClusterHead extends Omit<ClusterState, 'sources' | 'nodes'> {
  /** 1 for the first; each write adds one, and a write of any other version than the next is refused. */
  readonly version: number;
  /** Connections that a node had refused when it was last looked at, and when, by host: a look between readings moves it. */
  readonly rejected: Readonly<Record<string, { readonly count: number; readonly at: number }>>;
}

/** All of a cluster's state but its head, now and then: 32 KB a source. With the readings after it, it is the state. */
export interface Checkpoint {
  /** The reading it was taken after, in milliseconds since 1970. */
  readonly at: number;
  /** The head at that reading, and the pasts of its sources and nodes: JSON texts, in pieces that nobody has to join. */
  readonly head: string;
  readonly sources: readonly { readonly id: string; readonly json: string }[];
  readonly nodes: readonly { readonly host: string; readonly json: string }[];
}

/** What one decision changes, written together or not at all. */
export interface Change {
  readonly cluster: string;
  /** A scheduled reading, judged; null for a look at the nodes, and for what a person or the clock did. */
  readonly reading: { readonly slot: number; readonly snapshot: Snapshot } | null;
  /** The cluster's head from now on, with a reading or without; null leaves it as it is. */
  readonly head: ClusterHead | null;
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
  readonly silences: readonly Silence[];
  /** A `message` takes the place of the one with the same id that still waits; any other id is written once, ever. */
  readonly deliveries: readonly Delivery[];
}

export interface SeriesRequest {
  readonly cluster: string;
  /** Null for the cluster as a whole: the sum over its sources. */
  readonly source: string | null;
  /** Milliseconds since 1970, `from` included and `to` not. */
  readonly from: number;
  readonly to: number;
  /** Into how many equal pieces the time is cut, 1 to 400. */
  readonly buckets: number;
}

/** One piece of the time asked for. Null figures: nothing was read of it then, which is no zero. */
export interface SeriesBucket {
  readonly from: number;
  /** Of dormant connections; a source that a complete reading did not find held zero. */
  readonly dormant: Spread | null;
  readonly pooled: Spread | null;
  readonly readings: number;
  readonly incomplete: number;
  /** When the most dormant ones were held first: the time of a reading, or the beginning of an hour. Null with `dormant`. */
  readonly peakAt: number | null;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Store extends Outbox {
  /** For people: which kind, and where, without secrets. */
  readonly about: { readonly kind: 'sqlite' | 'mongodb'; readonly where: string };

  /** True for exactly one caller a cluster and slot, ever. `slot` is the time it was scheduled for. */
  claim(claim: { readonly cluster: string; readonly slot: number; readonly instance: string }): Promise<boolean>;
  /** Who claimed the last slot of a cluster; null before the first. */
  lastClaim(cluster: string): Promise<{ readonly slot: number; readonly instance: string } | null>;

  /** False, and nothing written, where the slot has a reading already, or the head or a record is not of the next version. */
  write(change: Change): Promise<boolean>;
  /** Whether the slot has a reading. */
  hasReading(of: { readonly cluster: string; readonly slot: number }): Promise<boolean>;

  head(cluster: string): Promise<ClusterHead | null>;
  /** Rejects with UpstreamError, `store-damaged`, for one that cannot be read any more. */
  checkpoint(cluster: string): Promise<Checkpoint | null>;
  /**
   * The newest stays: one of an older moment takes nobody's place, but that of the one whose head is `replaces`, which
   * the caller found to be of no use.
   */
  saveCheckpoint(cluster: string, checkpoint: Checkpoint & { readonly replaces?: string | null }): Promise<void>;

  /** Raw readings, oldest first; `after` excluded, `until` included, null cluster for all of them. */
  snapshots(range: {
    readonly cluster: string | null;
    readonly after: number;
    readonly until: number;
  }): AsyncIterable<Snapshot>;
  /** From raw readings where they are kept, else from their hourly rollups. */
  series(request: SeriesRequest): Promise<readonly SeriesBucket[]>;
  sources(cluster: string): Promise<readonly KnownSource[]>;
  clusters(): Promise<readonly string[]>;

  /** Alerts that are open, or ended at `endedSince` or later; null cluster for all. */
  alerts(filter: { readonly cluster: string | null; readonly endedSince: number }): Promise<readonly Alert[]>;
  alert(id: string): Promise<Alert | null>;
  group(id: string): Promise<AlertGroup | null>;
  /** Those that have not ended. */
  silences(): Promise<readonly Silence[]>;

  /** Removes what is older than the settings keep, and rolls up. Called once an hour by whoever claims that. */
  tidy(now: number): Promise<void>;
  close(): Promise<void>;
}

/** A delivery that somebody took in order to send it. */
export interface LeasedDelivery extends Delivery {
  /** Changes with every write of the same id: a newer state may have come while this one was sent. */
  readonly edition: number;
  /** How often it was taken before. */
  readonly attempts: number;
  /** Whoever took it before never said what became of it: it may be in Slack already. */
  readonly inDoubt: boolean;
  /** A line that stands below it while it holds, e.g. that it was decided without the store. */
  readonly remark?: string;
}

/** What is in Slack although this outbox gave it out to nobody. */
export interface Adopted extends Pick<Delivery, 'id' | 'kind' | 'about' | 'at'> {
  /** Where a message or note stands; null for a reply, and where it was only edited. */
  readonly place: MessageRef | null;
}

export interface Outbox {
  /**
   * Takes what is due, oldest first, for `leaseMs`: nobody else gets it meanwhile. A reply or an edit is not given out
   * before the message it belongs to has a place in Slack; of one alert or group one delivery is out at a time.
   */
  take(input: {
    readonly instance: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly LeasedDelivery[]>;
  /** It is in Slack: remembers where (null for what was only edited or replied), and gives it out no more, unless a newer edition was written. */
  sent(taken: LeasedDelivery, place: MessageRef | null): Promise<void>;
  /** It is certainly not in Slack: given out again from `at` on, at most `LONGEST_WAIT` ahead. */
  postponed(taken: LeasedDelivery, at: number): Promise<void>;
  /** It may be in Slack or not (no answer came): given out again from `at` on, at most `LONGEST_WAIT` ahead, in doubt. */
  doubted(taken: LeasedDelivery, at: number): Promise<void>;
  /** It can never be sent: given up. */
  dropped(taken: LeasedDelivery): Promise<void>;
  /** Takes over what was told past it: messages are edited where they stand, replies and notes are not given out again. */
  adopt(told: readonly Adopted[]): Promise<void>;
  /** Where an alert's, group's or note's message stands; null where it has none (yet). */
  place(about: string): Promise<MessageRef | null>;
  /** The message is gone (deleted, channel gone): the next edition is posted anew. */
  forget(about: string): Promise<void>;
  waiting(): Promise<{
    readonly count: number /** Milliseconds since 1970; null where nothing waits. */;
    readonly oldest: number | null;
  }>;
}
