// Where answers go: each way in has its way back.

import type { FetchFunction } from '@slack/web-api';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import type { BotLog } from '../client/log.ts';
import { call, type Post, type PostResult, type Rendering, respond, type Sender } from '../client/send.ts';
import type { WebClients } from '../client/web-client.ts';
import { homeOf } from '../views/home.ts';
import { modalOf } from '../views/silence-form.ts';
import type { Origin, SlackRequest } from './request.ts';

export interface Reply {
  /** What the buttons below an answer have to lead to. */
  readonly place: MessagePlace;
  /** Shows a view; a further one takes its place where Slack can do that. Never rejects: what is lost is logged. */
  show(rendering: Rendering): Promise<void>;
  /** For the person alone, beside what is there. */
  aside(rendering: Rendering): Promise<void>;
  /** For all in the channel. */
  announce(rendering: Rendering): Promise<PostResult>;
}

export interface Replies {
  /** @param publicly whether an answer may stand in the channel for all to see */
  to(visit: SlackRequest, publicly: boolean): Reply;
}

interface Ways {
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
  readonly log: BotLog;
  /** What response URLs are asked through, where a proxy is. */
  readonly ask?: FetchFunction | undefined;
}): Replies {
  const { clients, sender, log, ask } = input;
  /** Whoever opened a report in Home must not have it overwritten by an overview that was asked for before. */
  const latestHome = new Map<string, string>();

  const deliver = async (visit: SlackRequest, rendering: Rendering, post: Post) => {
    const posted = await sender.send(rendering, post);
    const { user, channel } = visit;
    if (!posted.ok) log.error({ user, channel: channel.id, error: posted.error }, 'an answer did not arrive');
  };

  return {
    to(visit, publicly) {
      if (visit.way.kind === 'home') latestHome.set(visit.user, visit.id);
      const isOvertaken = () => visit.way.kind === 'home' && latestHome.get(visit.user) !== visit.id;
      const ways = waysOf({ visit, publicly, clients, ask });
      const isHome = visit.way.kind === 'home';
      const shown = (rendering: Rendering): Rendering => (isHome ? (tables) => inHome(rendering(tables)) : rendering);
      return {
        place: placeOf(visit, publicly),
        show: async (rendering) => {
          if (!isOvertaken()) await deliver(visit, shown(rendering), ways.show);
        },
        aside: (rendering) => deliver(visit, shown(rendering), ways.aside),
        announce: (rendering) => sender.send(rendering, ways.announce),
      };
    },
  };
}

const inHome = (view: MessageView): MessageView => ({ text: view.text, blocks: homeOf(view).blocks });

function placeOf({ way, user, channel }: SlackRequest, publicly: boolean): MessagePlace {
  if (way.kind === 'home') return { kind: 'home' };
  // What is said to the bot alone belongs to the person, like an ephemeral answer.
  return way.kind === 'mention' && publicly && channel.kind !== 'direct'
    ? { kind: 'shared', by: user, isAnswer: true }
    : { kind: 'answer' };
}

interface Given {
  readonly visit: SlackRequest;
  readonly publicly: boolean;
  readonly clients: WebClients;
  readonly ask: FetchFunction | undefined;
}

function waysOf(given: Given): Ways {
  const { visit } = given;
  const { way } = visit;
  switch (way.kind) {
    case 'home':
      return homeWays(given);
    case 'modal':
      return modalWays(given, way.viewId);
    case 'mention':
      return given.publicly ? threadWays(given, way) : ephemeralWays(given, way.isInThread ? way.threadTs : null);
    case 'command':
      return responseWays(given, { url: way.responseUrl, isOwn: false, threadTs: null });
    case 'click':
      return responseWays(given, { url: way.responseUrl, isOwn: way.isOwn, threadTs: way.threadTs });
  }
}

interface ResponseWay {
  readonly url: string;
  /** Whether the first answer takes the place of the clicked message. */
  readonly isOwn: boolean;
  readonly threadTs: string | null;
}

function responseWays(given: Given, { url, isOwn, threadTs }: ResponseWay): Ways {
  const { visit, ask } = given;
  const ephemeral = ephemeralWays(given, threadTs).show;
  const to = async (view: MessageView, replaces: boolean): Promise<PostResult> => {
    const posted = await respond(url, view, { type: 'ephemeral', replaces, threadTs, ask });
    // After thirty minutes or five uses only a new message can be had.
    return !posted.ok && GONE_URLS.includes(posted.error) ? ephemeral(view) : posted;
  };
  let hasAnswered = false;
  return {
    async show(view) {
      // A command's own answer is replaced by its URL; that of a click stands for the clicked message, which is not ours.
      const posted = await to(view, isOwn || (hasAnswered && visit.way.kind === 'command'));
      hasAnswered ||= posted.ok;
      return posted;
    },
    aside: (view) => to(view, false),
    async announce(view) {
      const posted = await post(given, view, threadTs);
      // In the bot's own direct messages posting works. Those of two people may be with another organisation, and Slack
      // tells nothing of them: nothing is put there for both.
      const isOut = visit.channel.kind !== 'direct' && !posted.ok && NOT_THERE.includes(posted.error);
      return isOut ? respond(url, view, { type: 'in_channel', replaces: false, threadTs, ask }) : posted;
    },
  };
}

function threadWays(given: Given, { threadTs }: Extract<Origin, { kind: 'mention' }>): Ways {
  const { visit } = given;
  const client = given.clients.answers;
  const channel = visit.channel.id ?? '';
  let mine: string | null = null;
  return {
    async show(view) {
      const ts = mine;
      if (ts !== null) {
        const edited = await call(() => client.chat.update({ channel, ts, ...contentOf(view) }));
        if (edited.ok || !UNEDITABLE.includes(edited.error)) return edited;
      }
      const posted = await post(given, view, threadTs);
      if (posted.ok) mine = posted.ts;
      return posted;
    },
    aside: ephemeralWays(given, threadTs).show,
    announce: (view) => post(given, view, threadTs),
  };
}

function ephemeralWays(given: Given, threadTs: string | null): Ways {
  const { visit } = given;
  const client = given.clients.answers;
  const [channel, user] = [visit.channel.id ?? '', visit.user];
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const show: Post = (view) => call(() => client.chat.postEphemeral({ channel, user, ...thread, ...contentOf(view) }));
  return { show, aside: show, announce: (view) => post(given, view, threadTs) };
}

function homeWays({ clients, visit }: Given): Ways {
  const client = clients.answers;
  const show: Post = ({ text, blocks }) => {
    const words = { type: 'section' as const, text: { type: 'plain_text' as const, text: text.slice(0, 3_000) } };
    const view = { type: 'home' as const, blocks: blocks.length === 0 ? [words] : [...blocks] };
    return call(() => client.views.publish({ user_id: visit.user, view }));
  };
  return { show, aside: show, announce: show };
}

function modalWays({ clients }: Given, viewId: string): Ways {
  const client = clients.answers;
  const show: Post = (view) => call(() => client.views.update({ view_id: viewId, view: modalOf(view) }));
  return { show, aside: show, announce: show };
}

function post({ clients, visit }: Given, view: MessageView, threadTs: string | null): Promise<PostResult> {
  const client = clients.posts;
  const channel = visit.channel.id ?? '';
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  return call(() =>
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
