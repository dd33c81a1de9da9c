// Growth by Theil–Sen: what it finds in noise, weeks, gaps and plateaus, and when a limit is reached.

import { describe, expect, test } from 'vitest';
import { DAY } from '../../../src/core/base/duration.ts';
import { type DailyMaximum, growthOf, growthWords, reaches, reachWords } from '../../../src/core/forecast/growth.ts';
import { fc } from '../arbitrary.ts';

/** A Monday. */
const MONDAY = Date.parse('2026-11-02T00:00:00Z');
const days = (many: number, value: (day: number) => number): readonly DailyMaximum[] =>
  Array.from({ length: many }, (_, day) => ({ at: MONDAY + day * DAY, value: value(day) }));
const after = (many: number) => MONDAY + many * DAY;
/** The same noise each time, between -1 and 1. */
const noise = (day: number) => Math.sin(day * 12.9898) * Math.cos(day * 78.233);
const isWeekend = (day: number) => day % 7 >= 5;

test('a straight line has its slope, without a range', () => {
  const growth = growthOf(days(28, (day) => 1_000 + 20 * day));
  expect(growth).toMatchObject({
    kind: 'growing',
    days: 28,
    likely: { perDay: 20, level: 1_540, at: after(27) },
    least: { perDay: 20 },
    most: { perDay: 20 },
  });
  expect(growthWords(growth)).toBe('+20 a day');
  // At 1,540 on the last day, and two days later 1,580: 21 more days to 2,000.
  expect(reaches(growth, { limit: 2_000, now: after(29) })).toEqual({ earliest: 21, likely: 21, latest: 21 });
});

test('noise gives a range around the slope, and the limit is reached within one, too', () => {
  const growth = growthOf(days(28, (day) => 1_000 + 20 * day + 60 * noise(day)));
  if (growth.kind !== 'growing') throw new Error(growth.kind);
  expect(Math.abs(growth.likely.perDay - 20)).toBeLessThan(2);
  expect(growth.least.perDay).toBeLessThan(20);
  expect(growth.most.perDay).toBeGreaterThan(20);
  const reach = reaches(growth, { limit: 2_400, now: after(28) });
  if (reach === null || reach.latest === null) throw new Error('not reached');
  expect(reach.earliest).toBeLessThan(reach.likely);
  expect(reach.latest).toBeGreaterThan(reach.likely);
});

test('one day of an incident changes neither slope nor level', () => {
  const steady = growthOf(days(28, (day) => 1_000 + 20 * day));
  const spiked = growthOf(days(28, (day) => (day === 20 ? 2_900 : 1_000 + 20 * day)));
  const at = { limit: 3_000, now: after(28) };
  expect(spiked).toMatchObject({ kind: 'growing', likely: { perDay: 20, level: 1_540 } });
  expect(reaches(spiked, at)?.likely).toBe(reaches(steady, at)?.likely);
});

test('a week with quiet weekends is no growth; with growth, the peaks of the weeks reach the limit', () => {
  const week = (day: number) => (isWeekend(day) ? 300 : 1_000);
  for (const many of [7, 8, 9, 12, 13, 20, 28]) expect(growthOf(days(many, week))).toMatchObject({ kind: 'none' });
  const growing = growthOf(days(28, (day) => week(day) + 30 * day));
  expect(growing).toMatchObject({ kind: 'growing', likely: { perDay: 30 } });
  if (growing.kind !== 'growing') throw new Error(growing.kind);
  // The last Friday had 1,000 + 30 × 25; the line goes on from there to the last day.
  expect(growing.likely.level).toBeCloseTo(1_000 + 30 * 27);
});

describe('no growth', () => {
  test.each<[string, readonly DailyMaximum[]]>([
    ['flat', days(28, () => 500)],
    ['noise around a level', days(28, (day) => 500 + 50 * noise(day))],
    ['a step two weeks ago, then a plateau', days(28, (day) => (day < 14 ? 300 : 600))],
    ['a step two weeks ago, then a plateau with noise', days(28, (day) => (day < 14 ? 300 : 600) + 10 * noise(day))],
    ['a step twelve days ago with noise', days(28, (day) => (day < 16 ? 300 : 600) + 10 * noise(day))],
    ['a step three days ago', days(28, (day) => (day < 25 ? 300 : 600) + 10 * noise(day))],
    ['a week of load, and back', days(28, (day) => (day >= 10 && day < 17 ? 900 : 300) + 10 * noise(day))],
  ])('%s', (_, maxima) => {
    const growth = growthOf(maxima);
    expect(growth).toEqual({ kind: 'none', days: 28 });
    expect(reaches(growth, { limit: 700, now: after(28) })).toBeNull();
    expect(growthWords(growth)).toBe('no growth');
  });
});

test.each([1, 2, 3, 5, 7])('growth that was corrected %d days ago reaches no limit', (ago) => {
  const corrected = (day: number) => (day < 28 - ago ? 400 + 40 * day : 300) + 10 * noise(day);
  expect(growthOf(days(28, (day) => (day < 28 ? 400 + 40 * day : 0))).kind).toBe('growing');
  expect(growthOf(days(28, corrected))).toEqual({ kind: 'none', days: 28 });
  // Also with two days of an incident long before.
  expect(growthOf(days(28, (day) => (day === 4 || day === 5 ? 20 : corrected(day)))).kind).toBe('none');
});

test('a weekend of growing weeks is not the end of the growth', () => {
  for (const many of [20, 21, 26, 27, 28]) {
    const growth = growthOf(days(many, (day) => (isWeekend(day) ? 300 : 1_000) + 30 * day));
    expect([many, growth.kind]).toEqual([many, 'growing']);
  }
});

test('a node that holds far less today than its growth says reaches nothing, before a day of it is over', () => {
  const growth = growthOf(days(28, (day) => 400 + 40 * day));
  const at = { limit: 1_700, now: after(28) };
  expect(reaches(growth, { ...at, current: 300 })).toBeNull();
  // The night.
  expect(reaches(growth, { ...at, current: 700 })?.likely).toBe(5);
  expect(reaches(growth, { ...at, current: null })?.likely).toBe(5);
});

test('fewer than seven days are too little, with gaps or without', () => {
  expect(growthOf([])).toEqual({ kind: 'unknown', days: 0 });
  const growth = growthOf(days(6, (day) => 100 * day));
  expect(growth).toEqual({ kind: 'unknown', days: 6 });
  expect(growthWords(growth)).toBe('too little history');
  expect(reaches(growth, { limit: 700, now: after(6) })).toBeNull();
});

test('gaps do not bend the line, whatever the order of the days', () => {
  const line = days(28, (day) => 1_000 + 20 * day);
  const left = line.filter((_, day) => day % 3 !== 1 && !(day > 8 && day < 14));
  expect(growthOf(left.toReversed())).toMatchObject({
    kind: 'growing',
    days: left.length,
    likely: { perDay: 20, level: 1_540 },
  });
});

test('a falling node has a slope and reaches nothing', () => {
  const growth = growthOf(days(28, (day) => 1_000 - 4.26 * day));
  expect(growth.kind).toBe('falling');
  expect(growthWords(growth)).toBe('−4.3 a day');
  expect(reaches(growth, { limit: 2_000, now: after(28) })).toBeNull();
});

test('a limit that is reached is reached now; one beyond a year is not told', () => {
  const growth = growthOf(days(28, (day) => 1_000 + 20 * day));
  expect(reaches(growth, { limit: 1_500, now: after(28) })).toEqual({ earliest: 0, likely: 0, latest: 0 });
  expect(reaches(growth, { limit: 9_000, now: after(28) })).toBeNull();
});

test.each([
  [{ earliest: 12, likely: 19, latest: 40 }, 'reaches its limit in 19 days (12 to 40)'],
  [{ earliest: 12, likely: 19, latest: null }, 'reaches its limit in 19 days (12 or more)'],
  [{ earliest: 1, likely: 1, latest: 1 }, 'reaches its limit in 1 day'],
  [{ earliest: 0, likely: 0, latest: 3 }, 'reaches its limit within a day, at the latest in 3 days'],
  [{ earliest: 0, likely: 0, latest: null }, 'reaches its limit within a day, or later'],
])('%j is said as %s', (reach, words) => {
  expect(reachWords(reach)).toBe(words);
});

test('the range holds the slope, and time and level may be anywhere', () => {
  const values = fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 7, maxLength: 28 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 1_000 }), (maxima, raise) => {
      const growth = growthOf(days(maxima.length, (day) => maxima[day] ?? 0));
      const raised = growthOf(days(maxima.length, (day) => (maxima[day] ?? 0) + raise));
      expect(raised.kind).toBe(growth.kind);
      if (growth.kind !== 'growing' && growth.kind !== 'falling') return;
      const { least, likely, most } = growth;
      expect(least.perDay).toBeLessThanOrEqual(likely.perDay);
      expect(most.perDay).toBeGreaterThanOrEqual(likely.perDay);
      expect(Math.sign(least.perDay)).toBe(Math.sign(most.perDay));
      const reach = reaches(growth, { limit: 60_000, now: after(maxima.length) });
      if (reach !== null) expect(reach.likely).toBeLessThanOrEqual(reach.latest ?? Number.POSITIVE_INFINITY);
    }),
  );
});
