// A shorter patience, for what was told before: an Atlas that hangs holds up no reading, no look at the nodes, no answer.

/** Some seconds of trouble, e.g. a retry after a 503, are waited for. */
const BRIEF_MS = 5_000;

/** Aborts with the signal, or after some seconds with a TimeoutError. */
export function briefly(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(BRIEF_MS)]);
}
