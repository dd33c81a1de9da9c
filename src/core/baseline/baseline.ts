// A baseline: the usual value of one figure at this local time of day and week, because people and jobs follow local
// time. Bounded plain data, learned reading by reading.

import { DAY, HOUR, MINUTE, WEEK } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';

/** Below this age a baseline has no usual value. */
export const LEARNS_FOR = DAY;
const SLOT = 5 * MINUTE;
const SLOTS = DAY / SLOT;
/** The number of neighbouring slots on either side. */
const WIDE = 4;
/** With fewer values than this, more slots count as neighbours. */
const FEW = 3;
const WIDER = 12;
/** A reading is learned after this time. */
const DELAY = 30 * MINUTE;
/** 1970 began on a Thursday: the week of the table begins on a Monday. */
const MONDAY = 3 * DAY;
/** The weight of a new value in its slot: two weeks make a habit, one outlier does not. */
const LEARN = 0.5;
/** The relative step of the level in five minutes: about 14 % a day, far slower than a leak. */
const STEP = 0.0005;
/** The recent level is a mean over about this time. */
const RECENT = 6 * HOUR;
/** After a longer gap a reading counts for this time at most. */
const LONGEST = 2 * HOUR;
/** A level is compared twice, this far apart, before it becomes the usual. */
const MARK = 12 * HOUR;
const STEADY = 0.15;

/**
 * One value a slot, NaN for a slot without a value; empty when no slot has one. Plain arrays took most of the bot's
 * memory.
 */
type Slots = Float32Array;

export interface Baseline {
  readonly since: number;
  /** Seven days of slots, and one day for the first week, whatever the weekday. Never changed in place. */
  readonly week: readonly Slots[];
  readonly day: Slots;
  /** The factor between the figure and the shape of its week: growth, and levels that lasted. */
  readonly level: number;
  /** The mean of value ÷ shape over about six hours, and its value at the last two marks. */
  readonly recent: number;
  readonly marks: readonly number[];
  readonly markedAt: number;
  /**
   * Readings of the last half hour, the newest last. They are learned later, so that a rise is not compared with
   * itself.
   */
  readonly pending: readonly Lesson[];
}

export interface Lesson extends WallMoment {
  readonly value: number;
  readonly isUnusual: boolean;
}

export interface Usual {
  readonly value: number;
  /** From the same time of earlier weeks, or of earlier days. */
  readonly from: 'week' | 'day';
}

const NONE: Slots = new Float32Array();
const UNSEEN: Slots = new Float32Array(SLOTS).fill(Number.NaN);
const UNSEEN_WEEK: readonly Slots[] = Array.from({ length: 7 }, () => NONE);

/** Null for a slot without a value. */
function slotValue(slots: Slots | undefined, slot: number): number | null {
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

/** The same shape at another level, after a node or a part of the clients came or went. */
export function scaleBaseline(baseline: Baseline, factor: number): Baseline {
  return {
    ...baseline,
    level: baseline.level * factor,
    recent: baseline.recent * factor,
    marks: baseline.marks.map((mark) => mark * factor),
    pending: baseline.pending.map((lesson) => ({ ...lesson, value: lesson.value * factor })),
  };
}

/** The sum of two baselines. If only one has a value for a slot, the median of the other is added. */
export function addBaselines(a: Baseline, b: Baseline): Baseline {
  const [mine, theirs] = [medianOf(a), medianOf(b)];
  const added = (left: number | null, right: number | null) =>
    left === null && right === null ? Number.NaN : roundTo2((left ?? mine) * a.level + (right ?? theirs) * b.level);
  const slots = (left: Slots, right: Slots) =>
    left.length + right.length === 0
      ? NONE
      : UNSEEN.map((_, slot) => added(slotValue(left, slot), slotValue(right, slot)));
  const weight = (mine * a.level) / (mine * a.level + theirs * b.level || 1);
  return {
    since: Math.min(a.since, b.since),
    week: a.week.map((day, index) => slots(day, b.week[index] ?? NONE)),
    day: slots(a.day, b.day),
    level: 1,
    recent: weight * (a.recent / a.level) + (1 - weight) * (b.recent / b.level),
    marks: [],
    markedAt: Math.max(a.markedAt, b.markedAt),
    pending: a.pending.flatMap((lesson) => {
      const same = b.pending.find(({ at }) => at === lesson.at);
      return same === undefined ? [] : [{ ...lesson, value: lesson.value + same.value }];
    }),
  };
}

function medianOf({ day }: Baseline): number {
  const values = day.filter((value) => !Number.isNaN(value)).sort();
  return values[Math.floor(values.length / 2)] ?? 0;
}

/** Null while the baseline learns. */
export function usualAt(baseline: Baseline, { at, offset }: WallMoment): Usual | null {
  if (at - baseline.since < LEARNS_FOR) return null;
  const wall = at + offset;
  const week = usualAround((time) => ofWeek(baseline, time), wall);
  if (week !== null && at - baseline.since >= WEEK) return { value: week * baseline.level, from: 'week' };
  const day = usualAround((time) => slotValue(baseline.day, slotOf(time)), wall);
  return day === null ? null : { value: day * baseline.level, from: 'day' };
}

/**
 * The median of an hour around a time. If a job raises a neighbouring slot, the highest of these slots: a job may
 * start one reading early.
 */
function usualAround(slot: (time: number) => number | null, at: number): number | null {
  const near = nearValues(slot, at, [0, WIDE]);
  // Hourly readings have no values in near slots.
  const wide = near.length < FEW ? [...near, ...nearValues(slot, at, [WIDE + 1, WIDER])] : near;
  if (near.length === 0) return null;
  const middle = wide.sort((a, b) => a - b)[Math.floor(wide.length / 2)] ?? 0;
  const high = Math.max(0, ...nearValues(slot, at, [0, 1]));
  return high > 1.3 * middle + 2 ? high : middle;
}

/** The values of the slots at a distance between `least` and `most`, to either side. */
function nearValues(
  slot: (time: number) => number | null,
  at: number,
  [least, most]: readonly [number, number],
): number[] {
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
  return slotValue(week[dayOf(time)], slotOf(time));
}

function dayOf(time: number): number {
  return Math.floor(((time + MONDAY) % WEEK) / DAY);
}

function slotOf(time: number): number {
  return Math.floor((time % DAY) / SLOT);
}

/** Learns one complete reading. An unusual reading changes neither level nor day, and the week by a quarter at most. */
export function learn(baseline: Baseline, lesson: Lesson): Baseline {
  const { at, value, isUnusual } = lesson;
  const usual = usualAt(baseline, lesson);
  const passed = Math.min(LONGEST, at - (baseline.pending.at(-1)?.at ?? at - SLOT));
  const watched = trackLevel(baseline, { lesson, usual, passed });
  const drift = usual?.from !== 'week' || isUnusual ? 0 : Math.sign(value - usual.value);
  const levelled = { ...watched, level: watched.level * (1 + (drift * STEP * passed) / SLOT) };
  const taught = learnPending(levelled, at);
  return { ...taught, pending: [...taught.pending, lesson] };
}

/** Learns the pending readings that are due, and no new one. */
export function learnPending(baseline: Baseline, at: number): Baseline {
  const isDue = (old: Lesson) => slotStart(old.at) <= at - DELAY;
  if (!baseline.pending.some(isDue)) return baseline;
  // All readings of one slot are written together.
  const due = Map.groupBy(baseline.pending.filter(isDue), (old) => slotStart(old.at));
  const pending = baseline.pending.filter((old) => !isDue(old));
  return { ...[...due.values()].map(averaged).reduce(withLesson, baseline), pending };
}

function slotStart(at: number): number {
  return at - (at % SLOT);
}

function averaged(lessons: readonly Lesson[]): Lesson {
  const value = lessons.reduce((sum, lesson) => sum + lesson.value, 0) / lessons.length;
  const { at, offset } = lessons[0] ?? { at: 0, offset: 0 };
  return { at, offset, value, isUnusual: lessons.some(({ isUnusual }) => isUnusual) };
}

function withLesson(baseline: Baseline, { at, offset = 0, value, isUnusual }: Lesson): Baseline {
  const wall = at + offset;
  const shaped = value / baseline.level;
  const slot = slotOf(wall);
  const today = dayOf(wall);
  const known = ofWeek(baseline, wall);
  const day = slotValue(baseline.day, slot);
  // A spike must not become the first value of a slot while its neighbours have values.
  const isIgnored = isUnusual && (day ?? usualAround((time) => slotValue(baseline.day, slotOf(time)), wall)) !== null;
  const slots = withSlot(baseline.week[today] ?? NONE, slot, blend(known, shaped));
  return {
    ...baseline,
    week: isIgnored && known === null ? baseline.week : baseline.week.with(today, slots),
    day: isIgnored ? baseline.day : withSlot(baseline.day, slot, blend(day, shaped)),
  };
}

function withSlot(slots: Slots, slot: number, value: number): Slots {
  return (slots.length === 0 ? UNSEEN : slots).with(slot, value);
}

function blend(known: number | null, value: number): number {
  const blended = known === null ? value : known + LEARN * (Math.min(value, 1.5 * known + 10) - known);
  return roundTo2(blended);
}

function roundTo2(value: number): number {
  return Math.round(value * 100) / 100;
}

function trackLevel(
  baseline: Baseline,
  now: { readonly lesson: Lesson; readonly usual: Usual | null; readonly passed: number },
): Baseline {
  const { usual, passed } = now;
  const { at, value } = now.lesson;
  // The first week has no weekend yet, so it says nothing about the level.
  if (usual?.from !== 'week' || usual.value < 1) return baseline;
  const ratio = (value / usual.value) * baseline.level;
  const recent = baseline.recent + (ratio - baseline.recent) * Math.min(1, passed / RECENT);
  if (at - baseline.markedAt < MARK) return { ...baseline, recent };
  const next = { ...baseline, recent, marks: [...baseline.marks.slice(-1), recent], markedAt: at };
  // A level that was learned and fell again is unlearned the same way, but never below the shape itself.
  const old = baseline.marks.at(-1);
  const isBack = next.level > 1.2 && recent < 0.7 * next.level && old !== undefined && isSteady(old, recent);
  return isBack ? { ...next, level: Math.max(1, recent) } : next;
}

function isSteady(a: number, b: number): boolean {
  return Math.abs(b / a - 1) <= STEADY;
}

/** The baseline at the level that the last two half days share; null while the figure still moves. */
export function atSteadyLevel(baseline: Baseline): Baseline | null {
  const [before, last] = baseline.marks;
  if (before === undefined || last === undefined || last < 1.2 * baseline.level) return null;
  return isSteady(before, last) && isSteady(last, baseline.recent) ? { ...baseline, level: baseline.recent } : null;
}
