// Histories are cut at round times, into as many pieces as a chart takes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { piecesOf } from '../../../src/core/snapshots/time-window.ts';

const NOW = Date.parse('2026-11-21T10:02:30Z');

test('a window has at most the requested intervals, which start at round times and include now', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: HOUR, max: 400 * DAY }),
      fc.integer({ min: 1, max: NOW }),
      fc.constantFrom(20, 400),
      (window, now, most) => {
        const { from, to, count } = piecesOf({ window, now, most });
        const step = (to - from) / count;
        expect(count).toBeLessThanOrEqual(most);
        expect(step % (5 * MINUTE)).toBe(0);
        expect(to % step).toBe(0);
        expect(to).toBeGreaterThanOrEqual(now);
        expect(to - now).toBeLessThan(step);
        expect(to - from).toBeGreaterThanOrEqual(window);
        expect(to - from - window).toBeLessThan(step);
      },
    ),
  );
});

test.each([
  [HOUR, 400, 12],
  [DAY, 400, 288],
  [7 * DAY, 400, 336],
  [400 * DAY, 400, 400],
  [HOUR, 20, 12],
  [DAY, 20, 16],
  [7 * DAY, 20, 14],
  [35 * DAY, 20, 18],
  [400 * DAY, 20, 20],
])('%i ms in at most %i pieces are %i', (window, most, count) => {
  expect(piecesOf({ window, now: NOW, most })).toMatchObject({ count });
});

test('at half past ten intervals of an hour and a half start at half past seven, nine, …', () => {
  const { from, to } = piecesOf({ window: DAY, now: NOW, most: 20 });
  expect(new Date(from).toISOString()).toBe('2026-11-20T10:30:00.000Z');
  expect(new Date(to).toISOString()).toBe('2026-11-21T10:30:00.000Z');
});
