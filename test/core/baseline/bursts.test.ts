// Which bursts are expected: those like others of the last week, and those at a fixed time.

import { describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../../src/core/base/duration.ts';
import { type Baseline, daysOfKind, newBaseline } from '../../../src/core/baseline/baseline.ts';
import {
  type BurstHabit,
  habitText,
  isGradual,
  isRecurring,
  isTimed,
  NO_HABIT,
  recordBurst,
} from '../../../src/core/baseline/bursts.ts';
import { type Memory, remember } from '../../../src/core/baseline/memory.ts';
import { day, START, utc } from './figure.ts';

const STEP = 5 * MINUTE;
const NOW = day(28, 10);
const CALM = { isUnusual: false, isAbove: false, isFiring: false, value: 100, usual: 100, minimum: 30 };

interface Burst {
  /** Days before `NOW`. */
  readonly back: number;
  readonly length?: number;
  readonly ratio?: number;
  readonly isFiring?: boolean;
  readonly isAbove?: boolean;
}

/** The habit after a burst that has not ended. Its last reading is `back` days ago. */
function rising(habit: BurstHabit, burst: Burst): BurstHabit {
  const { back, length = 6, ratio = 4, isFiring = false, isAbove = true } = burst;
  return Array.from({ length }, (_, index) => NOW - back * DAY - (length - 1 - index) * STEP).reduce(
    (known, at) => recordBurst(known, { ...CALM, at, isUnusual: true, isAbove, isFiring, value: ratio * 100 }),
    habit,
  );
}

const ended = (habit: BurstHabit, burst: Burst) =>
  recordBurst(rising(habit, burst), { ...CALM, at: NOW - burst.back * DAY + STEP });
const habitOf = (bursts: readonly Burst[]) => bursts.toSorted((a, b) => b.back - a.back).reduce(ended, NO_HABIT);
/** Evenly over the last week. */
const several = (count: number, burst: Partial<Burst> = {}): readonly Burst[] =>
  Array.from({ length: count }, (_, index) => ({ ...burst, back: 0.2 + (6.5 * index) / count }));

interface Asked {
  readonly now?: Partial<Burst>;
  readonly interval?: number;
}
const expected = (bursts: readonly Burst[], { now = {}, interval = STEP }: Asked = {}) =>
  isRecurring(rising(habitOf(bursts), { back: 0, ...now }), { at: NOW, interval });
const text = (bursts: readonly Burst[], { now = {}, interval = STEP }: Asked = {}) =>
  habitText(rising(habitOf(bursts), { back: 0, ...now }), { at: NOW, interval });
const ONCE_A_WEEK = 'it rises like this about 6 times a week: told once a week';
const TOLD = { back: 4, isFiring: true };

describe('bursts that are alike', () => {
  test('six in a week are told once in six days', () => {
    expect(expected([...several(5), TOLD])).toBe(ONCE_A_WEEK);
    expect(expected([...several(5), { ...TOLD, back: 5.9 }])).toBe(ONCE_A_WEEK);
    expect(expected([...several(5), { ...TOLD, back: 6.1 }])).toBeNull();
    expect(expected(several(6))).toBeNull();
    expect(expected([...several(4), TOLD])).toBeNull();
  });

  test('count for a week', () => {
    expect(expected([...several(4), TOLD, { back: 6.9 }])).toBe(ONCE_A_WEEK);
    expect(expected([...several(4), TOLD, { back: 7.1 }])).toBeNull();
  });

  test('are as high and as long as the present one', () => {
    const bursts = [...several(5), TOLD];
    expect(expected(bursts, { now: { ratio: 4.8, length: 9 } })).toBe(ONCE_A_WEEK);
    expect(expected(bursts, { now: { ratio: 1.7, length: 2 } })).toBe(ONCE_A_WEEK);
    expect(expected(bursts, { now: { ratio: 4.9 } })).toBeNull();
    expect(expected(bursts, { now: { length: 10 } })).toBeNull();
  });

  test('need the height and the length in the same burst', () => {
    const high = { length: 3, ratio: 8 };
    const long = { length: 30, ratio: 2 };
    const bursts = [...several(6, high), ...several(6, long), { ...TOLD, ...high }, { ...TOLD, back: 3, ...long }];
    expect(expected(bursts, { now: high })).toMatch(/^it rises /);
    expect(expected(bursts, { now: long })).toMatch(/^it rises /);
    expect(expected(bursts, { now: { length: 30, ratio: 8 } })).toBeNull();
    expect(text(bursts, { now: { length: 30, ratio: 8 } })).toBeNull();
  });

  test('are measured against the minimum when less is usual', () => {
    const at = (value: number) => recordBurst(NO_HABIT, { ...CALM, at: NOW, isUnusual: true, value, usual: 1 });
    expect(at(90).run?.peak).toBe(3);
    expect(rising(NO_HABIT, { back: 0, ratio: 3 }).run?.peak).toBe(3);
  });

  test('fourteen in a week, three of them alike, are never told', () => {
    const never = 'it rises all the time: 14 times in the last week';
    expect(expected(several(14))).toBe(never);
    expect(expected([...several(3), ...several(11, { ratio: 2 })])).toBe(never);
    expect(expected([...several(2), ...several(12, { ratio: 2 })])).toBeNull();
    expect(expected(several(13))).toBeNull();
    expect(expected(several(20), { now: { ratio: 5 } })).toBeNull();
  });

  test('three are said in an alert', () => {
    expect(text(several(2))).toBeNull();
    expect(text(several(3))).toBe('It does this about 3 times a week.');
    expect(text([...several(3), ...several(4, { ratio: 2 })])).toBe('It does this about 3 times a week.');
  });

  test('are worth an alert: two readings above the line, or half an hour above the slow line', () => {
    const sixOf = (burst: Partial<Burst>) => [...several(5, burst), { ...TOLD, ...burst }];
    const now = { length: 1 };
    expect(expected(sixOf({ length: 1 }), { now })).toBeNull();
    expect(expected(sixOf({ length: 2 }), { now })).toBe(ONCE_A_WEEK);
    expect(expected(sixOf({ length: 5, isAbove: false }), { now })).toBeNull();
    expect(expected(sixOf({ length: 6, isAbove: false }), { now })).toBe(ONCE_A_WEEK);
    expect(expected(sixOf({ length: 1 }), { now, interval: 30 * MINUTE })).toBe(ONCE_A_WEEK);
  });

  test('are none without a present burst', () => {
    const now = { at: NOW, interval: STEP };
    expect(isRecurring(habitOf(several(20)), now)).toBeNull();
    expect(habitText(habitOf(several(20)), now)).toBeNull();
  });
});

test('a burst is kept when it has ended, with whether it was told; the last 64 are', () => {
  const [last] = habitOf([{ back: 1, length: 4, ratio: 3, isFiring: true }]).past;
  const at = NOW - DAY - 3 * STEP;
  expect(last).toEqual({ at, length: 4, peak: 3, above: 4, aboveAt: at, isTold: true });
  const many = habitOf(Array.from({ length: 70 }, (_, index) => ({ back: 1 + index / 10 })));
  expect(many.past).toHaveLength(64);
  expect(many.past.at(-1)?.at).toBe(NOW - DAY - 5 * STEP);
  expect(recordBurst(many, { ...CALM, at: NOW })).toBe(many);
});

test('a rise that takes half an hour to the line, or has not reached it, is gradual', () => {
  const slow = (length: number) => rising(NO_HABIT, { back: 0, length, isAbove: false });
  const reached = (length: number) =>
    recordBurst(slow(length), { ...CALM, at: NOW + STEP, isUnusual: true, isAbove: true, value: 400 });
  expect(isGradual(NO_HABIT, NOW)).toBe(false);
  expect(isGradual(rising(NO_HABIT, { back: 0, length: 30 }), NOW)).toBe(false);
  expect([6, 7].map((length) => isGradual(slow(length), NOW))).toEqual([false, true]);
  expect([5, 6].map((length) => isGradual(reached(length), NOW + STEP))).toEqual([false, true]);
});

interface Rise {
  readonly back: number;
  readonly value?: number;
  /** Minutes from the same time of that day. */
  readonly from?: number;
  readonly until?: number;
  readonly isWithheld?: boolean;
}

function baselineOf(rises: readonly Rise[]): Baseline {
  let memory: Memory = [];
  for (const { back, value = 400, from = -60, until = 60, isWithheld = false } of rises)
    for (let minute = from; minute < until; minute += 5)
      memory = remember(memory, { wall: NOW - back * DAY + minute * MINUTE, weight: 1 }, { value, isWithheld });
  return { ...newBaseline(START), memory };
}

describe('a burst at a fixed time', () => {
  const timed = (rises: readonly Rise[], value = 400, isAbove = true) =>
    isTimed(baselineOf(rises), utc(NOW), { value, line: 160, isAbove, interval: STEP });
  const WEEKLY = 'it rose like this at the same time a week ago';
  const DAILY = 'it rose like this at the same time on each of the last 3 days';
  const [first = 0, second = 0, third = 0, fourth = 0] = daysOfKind(NOW);
  const short = { from: 0, until: 10 };

  test('is a job of half an hour a week ago, withheld or not', () => {
    expect(timed([{ back: 7 }])).toBe(WEEKLY);
    expect(timed([{ back: 7, isWithheld: true }])).toBe(WEEKLY);
    expect(timed([{ back: 7, from: 0, until: 30 }])).toBe(WEEKLY);
    expect(timed([{ back: 7, from: -30, until: 0 }])).toBe(WEEKLY);
    expect(timed([{ back: 7, from: 0, until: 25 }])).toBeNull();
    expect(timed([{ back: 7, from: 35 }])).toBeNull();
    expect(timed([{ back: 6 }, { back: 8 }, { back: 14 }])).toBeNull();
  });

  test('is a shorter job in each of three weeks', () => {
    expect(timed([7, 14, 21].map((back) => ({ back, ...short })))).toBe(WEEKLY);
    expect(timed([7, 14].map((back) => ({ back, ...short })))).toBeNull();
    expect(timed([7, 14, 28].map((back) => ({ back, ...short })))).toBeNull();
    expect(timed([7, 14, 21].map((back) => ({ back, from: 0, until: 5 })))).toBeNull();
    expect(timed([7, 14, 21].map((back) => ({ back, from: 20, until: 30 })))).toBeNull();
  });

  test('is a job on each of three days', () => {
    const three = [first, second, third];
    expect(timed(three.map((back) => ({ back, ...short })))).toBe(DAILY);
    expect(timed(three.map((back) => ({ back, ...short, isWithheld: true })))).toBe(DAILY);
    expect(timed([first, second].map((back) => ({ back, ...short })))).toBeNull();
    expect(timed([first, third, fourth].map((back) => ({ back, ...short })))).toBeNull();
  });

  test('is a short job on each of three days of any kind', () => {
    expect(timed([1, 2, 3].map((back) => ({ back, ...short })))).toBe(DAILY);
    expect(timed([1, 2].map((back) => ({ back, ...short })))).toBeNull();
  });

  test('is none that is an ordinary day of the other kind', () => {
    const other = [1, 2, 3, 4, 5, 6].filter((back) => !daysOfKind(NOW).includes(back));
    expect(timed(other.map((back) => ({ back, from: -600, until: 600 })))).toBeNull();
  });

  test('is a job that an hour apart was there on each of three days, as when clocks change', () => {
    const apart = (shift: number, days: readonly number[]) =>
      timed(days.map((back) => ({ back, from: shift - 20, until: shift + 20 })));
    const SHIFTED = 'it rose like this an hour apart on each of the last three days';
    expect([60, -60].map((shift) => apart(shift, [first, second, third]))).toEqual([SHIFTED, SHIFTED]);
    expect(apart(60, [first, second])).toBeNull();
    expect(apart(150, [first, second, third])).toBeNull();
  });

  test('below the line is a job on each of two days', () => {
    const two = [first, second].map((back) => ({ back, ...short }));
    expect(timed(two, 400, false)).toBe('it rose like this at the same time on each of the last 2 days');
    expect(timed(two.slice(1), 400, false)).toBeNull();
  });

  test('is found with a reading every half an hour', () => {
    const now = { value: 400, line: 160, isAbove: true, interval: 30 * MINUTE };
    const halfHourly = (backs: readonly number[]) =>
      isTimed(baselineOf(backs.map((back) => ({ back, from: 0, until: 5 }))), utc(NOW), now);
    expect([halfHourly([7]), halfHourly([first, second, third]), halfHourly([first, second])]).toEqual([
      WEEKLY,
      DAILY,
      null,
    ]);
  });

  test('is about as high', () => {
    expect(timed([{ back: 7 }], 520)).toBe(WEEKLY);
    expect(timed([{ back: 7 }], 521)).toBeNull();
    expect(timed([{ back: 7 }], 200)).toBe(WEEKLY);
    expect(timed([{ back: 7, value: 159 }], 200)).toBeNull();
  });

  test('is none that a week ago lasted for hours', () => {
    expect(timed([{ back: 7, from: -220, until: 220 }])).toBe(WEEKLY);
    expect(timed([{ back: 7, from: -60, until: 300 }])).toBeNull();
    expect(timed([{ back: 7, from: -300, until: 60 }])).toBeNull();
  });
});
