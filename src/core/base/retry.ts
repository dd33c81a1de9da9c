// How long to wait before what failed is tried again.

/** Milliseconds. */
import type { Wait } from './clock.ts';

export interface Waits {
  readonly least: number;
  readonly most: number;
}

/**
 * Doubling, at least half of it by chance, so that what failed together does not come back together.
 * @param failures in a row before the one that is waited after: 0 for the first
 * @param random 0 ≤ n < 1
 * @returns milliseconds
 */
export function backoff(failures: number, { least, most }: Waits, random: () => number): number {
  return Math.min(most, least * 2 ** Math.min(failures, 20)) * (0.5 + random() / 2);
}

// What has to come about is tried until it does, with growing waits, unless it is refused for good.

export interface RetryOptions<Result> {
  /** Attempts count from 1. */
  readonly attempt: (count: number) => Promise<Result>;
  /** Whether another attempt would not help. */
  readonly isFinal: (error: unknown) => boolean;
  /** Told of each attempt that failed, before it is asked whether that is final. */
  readonly onFailed: (error: unknown, count: number) => void;
  readonly waits: Waits;
  readonly wait: Wait;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Rejects with the first error that is final, or, once it is aborted, with the signal's reason. */
export async function retryUntil<Result>(insistence: RetryOptions<Result>): Promise<Result> {
  const { signal } = insistence;
  for (let count = 1; ; count++) {
    signal.throwIfAborted();
    try {
      return await insistence.attempt(count);
    } catch (error) {
      signal.throwIfAborted();
      insistence.onFailed(error, count);
      if (insistence.isFinal(error)) throw error;
    }
    await insistence.wait(backoff(count - 1, insistence.waits, insistence.random), signal);
  }
}
