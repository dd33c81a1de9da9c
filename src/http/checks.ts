// Health checks, each with its result in a sentence.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { span } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { type MonitorState, restartFor, type ScheduleHealth, stuckReason } from '../core/ports/monitor.ts';
import type { SlackResult } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import type { DeadlineResult } from './deadline.ts';
import type { LastReading } from './last-readings.ts';
import type { Check } from './server.ts';

/** The median delay: half of all events are delayed even more. */
const MOST_LOOP_DELAY_MS = 1_000;

export function loopCheck(delayMs: number): Check {
  const ok = delayMs <= MOST_LOOP_DELAY_MS;
  const late = `The event loop is ${span(delayMs)} late: too much work or too little CPU.`;
  return { name: 'event-loop', ok, says: ok ? 'The event loop is on time.' : late };
}

export function scheduleCheck(schedules: readonly ScheduleHealth[], now: Date): Check {
  const stuck = schedules.flatMap((schedule) => stuckReason(schedule, now.getTime()) ?? []);
  const ok = stuck.length === 0;
  return { name: 'schedule', ok, says: ok ? 'All schedules run on time.' : `Stuck: ${stuck.join('; ')}.` };
}

/** Uses what this process knows of the store. No check fails if a restart would not help. */
export function restartChecks(store: MonitorState['store'] | null, now: Date): readonly Check[] {
  const problem = store === null ? null : restartFor(store, now.getTime());
  return problem === null ? [] : [{ name: 'store', ok: false, says: inWords(problem) }];
}

export function slackCheck(problem: Problem | null): Check {
  return { name: 'slack', ok: problem === null, says: problem?.text ?? 'Slack is connected.' };
}

/** For a bot that receives Slack's requests over HTTP. */
export function reachCheck({ answeredAt, silentSince }: Reached, now: Date): Check {
  const ago = (at: number) => span(Math.max(0, now.getTime() - at));
  const name = 'slack';
  if (silentSince !== null) {
    const says = `Listening for Slack, but its Web API has not answered for ${ago(silentSince)}.`;
    return { name, ok: false, says };
  }
  const answered = answeredAt === null ? 'has not been called yet' : `last answered ${ago(answeredAt)} ago`;
  return { name, ok: true, says: `Listening for Slack; its Web API ${answered}.` };
}

/** @param written null before the store is open */
export function storeCheck(written: DeadlineResult<unknown> | null): Check {
  const name = 'store';
  switch (written?.kind) {
    case undefined:
      return { name, ok: false, says: 'The store is not open yet.' };
    case 'answered':
      return { name, ok: true, says: 'The store can be written.' };
    case 'late':
      return { name, ok: false, says: 'The store does not answer in time.' };
    case 'failed': {
      const { error } = written;
      const says =
        error instanceof UpstreamError ? inWords(error.problem) : 'The store cannot be written: see the log.';
      return { name, ok: false, says };
    }
  }
}

/** Not a check: a cluster in trouble must not take the bot down. */
export function ageOf({ cluster, at }: LastReading, now: Date) {
  if (at === null) return { cluster, lastReadAt: null, ageSeconds: null, says: 'No reading yet.' };
  const age = Math.max(0, now.getTime() - at);
  return {
    cluster,
    lastReadAt: new Date(at).toISOString(),
    ageSeconds: Math.round(age / 1000),
    says: `Last read ${span(age)} ago.`,
  };
}

// Whether Slack is reachable, for a bot that receives its requests over HTTP: by the last call of its Web API.

export interface Reach {
  /** The result of any call. */
  note(result: SlackResult): void;
  /** Makes a call first if the last one is long ago. Never rejects. */
  check(): Promise<Reached>;
}

/** Milliseconds since 1970. */
export interface Reached {
  /** Null before the first answer. */
  readonly answeredAt: number | null;
  /** The first unanswered call since then; null if the last call was answered. */
  readonly silentSince: number | null;
}

/** Health checks call Slack at most this often. */
const OLD_MS = 60_000;
/** Sooner while Slack does not answer: an unready bot gets no deliveries, which would show that Slack is back. */
const OLD_SILENCE_MS = 10_000;

export function createReach(input: {
  readonly ask: () => Promise<DeadlineResult<unknown>>;
  readonly now: () => Date;
}): Reach {
  const { ask, now } = input;
  let last: number | null = null;
  let reached: Reached = { answeredAt: null, silentSince: null };
  const note = (result: SlackResult) => {
    last = now().getTime();
    const { answeredAt, silentSince } = reached;
    reached =
      result === 'unanswered'
        ? { answeredAt, silentSince: silentSince ?? last }
        : { answeredAt: last, silentSince: null };
  };
  const isOld = (): boolean => {
    const age = last === null ? OLD_MS : now().getTime() - last;
    // Below 0 if the clock was set back.
    return age < 0 || age >= (reached.silentSince === null ? OLD_MS : OLD_SILENCE_MS);
  };
  return {
    note,
    async check() {
      if (!isOld()) return reached;
      const answer = ask();
      // No probe waits if Slack is known not to answer: the next probe sees the result.
      if (reached.silentSince === null && (await answer).kind === 'late') note('unanswered');
      return reached;
    },
  };
}

// Delay of the event loop: the median of a short window. One long pause, or a sleep of the machine, does not affect it.

export interface LoopDelay {
  /** Of the last complete window, in milliseconds; 0 before the first. */
  median(): number;
  close(): void;
}

const WINDOW_MS = 15_000;

export function watchLoopDelay(): LoopDelay {
  const delays = monitorEventLoopDelay();
  delays.enable();
  let median = 0;
  const timer = setInterval(() => {
    median = delays.count === 0 ? 0 : delays.percentile(50) / 1e6;
    delays.reset();
  }, WINDOW_MS).unref();
  return {
    median: () => median,
    close() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
