// Cursors: results that do not fit one batch wait for getMore, as on a server.

import { calculateObjectSize, type Document, Long } from 'bson';

/** A reply must stay below 16 MB with everything around the batch. */
const BATCH_BYTES = 16_000_000;
const FIRST_BATCH = 101;

interface Cursor {
  readonly ns: string;
  readonly results: readonly Document[];
  next: number;
}

export interface Cursors {
  open(ns: string, results: readonly Document[], batchSize: number | undefined): Document;
  /** Null where there is no such cursor. */
  getMore(id: number, batchSize: number | undefined): Document | null;
  /** Those that were there. */
  kill(ids: readonly number[]): readonly number[];
  /** How many wait for a getMore. */
  count(): number;
}

export function createCursors(): Cursors {
  const cursors = new Map<number, Cursor>();
  let lastId = 7_000_000_000;
  return {
    open: (ns, results, batchSize) => {
      const firstBatch = batchFrom(results, 0, batchSize ?? FIRST_BATCH);
      if (firstBatch.length === results.length) return { firstBatch, id: Long.ZERO, ns };
      lastId += 1;
      cursors.set(lastId, { ns, results, next: firstBatch.length });
      return { firstBatch, id: Long.fromNumber(lastId), ns };
    },
    getMore: (id, batchSize) => {
      const cursor = cursors.get(id);
      if (cursor === undefined) return null;
      const nextBatch = batchFrom(cursor.results, cursor.next, batchSize ?? Number.POSITIVE_INFINITY);
      cursor.next += nextBatch.length;
      const exhausted = cursor.next >= cursor.results.length;
      if (exhausted) cursors.delete(id);
      return { nextBatch, id: exhausted ? Long.ZERO : Long.fromNumber(id), ns: cursor.ns };
    },
    kill: (ids) => ids.filter((id) => cursors.delete(id)),
    count: () => cursors.size,
  };
}

function batchFrom(results: readonly Document[], from: number, batchSize: number): Document[] {
  const batch: Document[] = [];
  let bytes = 0;
  for (let i = from; i < results.length && batch.length < batchSize; i += 1) {
    const result = results[i] ?? {};
    // Each element carries its index as a key, up to eight bytes, beside the document.
    bytes += calculateObjectSize(result, { ignoreUndefined: true }) + 8;
    if (bytes > BATCH_BYTES && batch.length > 0) break;
    batch.push(result);
  }
  return batch;
}
