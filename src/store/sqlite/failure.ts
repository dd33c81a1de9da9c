// Errors on their way between threads: taken apart on one side, thrown on the other.

import { UpstreamError, UserError } from '../../errors.ts';
import type { Failure } from './protocol.ts';

export function failureOf(error: unknown): Failure {
  if (error instanceof UpstreamError) {
    const cause = error.cause instanceof Error ? error.cause.message : null;
    return { kind: 'upstream', problem: error.problem, cause };
  }
  if (error instanceof UserError) return { kind: 'user', text: error.message, remedy: error.remedy };
  if (error instanceof Error) return { kind: 'internal', text: error.message, stack: error.stack ?? null };
  return { kind: 'internal', text: String(error), stack: null };
}

export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case 'upstream': {
      const { problem, cause } = failure;
      return new UpstreamError(problem, cause === null ? {} : { cause: new Error(cause) });
    }
    case 'user':
      return new UserError(failure.text, failure.remedy);
    case 'internal': {
      const error = new Error(failure.text);
      // Where it happened, not where it arrived.
      if (failure.stack !== null) error.stack = failure.stack;
      return error;
    }
  }
}
