// What is slow says so: after a while something is shown, and what comes of the work takes its place.

/** `show` has ended before this resolves, so that nothing overtakes the result. */
export async function withProgress<T>(input: {
  readonly afterMs: number;
  readonly show: () => Promise<void>;
  readonly work: Promise<T>;
}): Promise<T> {
  let shown = Promise.resolve();
  const timer = setTimeout(() => {
    shown = input.show();
    // Looked at below; until then its rejection would be nobody's and end the process.
    shown.catch(() => undefined);
  }, input.afterMs);
  try {
    return await input.work;
  } finally {
    clearTimeout(timer);
    await shown;
  }
}
