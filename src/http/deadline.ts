// Questions to what may hang: asked once at a time for all who ask, and nobody waits longer than the deadline.

import { withTimeout } from '../core/base/abort.ts';

/** A store that hangs must not hang a scrape, and scrapes must not pile up on it. */
export type DeadlineResult<Value> =
  | { readonly kind: 'told'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

/** A question without an answer is given up after so many deadlines, and asked anew. */
const GIVEN_UP_AFTER = 15;

/** Never rejects. */
export function withDeadline<Value>(ask: () => Promise<Value>, ms: number): () => Promise<DeadlineResult<Value>> {
  let pending: Promise<DeadlineResult<Value>> | null = null;
  const begin = (): Promise<DeadlineResult<Value>> => {
    const asked = told(ask);
    const forget = () => {
      clearTimeout(timer);
      if (pending === asked) pending = null;
    };
    const timer = setTimeout(forget, GIVEN_UP_AFTER * ms).unref();
    void asked.then(forget);
    return asked;
  };
  return () => {
    pending ??= begin();
    return withTimeout<DeadlineResult<Value>, DeadlineResult<Value>>(pending, { ms, late: () => ({ kind: 'late' }) });
  };
}

async function told<Value>(ask: () => Promise<Value>): Promise<DeadlineResult<Value>> {
  try {
    return { kind: 'told', value: await ask() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
