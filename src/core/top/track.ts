// What `top` remembers of its rows from reading to reading: maximum, first figure, rows that are gone.

import type { TopRow } from './row.ts';

/** A row that is missing in this many readings is dropped. */
export const DROPPED_AFTER = 5;

export interface Track {
  /** As last seen. */
  readonly row: TopRow;
  readonly max: number;
  /** Of the first reading of every node; 0 for a row that came later. */
  readonly first: number;
  /** A node was not read, so figures are too low to be compared. */
  readonly isPartial: boolean;
  /** Nodes that were not read when it was last seen. */
  readonly unread: readonly string[];
  /** Readings since it was last seen, without those that left out a node on which it may be. */
  readonly missed: number;
  /** Not in the last reading. Without `missed` it may be on a node that was not read. */
  readonly isAbsent: boolean;
}

export interface Tracked {
  /** Whether every node was read once. Until then nothing can be compared. */
  readonly hasBegun: boolean;
  readonly tracks: ReadonlyMap<string, Track>;
  /** Of rows that were dropped: one that comes back goes on from them. */
  readonly dropped: ReadonlyMap<string, Pick<Track, 'first' | 'max'>>;
}

/** Dropped rows that are remembered, the last ones: names of pods come and never return. */
const MOST_DROPPED = 5_000;

/** @param unread nodes that were not read: a missing row may be there, unless it was seen without them */
export function track(
  before: Tracked | null,
  { rows, unread }: { readonly rows: readonly TopRow[]; readonly unread: readonly string[] },
): Tracked {
  const hasBegun = before?.hasBegun === true;
  const isPartial = unread.length > 0;
  const tracks = new Map<string, Track>();
  const dropped = new Map(before?.dropped);
  for (const row of rows) {
    const known = before?.tracks.get(row.id) ?? dropped.get(row.id);
    dropped.delete(row.id);
    const first = hasBegun ? (known?.first ?? 0) : row.now;
    const max = Math.max(known?.max ?? 0, row.now);
    tracks.set(row.id, { row, first, max, isPartial, unread, missed: 0, isAbsent: false });
  }
  for (const [id, known] of before?.tracks ?? []) {
    const isGone = unread.every((host) => known.unread.includes(host));
    const missed = known.missed + (isGone ? 1 : 0);
    if (tracks.has(id)) continue;
    if (missed <= DROPPED_AFTER) tracks.set(id, { ...known, missed, isPartial, isAbsent: true });
    else dropped.set(id, { first: hasBegun ? known.first : 0, max: known.max });
  }
  const remembered = dropped.size > MOST_DROPPED ? new Map([...dropped].slice(-MOST_DROPPED)) : dropped;
  return { hasBegun: hasBegun || !isPartial, tracks, dropped: remembered };
}

/** The connection in `$currentOp` takes at most this share of a node's time. */
const MOST_SHARE = 0.05;

/**
 * The milliseconds between the starts of two readings.
 * @param busyMs how long the slowest node took for `$currentOp`
 */
export function pace({ everyMs, busyMs }: { readonly everyMs: number; readonly busyMs: number }): number {
  return Math.max(everyMs, Math.ceil(busyMs / MOST_SHARE));
}
