// Requests JSON from Atlas: with authorization, a deadline, and retries where they may help. Failures are
// UpstreamErrors.

import type { Problem } from '../core/base/problem.ts';
import { backoff } from '../core/base/retry.ts';
import { UpstreamError } from '../errors.ts';
import { decodeRefusal, type Refusal } from './decode.ts';
import { challengeOf } from './digest.ts';
import { type Authorization, type Http, type HttpAnswer, type HttpRequest, headerOf, type Ticket } from './http.ts';
import {
  type Caller,
  isPermanent,
  isTimeout,
  isUnanswered,
  PERHAPS_A_PROXY,
  refusalProblem,
  timeoutProblem,
  unreachableProblem,
} from './problems.ts';

/** Dependencies of a request; the deadline covers all its tries. */
export interface RetryPolicy {
  readonly now: () => Date;
  readonly random: () => number;
  /** Waits; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly deadlineMs: number;
}

export interface Requester {
  /**
   * The JSON of a 2xx answer. `what` is its name for people.
   * Rejects with UpstreamError, or with the signal's reason.
   */
  json(ask: Ask, signal: AbortSignal): Promise<unknown>;
}

interface Ask {
  readonly request: HttpRequest;
  readonly what: string;
  /** Null for the token request, which has its own authorization. */
  readonly authorization: Authorization | null;
}

/** The result of one try. */
type Tried = { readonly answer: HttpAnswer } | { readonly error: unknown };

/** A hanging try leaves time for two more. */
const TRIES_IN_A_DEADLINE = 3;

export function openRequester(options: {
  readonly http: Http;
  readonly caller: Caller;
  readonly retries: RetryPolicy;
}): Requester {
  const { http, caller, retries } = options;

  async function persist(ask: Ask, signal: AbortSignal): Promise<{ readonly tried: Tried; readonly tries: number }> {
    const endsAt = retries.now().getTime() + retries.deadlineMs;
    for (let tries = 1; ; tries += 1) {
      const tried = await tryOnce({ http, ask, withinMs: retries.deadlineMs / TRIES_IN_A_DEADLINE }, signal);
      const remainingMs = endsAt - retries.now().getTime();
      const decision = decideRetry({ outcome: outcomeOf(tried), tries, remainingMs, random: retries.random() });
      if (!decision.retry) return { tried, tries };
      try {
        await retries.sleep(decision.afterMs, signal);
      } catch (error) {
        // The last answer is more informative than a timeout.
        if (isTimeout(signal.reason)) return { tried, tries };
        throw error;
      }
    }
  }

  return {
    async json(ask, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(retries.deadlineMs)]);
      const { tried, tries } = await persist(ask, bounded).catch((error: unknown) => {
        if (error instanceof UpstreamError || !bounded.aborted) throw error;
        if (!isTimeout(bounded.reason)) throw bounded.reason;
        throw upstream(timeoutProblem(http.host, signal.aborted ? null : retries.deadlineMs), error);
      });
      if ('error' in tried) throw upstream(unreachableProblem(tried.error, http.host), tried.error);
      const { answer } = tried;
      const failed = { host: http.host, caller, what: ask.what };
      if (answer.status >= 200 && answer.status < 300) return parse(answer, failed);
      const refusal = refusalIn(answer);
      const retryAfterSeconds = retryAfterOf(answer);
      throw upstream(refusalProblem({ failed, status: answer.status, refusal, retryAfterSeconds, tries }));
    },
  };
}

/** Rejects if no retry is possible: the time is up, or the connection is not the cause. */
async function tryOnce(
  { http, ask, withinMs }: { readonly http: Http; readonly ask: Ask; readonly withinMs: number },
  signal: AbortSignal,
): Promise<Tried> {
  try {
    return { answer: await authorized({ http, ask }, AbortSignal.any([signal, AbortSignal.timeout(withinMs)])) };
  } catch (error) {
    // A failed token request is an UpstreamError with its own retries.
    if (signal.aborted || !isUnanswered(error)) throw error;
    return { error };
  }
}

/** One exchange, plus the repeats that its authorization requires. */
async function authorized(
  { http, ask }: { readonly http: Http; readonly ask: Ask },
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { request, authorization } = ask;
  if (authorization === null) return http.exchange(request, signal);
  for (let renewals = 0; ; renewals += 1) {
    const used = await authorization.ticket({ method: request.method, target: http.target(request.path) }, signal);
    const answer = await http.exchange(withTicket(request, used), signal);
    if (answer.status !== 401 || !authorization.renew({ answer, used, renewals })) return answer;
  }
}

function withTicket(request: HttpRequest, { header }: Ticket): HttpRequest {
  return header === null ? request : { ...request, headers: { ...request.headers, authorization: header } };
}

function outcomeOf(tried: Tried): TryOutcome {
  if ('error' in tried) return { kind: 'unanswered', permanent: isPermanent(tried.error) };
  return { kind: 'answer', status: tried.answer.status, retryAfterSeconds: retryAfterOf(tried.answer) };
}

/** Atlas sends whole seconds, never a date. */
function retryAfterOf(answer: HttpAnswer): number | null {
  const value = headerOf(answer, 'retry-after');
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}

function parse(answer: HttpAnswer, failed: { readonly host: string; readonly what: string }): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    // The parser's message quotes the body, which may contain a token. So it is not kept as the cause.
    const type = /^[\w.+-]+\/[\w.+-]+/.exec(headerOf(answer, 'content-type') ?? '')?.[0] ?? 'no content type';
    throw upstream({
      code: 'atlas-answer-not-json',
      text: `${failed.host} answered the request for ${failed.what} with something that is not JSON (${type}).`,
      remedy: PERHAPS_A_PROXY,
    });
  }
}

/** Only Atlas sends a Digest challenge, whatever the body. */
function refusalIn(answer: HttpAnswer): Refusal {
  const refusal = decodeRefusal(answer.body);
  return challengeOf(answer) === null ? refusal : { ...refusal, isOfAtlas: true };
}

function upstream(problem: Problem, cause?: unknown): UpstreamError {
  return new UpstreamError(problem, cause === undefined ? undefined : { cause });
}

// Decides whether and when to retry. Pure; the loop is above.

/**
 * The result of one try: an answer, or none.
 * @internal
 */
export type TryOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'unanswered'; readonly permanent: boolean };

/** @internal */
export type RetryDecision =
  | { readonly retry: true; readonly afterMs: number }
  | { readonly retry: false; readonly reason: 'settled' | 'tries' | 'deadline' };

const MOST_TRIES = 5;
const DELAYS = { least: 500, most: 8_000 };

/**
 * `tries` counts the tries so far; `random` is in [0, 1). The delay doubles, half of it jitter, and is at least the
 * Retry-After of Atlas. A delay longer than `remainingMs` is not started: the result is known.
 * @internal
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
  const delayMs = (chance: number) => backoff(tries - 1, DELAYS, () => chance);
  const askedMs = outcome.kind === 'answer' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
  const afterMs = Math.round(delayMs(random) + Math.max(0, askedMs - delayMs(0)));
  return afterMs < remainingMs ? { retry: true, afterMs } : { retry: false, reason: 'deadline' };
}

function isTransient(outcome: TryOutcome): boolean {
  if (outcome.kind === 'unanswered') return !outcome.permanent;
  return outcome.status === 429 || outcome.status >= 500;
}
