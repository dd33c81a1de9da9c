// Bursts: how often, how high and how long a source exceeds its usual. A burst like many others is expected.

import { DAY, HOUR, MINUTE, WEEK } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import { type Baseline, daysOfKind, FAR, SIGMAS } from './baseline.ts';
import { SLOT, valuesNear } from './memory.ts';

/** Alike bursts within a week that make a habit: more than the few that a team wants to hear of one by one. */
const HABIT = 6;
/** An alert about a habit fires again after this time. */
const TOLD_AGAIN = 6 * DAY;
/** So many are the source's normal way, two a day, and nothing is said of them. */
const NORMAL = 14;
/** So many alike bursts are said in an alert. */
const SOME = 3;
const KEPT = 64;
const GRADUAL = 30 * MINUTE;
/** So many readings above the slow line make an alert as well. */
const LONG = 6;
/** A burst that is expected after one week lasts less than this. */
const JOB = 4 * HOUR;
/** Readings so far apart stand for a whole burst each. */
const SHORT = 10 * MINUTE;
/** A value that exceeds another by less than this factor may be as high. */
const NOISE = 1.3;
/** A burst that is higher or longer than another by more than these factors is not like it. */
const HIGHER = 1.2;
const LONGER = 1.5;

interface Episode {
  readonly at: number;
  /** In readings. */
  readonly length: number;
  /** The highest ratio to the usual; to the rule's minimum where the usual is less, or the ratio would be extreme. */
  readonly peak: number;
  /** The number of readings above the line. */
  readonly above: number;
  /** When it was first above the line; null if it never was. */
  readonly aboveAt: number | null;
  /** Whether an alert fired. */
  readonly isTold: boolean;
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
    readonly isFiring: boolean;
    readonly value: number;
    readonly usual: number;
    /** The least number of connections above the usual that counts. */
    readonly minimum: number;
  },
): BurstHabit {
  const { run, past } = habit;
  if (now.isUnusual) {
    const length = (run?.length ?? 0) + 1;
    const peak = Math.max(run?.peak ?? 0, now.value / Math.max(now.usual, now.minimum));
    const above = (run?.above ?? 0) + (now.isAbove ? 1 : 0);
    const aboveAt = run?.aboveAt ?? (now.isAbove ? now.at : null);
    const isTold = (run?.isTold ?? false) || now.isFiring;
    return { run: { at: run?.at ?? now.at, length, peak, above, aboveAt, isTold }, past };
  }
  if (run === null) return habit;
  return { run: null, past: [...past, { ...run, isTold: run.isTold || now.isFiring }].slice(-KEPT) };
}

/** Whether the rise is gradual: it took at least half an hour to reach the line, or has not reached it. */
export function isGradual({ run }: BurstHabit, at: number): boolean {
  return run !== null && (run.aboveAt ?? at) - run.at >= GRADUAL;
}

/** A time, and the usual time between readings. */
interface Now {
  readonly at: number;
  readonly interval: number | null;
}

/** Bursts of the last week that are worth an alert: two readings five minutes apart, or one for a longer time. */
function lastWeek({ past }: BurstHabit, { at, interval }: Now): readonly Episode[] {
  const least = (interval ?? 0) >= SHORT ? 1 : 2;
  return past.filter((one) => at - one.at <= WEEK && (one.above >= least || one.length >= LONG));
}

/** Those that were at least as high and as long as the present one. */
function alikeBursts(habit: BurstHabit, now: Now): readonly Episode[] {
  const { run } = habit;
  if (run === null) return [];
  const isAlike = ({ peak, length }: Episode) => run.peak <= HIGHER * peak && run.length <= LONGER * length + 0.5;
  return lastWeek(habit, now).filter(isAlike);
}

/** `It does this about 9 times a week.`; null for what is no habit. */
export function habitText(habit: BurstHabit, now: Now): string | null {
  const times = alikeBursts(habit, now).length;
  return times < SOME ? null : `It does this about ${times} times a week.`;
}

/** Why the burst is expected, or null. A habit fires an alert once a week; bursts that come all the time fire none. */
export function isRecurring(habit: BurstHabit, now: Now): string | null {
  const alike = alikeBursts(habit, now);
  const all = lastWeek(habit, now).length;
  if (all >= NORMAL && alike.length >= SOME) return `it rises all the time: ${all} times in the last week`;
  if (alike.length < HABIT || !alike.some((one) => one.isTold && now.at - one.at < TOLD_AGAIN)) return null;
  return `it rises like this about ${alike.length} times a week: told once a week`;
}

/**
 * Why a value is expected at this time, or null: there were as many at this time a week ago, for half an hour to a few
 * hours; or in each of three weeks; or on each of three days, of two if it is not above the line; or an hour earlier or
 * later on each of three days.
 * @param now.line the number of connections from which a value is a burst
 */
export function isTimed(
  { memory }: Baseline,
  { at, offset }: WallMoment,
  now: {
    readonly value: number;
    readonly line: number;
    readonly isAbove: boolean;
    /** The usual time between readings. */
    readonly interval: number | null;
  },
): string | null {
  const { value, line, isAbove } = now;
  const enough = (slots: number) => Math.max(1, Math.round((slots * SLOT) / Math.max(SLOT, now.interval ?? 0)));
  const wall = at + offset;
  const near = (time: number, back: number, width: number) => {
    const { trusted, withheld } = valuesNear(memory, time, { backs: [back], width });
    return [...trusted, ...withheld].sort((a, b) => b - a);
  };
  const times = (back: number, width: number, least = value / NOISE, time = wall) =>
    near(time, back, width).filter((before) => before >= Math.max(line, least)).length;
  const isEvery = (backs: readonly number[]) => backs.every((back) => times(back, LONG / 2) >= enough(2));
  // What lasted for hours was an incident, or an ordinary day of another kind, and no job.
  const height = (back: number, shift: number) => near(wall + shift, back, LONG / 2)[enough(2) - 1] ?? 0;
  const isShort = (back: number) => [-JOB, JOB].every((shift) => height(back, 0) >= FAR * height(back, shift));
  const least = Math.min(value / NOISE, value - SIGMAS * Math.sqrt(value));
  const wasJob = times(7, LONG, least) >= enough(LONG) && isShort(7);
  if (wasJob || isEvery([7, 14, 21])) return 'it rose like this at the same time a week ago';
  const days = isAbove ? 3 : 2;
  const latest = Array.from({ length: days }, (_, index) => index + 1);
  const wasDaily =
    isEvery(daysOfKind(wall).slice(0, days)) || (isEvery(latest) && latest.every((back) => isShort(back)));
  if (wasDaily) return `it rose like this at the same time on each of the last ${days} days`;
  // Clocks that change move what follows local time by an hour, or what follows UTC where times are local.
  const isShifted = (shift: number) =>
    daysOfKind(wall)
      .slice(0, 3)
      .every((back) => [0, shift].some((by) => times(back, LONG, undefined, wall + by) >= enough(LONG)));
  return isShifted(-HOUR) || isShifted(HOUR) ? 'it rose like this an hour apart on each of the last three days' : null;
}
