// Posts and edits of alerts. Each call is made once. When Slack refuses a form, a simpler one follows.

import { setTimeout as wait } from 'node:timers/promises';
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import { HOUR } from '../../core/base/duration.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { postedMessages } from '../client/decode.ts';
import { isPassing, slackErrorCode } from '../client/errors.ts';
import { callOnce, type Post, type PostResult, type Rendering, type Sender } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { noticeView } from '../views/notices.ts';

/** `id` is the delivery's id; the message carries it as metadata. */
export interface MessagePoster {
  post(message: {
    readonly id: string;
    readonly rendering: Rendering;
    readonly channel: string;
    /** Null for the channel itself. */
    readonly threadTs: string | null;
    /** A reply that the channel shows too. */
    readonly broadcast: boolean;
  }): Promise<PostResult>;
  edit(message: {
    readonly id: string;
    readonly rendering: Rendering;
    readonly place: MessageRef;
  }): Promise<PostResult>;
  /** A message to a channel or a person without a delivery. It is never searched for. */
  postText(to: string, lines: readonly Phrase[]): Promise<PostResult>;
}

/** Never rejects: Slack's refusal is a result. */
export function createMessagePoster(input: {
  readonly clients: WebClients;
  readonly sender: Sender;
  /** Wait between two forms of one message, because the refused form used the channel's slot. */
  readonly paceMs: number;
  /** Called before each edit of a message beyond its first form. */
  readonly onEditAgain?: () => void;
}): MessagePoster {
  const { sender, paceMs, onEditAgain } = input;
  const client = input.clients.posts;
  const send = (rendering: Rendering, post: Post, onAgain?: () => void) => {
    let forms = 0;
    return sender.send(rendering, async (view) => {
      if (forms++ > 0) {
        await wait(paceMs);
        onAgain?.();
      }
      return post(view);
    });
  };
  return {
    post({ id, rendering, channel, threadTs, broadcast }) {
      const thread = threadTs === null ? {} : { thread_ts: threadTs, reply_broadcast: broadcast };
      const metadata = metadataOf(id);
      return send(rendering, (view) =>
        callOnce(() => client.chat.postMessage({ channel, ...thread, ...contentOf(view), metadata, ...NOT_UNFURLED })),
      );
    },
    edit({ id, rendering, place: { channel, ts } }) {
      const metadata = metadataOf(id);
      const update: Post = (view) => callOnce(() => client.chat.update({ channel, ts, ...contentOf(view), metadata }));
      return send(rendering, update, onEditAgain);
    },
    postText(channel, lines) {
      const view = noticeView({ lines, mentions: [], late: null });
      return send(
        () => view,
        (shown) => callOnce(() => client.chat.postMessage({ channel, ...contentOf(shown), ...NOT_UNFURLED })),
      );
    },
  };
}

const NOT_UNFURLED = { unfurl_links: false, unfurl_media: false };

function contentOf({ text, blocks }: MessageView) {
  return { text, blocks: [...blocks] };
}

// A post without an answer may still be in Slack. Its metadata shows that, if the bot may read the channel.

/**
 * Metadata of every delivery, so that its message can be found again.
 * @internal
 */
export const DELIVERY_EVENT = 'atlas_conns_delivery';

function metadataOf(id: string) {
  return { event_type: DELIVERY_EVENT, event_payload: { id } };
}

export type SearchResult =
  | { readonly kind: 'found'; readonly ts: string }
  | { readonly kind: 'absent' }
  /** The bot may not read the channel. */
  | { readonly kind: 'blind'; readonly error: string }
  /** Slack did not answer. `retryAfter` in seconds, if Slack gave it. */
  | { readonly kind: 'unanswered'; readonly error: string; readonly retryAfter: number | null };

export interface DeliverySearch {
  readonly client: WebClient;
  /** Id of the bot. */
  readonly bot: string;
  readonly channel: string;
  /** Null for the channel itself. */
  readonly threadTs: string | null;
  /** Id of the delivery. */
  readonly id: string;
  /** Milliseconds since 1970: the message cannot be older. */
  readonly since: number;
}

const PAGE = 200;
/** 2,000 messages. People do not read a channel with more messages since the alert began. */
const MOST_PAGES = 10;
/** How far Slack's clock may be behind ours: an hour, if a clock was set by hand, and as much again. */
const SKEW_MS = 2 * HOUR;

/** Never rejects. */
export async function findDelivery(search: DeliverySearch): Promise<SearchResult> {
  try {
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const found = postedMessages(await pageOf(search, cursor));
      const mine = found.messages.find(
        ({ id, event, bot }) => id === search.id && event === DELIVERY_EVENT && bot === search.bot,
      );
      if (mine !== undefined) return { kind: 'found', ts: mine.ts };
      cursor = found.cursor;
      if (cursor === null) break;
    }
    return { kind: 'absent' };
  } catch (cause) {
    const error = slackErrorCode(cause);
    // The thread is deleted, and the message with it.
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
