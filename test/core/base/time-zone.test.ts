// Summer and winter time: what people and their jobs do goes by the clock on the wall, and so does what is usual.

import { expect, test } from 'vitest';
import { wallMoment, wallTimeAt } from '../../../src/core/base/time-zone.ts';
import { usualAt } from '../../../src/core/baseline/baseline.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { seeded } from '../detection/days.ts';
import { DAY, heard, MINUTE, readingOf, sourceOf, times } from '../detection/one-source.ts';

/** An office and a job at night that go by this zone's clocks, two weeks and a bit before and after they are changed. */
function* life(timeZone: string, from: number) {
  const random = seeded(6);
  for (const at of times(from, from + 24 * DAY, 15 * MINUTE)) {
    const { time, weekday } = wallTimeAt(at, timeZone);
    const isOffice = !weekday.startsWith('S') && time >= '08:00' && time < '18:00';
    const isJob = time >= '01:00' && time < '01:45';
    const noise = Math.round(5 * random());
    yield readingOf(at, [
      sourceOf('office', (isOffice ? 300 : 60) + noise),
      sourceOf('job', (isJob ? 300 : 20) + noise),
    ]);
  }
}

test.each([
  ['Europe/Berlin', '2026-10-12T00:00:00Z'],
  ['Europe/Berlin', '2026-03-16T00:00:00Z'],
  ['America/New_York', '2026-10-19T00:00:00Z'],
])('%s: clocks that are changed after %s change nothing', (timeZone, from) => {
  const start = Date.parse(from);
  expect(wallMoment(start, timeZone).offset).not.toBe(wallMoment(start + 23 * DAY, timeZone).offset);
  expect(heard(life(timeZone, start), null, { ...DEFAULT_BOOK, timeZone }).told).toEqual([]);
});

test('without a time zone UTC counts, and what comes an hour apart on some days is no rise', () => {
  const { state, told } = heard(life('Europe/Berlin', Date.parse('2026-10-12T00:00:00Z')));
  expect(told).toEqual([]);
  const office = state.sources['office'];
  if (office === undefined) throw new Error('the office is known');
  const at = Date.parse('2026-10-22T07:10:00Z');
  expect(usualAt(office.dormant, wallMoment(at))?.value).toBe(usualAt(office.dormant, { at, offset: 0 })?.value);
  // 08:30 in Berlin before the change, and 07:30 after it.
  const early = Date.parse('2026-10-23T06:30:00Z');
  expect(usualAt(office.dormant, wallMoment(early))?.value).toBeGreaterThan(250);
});
