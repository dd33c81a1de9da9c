// Response URLs: five uses within thirty minutes, also where the bot is no member. Bolt's respond() has neither deadline
// nor retry, and drops the body in which Slack says what it refused; hence this.

import { setTimeout as wait } from 'node:timers/promises';
import type { FetchFunction } from '@slack/web-api';
import type { MessageView } from './blockkit/types.ts';
import { NOT_SLACK } from './client/errors.ts';
import { boundedWaitMs, directFetch, isCode, type SlackResponse } from './client/slack-fetch.ts';
import type { Posted } from './posted.ts';

export interface ResponseOptions {
  /** For the one who asked, or for all. */
  readonly type: 'ephemeral' | 'in_channel';
  readonly replaces: boolean;
  readonly threadTs: string | null;
  /** Through a proxy, instead of directly. */
  readonly ask?: FetchFunction | undefined;
}

const TIMEOUT_MS = 10_000;
/** Whoever asked still looks at the screen: an absence of seconds is waited out. */
const RETRIES_MS = [500, 2_000, 6_000];
const LONGEST_WAIT_MS = 60_000;

/**
 * Twice the same is harmless to one person; what is for all is only sent again where Slack took nothing.
 * @returns with `used_url` or `expired_url` where the URL takes no more
 */
export async function respond(url: string, view: MessageView, options: ResponseOptions): Promise<Posted> {
  let last = await attempt(url, view, options);
  for (const pause of RETRIES_MS) {
    if (!last.isPassing || (options.type === 'in_channel' && !last.isUntaken)) break;
    await wait(last.waitMs ?? pause);
    last = await attempt(url, view, options);
  }
  return last.posted;
}

interface Attempt {
  readonly posted: Posted;
  /** Whether another attempt may help. */
  readonly isPassing: boolean;
  /** Whether Slack said that it took nothing: without an answer, or after one of its failures, nobody knows. */
  readonly isUntaken: boolean;
  /** What Slack asks to wait; null where it does not say. */
  readonly waitMs: number | null;
}

async function attempt(url: string, view: MessageView, options: ResponseOptions): Promise<Attempt> {
  try {
    const response = await (options.ask ?? directFetch)(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        text: view.text,
        blocks: view.blocks,
        response_type: options.type,
        replace_original: options.replaces,
        ...(options.threadTs === null ? {} : { thread_ts: options.threadTs }),
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return result(response, await response.text());
  } catch (error) {
    const code = error instanceof Error ? error.name : 'unknown';
    return {
      posted: { ok: false, error: 'unreachable', detail: [code] },
      isPassing: true,
      isUntaken: false,
      waitMs: null,
    };
  }
}

function result({ status, ok, headers }: SlackResponse, body: string): Attempt {
  const told = decoded(body, ok);
  if (status === 429) {
    const posted = { ok: false, error: 'ratelimited', detail: [] } as const;
    return { posted, isPassing: true, isUntaken: true, waitMs: Math.min(boundedWaitMs(headers), LONGEST_WAIT_MS) };
  }
  if (ok && told === 'ok') return { posted: { ok: true, ts: null }, isPassing: false, isUntaken: false, waitMs: null };
  if (told !== null && told !== 'ok')
    return { posted: { ok: false, ...told }, isPassing: status >= 500, isUntaken: status < 500, waitMs: null };
  // A page in Slack's place says nothing of what Slack did. Slack's own 404 may be bare.
  const posted = { ok: false, error: ok ? NOT_SLACK : `http_${status}`, detail: [] } as const;
  return { posted, isPassing: status !== 404, isUntaken: status === 404, waitMs: null };
}

/** `ok`, or JSON, or the bare code of an error beside a status that is one; null for what is not Slack's. */
function decoded(
  body: string,
  ok: boolean,
): 'ok' | { readonly error: string; readonly detail: readonly string[] } | null {
  if (body === 'ok') return body;
  let told: unknown;
  try {
    told = JSON.parse(body);
  } catch {
    return !ok && /^[a-z_]{1,100}$/.test(body) ? { error: body, detail: [] } : null;
  }
  if (typeof told !== 'object' || told === null) return null;
  if ('ok' in told && told.ok === true) return 'ok';
  if (!('error' in told) || typeof told.error !== 'string' || !isCode(told.error)) return null;
  const metadata = 'response_metadata' in told ? told.response_metadata : null;
  const messages =
    typeof metadata === 'object' && metadata !== null && 'messages' in metadata ? metadata.messages : null;
  return {
    error: told.error,
    detail: Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : [],
  };
}
