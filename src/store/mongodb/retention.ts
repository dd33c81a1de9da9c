// Hourly: rolls up completed days into hours, and removes data older than the retention settings.

import type { AnyBulkWriteOperation } from 'mongodb';
import { DAY, HOUR } from '../../core/base/duration.ts';
import type { Spread, Store } from '../../core/ports/store.ts';
import type { Snapshot, UsualConnections } from '../../core/snapshots/snapshot.ts';
import { GROUP } from '../records.ts';
import { CLAIMS_KEPT, type Retention, settledBefore, tidyingTime } from '../retention.ts';
import { hourOf, hourSample, merged, readingSample, type Sample, usualOfHour } from '../series.ts';
import { recordFrom } from './alerts.ts';
import type { Connection } from './connection.ts';
import type { Collections, DayId, HoursDocument, ReadingsDocument } from './documents.ts';
import { tidyNodes } from './nodes.ts';

export function tidyIn(connection: Connection, collections: Collections, keep: Retention): Pick<Store, 'tidy'> {
  return {
    async tidy(now) {
      const by = tidyingTime(now, await settledReading(connection, collections, settledBefore(now)));
      for (const day of await daysOver(connection, collections, dayOf(by))) await rollUp(connection, collections, day);
      await removeReadings(connection, collections, { readings: by - keep.readings, hours: by - keep.hours });
      await removeRecords(connection, collections, new Date(by - keep.hours));
      await connection.call(() => collections.shown.deleteMany({ until: { $lte: new Date(now) } }));
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

/** A reading written meanwhile is a conflict, and the day is rolled up again with it. */
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
    // The readings of the day were deleted by its rollup, and one arrived late. The hours are more complete.
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

async function removeReadings(connection: Connection, collections: Collections, cut: Cut): Promise<void> {
  const { call } = connection;
  const { snapshots, readings, hours, sources } = collections;
  const oldest = new Date(cut.hours);
  const day = dayOf(cut.hours);
  const hour = Math.floor((cut.hours - day.getTime()) / HOUR);
  await call(() => snapshots.deleteMany({ at: { $lt: new Date(cut.readings) } }));
  await call(() => readings.deleteMany({ rolledUp: { $lt: new Date(cut.readings) } }));
  await call(() => hours.deleteMany({ day: { $lt: day } }));
  await call(() => hours.updateMany({ day }, { $max: { from: hour } }));
  await tidyNodes(connection, collections, cut);
  await call(() => sources.deleteMany({ lastSeen: { $lt: oldest } }));
}

/**
 * Removes expired claims, and claims from a wrong clock. The last claim of a cluster stays, because it names the
 * replica.
 */
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

async function removeRecords({ call, asked }: Connection, collections: Collections, oldest: Date): Promise<void> {
  const { alerts, groups, silences, threads } = collections;
  await call(() => alerts.deleteMany({ ended: { $lt: oldest } }));
  await call(() => silences.deleteMany({ ended: { $lt: oldest } }));
  await call(async () => {
    const old = await groups.find({ 'record.since': { $lt: oldest.getTime() } }).toArray();
    const members = new Map(old.map((document) => [document._id, recordFrom(asked, GROUP, document).alerts]));
    const alive = new Set(await alerts.distinct('_id', { _id: { $in: [...members.values()].flat() } }));
    const gone = old.filter(({ _id }) => !members.get(_id)?.some((id) => alive.has(id)));
    await groups.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } });
  });
  // Message positions and delivered replies stay as long as the alert or group.
  await call(async () => {
    const idle = await threads.distinct('_id', { idleSince: { $lt: oldest } });
    const alive = [
      ...(await alerts.distinct('_id', { _id: { $in: idle } })),
      ...(await groups.distinct('_id', { _id: { $in: idle } })),
    ];
    await threads.deleteMany({ _id: { $in: idle.filter((id) => !alive.includes(id)) }, idleSince: { $lt: oldest } });
  });
}

// Figures of sources as documents, one per source and day. Readings add to them; charts read them.

export function dayOf(at: number): Date {
  return new Date(Math.floor(at / DAY) * DAY);
}

/** Adds to one document for each source, and to one for their sum. */
export function additions({
  cluster,
  at,
  complete,
  sources,
  absent = [],
}: Snapshot): readonly AnyBulkWriteOperation<ReadingsDocument>[] {
  const day = dayOf(at);
  const sum = (of: 'active' | 'dormant') =>
    sources.length === 0 && !complete ? null : sources.reduce((total, source) => total + source[of], 0);
  const offset = at - day.getTime();
  const usualOf = (usual: UsualConnections | undefined) =>
    usual && { usual: { $each: [offset, usual.dormant, usual.pooled] } };
  const add = (source: string | null, columns: object) => ({
    updateOne: {
      filter: { _id: { cluster, source, day } },
      update: { $push: { at: offset, ...columns }, $set: { cluster, day, rolledUp: null } },
      upsert: true,
    },
  });
  return [
    add(null, { active: sum('active'), dormant: sum('dormant'), complete }),
    ...sources.map(({ id, active, dormant, usual }) => add(id, { active, dormant, ...usualOf(usual) })),
    ...absent.map(({ id, usual }) => add(id, { active: 0, dormant: 0, ...usualOf(usual) })),
  ];
}

/** One day: the stored figures of the sum over all sources, and of one source (null if there are none). */
export interface Day {
  readonly sum: ReadingsDocument;
  /** For the sum, the sum itself. */
  readonly source: ReadingsDocument | null;
}

/** Ordered by time. */
export function readingSamples({ sum, source }: Day): readonly Sample[] {
  const rows = new Map(source?.at.map((at, index) => [at, index]));
  const usualAt = usualByTime(source?.usual ?? []);
  const begin = sum.day.getTime();
  return sum.at
    .map((offset, index) => {
      const row = rows.get(offset);
      const active = row === undefined ? null : source?.active[row];
      const dormant = row === undefined ? null : source?.dormant[row];
      const usual = usualAt.get(offset) ?? null;
      const found = typeof active === 'number' && typeof dormant === 'number' ? { active, dormant, usual } : null;
      return readingSample({ at: begin + offset, complete: sum.complete?.[index] === true, found });
    })
    .toSorted((a, b) => a.at - b.at);
}

function usualByTime(usual: readonly number[]): ReadonlyMap<number, UsualConnections> {
  const byTime = new Map<number, UsualConnections>();
  for (let index = 0; index < usual.length; index += 3) {
    const [at = 0, dormant = 0, pooled = 0] = usual.slice(index, index + 3);
    byTime.set(at, { dormant, pooled });
  }
  return byTime;
}

export function hourSamples(sum: HoursDocument, source: HoursDocument | null): readonly Sample[] {
  const rows = new Map(source?.hour.map((hour, row) => [hour, row]));
  const samples = sum.hour.map((hour, index) => {
    const row = rows.get(hour);
    const dormant = spreadIn(source?.dormant, row);
    const pooled = spreadIn(source?.pooled, row);
    return hourSample({
      at: sum.day.getTime() + hour * HOUR,
      readings: sum.readings?.[index] ?? 0,
      incomplete: sum.incomplete?.[index] ?? 0,
      kept: dormant === null || pooled === null ? null : { dormant, pooled, usual: usualIn(source?.usual, row) },
    });
  });
  const { from = 0 } = sum;
  return samples.filter((_, index) => (sum.hour[index] ?? 0) >= from);
}

/** The figures that stay of a day when its readings are deleted. */
function hoursOf(day: Day, { cluster, source }: Omit<DayId, 'day'>): HoursDocument {
  const begin = day.sum.day.getTime();
  const hours = [...Map.groupBy(readingSamples(day), ({ at }) => hourOf(at))].map(([at, samples]) => ({
    hour: (at - begin) / HOUR,
    ...merged(samples),
  }));
  const known = source === null ? hours : hours.filter(({ dormant }) => dormant !== null);
  const document = {
    _id: { cluster, source, day: day.sum.day },
    day: day.sum.day,
    hour: known.map(({ hour }) => hour),
    dormant: known.flatMap(({ dormant }) => rowOf(dormant)),
    pooled: known.flatMap(({ pooled }) => rowOf(pooled)),
  };
  if (source !== null)
    return {
      ...document,
      usual: known.map(usualOfHour).flatMap((usual) => [usual?.dormant ?? null, usual?.pooled ?? null]),
    };
  return {
    ...document,
    readings: known.map(({ readings }) => readings),
    incomplete: known.map(({ incomplete }) => incomplete),
  };
}

/** Number of readings in its hours. */
export function readingsIn({ readings = [] }: HoursDocument): number {
  return readings.reduce((sum, count) => sum + count, 0);
}

function rowOf(spread: Spread | null): readonly (number | null)[] {
  return spread === null ? [null, null, null] : [spread.min, spread.median, spread.max];
}

function usualIn(column: HoursDocument['usual'], row: number | undefined): UsualConnections | null {
  if (column === undefined || row === undefined) return null;
  const [dormant, pooled] = column.slice(row * 2, row * 2 + 2);
  return typeof dormant === 'number' && typeof pooled === 'number' ? { dormant, pooled } : null;
}

function spreadIn(column: HoursDocument['dormant'] | undefined, row: number | undefined): Spread | null {
  if (column === undefined || row === undefined) return null;
  const [min, median, max] = column.slice(row * 3, row * 3 + 3);
  return typeof min === 'number' && typeof median === 'number' && typeof max === 'number' ? { min, median, max } : null;
}
