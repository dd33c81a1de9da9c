// Figures of nodes, in one document per node and day: written with the reading, rolled up into hours in place.

import type { AnyBulkWriteOperation } from 'mongodb';
import { DAY, HOUR } from '../../core/base/duration.ts';
import type { SeriesBucket, SeriesRequest } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { bucketsOf, hourOf, merged, nodeFigures, nodeHourSample, nodeSample, type Sample } from '../series.ts';
import type { Connection } from './connection.ts';
import type { Collections, NodeDocument, NodeHour } from './documents.ts';

/** Adds to one document for each node, and to one for all nodes together. */
export function nodeAdditions(snapshot: Snapshot): AnyBulkWriteOperation<NodeDocument>[] {
  const { cluster, at } = snapshot;
  const day = new Date(Math.floor(at / DAY) * DAY);
  return nodeFigures(snapshot).map(({ node, ...figure }) => ({
    updateOne: {
      filter: { _id: { cluster, node, day } },
      update: { $push: { at: at - day.getTime(), ...figure }, $set: { day, unrolled: day } },
      upsert: true,
    },
  }));
}

export async function nodeSeries(
  { call }: Connection,
  { nodes }: Collections,
  { cluster, node, from, to, buckets }: Omit<SeriesRequest, 'node'> & { readonly node: string },
): Promise<readonly SeriesBucket[]> {
  const id = (at: number) => ({ cluster, node, day: new Date(Math.floor(at / DAY) * DAY) });
  const days = await call(({ signal }) =>
    nodes.find({ _id: { $gte: id(from), $lte: id(to - 1) } }, { signal, sort: { _id: 1 } }).toArray(),
  );
  const samples = days.flatMap(samplesOf).filter(({ at, span }) => at < to && (at >= from || at + span > from));
  return bucketsOf({ from, to, buckets }, samples);
}

function samplesOf({ day, at = [], complete = [], current = [], limit = [], hours = [] }: NodeDocument) {
  const begin = day.getTime();
  const readings = at.map((offset, index) =>
    nodeSample({
      at: begin + offset,
      complete: complete[index] === true,
      current: current[index] ?? null,
      limit: limit[index] ?? null,
    }),
  );
  return [...hours.map((hour) => hourSampleOf(hour, begin)), ...readings];
}

function hourSampleOf({ hour, connections, ...known }: NodeHour, begin: number): Sample {
  const [min = 0, median = 0, max = 0] = connections ?? [];
  return nodeHourSample({
    ...known,
    at: begin + hour * HOUR,
    connections: connections === null ? null : { min, median, max },
  });
}

/** Days that ended before `readings` keep only their hours; hours before `hours` are removed. Milliseconds since 1970. */
export async function tidyNodes(
  { call, transact }: Connection,
  { nodes }: Collections,
  cut: { readonly readings: number; readonly hours: number },
): Promise<void> {
  const before = new Date(cut.readings - DAY);
  const due = await call(() => nodes.distinct('_id', { unrolled: { $lt: before } }));
  // A reading written meanwhile is a conflict, and the day is rolled up again with it.
  for (const _id of due)
    await transact(async ({ session }) => {
      const day = await nodes.findOne({ _id }, { session });
      if (day !== null) await nodes.replaceOne({ _id }, { day: day.day, hours: hoursOf(day) }, { session });
      return true;
    });
  const today = new Date(Math.floor(cut.hours / DAY) * DAY);
  await call(() => nodes.deleteMany({ day: { $lt: today } }));
  const hour = Math.floor((cut.hours - today.getTime()) / HOUR);
  await call(() => nodes.updateMany({ day: today }, { $pull: { hours: { hour: { $lt: hour } } } }));
}

function hoursOf(document: NodeDocument): readonly NodeHour[] {
  const begin = document.day.getTime();
  return [...Map.groupBy(samplesOf(document), ({ at }) => hourOf(at))].map(([at, samples]) => {
    const { readings, incomplete, connections, limit } = merged(samples);
    const spread = connections && [connections.min, connections.median, connections.max];
    return { hour: (at - begin) / HOUR, readings, incomplete, connections: spread, limit };
  });
}
