// Retries a call that must succeed. Each failed attempt is logged.

import { WebAPIRateLimitedError } from '@slack/web-api';
import { wait } from '../../core/base/clock.ts';
import { retryUntil } from '../../core/base/retry.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';
import { slackErrorCode, slackErrorDetail } from './errors.ts';
import type { Timing } from './settings.ts';

export interface SlackRetryInput<Result> {
  readonly attempt: () => Promise<Result>;
  readonly isFinal: (error: unknown) => boolean;
  /** Log message of a failed attempt. */
  readonly failed: string;
  /** Log message of the successful attempt. */
  readonly done: string;
  readonly reconnect: Timing['reconnect'];
  readonly random: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Rejects with the first final error. Once the signal is aborted, rejects with its reason. */
export function retrySlack<Result>(input: SlackRetryInput<Result>): Promise<Result> {
  const { log, reconnect, isFinal, random, signal } = input;
  let failure: object = {};
  let leastMs = 0;
  return retryUntil({
    ...{ isFinal, random, signal },
    waits: reconnect,
    async attempt(attempt) {
      const result = await input.attempt();
      log.info({ attempt }, input.done);
      return result;
    },
    onFailed(error, attempt) {
      const cause = causeOf(error);
      failure = { attempt, ...reasonOf(cause) };
      leastMs = cause instanceof WebAPIRateLimitedError ? cause.retryAfter * 1_000 : 0;
      if (isFinal(error)) log.error(failure, input.failed);
    },
    // Logged here, because the time until the next attempt is known only here.
    wait(backoffMs, within) {
      const ms = Math.max(backoffMs, leastMs);
      log.warn({ ...failure, nextInMs: Math.round(ms) }, input.failed);
      return wait(ms, within);
    },
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof UpstreamError && error.cause !== undefined ? error.cause : error;
}

/** A short reason for an error with a code of Slack or the network; the whole error for anything else. */
function reasonOf(cause: unknown): object {
  const code = slackErrorCode(cause);
  const detail = slackErrorDetail(cause);
  if (code !== 'unknown')
    return { error: [code, ...networkCode(cause)].join(' '), ...(detail.length > 0 && { detail }) };
  if (cause instanceof UpstreamError) return { error: cause.problem.text };
  const [own] = networkCode(cause);
  return own === undefined ? { err: cause } : { error: own };
}

/** The innermost code, e.g. `ECONNREFUSED`. The outer errors add nothing. */
function networkCode(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const inner = 'original' in error ? error.original : error.cause;
  const found = networkCode(inner);
  if (found.length > 0) return found;
  return 'code' in error && typeof error.code === 'string' && /^[A-Z_]+$/.test(error.code) ? [error.code] : [];
}
