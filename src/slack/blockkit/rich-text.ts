// What a sentence is made of before it is Slack's: words, marked words, moments, people. Escaped here and nowhere else,
// so that no view can forget to.

import type { RichTextElement } from '@slack/types';
import { plain, text } from '../text.ts';

/** A string is words, ours or from outside: both come out as they are. */
export type Part = string | Marked | Moment | Person | Link;
export type Phrase = readonly Part[];

interface Marked {
  readonly kind: 'bold' | 'code';
  readonly words: string;
}

export interface Moment {
  readonly kind: 'moment';
  /** ISO 8601. */
  readonly at: string;
  readonly shows: 'seconds' | 'time' | 'date' | 'date-time';
}

/** A user, a user group or a channel of Slack by its id. */
interface Person {
  readonly kind: 'user' | 'usergroup' | 'channel';
  readonly id: string;
}

/** To an address of ours: of Atlas, of a message, of the configuration; never one from outside. */
interface Link {
  readonly kind: 'link';
  readonly url: string;
  readonly words: string;
}

/** A title at most, which is a name and what is true of it. */
const LONGEST_MARKED = 240;
const LONGEST_URL = 2_000;

export const bold = (words: string): Part => ({ kind: 'bold', words });
export const code = (words: string): Part => ({ kind: 'code', words });
export const moment = (at: string, shows: Moment['shows']): Moment => ({ kind: 'moment', at, shows });

/** The words alone where it is no address of the web. */
export function link(url: string, words: string): Part {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.href.length > LONGEST_URL) return words;
  // `|` and `>` end an address in mrkdwn.
  return { kind: 'link', url: parsed.href.replaceAll('|', '%7C').replaceAll('>', '%3E'), words };
}

/** Whom or where to ask: an id of Slack becomes a mention, anything else stays words. */
export function who(idOrWords: string): Part {
  const kinds = { user: /^[UW][A-Z0-9]{2,20}$/, usergroup: /^S[A-Z0-9]{2,20}$/, channel: /^[CG][A-Z0-9]{2,20}$/ };
  for (const kind of ['user', 'usergroup', 'channel'] as const) {
    if (kinds[kind].test(idOrWords)) return { kind, id: idOrWords };
  }
  return idOrWords;
}

/** Shown in each reader's own zone. */
const FORMATS: Readonly<Record<Moment['shows'], string>> = {
  seconds: '{time_secs}',
  time: '{time}',
  date: '{date_short_pretty}',
  'date-time': '{date_short_pretty} at {time}',
};

export function richText(phrase: Phrase): readonly RichTextElement[] {
  return phrase.filter(isSaid).map(richTextElement);
}

/** An empty string is a part that a view left out; Slack refuses empty texts. */
const isSaid = (part: Part): boolean => part !== '';

function richTextElement(part: Part): RichTextElement {
  if (typeof part === 'string') return { type: 'text', text: sentence(part) };
  switch (part.kind) {
    case 'bold':
    case 'code':
      return { type: 'text', text: plain(part.words, { max: LONGEST_MARKED }), style: { [part.kind]: true } };
    case 'moment':
      return dateElement(part);
    case 'user':
      return { type: 'user', user_id: part.id };
    case 'usergroup':
      return { type: 'usergroup', usergroup_id: part.id };
    case 'channel':
      return { type: 'channel', channel_id: part.id };
    case 'link':
      return { type: 'link', url: part.url, text: plain(part.words, { max: LONGEST_MARKED }) };
  }
}

/** A part that is only a blank between two others stays one. */
const sentence = (words: string): string => (words === ' ' ? words : plain(words));

function dateElement(moment: Moment): RichTextElement {
  const timestamp = secondsOf(moment.at);
  if (timestamp === null) return { type: 'text', text: plain(moment.at) };
  return { type: 'date', timestamp, format: FORMATS[moment.shows], fallback: inUtc(moment) };
}

/** Of a context line and of a message's `text`, where marked words are plain words. */
export function mrkdwn(phrase: Phrase): string {
  return phrase.filter(isSaid).map(mrkdwnPart).join('');
}

function mrkdwnPart(part: Part): string {
  if (typeof part === 'string') return part === ' ' ? part : text(part);
  switch (part.kind) {
    case 'bold':
    case 'code':
      return text(part.words, { max: LONGEST_MARKED });
    case 'moment': {
      const seconds = secondsOf(part.at);
      return seconds === null ? text(part.at) : `<!date^${seconds}^${FORMATS[part.shows]}|${inUtc(part)}>`;
    }
    case 'user':
      return `<@${part.id}>`;
    case 'usergroup':
      return `<!subteam^${part.id}>`;
    case 'channel':
      return `<#${part.id}>`;
    case 'link':
      return `<${part.url.replaceAll('&', '&amp;')}|${text(part.words, { max: LONGEST_MARKED })}>`;
  }
}

function secondsOf(at: string): number | null {
  const milliseconds = Date.parse(at);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

/** For clients that cannot draw dates, and for tables of text. */
export function inUtc({ at, shows }: Moment): string {
  if (secondsOf(at) === null) return plain(at);
  const iso = new Date(at).toISOString();
  const date = iso.slice(0, 10);
  if (shows === 'date') return date;
  const time = iso.slice(11, shows === 'seconds' ? 19 : 16);
  return shows === 'date-time' ? `${date} ${time} UTC` : `${time} UTC`;
}
