// The fetch of the Web API clients and of response URLs. An answer that is not from Slack becomes its own error here,
// and waits that Slack asks for get a limit.

import { type FetchFunction, WebAPIRateLimitedError } from '@slack/web-api';
import { MINUTE } from '../../core/base/duration.ts';
import type { Observer, SlackResult } from '../../core/ports/telemetry.ts';
import { NotSlackError } from './errors.ts';

/** The methods that the bot calls. Any other is counted as `other`, so that their number is limited. */
const METHODS: ReadonlySet<string> = new Set([
  'apps.connections.open',
  'auth.test',
  'chat.getPermalink',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.history',
  'conversations.info',
  'conversations.replies',
  'usergroups.users.list',
  'users.info',
  'views.open',
  'views.publish',
  'views.update',
]);

export type SlackResponse = Awaited<ReturnType<FetchFunction>>;

/** For every request to Slack without a proxy. */
export const directFetch: FetchFunction = (url, init) => fetch(url, init);

/**
 * Rejects with NotSlackError for a 200 without Slack's JSON. Rejects with WebAPIRateLimitedError when the library would
 * sleep too long, because it sends nothing else while it sleeps.
 * @param onCall called for every exchange, retries by the library included
 */
export function webApiFetch(
  onCall: Observer['slackCall'] = () => undefined,
  ask: FetchFunction = directFetch,
): FetchFunction {
  return async (url, init) => {
    const method = methodOf(url);
    const tell = (result: SlackResult, more: { isForeign?: true; waitMs?: number } = {}) =>
      onCall({ method, result, ...more });
    const { response, body } = await exchange(ask, url, init).catch((error: unknown) => {
      tell('unanswered');
      throw error;
    });
    const { status, headers } = response;
    if (status === 429) {
      const asked = askedWaitMs(headers);
      tell('rate_limited', { waitMs: asked });
      const seconds = Math.ceil(boundedWaitMs(headers) / 1_000);
      if (seconds > LONGEST_LIBRARY_SLEEP_S) throw new WebAPIRateLimitedError(seconds);
      return answered(response, body, { 'retry-after': String(seconds) });
    }
    if (status !== 200) {
      tell('error', { isForeign: true });
      // The library's error contains body and headers; logging it would log a foreign page.
      return answered(response, '', {});
    }
    const result = resultIn(body);
    if (result === null) {
      tell('error', { isForeign: true });
      throw new NotSlackError({ status, type: headers.get('content-type'), length: body.length });
    }
    tell(result);
    return answered(response, body, kept(headers));
  };
}

async function exchange(ask: FetchFunction, ...request: Parameters<FetchFunction>) {
  const response = await ask(...request);
  return { response, body: await response.text() };
}

function methodOf(url: string | URL): string {
  const name = String(url).split(/[?#]/)[0]?.split('/').at(-1) ?? '';
  return METHODS.has(name) ? name : 'other';
}

/** Slack's answer is an object with a boolean `ok`, and a code if that is false. Null for any other answer. */
function resultIn(body: string): 'ok' | 'error' | null {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return null;
    if (answer.ok === true) return 'ok';
    return answer.ok === false && 'error' in answer && isCode(answer.error) ? 'error' : null;
  } catch {
    return null;
  }
}

/** Whether it looks like a Slack code, not like a sentence or a page. */
export function isCode(error: unknown): boolean {
  return typeof error === 'string' && /^[\w.:-]{1,100}$/.test(error);
}

const KEPT = ['x-oauth-scopes', 'x-accepted-oauth-scopes'];

/** Drops the content type: with a wrong one the library would unzip JSON. */
function kept(headers: SlackResponse['headers']): Readonly<Record<string, string>> {
  const values = KEPT.map((name): [string, string | null] => [name, headers.get(name)]);
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The response with its body already read. */
function answered(
  { ok, status, url }: SlackResponse,
  body: string,
  headers: Readonly<Record<string, string>>,
): SlackResponse {
  return {
    ...{ ok, status, statusText: '', url, headers: new Headers(headers) },
    arrayBuffer: async () => new TextEncoder().encode(body).buffer,
    json: async () => JSON.parse(body),
    text: async () => body,
  };
}

/** After this time Slack is tried again, even if it asked for a longer wait. */
export const LONGEST_RETRY_AFTER_MS = 5 * MINUTE;
/** The longest sleep of a client that waits out rate limits. */
const LONGEST_LIBRARY_SLEEP_S = 60;
/** The wait when Slack gives none, or no valid one. */
const DEFAULT_WAIT_MS = 1_000;

/**
 * The wait of a `Retry-After` in milliseconds: seconds, or a date.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
function askedWaitMs(headers: Pick<SlackResponse['headers'], 'get'>): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Number(value) * 1_000, Number.MAX_SAFE_INTEGER);
  const until = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  // By the sender's clock.
  const sent = Date.parse(headers.get('date') ?? '');
  const ms = until - (Number.isNaN(sent) ? Date.now() : sent);
  return ms > 0 ? ms : DEFAULT_WAIT_MS;
}

/** Milliseconds until Slack is tried again after a 429. */
export function boundedWaitMs(headers: Pick<SlackResponse['headers'], 'get'>): number {
  return Math.min(askedWaitMs(headers), LONGEST_RETRY_AFTER_MS);
}
