// The growth of a node's connections, by Theil–Sen on its daily maxima: the median of the slopes between all pairs of
// days. The day of an incident does not change it.

import { DAY } from '../base/duration.ts';
import { count, counted } from '../base/format.ts';

/** The most connections of one day. */
export interface DailyMaximum {
  /** Any time of that day, in milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

export type NodeGrowth =
  /** `days` with a reading are too few. */
  | { readonly kind: 'unknown'; readonly days: number }
  /** The range of slopes holds zero, or the growth has not gone on lately. */
  | { readonly kind: 'none'; readonly days: number }
  | Trend;

/** Connections that a node gains or loses in a day. */
interface Trend {
  readonly kind: 'growing' | 'falling';
  /** Days with a reading. */
  readonly days: number;
  readonly likely: Line;
  /** The ends of the 95 % range. */
  readonly least: Line;
  readonly most: Line;
}

/** A straight line through the peaks of the weeks. */
interface Line {
  readonly perDay: number;
  /** The peak of a usual week, at the time `at`. */
  readonly level: number;
  /** Milliseconds since 1970: the newest of the days. */
  readonly at: number;
}

/** How far back growth looks: four weeks have each day of the week four times. */
export const GROWTH_WINDOW = 28 * DAY;
/** A week: with fewer days, the weekend alone is a slope. */
const LEAST_DAYS = 7;
const WEEK_DAYS = 7;
/** 95 % of a normal distribution. */
const Z = 1.96;
/** What is left of the slope in the newer half of the days. Less of it is a step and a plateau, not growth. */
const LASTING = 0.5;
/** Of what the growth makes of a low day: a newest day below it shows that something was corrected. */
const FALLEN = 0.75;
/** Of the days, counted from the lowest: days of an incident are lower than that. */
const LOW = 0.1;
/** Of what the growth makes of today. Quiet hours are rarely below it. */
const FAR_BELOW = 1 / 3;

/** @param maxima of whole days: today's is not there yet; in any order */
export function growthOf(maxima: readonly DailyMaximum[]): NodeGrowth {
  const days = maxima.toSorted((a, b) => a.at - b.at);
  const newest = days.at(-1);
  if (newest === undefined || days.length < LEAST_DAYS) return { kind: 'unknown', days: days.length };
  const slopes = slopesOf(days);
  const likely = median(slopes);
  const [least, most] = rangeOf(slopes, days);
  const newer = median(slopesOf(days.slice(-Math.max(LEAST_DAYS, Math.ceil(days.length / 2)))));
  const holdsZero = least <= 0 && most >= 0;
  if (holdsZero || newer / likely < LASTING || hasFallen(days, likely)) return { kind: 'none', days: days.length };
  const line = (perDay: number): Line => ({ perDay, level: levelOf(days, perDay), at: newest.at });
  const kind = likely > 0 ? 'growing' : 'falling';
  return { kind, days: days.length, likely: line(likely), least: line(least), most: line(most) };
}

/** Connections a day, in ascending order: between all pairs of days. */
function slopesOf(days: readonly DailyMaximum[]): readonly number[] {
  const slopes = days.flatMap((day, index) =>
    days.slice(index + 1).map((later) => ((later.value - day.value) / (later.at - day.at)) * DAY),
  );
  return slopes.toSorted((a, b) => a - b);
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/**
 * The range that the ranks of the days allow (Sen 1968; R. O. Gilbert, Statistical Methods for Environmental Pollution
 * Monitoring, 1987, section 16.5): by the variance of Kendall's S, with the correction for equal values.
 */
function rangeOf(slopes: readonly number[], days: readonly DailyMaximum[]): readonly [least: number, most: number] {
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const ties = [...Map.groupBy(days, ({ value }) => value).values()];
  const variance = (term(days.length) - ties.reduce((all, { length }) => all + term(length), 0)) / 18;
  const half = (Z * Math.sqrt(variance)) / 2;
  const at = (rank: number) => slopes[Math.min(slopes.length, Math.max(1, rank)) - 1] ?? 0;
  return [at(Math.floor(slopes.length / 2 - half)), at(Math.ceil(slopes.length / 2 + half) + 1)];
}

/** Each day as the growth would have made it until the newest day. */
function levelsOf(days: readonly DailyMaximum[], perDay: number): readonly number[] {
  const end = days.at(-1)?.at ?? 0;
  return days.map(({ at, value }) => value + (perDay * (end - at)) / DAY);
}

/** Whether the newest day is far below all the usual days before the last week: the growth has ended. */
function hasFallen(days: readonly DailyMaximum[], perDay: number): boolean {
  const levels = levelsOf(days, perDay);
  const before = levels.slice(0, -Math.min(WEEK_DAYS, Math.floor(levels.length / 2))).toSorted((a, b) => a - b);
  const low = before[Math.floor(before.length * LOW)] ?? 0;
  return perDay > 0 && (levels.at(-1) ?? 0) < FALLEN * low;
}

/** The line through the days, raised to the peak of a usual week. */
function levelOf(days: readonly DailyMaximum[], perDay: number): number {
  const levels = levelsOf(days, perDay);
  const weeks = levels.flatMap((_, index) =>
    (levels.length - index) % WEEK_DAYS === 0 ? [Math.max(...levels.slice(index, index + WEEK_DAYS))] : [],
  );
  return median(weeks.toSorted((a, b) => a - b));
}

/** Whole days from now until a limit. */
export interface LimitReach {
  readonly earliest: number;
  readonly likely: number;
  /** Null beyond what four weeks can tell. */
  readonly latest: number | null;
}

/** Days ahead. Four weeks tell nothing of a time beyond. */
const FARTHEST = 365;

/**
 * When a node reaches its limit at this growth; null where it does not grow, or not within a year, or where it holds far
 * less now than its growth says.
 * @param at.now milliseconds since 1970
 * @param at.current connections now
 */
export function reaches(
  growth: NodeGrowth,
  at: { readonly limit: number; readonly now: number; readonly current?: number | null },
): LimitReach | null {
  if (growth.kind !== 'growing') return null;
  const { perDay: daily, level: peak, at: newest } = growth.likely;
  if (typeof at.current === 'number' && at.current < FAR_BELOW * (peak + (daily * (at.now - newest)) / DAY))
    return null;
  const days = ({ perDay, level, at: from }: Line) =>
    Math.max(0, Math.round((at.limit - level) / perDay - (at.now - from) / DAY));
  const [earliest, likely, latest] = [days(growth.most), days(growth.likely), days(growth.least)];
  if (likely > FARTHEST) return null;
  return { earliest, likely, latest: latest > FARTHEST ? null : latest };
}

/** `reaches its limit in 19 days (12 to 40)` */
export function reachWords({ earliest, likely, latest }: LimitReach): string {
  const when = likely === 0 ? 'within a day' : `in ${counted(likely, 'day')}`;
  if (latest === likely && earliest === likely) return `reaches its limit ${when}`;
  // "Within a day" is the shortest time that is shown.
  if (likely === 0)
    return `reaches its limit ${when}, ${latest === null ? 'or later' : `at the latest in ${counted(latest, 'day')}`}`;
  const range = latest === null ? `${count(earliest)} or more` : `${count(earliest)} to ${count(latest)}`;
  return `reaches its limit ${when} (${range})`;
}

/** `at its growth of 8 days`: as many as have a reading. */
export function growthSpan({ days }: Pick<NodeGrowth, 'days'>): string {
  return `at its growth of ${counted(days, 'day')}`;
}

/** For a cell: `+12 a day`, `no growth`, `too little history`. */
export function growthWords(growth: NodeGrowth): string {
  switch (growth.kind) {
    case 'unknown':
      return 'too little history';
    case 'none':
      return 'no growth';
    case 'growing':
    case 'falling': {
      const { perDay } = growth.likely;
      const size = Math.abs(perDay);
      return `${perDay < 0 ? '−' : '+'}${size < 10 ? Number(size.toFixed(1)) : count(size)} a day`;
    }
  }
}
