// The parts of a sentence before it becomes Slack's: words, marked words, times, people. Escaping happens only here, so
// that no view can forget it.

import type { RichTextElement } from '@slack/types';
import { HOUR } from '../../core/base/duration.ts';
import { withoutCredentials } from '../../core/base/redact.ts';

/** A string is words, ours or from outside. Both are shown unchanged. */
export type RichTextPart = string | Marked | Timestamp | Person | Link;
export type Phrase = readonly RichTextPart[];

interface Marked {
  readonly kind: 'bold' | 'code';
  readonly words: string;
}

export interface Timestamp {
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

/** The address of an Atlas page, of a message or from the configuration, never one from outside text. */
interface Link {
  readonly kind: 'link';
  readonly url: string;
  readonly words: string;
}

/** Long enough for a title: a name and a fact about it. */
const LONGEST_MARKED = 240;
const LONGEST_URL = 2_000;

export const bold = (words: string): RichTextPart => ({ kind: 'bold', words });
export const code = (words: string): RichTextPart => ({ kind: 'code', words });
export const moment = (at: string, shows: Timestamp['shows']): Timestamp => ({ kind: 'moment', at, shows });

/** From this distance on, people would read a time of day without a date as today's. */
const FAR = 12 * HOUR;

/**
 * A time of day, with its date unless it is near the time of the message.
 * @param beside milliseconds since 1970; null when the time of the message is unknown
 */
export function near(time: number, beside: number | null): Timestamp {
  const at = new Date(time).toISOString();
  const isNear =
    beside !== null && Math.abs(beside - time) < FAR && at.slice(0, 10) === new Date(beside).toISOString().slice(0, 10);
  return moment(at, isNear ? 'time' : 'date-time');
}

/** A sentence in which each time, written as ISO 8601 in UTC, is shown in the reader's zone, as `near` does. */
export function timed(sentence: string, beside: number | null): Phrase {
  return sentence.split(INSTANT).map((part, index) => (index % 2 === 0 ? part : near(Date.parse(part), beside)));
}

/** `2026-11-21T14:34:00Z`, with or without milliseconds. */
const INSTANT = /(\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z)/;

/** The words alone if the URL is not a web address. */
export function link(url: string, words: string): RichTextPart {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.href.length > LONGEST_URL) return words;
  // `|` and `>` end an address in mrkdwn.
  return { kind: 'link', url: parsed.href.replaceAll('|', '%7C').replaceAll('>', '%3E'), words };
}

/** A person or place to ask. An id of Slack becomes a mention; anything else stays words. */
export function who(idOrWords: string): RichTextPart {
  const kinds = { user: /^[UW][A-Z0-9]{2,20}$/, usergroup: /^S[A-Z0-9]{2,20}$/, channel: /^[CG][A-Z0-9]{2,20}$/ };
  for (const kind of ['user', 'usergroup', 'channel'] as const) {
    if (kinds[kind].test(idOrWords)) return { kind, id: idOrWords };
  }
  return idOrWords;
}

/** Slack shows times in each reader's own zone. */
const FORMATS: Readonly<Record<Timestamp['shows'], string>> = {
  seconds: '{time_secs}',
  time: '{time}',
  date: '{date_short_pretty}',
  'date-time': '{date_short_pretty} at {time}',
};

export function richText(phrase: Phrase): readonly RichTextElement[] {
  return phrase.filter(isSaid).map(richTextElement);
}

/** An empty string is a part that a view left out. Slack refuses empty texts. */
const isSaid = (part: RichTextPart): boolean => part !== '';

function richTextElement(part: RichTextPart): RichTextElement {
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

/** A single blank between two parts is kept. */
const sentence = (words: string): string => (words === ' ' ? words : plain(words));

function dateElement(moment: Timestamp): RichTextElement {
  const timestamp = secondsOf(moment.at);
  if (timestamp === null) return { type: 'text', text: plain(moment.at) };
  return { type: 'date', timestamp, format: FORMATS[moment.shows], fallback: inUtc(moment) };
}

/** Words alone, for tables of text. */
export function plainOf(phrase: Phrase): string {
  return phrase.filter(isSaid).map(plainPart).join('');
}

function plainPart(part: RichTextPart): string {
  if (typeof part === 'string') return sentence(part);
  switch (part.kind) {
    case 'bold':
    case 'code':
    case 'link':
      return plain(part.words, { max: LONGEST_MARKED });
    case 'moment':
      return inUtc(part);
    case 'user':
    case 'usergroup':
    case 'channel':
      return part.id;
  }
}

/** For a context line and a message's `text`. Marked words become plain words there. */
export function mrkdwn(phrase: Phrase): string {
  return phrase.filter(isSaid).map(mrkdwnPart).join('');
}

function mrkdwnPart(part: RichTextPart): string {
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
function inUtc({ at, shows }: Timestamp): string {
  if (secondsOf(at) === null) return plain(at);
  const iso = new Date(at).toISOString();
  const date = iso.slice(0, 10);
  if (shows === 'date') return date;
  const time = iso.slice(11, shows === 'seconds' ? 19 : 16);
  return shows === 'date-time' ? `${date} ${time} UTC` : `${time} UTC`;
}

// Outside text for Slack: shown unchanged, without effect on direction, without mentions and without passwords.
//
// Blocks hold outside text only as rich_text elements, plain_text and raw cells. Slack parses nothing in those. Two
// places are always mrkdwn: a message's `text` and a context block with a date in it. mrkdwn escapes only &amp;
// &lt; &gt;. In these places:
// - a mark beside a word (* ~ ` and _) becomes a character that looks like it. An invisible neighbour would not work:
//   Slack takes it for the edge of a word and marks up all the more;
// - a token with markup (:tada:, @here, example.com, a leading >) is broken by a word joiner. It is invisible, screen
//   readers ignore it, and no such token can contain it.

const WORD_JOINER = '\u2060';

/**
 * Controls, bidirectional and zero-width characters, line separators, blanks that look like letters, and characters
 * that no font has. Variation selector 16 stays, because emoji need it.
 */
const invisible = /(?!\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const LOOKALIKE: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };
const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const graphemes = new Intl.Segmenter('en');

/** Our own, generous limit. No meaningful name, comment or sentence is longer. */
const LONGEST = 600;

export interface TextOptions {
  /** In UTF-16 units of the result, … included. */
  readonly max?: number;
}

/** For mrkdwn. */
export function text(outside: string, { max = LONGEST }: TextOptions = {}): string {
  const units = visibleUnits(outside, max);
  return joined(
    units.map((unit, at) => escaped(unit, { before: units[at - 1], after: units[at + 1] })),
    max,
  );
}

/** Most text is printable ASCII and needs no further check. */
const ordinary = /^[ -~]*$/;

/** For plain_text, raw cells and rich_text: Slack parses nothing there, so only invisible characters are replaced. */
export function plain(outside: string, { max = LONGEST }: TextOptions = {}): string {
  const start = withoutCredentials(outside).slice(0, max + 1);
  if (ordinary.test(start) && outside.trim() !== '') return start.length <= max ? start : `${start.slice(0, max - 1)}…`;
  return joined(visibleUnits(outside, max), max);
}

/** Graphemes with invisible characters spelled out; a few units more than `max`. */
function visibleUnits(outside: string, max: number): readonly string[] {
  if (outside.trim() === '') return ['(blank)'];
  // Only the first characters of a long text are read. One more than fits shows that the text is longer.
  const start = withoutCredentials(outside).slice(0, max + 1);
  if (ordinary.test(start)) return [...start];
  return [...graphemes.segment(start)].map(({ segment }) =>
    segment.replace(invisible, (character) => NAMED[character] ?? codePoint(character)),
  );
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** As many whole units as fit, then … for the rest. */
function joined(units: readonly string[], max: number): string {
  const all = units.join('');
  if (all.length <= max) return all;
  let kept = '';
  for (const unit of units) {
    if (kept.length + unit.length > max - 1) break;
    kept += unit;
  }
  return `${kept}…`;
}

interface Neighbours {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function escaped(unit: string, { before, after }: Neighbours): string {
  // An underscore inside a word has no effect in mrkdwn, and names are full of them.
  if (unit === '_' && isWord(before) && isWord(after)) return unit;
  const harmless = unit.replace(/[*~`_&<>]/g, (mark) => LOOKALIKE[mark] ?? ENTITY[mark] ?? mark);
  if (unit.startsWith('>') && before === undefined) return WORD_JOINER + harmless;
  return opensToken(unit, after) ? harmless + WORD_JOINER : harmless;
}

const isWord = (unit: string | undefined): boolean => unit !== undefined && /^[A-Za-z0-9]$/.test(unit);

/** `:` of an emoji or a URL, `@` and `#` of a name, `.` of a domain. Before a blank each is an ordinary character. */
function opensToken(unit: string, after: string | undefined): boolean {
  if (after === undefined || /^\s/.test(after)) return false;
  return /[:@#]$/.test(unit) || (unit.endsWith('.') && /^\p{L}/u.test(after));
}
