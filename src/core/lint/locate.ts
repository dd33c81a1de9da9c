// Finds the connection string in what was typed or pasted: without quotes, the name of a variable, words and a second
// string around it. Linear in the length of the text.

import { isSlip } from '../base/fuzzy-match.ts';
import { uriOption } from '../drivers/options.ts';

/** `slip`: nearly a scheme, such as `mongo://`. `prefix`: another one stands before it, such as `jdbc:`. */
type Scheme = 'right' | 'case' | 'slip' | 'prefix';

export interface Located {
  readonly scheme: Scheme;
  readonly srv: boolean;
  /** Behind the scheme, without what surrounds the string. */
  readonly body: string;
  /** What surrounds it, without quotes and the name of a variable. */
  readonly outside: string;
  readonly isSurrounded: boolean;
  /** A host was written as an address of its own, with a scheme. */
  readonly isHostUrl: boolean;
  /** The text goes on with another connection string. */
  readonly isSecond: boolean;
  /** An @ follows in what was cut off, so that what remains may be the first part of a password. */
  readonly isDoubtful: boolean;
}

const SCHEME = /mongodb(\+srv)?:\/\//gi;
const SLIP = /([a-z][a-z+.]{2,14}):[/\\]{0,2}/gi;
/** The syntax of shells, files and code for a variable. */
const VARIABLE =
  /(?:^|[\s,{`])(?:(?:export|set|const|let|var)\s+|\$env:)?["']?[\w.-]{1,80}["']?\s{0,9}(?:=|:\s)\s{0,9}$/i;
const CLOSERS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '‘': '’',
  '«': '»',
  '<': '>',
  '>': '<',
};

/** One or three are around code. */
const CODE = '`';
const OPENER = /`{1,3}$|["'“‘«<>]$/u;

/** Null when nothing like a scheme is there. */
export function locate(text: string): Located | null {
  const start = startOf(text);
  if (start === null) return null;
  const { isHostUrl, srv, rest } = withoutInnerScheme(text.slice(start.end), start.srv);
  const before = text.slice(0, start.begin);
  const trimmed = before.trimEnd();
  const [opener = ''] = OPENER.exec(trimmed.slice(-3)) ?? [];
  const closer = closerOf({ opener, before: trimmed, isInCode: isInCode(before) });
  const { end, isSecond } = endOf(rest, closer);
  const body = rest.slice(0, end).trimEnd();
  const lead = trimmed
    .slice(0, trimmed.length - opener.length)
    .slice(-MOST_LEAD)
    .replace(/\bjdbc:$/i, '');
  const behind = rest.slice(end).trim();
  const quoted = closer !== null && behind.startsWith(closer) ? behind.replace(/^`{2,3}|^./u, '').trim() : behind;
  const outside = `${lead.replace(VARIABLE, ' ')} ${quoted.replace(/^[;,)\]}"'`]+$/, '')}`.trim();
  return {
    scheme: start.scheme,
    srv,
    body,
    outside,
    isSurrounded: lead.trim() !== '' || closer !== null || behind !== '',
    isHostUrl: isHostUrl || (isSecond && rest[end] === ','),
    isSecond,
    isDoubtful: start.scheme === 'prefix' && isGlued(before) ? true : isDoubtful(body, rest.slice(end), closer),
  };
}

/** Null where nothing stands around the string. */
function closerOf(found: {
  readonly opener: string;
  readonly before: string;
  readonly isInCode: boolean;
}): string | null {
  const { opener, before, isInCode: isCode } = found;
  if (opener !== '') return CLOSERS[opener.slice(0, 1)] ?? null;
  if (isCode) return CODE;
  return /\([^()]{0,200}$/.test(before.slice(-200)) ? ')' : null;
}

/** Code that began with a command or the name of a variable, and has not ended. */
function isInCode(before: string): boolean {
  return (before.match(/`+/g) ?? []).length % 2 === 1;
}

function isGlued(before: string): boolean {
  return /\w$/.test(before);
}

function isDoubtful(body: string, behind: string, closer: string | null): boolean {
  if (!behind.includes('@')) return false;
  if (!body.includes('@')) return true;
  const isQuoted = closer !== null && behind.trimStart().startsWith(closer);
  const isSecond = /^[\s,;'"`|]+mongodb(?:\+srv)?:\/\//i.test(behind) || /^\s+--?[a-z]/i.test(behind);
  // A string that a mail or a terminal broke into two lines has neither blanks nor an equals sign there.
  const isNextLine = /^\s*[\r\n]/.test(behind) && /[\s=]/.test(behind.trimStart().replace(/@.*/s, ''));
  return !(isQuoted || isSecond || isNextLine);
}

/** What stands further before the string is not looked at. */
const MOST_LEAD = 4_000;

interface Start {
  readonly begin: number;
  readonly end: number;
  readonly srv: boolean;
  readonly scheme: Scheme;
}

function startOf(text: string): Start | null {
  const found = new RegExp(SCHEME).exec(text);
  if (found !== null) {
    const before = text.slice(Math.max(0, found.index - 40), found.index);
    const isPrefixed = /\bjdbc:$|:\/\/$|[\w+.-]$/i.test(before);
    const isLower = found[0] === found[0].toLowerCase();
    const srv = found[1] !== undefined;
    const scheme = isPrefixed ? 'prefix' : isLower ? 'right' : 'case';
    return { begin: found.index, end: found.index + found[0].length, srv, scheme };
  }
  // Only where the text begins: a word further behind is part of something else.
  const head = text.slice(0, 200);
  for (const match of head.matchAll(SLIP)) {
    const [whole, word = ''] = match;
    const srv = /srv/i.test(word);
    if (!isSlip(word, srv ? 'mongodb+srv' : 'mongodb')) continue;
    return { begin: match.index, end: match.index + whole.length, srv, scheme: 'slip' };
  }
  return null;
}

/** `mongodb://https://h` and `mongodb://u:p@mongodb+srv://h`. */
function withoutInnerScheme(body: string, srv: boolean): { isHostUrl: boolean; srv: boolean; rest: string } {
  const inner =
    /^([^/?#\s]*@)?(?:https?|tcp|mongodb(\+srv)?):\/\//i.exec(body) ?? /^([^/?#\s]*,)(?:https?|tcp):\/\//i.exec(body);
  if (inner === null) return { isHostUrl: false, srv, rest: body };
  const rest = (inner[1] ?? '') + body.slice(inner[0].length);
  return { isHostUrl: true, srv: srv || inner[2] !== undefined, rest };
}

/** Where the string ends. Doubtful text belongs to it, because what belongs to it is redacted by its own rules. */
function endOf(body: string, closer: string | null): { readonly end: number; readonly isSecond: boolean } {
  const line = /[\r\n]/.exec(body)?.index ?? body.length;
  const quote = closer === null ? line : closingQuote(body, closer, line);
  const flag = /\s--?[a-z]/i.exec(body.slice(0, quote))?.index ?? quote;
  const second = secondScheme(body, flag);
  const limit = Math.min(flag, second?.end ?? flag);
  const end = wordsBehind(body.slice(0, limit));
  const isSecond = new RegExp(SCHEME).test(body.slice(end).replace(RESOURCE, ''));
  return { end, isSecond };
}

const RESOURCE = /TOKEN_RESOURCE(?::|%3A)mongodb/gi;

/** A run of backticks is one. */
function closingQuote(body: string, closer: string, line: number): number {
  for (const { 0: quote, index } of body
    .slice(0, line)
    .matchAll(closer === CODE ? /`+/g : new RegExp(`\\${closer}`, 'g'))) {
    const after = body.slice(index + quote.length, index + quote.length + 2);
    // A tag is closed by another one.
    if (closer === '<' ? after.startsWith('/') : /^(?:$|[\s,;)}\]&|>`]|[.?!:](?:\s|$))/.test(after)) return index;
  }
  return line;
}

function secondScheme(body: string, limit: number): { readonly end: number } | null {
  const schemes = new RegExp(SCHEME);
  for (let found = schemes.exec(body); found !== null && found.index < limit; found = schemes.exec(body)) {
    const { index } = found;
    if (/TOKEN_RESOURCE(?::|%3A)$/i.test(body.slice(Math.max(0, index - 20), index))) continue;
    // The quote, blank or comma between the two belongs to neither.
    const isApart = /[\s,;'"`|]/.test(body[index - 1] ?? '');
    return { end: isApart ? index - 1 : index };
  }
  return null;
}

/** A blank in place of the &. */
function isOptionBehind(rest: string): boolean {
  return uriOption(/^\s+(\w{1,40})=/.exec(rest)?.[1] ?? '') !== null;
}

/** Cuts off words behind a complete string: those that are no part of a database's name or an option's value. */
function wordsBehind(body: string): number {
  const blank = body.search(/\s/);
  if (blank < 0) return body.length;
  const head = body.slice(0, blank);
  const rest = body.slice(blank);
  const authority = head.search(/[/?#]/);
  const hosts = authority < 0 ? head : head.slice(0, authority);
  // A blank in the user, the password or the hosts.
  if (!hosts.includes('@') && /:(?!\d)/.test(hosts) && rest.includes('@')) return body.length;
  if (!hosts.includes('@') && !/^[\w.,:%[\]-]+$/.test(hosts)) return body.length;
  if (authority < 0 && hosts.includes('%')) return body.length;
  if (authority < 0) return /,$/.test(head) || /^\s+,/.test(rest) ? body.length : blank;
  if (head.includes('?')) return /&\s*\w{1,40}=/.test(rest) || isOptionBehind(rest) ? body.length : blank;
  return /^(?:\s+[\w-]+){1,3}(?:\?.*)?$/.test(rest) && !/[@:"'`]/.test(rest.replace(/\?.*/s, '')) ? body.length : blank;
}
