// What has to come about at Slack is tried until it does, with growing waits, unless Slack refuses for good.

import { setTimeout as wait } from 'node:timers/promises';
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
export async function insist<Result>(input: InsistInput<Result>): Promise<Result> {
  const { signal, log } = input;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      const result = await input.attempt();
      log.info({ attempt }, input.done);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ attempt, err: error }, input.failed);
      if (input.isFinal(error)) throw error;
    }
    await pause(waitMs(attempt, input), signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Doubling, at least half of it by chance, so that replicas do not come back all at once. */
function waitMs(
  attempt: number,
  { reconnect, random }: { readonly reconnect: Timing['reconnect']; readonly random: () => number },
): number {
  const most = Math.min(reconnect.most, reconnect.least * 2 ** (attempt - 1));
  return most * (0.5 + random() / 2);
}
