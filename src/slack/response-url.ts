// Response URLs: five uses within thirty minutes, also where the bot is no member. Bolt's respond() has neither deadline
// nor retry, and drops the body in which Slack says what it refused; hence this.

import { setTimeout as wait } from 'node:timers/promises';
import type { FetchFunction } from '@slack/web-api';
import type { Posted } from './posted.ts';
import type { MessageView } from './view.ts';

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
const LONGEST_WAIT_S = 60;

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
    const response = await (options.ask ?? fetch)(url, {
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

function result({ status, ok, headers }: Awaited<ReturnType<FetchFunction>>, body: string): Attempt {
  const { error, detail } = decoded(body);
  if (ok && error === null) return { posted: { ok: true, ts: null }, isPassing: false, isUntaken: false, waitMs: null };
  const posted = { ok: false, error: error ?? `http_${status}`, detail } as const;
  if (status === 429) {
    const seconds = Math.min(Number(headers.get('retry-after')) || 1, LONGEST_WAIT_S);
    return { posted, isPassing: true, isUntaken: true, waitMs: seconds * 1_000 };
  }
  return { posted, isPassing: status >= 500, isUntaken: status < 500, waitMs: null };
}

/** `ok`, or JSON, or the bare code of an error. */
function decoded(body: string): { readonly error: string | null; readonly detail: readonly string[] } {
  const none = { error: null, detail: [] };
  if (/^[a-z_]+$/.test(body)) return body === 'ok' ? none : { error: body, detail: [] };
  let told: unknown;
  try {
    told = JSON.parse(body);
  } catch {
    return none;
  }
  if (typeof told !== 'object' || told === null || !('error' in told) || typeof told.error !== 'string') return none;
  const metadata = 'response_metadata' in told ? told.response_metadata : null;
  const messages =
    typeof metadata === 'object' && metadata !== null && 'messages' in metadata ? metadata.messages : null;
  return {
    error: told.error,
    detail: Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : [],
  };
}
