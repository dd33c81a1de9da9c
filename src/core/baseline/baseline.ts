// A baseline: what is usual for one figure at this time of day and week on the wall's clock, which people and their jobs
// go by. Bounded plain data, learned reading by reading.

import { DAY, HOUR, MINUTE, WEEK } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';

/** Before this nothing is usual. */
export const LEARNS_FOR = DAY;
const SLOT = 5 * MINUTE;
const SLOTS = DAY / SLOT;
/** The neighbourhood of a slot, to either side. */
const WIDE = 4;
/** Where that holds fewer values than this, the neighbourhood is wider. */
const FEW = 3;
const WIDER = 12;
/** Longer than that. */
const DELAY = 30 * MINUTE;
/** 1970 began on a Thursday: the week of the table begins on a Monday. */
const MONDAY = 3 * DAY;
/** How much of a new value a slot takes over: two weeks make a habit, one outlier does not. */
const LEARN = 0.5;
/** Steps of the level, relative, in five minutes: about 14 % a day, far below what a leak does. */
const STEP = 0.0005;
/** The level of late is a mean over about so long. */
const RECENT = 6 * HOUR;
/** After a longer silence a reading counts for no more than this. */
const LONGEST = 2 * HOUR;
/** A level is looked at twice, this far apart, before it is taken for the new usual. */
const MARK = 12 * HOUR;
const STEADY = 0.15;

/** A figure a slot, NaN where none was seen; empty where none was seen at all. As plain arrays they were most of what the bot held. */
type Slots = Float32Array;

export interface Baseline {
  readonly since: number;
  /** Seven days of slots, and the day whatever its name, for the first week. Never changed in place. */
  readonly week: readonly Slots[];
  readonly day: Slots;
  /** What the figure is against the shape of its week: growth, and levels that stayed. */
  readonly level: number;
  /** The mean of value ÷ shape over about six hours, and what it was at the last two marks. */
  readonly recent: number;
  readonly marks: readonly number[];
  readonly markedAt: number;
  /** Readings of the last half hour, the newest last: learned only then, so that nothing is measured against itself. */
  readonly pending: readonly Lesson[];
}

export interface Lesson extends WallMoment {
  readonly value: number;
  readonly isUnusual: boolean;
}

export interface Usual {
  readonly value: number;
  /** What the value is from: the same time of earlier weeks, or the same time of earlier days. */
  readonly from: 'week' | 'day';
}

const NONE: Slots = new Float32Array();
const UNSEEN: Slots = new Float32Array(SLOTS).fill(Number.NaN);
const UNSEEN_WEEK: readonly Slots[] = Array.from({ length: 7 }, () => NONE);

/** Null for a slot that was never seen. */
function seen(slots: Slots | undefined, slot: number): number | null {
  const value = slots?.[slot];
  return value === undefined || Number.isNaN(value) ? null : value;
}

export function newBaseline(at: number): Baseline {
  return {
    since: at,
    week: UNSEEN_WEEK,
    day: NONE,
    level: 1,
    recent: 1,
    marks: [],
    markedAt: at,
    pending: [],
  };
}

/** The same shape at another level: a node came or went, or a part of the clients did. */
export function scaled(baseline: Baseline, factor: number): Baseline {
  return {
    ...baseline,
    level: baseline.level * factor,
    recent: baseline.recent * factor,
    marks: baseline.marks.map((mark) => mark * factor),
    pending: baseline.pending.map((lesson) => ({ ...lesson, value: lesson.value * factor })),
  };
}

/** The usual of both together. Where only one knows a time of the week, the other's middle stands in for it. */
export function joined(one: Baseline, other: Baseline): Baseline {
  const [mine, theirs] = [middleOf(one), middleOf(other)];
  const added = (left: number | null, right: number | null) =>
    left === null && right === null
      ? Number.NaN
      : rounded((left ?? mine) * one.level + (right ?? theirs) * other.level);
  const slots = (left: Slots, right: Slots) =>
    left.length + right.length === 0 ? NONE : UNSEEN.map((_, slot) => added(seen(left, slot), seen(right, slot)));
  const weight = (mine * one.level) / (mine * one.level + theirs * other.level || 1);
  return {
    since: Math.min(one.since, other.since),
    week: one.week.map((day, index) => slots(day, other.week[index] ?? NONE)),
    day: slots(one.day, other.day),
    level: 1,
    recent: weight * (one.recent / one.level) + (1 - weight) * (other.recent / other.level),
    marks: [],
    markedAt: Math.max(one.markedAt, other.markedAt),
    pending: one.pending.flatMap((lesson) => {
      const same = other.pending.find(({ at }) => at === lesson.at);
      return same === undefined ? [] : [{ ...lesson, value: lesson.value + same.value }];
    }),
  };
}

function middleOf({ day }: Baseline): number {
  const known = day.filter((value) => !Number.isNaN(value)).sort();
  return known[Math.floor(known.length / 2)] ?? 0;
}

/** Null while it learns. */
export function usualAt(baseline: Baseline, { at, offset }: WallMoment): Usual | null {
  if (at - baseline.since < LEARNS_FOR) return null;
  const wall = at + offset;
  const week = around((time) => ofWeek(baseline, time), wall);
  if (week !== null && at - baseline.since >= WEEK) return { value: week * baseline.level, from: 'week' };
  const day = around((time) => seen(baseline.day, slotOf(time)), wall);
  return day === null ? null : { value: day * baseline.level, from: 'day' };
}

/**
 * The middle of an hour around a time, or the highest of the slots beside it where something like a job is there:
 * a job that begins a reading early is as usual as one that begins in time.
 */
function around(slot: (time: number) => number | null, at: number): number | null {
  const near = known(slot, at, [0, WIDE]);
  // Readings an hour apart have no neighbours so near.
  const wide = near.length < FEW ? [...near, ...known(slot, at, [WIDE + 1, WIDER])] : near;
  if (near.length === 0) return null;
  const middle = wide.sort((one, other) => one - other)[Math.floor(wide.length / 2)] ?? 0;
  const high = Math.max(0, ...known(slot, at, [0, 1]));
  return high > 1.3 * middle + 2 ? high : middle;
}

/** The values of the slots that are at least and at most so many away, to either side. */
function known(slot: (time: number) => number | null, at: number, [least, most]: readonly [number, number]): number[] {
  const values: number[] = [];
  for (let step = least; step <= most; step++) {
    for (const side of step === 0 ? [0] : [-step, step]) {
      const value = slot(at + side * SLOT);
      if (value !== null) values.push(value);
    }
  }
  return values;
}

function ofWeek({ week }: Baseline, time: number): number | null {
  return seen(week[dayOf(time)], slotOf(time));
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
  const usual = usualAt(baseline, lesson);
  const passed = Math.min(LONGEST, at - (baseline.pending.at(-1)?.at ?? at - SLOT));
  const watched = watch(baseline, { lesson, usual, passed });
  const drift = usual?.from !== 'week' || isUnusual ? 0 : Math.sign(value - usual.value);
  const levelled = { ...watched, level: watched.level * (1 + (drift * STEP * passed) / SLOT) };
  const taught = rested(levelled, at);
  return { ...taught, pending: [...taught.pending, lesson] };
}

/** What is due is learned, and nothing new: for a figure that is nothing now, and usually. */
export function rested(baseline: Baseline, at: number): Baseline {
  const isDue = (old: Lesson) => slotStart(old.at) <= at - DELAY;
  if (!baseline.pending.some(isDue)) return baseline;
  // A slot is written once, however many readings fall into it.
  const due = Map.groupBy(baseline.pending.filter(isDue), (old) => slotStart(old.at));
  const pending = baseline.pending.filter((old) => !isDue(old));
  return { ...[...due.values()].map(together).reduce(written, baseline), pending };
}

function slotStart(at: number): number {
  return at - (at % SLOT);
}

function together(lessons: readonly Lesson[]): Lesson {
  const value = lessons.reduce((sum, lesson) => sum + lesson.value, 0) / lessons.length;
  const { at, offset } = lessons[0] ?? { at: 0, offset: 0 };
  return { at, offset, value, isUnusual: lessons.some(({ isUnusual }) => isUnusual) };
}

function written(baseline: Baseline, { at, offset = 0, value, isUnusual }: Lesson): Baseline {
  const wall = at + offset;
  const shaped = value / baseline.level;
  const slot = slotOf(wall);
  const today = dayOf(wall);
  const known = ofWeek(baseline, wall);
  const day = seen(baseline.day, slot);
  // A slot that was never seen must not take a spike for its usual where what is around it tells better.
  const isTold = isUnusual && (day ?? around((time) => seen(baseline.day, slotOf(time)), wall)) !== null;
  const slots = withSlot(baseline.week[today] ?? NONE, slot, blended(known, shaped));
  return {
    ...baseline,
    week: isTold && known === null ? baseline.week : baseline.week.with(today, slots),
    day: isTold ? baseline.day : withSlot(baseline.day, slot, blended(day, shaped)),
  };
}

function withSlot(slots: Slots, slot: number, value: number): Slots {
  return (slots.length === 0 ? UNSEEN : slots).with(slot, value);
}

function blended(known: number | null, value: number): number {
  const blend = known === null ? value : known + LEARN * (Math.min(value, 1.5 * known + 10) - known);
  return rounded(blend);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function watch(
  baseline: Baseline,
  now: { readonly lesson: Lesson; readonly usual: Usual | null; readonly passed: number },
): Baseline {
  const { usual, passed } = now;
  const { at, value } = now.lesson;
  // The first week knows no weekend: what it says of a level is not believed.
  if (usual?.from !== 'week' || usual.value < 1) return baseline;
  const ratio = (value / usual.value) * baseline.level;
  const recent = baseline.recent + (ratio - baseline.recent) * Math.min(1, passed / RECENT);
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
