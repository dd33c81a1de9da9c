// Bursts: how often, how high and how long a source exceeds its usual. A burst that recurs several times a week is
// expected.

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
  /** When it was first above the line; null if it never was. Missing in data of older versions. */
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
    /** Above the line, not only above the slow line. */
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

/** Whether the rise is gradual: it took at least half an hour to reach the line, or has not reached it. */
export function isGradual({ run }: BurstHabit, at: number): boolean {
  return run?.aboveAt !== undefined && (run.aboveAt ?? at) - run.at >= GRADUAL;
}

/** Why the burst is expected, or null. The highest and the longest burst of the week are left out. */
export function isRecurring({ run, past }: BurstHabit, at: number): string | null {
  const week = past.filter((episode) => at - episode.at <= WEEK);
  if (run === null || week.length < ENOUGH) return null;
  const second = (values: readonly number[]) => values.toSorted((a, b) => b - a)[1] ?? 0;
  const peak = second(week.map((episode) => episode.peak));
  const length = second(week.map((episode) => episode.length));
  // When the usual is small, an ordinary burst has an extreme ratio, so the value is compared too.
  const high = second(week.map((episode) => episode.high));
  if ((run.peak > 1.3 * peak && run.high > 1.3 * high) || run.length > Math.max(length + 1, 1.3 * length)) return null;
  return `it rose like this ${week.length} times in the last week (to ${peak.toFixed(1)}× for ${length} readings)`;
}
