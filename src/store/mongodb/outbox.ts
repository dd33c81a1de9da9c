// The outbox: one document per alert or group with its deliveries. It changes only from the state that was read.

import { type ClientSession, type Collection, ObjectId } from 'mongodb';
import { type Delivery, LONGEST_POSTPONEMENT } from '../../core/alerting/delivery.ts';
import type { Severity } from '../../core/detection/rule.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import { DELIVERY } from '../records.ts';
import { recordFrom } from './alerts.ts';
import type { Connection } from './connection.ts';
import type { Collections, ThreadDocument } from './documents.ts';
import {
  added,
  adopted,
  delayed,
  dropped,
  dueAt,
  forgotten,
  inLine,
  NEW_THREAD,
  nextOf,
  refreshIn,
  sent,
  type Taking,
  type ThreadState,
  take,
  threadOf,
} from './outbox-state.ts';

/** Threads examined per lease: more than are sent at a time. */
const MOST = 1_000;
/** Refreshes that are examined beside those to lease: another replica may be faster. */
const SPARE = 5;

export function outboxIn({ call, asked }: Connection, { threads }: Collections): Outbox {
  const change = (id: string, next: (thread: ThreadState) => ThreadState) =>
    call(async ({ signal }) => {
      for (;;) {
        signal.throwIfAborted();
        const stored = await threads.findOne({ _id: id }, { signal });
        const before = stored === null ? null : current(stored);
        if (before === null || (await swap(threads, { before, next: next(before), stamp: new ObjectId() }))) return;
      }
    });
  const settle = (taken: LeasedDelivery, next: (thread: ThreadState) => ThreadState) => change(threadOf(taken), next);
  return {
    async take({ limit, refreshes, ...taking }) {
      const { now } = taking;
      const leased = async (found: readonly ThreadDocument[], most: number) => {
        const taken: LeasedDelivery[] = [];
        for (const thread of found) {
          if (taken.length >= most) break;
          const next = nextOf(thread, now);
          if (next !== null) recordFrom(asked, DELIVERY, { _id: next.id, record: next });
          const stamp = new ObjectId();
          const one = await call(({ isRetry }) => takeFrom(threads, thread, { ...taking, stamp, isRetry }));
          if (one !== null) taken.push(one);
        }
        return taken;
      };
      const due = limit === 0 ? [] : await call(({ signal }) => dueIn(threads, now, signal));
      const changes = await leased(oldestFirst(due, now), limit);
      if (refreshes === 0) return changes;
      const waiting = await call(({ signal }) => refreshesIn(threads, { now, limit: refreshes, signal }));
      return [...changes, ...(await leased(waiting, refreshes))];
    },
    sent: (taken, place) => settle(taken, (thread) => sent(thread, taken, place)),
    postponed: (taken, at) => settle(taken, (thread) => delayed(thread, taken, { due: at, inDoubt: false })),
    doubted: (taken, at) => settle(taken, (thread) => delayed(thread, taken, { due: at, inDoubt: true })),
    dropped: (taken) => settle(taken, (thread) => dropped(thread, taken)),
    async adopt(deliveries) {
      for (const delivery of deliveries) {
        const id = threadOf(delivery);
        const fresh = documentOf({ ...NEW_THREAD, latest: delivery.at }, { revision: 1, stamp: new ObjectId() });
        await call(() => threads.updateOne({ _id: id }, { $setOnInsert: fresh }, { upsert: true }));
        await change(id, (thread) => adopted(thread, delivery));
      }
    },
    async place(about) {
      const found = await call(({ signal }) => threads.findOne({ 'places.of': about }, { signal }));
      const place = found?.places.find(({ of }) => of === about);
      return place === undefined ? null : { channel: place.channel, ts: place.ts };
    },
    async forget(about) {
      const found = await call(({ signal }) => threads.findOne({ 'places.of': about }, { signal }));
      if (found !== null) await change(found._id, (thread) => forgotten(thread, about));
    },
    async waiting() {
      const pipeline = [
        { $match: { idleSince: null } },
        { $project: { waiting: { $filter: { input: '$waiting', cond: IS_CHANGE } } } },
        { $match: { 'waiting.0': { $exists: true } } },
        { $project: { count: { $size: '$waiting' }, oldest: { $min: '$waiting.since' } } },
        { $group: { _id: null, count: { $sum: '$count' }, oldest: { $min: '$oldest' } } },
      ];
      const [sum] = await call(() => threads.aggregate<{ count: number; oldest: number }>(pipeline).toArray());
      return sum === undefined ? { count: 0, oldest: null } : { count: sum.count, oldest: sum.oldest };
    },
  };
}

/** As `refreshOf`, in the server. */
const IS_CHANGE = {
  $or: [
    { $eq: [{ $ifNull: ['$$this.refresh', null] }, null] },
    { $and: [{ $eq: ['$out.id', '$$this.id'] }, { $ne: ['$out.edition', '$$this.edition'] }] },
  ],
};

/** Deliveries of older versions have no `refresh`. */
function current(thread: ThreadDocument): ThreadDocument {
  return { ...thread, waiting: thread.waiting.map((one) => ({ ...one, refresh: one.refresh ?? null })) };
}

/**
 * Adds deliveries within a transaction. A concurrent change of the thread is a conflict, and the transaction repeats.
 */
export async function queue(
  threads: Collection<ThreadDocument>,
  deliveries: readonly Delivery[],
  session: ClientSession,
): Promise<void> {
  if (deliveries.length === 0) return;
  const byThread = Map.groupBy(
    deliveries.map((delivery, turn) => ({ delivery, turn })),
    ({ delivery }) => threadOf(delivery),
  );
  const found = await threads.find({ _id: { $in: [...byThread.keys()] } }, { session }).toArray();
  const known = new Map(found.map((thread) => [thread._id, current(thread)]));
  const replacements = [...byThread].map(([id, parts]) => {
    const before: ThreadState = known.get(id) ?? NEW_THREAD;
    const after = parts.reduce((thread, { delivery, turn }) => added(thread, delivery, turn), before);
    const replacement = documentOf(after, { revision: (known.get(id)?.revision ?? 0) + 1, stamp: new ObjectId() });
    return { replaceOne: { filter: { _id: id }, replacement, upsert: true } };
  });
  await threads.bulkWrite(replacements, { session, ordered: false });
}

/** Threads with a due delivery that is no refresh. */
async function dueIn(
  threads: Collection<ThreadDocument>,
  now: number,
  signal: AbortSignal,
): Promise<readonly ThreadDocument[]> {
  const options = { signal, sort: { 'waiting.since': 1 }, limit: MOST } as const;
  const found = await threads.find({ $or: [{ due: past(now) }, { due: far(now) }] }, options).toArray();
  return found.map(current).filter((thread) => nextOf(thread, now)?.refresh === null);
}

/** Threads with a due refresh, critical first, then the oldest. */
async function refreshesIn(
  threads: Collection<ThreadDocument>,
  { now, limit, signal }: { readonly now: number; readonly limit: number; readonly signal: AbortSignal },
): Promise<readonly ThreadDocument[]> {
  const severities: readonly Severity[] = ['critical', 'warning'];
  const isDue = { $or: [{ 'refresh.due': past(now) }, { 'refresh.due': far(now) }] };
  // The names of the severities are in the order of their weight.
  const options = { signal, sort: { 'refresh.severity': 1, 'refresh.since': 1 }, limit: limit + SPARE } as const;
  const found = await threads.find({ 'refresh.severity': { $in: severities }, ...isDue }, options).toArray();
  return found.map(current).filter((thread) => (nextOf(thread, now)?.refresh ?? null) !== null);
}

function past(now: number) {
  return { $lte: new Date(now) };
}

/** Times that are implausibly far in the future count as past. */
function far(now: number) {
  return { $gt: new Date(now + LONGEST_POSTPONEMENT) };
}

function oldestFirst(threads: readonly ThreadDocument[], now: number): readonly ThreadDocument[] {
  return threads
    .flatMap((thread) => {
      const next = nextOf(thread, now);
      return next === null ? [] : [{ thread, next }];
    })
    .toSorted((a, b) => inLine(a.next, b.next))
    .map(({ thread }) => thread);
}

interface TakingOnce extends Taking {
  readonly stamp: ObjectId;
  readonly isRetry: boolean;
}

/** Null if another replica was faster. */
async function takeFrom(
  threads: Collection<ThreadDocument>,
  before: ThreadDocument,
  { stamp, isRetry, ...taking }: TakingOnce,
): Promise<LeasedDelivery | null> {
  const next = take(before, taking);
  if (next === null) return null;
  // An earlier attempt may have done it.
  if (isRetry && (await threads.findOne({ _id: before._id, stamp })) !== null) return next.taken;
  return (await swap(threads, { before, next: next.thread, stamp })) ? next.taken : null;
}

interface Swap {
  readonly before: ThreadDocument;
  readonly next: ThreadState;
  readonly stamp: ObjectId;
}

/** False, and no change, if another replica was faster. */
async function swap(threads: Collection<ThreadDocument>, { before, next, stamp }: Swap): Promise<boolean> {
  const { _id, revision } = before;
  const { matchedCount } = await threads.replaceOne(
    { _id, revision },
    documentOf(next, { revision: revision + 1, stamp }),
  );
  return matchedCount === 1;
}

function documentOf(thread: ThreadState, version: Pick<ThreadDocument, 'revision' | 'stamp'>) {
  const { waiting, out, written, places, latest } = thread;
  const due = dueAt(thread);
  const refresh = refreshIn(thread);
  return {
    ...version,
    waiting,
    out,
    written,
    places,
    latest,
    due: due === null ? null : new Date(due),
    refresh: refresh === null ? null : { ...refresh, due: new Date(refresh.due) },
    idleSince: waiting.length > 0 ? null : new Date(latest),
  };
}
