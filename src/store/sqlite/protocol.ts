// What goes between the bot and the store's thread.

import type { Problem } from '../../core/base/problem.ts';
import type { OpenInput } from './database.ts';

/** The first word to the thread: what it opens. */
export interface Start extends OpenInput {
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
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error, in a form that a thread can hand over. */
export type Failure =
  | { readonly kind: 'upstream'; readonly problem: Problem; readonly cause: string | null }
  | { readonly kind: 'user'; readonly text: string; readonly remedy: string }
  | { readonly kind: 'internal'; readonly text: string; readonly stack: string | null };
