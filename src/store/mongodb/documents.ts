// What the documents of each collection look like. Fields that an index removes by, or a query selects by, are dates.

import type { Binary, Collection, ObjectId } from 'mongodb';
import type { StoredRecord } from '../records.ts';
import type { ThreadState } from './outbox-state.ts';

/** Which database holds what; there is one such document. */
interface SchemaDocument {
  readonly _id: 'atlas-conns';
  readonly version: number;
}

/** A change that was committed: whoever did not hear so finds it here. */
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
  /** Of the one call that got it. */
  readonly token: ObjectId;
}

interface ClusterDocument {
  readonly _id: string;
  /** When the first of it was written. */
  readonly since: Date;
}

export interface SnapshotDocument {
  readonly _id: SlotId;
  readonly cluster: string;
  readonly at: Date;
  readonly packed: Binary;
}

/** The order of the fields is part of the id, and makes it the index of a chart: one source's days side by side. */
export interface DayId {
  readonly cluster: string;
  /** Null for the sum over all sources, whose days tell of every reading. */
  readonly source: string | null;
  /** Its beginning, UTC. */
  readonly day: Date;
}

/** What the readings of one day found of a source, a column each; of a sum also whether they were complete. */
export interface ReadingsDocument {
  readonly _id: DayId;
  readonly cluster: string;
  readonly day: Date;
  /** Milliseconds since the day began; in the order of writing. */
  readonly at: readonly number[];
  /** Null where an incomplete reading found nothing. */
  readonly active: readonly (number | null)[];
  readonly dormant: readonly (number | null)[];
  readonly complete?: readonly boolean[];
  /** The end of the day once its hours are written; null before, so that nothing is removed that is not summed up. */
  readonly rolledUp: Date | null;
}

/** The hours of one day that knew something of a source, a column each; of a sum the hours that had readings. */
export interface HoursDocument {
  readonly _id: DayId;
  readonly day: Date;
  /** 0 to 23, UTC. */
  readonly hour: readonly number[];
  /** Least, median and most of each hour in a row: numbers side by side are read five times as fast as objects. */
  readonly dormant: readonly (number | null)[];
  readonly pooled: readonly (number | null)[];
  /** Of a sum. */
  readonly readings?: readonly number[];
  readonly incomplete?: readonly number[];
  /** Hours before it are older than is kept. */
  readonly from?: number;
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

/** Some of a checkpoint's texts, one after the other, compressed. */
export interface PieceDocument {
  readonly _id: { readonly cluster: string; readonly index: number };
  readonly cluster: string;
  readonly of: 'source' | 'node';
  readonly ids: readonly string[];
  /** Of each text, in bytes. */
  readonly lengths: readonly number[];
  readonly packed: Binary;
}

export interface RecordDocument<Stored = StoredRecord> {
  readonly _id: string;
  readonly version: number;
  readonly cluster: string | null;
  /** Null while it is open or in force. */
  readonly ended: Date | null;
  readonly record: Stored;
}

export interface ThreadDocument extends ThreadState {
  readonly _id: string;
  /** One more with every write, and whose write it was. */
  readonly revision: number;
  readonly stamp: ObjectId;
  /** From when on something can be given out; null while nothing can. */
  readonly due: Date | null;
  /** Since when nothing waits: when its newest delivery was decided; null while something does. */
  readonly idleSince: Date | null;
}

export interface Collections {
  readonly schema: Collection<SchemaDocument>;
  readonly changes: Collection<ChangeDocument>;
  readonly claims: Collection<ClaimDocument>;
  readonly clusters: Collection<ClusterDocument>;
  /** The records are JSON: keys of a head are no names of fields. */
  readonly heads: Collection<RecordDocument<string>>;
  readonly snapshots: Collection<SnapshotDocument>;
  readonly readings: Collection<ReadingsDocument>;
  readonly hours: Collection<HoursDocument>;
  readonly sources: Collection<SourceDocument>;
  readonly checkpoints: Collection<CheckpointDocument>;
  readonly pieces: Collection<PieceDocument>;
  readonly alerts: Collection<RecordDocument>;
  readonly groups: Collection<RecordDocument>;
  readonly silences: Collection<RecordDocument>;
  readonly threads: Collection<ThreadDocument>;
}
