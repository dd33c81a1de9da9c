import { expect, test } from 'vitest';
import { silenceUntil } from '../../../src/core/alerting/silence.ts';
import { DAY, MINUTE } from '../../../src/core/base/duration.ts';
import { instantOf, wallTimeAt } from '../../../src/core/base/time-zone.ts';
import { fc } from '../arbitrary.ts';

const at = (iso: string) => Date.parse(iso);
const now = at('2026-11-21T10:00:00Z');
const berlin = { now, timeZone: 'Europe/Berlin' };
const until = (end: Parameters<typeof silenceUntil>[0], of = berlin) => {
  const found = silenceUntil(end, of);
  return found.ok ? new Date(found.until).toISOString() : found.problem.text;
};

test('a date is in the time zone, not in that of the server', () => {
  expect(until({ day: '2026-11-30', time: '18:00' })).toBe('2026-11-30T17:00:00.000Z');
  expect(until({ day: '2026-11-30', time: '18:00' }, { now, timeZone: 'UTC' })).toBe('2026-11-30T18:00:00.000Z');
  expect(until({ day: '2027-07-01', time: '00:00' })).toBe('2027-06-30T22:00:00.000Z');
});

test('a time without a date is the next such time', () => {
  expect(until({ day: null, time: '18:00' })).toBe('2026-11-21T17:00:00.000Z');
  expect(until({ day: null, time: '07:00' })).toBe('2026-11-22T06:00:00.000Z');
  expect(until({ day: null, time: '00:05' }, { now: at('2026-11-21T23:05:00Z'), timeZone: 'Europe/Berlin' })).toBe(
    '2026-11-22T23:05:00.000Z',
  );
});

test('a day by its name is one of the time zone; a weekday is the next one whose time is ahead', () => {
  const saturday = { now, timeZone: 'Europe/Berlin' };
  expect(until({ day: 'tomorrow', time: '09:00' }, saturday)).toBe('2026-11-22T08:00:00.000Z');
  expect(until({ day: 'today', time: '18:00' }, saturday)).toBe('2026-11-21T17:00:00.000Z');
  expect(until({ day: 'today', time: '09:00' }, saturday)).toBe('That is in the past.');
  expect(until({ day: 'monday', time: '09:00' }, saturday)).toBe('2026-11-23T08:00:00.000Z');
  expect(until({ day: 'saturday', time: '18:00' }, saturday)).toBe('2026-11-21T17:00:00.000Z');
  expect(until({ day: 'saturday', time: '09:00' }, saturday)).toBe('2026-11-28T08:00:00.000Z');
  const late = { now: at('2026-11-21T23:30:00Z'), timeZone: 'Europe/Berlin' };
  expect(until({ day: 'tomorrow', time: '09:00' }, late)).toBe('2026-11-23T08:00:00.000Z');
});

test('the next weekday is never today, whatever the time', () => {
  const monday = { now: at('2026-11-23T06:00:00Z'), timeZone: 'Europe/Berlin' };
  expect(until({ day: 'monday', time: '09:00' }, monday)).toBe('2026-11-23T08:00:00.000Z');
  expect(until({ day: 'next monday', time: '09:00' }, monday)).toBe('2026-11-30T08:00:00.000Z');
  expect(until({ day: 'next monday', time: '06:00' }, monday)).toBe('2026-11-30T05:00:00.000Z');
  expect(until({ day: 'next friday', time: '09:00' }, monday)).toBe('2026-11-27T08:00:00.000Z');
});

test.each([
  [{ for: 0 }, 'A silence lasts at least 5 minutes.'],
  [{ for: 4 * MINUTE }, 'A silence lasts at least 5 minutes.'],
  [{ for: 400 * DAY + 1 }, 'A silence lasts at most 400 days.'],
  [{ day: '2026-11-21', time: '10:59' }, 'That is in the past.'],
  [{ day: '2026-11-21', time: '11:04' }, 'A silence lasts at least 5 minutes.'],
  [{ day: '2030-01-01', time: '00:00' }, 'A silence lasts at most 400 days.'],
])('%j is refused with a sentence', (end, says) => {
  expect(until(end)).toBe(says);
});

test('of an hour that occurs twice the first counts; one that never occurs is later by the shift', () => {
  const zone = 'Europe/Berlin';
  expect(instantOf({ date: '2026-10-25', time: '02:30' }, zone)).toBe(at('2026-10-25T00:30:00Z'));
  expect(instantOf({ date: '2027-03-28', time: '02:30' }, zone)).toBe(at('2027-03-28T01:30:00Z'));
  expect(wallTimeAt(at('2027-03-28T01:30:00Z'), zone)).toMatchObject({ time: '03:30', weekday: 'Sunday' });
});

test('every minute of the day leads back to itself in every zone, but for those that come twice', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe'];
  const minutes = fc.integer({ min: at('2015-01-01T00:00:00Z') / MINUTE, max: at('2035-01-01T00:00:00Z') / MINUTE });
  fc.assert(
    fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
      const moment = minute * MINUTE;
      const shown = wallTimeAt(moment, zone);
      const found = instantOf(shown, zone);
      expect(wallTimeAt(found, zone)).toEqual(shown);
      expect(found).toBeLessThanOrEqual(moment);
    }),
    { numRuns: 300 },
  );
});
