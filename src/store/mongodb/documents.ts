// The documents of each collection. Fields for expiry indexes and queries are dates.

import type { Binary, Collection, ObjectId } from 'mongodb';
import type { Severity } from '../../core/detection/rule.ts';
import type { StoredRecord } from '../records.ts';
import type { ThreadState } from './outbox-state.ts';

/** Identifies the owner of the database; there is one such document. */
interface SchemaDocument {
  readonly _id: 'atlas-conns';
  readonly version: number;
}

/** A committed change. A writer that got no answer finds it here. */
interface ChangeDocument {
  readonly _id: ObjectId;
  readonly at: Date;
}

/** The order of the fields is part of the id. */
interface SlotId {
  readonly cluster: string;
  readonly slot: Date;
}

interface ClaimDocument extends SlotId {
  readonly _id: SlotId;
  readonly instance: string;
  /** Identifies the one call that got the slot. */
  readonly token: ObjectId;
}

interface ClusterDocument {
  readonly _id: string;
  /** When its first part was written. */
  readonly since: Date;
}

export interface SnapshotDocument {
  readonly _id: SlotId;
  readonly cluster: string;
  readonly at: Date;
  readonly packed: Binary;
}

/** The order of the fields is part of the id. It makes the id the index of charts: days of one source are adjacent. */
export interface DayId {
  readonly cluster: string;
  /** Null for the sum over all sources, which covers every reading. */
  readonly source: string | null;
  /** Start of the day, UTC. */
  readonly day: Date;
}

/** Figures of a source in the readings of one day, in columns. The sum also has the completeness of each reading. */
export interface ReadingsDocument {
  readonly _id: DayId;
  readonly cluster: string;
  readonly day: Date;
  /** Milliseconds since the start of the day, in the order of writing. */
  readonly at: readonly number[];
  /** Null if an incomplete reading found nothing. */
  readonly active: readonly (number | null)[];
  readonly dormant: readonly (number | null)[];
  readonly complete?: readonly boolean[];
  /**
   * What was usual: time of the reading as in `at`, dormant and pooled in sequence. Readings without it have none, so
   * that replicas of an earlier version may write the same day.
   */
  readonly usual?: readonly number[];
  /** The end of the day after its hours are written. Null before, so that nothing is deleted before its rollup. */
  readonly rolledUp: Date | null;
}

/** Hourly figures of a source for one day, in columns. The sum has every hour with readings. */
export interface HoursDocument {
  readonly _id: DayId;
  readonly day: Date;
  /** 0 to 23, UTC. */
  readonly hour: readonly number[];
  /** Minimum, median and maximum of each hour in sequence: plain numbers are read five times as fast as objects. */
  readonly dormant: readonly (number | null)[];
  readonly pooled: readonly (number | null)[];
  /** What was usual: dormant and pooled of each hour in sequence. Missing for the sum, and in data of older versions. */
  readonly usual?: readonly (number | null)[];
  /** Only for the sum. */
  readonly readings?: readonly number[];
  readonly incomplete?: readonly number[];
  /** Earlier hours are past their retention. */
  readonly from?: number;
}

/** A node's figures of one day, in columns: of its readings, or of its hours once these readings are too old. */
export interface NodeDocument {
  /** The order of the fields is part of the id. `node` is a host, or `ALL_NODES`. */
  readonly _id: { readonly cluster: string; readonly node: string; readonly day: Date };
  readonly day: Date;
  /** The day while it has readings; then it is removed, so that retention finds what it has to roll up. */
  readonly unrolled?: Date;
  /** Milliseconds since the start of the day, in the order of writing. */
  readonly at?: readonly number[];
  readonly complete?: readonly boolean[];
  /** Null where the node was not read. */
  readonly current?: readonly (number | null)[];
  readonly limit?: readonly (number | null)[];
  readonly hours?: readonly NodeHour[];
}

export interface NodeHour {
  /** 0 to 23, UTC. */
  readonly hour: number;
  readonly readings: number;
  readonly incomplete: number;
  /** Minimum, median, maximum. */
  readonly connections: readonly number[] | null;
  readonly limit: number | null;
}

interface ShownDocument {
  readonly _id: { readonly cluster: string; readonly at: number };
  readonly until: Date;
  readonly packed: Binary;
}

export interface SourceDocument {
  readonly _id: { readonly cluster: string; readonly source: string };
  readonly cluster: string;
  readonly name: string;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

interface CheckpointDocument {
  readonly _id: string;
  readonly at: Date;
  /** JSON. */
  readonly head: string;
}

/** Several texts of a checkpoint, concatenated and compressed. */
export interface PieceDocument {
  readonly _id: { readonly cluster: string; readonly index: number };
  readonly cluster: string;
  readonly of: 'source' | 'node';
  readonly ids: readonly string[];
  /** Length of each text, in bytes. */
  readonly lengths: readonly number[];
  readonly packed: Binary;
}

export interface RecordDocument<Stored = StoredRecord> {
  readonly _id: string;
  readonly version: number;
  readonly cluster: string | null;
  /** Null while the alert is open or the silence is in force. */
  readonly ended: Date | null;
  readonly record: Stored;
}

export interface ThreadDocument extends ThreadState {
  readonly _id: string;
  /** `revision` increases with every write; `stamp` identifies the write. */
  readonly revision: number;
  readonly stamp: ObjectId;
  /** When a delivery can next be leased, a refresh excepted; null if none can. */
  readonly due: Date | null;
  /** The refresh that waits; null if none does. Missing in data of older versions. */
  readonly refresh?: { readonly severity: Severity; readonly since: number; readonly due: Date } | null;
  /** Decision time of the newest delivery, once none waits; null while one waits. */
  readonly idleSince: Date | null;
}

/** The newest report of a process. Texts are JSON, because server addresses are no valid field names. */
export interface PoolDocument {
  /** The id of the process. */
  readonly _id: string;
  readonly seq: number;
  readonly pid: number;
  readonly host: string;
  /** By the clock of the server. */
  readonly at: Date;
  /** Of its first report, as `at`. Documents of earlier versions have none. */
  readonly firstAt?: Date;
  /** It said goodbye. It stays for its `seq`, until the server removes it: an older report may come late. */
  readonly gone?: boolean;
  readonly report: string;
  readonly totals: string;
  readonly before: { readonly at: Date; readonly totals: string } | null;
}

export interface Collections {
  readonly schema: Collection<SchemaDocument>;
  readonly changes: Collection<ChangeDocument>;
  readonly claims: Collection<ClaimDocument>;
  readonly clusters: Collection<ClusterDocument>;
  /** The records are JSON, because keys of a head are not valid field names. */
  readonly heads: Collection<RecordDocument<string>>;
  readonly snapshots: Collection<SnapshotDocument>;
  readonly readings: Collection<ReadingsDocument>;
  readonly hours: Collection<HoursDocument>;
  readonly nodes: Collection<NodeDocument>;
  readonly shown: Collection<ShownDocument>;
  readonly sources: Collection<SourceDocument>;
  readonly checkpoints: Collection<CheckpointDocument>;
  readonly pieces: Collection<PieceDocument>;
  readonly alerts: Collection<RecordDocument>;
  readonly groups: Collection<RecordDocument>;
  readonly silences: Collection<RecordDocument>;
  readonly threads: Collection<ThreadDocument>;
  readonly pools: Collection<PoolDocument>;
}
