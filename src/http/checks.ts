// What probes are told: each thing that was looked at, and what was found, in a sentence.

import { span } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { type Beat, restartFor, whyStuck } from '../core/beat.ts';
import type { WatchState } from '../core/ports/monitor.ts';
import { UpstreamError } from '../errors.ts';
import type { Check } from './answer.ts';
import type { Told } from './deadline.ts';
import type { LastReading } from './last-readings.ts';
import type { Reached } from './reach.ts';

/** Half of all that is due comes later than this: hardly anybody is served. */
const MOST_LOOP_DELAY_MS = 1_000;

export function loopCheck(delayMs: number): Check {
  const ok = delayMs <= MOST_LOOP_DELAY_MS;
  const late = `The event loop is ${span(delayMs)} late: there is too much work, or too little CPU.`;
  return { name: 'event-loop', ok, says: ok ? 'The event loop is on time.' : late };
}

export function scheduleCheck(beats: readonly Beat[], now: Date): Check {
  const stuck = beats.flatMap((beat) => whyStuck(beat, now.getTime()) ?? []);
  const ok = stuck.length === 0;
  return { name: 'schedule', ok, says: ok ? 'Every schedule keeps its time.' : `It is stuck: ${stuck.join('; ')}.` };
}

/** Of the store as this process knows it, asking nobody; none where a restart would be of no use. */
export function restartChecks(store: WatchState['store'] | null, now: Date): readonly Check[] {
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
export function storeCheck(written: Told<unknown> | null): Check {
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
