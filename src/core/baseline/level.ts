// Lasting changes of level: when a figure stays at another level, its usual moves there, hour by hour of the day.

import { DAY, HOUR } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import {
  type Baseline,
  factorAt,
  LEAST_USUAL,
  type Lesson,
  type LevelChange,
  learn,
  medianOf,
  usualAt,
} from './baseline.ts';
import { mapMemory, SLOT, valueAt } from './memory.ts';

/** A rise that fires an alert is accepted when it is steady for a day and a half. */
const STEADY_FOR = 36 * HOUR;
/** Any other change, and every fall, when it lasts for a week: longer than an outage or a holiday. */
const LASTING_DAYS = 7;
/** Levels within this share of each other are the same. */
const SAME = 0.2;
/** A level is judged by the hours of a day in which the usual is not small. */
const LEAST_HOURS = 8;
/** Half of the hourly samples of a day and a half: fewer tell too little. */
const ENOUGH_SAMPLES = 18;
/** A level that moves by more in a day is no level: a leak. */
const DRIFT = 0.05;
/** A change of less than a fifth is no change. */
const LEAST_CHANGE = 0.2;
/** Below this share of the usual a source is away. An absence is no level. */
const AWAY = 0.1;
/** So many readings are the level of now, if it is higher than that of the hours before: a rise may have been gradual. */
const NEWEST = 3;

/** A value and what was usual then. */
interface Sample {
  readonly at: number;
  readonly hour: number;
  readonly usual: number;
  /** (value + 1) ÷ (usual + 1), so that a usual of nothing has a ratio too. */
  readonly ratio: number;
}

/** The values of a period, hourly unless `step` is another time in milliseconds. */
function samples(
  baseline: Baseline,
  { at, offset }: WallMoment,
  { from, until, step = HOUR }: { readonly from: number; readonly until: number; readonly step?: number },
): readonly Sample[] {
  const found: Sample[] = [];
  for (let time = at - from; time < at - until; time += step) {
    const value = valueAt(baseline.memory, time + offset);
    const usual = value === null ? null : usualAt(baseline, { at: time, offset });
    if (value === null || usual === null) continue;
    const hour = hourOf(time + offset);
    found.push({ at: time, hour, usual: usual.value, ratio: (value + 1) / (usual.value + 1) });
  }
  return found;
}

function hourOf(wall: number): number {
  return Math.floor((wall % DAY) / HOUR);
}

function ratioOf(found: readonly Sample[]): number {
  return medianOf(found.map(({ ratio }) => ratio));
}

/**
 * The baseline at the level that an alert has held for a day and a half; null while the figure still moves.
 * @param since when the alert began
 */
export function atSteadyLevel(baseline: Baseline, since: number, moment: WallMoment): Baseline | null {
  if (moment.at - since < STEADY_FOR) return null;
  const { memory } = baseline;
  const pairs: number[] = [];
  for (let time = moment.at - STEADY_FOR / 3; time < moment.at; time += SLOT) {
    const now = valueAt(memory, time + moment.offset);
    const before = valueAt(memory, time - DAY + moment.offset);
    if (now !== null && before !== null) pairs.push((now + 1) / (before + 1));
  }
  const same = pairs.filter((ratio) => Math.abs(ratio - 1) <= SAME);
  const isSteady = pairs.length >= 6 && same.length >= 0.75 * pairs.length;
  if (!isSteady || Math.abs(medianOf(pairs) - 1) > DRIFT) return null;
  const found = samples(baseline, moment, { from: moment.at - since, until: 0 });
  return found.length === 0 ? baseline : moved(baseline, { at: since, factors: factorsOf(found) }, moment);
}

/**
 * The baseline of a figure whose rise a person called normal: usual begins at the level of the readings since a time.
 * The same where they are no rise. Null without such a reading.
 * @param rise.onset when the rise began; its readings before `since` stay withheld
 */
export function acceptLevel(
  baseline: Baseline,
  { onset, since }: { readonly onset: number; readonly since: number },
  moment: WallMoment,
): Baseline | null {
  const all = samples(baseline, moment, { from: moment.at - since, until: 0, step: SLOT });
  if (all.length === 0) return null;
  const newest = all.slice(-NEWEST);
  const found = ratioOf(newest) > ratioOf(all) ? newest : all;
  const ratio = ratioOf(found);
  if (ratio <= 1) return baseline;
  // Nothing tells of the other hours whether they rise by the same number or by the same factor: by the lesser one.
  const more = medianOf(found.map((sample) => (sample.ratio - 1) * (sample.usual + 1)));
  const otherHour = (hour: number) => {
    const back = (hourOf(moment.at + moment.offset) - hour + 24) % 24;
    const usual = usualAt(baseline, { at: moment.at - back * HOUR, offset: moment.offset });
    return usual === null ? ratio : Math.min(ratio, 1 + more / (usual.value + 1));
  };
  return moved(baseline, { at: since, factors: factorsOf(found, otherHour) }, moment, onset);
}

/**
 * By hour of the day, from the samples of three hours.
 * @param otherHour for an hour without samples; the median of all if it is left out
 */
function factorsOf(found: readonly Sample[], otherHour?: (hour: number) => number): readonly number[] {
  const all = ratioOf(found);
  return Array.from({ length: 24 }, (_, hour) => {
    const near = [23, 0, 1].map((step) => (hour + step) % 24);
    const own = found.filter((sample) => near.includes(sample.hour));
    return own.length === 0 ? (otherHour?.(hour) ?? all) : ratioOf(own);
  });
}

/** Readings before the onset are moved to the new level, and those of the new level are trusted. */
function moved(baseline: Baseline, level: LevelChange, { offset }: WallMoment, onset = level.at): Baseline {
  const start = level.at + offset;
  const memory = mapMemory(baseline.memory, (reading, wall) => {
    if (wall >= start) return { ...reading, isWithheld: false };
    if (wall >= onset + offset) return reading;
    return { ...reading, value: Math.max(0, (reading.value + 1) * factorAt(level, wall) - 1) };
  });
  return { ...baseline, memory, level };
}

/** Lasting changes are looked for this often: they take days. */
const CHECKED_EVERY = 6 * HOUR;

/**
 * Learns one complete reading, and a change of level that lasts or that went back to the level before.
 * @param id of what has the figure: the changes of many are looked for at different times
 */
export function learnAndSettle(baseline: Baseline, lesson: Lesson, id: string): Baseline {
  const learned = learn(baseline, lesson);
  if (learned === baseline) return baseline;
  const phase = ([...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) * SLOT) % CHECKED_EVERY;
  const [now, before] = [lesson.at, baseline.newestAt].map((at) => Math.floor((at + phase) / CHECKED_EVERY));
  const isDue = now !== before;
  return isDue ? (wentBack(learned, lesson) ?? afterLastingChange(learned, lesson) ?? learned) : learned;
}

/** A level that was accepted and left again is undone after a day and a half at the level before. */
function wentBack(baseline: Baseline, moment: WallMoment): Baseline | null {
  const { level } = baseline;
  if (level === null || moment.at - level.at < STEADY_FOR) return null;
  const change = Math.abs(Math.log(medianOf(level.factors)));
  const found = samples(baseline, moment, { from: STEADY_FOR, until: 0 }).map((sample) => ({
    at: sample.at,
    distance: Math.log(sample.ratio * (level.factors[sample.hour] ?? 1)),
  }));
  const third = found.length / 3;
  const isBack = [0, 1, 2].every((index) => {
    const part = found.slice(index * third, (index + 1) * third).map(({ distance }) => distance);
    return Math.abs(medianOf(part)) <= Math.log(1 + SAME);
  });
  // The first hours may still be at the level that was left.
  const start = found.find(({ distance }) => Math.abs(distance) < change / 2)?.at;
  if (!isBack || found.length < ENOUGH_SAMPLES || change < Math.log(1 + SAME) || start === undefined) return null;
  const factors = level.factors.map((factor) => 1 / factor);
  return { ...moved(baseline, { at: start, factors }, moment), level: null };
}

function afterLastingChange(baseline: Baseline, moment: WallMoment): Baseline | null {
  const days: (readonly Sample[])[] = [];
  const levels: number[] = [];
  for (let back = 1; back <= LASTING_DAYS; back++) {
    const all = samples(baseline, moment, { from: back * DAY, until: (back - 1) * DAY });
    // An absence of a few connections is no level.
    const day = all.filter(({ usual }) => usual >= LEAST_USUAL);
    const level = ratioOf(day);
    // The newest day decides for most baselines.
    if (day.length < LEAST_HOURS || level < AWAY || Math.abs(Math.log(level)) < Math.log(1 + LEAST_CHANGE)) return null;
    days.push(day);
    levels.push(level);
  }
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  if (least < 1 !== most < 1 || most / least > 1 + 2 * SAME) return null;
  return moved(baseline, { at: moment.at - LASTING_DAYS * DAY, factors: factorsOf(days.flat()) }, moment);
}
