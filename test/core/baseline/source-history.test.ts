// Sources that come and go: addresses that pass by are forgotten soon, jobs are not.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { DAY, HOUR, heard, MINUTE, readingOf, START, sourceOf, times, valuesOf } from '../detection/one-source.ts';

const always = sourceOf('10.0.0.0/8', 100);
const known = ({ sources }: ClusterState, prefix = ''): readonly string[] =>
  Object.keys(sources).filter((id) => id.startsWith(prefix));

/** Two addresses each hour that live for an hour, as functions have them. */
const functions = (at: number) => {
  const hour = Math.floor((at - START) / HOUR);
  return [0, 1].map((index) => sourceOf(`198.51.100.${hour}-${index}`, 3));
};

test('an address that was seen for hours is remembered for two days, not for weeks', () => {
  const after = (days: number) =>
    known(
      heard(times(START, START + days * DAY, 15 * MINUTE).map((at) => readingOf(at, [always, ...functions(at)]))).state,
      '198.',
    ).length;
  expect(after(2)).toBeGreaterThan(90);
  expect(after(6)).toBeLessThanOrEqual(2 * 50);
  expect(after(6)).toBe(after(8));
});

test('an absent address is neither learned nor evaluated', () => {
  const there = times(START, START + 2 * HOUR).map((at) => readingOf(at, [always, sourceOf('x', 30)]));
  const gone = times(START + 2 * HOUR, START + 30 * HOUR).map((at) => readingOf(at, [always]));
  const { state, last } = heard([...there, ...gone]);
  expect(last.decisions.filter(({ source }) => source === 'x')).toEqual([]);
  const past = state.sources['x'];
  const learned = past === undefined ? [] : valuesOf(past.pooled);
  expect(learned.length).toBe(24);
  expect(learned).not.toContain(0);
});

/** There from 02:00 to 02:45 on these days. */
const job =
  (days: readonly number[], of: string | null = 'unlisted') =>
  (at: number) => {
    const day = Math.floor((at - START) / DAY);
    const time = (at - START) % DAY;
    const isOn = days.includes(day) && time >= 2 * HOUR && time < 2.75 * HOUR;
    return readingOf(at, [always, ...(isOn ? [sourceOf('job', 300, { class: of })] : [])]);
  };

test('a daily job stays known and fires no alert; the same job at another time of day does', () => {
  const days = Array.from({ length: 10 }, (_, day) => day);
  const daily = heard(times(START, START + 10 * DAY).map(job(days)));
  // It began on the first day of the watch: it is nobody new, either.
  expect(daily.told).toEqual([]);
  const later = times(START + 10 * DAY, START + 40 * DAY, HOUR).map(job([]));
  const { state } = heard(later, daily.state);
  expect(known(state, 'job')).toEqual(['job']);
  const noon = times(START + 10 * DAY, START + 10.6 * DAY).map((at) =>
    readingOf(at, at >= START + 10.5 * DAY ? [always, sourceOf('job', 300)] : [always]),
  );
  expect(heard(noon, daily.state).told).toContain('2026-10-15T12:05 job dormant-spike firing');
});

test('a weekly job of the access list is new once', () => {
  const weekly = heard(times(START, START + 24 * DAY, 15 * MINUTE).map(job([2, 9, 16, 23], 'listed')));
  expect(weekly.told.filter((line) => line.endsWith('firing'))).toEqual(['2026-10-07T02:30 job new-source firing']);
  expect(known(weekly.state, 'job')).toEqual(['job']);
});

test('the last two thousand absent sources are remembered, and a remark says so', () => {
  const crowd = (from: number) => Array.from({ length: 1_500 }, (_, index) => sourceOf(`n${from + index}`, 1));
  const first = readingOf(START, crowd(0));
  const second = readingOf(START + 5 * MINUTE, crowd(1_500));
  const { state } = heard([first, second]);
  const { state: after, remarks } = evaluate(state, readingOf(START + 10 * MINUTE, [always]), DEFAULT_BOOK);
  expect(remarks).toEqual(['more than 2000 sources are gone: those not seen for longest are forgotten (1000 now)']);
  expect(known(after)).toHaveLength(2_001);
  expect(after.sources['n2999']).toBeDefined();
  expect(after.sources['n0']).toBeUndefined();
});
