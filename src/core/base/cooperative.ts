// Long work in steps. The work is pure and synchronous. The caller decides what runs between two steps.

/** Each step is short, however large the input, so other work waits only briefly. Returns the result. */
export type Chunked<Result> = Generator<undefined, Result, undefined>;

/** Runs all steps without a pause, for callers that block no other work. */
export function runToEnd<Result>(steps: Chunked<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs all steps, with a pause between two of them in which other work runs. */
export async function runWithPauses<Result>(steps: Chunked<Result>, pause: () => Promise<void>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

/** `if (isChunkEnd(index, iterations)) yield;` in a loop ends a step after each `iterations` iterations. */
export function isChunkEnd(index: number, iterations: number): boolean {
  return index % iterations === iterations - 1;
}
