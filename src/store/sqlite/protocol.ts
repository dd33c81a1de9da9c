// What goes between the bot and the store's thread.

import type { Problem } from '../../core/base/problem.ts';
import { NoHistoryError, UpstreamError } from '../../errors.ts';
import type { OpenInput } from './database.ts';

/** The first word to the thread: what it opens. */
export interface WorkerStart extends OpenInput {
  /** A thread of this bot had the file before: what was taken from the outbox is still in the bot's hands. */
  readonly again?: boolean;
}

export interface Call {
  readonly id: number;
  /** An operation's, or `close`. */
  readonly name: string;
  readonly input: unknown;
  /** Nobody waits for it any more after this, in nanoseconds of the process's own clock. */
  readonly by: bigint;
}

/** `id` 0 answers the start. */
export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error, in a form that a thread can hand over. */
export type Failure =
  | { readonly kind: 'upstream'; readonly problem: Problem; readonly cause: string | null }
  | { readonly kind: 'no-history'; readonly text: string; readonly remedy: string }
  | { readonly kind: 'internal'; readonly text: string; readonly stack: string | null };

// Errors on their way between threads: taken apart on one side, thrown on the other.

export function failureOf(error: unknown): Failure {
  if (error instanceof UpstreamError) {
    const cause = error.cause instanceof Error ? error.cause.message : null;
    return { kind: 'upstream', problem: error.problem, cause };
  }
  if (error instanceof NoHistoryError) return { kind: 'no-history', text: error.message, remedy: error.remedy };
  if (error instanceof Error) return { kind: 'internal', text: error.message, stack: error.stack ?? null };
  return { kind: 'internal', text: String(error), stack: null };
}

export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case 'upstream': {
      const { problem, cause } = failure;
      return new UpstreamError(problem, cause === null ? {} : { cause: new Error(cause) });
    }
    case 'no-history':
      return new NoHistoryError(failure.text, failure.remedy);
    case 'internal': {
      const error = new Error(failure.text);
      // Where it happened, not where it arrived.
      if (failure.stack !== null) error.stack = failure.stack;
      return error;
    }
  }
}
