// Readings that are not in the store yet, oldest first. Above the size limit the oldest are dropped and counted.

import type { Packing } from '../../core/base/clock.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';

export interface Unwritten {
  readonly slot: number;
  readonly snapshot: Snapshot;
  /** Whether this replica certainly has the slot; otherwise it is claimed first. */
  readonly claimed: boolean;
  /** An earlier attempt to write it ended without an answer of the store. */
  readonly mayBeWritten: boolean;
}

export interface Backlog {
  push(reading: Unwritten): void;
  /** The oldest reading to write; null if all are written. A reading returned again may be written already. */
  first(): Unwritten | null;
  /** The reading is written, or no longer needed. */
  done(reading: Unwritten): void;
  /** The reading can never be written, whether it was kept here or not. */
  lose(reading: Unwritten): void;
  /** All readings, oldest first, each unpacked on access. */
  all(): readonly (() => Unwritten)[];
  size(): number;
  /** Number of readings dropped so far. */
  lost(): number;
}

export interface Bounds {
  readonly readings: number;
  /** Limit of their compressed size, in bytes. */
  readonly size: number;
}

/**
 * A week of one cluster, or a night of thirty. Compressed, and outside V8's heap, which is small in a small container.
 */
const BOUNDS: Bounds = { readings: 5_000, size: 32_000_000 };

interface Kept extends Pick<Unwritten, 'slot' | 'claimed'> {
  /** Compressed JSON. */
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
  /** @returns whether it was still waiting: a newer reading may displace the oldest during its write */
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
      // The newest stays, regardless of its size.
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
