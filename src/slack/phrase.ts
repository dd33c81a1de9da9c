// What a sentence is made of before it is Slack's: words, marked words, moments, people. Escaped here and nowhere else,
// so that no view can forget to.

import type { RichTextElement } from '@slack/types';
import { plain, text } from './text.ts';

/** A string is words, ours or from outside: both come out as they are. */
export type Part = string | Marked | Moment | Person;
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

/** Names and commands; sentences are not marked. */
const LONGEST_MARKED = 120;

export const bold = (words: string): Part => ({ kind: 'bold', words });
export const code = (words: string): Part => ({ kind: 'code', words });
export const moment = (at: string, shows: Moment['shows']): Moment => ({ kind: 'moment', at, shows });

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
