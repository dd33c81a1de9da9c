// What probes are told: each thing that was looked at, and what was found, in a sentence.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { span } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { type MonitorState, restartFor, type ScheduleHealth, stuckReason } from '../core/ports/monitor.ts';
import type { SlackResult } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';
import type { DeadlineResult } from './deadline.ts';
import type { LastReading } from './last-readings.ts';
import type { Check } from './server.ts';

/** Half of all that is due comes later than this: hardly anybody is served. */
const MOST_LOOP_DELAY_MS = 1_000;

export function loopCheck(delayMs: number): Check {
  const ok = delayMs <= MOST_LOOP_DELAY_MS;
  const late = `The event loop is ${span(delayMs)} late: there is too much work, or too little CPU.`;
  return { name: 'event-loop', ok, says: ok ? 'The event loop is on time.' : late };
}

export function scheduleCheck(beats: readonly ScheduleHealth[], now: Date): Check {
  const stuck = beats.flatMap((beat) => stuckReason(beat, now.getTime()) ?? []);
  const ok = stuck.length === 0;
  return { name: 'schedule', ok, says: ok ? 'Every schedule keeps its time.' : `It is stuck: ${stuck.join('; ')}.` };
}

/** Of the store as this process knows it, asking nobody; none where a restart would be of no use. */
export function restartChecks(store: MonitorState['store'] | null, now: Date): readonly Check[] {
  const problem = store === null ? null : restartFor(store, now.getTime());
  return problem === null ? [] : [{ name: 'store', ok: false, says: inWords(problem) }];
}

export function slackCheck(problem: Problem | null): Check {
  return { name: 'slack', ok: problem === null, says: problem?.text ?? 'Slack is connected.' };
}

/** Of a bot that has no connection to Slack: Slack connects to it. */
export function reachCheck({ answeredAt, silentSince }: Reached, now: Date): Check {
  const ago = (at: number) => span(Math.max(0, now.getTime() - at));
  const name = 'slack';
  if (silentSince !== null) {
    const says = `It listens for Slack, whose Web API has not answered for ${ago(silentSince)}.`;
    return { name, ok: false, says };
  }
  const answered = answeredAt === null ? 'was not asked yet' : `last answered ${ago(answeredAt)} ago`;
  return { name, ok: true, says: `It listens for Slack, whose Web API ${answered}.` };
}

/** @param written null before the store is open */
export function storeCheck(written: DeadlineResult<unknown> | null): Check {
  const name = 'store';
  switch (written?.kind) {
    case undefined:
      return { name, ok: false, says: 'The store is not open yet.' };
    case 'told':
      return { name, ok: true, says: 'The store can be written.' };
    case 'late':
      return { name, ok: false, says: 'The store does not answer in time.' };
    case 'failed': {
      const { error } = written;
      const says = error instanceof UpstreamError ? inWords(error.problem) : 'It cannot be written: the log says why.';
      return { name, ok: false, says };
    }
  }
}

/** No check: a cluster in trouble must not take its watcher away. */
export function ageOf({ cluster, at }: LastReading, now: Date) {
  if (at === null) return { cluster, lastReadAt: null, ageSeconds: null, says: 'No reading of it is known.' };
  const age = Math.max(0, now.getTime() - at);
  return {
    cluster,
    lastReadAt: new Date(at).toISOString(),
    ageSeconds: Math.round(age / 1000),
    says: `It was read ${span(age)} ago.`,
  };
}

// Whether Slack is within reach, for a bot that has no connection to it: what the last exchange with its Web API came to.

export interface Reach {
  /** An exchange came to this, whoever began it. */
  note(result: SlackResult): void;
  /** Asks something first, where the last exchange is long ago. Never rejects. */
  look(): Promise<Reached>;
}

/** Milliseconds since 1970. */
export interface Reached {
  /** Null before the first answer. */
  readonly answeredAt: number | null;
  /** Of the first exchange since then without an answer; null where the last one had one. */
  readonly silentSince: number | null;
}

/** Slack is not asked more often than this for the sake of those who ask for health. */
const OLD_MS = 60_000;
/** One that is silent is missed: over HTTP a bot that is not ready gets no deliveries, which would bring it back. */
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
    // Before 0 the clock was set back.
    return age < 0 || age >= (reached.silentSince === null ? OLD_MS : OLD_SILENCE_MS);
  };
  return {
    note,
    async look() {
      if (!isOld()) return reached;
      const asked = ask();
      // Who is known to be silent is not waited for: the next one who asks is told what came of it.
      if (reached.silentSince === null && (await asked).kind === 'late') note('unanswered');
      return reached;
    },
  };
}

// How late the event loop is: the median of a short while, which one long pause, or a machine that slept, does not move.

export interface LoopDelay {
  /** Of the last whole window, in milliseconds; 0 before the first. */
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
