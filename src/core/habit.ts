// A habit: how often, how high and how long a source leaves its usual. What it does several times a week is no news.

import { WEEK } from './duration.ts';

const ENOUGH = 4;
const KEPT = 32;

export interface Episode {
  readonly at: number;
  /** In readings. */
  readonly length: number;
  /** The highest ratio to the usual. */
  readonly peak: number;
  /** The highest value. */
  readonly high: number;
}

export interface Habit {
  readonly run: Episode | null;
  readonly past: readonly Episode[];
}

export const NO_HABIT: Habit = { run: null, past: [] };

export function lived(
  habit: Habit,
  now: { readonly at: number; readonly isUnusual: boolean; readonly ratio: number; readonly value: number },
): Habit {
  const { run, past } = habit;
  if (now.isUnusual) {
    const length = (run?.length ?? 0) + 1;
    const peak = Math.max(run?.peak ?? 0, now.ratio);
    const high = Math.max(run?.high ?? 0, now.value);
    return { run: { at: run?.at ?? now.at, length, peak, high }, past };
  }
  return run === null ? habit : { run: null, past: [...past, run].slice(-KEPT) };
}

/** Says that this is what the source does, or null. The one highest and the one longest time count for nothing. */
export function habitual({ run, past }: Habit, at: number): string | null {
  const week = past.filter((episode) => at - episode.at <= WEEK);
  if (run === null || week.length < ENOUGH) return null;
  const second = (values: readonly number[]) => values.toSorted((one, other) => other - one)[1] ?? 0;
  const peak = second(week.map((episode) => episode.peak));
  const length = second(week.map((episode) => episode.length));
  // Beside a usual that is small just now, a burst like any other has a ratio like no other.
  const high = second(week.map((episode) => episode.high));
  if ((run.peak > 1.3 * peak && run.high > 1.3 * high) || run.length > Math.max(length + 1, 1.3 * length)) return null;
  return `it rose like this ${week.length} times in the last week (to ${peak.toFixed(1)}× for ${length} readings)`;
}
