// What came of one attempt to put a message somewhere. Slack's refusals are results here, not exceptions.

import { setTimeout as wait } from 'node:timers/promises';
import { type WebAPICallResult, WebAPIRateLimitedError } from '@slack/web-api';
import { isDoubtful, slackErrorCode, slackErrorDetail } from './client/errors.ts';

export type Posted =
  /** `ts` is null where Slack does not tell which message it became, `channel` absent where it does not tell where. */
  | { readonly ok: true; readonly ts: string | null; readonly channel?: string }
  | {
      readonly ok: false;
      readonly error: string;
      readonly detail: readonly string[];
      /** Seconds to wait, where Slack told. */
      readonly retryAfter?: number;
      /** No answer came, or one that leaves it open: it may be in Slack nevertheless. */
      readonly isDoubtful?: boolean;
    };

type Call = () => Promise<WebAPICallResult & { readonly ts?: string; readonly channel?: string }>;

const MOST_WAITS = 3;
const LONGEST_WAIT_S = 60;

/** Calls once, and tells all that is known of what became of it. */
export async function attempt(method: Call): Promise<Posted> {
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

/** Calls once; a rate-limited call was not taken, so it is safe to send it again when its time has come. */
export async function call(method: Call, waits = 0): Promise<Posted> {
  try {
    const { ts } = await method();
    return { ok: true, ts: ts ?? null };
  } catch (error) {
    if (error instanceof WebAPIRateLimitedError && waits < MOST_WAITS && error.retryAfter <= LONGEST_WAIT_S) {
      await wait(error.retryAfter * 1_000);
      return call(method, waits + 1);
    }
    return { ok: false, error: slackErrorCode(error), detail: slackErrorDetail(error) };
  }
}
