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
  /** Readings since it was last seen, without those that left out a node. */
  readonly missed: number;
  /** Not in the last reading. Without `missed` it may be on a node that was not read. */
  readonly isAbsent: boolean;
}

export interface Tracked {
  /** Whether every node was read once. Until then nothing can be compared. */
  readonly hasBegun: boolean;
  readonly tracks: ReadonlyMap<string, Track>;
}

/** @param isWhole whether a missing row is gone */
export function track(
  before: Tracked | null,
  { rows, isWhole }: { readonly rows: readonly TopRow[]; readonly isWhole: boolean },
): Tracked {
  const hasBegun = before?.hasBegun === true;
  const tracks = new Map<string, Track>();
  for (const row of rows) {
    const known = before?.tracks.get(row.id);
    const first = hasBegun ? (known?.first ?? 0) : row.now;
    const max = Math.max(known?.max ?? 0, row.now);
    tracks.set(row.id, { row, first, max, isPartial: !isWhole, missed: 0, isAbsent: false });
  }
  for (const [id, known] of before?.tracks ?? []) {
    const missed = known.missed + (isWhole ? 1 : 0);
    if (!tracks.has(id) && missed <= DROPPED_AFTER)
      tracks.set(id, { ...known, missed, isPartial: !isWhole, isAbsent: true });
  }
  return { hasBegun: hasBegun || isWhole, tracks };
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
