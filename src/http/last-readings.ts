// When each cluster was last read: by this process, and by other replicas as the store has it.

import { MINUTE } from '../core/base/duration.ts';
import type { MonitorState } from '../core/ports/monitor.ts';

export interface LastReading {
  readonly cluster: string;
  /** Of the newest one in which a node answered, in milliseconds since 1970; null where none is known. */
  readonly at: number | null;
}

export interface LastReadings {
  /** Forgets every other cluster. */
  watched(clusters: readonly string[]): void;
  /** Read by this process: the last reading counts, whatever the clock said before. */
  note(cluster: string, at: number): void;
  /** Read by another replica. */
  hear(cluster: string, at: number): void;
  learn(state: MonitorState): void;
  has(cluster: string): boolean;
  all(): readonly LastReading[];
}

/** Clocks of replicas may differ by so much. A time further ahead comes from a wrong clock and says nothing. */
const MOST_AHEAD = MINUTE;

export function createLastReadings(now: () => Date): LastReadings {
  const known = new Map<string, number | null>();
  const isToCome = (at: number) => at > now().getTime() + MOST_AHEAD;
  /** A time in the future is dropped for good: it would look new once that time comes. */
  const lastOf = (cluster: string): number | null => {
    const at = known.get(cluster) ?? null;
    if (at === null || !isToCome(at)) return at;
    known.set(cluster, null);
    return null;
  };
  const note = (cluster: string, at: number) => {
    if (known.has(cluster) && !isToCome(at)) known.set(cluster, at);
  };
  const hear = (cluster: string, at: number) => {
    if (at > (lastOf(cluster) ?? 0)) note(cluster, at);
  };
  return {
    watched(clusters) {
      for (const gone of [...known.keys()].filter((name) => !clusters.includes(name))) known.delete(gone);
      for (const name of clusters) if (!known.has(name)) known.set(name, null);
    },
    note,
    hear,
    learn({ clusters }) {
      for (const { name, last, lastFailed } of clusters) if (last !== null && lastFailed === false) hear(name, last);
    },
    has: (cluster) => known.has(cluster),
    all: () => [...known.keys()].map((cluster) => ({ cluster, at: lastOf(cluster) })),
  };
}
