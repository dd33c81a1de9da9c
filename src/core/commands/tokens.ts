// Typed text → words. Undoes Slack's escapes, and understands odd spaces and quotes.

import { count } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';

/** A word or a quoted name; `text` is without its quotes. */
export interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Typed text is shorter. A longer text was pasted, and parsing it would block the event loop. */
const LONGEST_TYPED = 1_000;

/** Null when the length is within the limit. */
export function tooLong(what: 'command' | 'name', { length }: string): Pick<Problem, 'text' | 'remedy'> | null {
  if (length <= LONGEST_TYPED) return null;
  const text = `A ${what} has at most ${count(LONGEST_TYPED)} characters, and this one has ${count(length)}.`;
  return { text, remedy: 'Write a shorter one.' };
}

/** Typographic quotes come from phones and from pasted text; people mix them. */
const DOUBLE = '"“”„‟«»';
const SINGLE = "'‘’‚‹›";

/** `<http://203.0.113.9|203.0.113.9>`, `<tel:…|…>`, `<mailto:…|…>`, `<#C01|general>`: the label is the typed text. */
const labelled = /<([^<>|]*)\|([^<>]*)>/g;
/** `<http://203.0.113.9>`, `<mailto:who@example.com>`: without a label, the text after the scheme is the typed text. */
const unlabelled = /<(?:https?:\/\/|mailto:|tel:)([^<>]*?)\/?>/g;
/** `<mongodb://…>`: a connection string, with its scheme. */
const linked = /<(mongodb(?:\+srv)?:\/\/[^<>]*)>/gi;
/** Spaces of every width, line breaks; characters without any width are left out. */
const spaces = /[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/** One line, spaces single, as the person typed it before Slack escaped it. */
export function plainText(slackText: string): string {
  return slackText
    .replace(labelled, (_, target: string, label: string) => label || target)
    .replace(unlabelled, '$1')
    .replace(linked, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(invisible, '')
    .replace(spaces, ' ')
    .trim();
}

/** All characters that close a quote opened by `opener`; empty if it is not a quote. */
function closersOf(opener: string | undefined): string {
  if (opener === undefined || opener === '') return '';
  return [DOUBLE, SINGLE].find((quotes) => quotes.includes(opener)) ?? '';
}

/**
 * Words of a plain text. A quote that is never closed is an ordinary character.
 * @param most the number of words that are needed
 */
export function tokensOf(text: string, most = Number.POSITIVE_INFINITY): readonly Token[] {
  const tokens: Token[] = [];
  const unclosed = new Set<string>();
  let at = 0;
  while (at < text.length && tokens.length < most) {
    if (text[at] === ' ') {
      at++;
      continue;
    }
    const closers = closersOf(text[at]);
    const end = closers === '' || unclosed.has(closers) ? -1 : closeOf(text, { from: at + 1, closers });
    // A quote that is not closed here is not closed further on either.
    if (end < 0) unclosed.add(closers);
    const space = text.indexOf(' ', at);
    const wordEnd = space < 0 ? text.length : space;
    const isQuoted = end > at + 1;
    const word = text.slice(at, wordEnd);
    tokens.push(
      isQuoted ? { text: text.slice(at + 1, end).trim(), isQuoted } : { text: unpunctuated(word) || word, isQuoted },
    );
    at = isQuoted ? end + 1 : wordEnd;
  }
  return tokens;
}

/** Marks that end a sentence, not a name. */
const PUNCTUATION = '.,;:!?…';

/** Without the punctuation at its end. A regular expression would restart at each mark of a run. */
export function unpunctuated(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION.includes(text[end - 1] ?? ' ')) end--;
  return text.slice(0, end);
}

function closeOf(text: string, { from, closers }: { readonly from: number; readonly closers: string }): number {
  for (let at = from; at < text.length; at++) {
    if (closers.includes(text[at] ?? ' ') && [' ', undefined].includes(text[at + 1])) return at;
  }
  return -1;
}

/**
 * A quoted name at the start of a text, split from the rest at the first closing quote whose tail `isTail` accepts. So
 * a name may contain quotes: `"anyone: app "etl""`. Null when the text starts differently.
 * @param isTail is called at every quote, so it must not read to the end of the text; `from` is where the tail begins
 */
export function quotedStart(
  text: string,
  isTail: (tail: string, from: number) => boolean,
): { readonly name: string; readonly tail: string; readonly from: number } | null {
  const closers = closersOf(text[0]);
  const whole = closers === '' ? '' : unpunctuated(text).trimEnd();
  let isNamed = false;
  for (let at = 1; at < whole.length; at++) {
    const mark = whole[at] ?? ' ';
    const from = whole[at + 1] === ' ' ? at + 2 : at + 1;
    if (closers.includes(mark) && isNamed && isTail(whole.slice(from), from))
      return { name: whole.slice(1, at).trim(), tail: whole.slice(from), from };
    isNamed ||= mark !== ' ';
  }
  return null;
}

/** Whether a text has no character of a name: spaces and quotes only. */
export function isBlank(text: string): boolean {
  return [...text].every((mark) => mark === ' ' || DOUBLE.includes(mark) || SINGLE.includes(mark));
}

/** Words before and after a request that say nothing: `hey @atlas-conns show me prod please`. */
const BEFORE = ['hey', 'hi', 'hello', 'ok', 'please', 'pls', 'show', 'me'];
const AFTER = ['please', 'pls', 'thanks', 'thx'];

/** Whether a text ends in such a word, which the grammar leaves out. */
export function isPolite(text: string): boolean {
  const last = unpunctuated(text.slice(text.lastIndexOf(' ') + 1)).toLowerCase();
  return AFTER.includes(last) || /(?:^| )thank you$/i.test(unpunctuated(text).slice(-'. thank you'.length));
}

/**
 * Without greetings, thanks, the bot's name and lone punctuation around a plain text.
 * @param isName tells the words that must stay, because they name something
 */
export function withoutCourtesy(
  text: string,
  { command, isName }: { readonly command: string; readonly isName: (word: string) => boolean },
): string {
  const names = [command, command.replace('/', '')];
  let left = text;
  for (;;) {
    const space = left.indexOf(' ');
    const word = unpunctuated(space < 0 ? left : left.slice(0, space)).toLowerCase();
    const isSaid = /^<?@/.test(word) || names.includes(word) || BEFORE.includes(word);
    if (word === '' || !isSaid || isName(word)) break;
    left = space < 0 ? '' : left.slice(space + 1);
  }
  for (;;) {
    const space = left.lastIndexOf(' ');
    const isLone = space >= 0 && unpunctuated(left.slice(space + 1)) === '';
    if (!isLone && !(isPolite(left) && !isName(unpunctuated(left.slice(space + 1)).toLowerCase()))) return left;
    left = left.slice(0, Math.max(0, space)).replace(/(?:^| )thank$/i, '');
  }
}

export function withoutTrailingPunctuation(text: string): string {
  return unpunctuated(text).trim() || text;
}

/** In quotes that the name does not contain, if possible. */
export function quoted(name: string): string {
  const hasDouble = [...DOUBLE].some((quote) => name.includes(quote));
  const hasSingle = [...SINGLE].some((quote) => name.includes(quote));
  return hasDouble && !hasSingle ? `'${name}'` : `"${name}"`;
}
