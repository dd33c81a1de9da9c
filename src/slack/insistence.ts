// Insisting on what has to come about at Slack, with a word in the log for each attempt.

import { setTimeout as pause } from 'node:timers/promises';
import { insist as insistOn } from '../core/insistence.ts';
import type { Wait } from '../core/ports.ts';
import type { BotLog } from './log.ts';
import type { Timing } from './settings.ts';

export interface InsistInput<Result> {
  readonly attempt: () => Promise<Result>;
  readonly isFinal: (error: unknown) => boolean;
  /** What is said of an attempt that failed. */
  readonly failed: string;
  /** What is said when it came about. */
  readonly done: string;
  readonly reconnect: Timing['reconnect'];
  readonly random: () => number;
  readonly log: BotLog;
  readonly signal: AbortSignal;
}

/** Rejects with the first error that is final, or, once it is aborted, with the signal's reason. */
export function insist<Result>(input: InsistInput<Result>): Promise<Result> {
  const { log, reconnect, isFinal, random, signal } = input;
  return insistOn({
    ...{ isFinal, random, signal, wait },
    waits: reconnect,
    async attempt(attempt) {
      const result = await input.attempt();
      log.info({ attempt }, input.done);
      return result;
    },
    onFailed: (error, attempt) => log.warn({ attempt, err: error }, input.failed),
  });
}

const wait: Wait = async (ms, signal) => {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
