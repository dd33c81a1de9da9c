// One figure over days and weeks: its baseline after its readings and alerts, as the rules teach it.

import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { type WallMoment, wallMoment } from '../../../src/core/base/time-zone.ts';
import { type Baseline, newBaseline, type Usual, usualAt, withhold } from '../../../src/core/baseline/baseline.ts';
import { atSteadyLevel, learnAndSettle } from '../../../src/core/baseline/level.ts';

/** A Monday. */
export const START = Date.parse('2026-10-05T00:00:00Z');
export const day = (days: number, hours = 0): number => START + days * DAY + hours * HOUR;
export const utc = (at: number): WallMoment => ({ at, offset: 0 });

interface Course {
  /** Of the first reading; `START` when it is left out. */
  readonly from?: number;
  readonly until: number;
  /** Between readings; half an hour when it is left out. */
  readonly step?: number;
  /** Null for no reading. */
  readonly value: (at: number) => number | null;
  /** Since when an alert fires; null while none does. */
  readonly alert?: (at: number) => number | null;
  /** What was learned before; a new baseline when it is left out. */
  readonly after?: Baseline;
  readonly timeZone?: string;
  /** Of the source that has the figure. */
  readonly id?: string;
}

export function taught(course: Course): Baseline {
  const { from = START, until, step = 30 * MINUTE, value, alert = () => null, timeZone, id = '' } = course;
  let baseline = course.after ?? newBaseline(from);
  for (let at = from; at < until; at += step) {
    const now = value(at);
    if (now === null) continue;
    const moment = timeZone === undefined ? utc(at) : wallMoment(at, timeZone);
    const since = alert(at);
    const trusted = since === null ? baseline : withhold(baseline, since, moment);
    const lesson = { ...moment, value: now, usual: usualAt(baseline, moment), isWithheld: since !== null };
    const learned = learnAndSettle(trusted, lesson, id);
    baseline = (since === null ? null : atSteadyLevel(learned, since, moment)) ?? learned;
  }
  return baseline;
}

export function usualOf(baseline: Baseline, at: number): Usual {
  const usual = usualAt(baseline, utc(at));
  if (usual === null) throw new Error('nothing is usual yet');
  return usual;
}

/** What is usual at each half hour of the week from a time on. */
export function weekOf(baseline: Baseline, from: number): readonly number[] {
  return Array.from({ length: 7 * 48 }, (_, index) => usualOf(baseline, from + index * 30 * MINUTE).value);
}

/** The largest relative difference between what is usual in the week from a time on and a course. */
export function worstOf(baseline: Baseline, from: number, value: (at: number) => number): number {
  const apart = weekOf(baseline, from).map((usual, index) => Math.abs(usual / value(from + index * 30 * MINUTE) - 1));
  return Math.max(...apart);
}

/** 100 at midnight, and 400 at noon of a working day or 250 at noon of a weekend. */
export function rhythm(at: number): number {
  const isWeekend = ((at - START) / DAY) % 7 >= 5;
  return Math.round(100 + (isWeekend ? 75 : 150) * (1 - Math.cos((2 * Math.PI * (at - START)) / DAY)));
}
