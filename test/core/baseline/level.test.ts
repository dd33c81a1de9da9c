// When another level becomes usual, and when it does not.

import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../src/core/base/duration.ts';
import type { Baseline } from '../../../src/core/baseline/baseline.ts';
import { acceptLevel, atSteadyLevel } from '../../../src/core/baseline/level.ts';
import { isWithheldAt } from '../../../src/core/baseline/memory.ts';
import { day, rhythm, taught, usualOf, utc, weekOf, worstOf } from './figure.ts';

/** A Monday, after three weeks. */
const FROM = day(21);
const known = taught({ until: FROM, value: rhythm });
/** Monday, 10:00. */
const ON = day(21, 10);
const STEADY = 36 * HOUR;
/** A change back is looked for every six hours. */
const BACK = STEADY + 6 * HOUR;

/** The baseline at a time when the figure changes at `ON` and goes back at `end`. @param told when an alert fires */
function changed(
  until: number,
  change: (usual: number, at: number) => number | null,
  { end = Number.POSITIVE_INFINITY, told = (_: number): boolean => false } = {},
): Baseline {
  const value = (at: number) => (at >= ON && at < end ? change(rhythm(at), at) : rhythm(at));
  return taught({ after: known, from: FROM, until, value, alert: (at) => (told(at) ? ON : null) });
}

/** From the second reading on, until it is accepted. */
const untilSteady = (at: number) => at > ON && at <= ON + STEADY;
const times = (factor: number) => (usual: number) => Math.round(usual * factor);
const plus = (more: number) => (usual: number) => usual + more;

/** The largest relative difference between what is usual in the next week and what would be without a change. */
function apart(baseline: Baseline, at: number): number {
  const before = weekOf(taught({ after: known, from: FROM, until: at, value: rhythm }), at);
  return Math.max(...weekOf(baseline, at).map((usual, index) => Math.abs(usual / (before[index] ?? 0) - 1)));
}

describe('a spike with an alert', () => {
  test.each([2, 8, 30, 35])('of %i hours leaves the usual exactly as it was', (hours) => {
    const end = ON + hours * HOUR;
    const until = end + 2 * HOUR;
    const after = changed(until, times(4), { end, told: (at) => at > ON && at < end + HOUR });
    const without = taught({ after: known, from: FROM, until, value: rhythm });
    expect(weekOf(after, until)).toEqual(weekOf(without, until));
    expect(weekOf(after, day(28))).toEqual(weekOf(without, day(28)));
    expect(after.level).toBeNull();
  });

  test.each([
    ['by 8 %', (days: number) => 2 * 1.08 ** days],
    ['by the usual', (days: number) => 2 + days],
  ])('that grows %s a day is not accepted', (_, factor) => {
    const leak = (usual: number, at: number) => usual * factor((at - ON) / DAY);
    const after = changed(day(25), leak, { told: (at) => at > ON });
    expect(after.level).toBeNull();
    expect(apart(after, day(25))).toBe(0);
  });
});

describe('a rise that is steady', () => {
  test('is accepted after a day and a half, not before', () => {
    const almost = changed(ON + STEADY, times(3), { told: untilSteady });
    expect(atSteadyLevel(almost, ON, utc(ON + STEADY - 1))).toBeNull();
    expect(atSteadyLevel(almost, ON, utc(ON + STEADY))).not.toBeNull();
    expect(almost.level).toBeNull();
    expect(apart(almost, ON + STEADY)).toBe(0);
    const accepted = changed(ON + STEADY + HOUR, times(3), { told: untilSteady });
    expect(accepted.level?.at).toBe(ON);
    expect([almost, accepted].map(({ memory }) => isWithheldAt(memory, ON + 5 * HOUR))).toEqual([true, false]);
  });

  test.each([
    ['three times', times(3), 0.02],
    ['1.7 times', times(1.7), 0.02],
    ['200 more', plus(200), 0.06],
  ])('to %s keeps the shape of the day', (_, change, most) => {
    const until = ON + STEADY + 2 * HOUR;
    const after = changed(until, change, { told: untilSteady });
    for (let hour = 0; hour < 48; hour++) {
      const at = until + hour * HOUR;
      expect(Math.abs(usualOf(after, at).value / change(rhythm(at)) - 1)).toBeLessThan(most);
    }
  });

  test('by a factor is accepted for the weekend, too, and weeks later nothing is left of the change', () => {
    expect(worstOf(changed(day(24), times(3), { told: untilSteady }), day(24), (at) => 3 * rhythm(at))).toBeLessThan(
      0.02,
    );
    const later = changed(day(50), times(3), { told: untilSteady });
    expect(worstOf(later, day(50), (at) => 3 * rhythm(at))).toBeLessThan(0.02);
    expect(later.level).toBeNull();
  });

  test.each([
    ['three times for 38 hours', times(3), 38],
    ['twice for nine days', times(2), 216],
    ['300 more for 38 hours', plus(300), 38],
  ])('and is left again (%s) leaves the usual of before', (_, change, hours) => {
    const end = ON + hours * HOUR;
    const after = (more: number) => changed(end + more, change, { end, told: untilSteady });
    expect(after(0).level?.at).toBe(ON);
    expect(apart(after(0), end)).toBeGreaterThan(0.5);
    expect(apart(after(BACK), end + BACK)).toBeLessThan(0.03);
    expect(after(BACK).level).toBeNull();
  });

  test('is not accepted when too few hours were read', () => {
    const rare = (usual: number, at: number) => (at % (4 * HOUR) === 0 ? 3 * usual : null);
    expect(changed(day(24), rare, { told: (at) => at > ON }).level).toBeNull();
  });

  test('moves an hour that was not read as the hours beside it', () => {
    const until = ON + STEADY + 2 * HOUR;
    const noon = (at: number) => at % DAY >= 12 * HOUR && at % DAY < 13 * HOUR;
    const after = changed(until, (usual, at) => (noon(at) ? null : usual + 300), { told: untilSteady });
    expect(Math.abs(usualOf(after, day(23, 12.5)).value / 700 - 1)).toBeLessThan(0.06);
  });

  test('and is left for another level is not undone', () => {
    const end = ON + 2 * DAY;
    const change = (usual: number, at: number) => usual * (at < end ? 3 : 1.5);
    expect(changed(end + 3 * DAY, change, { told: untilSteady }).level?.at).toBe(ON);
  });

  test('is not undone when too few hours were read since', () => {
    const end = ON + 2 * DAY;
    const change = (usual: number, at: number) => (at < end ? 3 * usual : at % (4 * HOUR) === 0 ? usual : null);
    expect(changed(end + 3 * DAY, change, { told: untilSteady }).level?.at).toBe(ON);
  });
});

describe('a rise that a person accepts', () => {
  /** Accepted after some hours of an alert, by the readings of the last three of them. */
  function accepted(hours: number, change: (usual: number, at: number) => number | null): Baseline | null {
    const at = ON + hours * HOUR;
    const since = Math.max(ON, at - 3 * HOUR);
    return acceptLevel(changed(at, change, { told: (time) => time > ON }), { onset: ON, since }, utc(at));
  }
  const usuallyAt = (baseline: Baseline | null, at: number) => (baseline === null ? null : usualOf(baseline, at).value);

  test('is the usual at these hours at once, and on the days before', () => {
    for (const hours of [1, 6]) {
      const at = ON + hours * HOUR;
      const after = accepted(hours, times(3));
      for (const time of [at, at + DAY]) expect(usuallyAt(after, time)).toBeCloseTo(3 * rhythm(time), -1);
      expect(after?.level?.at).toBe(Math.max(ON, at - 3 * HOUR));
    }
  });

  test('moves the other hours by its factor or by its number, whichever is less', () => {
    // 361 at ten in the morning: 722 more.
    const byDay = accepted(1, times(3));
    expect(usuallyAt(byDay, day(22))).toBeCloseTo(300, -1);
    const night = day(22);
    const taken = changed(night + HOUR, (usual, at) => (at < night ? usual : 3 * usual), {
      told: (time) => time > night,
    });
    const byNight = acceptLevel(taken, { onset: night, since: night }, utc(night + HOUR));
    expect(usuallyAt(byNight, day(22, 12))).toBeGreaterThan(590);
    expect(usuallyAt(byNight, day(22, 12))).toBeLessThan(620);
  });

  test('is as high as its newest readings when it rose slowly', () => {
    const slowly = (usual: number, at: number) => Math.round(usual * Math.min(5, 2 + (at - ON) / HOUR));
    const at = ON + 4.5 * HOUR;
    expect(usuallyAt(accepted(4.5, slowly), at)).toBeCloseTo(5 * rhythm(at), -1.5);
  });

  test('leaves the hours before the last ones out: a peak that is over is not usual', () => {
    const peak = (usual: number, at: number) => (at < ON + 2 * HOUR ? 20 : 3) * usual;
    const after = accepted(6, peak);
    expect(usuallyAt(after, day(22, 11))).toBeLessThan(3.2 * rhythm(day(22, 11)));
    const is = (hours: number) => after !== null && isWithheldAt(after.memory, ON + hours * HOUR);
    expect([is(1), is(4)]).toEqual([true, false]);
  });

  test('changes nothing when it is over already, and waits for a reading where there was none', () => {
    const over = (usual: number, at: number) => (at < ON + 2 * HOUR ? 3 * usual : Math.floor(usual / 2));
    expect(accepted(6, over)).toEqual(changed(ON + 6 * HOUR, over, { told: (time) => time > ON }));
    expect(accepted(6, () => null)).toBeNull();
  });
});

describe('a change without an alert', () => {
  test.each([0.3, 0.5, 0.7, 1.3, 1.5])('to %f times is accepted after a week, not before', (factor) => {
    expect(changed(ON + 6 * DAY, times(factor)).level).toBeNull();
    const after = changed(day(30), times(factor));
    expect(after.level?.at).toBeGreaterThanOrEqual(ON - 12 * HOUR);
    expect(worstOf(after, day(30), (at) => factor * rhythm(at))).toBeLessThan(0.08);
  });

  test('is looked for at different times for different sources, within six hours', () => {
    const before = changed(ON + 6 * DAY, times(0.5));
    const acceptedAt = ['a', 'm', 'y'].map((id) => {
      const after = taught({ after: before, from: ON + 6 * DAY, until: day(30), value: (at) => rhythm(at) / 2, id });
      return ((after.level?.at ?? 0) - ON) / HOUR;
    });
    expect(new Set(acceptedAt).size).toBe(3);
    expect(Math.max(...acceptedAt) - Math.min(...acceptedAt)).toBeLessThan(6);
  });

  test('of less than a fifth is no change of level', () => {
    expect(changed(day(35), times(1.15)).level).toBeNull();
    expect(changed(day(35), times(0.87)).level).toBeNull();
  });

  test('that is not the same all week is none', () => {
    const uneven = (usual: number, at: number) => usual * (at < ON + 3 * DAY ? 0.3 : 0.7);
    expect(changed(ON + 9 * DAY, uneven).level).toBeNull();
  });

  test('that is read every four hours is none', () => {
    expect(changed(day(32), (usual, at) => (at % (4 * HOUR) === 0 ? usual / 2 : null)).level).toBeNull();
  });

  test('of a small figure is exact to a connection', () => {
    const fallen = taught({ until: day(30), value: (at) => (at < FROM ? 40 : 6) });
    const { value, formerly } = usualOf(fallen, day(30));
    expect([value, formerly].map((one) => Math.round(one ?? 0))).toEqual([6, 40]);
  });

  test('to less keeps what was usual before for two weeks', () => {
    const formerly = (days: number) => usualOf(changed(day(days), times(0.4)), day(days, 12)).formerly;
    expect(formerly(27)).toBeNull();
    for (const days of [29, 32, 34])
      expect(Math.abs((formerly(days) ?? 0) / rhythm(day(days, 12)) - 1)).toBeLessThan(0.02);
    expect(formerly(36)).toBeNull();
  });

  test('to more has no usual of before', () => {
    expect(usualOf(changed(day(30), times(1.5)), day(30, 12)).formerly).toBeNull();
  });
});

describe('an absence is no level', () => {
  test.each([
    ['an outage of a week', () => 0, 7],
    ['a week with a twentieth', times(0.05), 7],
    ['a source that is away for nine days', () => null, 9],
    ['an outage of two weeks', () => 0, 14],
  ])('%s leaves the usual as it was', (_, change, days) => {
    const end = ON + days * DAY;
    for (const at of [end, end + 12 * HOUR, end + 2 * DAY]) {
      const after = changed(at, change, { end });
      expect(after.level).toBeNull();
      expect(apart(after, at)).toBeLessThan(0.03);
    }
  });
});
