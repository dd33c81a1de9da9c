// Once an hour: days that are over become hours, and what is older than the settings keep goes.

import type { Store } from '../../core/ports/store.ts';
import { CLAIMS_KEPT, type Keep, settledBefore, tidyingTime } from '../retention.ts';
import { HOUR } from '../series.ts';
import type { Connection } from './connection.ts';
import type { Collections } from './documents.ts';
import { DAY, dayOf, hoursOf, readingsIn } from './figures.ts';

export function tidyIn(connection: Connection, collections: Collections, keep: Keep): Pick<Store, 'tidy'> {
  return {
    async tidy(now) {
      const by = tidyingTime(now, await settledReading(connection, collections, settledBefore(now)));
      for (const day of await daysOver(connection, collections, dayOf(by))) await rollUp(connection, collections, day);
      await removeReadings(connection, collections, { readings: by - keep.readings, hours: by - keep.hours });
      await removeRecords(connection, collections, new Date(by - keep.hours));
      await removeClaims(connection, collections, { past: by - CLAIMS_KEPT, future: now + DAY });
    },
  };
}

async function settledReading(
  { call }: Connection,
  { snapshots }: Collections,
  before: number,
): Promise<number | null> {
  const options = { sort: { at: -1 }, projection: { at: 1 } } as const;
  const newest = await call(() => snapshots.findOne({ at: { $lt: new Date(before) } }, options));
  return newest?.at.getTime() ?? null;
}

interface ClusterDay {
  readonly cluster: string;
  readonly day: Date;
}

async function daysOver({ call }: Connection, { readings }: Collections, today: Date): Promise<readonly ClusterDay[]> {
  const pipeline = [
    { $match: { rolledUp: null, day: { $lt: today } } },
    { $group: { _id: { cluster: '$cluster', day: '$day' } } },
    { $replaceWith: '$_id' },
  ];
  return call(() => readings.aggregate<ClusterDay>(pipeline).toArray());
}

/** A reading that is written meanwhile is a conflict, and the day is rolled up again with it. */
async function rollUp(
  { transact }: Connection,
  { readings, hours }: Collections,
  { cluster, day }: ClusterDay,
): Promise<void> {
  await transact(async ({ session }) => {
    const found = await readings.find({ cluster, day }, { session }).toArray();
    const sum = found.find(({ _id }) => _id.source === null);
    const before = await hours.findOne({ _id: { cluster, source: null, day } }, { session });
    const set = { $set: { rolledUp: new Date(day.getTime() + DAY) } };
    await readings.updateMany({ cluster, day }, set, { session });
    // The readings of the day went when it was rolled up, and one came late: the hours know more than it does.
    if (sum === undefined || (before !== null && readingsIn(before) > sum.at.length)) return true;
    const rolled = found.map((source) => hoursOf({ sum, source }, { cluster, source: source._id.source }));
    await hours.bulkWrite(
      rolled.map((replacement) => ({ replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } })),
      { session, ordered: false },
    );
    return true;
  });
}

interface Cut {
  readonly readings: number;
  readonly hours: number;
}

async function removeReadings({ call }: Connection, collections: Collections, cut: Cut): Promise<void> {
  const { snapshots, readings, hours, sources } = collections;
  const oldest = new Date(cut.hours);
  const day = dayOf(cut.hours);
  const hour = Math.floor((cut.hours - day.getTime()) / HOUR);
  await call(() => snapshots.deleteMany({ at: { $lt: new Date(cut.readings) } }));
  await call(() => readings.deleteMany({ rolledUp: { $lt: new Date(cut.readings) } }));
  await call(() => hours.deleteMany({ day: { $lt: day } }));
  await call(() => hours.updateMany({ day }, { $max: { from: hour } }));
  await call(() => sources.deleteMany({ lastSeen: { $lt: oldest } }));
}

/** Days that nobody reads any more, and those that a wrong clock made; the last one says who it was. */
async function removeClaims(
  { call }: Connection,
  { claims }: Collections,
  slots: { readonly past: number; readonly future: number },
): Promise<void> {
  await call(() => claims.deleteMany({ slot: { $gt: new Date(slots.future) } }));
  const last = await call(() =>
    claims.aggregate<{ _id: string; slot: Date }>([{ $group: { _id: '$cluster', slot: { $max: '$slot' } } }]).toArray(),
  );
  for (const { _id: cluster, slot } of last) {
    const before = new Date(Math.min(slots.past, slot.getTime()));
    await call(() => claims.deleteMany({ cluster, slot: { $lt: before } }));
  }
}

async function removeRecords({ call }: Connection, collections: Collections, oldest: Date): Promise<void> {
  const { alerts, groups, silences, threads } = collections;
  await call(() => alerts.deleteMany({ ended: { $lt: oldest } }));
  await call(() => silences.deleteMany({ ended: { $lt: oldest } }));
  await call(async () => {
    const old = await groups.find({ 'record.since': { $lt: oldest.getTime() } }).toArray();
    const alive = new Set(await alerts.distinct('_id', { _id: { $in: old.flatMap(({ record }) => record.alerts) } }));
    const gone = old.filter(({ record }) => !record.alerts.some((id) => alive.has(id)));
    await groups.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } });
  });
  // Where a message stands, and what was told below it, is known as long as the alert or group is.
  await call(async () => {
    const idle = await threads.distinct('_id', { idleSince: { $lt: oldest } });
    const alive = [
      ...(await alerts.distinct('_id', { _id: { $in: idle } })),
      ...(await groups.distinct('_id', { _id: { $in: idle } })),
    ];
    await threads.deleteMany({ _id: { $in: idle.filter((id) => !alive.includes(id)) }, idleSince: { $lt: oldest } });
  });
}
