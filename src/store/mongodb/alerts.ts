// Heads, alerts, groups and silences as documents: one per record, replaced only by its next version.

import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import type { Alert, AlertGroup } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { Change, ClusterHead, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';
import { ALERT, GROUP, HEAD, type RecordKind, SILENCE } from '../records.ts';
import type { Connection } from './connection.ts';
import type { Collections, RecordDocument } from './documents.ts';
import { damagedProblem, type FailedCall, isDuplicate } from './problems.ts';

export function recordsIn(
  { call, asked }: Connection,
  { heads, alerts, groups, silences }: Collections,
): Pick<Store, 'head' | 'alerts' | 'alert' | 'group' | 'silences'> {
  return {
    async head(cluster) {
      const found = await call(({ signal }) => heads.findOne({ _id: cluster }, { signal }));
      return found === null ? null : recordFrom(asked, HEAD, found);
    },
    async alerts({ cluster, endedSince }) {
      const filter = {
        ...(cluster !== null && { cluster }),
        $or: [{ ended: null }, { ended: { $gte: new Date(endedSince) } }],
      };
      const found = await call(({ signal }) => alerts.find(filter, { signal, sort: { _id: 1 } }).toArray());
      return found.map((document) => recordFrom(asked, ALERT, document));
    },
    async alert(id) {
      const found = await call(({ signal }) => alerts.findOne({ _id: id }, { signal }));
      return found === null ? null : recordFrom(asked, ALERT, found);
    },
    async group(id) {
      const found = await call(({ signal }) => groups.findOne({ _id: id }, { signal }));
      return found === null ? null : recordFrom(asked, GROUP, found);
    },
    async silences() {
      const found = await call(({ signal }) => silences.find({ ended: null }, { signal, sort: { _id: 1 } }).toArray());
      return found.map((document) => recordFrom(asked, SILENCE, document));
    },
  };
}

/** Throws UpstreamError for a damaged record. */
export function recordFrom<Typed extends object>(
  asked: FailedCall,
  kind: RecordKind<Typed>,
  { _id, record }: Pick<RecordDocument<unknown>, '_id' | 'record'>,
): Typed {
  try {
    return kind.decode(typeof record === 'string' ? JSON.parse(record) : record);
  } catch (cause) {
    throw new UpstreamError(damagedProblem(asked, `${kind.name} (${_id})`), { cause });
  }
}

/** False if a record is not the next version; then the transaction must not be committed. */
export async function writeRecords(
  { heads, alerts, groups, silences }: Collections,
  change: Change,
  session: ClientSession,
): Promise<boolean> {
  const head = change.head === null ? [] : [headDocument(change.cluster, change.head)];
  return (
    (await replaceAll(heads, head, session)) &&
    (await replaceAll(alerts, change.alerts.map(alertDocument), session)) &&
    (await replaceAll(groups, change.groups.map(groupDocument), session)) &&
    (await replaceAll(silences, change.silences.map(silenceDocument), session))
  );
}

async function replaceAll<T>(
  collection: Collection<RecordDocument<T>>,
  documents: readonly RecordDocument<T>[],
  session: ClientSession,
): Promise<boolean> {
  if (documents.length === 0) return true;
  const writes = documents.map((document): AnyBulkWriteOperation<RecordDocument<T>> => {
    const { _id, ...replacement } = document;
    const before = { _id, version: document.version - 1 };
    return document.version === 1 ? { insertOne: { document } } : { replaceOne: { filter: before, replacement } };
  });
  try {
    const { insertedCount, matchedCount } = await collection.bulkWrite(writes, { session });
    return insertedCount + matchedCount === documents.length;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

function headDocument(cluster: string, head: ClusterHead): RecordDocument<string> {
  return { _id: cluster, version: head.version, cluster, ended: null, record: JSON.stringify(HEAD.encode(head)) };
}

function alertDocument(alert: Alert): RecordDocument {
  const { id, version, cluster, state, endedAt } = alert;
  const ended = state === 'ended' && endedAt !== null ? new Date(endedAt) : null;
  return { _id: id, version, cluster, ended, record: ALERT.encode(alert) };
}

function groupDocument(group: AlertGroup): RecordDocument {
  const { id, version, cluster } = group;
  return { _id: id, version, cluster, ended: null, record: GROUP.encode(group) };
}

function silenceDocument(silence: Silence): RecordDocument {
  const { id, version, cluster, endedAt } = silence;
  const ended = endedAt === null ? null : new Date(endedAt);
  return { _id: id, version, cluster, ended, record: SILENCE.encode(silence) };
}
