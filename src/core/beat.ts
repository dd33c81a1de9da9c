// Whether a schedule still beats: what decides that a process is worth starting anew.

import { MINUTE } from './base/duration.ts';
import type { Problem } from './base/problem.ts';

/** One schedule, as this process keeps it; whoever has the store, and whatever became of the readings. */
export interface Beat {
  /** E.g. the cluster's name. */
  readonly key: string;
  /** Slots that passed since the schedule last looked at the clock, counted up to a few. */
  readonly overdue: number;
  /** Since when a run goes on, in milliseconds since 1970; null while none does. */
  readonly runningSince: number | null;
  /** When the long work that runs may wait for last moved on, whichever of them; null where there was none. */
  readonly movedAt?: number | null;
}

/** One may just be due, and a machine that slept wakes to several: the next look is seconds away. */
const MOST_OVERDUE = 2;
/**
 * A reading has deadlines of two minutes. Catching up with a long history may take longer than this, and moves on: who
 * ended it would have it begin again.
 */
const LONGEST_RUN = 15 * MINUTE;

/** Why a schedule is stuck, in words; null while it beats. */
export function whyStuck({ key, overdue, runningSince, movedAt = null }: Beat, now: number): string | null {
  if (runningSince === null) return overdue > MOST_OVERDUE ? `${overdue} slots of ${key} passed and nothing ran` : null;
  const hasMoved = movedAt !== null && movedAt > runningSince;
  const still = now - (hasMoved ? movedAt : runningSince);
  if (still <= LONGEST_RUN) return null;
  const minutes = Math.floor(still / MINUTE);
  return hasMoved
    ? `the run of ${key} has not moved on for ${minutes} min`
    : `the run of ${key} has gone on for ${minutes} min`;
}

/** What a new process mends and waiting does not, and for how long it is there first: a thread is begun again by itself. */
const MENDED_BY_RESTART: ReadonlyMap<string, number> = new Map([
  ['store-replaced', 0],
  ['store-thread-ended', MINUTE],
]);

/** Why a restart would mend the store; null where waiting mends it, or only an operator can. */
export function restartFor(
  { awaySince, problem }: { readonly awaySince: number | null; readonly problem: Problem | null },
  now: number,
): Problem | null {
  const after = problem === null ? undefined : MENDED_BY_RESTART.get(problem.code);
  return after === undefined || awaySince === null || now - awaySince < after ? null : problem;
}

/** Whether waiting is of no use. */
export function isUnmended({ code }: Problem): boolean {
  return MENDED_BY_RESTART.get(code) === 0;
}
