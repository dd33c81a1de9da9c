// Figures of sources as documents, one a source and day, and back: what a reading adds, what a chart reads.

import type { AnyBulkWriteOperation } from 'mongodb';
import type { Spread } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { HOUR, hourOf, hourSample, merged, readingSample, type Sample } from '../series.ts';
import type { DayId, HoursDocument, ReadingsDocument } from './documents.ts';

export const DAY = 24 * HOUR;

export function dayOf(at: number): Date {
  return new Date(Math.floor(at / DAY) * DAY);
}

/** One document more or longer for each source, and one for their sum. */
export function additions({
  cluster,
  at,
  complete,
  sources,
}: Snapshot): readonly AnyBulkWriteOperation<ReadingsDocument>[] {
  const day = dayOf(at);
  const sum = (of: 'active' | 'dormant') =>
    sources.length === 0 && !complete ? null : sources.reduce((total, source) => total + source[of], 0);
  const offset = at - day.getTime();
  const add = (source: string | null, columns: object) => ({
    updateOne: {
      filter: { _id: { cluster, source, day } },
      update: { $push: { at: offset, ...columns }, $set: { cluster, day, rolledUp: null } },
      upsert: true,
    },
  });
  return [
    add(null, { active: sum('active'), dormant: sum('dormant'), complete }),
    ...sources.map(({ id, active, dormant }) => add(id, { active, dormant })),
  ];
}

/** Of one day: what is kept of the sum over all sources, and of one of them (null where nothing is). */
export interface Day {
  readonly sum: ReadingsDocument;
  /** The sum's own for the sum. */
  readonly source: ReadingsDocument | null;
}

/** In the order of time. */
export function readingSamples({ sum, source }: Day): readonly Sample[] {
  const rows = new Map(source?.at.map((at, index) => [at, index]));
  const begin = sum.day.getTime();
  return sum.at
    .map((offset, index) => {
      const row = rows.get(offset);
      const active = row === undefined ? null : source?.active[row];
      const dormant = row === undefined ? null : source?.dormant[row];
      const found = typeof active === 'number' && typeof dormant === 'number' ? { active, dormant } : null;
      return readingSample({ at: begin + offset, complete: sum.complete?.[index] === true, found });
    })
    .toSorted((one, other) => one.at - other.at);
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
      kept: dormant === null || pooled === null ? null : { dormant, pooled },
    });
  });
  const { from = 0 } = sum;
  return samples.filter((_, index) => (sum.hour[index] ?? 0) >= from);
}

/** What stays of a day when its readings go. */
export function hoursOf(day: Day, { cluster, source }: Omit<DayId, 'day'>): HoursDocument {
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
  if (source !== null) return document;
  return {
    ...document,
    readings: known.map(({ readings }) => readings),
    incomplete: known.map(({ incomplete }) => incomplete),
  };
}

/** How many readings its hours sum up. */
export function readingsIn({ readings = [] }: HoursDocument): number {
  return readings.reduce((sum, count) => sum + count, 0);
}

function rowOf(spread: Spread | null): readonly (number | null)[] {
  return spread === null ? [null, null, null] : [spread.min, spread.median, spread.max];
}

function spreadIn(column: HoursDocument['dormant'] | undefined, row: number | undefined): Spread | null {
  if (column === undefined || row === undefined) return null;
  const [min, median, max] = column.slice(row * 3, row * 3 + 3);
  return typeof min === 'number' && typeof median === 'number' && typeof max === 'number' ? { min, median, max } : null;
}
