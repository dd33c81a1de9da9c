// Whether a failed try is worth another one, and when. Pure; the loop that obeys it is in requester.ts.

/** How one try ended: an answer, or none. */
export type TryOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'unanswered'; readonly permanent: boolean };

export type RetryDecision =
  | { readonly retry: true; readonly afterMs: number }
  | { readonly retry: false; readonly reason: 'settled' | 'tries' | 'deadline' };

const MOST_TRIES = 5;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/**
 * `tries` counts those already made; `random` is in [0, 1). The delay doubles, half of it jitter, and is never shorter
 * than Atlas asked for in Retry-After. A delay that would outlast `remainingMs` is not begun: the answer is known.
 */
export function decideRetry(input: {
  readonly outcome: TryOutcome;
  readonly tries: number;
  readonly remainingMs: number;
  readonly random: number;
}): RetryDecision {
  const { outcome, tries, remainingMs, random } = input;
  if (!isTransient(outcome)) return { retry: false, reason: 'settled' };
  if (tries >= MOST_TRIES) return { retry: false, reason: 'tries' };
  const ceilingMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS);
  const jitterMs = (ceilingMs / 2) * random;
  const askedMs = outcome.kind === 'answer' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
  const afterMs = Math.round(Math.max(ceilingMs / 2, askedMs) + jitterMs);
  return afterMs < remainingMs ? { retry: true, afterMs } : { retry: false, reason: 'deadline' };
}

function isTransient(outcome: TryOutcome): boolean {
  if (outcome.kind === 'unanswered') return !outcome.permanent;
  return outcome.status === 429 || outcome.status >= 500;
}
