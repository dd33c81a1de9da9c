// Long work in steps, so that the event loop is not blocked.

import type { Chunked } from '../../core/base/cooperative.ts';

/** Lets whatever else is due go first. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The result of long work, with a breath after each step. */
export async function runInChunks<Result>(steps: Chunked<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breath();
  }
}
