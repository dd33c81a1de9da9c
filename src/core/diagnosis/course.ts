// The course of a figure over the last hours and days, from the readings that a baseline remembers.

import { DAY, HOUR } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import { type Baseline, factorAt, medianOf } from '../baseline/baseline.ts';
import { SLOT, valueAt } from '../baseline/memory.ts';

interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** What was read in a slot. A baseline moves its readings when it accepts a new level; this undoes it. */
function readAt({ memory, level }: Baseline, at: number, offset: number): number | null {
  const value = valueAt(memory, at + offset);
  if (value === null || level === null || at >= level.at) return value;
  return Math.max(0, (value + 1) / factorAt(level, at + offset) - 1);
}

/** The start of the slot of a time, and a length in whole slots. */
function slotOf(time: number): number {
  return Math.floor(time / SLOT) * SLOT;
}

/** The readings of a period before now, the oldest first: one at most for each five minutes. */
export function readingsOf(
  baseline: Baseline,
  { at, offset }: WallMoment,
  { from, until = 0 }: { readonly from: number; readonly until?: number },
): readonly Point[] {
  const points: Point[] = [];
  for (let time = slotOf(at) - slotOf(from); time <= at - until; time += SLOT) {
    const value = readAt(baseline, time, offset);
    if (value !== null) points.push({ at: time, value });
  }
  return points;
}

/** The median of the readings of a period before now; null without one. */
export function middleOf(baseline: Baseline, moment: WallMoment, from: number, until = 0): number | null {
  const points = readingsOf(baseline, moment, { from, until });
  return points.length === 0 ? null : medianOf(points.map(({ value }) => value));
}

/** The most active connections at one reading of a period; null without a reading. */
export function peakActive(
  { pooled, dormant }: { readonly pooled: Baseline; readonly dormant: Baseline },
  moment: WallMoment,
  from: number,
): number | null {
  const { at, offset } = moment;
  let peak: number | null = null;
  for (let time = slotOf(at) - slotOf(from); time <= at; time += SLOT) {
    const all = readAt(pooled, time, offset);
    const idle = all === null ? null : readAt(dormant, time, offset);
    if (all !== null && idle !== null) peak = Math.max(peak ?? 0, all - idle);
  }
  return peak;
}

/** When the readings came to a value for good: the first since the last one below it. Null where all are above, or none. */
export function reachedAt(
  baseline: Baseline,
  { at, offset }: WallMoment,
  { value, within }: { readonly value: number; readonly within: number },
): number | null {
  let first: number | null = null;
  for (let time = slotOf(at); time >= at - within; time -= SLOT) {
    const here = readAt(baseline, time, offset);
    if (here !== null && here < value) return first;
    if (here !== null) first = time;
  }
  return null;
}

interface Growth {
  /** How long it has grown, in milliseconds, and from which value. */
  readonly lasted: number;
  readonly start: number;
}

/** So many steps make a growth: fewer are a step, or chance. */
const LEAST_STEPS = 4;
const MOST_STEPS = 24;
/** A step that falls by more ends the growth: clients come and go a little. */
const FALL = 0.02;
/** Steps up among all: what jumps once and then stays does not grow. */
const RISING = 0.75;

/**
 * A growth that goes on, by hours; where there is none, by days. Null for none.
 * @param isEnough whether it grew by enough from a start
 */
export function growthOf(
  baseline: Baseline,
  moment: WallMoment,
  now: number,
  isEnough: (start: number) => boolean,
): Growth | null {
  for (const step of [HOUR, DAY]) {
    const found = growthBy(step, baseline, moment, now);
    if (found !== null && isEnough(found.start)) return found;
  }
  return null;
}

function growthBy(step: number, baseline: Baseline, moment: WallMoment, now: number): Growth | null {
  const values = [now];
  for (let back = 1; back <= MOST_STEPS; back++) {
    const earlier = { ...moment, at: moment.at - back * step };
    const value = middleOf(baseline, earlier, HOUR / 2, -HOUR / 2);
    const last = values.at(-1) ?? now;
    if (value === null || value > last * (1 + FALL)) break;
    values.push(value);
  }
  const steps = values.slice(1).map((value, index) => (values[index] ?? 0) > value);
  // A level that it held before it grew is no part of the growth.
  while (steps.at(-1) === false) steps.pop();
  const rising = steps.filter(Boolean).length;
  if (steps.length < LEAST_STEPS || rising < RISING * steps.length || steps[0] !== true) return null;
  return { lasted: steps.length * step, start: values[steps.length] ?? now };
}
