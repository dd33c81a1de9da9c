// Messages between the bot and the store's thread.

import type { Problem } from '../../core/base/problem.ts';
import { NoHistoryError, UpstreamError } from '../../errors.ts';
import type { OpenInput } from './database.ts';

/** The first message to the thread: the file to open. */
export interface WorkerStart extends OpenInput {
  /** An earlier thread of this bot had the file: its leased deliveries are still with the bot. */
  readonly again?: boolean;
}

export interface Call {
  readonly id: number;
  /** Name of an operation, or `close`. */
  readonly name: string;
  readonly input: unknown;
  /** The caller stops waiting at this time, in nanoseconds of the process's own clock. */
  readonly by: bigint;
}

/** `id` 0 is the answer to the start. */
export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as plain data, which a thread can transfer. */
export type Failure =
  | { readonly kind: 'upstream'; readonly problem: Problem; readonly cause: string | null }
  | { readonly kind: 'no-history'; readonly text: string; readonly remedy: string }
  | { readonly kind: 'internal'; readonly text: string; readonly stack: string | null };

// Converts errors to plain data in one thread and back in the other.

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
      // The stack of the origin, not of the receiver.
      if (failure.stack !== null) error.stack = failure.stack;
      return error;
    }
  }
}
