// When each cluster was last read: what this process read itself, and what the store tells of other replicas.

import type { WatchState } from '../core/watching.ts';

export interface LastReading {
  readonly cluster: string;
  /** Of the newest one in which a node answered, in milliseconds since 1970; null where none is known. */
  readonly at: number | null;
}

export interface LastReadings {
  /** Forgets every other cluster. */
  watched(clusters: readonly string[]): void;
  note(cluster: string, at: number): void;
  learn(state: WatchState): void;
  has(cluster: string): boolean;
  all(): readonly LastReading[];
}

export function createLastReadings(): LastReadings {
  const known = new Map<string, number | null>();
  const note = (cluster: string, at: number) => {
    if (known.has(cluster)) known.set(cluster, Math.max(at, known.get(cluster) ?? 0));
  };
  return {
    watched(clusters) {
      for (const gone of [...known.keys()].filter((name) => !clusters.includes(name))) known.delete(gone);
      for (const name of clusters) if (!known.has(name)) known.set(name, null);
    },
    note,
    learn({ clusters }) {
      for (const { name, last, lastFailed } of clusters) if (last !== null && lastFailed === false) note(name, last);
    },
    has: (cluster) => known.has(cluster),
    all: () => [...known].map(([cluster, at]) => ({ cluster, at })),
  };
}
