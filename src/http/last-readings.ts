// When each cluster was last read: by this process, and by other replicas according to the store.

import { MINUTE } from '../core/base/duration.ts';
import type { MonitorState } from '../core/ports/monitor.ts';

export interface LastReading {
  readonly cluster: string;
  /** Time of the newest reading in which a node answered, in milliseconds since 1970; null if unknown. */
  readonly at: number | null;
}

export interface LastReadings {
  /** Forgets every other cluster. */
  watched(clusters: readonly string[]): void;
  /** A reading by this process. The last one counts, whatever the clock showed before. */
  note(cluster: string, at: number): void;
  /** A reading by another replica. */
  hear(cluster: string, at: number): void;
  learn(state: MonitorState): void;
  has(cluster: string): boolean;
  all(): readonly LastReading[];
}

/** Clocks of replicas may differ by this much. A time further ahead comes from a wrong clock and is ignored. */
const MOST_AHEAD = MINUTE;

export function createLastReadings(now: () => Date): LastReadings {
  const known = new Map<string, number | null>();
  const isToCome = (at: number) => at > now().getTime() + MOST_AHEAD;
  /** A future time is dropped permanently: it would look new once that time comes. */
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
