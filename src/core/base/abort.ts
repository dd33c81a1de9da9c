// Limits the wait for work by a signal or a time. The work itself continues.

import { wait as timer, type Wait } from './clock.ts';

/** For work that is shared or takes no signal. Rejects with the signal's reason once it is aborted. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    // The signal comes first: it wins even when the work is done.
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const LATE = Symbol('late');

interface Timeout {
  readonly ms: number;
  readonly wait?: Wait;
}

/** The result of `late` when the work takes longer than `ms` milliseconds. */
export function withTimeout<T>(work: Promise<T>, timeout: Timeout): Promise<T | undefined>;
export function withTimeout<T, Late>(
  work: Promise<T>,
  timeout: Timeout & { readonly late: () => Late },
): Promise<T | Late>;
export async function withTimeout(
  work: Promise<unknown>,
  { ms, late = () => undefined, wait = timer }: Timeout & { readonly late?: () => unknown },
): Promise<unknown> {
  const ended = new AbortController();
  try {
    const first = await Promise.race([work, wait(ms, ended.signal).then(() => LATE)]);
    return first === LATE ? late() : first;
  } finally {
    ended.abort();
  }
}
