// What a memory gives back: values of slots and of their neighbours, for four weeks of local days.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { instantOf, wallMoment } from '../../../src/core/base/time-zone.ts';
import {
  addBaselines,
  learn,
  newBaseline,
  scaleBaseline,
  usualAt,
  withhold,
} from '../../../src/core/baseline/baseline.ts';
import {
  addMemories,
  isWithheldAt,
  type Memory,
  mapMemory,
  remember,
  SLOT,
  valueAt,
  valuesNear,
} from '../../../src/core/baseline/memory.ts';
import { START, taught, utc } from './figure.ts';

const VIENNA = 'Europe/Vienna';

const stored = (memory: Memory, wall: number, value: number, isWithheld = false) =>
  remember(memory, { wall, weight: 1 }, { value, isWithheld });
/** Midnight of one day for each value. */
const memoryOf = (values: readonly number[], from = START) =>
  values.reduce<Memory>((memory, value, index) => stored(memory, from + index * DAY, value), []);

describe('a value', () => {
  test('comes back within 0.1 % from 0 to 500,000 connections, withheld or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500_000 }), fc.boolean(), (value, isWithheld) => {
        const memory = stored([], START, value, isWithheld);
        expect(Math.abs((valueAt(memory, START) ?? Number.NaN) - value)).toBeLessThanOrEqual(value / 1_000);
        expect(isWithheldAt(memory, START)).toBe(isWithheld);
      }),
      {
        numRuns: 1_000,
        examples: [
          [0, true],
          [0, false],
          [1, true],
          [500_000, true],
          [500_000, false],
        ],
      },
    );
  });

  test('up to 2,000 comes back exactly', () => {
    for (let value = 0; value <= 2_000; value += 7)
      for (const isWithheld of [true, false]) expect(valueAt(stored([], START, value, isWithheld), START)).toBe(value);
  });

  test('above half a million is the largest there is, withheld or not', () => {
    for (const isWithheld of [true, false]) {
      const memory = stored([], START, 2_000_000, isWithheld);
      expect(valueAt(memory, START)).toBeGreaterThan(520_000);
      expect(valueAt(memory, START)).toBeLessThan(530_000);
      expect(isWithheldAt(memory, START)).toBe(isWithheld);
    }
  });

  test('is of one slot of five minutes; a slot without a reading has none', () => {
    const memory = stored([], START + 7 * MINUTE, 50);
    const slots = [0, 4, 5, 9, 10].map((minutes) => valueAt(memory, START + minutes * MINUTE));
    expect(slots).toEqual([null, null, 50, 50, null]);
    expect(valueAt(memory, START + DAY)).toBeNull();
    expect(isWithheldAt(memory, START)).toBe(false);
  });

  test('is the mean of the readings of its slot', () => {
    const readings = [30, 60, 15, 95].map((value, minute) => ({ value, at: START + minute * MINUTE }));
    const baseline = readings.reduce(
      (known, { at, value }) => learn(known, { ...utc(at), value, usual: null, isWithheld: false }),
      newBaseline(START),
    );
    expect(valueAt(baseline.memory, START)).toBe(50);
    const next = learn(baseline, { ...utc(START + SLOT), value: 7, usual: null, isWithheld: false });
    expect([valueAt(next.memory, START), valueAt(next.memory, START + SLOT)]).toEqual([50, 7]);
  });

  test('of a memory never changes in place', () => {
    const before = stored([], START, 50);
    stored(before, START, 70);
    stored(before, START + SLOT, 70);
    mapMemory(before, () => ({ value: 1, isWithheld: true }));
    expect([valueAt(before, START), valueAt(before, START + SLOT), isWithheldAt(before, START)]).toEqual([
      50,
      null,
      false,
    ]);
    expect(valueAt(stored([], START + DAY, 1), START + DAY + SLOT)).toBeNull();
  });
});

describe('the values near a time', () => {
  test('are those of its slot and of the slots on either side', () => {
    const memory = [-20, -15, -5, 0, 5, 15, 20].reduce<Memory>(
      (known, minutes) => stored(known, START + 10 * HOUR + minutes * MINUTE, 100 + minutes),
      [],
    );
    const near = valuesNear(memory, START + DAY + 10 * HOUR, { backs: [1], width: 3 });
    expect(near.trusted).toEqual([85, 95, 100, 105, 115]);
  });

  test('go across midnight, and count for the day of the time', () => {
    const memory = [-15, -5, 0, 10].reduce<Memory>(
      (known, minutes) => stored(known, START + DAY + minutes * MINUTE, 100 + minutes),
      [],
    );
    const near = (minutes: number) => valuesNear(memory, START + 2 * DAY + minutes * MINUTE, { backs: [1], width: 3 });
    expect(near(0)).toMatchObject({ trusted: [85, 95, 100, 110], days: 1 });
    expect(near(-5)).toMatchObject({ trusted: [85, 95, 100, 110], days: 1 });
    expect(near(15).trusted).toEqual([100, 110]);
  });

  test('are counted by day; a day without readings is no day', () => {
    const memory = stored(stored(memoryOf([10, 20, 30]), START + DAY, 20, true), START + DAY + SLOT, 25);
    const near = valuesNear(memory, START + 5 * DAY, { backs: [1, 2, 3, 4, 5, 6], width: 3 });
    expect(near).toEqual({
      trusted: [30, 25, 10],
      withheld: [20],
      days: 3,
      trustedDays: 3,
      withheldDays: 1,
    });
    const none = { trusted: [], withheld: [], days: 0, trustedDays: 0, withheldDays: 0 };
    expect(valuesNear([], START, { backs: [1, 2], width: 12 })).toEqual(none);
  });

  test('are found when days in between are missing', () => {
    const memory = [0, 1, 5, 6, 12].reduce<Memory>((known, number) => stored(known, START + number * DAY, number), []);
    const { trusted } = valuesNear(memory, START + 13 * DAY, { backs: [1, 2, 7, 8, 9, 12, 13], width: 3 });
    expect(trusted).toEqual([12, 6, 5, 1, 0]);
  });
});

describe('a memory', () => {
  test('has 28 days beside the one of a new reading', () => {
    const memory = memoryOf(Array.from({ length: 40 }, (_, index) => index));
    expect(memory.map(({ number }) => number - START / DAY)).toEqual(
      Array.from({ length: 29 }, (_, index) => index + 11),
    );
    const later = stored(memory, START + 60 * DAY, 7);
    expect(later.map(({ number }) => number - START / DAY)).toEqual([
      ...Array.from({ length: 28 }, (_, index) => index + 12),
      60,
    ]);
  });

  test('has at most 29 days, whatever is read', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 5 * 288 }), { minLength: 30, maxLength: 100 });
    fc.assert(
      fc.property(steps, (slots) => {
        let [memory, wall]: [Memory, number] = [[], START];
        for (const slot of slots) {
          wall += slot * SLOT;
          memory = stored(memory, wall, 5);
          expect(memory.length).toBeLessThanOrEqual(29);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('has its days in order when the clock was set back', () => {
    const memory = stored(stored([], START + 2 * DAY, 3), START, 1);
    expect(memory.map(({ number }) => number - START / DAY)).toEqual([0, 2]);
    expect(valueAt(memory, START)).toBe(1);
  });

  test('that is scaled keeps its holes and what is withheld', () => {
    const memory = stored(memoryOf([10, 20]), START + SLOT, 40, true);
    const scaled = scaleBaseline({ ...newBaseline(START), memory }, 2.5).memory;
    const values = [0, SLOT, 2 * SLOT, DAY].map((after) => valueAt(scaled, START + after));
    expect(values).toEqual([25, 100, null, 50]);
    expect([0, SLOT].map((after) => isWithheldAt(scaled, START + after))).toEqual([false, true]);
  });

  test('is added slot by slot; where one has no value, a substitute is added', () => {
    const a = stored(memoryOf([10, 20]), START + SLOT, 40);
    const b = stored(memoryOf([1, 2], START + DAY), START + SLOT, 3, true);
    const sum = addMemories(a, b, { a: 500, b: 100 });
    const values = [0, SLOT, 2 * SLOT, DAY, 2 * DAY].map((after) => valueAt(sum, START + after));
    expect(values).toEqual([110, 43, null, 21, 502]);
    expect([0, SLOT, DAY].map((after) => isWithheldAt(sum, START + after))).toEqual([false, true, false]);
    expect(isWithheldAt(addMemories(b, a, { a: 0, b: 0 }), START + SLOT)).toBe(true);
    expect(addMemories(a, [], { a: 0, b: 0 })).toEqual(a);
  });
});

test('the sum of two baselines is as old as the older; where one has no reading, its median is added', () => {
  const flat = (from: number, days: number, value: number) =>
    taught({ from, until: from + days * DAY, step: HOUR, value: () => value });
  const [old, young] = [flat(START, 3, 10), flat(START + DAY, 4, 5)];
  for (const sum of [addBaselines(old, young), addBaselines(young, old)]) {
    expect(sum).toMatchObject({ since: START, newestAt: young.newestAt, level: null });
    expect([0, 1, 4].map((days) => valueAt(sum.memory, START + days * DAY))).toEqual([15, 15, 15]);
  }
});

test('what is withheld begins with the alert, and is withheld once', () => {
  const baseline = taught({ until: START + HOUR, step: 5 * MINUTE, value: () => 10 });
  const after = withhold(baseline, START + 22 * MINUTE, utc(START + HOUR));
  const withheld = [15, 20, 25, 55].map((minutes) => isWithheldAt(after.memory, START + minutes * MINUTE));
  expect(withheld).toEqual([false, true, true, true]);
  expect(valueAt(after.memory, START + 20 * MINUTE)).toBe(10);
  expect(withhold(after, START, utc(START + HOUR))).toBe(after);
});

describe('when the clocks change', () => {
  /** In Vienna, with a value for each local hour. */
  const learnedAround = (sunday: number) =>
    taught({
      from: sunday - 2 * DAY,
      until: sunday + 4 * DAY,
      step: 15 * MINUTE,
      timeZone: VIENNA,
      value: (at) => 100 + (Math.floor((at + wallMoment(at, VIENNA).offset) / HOUR) % 24),
    });
  const HOURS = Array.from({ length: 96 }, (_, quarter) => 100 + Math.floor(quarter / 4));

  test.each([
    [
      '23 hours has no value in the hour that it leaves out',
      '2026-03-29',
      (hour: number) => (hour === 102 ? null : hour),
    ],
    ['25 hours has one value in each slot of the hour that comes twice', '2026-10-25', (hour: number) => hour],
  ])('a local day of %s, and usual follows the local time', (_, date, expected) => {
    const sunday = Date.parse(date);
    const baseline = learnedAround(sunday);
    const values = HOURS.map((_, quarter) => valueAt(baseline.memory, sunday + quarter * 15 * MINUTE));
    expect(values).toEqual(HOURS.map(expected));
    const noon = instantOf({ date: new Date(sunday + 3 * DAY).toISOString().slice(0, 10), time: '12:30' }, VIENNA);
    expect(usualAt(baseline, wallMoment(noon, VIENNA))?.value).toBe(112);
  });
});
