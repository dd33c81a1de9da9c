// What is usual at a time: which days it is from, and which readings are left out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { learn, newBaseline, type Usual, usualAt } from '../../../src/core/baseline/baseline.ts';
import { isWithheldAt, type Memory, remember, valueAt } from '../../../src/core/baseline/memory.ts';
import { day, rhythm, START, taught, usualOf, utc } from './figure.ts';

const weekdayOf = (at: number): number => Math.floor((at - START) / DAY) % 7;
/** Monday to Sunday. */
const LEVELS = [100, 110, 120, 130, 140, 80, 90];
const byWeekday = (at: number): number => LEVELS[weekdayOf(at)] ?? 0;

describe('the days of a usual', () => {
  test('there is none in the first day', () => {
    const baseline = taught({ until: day(2), value: byWeekday });
    expect(usualAt(baseline, utc(day(1) - 1))).toBeNull();
    expect(usualAt(baseline, utc(day(1)))).not.toBeNull();
    expect(usualAt(newBaseline(START), utc(day(9)))).toBeNull();
  });

  test.each([
    ['a Tuesday after one Monday', 1, { from: 'kind', days: 1, value: 100, isYoung: true }],
    ['the first Friday', 4, { from: 'kind', days: 4, value: 115, isYoung: true }],
    ['the first Saturday', 5, { from: 'any', days: 5, value: 120, isYoung: true }],
    ['the first Sunday', 6, { from: 'kind', days: 1, value: 80, isYoung: true }],
    ['the second Tuesday', 8, { from: 'kind', days: 6, value: 115, isYoung: false }],
    ['the second Saturday', 12, { from: 'kind', days: 2, value: 85, isYoung: false }],
    ['the third Monday', 14, { from: 'weekday', days: 2, value: 100, isYoung: false }],
    ['the third Saturday', 19, { from: 'weekday', days: 2, value: 80, isYoung: false }],
    ['the fourth Wednesday', 23, { from: 'weekday', days: 3, value: 120, isYoung: false }],
    ['the sixth Sunday', 41, { from: 'weekday', days: 4, value: 90, isYoung: false }],
  ])('%s', (_, days, expected) => {
    const baseline = taught({ until: day(days), value: byWeekday, step: 4 * HOUR });
    expect(usualOf(baseline, day(days, 12))).toMatchObject(expected);
  });

  test('a Monday after a first weekend is compared with any day', () => {
    const from = day(5);
    const baseline = taught({ from, until: day(7), value: byWeekday });
    expect(usualOf(baseline, day(7, 12))).toMatchObject({ from: 'any', days: 2, value: 85 });
  });

  test('a Sunday that is higher than its Saturday is compared with that Sunday a week later', () => {
    const baseline = taught({ until: day(13), value: (at) => (weekdayOf(at) === 6 ? 300 : 40) });
    expect(usualOf(baseline, day(13, 12))).toMatchObject({ from: 'weekday', days: 1, value: 300 });
  });

  test('one weekday that was lower than the others of its kind is no usual', () => {
    const baseline = taught({ until: day(9), value: (at) => (at >= day(2) && at < day(3) ? 50 : 100) });
    expect(usualOf(baseline, day(9, 12))).toMatchObject({ from: 'kind', value: 100 });
  });

  test('a source that was not read for three weeks is compared with the week before', () => {
    const baseline = taught({ until: day(7), value: byWeekday });
    expect(usualOf(baseline, day(29, 12))).toMatchObject({ from: 'weekday', days: 1, value: 110 });
    expect(usualAt(baseline, utc(day(40)))).toBeNull();
  });
});

describe('a usual', () => {
  const isJob = (at: number) => at % DAY >= 2 * HOUR && at % DAY < 4 * HOUR;

  test('is the median of the time, with a robust deviation and at least the square root', () => {
    const weeks = [90, 100, 110];
    const baseline = taught({ until: day(21), value: (at) => weeks[Math.floor((at - START) / (7 * DAY))] ?? 0 });
    expect(usualOf(baseline, day(21, 12))).toMatchObject({ value: 100, days: 3, leftOut: 0 });
    expect(usualOf(baseline, day(21, 12)).spread).toBeCloseTo(14.826);
    expect([0, 100].map((value) => usualOf(taught({ until: day(3), value: () => value }), day(3)).spread)).toEqual([
      1, 10,
    ]);
  });

  test('is from 15 minutes on either side on three days, and from half an hour on two', () => {
    const near = new Map(
      [-15, -10, -5, 0, 5, 10, 15].map((minutes, index) => [minutes, [9, 1, 1, 5, 9, 9, 9][index] ?? 0]),
    );
    const after = (weeks: number) => {
      let memory: Memory = [];
      for (let back = 7; back <= 7 * weeks; back += 7)
        for (let minutes = -60; minutes <= 60; minutes += 5) {
          const wall = day(28, 10) - back * DAY + minutes * MINUTE;
          memory = remember(memory, { wall, weight: 1 }, { value: near.get(minutes) ?? 0, isWithheld: false });
        }
      return usualOf({ ...newBaseline(START), memory }, day(28, 10)).value;
    };
    expect([after(2), after(3)]).toEqual([1, 9]);
  });

  test('of hourly readings on two days is from an hour on either side', () => {
    const value = (at: number) => ({ 9: 60, 10: 20, 11: 70 })[(at % DAY) / HOUR] ?? 50;
    const after = (weeks: number) =>
      usualOf(taught({ until: day(7 * weeks), value, step: HOUR }), day(7 * weeks, 10)).value;
    expect([after(2), after(3)]).toEqual([60, 20]);
  });

  test.each([10, 30, 60])('follows the day with a reading every %i minutes', (minutes) => {
    const hourly = (at: number) => rhythm(at - (at % HOUR));
    const baseline = taught({ until: day(22), value: hourly, step: minutes * MINUTE });
    for (let hour = 0; hour < 24; hour++) {
      const usual = usualOf(baseline, day(22, hour));
      const values = [-1, 0, 1].map((step) => hourly(day(1, hour + step)));
      expect(usual.from).toBe('weekday');
      expect(usual.value).toBeGreaterThanOrEqual(Math.min(...values));
      expect(usual.value).toBeLessThanOrEqual(Math.max(...values));
      if (minutes >= 30) expect(usual.value).toBe(hourly(day(1, hour)));
    }
  });

  test('is nothing outside the hours of a job, and the height of the job inside', () => {
    const job = (at: number) => (isJob(at) ? 60 : 0);
    let baseline = newBaseline(START);
    for (const [from, until] of [
      [0, 2],
      [2, 5],
      [5, 13],
      [13, 20],
      [20, 35],
    ] as const) {
      baseline = taught({ after: baseline, from: day(from), until: day(until), value: job });
      expect([1, 3, 5, 12].map((hour) => usualOf(baseline, day(until, hour)).value)).toEqual([0, 60, 0, 0]);
    }
  });

  test('of a job that stopped is nothing after four weeks', () => {
    const job = (at: number) => (at < day(14) && isJob(at) ? 60 : 0);
    const stopped = taught({ until: day(35), value: job });
    expect(usualOf(stopped, day(35, 3)).value).toBe(60);
    expect(usualOf(taught({ after: stopped, from: day(35), until: day(44), value: job }), day(44, 3)).value).toBe(0);
  });
});

describe('what is left out', () => {
  const learned = (usual: number, value: number, from: Usual['from'] = 'weekday') => {
    const rest = { from, days: 4, leftOut: 0, isJob: false, isYoung: false, formerly: null };
    const known = { ...rest, value: usual, spread: Math.sqrt(Math.max(1, usual)) };
    const { memory } = learn(newBaseline(START), { ...utc(day(28)), value, usual: known, isWithheld: false });
    return { value: valueAt(memory, day(28)), isWithheld: isWithheldAt(memory, day(28)) };
  };

  test.each([
    [100, 9],
    [100, 0],
    [10, 0],
  ])('a usual of %i and a reading of %i are an outage: a hole', (usual, value) => {
    expect(learned(usual, value)).toEqual({ value: null, isWithheld: false });
  });

  test.each([
    ['a tenth', 100, 10, true],
    ['a low reading', 100, 60, true],
    ['a low reading within four deviations', 100, 61, false],
    ['a low reading within the factor', 400, 251, false],
    ['a low reading at the factor', 400, 250, true],
    ['a high reading at the factor', 400, 640, true],
    ['a high reading within the factor', 400, 639, false],
    ['a high reading within four deviations', 9, 20, false],
    ['nothing beside a usual of nine', 9, 0, false],
    ['a first connection', 0, 3, false],
    ['four first connections', 0, 4, true],
  ])('%s: usually %i, now %i: withheld is %s', (_, usual, value, isWithheld) => {
    expect(learned(usual, value)).toEqual({ value, isWithheld });
  });

  test('a rise over other weekdays is trusted, a fall is not', () => {
    for (const from of ['kind', 'any'] as const) {
      expect(learned(100, 400, from)).toEqual({ value: 400, isWithheld: false });
      expect(learned(100, 40, from)).toEqual({ value: 40, isWithheld: true });
    }
  });

  test('a weekday that turned higher is compared with itself after some weeks', () => {
    const isTime = (at: number) => weekdayOf(at) === 1 && at % DAY >= 9 * HOUR && at % DAY < 13 * HOUR;
    const value = (at: number) => (at >= day(21) && isTime(at) ? 400 : 100);
    const usuals = [29, 57].map((days) => usualOf(taught({ until: day(days), value, step: HOUR }), day(days, 11)));
    expect(usuals).toMatchObject([
      { value: 100, leftOut: 1 },
      { value: 400, from: 'weekday' },
    ]);
  });

  test('readings of an alert do not count, and are told', () => {
    const value = (at: number) => (at >= day(21, 9) && at < day(21, 13) ? 400 : 100);
    const alert = (at: number) => (at >= day(21, 10) && at < day(21, 13) ? day(21, 9) : null);
    const usual = usualOf(taught({ until: day(28), value, alert, step: 15 * MINUTE }), day(28, 11));
    expect(usual).toMatchObject({ value: 100, days: 3, leftOut: 5 });
  });
});

describe('a job at the very same time', () => {
  /** A Monday. The ten working days of two weeks before it are 3 to 7 and 10 to 14 days ago. */
  const NOW = day(28, 10);
  const WORKING = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14];
  /** 100 in the hour before and after the time on all days, and 400 for some minutes from the time on; or a part of it. */
  const after = (
    jobs: readonly number[],
    { days = [...WORKING, 1, 2, 8, 9], minutes = 5, at = NOW, part = 1 } = {},
  ) => {
    let memory: Memory = [];
    for (const back of days.toSorted((a, b) => b - a))
      for (let minute = -60; minute <= 60; minute += 5) {
        const value = jobs.includes(back) && minute >= 0 && minute < minutes ? 400 * part : 100 * part;
        const wall = NOW - back * DAY + minute * MINUTE;
        memory = remember(memory, { wall, weight: 1 }, { value, isWithheld: value === 400 * part });
      }
    return usualOf({ ...newBaseline(START), memory }, at);
  };

  test('is usual when it ran on three quarters of the days of this kind', () => {
    expect(after(WORKING)).toMatchObject({ value: 400, spread: 20, isJob: true });
    expect(after(WORKING.slice(2))).toMatchObject({ value: 400, isJob: true });
    expect(after(WORKING.slice(3))).toMatchObject({ value: 100, spread: 10, isJob: false });
  });

  test('needs three days', () => {
    expect(after(WORKING, { days: WORKING.slice(0, 3) })).toMatchObject({ value: 400, isJob: true });
    expect(after(WORKING, { days: WORKING.slice(0, 2) })).toMatchObject({ value: 100, isJob: false });
  });

  test('is usual within five minutes of its time, on days of its kind', () => {
    const at = (minutes: number) => after(WORKING, { at: NOW + minutes * MINUTE }).value;
    expect([-10, -5, 0, 5, 10].map(at)).toEqual([100, 400, 400, 400, 100]);
    // Two days of a weekend say too little about jobs, so the working days count.
    expect(after(WORKING, { at: NOW - 2 * DAY })).toMatchObject({ value: 400, isJob: true });
  });

  test('is none when the values around it are as high', () => {
    expect(after(WORKING, { minutes: 15 }).isJob).toBe(true);
    expect(after(WORKING, { minutes: 60 }).isJob).toBe(false);
  });

  test('is none within four deviations', () => {
    expect(after(WORKING, { part: 0.01 })).toMatchObject({ value: 1, isJob: false });
    expect(after(WORKING, { part: 0.02 })).toMatchObject({ value: 8, isJob: true });
  });
});

describe('for every history', () => {
  const history = fc.record({
    values: fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 90, maxLength: 250 }),
    step: fc.constantFrom(1, 3, 5, 8, 12, 24),
  });

  test('the usual lies between the lowest and the highest reading of the last 28 days', () => {
    fc.assert(
      fc.property(history, ({ values, step }) => {
        let baseline = newBaseline(START);
        const known: { readonly at: number; readonly value: number }[] = [];
        for (const [index, value] of values.entries()) {
          const at = START + index * step * HOUR;
          const usual = usualAt(baseline, utc(at));
          if (usual !== null) {
            const own = known.filter((one) => one.at >= at - 28 * DAY - HOUR).map((one) => one.value);
            expect(usual.value).toBeGreaterThanOrEqual(0.999 * Math.min(...own));
            expect(usual.value).toBeLessThanOrEqual(1.001 * Math.max(...own));
          }
          baseline = learn(baseline, { ...utc(at), value, usual, isWithheld: index % 9 === 0 });
          known.push({ at, value });
        }
      }),
      { numRuns: 20 },
    );
  });

  test('figures that learn in turns are as if each learned alone', () => {
    const next = (baseline = newBaseline(START), value: number, at: number) =>
      learn(baseline, { ...utc(at), value, usual: usualAt(baseline, utc(at)), isWithheld: false });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat(2)), ({ values, step }, turns) => {
        const at = (index: number) => START + index * step * HOUR;
        const own = [0, 1, 2].map((figure) => values.map((value) => (value * (figure + 1)) % 997));
        const alone = own.map((list) =>
          list.reduce((known, value, index) => next(known, value, at(index)), newBaseline(START)),
        );
        const [mixed, done] = [[0, 1, 2].map(() => newBaseline(START)), [0, 0, 0]];
        while (done.some((count) => count < values.length)) {
          const figure = turns.next().value ?? 0;
          const index = done[figure] ?? 0;
          if (index === values.length) continue;
          mixed[figure] = next(mixed[figure], own[figure]?.[index] ?? 0, at(index));
          done[figure] = index + 1;
        }
        expect(mixed).toEqual(alone);
      }),
      { numRuns: 3 },
    );
  });
});
