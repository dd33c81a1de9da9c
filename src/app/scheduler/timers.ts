// Long work in steps, so that the event loop is not blocked.

import { type Chunked, runWithPauses } from '../../core/base/cooperative.ts';

/** Lets other pending work run first. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Result of long work that yields to the event loop after each step. */
export function runInChunks<Result>(steps: Chunked<Result>): Promise<Result> {
  return runWithPauses(steps, breath);
}
