// A chart's figures: from readings on the days that have them all, else from the hours of the day.

import type { Store } from '../../core/ports/store.ts';
import { bucketsOf, type Sample } from '../series.ts';
import type { Connection } from './connection.ts';
import type { Collections, DayId, HoursDocument, ReadingsDocument } from './documents.ts';
import { dayOf, hourSamples, readingSamples, readingsIn } from './figures.ts';

export function seriesIn({ call }: Connection, { readings, hours }: Collections): Pick<Store, 'series'> {
  return {
    async series({ cluster, source, from, to, buckets }) {
      const days = { from: dayOf(from), to: dayOf(to - 1) };
      const kept = await call(async ({ signal }) => {
        const of = (id: string | null) =>
          Promise.all([
            byDay(readings.find({ _id: daysOf({ cluster, source: id, ...days }) }, { signal })),
            byDay(hours.find({ _id: daysOf({ cluster, source: id, ...days }) }, { signal })),
          ]);
        const sum = of(null);
        const [[sums, sumHours], [sources, sourceHours]] = await Promise.all([sum, source === null ? sum : of(source)]);
        return { sums, sumHours, sources, sourceHours };
      });
      const samples = samplesOf(kept).filter(({ at, span }) => at < to && (at >= from || at + span > from));
      return bucketsOf({ from, to, buckets }, samples);
    },
  };
}

interface Range extends Omit<DayId, 'day'> {
  readonly from: Date;
  readonly to: Date;
}

/** One source's days side by side, by the index of the id. */
function daysOf({ cluster, source, from, to }: Range) {
  return { $gte: { cluster, source, day: from }, $lte: { cluster, source, day: to } };
}

type ByDay<Kept> = ReadonlyMap<number, Kept>;

async function byDay<Kept extends { readonly day: Date }>(found: AsyncIterable<Kept>): Promise<ByDay<Kept>> {
  const days = new Map<number, Kept>();
  for await (const document of found) days.set(document.day.getTime(), document);
  return days;
}

interface Kept {
  readonly sums: ByDay<ReadingsDocument>;
  readonly sumHours: ByDay<HoursDocument>;
  readonly sources: ByDay<ReadingsDocument>;
  readonly sourceHours: ByDay<HoursDocument>;
}

function samplesOf({ sums, sumHours, sources, sourceHours }: Kept): readonly Sample[] {
  const days = [...new Set([...sums.keys(), ...sumHours.keys()])].toSorted((one, other) => one - other);
  return days.flatMap((day) => {
    const sum = sums.get(day);
    const rolled = sumHours.get(day);
    const source = sources.get(day) ?? null;
    const hours = sourceHours.get(day) ?? null;
    // Expiry takes document by document, and a late reading begins a day anew: then the hours know more.
    const isWhole =
      sum !== undefined &&
      (source !== null || hours === null) &&
      (rolled === undefined || sum.at.length >= readingsIn(rolled));
    if (isWhole) return readingSamples({ sum, source });
    return rolled === undefined ? [] : hourSamples(rolled, hours);
  });
}
