// A habit: how often, how high and how long a source leaves its usual. What it does several times a week is no news.

import { MINUTE, WEEK } from '../base/duration.ts';

const ENOUGH = 4;
const KEPT = 32;
const GRADUAL = 30 * MINUTE;

interface Episode {
  readonly at: number;
  /** In readings. */
  readonly length: number;
  /** The highest ratio to the usual. */
  readonly peak: number;
  /** The highest value. */
  readonly high: number;
  /** When it was first above the line itself; null while it never was; missing in what older versions kept. */
  readonly aboveAt?: number | null;
}

export interface BurstHabit {
  readonly run: Episode | null;
  readonly past: readonly Episode[];
}

export const NO_HABIT: BurstHabit = { run: null, past: [] };

export function recordBurst(
  habit: BurstHabit,
  now: {
    readonly at: number;
    readonly isUnusual: boolean;
    /** Above the line itself, not the slow one alone. */
    readonly isAbove: boolean;
    readonly ratio: number;
    readonly value: number;
  },
): BurstHabit {
  const { run, past } = habit;
  if (now.isUnusual) {
    const length = (run?.length ?? 0) + 1;
    const peak = Math.max(run?.peak ?? 0, now.ratio);
    const high = Math.max(run?.high ?? 0, now.value);
    const aboveAt = run?.aboveAt ?? (now.isAbove ? now.at : null);
    return { run: { at: run?.at ?? now.at, length, peak, high, aboveAt }, past };
  }
  return run === null ? habit : { run: null, past: [...past, run].slice(-KEPT) };
}

/** Whether it came little by little: half an hour went by before it was above the line, or goes by without. */
export function isGradual({ run }: BurstHabit, at: number): boolean {
  return run?.aboveAt !== undefined && (run.aboveAt ?? at) - run.at >= GRADUAL;
}

/** Says that this is what the source does, or null. The one highest and the one longest time count for nothing. */
export function isRecurring({ run, past }: BurstHabit, at: number): string | null {
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
