// Routes of answers. A command, a click, a mention, App Home and a form each have their own way to reply.

import type { FetchFunction } from '@slack/web-api';
import type { Log } from '../../core/ports/telemetry.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import { callWithRetries, type Post, type PostResult, type Rendering, respond, type Sender } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { homeOf } from '../views/home.ts';
import { modalOf } from '../views/silence-form.ts';
import type { Origin, PutView, SlackRequest } from './decode.ts';

export interface Reply {
  /** Where the answer is shown. It decides about the buttons. */
  readonly place: MessagePlace;
  /** Shows a view. A later view replaces it if Slack allows that. Never rejects; a lost answer is logged. */
  show(rendering: Rendering): Promise<void>;
  /** For the person only, in addition to the present answer. */
  aside(rendering: Rendering): Promise<void>;
  /** For everyone in the channel. */
  announce(rendering: Rendering): Promise<PostResult>;
}

export interface Replies {
  /** @param publicly whether everyone in the channel may see an answer */
  to(request: SlackRequest, publicly: boolean): Reply;
}

interface Posts {
  readonly show: Post;
  readonly aside: Post;
  readonly announce: Post;
}

const GONE_URLS = ['used_url', 'expired_url', 'invalid_url', 'http_404'];
const UNEDITABLE = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
const NOT_THERE = ['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'];

export function createReplies(input: {
  readonly clients: WebClients;
  readonly sender: Sender;
  readonly log: Log;
  /** Posts to response URLs through the proxy, if there is one. */
  readonly ask?: FetchFunction | undefined;
}): Replies {
  const { clients, sender, log, ask } = input;
  /** By user. An overview that was requested earlier must not overwrite a report that was opened later. */
  const latestHome = new Map<string, string>();

  const deliver = async (request: SlackRequest, rendering: Rendering, post: Post) => {
    const posted = await sender.send(rendering, post);
    const { user, channel } = request;
    if (!posted.ok) log.error({ user, channel: channel.id, error: posted.error }, 'answer not delivered');
  };

  return {
    to(request, publicly) {
      if (request.origin.kind === 'home') latestHome.set(request.user, request.id);
      const isOvertaken = () => request.origin.kind === 'home' && latestHome.get(request.user) !== request.id;
      const posts = postsOf({ request, publicly, clients, ask });
      const isHome = request.origin.kind === 'home';
      const shown = (rendering: Rendering): Rendering => (isHome ? (tables) => inHome(rendering(tables)) : rendering);
      return {
        place: placeOf(request, publicly),
        show: async (rendering) => {
          if (!isOvertaken()) await deliver(request, shown(rendering), posts.show);
        },
        aside: (rendering) => deliver(request, shown(rendering), posts.aside),
        announce: (rendering) => sender.send(rendering, posts.announce),
      };
    },
  };
}

const inHome = (view: MessageView): MessageView => ({ text: view.text, blocks: homeOf(view).blocks });

function placeOf({ origin, user, channel }: SlackRequest, publicly: boolean): MessagePlace {
  if (origin.kind === 'home') return { kind: 'home' };
  // In a direct message only the person reads the answer, so it is like an ephemeral answer.
  return origin.kind === 'mention' && publicly && channel.kind !== 'direct'
    ? { kind: 'shared', by: user, isAnswer: true }
    : { kind: 'answer' };
}

interface Given {
  readonly request: SlackRequest;
  readonly publicly: boolean;
  readonly clients: WebClients;
  readonly ask: FetchFunction | undefined;
}

function postsOf(given: Given): Posts {
  const { origin } = given.request;
  switch (origin.kind) {
    case 'home':
      return homePosts(given);
    case 'modal':
      return modalPosts(given, origin);
    case 'mention':
      return given.publicly
        ? threadPosts(given, origin)
        : ephemeralPosts(given, origin.isInThread ? origin.threadTs : null);
    case 'command':
      return responsePosts(given, { url: origin.responseUrl, isOwn: false, threadTs: null });
    case 'click':
      return responsePosts(given, { url: origin.responseUrl, isOwn: origin.isOwn, threadTs: origin.threadTs });
  }
}

interface ResponseUrl {
  readonly url: string;
  /** Whether the first answer replaces the clicked message. */
  readonly isOwn: boolean;
  readonly threadTs: string | null;
}

function responsePosts(given: Given, { url, isOwn, threadTs }: ResponseUrl): Posts {
  const { request, ask } = given;
  const ephemeral = ephemeralPosts(given, threadTs).show;
  const to = async (view: MessageView, replaces: boolean): Promise<PostResult> => {
    const posted = await respond(url, view, { type: 'ephemeral', replaces, threadTs, ask });
    // A response URL works for thirty minutes and five times.
    return !posted.ok && GONE_URLS.includes(posted.error) ? ephemeral(view) : posted;
  };
  let hasAnswered = false;
  return {
    async show(view) {
      // A command's URL replaces the command's own answer; a click's URL would replace the clicked message.
      const posted = await to(view, isOwn || (hasAnswered && request.origin.kind === 'command'));
      hasAnswered ||= posted.ok;
      return posted;
    },
    aside: (view) => to(view, false),
    async announce(view) {
      const posted = await post(given, view, threadTs);
      // Direct messages between two people may cross organisations without a sign from Slack. So nothing is posted
      // there.
      const isOut = request.channel.kind !== 'direct' && !posted.ok && NOT_THERE.includes(posted.error);
      return isOut ? respond(url, view, { type: 'in_channel', replaces: false, threadTs, ask }) : posted;
    },
  };
}

function threadPosts(given: Given, { threadTs }: Extract<Origin, { kind: 'mention' }>): Posts {
  const { request } = given;
  const client = given.clients.answers;
  const channel = request.channel.id ?? '';
  let mine: string | null = null;
  return {
    async show(view) {
      const ts = mine;
      if (ts !== null) {
        const edited = await callWithRetries(() => client.chat.update({ channel, ts, ...contentOf(view) }));
        if (edited.ok || !UNEDITABLE.includes(edited.error)) return edited;
      }
      const posted = await post(given, view, threadTs);
      if (posted.ok) mine = posted.ts;
      return posted;
    },
    aside: ephemeralPosts(given, threadTs).show,
    announce: (view) => post(given, view, threadTs),
  };
}

function ephemeralPosts(given: Given, threadTs: string | null): Posts {
  const { request } = given;
  const client = given.clients.answers;
  const [channel, user] = [request.channel.id ?? '', request.user];
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const show: Post = (view) =>
    callWithRetries(() => client.chat.postEphemeral({ channel, user, ...thread, ...contentOf(view) }));
  return { show, aside: show, announce: (view) => post(given, view, threadTs) };
}

function homePosts({ clients, request }: Given): Posts {
  const client = clients.answers;
  const show: Post = ({ text, blocks }) => {
    const words = { type: 'section' as const, text: { type: 'plain_text' as const, text: text.slice(0, 3_000) } };
    const view = { type: 'home' as const, blocks: blocks.length === 0 ? [words] : [...blocks] };
    return callWithRetries(() => client.views.publish({ user_id: request.user, view }));
  };
  return { show, aside: show, announce: show };
}

function modalPosts({ clients }: Given, { viewId, title, put }: Extract<Origin, { kind: 'modal' }>): Posts {
  const update: PutView = (view) => clients.answers.views.update({ view_id: viewId, view });
  const show: Post = (view) => callWithRetries(() => (put ?? update)(modalOf(view, title)));
  return { show, aside: show, announce: show };
}

function post({ clients, request }: Given, view: MessageView, threadTs: string | null): Promise<PostResult> {
  const client = clients.posts;
  const channel = request.channel.id ?? '';
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  return callWithRetries(() =>
    client.chat.postMessage({
      channel,
      ...thread,
      ...contentOf(view),
      unfurl_links: false,
      unfurl_media: false,
    }),
  );
}

function contentOf({ text, blocks }: MessageView) {
  return { text, blocks: [...blocks] };
}

/** Shows progress after a while. `show` ends before this resolves, so that it cannot overwrite the result. */
export async function withProgress<T>(input: {
  readonly afterMs: number;
  readonly show: () => Promise<void>;
  readonly work: Promise<T>;
}): Promise<T> {
  let shown = Promise.resolve();
  const timer = setTimeout(() => {
    shown = input.show();
    // Awaited below; until then a rejection would be unhandled and end the process.
    shown.catch(() => undefined);
  }, input.afterMs);
  try {
    return await input.work;
  } finally {
    clearTimeout(timer);
    await shown;
  }
}
