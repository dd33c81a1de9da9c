// Calls that may hang: one at a time for all callers, and no caller waits longer than the deadline.

/** A store that hangs must not hang a scrape, and scrapes must not pile up on it. */
export type DeadlineResult<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'late' };

/** A call without an answer is dropped after so many deadlines, and made again. */
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
  return async () => {
    pending ??= begin();
    const late = Promise.withResolvers<DeadlineResult<Value>>();
    const timer = setTimeout(() => late.resolve({ kind: 'late' }), ms);
    try {
      return await Promise.race([pending, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function settled<Value>(ask: () => Promise<Value>): Promise<DeadlineResult<Value>> {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
