// Readings that the store does not have yet, oldest first, within bounds: what is too much is lost from the old end, and counted.

import type { Snapshot } from '../../core/snapshot.ts';

export interface Unwritten {
  readonly slot: number;
  readonly snapshot: Snapshot;
  /** Whether the slot is ours for certain; else it is claimed first. */
  readonly claimed: boolean;
}

export interface Backlog {
  push(reading: Unwritten): void;
  /** The oldest; null when all are written. */
  first(): Unwritten | null;
  /** It is written, or need not be. */
  done(reading: Unwritten): void;
  size(): number;
  /** How many were lost so far. */
  lost(): number;
}

export interface Bounds {
  readonly readings: number;
  /** Of their JSON, in characters. */
  readonly size: number;
}

/** A week of one cluster, or a night of thirty; in memory about twice the size. */
export const BOUNDS: Bounds = { readings: 5_000, size: 100_000_000 };

export function createBacklog(bounds: Bounds = BOUNDS): Backlog {
  const waiting: { readonly reading: Unwritten; readonly size: number }[] = [];
  let size = 0;
  let lost = 0;
  const drop = (index: number) => {
    const [gone] = waiting.splice(index, 1);
    size -= gone?.size ?? 0;
  };
  return {
    push(reading) {
      const added = { reading, size: JSON.stringify(reading.snapshot).length };
      waiting.push(added);
      size += added.size;
      // The newest stays, however large it is.
      while (waiting.length > 1 && (waiting.length > bounds.readings || size > bounds.size)) {
        drop(0);
        lost += 1;
      }
    },
    first: () => waiting[0]?.reading ?? null,
    done(reading) {
      const index = waiting.findIndex((one) => one.reading === reading);
      if (index >= 0) drop(index);
    },
    size: () => waiting.length,
    lost: () => lost,
  };
}
