// Stored readings: snapshots, and the sources and clusters that were ever seen.

import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { Store } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { UpstreamError } from '../../errors.ts';
import { bucketsOf, type Sample } from '../series.ts';
import type { Connection } from './connection.ts';
import type {
  Collections,
  DayId,
  HoursDocument,
  ReadingsDocument,
  SnapshotDocument,
  SourceDocument,
} from './documents.ts';
import { nodeSeries } from './nodes.ts';
import { unpacked } from './packed.ts';
import { damagedProblem } from './problems.ts';
import { dayOf, hourSamples, readingSamples, readingsIn } from './retention.ts';

/** Readings per page. Paging survives an election; a server cursor does not. */
const PAGE = 50;

type History = Pick<Store, 'hasReading' | 'snapshots' | 'sources' | 'clusters'>;

export function historyIn(connection: Connection, collections: Collections): History {
  const { call } = connection;
  const { clusters, sources, snapshots } = collections;
  return {
    async hasReading({ cluster, slot }) {
      const _id = { cluster, slot: new Date(slot) };
      return (await call(({ signal }) => snapshots.findOne({ _id }, { signal, projection: { _id: 1 } }))) !== null;
    },
    snapshots: (range) => snapshotsIn(connection, collections, range),
    async sources(cluster) {
      const found = await call(({ signal }) => sources.find({ cluster }, { signal, sort: { _id: 1 } }).toArray());
      return found.map(({ _id, name, firstSeen, lastSeen }) => ({
        id: _id.source,
        name,
        firstSeen: firstSeen.getTime(),
        lastSeen: lastSeen.getTime(),
      }));
    },
    async clusters() {
      const found = await call(({ signal }) =>
        clusters.find({}, { signal, sort: { _id: 1 }, projection: { _id: 1 } }).toArray(),
      );
      return found.map(({ _id }) => _id);
    },
  };
}

type Range = Parameters<Store['snapshots']>[0];

async function* snapshotsIn(
  connection: Connection,
  { snapshots }: Collections,
  range: Range,
): AsyncGenerator<Snapshot> {
  const { call, asked } = connection;
  const { cluster, after, until } = range;
  const upTo = new Date(until);
  const within: Filter<SnapshotDocument> = {
    ...(cluster !== null && { cluster }),
    at: { $gt: new Date(after), $lte: upTo },
  };
  let filter = within;
  for (;;) {
    const page = await call(({ signal }) =>
      snapshots.find(filter, { signal, sort: { at: 1, _id: 1 }, limit: PAGE }).toArray(),
    );
    for (const document of page) yield await snapshotFrom(document, asked);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    // Readings of two clusters may have the same time.
    const { _id, at } = last;
    filter = { ...within, at: { $gte: at, $lte: upTo }, $or: [{ at: { $gt: at } }, { _id: { $gt: _id } }] };
  }
}

async function snapshotFrom({ _id, packed }: SnapshotDocument, asked: Connection['asked']): Promise<Snapshot> {
  try {
    return JSON.parse((await unpacked(packed)).toString());
  } catch (error) {
    const what = `a reading of ${_id.cluster} of ${_id.slot.toISOString()}`;
    throw new UpstreamError(damagedProblem(asked, what), { cause: error });
  }
}

/** A late reading changes neither the name nor the last time. */
export function sightings({ cluster, at, sources }: Snapshot): AnyBulkWriteOperation<SourceDocument>[] {
  const seen = new Date(at);
  return sources.map(({ id, name }) => ({
    updateOne: {
      filter: { _id: { cluster, source: id } },
      update: [
        {
          $set: {
            cluster: { $literal: cluster },
            name: { $cond: [{ $gt: ['$lastSeen', seen] }, '$name', { $literal: name }] },
            firstSeen: { $min: ['$firstSeen', seen] },
            lastSeen: { $max: ['$lastSeen', seen] },
          },
        },
      ],
      upsert: true,
    },
  }));
}

// Chart figures: from readings on days that have them all, else from the hours of the day.

export function seriesIn(connection: Connection, collections: Collections): Pick<Store, 'series'> {
  const { call } = connection;
  const { readings, hours } = collections;
  return {
    async series({ node, ...request }) {
      if (node !== null) return nodeSeries(connection, collections, { ...request, node });
      const { cluster, source, from, to, buckets } = request;
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

interface SeriesRange extends Omit<DayId, 'day'> {
  readonly from: Date;
  readonly to: Date;
}

/** Days of one source, next to each other in the index of the id. */
function daysOf({ cluster, source, from, to }: SeriesRange) {
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
  const days = [...new Set([...sums.keys(), ...sumHours.keys()])].toSorted((a, b) => a - b);
  return days.flatMap((day) => {
    const sum = sums.get(day);
    const rolled = sumHours.get(day);
    const source = sources.get(day) ?? null;
    const hours = sourceHours.get(day) ?? null;
    // Expiry deletes one document at a time, and a late reading starts a new day document. The hours are then more
    // complete.
    const isWhole =
      sum !== undefined &&
      (source !== null || hours === null) &&
      (rolled === undefined || sum.at.length >= readingsIn(rolled));
    if (isWhole) return readingSamples({ sum, source });
    return rolled === undefined ? [] : hourSamples(rolled, hours);
  });
}
