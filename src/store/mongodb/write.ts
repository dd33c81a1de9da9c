// Writes a decision: a reading, its alerts and their deliveries, in one transaction.

import { Binary, type ClientSession, ObjectId } from 'mongodb';
import type { Change, Store } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { MOST_SHOWN } from '../retention.ts';
import { writeRecords } from './alerts.ts';
import type { Connection } from './connection.ts';
import type { Collections, SnapshotDocument } from './documents.ts';
import { sightings } from './history.ts';
import { nodeAdditions } from './nodes.ts';
import { queue } from './outbox.ts';
import { packed } from './packed.ts';
import { isDuplicate } from './problems.ts';
import { additions } from './retention.ts';

/** @param now the time of the trace, which identifies a change that was committed without an answer */
export function writerIn(connection: Connection, collections: Collections, now: () => Date): Pick<Store, 'write'> {
  // Changes with an unknown commit result, in case they are written again.
  const unsure = new WeakMap<Change, ObjectId>();
  return {
    async write(change) {
      const known = unsure.get(change);
      const trace = { _id: known ?? new ObjectId(), at: now() };
      const reading = await readingOf(change);
      try {
        const written = await connection.transact(async ({ session, isRetry }) => {
          const mayBeThere = isRetry || known !== undefined;
          if (mayBeThere && (await collections.changes.findOne({ _id: trace._id }, { session })) !== null) return true;
          await collections.changes.insertOne(trace, { session });
          const isNew =
            (await writeRecords(collections, change, session)) &&
            (reading === null || (await writeReading(collections, reading, session)));
          const since = { $setOnInsert: { since: trace.at } };
          if (isNew && (reading !== null || change.head !== null))
            await collections.clusters.updateOne({ _id: change.cluster }, since, { session, upsert: true });
          if (isNew) await queue(collections.threads, change.deliveries, session);
          return isNew || null;
        });
        unsure.delete(change);
        return written !== null;
      } catch (error) {
        unsure.set(change, trace._id);
        throw error;
      }
    },
  };
}

interface ReadingDocuments {
  readonly snapshot: Snapshot;
  readonly document: SnapshotDocument;
}

/** Compressed before the transaction starts. */
async function readingOf({ cluster, reading }: Change): Promise<ReadingDocuments | null> {
  if (reading === null) return null;
  const { slot, snapshot } = reading;
  const content = await packed(JSON.stringify(snapshot));
  const id = { cluster, slot: new Date(slot) };
  return { snapshot, document: { _id: id, cluster, at: new Date(snapshot.at), packed: content } };
}

/** False if the slot already has a reading; then the transaction must not be committed. */
async function writeReading(
  { snapshots, readings, nodes, sources }: Collections,
  { document, snapshot }: ReadingDocuments,
  session: ClientSession,
): Promise<boolean> {
  try {
    await snapshots.insertOne(document, { session });
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
  await readings.bulkWrite(additions(snapshot), { session, ordered: false });
  if (snapshot.nodes.length > 0) await nodes.bulkWrite(nodeAdditions(snapshot), { session, ordered: false });
  if (snapshot.sources.length > 0) await sources.bulkWrite(sightings(snapshot), { session, ordered: false });
  return true;
}

// Readings that people look at. The server removes those that expired.

export function shownIn({ call }: Connection, { shown }: Collections): Pick<Store, 'keepShown' | 'shown'> {
  return {
    async keepShown({ cluster, at, until, packed }) {
      const document = { until: new Date(until), packed: new Binary(packed) };
      await call(() => shown.replaceOne({ _id: { cluster, at } }, document, { upsert: true }));
      const [oldest] = await call(({ signal }) =>
        shown.find({}, { signal, sort: { until: -1 }, skip: MOST_SHOWN, limit: 1, projection: { until: 1 } }).toArray(),
      );
      if (oldest !== undefined) await call(() => shown.deleteMany({ until: { $lte: oldest.until } }));
    },
    async shown({ cluster, at }) {
      const found = await call(({ signal }) => shown.findOne({ _id: { cluster, at } }, { signal }));
      return found === null ? null : { cluster, at, until: found.until.getTime(), packed: found.packed.value() };
    },
  };
}

// Slots: exactly one caller gets each, because the id of a claim is its cluster and slot.

export function claimsIn({ call }: Connection, { claims }: Collections): Pick<Store, 'claim' | 'lastClaim'> {
  return {
    async claim({ cluster, slot, instance }) {
      const id = { cluster, slot: new Date(slot) };
      const token = new ObjectId();
      return call(async () => {
        try {
          await claims.insertOne({ _id: id, ...id, instance, token });
          return true;
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          // It may be our own claim, from an attempt without an answer.
          return (await claims.findOne({ _id: id, token })) !== null;
        }
      });
    },
    async lastClaim(cluster) {
      const last = await call(({ signal }) => claims.findOne({ cluster }, { sort: { slot: -1 }, signal }));
      return last === null ? null : { slot: last.slot.getTime(), instance: last.instance };
    },
  };
}
