// Messages of the watch on their way into channels: each call once, in simpler forms where Slack refuses one.

import { setTimeout as wait } from 'node:timers/promises';
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { postedMessages } from '../client/decode.ts';
import { isPassing, slackErrorCode } from '../client/errors.ts';
import { attempt, type Post, type PostResult, type Rendering, type Sender } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { noticeView } from '../views/notices.ts';

interface OutgoingMessage {
  /** Of the delivery: what it carries as metadata. */
  readonly id: string;
  readonly rendering: Rendering;
}

export interface MessagePoster {
  post(
    letter: OutgoingMessage & {
      readonly channel: string;
      /** Null for the channel itself. */
      readonly threadTs: string | null;
      /** A reply that is shown in the channel too. */
      readonly broadcast: boolean;
    },
  ): Promise<PostResult>;
  edit(letter: OutgoingMessage & { readonly place: MessageRef }): Promise<PostResult>;
  /** A word of the bot's own, to a channel or a person: not a delivery, and never looked for. */
  say(to: string, lines: readonly Phrase[]): Promise<PostResult>;
}

/** Never rejects: what Slack refuses is a result. */
export function createMessagePoster(input: {
  readonly clients: WebClients;
  readonly sender: Sender;
  /** Between two forms of one message: the first, refused, has used up its turn. */
  readonly paceMs: number;
}): MessagePoster {
  const { sender, paceMs } = input;
  const client = input.clients.posts;
  const send = (rendering: Rendering, post: Post) => {
    let forms = 0;
    return sender.send(rendering, async (view) => {
      if (forms++ > 0) await wait(paceMs);
      return post(view);
    });
  };
  return {
    post({ id, rendering, channel, threadTs, broadcast }) {
      const thread = threadTs === null ? {} : { thread_ts: threadTs, reply_broadcast: broadcast };
      const metadata = metadataOf(id);
      return send(rendering, (view) =>
        attempt(() => client.chat.postMessage({ channel, ...thread, ...contentOf(view), metadata, ...NOT_UNFURLED })),
      );
    },
    edit({ id, rendering, place: { channel, ts } }) {
      const metadata = metadataOf(id);
      return send(rendering, (view) =>
        attempt(() => client.chat.update({ channel, ts, ...contentOf(view), metadata })),
      );
    },
    say(channel, lines) {
      const view = noticeView({ lines, mentions: [], late: null });
      return send(
        () => view,
        (shown) => attempt(() => client.chat.postMessage({ channel, ...contentOf(shown), ...NOT_UNFURLED })),
      );
    },
  };
}

const NOT_UNFURLED = { unfurl_links: false, unfurl_media: false };

function contentOf({ text, blocks }: MessageView) {
  return { text, blocks: [...blocks] };
}

// Whether a message whose post was never answered is in Slack: found by its metadata, where the bot may read the channel.

/**
 * What every delivery carries: whoever posted it can tell it from any other.
 * @internal
 */
export const DELIVERY_EVENT = 'atlas_conns_delivery';

function metadataOf(id: string) {
  return { event_type: DELIVERY_EVENT, event_payload: { id } };
}

export type Search =
  | { readonly kind: 'found'; readonly ts: string }
  | { readonly kind: 'absent' }
  /** The bot may not read there. */
  | { readonly kind: 'blind'; readonly error: string }
  /** Slack did not answer. `retryAfter` in seconds, where it told. */
  | { readonly kind: 'unanswered'; readonly error: string; readonly retryAfter: number | null };

export interface DeliverySearch {
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
export async function findDelivery(sought: DeliverySearch): Promise<Search> {
  try {
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const told = postedMessages(await pageOf(sought, cursor));
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

function pageOf({ client, channel, threadTs, since }: DeliverySearch, cursor: string | null): Promise<unknown> {
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
