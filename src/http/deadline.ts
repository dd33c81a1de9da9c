// Limits calls that may hang: all callers share one call, and no caller waits past the deadline.

import { withTimeout } from '../core/base/abort.ts';

/** A hanging store must not hang a scrape, and scrapes must not accumulate. */
export type DeadlineResult<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

/** A call without an answer is dropped after this many deadlines, and repeated. */
const GIVEN_UP_AFTER = 15;

/** Never rejects. */
export function withDeadline<Value>(ask: () => Promise<Value>, ms: number): () => Promise<DeadlineResult<Value>> {
  let pending: Promise<DeadlineResult<Value>> | null = null;
  const begin = (): Promise<DeadlineResult<Value>> => {
    const answer = settled(ask);
    const forget = () => {
      clearTimeout(timer);
      if (pending === answer) pending = null;
    };
    const timer = setTimeout(forget, GIVEN_UP_AFTER * ms).unref();
    void answer.then(forget);
    return answer;
  };
  return () => {
    pending ??= begin();
    return withTimeout<DeadlineResult<Value>, DeadlineResult<Value>>(pending, { ms, late: () => ({ kind: 'late' }) });
  };
}

async function settled<Value>(ask: () => Promise<Value>): Promise<DeadlineResult<Value>> {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
