// Whether a schedule keeps its time, as liveness asks: by a clock that the test moves.

import { expect, onTestFinished, test } from 'vitest';
import { createScheduler, type Run } from '../../../src/app/scheduler/scheduler.ts';
import { stuckReason } from '../../../src/core/ports/monitor.ts';
import { clockAt } from '../monitor/clock.ts';

const MINUTE = 60_000;
const START = '2026-11-21T10:00:30Z';

function stage(run: Run, wait?: () => Promise<void>) {
  const clock = clockAt(START);
  const log = { warn: () => undefined, error: () => undefined };
  const scheduler = createScheduler({ now: clock.now, wait: wait ?? clock.wait, timeZone: 'UTC', log });
  onTestFinished(async () => {
    const stopped = scheduler.stop();
    await clock.pass(10_000);
    await stopped;
  });
  scheduler.schedule('prod', '*/5 * * * *', run);
  const stuck = () => {
    const [beat] = scheduler.health();
    return beat === undefined ? 'unknown' : stuckReason(beat, clock.now().getTime());
  };
  return { clock, scheduler, stuck };
}

test('a schedule that keeps its time is never overdue, also after the machine slept', async () => {
  let runs = 0;
  const { clock, scheduler, stuck } = stage(async () => {
    runs += 1;
  });
  expect(scheduler.health()).toEqual([{ key: 'prod', overdue: 0, runningSince: null }]);
  for (let minute = 0; minute < 30; minute++) {
    await clock.pass(MINUTE);
    expect(stuck()).toBeNull();
  }
  expect(runs).toBe(6);
  clock.set(Date.parse('2026-11-22T08:00:00Z'));
  await clock.pass(15_000);
  expect(stuck()).toBeNull();
  expect(runs).toBe(7);
  scheduler.cancel('prod');
  expect(scheduler.health()).toEqual([]);
});

test('one that looks at the clock no more is stuck after more than two slots', async () => {
  const { clock, stuck } = stage(
    async () => undefined,
    () => new Promise(() => undefined),
  );
  await clock.pass(14 * MINUTE);
  expect(stuck()).toBeNull();
  await clock.pass(5 * MINUTE);
  expect(stuck()).toBe('3 slots of prod passed and nothing ran');
});

test('a run that goes on is no reason, until it has gone on for a quarter of an hour', async () => {
  const end = Promise.withResolvers<void>();
  const { clock, stuck, scheduler } = stage(() => end.promise);
  await clock.pass(5 * MINUTE);
  expect(scheduler.health()[0]?.runningSince).toBe(Date.parse('2026-11-21T10:05:00Z'));
  await clock.pass(14 * MINUTE);
  expect(stuck()).toBeNull();
  await clock.pass(2 * MINUTE);
  expect(stuck()).toMatch(/^the run of prod has gone on for 1[56] min$/);
  end.resolve();
  await clock.pass(1_000);
  expect(scheduler.health()).toMatchObject([{ overdue: 0, runningSince: null }]);
  expect(stuck()).toBeNull();
});

test('a run that moves on is not stuck however long it goes on, and is a quarter of an hour after its last move', () => {
  const runningSince = Date.parse(START);
  const beat = { key: 'prod', overdue: 9, runningSince };
  const movedAt = runningSince + 60 * MINUTE;
  expect(stuckReason({ ...beat, movedAt }, movedAt + 15 * MINUTE)).toBeNull();
  expect(stuckReason({ ...beat, movedAt }, movedAt + 16 * MINUTE)).toBe('the run of prod has not moved on for 16 min');
  expect(stuckReason({ ...beat, movedAt: runningSince - MINUTE }, runningSince + 16 * MINUTE)).toBe(
    'the run of prod has gone on for 16 min',
  );
});
