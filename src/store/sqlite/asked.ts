// What was asked of the thread and not answered yet, each with its deadline.

import type { Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { errorOf } from './failure.ts';
import type { Answer } from './protocol.ts';

export interface Asked {
  /** Settles with the answer of that number; rejects with UpstreamError when it does not come in time. */
  answer(id: number, ms: number): Promise<unknown>;
  settle(answer: Answer): void;
  /** No more answers will come. */
  abandon(problem: Problem, cause: unknown): void;
}

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** @param slow what is said of an answer that does not come in time */
export function createAsked(slow: Problem): Asked {
  const askers = new Map<number, Asker>();
  const taken = (id: number) => {
    const asker = askers.get(id);
    askers.delete(id);
    return asker;
  };
  return {
    answer: async (id, ms) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      askers.set(id, { resolve, reject });
      const timer = setTimeout(() => taken(id)?.reject(new UpstreamError(slow)), ms);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    settle: (answer) => {
      const asker = taken(answer.id);
      if ('failure' in answer) asker?.reject(errorOf(answer.failure));
      else asker?.resolve(answer.value);
    },
    abandon: (problem, cause) => {
      for (const id of [...askers.keys()]) taken(id)?.reject(new UpstreamError(problem, { cause }));
    },
  };
}
