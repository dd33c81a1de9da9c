// Runs cron expressions in a time zone: one run at a time per schedule, and at most one run per slot.
//
// node-cron parses the expressions and matches times. Its own timer is not used. It drops a slot that it reaches more
// than a second late. It reads only the machine's clock, and does not report the slot of a late run.

import { createTask, type ScheduledTask, validateDetailed } from 'node-cron';
import { withTimeout } from '../../core/base/abort.ts';
import type { Wait } from '../../core/base/clock.ts';
import { MINUTE, SECOND } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { ScheduleHealth } from '../../core/ports/monitor.ts';
import { ConfigError } from '../../errors.ts';
import { createMissed, latestPlace, type MissedOf, nearest, newestSlot, overdueOf, type Slots } from './slots.ts';
import { runInChunks } from './timers.ts';

/** @param slot the scheduled time in milliseconds since 1970, even if the run is late */
export type Run = (slot: number, signal: AbortSignal) => Promise<void>;

export interface Scheduler {
  /** Replaces the schedule with this key. Throws ConfigError for an invalid expression or time zone. */
  schedule(key: string, expression: string, run: Run): void;
  /** A running task continues to its end. */
  cancel(key: string): void;
  /** The next slot, in milliseconds since 1970; null for an unknown key. */
  next(key: string): number | null;
  /** Slots skipped because the previous run had not finished. */
  skipped(key: string): number;
  /** Whether each schedule runs on time. */
  health(): readonly ScheduleHealth[];
  /** Starts no more runs, waits a bounded time for running ones, then aborts them. */
  stop(): Promise<void>;
}

export interface SchedulerInput {
  readonly now: () => Date;
  readonly wait: Wait;
  /** Null for the machine's own time zone. */
  readonly timeZone: string | null;
  /** Receives the slots that passed without a run, e.g. because the machine slept. */
  readonly onMissed?: (key: string, missed: Missed) => void;
  readonly log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

interface Missed {
  /** Null if there are too many to count. */
  readonly missed: number | null;
  readonly since: Date;
}

interface Job extends Slots {
  readonly key: string;
  readonly task: ScheduledTask;
  readonly run: Run;
  readonly ended: AbortController;
  readonly ran: Set<number>;
  running: Promise<void> | null;
  /** In milliseconds since 1970; null while nothing runs. */
  runningSince: number | null;
  /** When the clock was last checked for this schedule. */
  seen: number;
  skipped: number;
  /** The next slot after `since`; null if it was not computed yet. */
  next: { readonly since: number; readonly slot: number | null } | null;
}

/**
 * Someone can set the clock, and the machine can sleep, without firing a timer. The clock is checked at this interval.
 */
const LOOK_AGAIN = 15 * SECOND;
/** Number of remembered slots. They prevent repeated runs when the clock is set back. */
const REMEMBERED = 512;
/** If the clock goes back further than this, it was wrong before. Its slots then run again. */
const SET_BACK = 10 * MINUTE;
const GRACE = 5 * SECOND;
const LAST_GRACE = 2 * SECOND;

export function createScheduler(input: SchedulerInput): Scheduler {
  const jobs = new Map<string, Job>();
  const works = new Set<Promise<void>>();
  const aborted = new AbortController();
  const missedOf = createMissed();
  let isStopping = false;
  const cancel = (key: string) => {
    const job = jobs.get(key);
    jobs.delete(key);
    job?.ended.abort();
    void job?.task.destroy();
  };
  const begin = (job: Job, slot: number) => {
    job.ran.add(slot);
    for (const old of [...job.ran].slice(0, -REMEMBERED)) job.ran.delete(old);
    if (job.running !== null) {
      job.skipped += 1;
      input.log.warn({ schedule: job.key, slot: new Date(slot) }, 'run skipped, previous still running');
      return;
    }
    const work = attempt(job, slot, { log: input.log, signal: aborted.signal }).finally(() => {
      job.running = null;
      job.runningSince = null;
      works.delete(work);
    });
    job.running = work;
    job.runningSince = input.now().getTime();
    works.add(work);
  };
  return {
    schedule(key, expression, run) {
      // A run that was about to start is too late.
      if (isStopping) return;
      const job = jobOf({ key, expression, run, timeZone: input.timeZone, seen: input.now().getTime() });
      cancel(key);
      jobs.set(key, job);
      void keepTime(job, { ...input, begin, missedOf });
    },
    cancel,
    next(key) {
      const job = jobs.get(key);
      return job === undefined ? null : nextOf(job, input.now().getTime());
    },
    skipped: (key) => jobs.get(key)?.skipped ?? 0,
    health() {
      const at = input.now().getTime();
      return [...jobs.values()].map((job) => {
        return {
          key: job.key,
          overdue: overdueOf(job, { after: job.seen, until: at }),
          runningSince: job.runningSince,
        };
      });
    },
    async stop() {
      isStopping = true;
      for (const key of [...jobs.keys()]) cancel(key);
      const settled = (ms: number) => withTimeout(Promise.all(works), { ms, wait: input.wait });
      await settled(GRACE);
      aborted.abort(new Error('the watch was stopped'));
      await settled(LAST_GRACE);
    },
  };
}

/** The error of a schedule in words; null if it is valid. */
function wrongSchedule(expression: string): string | null {
  const { valid, errors } = validateDetailed(expression);
  return valid ? null : (errors[0]?.message ?? 'it is not understood');
}

export function scheduleProblem(expression: string): Problem | null {
  const wrong = wrongSchedule(expression);
  if (wrong === null) return null;
  const text = `The schedule "${expression}" is not a cron expression: ${wrong}.`;
  return { code: 'schedule', text, remedy: 'Write five fields, e.g. "*/5 * * * *" for every five minutes.' };
}

function jobOf({ key, expression, run, timeZone, seen }: Pick<Job, 'key' | 'run' | 'seen'> & Wanted): Job {
  const wrong = scheduleProblem(expression);
  if (wrong !== null) throw new ConfigError([wrong]);
  if (timeZone !== null && !isTimeZone(timeZone)) {
    const text = `There is no time zone "${timeZone}".`;
    throw new ConfigError([{ code: 'time-zone', text, remedy: 'Set TZ to one such as Europe/Berlin or UTC.' }]);
  }
  const task = createTask(expression, () => undefined, timeZone === null ? {} : { timezone: timeZone });
  const seconds = validateDetailed(expression).fields?.second ?? [0];
  const [second = 0, ...others] = seconds;
  // Slots are at least a minute apart, unless the expression has several seconds.
  const grid = others.length === 0 ? { step: MINUTE, offset: second * SECOND } : { step: SECOND, offset: 0 };
  const idle = { running: null, runningSince: null, skipped: 0, next: null };
  return { key, expression, task, run, seen, ...grid, ended: new AbortController(), ran: new Set<number>(), ...idle };
}

interface Wanted {
  readonly expression: string;
  readonly timeZone: string | null;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

async function keepTime(
  job: Job,
  {
    now,
    wait,
    onMissed,
    begin,
    missedOf,
  }: SchedulerInput & { readonly begin: (job: Job, slot: number) => void; readonly missedOf: MissedOf },
): Promise<void> {
  const { signal } = job.ended;
  while (!signal.aborted) {
    const before = now().getTime();
    await wait(Math.min(latestPlace(job, before) + job.step - before, LOOK_AGAIN), signal);
    if (signal.aborted) return;
    const at = now().getTime();
    const { seen } = job;
    // After the clock is set back, the schedule continues from the new time. Slots that ran stay remembered, unless the
    // clock was ahead for long.
    if (seen - at > SET_BACK) for (const ran of job.ran) if (ran > at) job.ran.delete(ran);
    job.seen = at;
    const slot = await runInChunks(newestSlot(job, { after: seen, until: at }));
    const missed = slot === null ? 0 : missedOf(slot, job, seen);
    if (signal.aborted) return;
    if (missed !== 0) onMissed?.(job.key, { missed, since: new Date(seen) });
    if (slot !== null && !job.ran.has(slot)) begin(job, slot);
  }
}

function nextOf(job: Job, at: number): number | null {
  const { next } = job;
  // Finding a slot that is days away is slow. The result is reused, unless the clock went back before it.
  if (next !== null && next.since <= at && (next.slot === null || at < next.slot)) return next.slot;
  job.next = { since: at, slot: nearest(job, at) };
  return job.next.slot;
}

/** A failure affects only its own slot; the next slot runs. */
async function attempt(
  { key, run }: Job,
  slot: number,
  { log, signal }: Pick<SchedulerInput, 'log'> & { readonly signal: AbortSignal },
): Promise<void> {
  try {
    await run(slot, signal);
  } catch (error) {
    if (signal.aborted) return;
    log.error({ schedule: key, slot: new Date(slot), err: error }, 'scheduled run has failed');
  }
}
