// A message that Slack refuses is sent again in a simpler form, so nothing is lost. The log says why.

import { setTimeout as wait } from 'node:timers/promises';
import { type FetchFunction, type WebAPICallResult, WebAPIRateLimitedError } from '@slack/web-api';
import { MINUTE } from '../../core/base/duration.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { asText, clamped, withoutCharts } from '../blockkit/fallback.ts';
import type { MessageView, TableStyle } from '../blockkit/types.ts';
import {
  isDoubtful,
  isFormRefused,
  isTokenGone,
  isTooMuch,
  NOT_SLACK,
  slackErrorCode,
  slackErrorDetail,
} from './errors.ts';
import { boundedWaitMs, directFetch, isCode, type SlackResponse } from './slack-fetch.ts';

/** A view that does not know yet how tables can be shown. */
export type Rendering = (tables: TableStyle) => MessageView;
export type Post = (view: MessageView) => Promise<PostResult>;

export interface Sender {
  /**
   * Tries the message with charts and without, then data_table, table and text, then short pages and the first blocks
   * alone, then words alone. Never rejects because of Slack.
   */
  send(rendering: Rendering, post: Post): Promise<PostResult>;
}

const STYLES: readonly TableStyle[] = ['data_table', 'table', 'text'];

interface Form {
  readonly name: TableStyle | 'clamped' | 'words';
  readonly isCharted: boolean;
  readonly view: MessageView;
}

/** The forms that the workspace was seen to accept. */
interface Manner {
  readonly style: TableStyle;
  readonly charts: boolean;
}

export function createSender(input: {
  readonly log: Log;
  /** Called with Slack's code when it no longer takes the token. */
  readonly onTokenGone: (code: string) => void;
}): Sender {
  const { log } = input;
  let manner: Manner = { style: 'data_table', charts: true };

  const remember = ({ name }: Form, refused: Form) => {
    // The same tables are accepted without the chart, so the chart was the cause.
    const charts = manner.charts && !(refused.isCharted && name === manner.style);
    const style = STYLES.find((known) => known === name) ?? manner.style;
    if (charts === manner.charts && style === manner.style) return;
    manner = { style, charts };
    log.warn(manner, 'message style simplified');
  };

  return {
    async send(rendering, post) {
      let refused: Form | null = null;
      let isKindRefused = false;
      let posted: PostResult = { ok: false, error: 'unknown', detail: [] };
      for (const form of forms(rendering, manner)) {
        if (refused !== null && JSON.stringify(form.view) === JSON.stringify(refused.view)) continue;
        posted = await post(form.view);
        if (posted.ok) {
          if (isKindRefused && refused !== null) remember(form, refused);
          return posted;
        }
        log.warn({ form: form.name, error: posted.error, detail: posted.detail }, 'message refused by Slack');
        if (isTokenGone(posted.error)) input.onTokenGone(posted.error);
        if (!isFormRefused(posted.error)) return posted;
        // A message that was only too large is no reason to stop using tables.
        isKindRefused ||= !isTooMuch(posted.error);
        refused = form;
      }
      return posted;
    },
  };
}

function* forms(rendering: Rendering, { style, charts }: Manner): Generator<Form> {
  const best = rendering(style);
  if (charts && best.blocks.some(({ type }) => type === 'data_visualization'))
    yield { name: style, isCharted: true, view: best };
  const plain = { isCharted: false };
  for (const name of STYLES.slice(STYLES.indexOf(style)))
    yield { ...plain, name, view: withoutCharts(rendering(name)) };
  yield { ...plain, name: 'clamped', view: clamped(rendering('short')) };
  // The rows of a table can become words; the lines of a text table cannot.
  yield { ...plain, name: 'words', view: asText(rendering('table')) };
}

// The result of one attempt to send a message. Slack's refusals are results here, not exceptions.

export type PostResult =
  /** `ts` is null and `channel` absent where Slack does not return them. */
  | { readonly ok: true; readonly ts: string | null; readonly channel?: string }
  | {
      readonly ok: false;
      readonly error: string;
      readonly detail: readonly string[];
      /** Seconds to wait, if Slack gave them. */
      readonly retryAfter?: number;
      /** No clear answer came, so the message may be in Slack. */
      readonly isDoubtful?: boolean;
    };

type Call = () => Promise<WebAPICallResult & { readonly ts?: string; readonly channel?: string }>;

const MOST_WAITS = 3;
const LONGEST_CALL_WAIT_S = 60;

/** Calls once and returns the result, a refusal included. */
export async function callOnce(method: Call): Promise<PostResult> {
  try {
    const { ts, channel } = await method();
    return { ok: true, ts: ts ?? null, ...(typeof channel === 'string' ? { channel } : {}) };
  } catch (error) {
    return {
      ok: false,
      error: slackErrorCode(error),
      detail: slackErrorDetail(error),
      isDoubtful: isDoubtful(error),
      ...(error instanceof WebAPIRateLimitedError ? { retryAfter: error.retryAfter } : {}),
    };
  }
}

/** Slack did not execute a rate-limited call, so it is safe to repeat it after its wait. */
export async function callWithRetries(method: Call, waits = 0): Promise<PostResult> {
  const result = await callOnce(method);
  if (result.ok || result.retryAfter === undefined) return result;
  if (waits >= MOST_WAITS || result.retryAfter > LONGEST_CALL_WAIT_S) return result;
  await wait(result.retryAfter * 1_000);
  return callWithRetries(method, waits + 1);
}

// Response URLs: five uses within thirty minutes, also in channels without the bot. Bolt's respond() has no deadline
// and no retry, and drops the body with Slack's reason; hence this.

export interface ResponseOptions {
  /** For the person, or for everyone in the channel. */
  readonly type: 'ephemeral' | 'in_channel';
  readonly replaces: boolean;
  readonly threadTs: string | null;
  /** Through a proxy, instead of directly. */
  readonly ask?: FetchFunction | undefined;
}

const TIMEOUT_MS = 10_000;
/** The person is still looking at the screen, so an outage of seconds is waited out. */
const RETRIES_MS = [500, 2_000, 6_000];
const LONGEST_RESPONSE_WAIT_MS = MINUTE;

/**
 * A duplicate is harmless to one person. A message to everyone is sent again only if Slack accepted nothing.
 * @returns `used_url` or `expired_url` when the URL accepts no more
 */
export async function respond(url: string, view: MessageView, options: ResponseOptions): Promise<PostResult> {
  let last = await attemptAt(url, view, options);
  for (const pause of RETRIES_MS) {
    if (!last.isPassing || (options.type === 'in_channel' && !last.isUntaken)) break;
    await wait(last.waitMs ?? pause);
    last = await attemptAt(url, view, options);
  }
  return last.posted;
}

interface Attempt {
  readonly posted: PostResult;
  /** Whether another attempt may help. */
  readonly isPassing: boolean;
  /** Whether Slack reported that it accepted nothing. Unknown without an answer, or after an error of Slack's own. */
  readonly isUntaken: boolean;
  /** The wait that Slack asks for; null if it asks for none. */
  readonly waitMs: number | null;
}

async function attemptAt(url: string, view: MessageView, options: ResponseOptions): Promise<Attempt> {
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
  const outcome = decoded(body, ok);
  if (status === 429) {
    const posted = { ok: false, error: 'ratelimited', detail: [] } as const;
    return {
      posted,
      isPassing: true,
      isUntaken: true,
      waitMs: Math.min(boundedWaitMs(headers), LONGEST_RESPONSE_WAIT_MS),
    };
  }
  if (ok && outcome === 'ok')
    return { posted: { ok: true, ts: null }, isPassing: false, isUntaken: false, waitMs: null };
  if (outcome !== null && outcome !== 'ok')
    return { posted: { ok: false, ...outcome }, isPassing: status >= 500, isUntaken: status < 500, waitMs: null };
  // A page instead of Slack's answer does not show what Slack did. Slack's own 404 may be bare.
  const posted = { ok: false, error: ok ? NOT_SLACK : `http_${status}`, detail: [] } as const;
  return { posted, isPassing: status !== 404, isUntaken: status === 404, waitMs: null };
}

/** `ok`, JSON, or a bare error code with an error status; null for an answer that is not from Slack. */
function decoded(
  body: string,
  ok: boolean,
): 'ok' | { readonly error: string; readonly detail: readonly string[] } | null {
  if (body === 'ok') return body;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return !ok && /^[a-z_]{1,100}$/.test(body) ? { error: body, detail: [] } : null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  if ('ok' in parsed && parsed.ok === true) return 'ok';
  if (!('error' in parsed) || typeof parsed.error !== 'string' || !isCode(parsed.error)) return null;
  const metadata = 'response_metadata' in parsed ? parsed.response_metadata : null;
  const messages =
    typeof metadata === 'object' && metadata !== null && 'messages' in metadata ? metadata.messages : null;
  return {
    error: parsed.error,
    detail: Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : [],
  };
}
