// Messages of the watch on their way into channels: each call once, in simpler forms where Slack refuses one.

import { setTimeout as wait } from 'node:timers/promises';
import type { MessageRef } from '../../core/outbox.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import type { Post, Rendering, Sender } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { attempt, type Posted } from '../posted.ts';
import { metadataOf } from '../recovery.ts';
import { noticeView } from '../views/notice.ts';

export interface Letter {
  /** Of the delivery: what it carries as metadata. */
  readonly id: string;
  readonly rendering: Rendering;
}

export interface Courier {
  post(
    letter: Letter & {
      readonly channel: string;
      /** Null for the channel itself. */
      readonly threadTs: string | null;
      /** A reply that is shown in the channel too. */
      readonly broadcast: boolean;
    },
  ): Promise<Posted>;
  edit(letter: Letter & { readonly place: MessageRef }): Promise<Posted>;
  /** A word of the bot's own, to a channel or a person: not a delivery, and never looked for. */
  say(to: string, lines: readonly Phrase[]): Promise<Posted>;
}

/** Never rejects: what Slack refuses is a result. */
export function createCourier(input: {
  readonly clients: WebClients;
  readonly sender: Sender;
  /** Between two forms of one message: the first, refused, has used up its turn. */
  readonly paceMs: number;
}): Courier {
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
