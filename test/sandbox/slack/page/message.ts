// Messages as articles of a log. Each carries its ts as id, by which the browser swaps only what changed.

import { createElement as h, type ReactElement, type ReactNode } from 'react';
import type { HomeTab, Message } from '../stand-in.ts';
import { blockElements } from './block.ts';
import { clockTime } from './date-text.ts';
import { mrkdwn } from './mrkdwn.ts';
import type { Names } from './names.ts';

/** Oldest first; a thread's replies follow the message that they answer. */
export function messageLog(messages: readonly Message[], names: Names): ReactElement[] {
  const known = new Set(messages.map((message) => message.ts));
  const isReply = ({ ts, threadTs }: Message) => threadTs !== null && threadTs !== ts && known.has(threadTs);
  return messages
    .filter((message) => !isReply(message))
    .flatMap((message) => {
      const replies = messages.filter((reply) => isReply(reply) && reply.threadTs === message.ts);
      return [
        article({ message, names, reply: false }),
        ...replies.map((reply) => article({ message: reply, names, reply: true })),
        ...(message.ephemeralTo === null ? [replyBox(message, names)] : []),
      ];
    });
}

export function homeView(home: HomeTab | null, names: Names): ReactElement {
  if (home === null)
    return h('p', { key: 'home', id: 'home', className: 'empty' }, 'The app has not published its Home yet.');
  return h(
    'section',
    { key: 'home', id: 'home', className: 'message home', 'aria-label': 'App Home' },
    blockElements(home.blocks, names),
  );
}

function article({ message, names, reply }: { message: Message; names: Names; reply: boolean }): ReactElement {
  const author = names.person(message.user);
  const app = message.user === names.bot.id;
  const classes = ['message', reply && 'reply', message.ephemeralTo !== null && 'ephemeral'].filter(Boolean).join(' ');
  return h(
    'article',
    {
      key: message.ts,
      id: `m-${message.ts}`,
      className: classes,
      'data-ts': message.ts,
      'aria-label': `${author}, ${marks(message).join(', ') || 'message'}`,
    },
    h(
      'div',
      { className: `avatar ${app ? 'app' : `hue-${hue(message.user)}`}`, 'aria-hidden': true },
      initials(author),
    ),
    h(
      'div',
      { className: 'content' },
      message.ephemeralTo === null ? null : h('p', { className: 'only' }, 'Only visible to you'),
      h(
        'header',
        null,
        h('span', { className: 'author' }, author),
        app ? h('span', { className: 'badge' }, 'App') : null,
        clockTime(message.ts, names.now),
        message.edits > 0 ? h('span', { className: 'edited' }, edited(message.edits)) : null,
        message.broadcast === true ? h('span', { className: 'edited' }, ALSO) : null,
      ),
      body(message, names),
    ),
  );
}

function body(message: Message, names: Names): ReactNode {
  return message.blocks.length > 0 ? blockElements(message.blocks, names) : mrkdwn(message.text, names);
}

function marks(message: Message): string[] {
  return [
    ...(message.ephemeralTo === null ? [] : ['only visible to you']),
    ...(message.edits > 0 ? [edited(message.edits)] : []),
    ...(message.broadcast === true ? [ALSO] : []),
  ];
}

const ALSO = 'also sent to the channel';

function edited(edits: number): string {
  return edits === 1 ? 'edited' : `edited ${edits} times`;
}

function replyBox(message: Message, names: Names): ReactElement {
  const id = `reply-${message.ts}`;
  return h(
    'details',
    { key: id, id: `t-${message.ts}`, className: 'thread' },
    h('summary', { 'data-focus': 'reply' }, 'Reply in thread'),
    h(
      'form',
      { 'data-thread': message.ts, autoComplete: 'off' },
      h('label', { htmlFor: id, className: 'unseen' }, 'Reply'),
      h('input', { id, name: 'text', placeholder: `Reply, or ask @${names.bot.name}`, 'data-focus': 'reply-text' }),
      h('button', { type: 'submit', className: 'primary' }, 'Send'),
    ),
  );
}

function initials(name: string): string {
  const letters = name.split(/[\s_-]+/).flatMap((word) => [...word].slice(0, 1));
  return letters.slice(0, 2).join('').toUpperCase();
}

function hue(id: string): number {
  return [...id].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 6, 0);
}
