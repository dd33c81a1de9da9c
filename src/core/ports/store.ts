// The store of history and alerts: the contract of both kinds. Types only; store/ provides them.

import type { Alert, AlertGroup } from '../alerting/alert.ts';
import type { Delivery, MessageRef } from '../alerting/delivery.ts';
import type { Silence } from '../alerting/silence.ts';
import type { KnownSource } from '../connections/source.ts';
import type { ClusterState } from '../detection/cluster-state.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import type { SharedPools } from './pools.ts';

/** The small part of a cluster's state that is written with every reading and node check: the alerts. */
export interface ClusterHead extends Omit<ClusterState, 'sources' | 'nodes'> {
  /** 1 for the first. Each write adds one; a write of another version is refused. */
  readonly version: number;
  /** By host: refused connections at the last node check or reading, and its time. */
  readonly rejected: Readonly<Record<string, { readonly count: number; readonly at: number }>>;
}

/** A cluster's state without its head, written now and then: 32 KB a source. Later readings complete it. */
export interface Checkpoint {
  /** The time of its reading, in milliseconds since 1970. */
  readonly at: number;
  /** The head at that reading, and the histories of its sources and nodes, as JSON texts in separate pieces. */
  readonly head: string;
  readonly sources: readonly { readonly id: string; readonly json: string }[];
  readonly nodes: readonly { readonly host: string; readonly json: string }[];
}

/** The changes of one decision, written in one transaction. */
export interface Change {
  readonly cluster: string;
  /** An evaluated reading; null for a node check, and for the act of a person or the clock. */
  readonly reading: { readonly slot: number; readonly snapshot: Snapshot } | null;
  /** The new head of the cluster; null leaves it unchanged. */
  readonly head: ClusterHead | null;
  readonly alerts: readonly Alert[];
  readonly groups: readonly AlertGroup[];
  readonly silences: readonly Silence[];
  /**
   * A `message` replaces a waiting one with the same id; any other id is written only once. A refresh never takes the
   * place of a change that waits: that one shows the newest figures, too. A change that replaces a waiting refresh is
   * due at once.
   */
  readonly deliveries: readonly Delivery[];
}

export interface SeriesRequest {
  readonly cluster: string;
  /** Null for a node, and for the cluster as a whole: the sum over its sources. */
  readonly source: string | null;
  /** A node's host, or `ALL_NODES`; null for a source, and for the cluster as a whole. */
  readonly node: string | null;
  /** Milliseconds since 1970, `from` included and `to` not. */
  readonly from: number;
  readonly to: number;
  /** The number of equal intervals, 1 to 400. */
  readonly buckets: number;
}

/** One interval. Figures are null without a reading, never 0. */
export interface SeriesBucket {
  readonly from: number;
  /** Dormant connections; a source that is not in a complete reading has 0. Null for a node. */
  readonly dormant: Spread | null;
  readonly pooled: Spread | null;
  /** What was usual at these readings. Null where none of them has it, and for the cluster as a whole. */
  readonly usual: UsualSpread | null;
  /** All connections of a node, own and internal ones included. Null for a source or the cluster as a whole. */
  readonly connections: Spread | null;
  /** The node's limit at the last of these readings; null where it is unknown, and where `connections` is null. */
  readonly limit: number | null;
  /** For a node: the readings that know of it. */
  readonly readings: number;
  /** For a node: the readings that did not reach it. */
  readonly incomplete: number;
  /** When the maximum first occurred: the time of a reading, or the start of an hour. Null without a figure. */
  readonly peakAt: number | null;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface UsualSpread {
  readonly dormant: Spread;
  readonly pooled: Spread;
}

/** A reading that a person looks at. */
export interface ShownReading {
  readonly cluster: string;
  /** When it was read; with the cluster, its name. Milliseconds since 1970, as `until`. */
  readonly at: number;
  /** It is removed after this time. */
  readonly until: number;
  readonly packed: Uint8Array;
}

export interface Store extends Outbox {
  /** For people: kind and place, without secrets. */
  readonly about: { readonly kind: 'sqlite' | 'mongodb'; readonly where: string };

  /** True for exactly one caller per cluster and slot. `slot` is the scheduled time. */
  claim(claim: { readonly cluster: string; readonly slot: number; readonly instance: string }): Promise<boolean>;
  /** The replica that claimed the last slot of a cluster; null before the first. */
  lastClaim(cluster: string): Promise<{ readonly slot: number; readonly instance: string } | null>;

  /**
   * False without a write if the slot has a reading already. Also false if the head or a record is not the next version.
   */
  write(change: Change): Promise<boolean>;
  hasReading(of: { readonly cluster: string; readonly slot: number }): Promise<boolean>;

  head(cluster: string): Promise<ClusterHead | null>;
  /** Rejects with UpstreamError, `store-damaged`, when it cannot be read. */
  checkpoint(cluster: string): Promise<Checkpoint | null>;
  /**
   * Keeps the newest. An older one replaces only the checkpoint with the head `replaces`, which the caller found
   * unusable.
   */
  saveCheckpoint(cluster: string, checkpoint: Checkpoint & { readonly replaces?: string | null }): Promise<void>;

  /** Raw readings, oldest first; `after` excluded, `until` included, null cluster for all. */
  snapshots(range: {
    readonly cluster: string | null;
    readonly after: number;
    readonly until: number;
  }): AsyncIterable<Snapshot>;
  /** From raw readings while the store has them, else from hourly rollups. */
  series(request: SeriesRequest): Promise<readonly SeriesBucket[]>;
  sources(cluster: string): Promise<readonly KnownSource[]>;
  clusters(): Promise<readonly string[]>;

  /** Alerts that are open, or ended at `endedSince` or later; null cluster for all. */
  alerts(filter: { readonly cluster: string | null; readonly endedSince: number }): Promise<readonly Alert[]>;
  alert(id: string): Promise<Alert | null>;
  group(id: string): Promise<AlertGroup | null>;
  /** Silences that have not ended. */
  silences(): Promise<readonly Silence[]>;

  /** Replaces the same reading. The store keeps the newest hundred. */
  keepShown(shown: ShownReading): Promise<void>;
  /** May have expired; null when it was never kept or is removed. */
  shown(of: Pick<ShownReading, 'cluster' | 'at'>): Promise<ShownReading | null>;

  /** Reports of the applications' pools; only in a store that replicas share. */
  readonly pools?: SharedPools;

  /** Removes records past their retention, and rolls up. One replica calls it once an hour. */
  tidy(now: number): Promise<void>;
  close(): Promise<void>;
}

/** A delivery that a replica is sending. */
export interface LeasedDelivery extends Delivery {
  /** Changes with every write of the same id, because a newer state may arrive during sending. */
  readonly edition: number;
  /** The number of earlier leases. */
  readonly attempts: number;
  /** An earlier lease expired without a result, so the message may already be in Slack. */
  readonly inDoubt: boolean;
  /** A line below the message while it applies, e.g. that the decision was made without the store. */
  readonly remark?: string;
}

/** A message that reached Slack without this outbox. */
export interface Adopted extends Pick<Delivery, 'id' | 'kind' | 'about' | 'at'> {
  /** The place of a message or note; null for a reply or an edit. */
  readonly place: MessageRef | null;
}

export interface Outbox {
  /**
   * Leases the due deliveries for `leaseMs`, oldest first. A reply or an edit waits until its message is in Slack. Each
   * alert or group has one leased delivery at a time. Behind them come the refreshes: critical first, then the oldest.
   * A waiting refresh holds up nothing of its thread.
   */
  take(input: {
    readonly instance: string;
    readonly now: number;
    readonly leaseMs: number;
    /** The most deliveries, refreshes not counted. */
    readonly limit: number;
    /** The most refreshes. */
    readonly refreshes: number;
  }): Promise<readonly LeasedDelivery[]>;
  /**
   * The message is in Slack. Stores its place (null for an edit or a reply), and ends it unless a newer edition exists.
   */
  sent(taken: LeasedDelivery, place: MessageRef | null): Promise<void>;
  /** The message is not in Slack. It is leased again from `at` on, at most `LONGEST_POSTPONEMENT` ahead. */
  postponed(taken: LeasedDelivery, at: number): Promise<void>;
  /**
   * No answer came, so the message may be in Slack. It is leased again from `at` on, at most `LONGEST_POSTPONEMENT`
   * ahead, in doubt.
   */
  doubted(taken: LeasedDelivery, at: number): Promise<void>;
  /** The message can never be sent. */
  dropped(taken: LeasedDelivery): Promise<void>;
  /** Records messages that bypassed the outbox. They are edited in place; replies and notes are not sent again. */
  adopt(told: readonly Adopted[]): Promise<void>;
  /** The place of the message of an alert, group or note; null without one. */
  place(about: string): Promise<MessageRef | null>;
  /** The message or its channel was deleted. The next edition is posted as a new message. */
  forget(about: string): Promise<void>;
  /** Without refreshes, because a late refresh loses nothing. */
  waiting(): Promise<{
    readonly count: number /** Milliseconds since 1970; null where nothing waits. */;
    readonly oldest: number | null;
  }>;
}
