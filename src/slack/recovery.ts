// Whether a message whose post was never answered is in Slack: found by its metadata, where the bot may read the channel.

import type { WebClient } from '@slack/web-api';
import { WebAPIRateLimitedError } from '@slack/web-api';
import { isPassing, slackErrorCode } from './client/errors.ts';
import { toldMessages } from './requests/decode.ts';

/** What every delivery carries: whoever posted it can tell it from any other. */
export const DELIVERY_EVENT = 'atlas_conns_delivery';

export function metadataOf(id: string) {
  return { event_type: DELIVERY_EVENT, event_payload: { id } };
}

export type Search =
  | { readonly kind: 'found'; readonly ts: string }
  | { readonly kind: 'absent' }
  /** The bot may not read there. */
  | { readonly kind: 'blind'; readonly error: string }
  /** Slack did not answer. `retryAfter` in seconds, where it told. */
  | { readonly kind: 'unanswered'; readonly error: string; readonly retryAfter: number | null };

export interface Sought {
  readonly client: WebClient;
  /** Id of the bot. */
  readonly bot: string;
  readonly channel: string;
  /** Null for a message that stands in the channel itself. */
  readonly threadTs: string | null;
  /** Of the delivery. */
  readonly id: string;
  /** Milliseconds since 1970: it cannot have been posted before. */
  readonly since: number;
}

const PAGE = 200;
/** 2,000 messages; more than that in a channel since the alert began is no channel that anybody reads. */
const MOST_PAGES = 10;
/** By how much Slack's clock may be behind ours: by an hour where somebody set it by hand. The newest come first anyway. */
const SKEW_MS = 2 * 3_600_000;

/** Never rejects. */
export async function findDelivery(sought: Sought): Promise<Search> {
  try {
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const told = toldMessages(await pageOf(sought, cursor));
      const mine = told.messages.find(
        ({ id, event, bot }) => id === sought.id && event === DELIVERY_EVENT && bot === sought.bot,
      );
      if (mine !== undefined) return { kind: 'found', ts: mine.ts };
      cursor = told.cursor;
      if (cursor === null) break;
    }
    return { kind: 'absent' };
  } catch (cause) {
    const error = slackErrorCode(cause);
    // Without its thread, it cannot be in it.
    if (error === 'thread_not_found') return { kind: 'absent' };
    const retryAfter = cause instanceof WebAPIRateLimitedError ? cause.retryAfter : null;
    return isPassing(error) ? { kind: 'unanswered', error, retryAfter } : { kind: 'blind', error };
  }
}

function pageOf({ client, channel, threadTs, since }: Sought, cursor: string | null): Promise<unknown> {
  const range = {
    channel,
    oldest: String(Math.max(0, Math.floor((since - SKEW_MS) / 1_000))),
    include_all_metadata: true,
    limit: PAGE,
    ...(cursor === null ? {} : { cursor }),
  };
  return threadTs === null
    ? client.conversations.history(range)
    : client.conversations.replies({ ...range, ts: threadTs });
}
