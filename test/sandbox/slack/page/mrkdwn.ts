// Slack's mrkdwn as React nodes. slack-blocks-to-jsx reads it as GitHub's Markdown: it undoes escapes before it looks
// for mentions, drops `<script>` whole and takes `10:30:45` or an IPv6 address for emoji, so text would not show as itself.

import { createElement as h, type ReactNode } from 'react';
import { dateText } from './date-text.ts';
import { emoji } from './emoji.ts';
import { unescaped } from './field.ts';
import type { Names } from './names.ts';

const FENCE = /```([\s\S]+?)```/g;
const INLINE = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /<(?<token>[^<>\n]+)>/,
    /(?<![\w*])\*(?<strong>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/,
    /(?<![\w_])_(?<em>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])/,
    /(?<![\w~])~(?<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/,
    /(?<![\w:]):(?<emoji>[a-z][a-z0-9_+-]*):(?![\w:])/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'g',
);

/** Blocks of text: paragraphs, quotes and fenced code. */
export function mrkdwn(text: string, names: Names): ReactNode {
  const parts = text.split(FENCE).map((part, at) => {
    if (at % 2 === 1) return h('pre', { key: at }, h('code', null, unescaped(part.replace(/^\n/, ''))));
    return h('span', { key: at }, quotes(part, names));
  });
  return h('div', { className: 'text' }, parts);
}

function quotes(text: string, names: Names): ReactNode {
  const runs = text.matchAll(/(?:^(?:>|&gt;)[^\n]*\n?)+|(?:^(?!>|&gt;)[^\n]*(?:\n|$))+/gm);
  return [...runs].map(([run], at) =>
    /^(?:>|&gt;)/.test(run)
      ? h('blockquote', { key: at }, inline(run.replace(/^(?:>|&gt;) ?/gm, '').trimEnd(), names))
      : h('span', { key: at }, inline(run, names)),
  );
}

function inline(text: string, names: Names): ReactNode[] {
  const nodes: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(unescaped(text.slice(from, match.index)), marked(match, { names, key: match.index }));
    from = match.index + match[0].length;
  }
  return [...nodes, unescaped(text.slice(from))];
}

function marked(match: RegExpExecArray, { names, key }: { names: Names; key: number }): ReactNode {
  const { code, token, strong, em, s, emoji: name } = match.groups ?? {};
  if (code !== undefined) return h('code', { key }, unescaped(code));
  if (token !== undefined) return h('span', { key }, special(token, names) ?? match[0]);
  if (strong !== undefined) return h('strong', { key }, inline(strong, names));
  if (em !== undefined) return h('em', { key }, inline(em, names));
  if (s !== undefined) return h('s', { key }, inline(s, names));
  return emoji(name ?? '') ?? match[0];
}

/** What stands between angle brackets; null where it is none of Slack's forms. */
function special(token: string, names: Names): ReactNode {
  const bar = token.indexOf('|');
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? '' : unescaped(token.slice(bar + 1));
  if (/^@[UW]\w+$/.test(target)) return h('span', { className: 'mention' }, `@${names.person(target.slice(1))}`);
  if (/^#[CGD]\w+$/.test(target)) return h('span', { className: 'mention' }, `#${names.channel(target.slice(1))}`);
  if (/^!(here|channel|everyone)$/.test(target)) return h('span', { className: 'mention loud' }, `@${target.slice(1)}`);
  if (target.startsWith('!subteam^')) return h('span', { className: 'mention' }, label || `@${target.slice(9)}`);
  const date = /^!date\^(\d+)\^([^^]+)/.exec(target);
  if (date) return dateText({ seconds: Number(date[1]), format: date[2] ?? '', fallback: label, now: names.now });
  if (!/^(https?:\/\/|mailto:|tel:)/.test(target)) return null;
  const href = unescaped(target);
  return h('a', { href, target: '_blank', rel: 'noreferrer' }, label || href);
}
