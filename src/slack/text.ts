// Outside text on its way to Slack: it shows as itself, turns nothing around, pings nobody and tells no password.
//
// Blocks hold outside text only as rich_text elements, plain_text and raw cells, where Slack parses nothing. Two places
// are always mrkdwn: a message's `text` and a context block with a date in it. mrkdwn has no escape but &amp; &lt; &gt;,
// so there
// - what marks up by its place beside a word (* ~ ` and _) becomes the character that looks like it: an invisible
//   neighbour would not do, Slack takes one for the edge of a word and marks up all the more;
// - what marks up as one token (:tada:, @here, example.com, a leading >) is broken by a word joiner: nobody sees it,
//   screen readers read on, and no such token can hold it.

import { withoutCredentials } from '../core/base/redact.ts';

const WORD_JOINER = '\u2060';

/**
 * Controls, bidirectional and zero-width characters, separators of lines, blanks that pass for letters, and what no
 * font has. Variation selector 16 stays: emoji are drawn with it.
 */
const invisible = /(?!\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const LOOKALIKE: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };
const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const graphemes = new Intl.Segmenter('en');

/** An own, generous bound: no name, comment or sentence that means anything is longer. */
const LONGEST = 600;

export interface TextOptions {
  /** In UTF-16 units of what comes out; … included. */
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

/** Most text: each character stands for itself, so that there is nothing to look for. */
const ordinary = /^[ -~]*$/;

/** For plain_text, raw cells and rich_text: nothing is parsed there, so only what nobody can see is made visible. */
export function plain(outside: string, { max = LONGEST }: TextOptions = {}): string {
  const start = withoutCredentials(outside).slice(0, max + 1);
  if (ordinary.test(start) && outside.trim() !== '') return start.length <= max ? start : `${start.slice(0, max - 1)}…`;
  return joined(visibleUnits(outside, max), max);
}

/** Graphemes, each with its invisible characters spelled out; a few more than `max` units of them. */
function visibleUnits(outside: string, max: number): readonly string[] {
  if (outside.trim() === '') return ['(blank)'];
  // Of 10,000 characters only the first are looked at; one more than fit tells that there are more.
  const start = withoutCredentials(outside).slice(0, max + 1);
  if (ordinary.test(start)) return [...start];
  return [...graphemes.segment(start)].map(({ segment }) =>
    segment.replace(invisible, (character) => NAMED[character] ?? codePoint(character)),
  );
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** As many whole units as fit, with … for the rest. */
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
  // Inside a word an underscore marks nothing up, and names are full of them.
  if (unit === '_' && isWord(before) && isWord(after)) return unit;
  const harmless = unit.replace(/[*~`_&<>]/g, (mark) => LOOKALIKE[mark] ?? ENTITY[mark] ?? mark);
  if (unit.startsWith('>') && before === undefined) return WORD_JOINER + harmless;
  return opensToken(unit, after) ? harmless + WORD_JOINER : harmless;
}

const isWord = (unit: string | undefined): boolean => unit !== undefined && /^[A-Za-z0-9]$/.test(unit);

/** `:` of an emoji or a URL, `@` and `#` of a name, `.` of a domain; with a blank behind it each stands for itself. */
function opensToken(unit: string, after: string | undefined): boolean {
  if (after === undefined || /^\s/.test(after)) return false;
  return /[:@#]$/.test(unit) || (unit.endsWith('.') && /^\p{L}/u.test(after));
}
