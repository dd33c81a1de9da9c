// Asks Atlas for JSON: authorized, bounded in time, tried again where that may help. Failures end as UpstreamError.

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

/** The world around a request; the deadline covers all tries of one request. */
export interface RetryPolicy {
  readonly now: () => Date;
  readonly random: () => number;
  /** Waits; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly deadlineMs: number;
}

export interface Requester {
  /**
   * The JSON of an answer of 2xx. `what` names it for people.
   * Rejects with UpstreamError, or with the signal's reason where somebody aborted it.
   */
  json(ask: Ask, signal: AbortSignal): Promise<unknown>;
}

interface Ask {
  readonly request: HttpRequest;
  readonly what: string;
  /** Null for the token request, which carries its own. */
  readonly authorization: Authorization | null;
}

/** One try, as it ended. */
type Tried = { readonly answer: HttpAnswer } | { readonly error: unknown };

/** A try that hangs leaves time for two others. */
const TRIES_IN_A_DEADLINE = 3;

export function openRequester(options: {
  readonly http: Http;
  readonly caller: Caller;
  readonly patience: RetryPolicy;
}): Requester {
  const { http, caller, patience } = options;

  async function persist(ask: Ask, signal: AbortSignal): Promise<{ readonly tried: Tried; readonly tries: number }> {
    const endsAt = patience.now().getTime() + patience.deadlineMs;
    for (let tries = 1; ; tries += 1) {
      const tried = await tryOnce({ http, ask, withinMs: patience.deadlineMs / TRIES_IN_A_DEADLINE }, signal);
      const remainingMs = endsAt - patience.now().getTime();
      const decision = decideRetry({ outcome: outcomeOf(tried), tries, remainingMs, random: patience.random() });
      if (!decision.retry) return { tried, tries };
      try {
        await patience.sleep(decision.afterMs, signal);
      } catch (error) {
        // What Atlas last said is more than that the time for another try ran out.
        if (isTimeout(signal.reason)) return { tried, tries };
        throw error;
      }
    }
  }

  return {
    async json(ask, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(patience.deadlineMs)]);
      const { tried, tries } = await persist(ask, bounded).catch((error: unknown) => {
        if (error instanceof UpstreamError || !bounded.aborted) throw error;
        if (!isTimeout(bounded.reason)) throw bounded.reason;
        throw upstream(timeoutProblem(http.host, signal.aborted ? null : patience.deadlineMs), error);
      });
      if ('error' in tried) throw upstream(unreachableProblem(tried.error, http.host), tried.error);
      const { answer } = tried;
      const asked = { host: http.host, caller, what: ask.what };
      if (answer.status >= 200 && answer.status < 300) return parse(answer, asked);
      const refusal = refusalIn(answer);
      const retryAfterSeconds = retryAfterOf(answer);
      throw upstream(refusalProblem({ asked, status: answer.status, refusal, retryAfterSeconds, tries }));
    },
  };
}

/** Rejects where another try cannot be thought of: the time is up, or the failure is not of the connection. */
async function tryOnce(
  { http, ask, withinMs }: { readonly http: Http; readonly ask: Ask; readonly withinMs: number },
  signal: AbortSignal,
): Promise<Tried> {
  try {
    return { answer: await authorized({ http, ask }, AbortSignal.any([signal, AbortSignal.timeout(withinMs)])) };
  } catch (error) {
    // A token that could not be had ends in an UpstreamError of its own, after tries of its own.
    if (signal.aborted || !isUnanswered(error)) throw error;
    return { error };
  }
}

/** One exchange, with the further ones that its authorization asks for. */
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

/** Atlas gives whole seconds, never a date. */
function retryAfterOf(answer: HttpAnswer): number | null {
  const value = headerOf(answer, 'retry-after');
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}

function parse(answer: HttpAnswer, asked: { readonly host: string; readonly what: string }): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    // The parser's message cites the body, which may hold a token: it is not kept as the cause.
    const type = /^[\w.+-]+\/[\w.+-]+/.exec(headerOf(answer, 'content-type') ?? '')?.[0] ?? 'no content type';
    throw upstream({
      code: 'atlas-answer-not-json',
      text: `${asked.host} answered the request for ${asked.what} with something that is not JSON (${type}).`,
      remedy: PERHAPS_A_PROXY,
    });
  }
}

/** Who challenges to Digest is Atlas, whatever the body. */
function refusalIn(answer: HttpAnswer): Refusal {
  const refusal = decodeRefusal(answer.body);
  return challengeOf(answer) === null ? refusal : { ...refusal, isOfAtlas: true };
}

function upstream(problem: Problem, cause?: unknown): UpstreamError {
  return new UpstreamError(problem, cause === undefined ? undefined : { cause });
}

// Whether a failed try is worth another one, and when. Pure; the loop that obeys it is in requester.ts.

/**
 * How one try ended: an answer, or none.
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
 * `tries` counts those already made; `random` is in [0, 1). The delay doubles, half of it jitter, and is never shorter
 * than Atlas asked for in Retry-After. A delay that would outlast `remainingMs` is not begun: the answer is known.
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
