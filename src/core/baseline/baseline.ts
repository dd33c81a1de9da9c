// A baseline: the usual value of one figure at this local time of day and week, because people and jobs follow local
// time. It is the median of the same time on the same weekday of the last four weeks, ±15 minutes. README.md says why.

import { DAY, HOUR, WEEK } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import {
  addMemories,
  dayOf,
  type Gathered,
  highestNear,
  isWithheldAt,
  type Memory,
  mapMemory,
  REMEMBERED_DAYS,
  remember,
  SLOT,
  valuesNear,
} from './memory.ts';

/** Below this age a baseline has no usual value. */
export const LEARNS_FOR = DAY;
/** The neighbouring slots on either side: 15 minutes, which give 28 values on four days. */
const WIDE = 3;
/** Fewer days need a wider neighbourhood: half an hour on either side. */
const ENOUGH_VALUES = 21;
const WIDER = 6;
/** With fewer values than this, as with hourly readings, it is an hour. */
const FEW = 3;
const WIDEST = 12;
/** Two days of the same weekday make a usual. */
const ENOUGH_DAYS = 2;
/** Until then, the days of the same kind within two weeks. */
const KIND_DAYS = 14;
/** Less than a tenth of a usual of ten or more is an outage: a hole, as if nothing was read. */
const OUTAGE = 0.1;
export const LEAST_USUAL = 10;
/** A reading that differs by this factor, either way, and by four standard deviations is withheld. */
export const FAR = 1.6;
export const SIGMAS = 4;
/** What is withheld on three of the four weekdays is usual after all. */
const RECURRING_DAYS = 3;
/** What is as high at the very same time on three quarters of the days is usual, however short: a job. */
const JOB_SHARE = 0.75;
const LEAST_JOB_DAYS = 3;
/** What was usual before a fall stays known for this long. */
const FALL_REMEMBERED = 2 * WEEK;

export interface Baseline {
  readonly since: number;
  readonly memory: Memory;
  /** The start of the slot of the newest reading, and the number of readings in it. */
  readonly newestAt: number;
  readonly newestCount: number;
  /** The last change of level that was accepted; null for none within four weeks. */
  readonly level: LevelChange | null;
}

export interface LevelChange {
  /** When the new level began. */
  readonly at: number;
  /** By hour of the day: the new level relative to the old one, both plus one. */
  readonly factors: readonly number[];
}

export interface Usual {
  readonly value: number;
  /** The robust standard deviation of the values it is from, and at least the square root of the value. */
  readonly spread: number;
  /** The days it is from: the same weekday, working days or weekends, or any. */
  readonly from: 'weekday' | 'kind' | 'any';
  readonly days: number;
  /** How many readings near this time are left out, because they belong to alerts or outages. */
  readonly leftOut: number;
  /** The value is that of a job at this very time, and not the median of the time around it. */
  readonly isJob: boolean;
  /** There is less than a week of history, so a Monday may be compared with a Sunday. */
  readonly isYoung: boolean;
  /** What was usual before the figure fell for good, within two weeks; null otherwise. */
  readonly formerly: number | null;
}

export interface Lesson extends WallMoment {
  readonly value: number;
  /** Of this time, as `usualAt` tells it; null while the baseline learns. */
  readonly usual: Usual | null;
  /** An alert fires, so that the reading is kept and not trusted. */
  readonly isWithheld: boolean;
}

export function newBaseline(at: number): Baseline {
  return { since: at, memory: [], newestAt: 0, newestCount: 0, level: null };
}

/** The same shape at another level, after a node or a part of the clients came or went. */
export function scaleBaseline(baseline: Baseline, factor: number): Baseline {
  const memory = mapMemory(baseline.memory, (reading) => ({ ...reading, value: reading.value * factor }));
  return { ...baseline, memory };
}

/** The sum of two baselines. If only one has a value for a slot, the median of the other is added. */
export function addBaselines(a: Baseline, b: Baseline): Baseline {
  const missing = { a: medianOf(allValues(a)), b: medianOf(allValues(b)) };
  const newer = a.newestAt >= b.newestAt ? a : b;
  return { ...newer, since: Math.min(a.since, b.since), memory: addMemories(a.memory, b.memory, missing), level: null };
}

function allValues({ memory }: Baseline): number[] {
  const values: number[] = [];
  mapMemory(memory, (reading) => {
    values.push(reading.value);
    return reading;
  });
  return values;
}

/** The mean of the two middle values of an even number; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** Null while the baseline learns. */
export function usualAt(baseline: Baseline, moment: WallMoment): Usual | null {
  const { at, offset } = moment;
  if (at - baseline.since < LEARNS_FOR) return null;
  const found = widened((width) => comparedDays(baseline, at + offset, width));
  if (found === null) return null;
  const { values, from, count, leftOut } = found;
  const middle = medianOf(values);
  const deviation = 1.4826 * medianOf(values.map((one) => Math.abs(one - middle)));
  const spread = Math.max(deviation, rootOf(middle));
  const job = jobAt(baseline, at + offset, Math.max(FAR * middle, middle + SIGMAS * rootOf(middle)));
  const value = job ?? middle;
  return {
    value,
    spread: job === null ? spread : rootOf(job),
    from,
    days: count,
    leftOut,
    isJob: job !== null,
    isYoung: at - baseline.since < WEEK,
    formerly: formerUsual(baseline.level, moment, value),
  };
}

/** The narrowest neighbourhood with enough values; the widest if none has. */
function widened(compared: (width: number) => ComparedDays | null): ComparedDays | null {
  const near = compared(WIDE);
  if (near !== null && near.values.length >= ENOUGH_VALUES) return near;
  const wider = compared(WIDER) ?? near;
  return wider !== null && wider.values.length >= FEW ? wider : (compared(WIDEST) ?? wider);
}

interface ComparedDays extends Pick<Usual, 'from' | 'leftOut'> {
  readonly values: readonly number[];
  readonly count: number;
}

const WEEKDAYS = [7, 14, 21, 28];
const EARLIER_DAYS = Array.from({ length: KIND_DAYS }, (_, index) => index + 1);

/** The values of the days that this time is compared with; null if no day has any. */
function comparedDays({ memory }: Baseline, wall: number, width: number): ComparedDays | null {
  const week = valuesNear(memory, wall, { backs: WEEKDAYS, width });
  if (week.withheldDays >= RECURRING_DAYS) return allOf(week, 'weekday');
  if (week.trustedDays >= ENOUGH_DAYS) return trustedOf(week, 'weekday');
  const kind = daysOfKind(wall);
  const found =
    anyOf(valuesNear(memory, wall, { backs: kind, width }), 'kind') ??
    anyOf(valuesNear(memory, wall, { backs: EARLIER_DAYS, width }), 'any');
  if (found === null) return anyOf(week, 'weekday');
  // One day of the same weekday counts only if it was higher: a Sunday is not a Saturday, and an outage is no usual.
  return medianOf(week.trusted) > medianOf(found.values) ? trustedOf(week, 'weekday') : found;
}

function trustedOf({ trusted, trustedDays, withheld }: Gathered, from: Usual['from']): ComparedDays {
  return { values: trusted, from, count: trustedDays, leftOut: withheld.length };
}

function allOf({ trusted, withheld, days }: Gathered, from: Usual['from']): ComparedDays {
  return { values: [...trusted, ...withheld], from, count: days, leftOut: 0 };
}

/** The trusted values; if there are none, the withheld ones. */
function anyOf(found: Gathered, from: Usual['from']): ComparedDays | null {
  if (found.trustedDays > 0) return trustedOf(found, from);
  return found.withheldDays > 0 ? allOf(found, from) : null;
}

/**
 * The value that most days of this kind, or of any while few are known, reached within five minutes of this time in two
 * weeks, and not around it.
 * @param least a lower value is no job
 */
function jobAt({ memory }: Baseline, wall: number, least: number): number | null {
  const reached = (backs: readonly number[]) => ({ backs, highest: highestNear(memory, wall, { backs, width: 1 }) });
  const kind = reached(daysOfKind(wall));
  const { backs, highest } = kind.highest.length < LEAST_JOB_DAYS ? reached(EARLIER_DAYS) : kind;
  const job = highest[Math.floor((1 - JOB_SHARE) * highest.length)] ?? 0;
  if (highest.length < LEAST_JOB_DAYS || job < least) return null;
  const { trusted, withheld } = valuesNear(memory, wall, { backs, width: WIDER });
  return job >= FAR * medianOf([...trusted, ...withheld]) ? job : null;
}

/** The spread of a number of independent connections. */
function rootOf(value: number): number {
  return Math.sqrt(Math.max(1, value));
}

/** How many days ago the working days, or the days of a weekend, of the last two weeks were; the latest first. */
export function daysOfKind(wall: number): readonly number[] {
  return EARLIER_DAYS.filter((back) => isWeekend(wall - back * DAY) === isWeekend(wall));
}

/** 1970 began on a Thursday. */
function isWeekend(wall: number): boolean {
  return (dayOf(wall) + 3) % 7 >= 5;
}

function formerUsual(level: LevelChange | null, { at, offset }: WallMoment, value: number): number | null {
  if (level === null || at - level.at > FALL_REMEMBERED) return null;
  const factor = factorAt(level, at + offset);
  return factor < 1 ? (value + 1) / factor - 1 : null;
}

export function factorAt({ factors }: LevelChange, wall: number): number {
  return factors[Math.floor((wall - dayOf(wall) * DAY) / HOUR)] ?? 1;
}

/** Learns one complete reading. */
export function learn(baseline: Baseline, lesson: Lesson): Baseline {
  const { at, offset, value, usual } = lesson;
  if (usual !== null && usual.value >= LEAST_USUAL && value < OUTAGE * usual.value) return baseline;
  const slot = at - (at % SLOT);
  const count = slot === baseline.newestAt ? baseline.newestCount + 1 : 1;
  const reading = { value, isWithheld: lesson.isWithheld || (usual !== null && isFar(value, usual)) };
  const isOld = baseline.level !== null && at - baseline.level.at > REMEMBERED_DAYS * DAY;
  return {
    ...baseline,
    memory: remember(baseline.memory, { wall: at + offset, weight: 1 / count }, reading),
    newestAt: slot,
    newestCount: count,
    level: isOld ? null : baseline.level,
  };
}

/** A rise over other weekdays is trusted: nothing is known of this weekday yet. */
function isFar(value: number, { value: usual, spread, from }: Usual): boolean {
  if (Math.abs(value - usual) < SIGMAS * spread) return false;
  return value <= usual / FAR || (from === 'weekday' && value >= FAR * usual);
}

/** The readings since the beginning of an alert are kept and no longer trusted. */
export function withhold(baseline: Baseline, since: number, { offset }: WallMoment): Baseline {
  const isDone = isWithheldAt(baseline.memory, baseline.newestAt + offset);
  if (isDone) return baseline;
  const wall = since - (since % SLOT) + offset;
  const memory = mapMemory(baseline.memory, (reading, time) =>
    time >= wall ? { ...reading, isWithheld: true } : reading,
  );
  return { ...baseline, memory };
}
