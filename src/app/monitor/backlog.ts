// Readings that the store does not have yet, oldest first, within bounds: what is too much is lost from the old end, and counted.

import type { Packing } from '../../core/base/clock.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';

export interface Unwritten {
  readonly slot: number;
  readonly snapshot: Snapshot;
  /** Whether the slot is ours for certain; else it is claimed first. */
  readonly claimed: boolean;
  /** An attempt to write it ended without the store's answer. */
  readonly mayBeWritten: boolean;
}

export interface Backlog {
  push(reading: Unwritten): void;
  /** The oldest, to be written; null when all are written. Given out again, it may be written already. */
  first(): Unwritten | null;
  /** It is written, or need not be. */
  done(reading: Unwritten): void;
  /** It can never be written, whether it was kept here or not. */
  lose(reading: Unwritten): void;
  /** All of them, oldest first, each unpacked when it is asked for. */
  all(): readonly (() => Unwritten)[];
  size(): number;
  /** How many were lost so far. */
  lost(): number;
}

export interface Bounds {
  readonly readings: number;
  /** Of what they take, compressed, in bytes. */
  readonly size: number;
}

/** A week of one cluster, or a night of thirty. Compressed, and outside V8's heap, which is small in a small container. */
const BOUNDS: Bounds = { readings: 5_000, size: 32_000_000 };

interface Kept extends Pick<Unwritten, 'slot' | 'claimed'> {
  /** JSON, packed. */
  readonly body: Uint8Array;
  mayBeWritten: boolean;
}

export function createBacklog({ pack, unpack }: Packing, bounds: Bounds = BOUNDS): Backlog {
  const waiting: Kept[] = [];
  const given = new WeakMap<Unwritten, Kept>();
  let size = 0;
  let lost = 0;
  const unpacked = ({ slot, claimed, mayBeWritten, body }: Kept): Unwritten => ({
    slot,
    claimed,
    mayBeWritten,
    snapshot: JSON.parse(unpack(body)),
  });
  /** @returns whether it still waited: the oldest may go for a newer one while it is written */
  const drop = (kept: Kept | undefined): boolean => {
    const index = kept === undefined ? -1 : waiting.indexOf(kept);
    for (const gone of index < 0 ? [] : waiting.splice(index, 1)) size -= gone.body.length;
    return index >= 0;
  };
  return {
    push({ slot, claimed, mayBeWritten, snapshot }) {
      const body = pack(JSON.stringify(snapshot));
      waiting.push({ slot, claimed, mayBeWritten, body });
      size += body.length;
      // The newest stays, however large it is.
      while (waiting.length > 1 && (waiting.length > bounds.readings || size > bounds.size)) {
        drop(waiting[0]);
        lost += 1;
      }
    },
    first() {
      const [oldest] = waiting;
      if (oldest === undefined) return null;
      const reading = unpacked(oldest);
      oldest.mayBeWritten = true;
      given.set(reading, oldest);
      return reading;
    },
    done(reading) {
      drop(given.get(reading));
    },
    lose(reading) {
      const kept = given.get(reading);
      if (kept === undefined || drop(kept)) lost += 1;
    },
    all: () => waiting.map((kept) => () => unpacked(kept)),
    size: () => waiting.length,
    lost: () => lost,
  };
}
