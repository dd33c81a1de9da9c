import { expect, onTestFinished, test, vi } from 'vitest';
import { createScheduler, type Run, type Scheduler } from '../../../src/app/scheduler/scheduler.ts';
import { wait } from '../../../src/core/base/clock.ts';
import { ConfigError } from '../../../src/errors.ts';
import { type Clock, clockAt } from '../monitor/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Scheduled {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** Slots that ran, as times of day in UTC. */
  readonly ran: string[];
  readonly told: string[];
}

function scheduled(start: string, options: { readonly timeZone?: string } = {}): Scheduled {
  const clock = clockAt(start);
  const told: string[] = [];
  const say = (_: object, message: string) => void told.push(message);
  const log = { warn: say, error: say };
  const scheduler = createScheduler({ now: clock.now, wait: clock.wait, timeZone: options.timeZone ?? 'UTC', log });
  onTestFinished(async () => {
    const stopped = scheduler.stop();
    await clock.pass(10_000);
    await stopped;
  });
  return { scheduler, clock, ran: [], told };
}

const noting =
  ({ ran }: Scheduled): Run =>
  async (slot) =>
    void ran.push(new Date(slot).toISOString().slice(11, 19));

test('a day of every five minutes has 288 slots, each the time it was scheduled for', async () => {
  const day = scheduled('2026-11-21T00:00:00.250Z');
  day.scheduler.schedule('prod', '*/5 * * * *', noting(day));
  await day.clock.pass(24 * HOUR);
  expect(day.ran.length).toBe(288);
  expect(new Set(day.ran).size).toBe(288);
  expect(day.ran.slice(0, 2)).toEqual(['00:05:00', '00:10:00']);
  expect(day.ran.every((slot) => /:\d[05]:00$/.test(slot))).toBe(true);
});

test('an expression is read in the time zone; an hour that comes twice is read twice, and leaves no gap', async () => {
  const night = scheduled('2026-10-24T22:10:00Z', { timeZone: 'Europe/Berlin' });
  night.scheduler.schedule('prod', '*/30 1-3 * * *', noting(night));
  await night.clock.pass(6 * HOUR);
  expect(night.ran.map((slot) => slot.slice(0, 5))).toEqual([
    '23:00',
    '23:30',
    '00:00',
    '00:30',
    '01:00',
    '01:30',
    '02:00',
    '02:30',
  ]);
});

test('a run that is slower than its interval is not run again meanwhile, and what was skipped is counted', async () => {
  const slow = scheduled('2026-11-21T10:00:00Z');
  slow.scheduler.schedule('prod', '* * * * *', async (slot, signal) => {
    await noting(slow)(slot, signal);
    await slow.clock.wait(2.5 * MINUTE, signal);
  });
  slow.scheduler.schedule('staging', '* * * * *', async () => undefined);
  await slow.clock.pass(6 * MINUTE);
  expect(slow.ran).toEqual(['10:01:00', '10:04:00']);
  expect(slow.scheduler.skipped('prod')).toBe(4);
  expect(slow.scheduler.skipped('staging')).toBe(0);
  expect(slow.told).toContain('run skipped, previous still running');
});

test('after a clock step forwards or a sleep of the machine there is one run, for the newest slot', async () => {
  const asleep = scheduled('2026-11-21T10:00:00Z');
  asleep.scheduler.schedule('prod', '*/5 * * * *', noting(asleep));
  await asleep.clock.pass(6 * MINUTE);
  asleep.clock.set(Date.parse('2026-11-21T13:13:00Z'));
  await asleep.clock.pass(8 * MINUTE);
  expect(asleep.ran).toEqual(['10:05:00', '13:10:00', '13:15:00', '13:20:00']);
});

test.each([
  ['what passed meanwhile is counted', '2026-11-21T13:13:00Z', 36],
  ['what is too much to count is not', '2026-12-21T13:13:00Z', null],
])('slots that were missed are told with when that began: %s', async (_, to, missed) => {
  const clock = clockAt('2026-11-21T10:00:00Z');
  const told: unknown[] = [];
  const log = { warn: () => undefined, error: () => undefined };
  const onMissed = (key: string, what: object) => void told.push({ key, ...what });
  const scheduler = createScheduler({ now: clock.now, wait: clock.wait, timeZone: 'UTC', log, onMissed });
  scheduler.schedule('prod', '*/5 * * * *', async () => undefined);
  await clock.pass(6 * MINUTE);
  expect(told).toEqual([]);
  clock.set(Date.parse(to));
  await clock.pass(6 * MINUTE);
  expect(told).toEqual([{ key: 'prod', missed, since: new Date('2026-11-21T10:06:00Z') }]);
  const stopped = scheduler.stop();
  await clock.pass(10_000);
  await stopped;
});

// Over ten minutes the clock was wrong before: slots that it ran ahead of their time must not stay without a run.
test.each([
  ['a small step backwards repeats no slot', '10:03', ['10:15']],
  [
    'after a large step backwards the slots to come are run again',
    '09:53',
    ['09:55', '10:00', '10:05', '10:10', '10:15'],
  ],
])('%s, and the schedule goes on from the new time', async (_, to, expected) => {
  const back = scheduled('2026-11-21T10:00:00Z');
  back.scheduler.schedule('prod', '*/5 * * * *', noting(back));
  await back.clock.pass(11 * MINUTE);
  const set = Date.parse(`2026-11-21T${to}:00Z`);
  back.clock.set(set);
  await back.clock.pass(Date.parse('2026-11-21T10:16:00Z') - set);
  expect(back.ran).toEqual(['10:05', '10:10', ...expected].map((time) => `${time}:00`));
});

test('a run that fails has failed for its slot alone', async () => {
  const failing = scheduled('2026-11-21T10:00:00Z');
  failing.scheduler.schedule('prod', '* * * * *', async (slot, signal) => {
    await noting(failing)(slot, signal);
    throw new Error('broken');
  });
  await failing.clock.pass(2 * MINUTE);
  expect(failing.ran).toHaveLength(2);
  expect(failing.told).toEqual(['scheduled run has failed', 'scheduled run has failed']);
});

test('a schedule that is cancelled or replaced runs no more', async () => {
  const changed = scheduled('2026-11-21T10:00:00Z');
  changed.scheduler.schedule('prod', '* * * * *', noting(changed));
  changed.scheduler.schedule('prod', '*/2 * * * *', noting(changed));
  await changed.clock.pass(2 * MINUTE);
  changed.scheduler.cancel('prod');
  await changed.clock.pass(10 * MINUTE);
  expect(changed.ran).toEqual(['10:02:00']);
  expect(changed.scheduler.next('prod')).toBeNull();
});

test('the next slot is told, however far away', () => {
  const { scheduler } = scheduled('2026-11-21T10:03:20Z');
  scheduler.schedule('prod', '*/5 * * * *', async () => undefined);
  expect(scheduler.next('prod')).toBe(Date.parse('2026-11-21T10:05:00Z'));
  scheduler.schedule('yearly', '0 0 1 1 *', async () => undefined);
  expect(new Date(scheduler.next('yearly') ?? 0).toISOString()).toMatch(/-01-01T00:00:00/);
});

test('a next slot that is far away is looked for once, and anew when it passed or the clock went back', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { scheduler, clock } = scheduled('2026-11-21T10:03:20Z');
  const nextAt = (time: string, machine = time) => {
    clock.set(Date.parse(time));
    // Looked for, it is found by the machine's clock.
    vi.setSystemTime(machine);
    return new Date(scheduler.next('prod') ?? 0).toISOString();
  };
  scheduler.schedule('prod', '0 9 * * 1', async () => undefined);
  expect(nextAt('2026-11-21T10:03:20Z')).toBe('2026-11-23T09:00:00.000Z');
  expect(nextAt('2026-11-21T10:03:40Z', '2027-03-01T00:00:00Z')).toBe('2026-11-23T09:00:00.000Z');
  expect(nextAt('2026-11-23T09:00:00Z')).toBe('2026-11-30T09:00:00.000Z');
  expect(nextAt('2026-11-10T12:00:00Z')).toBe('2026-11-16T09:00:00.000Z');
});

test('what is no cron expression and what is no time zone is named', () => {
  const { scheduler } = scheduled('2026-11-21T10:00:00Z');
  const wrong = (expression: string) => () => scheduler.schedule('prod', expression, async () => undefined);
  expect(wrong('*/5 * * *')).toThrow(ConfigError);
  expect(wrong('*/5 * * *')).toThrow(/"\*\/5 \* \* \*".*expected 5 or 6 fields/);
  expect(wrong('99 * * * *')).toThrow(/minute/);
  expect(wrong('')).toThrow(ConfigError);
  const elsewhere = scheduled('2026-11-21T10:00:00Z', { timeZone: 'Mars/Olympus' });
  expect(() => elsewhere.scheduler.schedule('prod', '* * * * *', async () => undefined)).toThrow(/Mars\/Olympus/);
});

test('stopping waits for what runs, and aborts what does not end', async () => {
  const { scheduler, clock, told } = scheduled('2026-11-21T10:00:00Z');
  const ends: string[] = [];
  scheduler.schedule('quick', '* * * * *', async (_, signal) => {
    await clock.wait(3_000, signal);
    ends.push(signal.aborted ? 'aborted' : 'done');
  });
  scheduler.schedule('endless', '* * * * *', async (_, signal) => {
    await clock.wait(HOUR, signal);
    ends.push(signal.aborted ? 'aborted' : 'done');
    signal.throwIfAborted();
  });
  await clock.pass(MINUTE);
  const stopped = scheduler.stop();
  await clock.pass(5_000);
  await stopped;
  expect(ends).toEqual(['done', 'aborted']);
  expect(told).toEqual([]);
});

test('by the real clock, every second of an expression with seconds is a slot', async () => {
  const slots: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const scheduler = createScheduler({
    now: () => new Date(),
    wait,
    timeZone: null,
    log: { warn: () => undefined, error: () => undefined },
  });
  const began = Date.now();
  scheduler.schedule('prod', '* * * * * *', async (slot) => {
    slots.push(slot);
    if (slots.length === 2) resolve();
  });
  await promise;
  await scheduler.stop();
  expect(slots.every((slot) => slot % 1_000 === 0 && slot > began && slot <= Date.now())).toBe(true);
  expect(new Set(slots).size).toBe(2);
});
