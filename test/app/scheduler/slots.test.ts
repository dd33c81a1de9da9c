// Looking for slots after a long sleep: no look is long, for every schedule of the process wakes at once.

import { createTask } from 'node-cron';
import { expect, onTestFinished, test } from 'vitest';
import { createMissed, newestSlot, type Slots } from '../../../src/app/scheduler/slots.ts';
import type { Chunked } from '../../../src/core/base/cooperative.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-21T10:00:30Z');

/** The expression, and how often it was held against a time. */
function counting(expression: string): { readonly slots: Slots; readonly looks: () => number } {
  const task = createTask(expression, () => undefined, { timezone: 'UTC' });
  onTestFinished(() => void task.destroy());
  let looks = 0;
  const match = (moment: Date) => {
    looks += 1;
    return task.match(moment);
  };
  const slots = {
    expression,
    task: { match, getNextRuns: (count: number) => task.getNextRuns(count) },
    step: 60_000,
    offset: 0,
  };
  return { slots, looks: () => looks };
}

/** Its result, and how many looks its longest step took. */
function stepped<Result>(steps: Chunked<Result>, looks: () => number): { result: Result; longest: number } {
  let longest = 0;
  for (let before = looks(); ; before = looks()) {
    const step = steps.next();
    longest = Math.max(longest, looks() - before);
    if (step.done === true) return { result: step.value, longest };
  }
}

test.each([
  ['a night of every minute', '* * * * *', DAY / 3, 479],
  ['most of a day of every five minutes', '*/5 * * * *', 0.9 * DAY, 259],
  ['more than a day is not looked through', '* * * * *', 3 * DAY, null],
])('what was missed is counted within a short look: %s', (_, expression, slept, missed) => {
  const { slots, looks } = counting(expression);
  const found = stepped(newestSlot(slots, { after: NOW - slept, until: NOW }), looks);
  expect(found.result).toBe(NOW - 30_000);
  expect(createMissed()(NOW - 30_000, slots, NOW - slept)).toBe(missed);
  expect(looks()).toBeLessThanOrEqual(1_440);
});

test('a slot that is weeks back is looked for in steps', () => {
  const { slots, looks } = counting('0 0 1 11 *');
  const { result, longest } = stepped(newestSlot(slots, { after: NOW - 40 * DAY, until: NOW }), looks);
  expect(result).toBe(Date.parse('2026-11-01T00:00:00Z'));
  expect(longest).toBeLessThanOrEqual(1_440);
  expect(looks()).toBeGreaterThan(20 * 1_440);
});

test('schedules of one expression look through what they slept through once', () => {
  const missed = createMissed();
  const [one, other, third] = ['*/5 * * * *', '*/5 * * * *', '*/10 * * * *'].map(counting);
  const newest = Date.parse('2026-11-21T10:00:00Z');
  const asked = [one, other, third].map((of) => of && missed(newest, of.slots, NOW - DAY / 4));
  expect(asked).toEqual([71, 71, 35]);
  expect([one, other, third].map((of) => of?.looks())).toEqual([359, 0, 359]);
  expect(other && missed(newest, other.slots, NOW - DAY / 3), 'another sleep').toBe(95);
});
