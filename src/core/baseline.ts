// A baseline: what is usual for one figure at this time of day and week. Bounded plain data, learned reading by reading.

import { DAY, HOUR, MINUTE, WEEK } from './duration.ts';

const SLOT = 5 * MINUTE;
const SLOTS = DAY / SLOT;
/** The neighbourhood of a slot, to either side. */
const WIDE = 4;
/** Longer than that. */
const DELAY = 30 * MINUTE;
/** 1970 began on a Thursday: the week of the table begins on a Monday. */
const MONDAY = 3 * DAY;
/** How much of a new value a slot takes over: two weeks make a habit, one outlier does not. */
const LEARN = 0.5;
/** Steps of the level, relative, a reading: about 14 % a day at five minutes, far below what a leak does. */
const STEP = 0.0005;
/** A level is looked at twice, this far apart, before it is taken for the new usual. */
const MARK = 12 * HOUR;
const STEADY = 0.15;

export interface Baseline {
  readonly since: number;
  /** Seven days of slots, and the day whatever its name, for the first week; null is never seen. */
  readonly week: readonly (readonly (number | null)[])[];
  readonly day: readonly (number | null)[];
  /** What the figure is against the shape of its week: growth, and levels that stayed. */
  readonly level: number;
  /** The mean of value ÷ shape over about six hours, and what it was at the last two marks. */
  readonly recent: number;
  readonly marks: readonly number[];
  readonly markedAt: number;
  /** Readings of the last half hour: learned only then, so that nothing is measured against itself. */
  readonly pending: readonly Lesson[];
}

export interface Lesson {
  readonly at: number;
  readonly value: number;
  readonly isUnusual: boolean;
}

export interface Usual {
  readonly value: number;
  /** What the value is from: the same time of earlier weeks, or the same time of earlier days. */
  readonly from: 'week' | 'day';
}

export function newBaseline(at: number): Baseline {
  const empty = Array.from({ length: SLOTS }, () => null);
  return {
    since: at,
    week: Array.from({ length: 7 }, () => empty),
    day: empty,
    level: 1,
    recent: 1,
    marks: [],
    markedAt: at,
    pending: [],
  };
}

/** The same shape at another level: a node came or went. */
export function scaled(baseline: Baseline, factor: number): Baseline {
  return { ...baseline, level: baseline.level * factor };
}

/** Null while there is less than a day of history. */
export function usualAt(baseline: Baseline, at: number): Usual | null {
  if (at - baseline.since < DAY) return null;
  const week = around((time) => ofWeek(baseline, time), at);
  if (week !== null && at - baseline.since >= WEEK) return { value: week * baseline.level, from: 'week' };
  const day = around((time) => baseline.day[slotOf(time)] ?? null, at);
  return day === null ? null : { value: day * baseline.level, from: 'day' };
}

/**
 * The middle of an hour around a time, or the highest of the slots beside it where something like a job is there:
 * a job that begins a reading early is as usual as one that begins in time.
 */
function around(slot: (time: number) => number | null, at: number): number | null {
  const wide: number[] = [];
  let high = 0;
  for (let step = -WIDE; step <= WIDE; step++) {
    const value = slot(at + step * SLOT);
    if (value === null) continue;
    wide.push(value);
    if (Math.abs(step) <= 1) high = Math.max(high, value);
  }
  if (wide.length === 0) return null;
  const middle = wide.sort((one, other) => one - other)[Math.floor(wide.length / 2)] ?? 0;
  return high > 1.3 * middle + 2 ? high : middle;
}

function ofWeek({ week }: Baseline, time: number): number | null {
  return week[dayOf(time)]?.[slotOf(time)] ?? null;
}

function dayOf(time: number): number {
  return Math.floor(((time + MONDAY) % WEEK) / DAY);
}

function slotOf(time: number): number {
  return Math.floor((time % DAY) / SLOT);
}

/** Learns one complete reading. What `isUnusual` moves neither the level nor the day, and the week by a quarter at most. */
export function learn(baseline: Baseline, lesson: Lesson): Baseline {
  const { at, value, isUnusual } = lesson;
  const usual = usualAt(baseline, at);
  const watched = watch(baseline, lesson, usual);
  const drift = usual?.from !== 'week' || isUnusual ? 0 : Math.sign(value - usual.value);
  const levelled = { ...watched, level: watched.level * (1 + drift * STEP) };
  const isDue = (old: Lesson) => at - old.at >= DELAY;
  const due = baseline.pending.filter(isDue);
  const pending = [...baseline.pending.filter((old) => !isDue(old)), lesson];
  return { ...due.reduce(written, levelled), pending };
}

function written(baseline: Baseline, { at, value, isUnusual }: Lesson): Baseline {
  const shaped = value / baseline.level;
  const slot = slotOf(at);
  const today = dayOf(at);
  const known = ofWeek(baseline, at);
  const day = baseline.day[slot] ?? null;
  return {
    ...baseline,
    week: baseline.week.with(today, (baseline.week[today] ?? []).with(slot, blended(known, shaped))),
    day: isUnusual && day !== null ? baseline.day : baseline.day.with(slot, blended(day, shaped)),
  };
}

function blended(known: number | null, value: number): number {
  const blend = known === null ? value : known + LEARN * (Math.min(value, 1.5 * known + 10) - known);
  return Math.round(blend * 100) / 100;
}

function watch(baseline: Baseline, { at, value }: Lesson, usual: Usual | null): Baseline {
  // The first week knows no weekend: what it says of a level is not believed.
  if (usual?.from !== 'week' || usual.value < 1) return baseline;
  const ratio = (value / usual.value) * baseline.level;
  const recent = baseline.recent + (ratio - baseline.recent) / 72;
  if (at - baseline.markedAt < MARK) return { ...baseline, recent };
  const next = { ...baseline, recent, marks: [...baseline.marks.slice(-1), recent], markedAt: at };
  // A level that was taken over and fell again is forgotten as it was learned; the shape itself is never gone below.
  const old = baseline.marks.at(-1);
  const isBack = next.level > 1.2 && recent < 0.7 * next.level && old !== undefined && steady(old, recent);
  return isBack ? { ...next, level: Math.max(1, recent) } : next;
}

function steady(one: number, other: number): boolean {
  return Math.abs(other / one - 1) <= STEADY;
}

/** The baseline at the level that the last half days had in common; null while the figure still moves. */
export function settled(baseline: Baseline): Baseline | null {
  const [before, last] = baseline.marks;
  if (before === undefined || last === undefined || last < 1.2 * baseline.level) return null;
  return steady(before, last) && steady(last, baseline.recent) ? { ...baseline, level: baseline.recent } : null;
}
