// Whether a schedule still beats: what decides that a process is worth starting anew.

import { MINUTE } from './duration.ts';

/** One schedule, as this process keeps it; whoever has the store, and whatever became of the readings. */
export interface Beat {
  /** E.g. the cluster's name. */
  readonly key: string;
  /** Slots that passed since the schedule last looked at the clock, counted up to a few. */
  readonly overdue: number;
  /** Since when a run goes on, in milliseconds since 1970; null while none does. */
  readonly runningSince: number | null;
}

/** One may just be due, and a machine that slept wakes to several: the next look is seconds away. */
const MOST_OVERDUE = 2;
/** A reading has deadlines of two minutes, and catching up with a long history may take a few more. */
const LONGEST_RUN = 15 * MINUTE;

/** Why a schedule is stuck, in words; null while it beats. */
export function whyStuck({ key, overdue, runningSince }: Beat, now: number): string | null {
  if (runningSince !== null) {
    const minutes = Math.floor((now - runningSince) / MINUTE);
    return now - runningSince > LONGEST_RUN ? `the run of ${key} has gone on for ${minutes} min` : null;
  }
  return overdue > MOST_OVERDUE ? `${overdue} slots of ${key} passed and nothing ran` : null;
}
