// Long work in steps. What is decided here is pure and synchronous; whoever asks for it says what goes first between two steps.

/** Each step is short, however large the input: what else waits need not wait longer. Returns the result. */
export type Chunked<Result> = Generator<undefined, Result, undefined>;

/** For who has nothing else to do. */
export function runToEnd<Result>(steps: Chunked<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `if (isDue(index)) yield;` in a loop over many makes a step of so many turns. */
export function isChunkEnd(index: number, turns: number): boolean {
  return index % turns === turns - 1;
}
