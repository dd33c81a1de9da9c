// Waits between attempts after a failure.

import type { Wait } from './clock.ts';

export interface Waits {
  readonly least: number;
  readonly most: number;
}

/**
 * Doubles with each failure. At least half of the wait is random, so that clients that failed together retry apart.
 * @param failures consecutive failures before the one that is waited after: 0 for the first
 * @param random 0 ≤ n < 1
 * @returns milliseconds
 */
export function backoff(failures: number, { least, most }: Waits, random: () => number): number {
  return Math.min(most, least * 2 ** Math.min(failures, 20)) * (0.5 + random() / 2);
}

// Repeats an attempt with growing waits until it succeeds or is refused for good.

export interface RetryOptions<Result> {
  /** Attempts count from 1. */
  readonly attempt: (count: number) => Promise<Result>;
  /** Whether another attempt would not help. */
  readonly isFinal: (error: unknown) => boolean;
  /** Called for each failed attempt, before `isFinal`. */
  readonly onFailed: (error: unknown, count: number) => void;
  readonly waits: Waits;
  readonly wait: Wait;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Rejects with the first final error. Once the signal is aborted, rejects with its reason. */
export async function retryUntil<Result>(options: RetryOptions<Result>): Promise<Result> {
  const { signal } = options;
  for (let count = 1; ; count++) {
    signal.throwIfAborted();
    try {
      return await options.attempt(count);
    } catch (error) {
      signal.throwIfAborted();
      options.onFailed(error, count);
      if (options.isFinal(error)) throw error;
    }
    await options.wait(backoff(count - 1, options.waits, options.random), signal);
  }
}
