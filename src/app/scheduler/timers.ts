// Waiting that a signal ends early; the watch is given it as an argument, so that a test can run a day in a moment.

import type { Wait } from '../../core/base/clock.ts';
import type { Chunked } from '../../core/base/cooperative.ts';

export const wait: Wait = (ms, signal) =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Lets whatever else is due go first: long work is cut into pieces by it. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The result of long work, with a breath after each of its steps. */
export async function runInChunks<Result>(steps: Chunked<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breath();
  }
}
