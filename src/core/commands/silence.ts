// `silence Billing API in prod 4h hold deploy`, `silence "Web EU" until 2026-11-30 18:00`, `unsilence Web EU`.

import { type SilenceEnd, silenceUntil } from '../alerting/silence.ts';
import { durationText, HOUR, parseDuration } from '../base/duration.ts';
import { isWallTime } from '../base/time-zone.ts';
import {
  type CommandEntry,
  type Grammar,
  inCluster,
  isWord,
  joined,
  longestCluster,
  type Named,
  nameAndCluster,
  type Parsed,
  parseNamed,
  refused,
  shown,
  splitCluster,
  understood,
  unknownCluster,
} from './grammar.ts';
import { quoted, quotedStart, type Token, tokensOf, unpunctuated } from './tokens.ts';

export interface SilenceCommand {
  readonly kind: 'silence';
  /** A source, a node, a rule or a cluster, as typed. */
  readonly target: string;
  readonly cluster: string | null;
  readonly until: SilenceEnd;
  /** Whether alerts stay silenced when they become critical. */
  readonly hold: boolean;
  readonly reason: string | null;
}

export interface UnsilenceCommand {
  readonly kind: 'unsilence';
  /** Null: the answer asks which silence. */
  readonly target: string | null;
  readonly cluster: string | null;
}

/** The form has the same limit. */
export const LONGEST_REASON = 300;
export const LONG_REASON = `A reason has at most ${LONGEST_REASON} characters.`;

export const silence: CommandEntry<SilenceCommand> = {
  usage: 'silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]',
  help: 'mutes alerts for 30m, 4h, 1d or 1w, or until 2026-11-30 18:00; with hold, critical ones too',
  parse(rest, grammar) {
    const split = splitAtEnd(rest, grammar);
    if (rest === '' || (split === null && endAt(rest, 0) !== null)) {
      return refused('missing-target', 'No target was named.', `Write "${grammar.command} ${silence.usage}".`);
    }
    if (split === null) return withoutEnd(rest, grammar);
    const { named, end, tail } = split;
    if ('wrong' in end) return wrongEnd(named, end.wrong, grammar);
    const after = afterEnd(tail, { grammar, takesCluster: named.unknown === null && named.cluster === null });
    const { hold, reason } = after;
    const of = (cluster: string | null): SilenceCommand => {
      return { kind: 'silence', target: named.name, cluster, until: end, hold, reason };
    };
    if (named.unknown !== null) {
      return unknownCluster(named.unknown, { grammar, form: (cluster) => silence.print(of(cluster)) });
    }
    if ((reason ?? '').length > LONGEST_REASON) return refused('long-reason', LONG_REASON, 'Shorten it.');
    // Whether a date is in the future is checked later, against the clock.
    const tried = 'for' in end ? silenceUntil(end, { now: 0, timeZone: 'UTC' }) : null;
    return tried?.ok === false ? tried : understood(of(named.cluster ?? after.cluster));
  },
  print(command) {
    const { target, until, hold, reason } = command;
    const what = joined('silence', quoted(target), inCluster(command), endText(until));
    return joined(what, hold ? 'hold' : null, reason === null ? null : reasonText(reason));
  },
};

export const unsilence: CommandEntry<UnsilenceCommand> = {
  usage: 'unsilence [source, node or rule] [in <cluster>]',
  help: 'ends a silence, or asks which',
  parse(rest, grammar) {
    const tokens = tokensOf(rest);
    const { cluster, left } = splitCluster(tokens, grammar);
    if (left.length === 0 && (cluster === null || isWord(tokens[0], 'in')))
      return understood({ kind: 'unsilence', target: null, cluster });
    const of = (target: string, within: string | null) => ({ kind: 'unsilence', target, cluster: within }) as const;
    return parseNamed(rest, grammar, { of, print: unsilence.print });
  },
  print: (command) => joined('unsilence', command.target && quoted(command.target), inCluster(command)),
};

function endText(end: SilenceEnd): string {
  return 'for' in end ? durationText(end.for) : joined('until', end.date, end.time);
}

/** In quotes if its first word would be read as something else. */
function reasonText(reason: string): string {
  const [first] = tokensOf(reason);
  const isPlain = first !== undefined && /^\w/.test(reason) && !['hold', 'in'].includes(first.text.toLowerCase());
  return isPlain ? reason : quoted(reason);
}

type End = SilenceEnd | { readonly wrong: string };

interface Split {
  readonly named: Named;
  readonly end: End;
  /** The text after the end. */
  readonly tail: string;
}

const duration = '(?:for )?(?<length>[1-9]\\d{0,5}[mhdw])';
const until = 'until (?:(?<date>\\d{4}-\\d{2}-\\d{2})(?:[T ](?<at>\\d{1,2}:\\d{2}))?|(?<time>\\d{1,2}:\\d{2}))';
const ending = `(?:${duration}|${until})(?=$|[\\s.,;])[.,;]?\\s*`;

/** Splits at the first duration or date after the first word. A quoted name may contain a duration or date. */
function splitAtEnd(text: string, grammar: Grammar): Split | null {
  const whole = unpunctuated(text).trimEnd();
  const firstEnd = endFinder(whole);
  const isTail = (_: string, from: number) => {
    const found = firstEnd(from);
    const head = found === null ? '' : whole.slice(from, found.start).trim();
    return found !== null && (head === '' || clusterIn(head, grammar) !== null);
  };
  const exact = quotedStart(text, isTail);
  const behind = exact === null ? null : endFinder(whole)(exact.from);
  if (exact !== null && behind !== null) {
    const head = whole.slice(exact.from, behind.start).trim();
    const { cluster = null, unknown = null } = clusterIn(head, grammar) ?? {};
    const { name } = exact;
    return { ...behind, named: unknown === null ? { name, cluster, unknown } : { name, unknown } };
  }
  const space = text.indexOf(' ');
  const found = space < 0 ? null : endFinder(text)(space);
  return found === null ? null : { ...found, named: nameAndCluster(text.slice(0, found.start).trim(), grammar) };
}

/** `prod`, `in prod`, `in prdo`. */
function clusterIn(text: string, grammar: Grammar): { readonly cluster?: string; readonly unknown?: Token } | null {
  if (text.length > longestCluster(grammar)) return null;
  const tokens = tokensOf(text);
  const { cluster, left } = splitCluster(tokens, grammar);
  const [unknown, ...more] = left;
  if (cluster !== null) return left.length === 0 ? { cluster } : null;
  return isWord(tokens[0], 'in') && unknown !== undefined && more.length === 0 ? { unknown } : null;
}

interface Ending {
  readonly start: number;
  readonly end: End;
  readonly tail: string;
}

/** Finds the first end at or after a position. It reads each word once while the positions grow. */
function endFinder(text: string): (from: number) => Ending | null {
  let position = 0;
  let next: Ending | null = null;
  return (from) => {
    const here = endAt(text, from);
    if (here !== null) return here;
    if (next !== null && next.start >= from) return next;
    next = null;
    position = Math.max(position, from);
    while (next === null && position < text.length) {
      const space = text.indexOf(' ', position);
      position = space < 0 ? text.length : space + 1;
      next = endAt(text, position);
    }
    return next;
  };
}

function endAt(text: string, start: number): Ending | null {
  const right = new RegExp(ending, 'iy');
  right.lastIndex = start;
  const groups = right.exec(text)?.groups;
  if (groups === undefined) {
    const until = /until (\S+)/iy;
    until.lastIndex = start;
    const [, wrong] = until.exec(text) ?? [];
    return wrong !== undefined && /\d/.test(wrong) ? { start, end: { wrong: `until ${wrong}` }, tail: '' } : null;
  }
  const { length, date, at, time } = groups;
  const tail = text.slice(right.lastIndex);
  if (length !== undefined) {
    const milliseconds = parseDuration(length.toLowerCase());
    return milliseconds === null ? null : { start, end: { for: milliseconds }, tail };
  }
  const end = { date: date ?? null, time: (at ?? time ?? '00:00').padStart(5, '0') };
  const isRight = isWallTime({ date: end.date ?? '2000-01-01', time: end.time });
  return { start, end: isRight ? end : { wrong: `until ${[date, at ?? time].filter(Boolean).join(' ')}` }, tail };
}

interface After {
  readonly hold: boolean;
  readonly cluster: string | null;
  readonly reason: string | null;
}

/** `hold in prod deploy`, `in prod hold deploy`. A text in quotes is always the reason. */
function afterEnd(tail: string, of: { readonly grammar: Grammar; readonly takesCluster: boolean }): After {
  const inQuotes = quotedStart(tail, (more) => more === '');
  if (inQuotes !== null) return { hold: false, cluster: null, reason: inQuotes.name };
  const [first, second] = tokensOf(tail, 2);
  if (isWord(first, 'hold')) return { ...afterEnd(tail.replace(/^hold\S*\s*/i, ''), of), hold: true };
  const named = of.takesCluster && isWord(first, 'in') && second !== undefined;
  const { cluster } = named ? splitCluster(tokensOf(tail, 2), of.grammar) : { cluster: null };
  if (cluster === null) return { hold: false, cluster: null, reason: tail === '' ? null : tail };
  const name = second?.text ?? '';
  const behind = tail.slice(tail.indexOf(name, 'in '.length) + name.length).replace(/^\S*\s*/, '');
  return { ...afterEnd(behind, { ...of, takesCluster: false }), cluster };
}

const LONG =
  /^(?:for )?(?<count>[1-9]\d{0,5}) ?(?<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:(?:ee)?ks?)?)\b/i;

/** Neither a duration nor a date. The answer to `30 minutes` shows the right form. */
function withoutEnd(rest: string, grammar: Grammar): Parsed<never> {
  for (const { index } of rest.matchAll(/ /g)) {
    // Parsed only when needed, because the loop runs once for each space.
    const head = () => nameAndCluster(rest.slice(0, index), grammar);
    const tail = rest.slice(index + 1);
    const { count, unit } = LONG.exec(tail)?.groups ?? {};
    const near = parseDuration(`${count}${unit?.[0]?.toLowerCase()}`);
    if (near !== null) {
      const meant = meantBy(head(), { for: near }, grammar);
      return refused('unknown-duration', 'Write the duration as 30m, 4h, 1d or 1w.', meant);
    }
    const [odd] = /^(\d+[a-z]+\b|until .*)/i.exec(tail) ?? [];
    if (odd !== undefined) return wrongEnd(head(), odd, grammar);
  }
  const meant = meantBy(nameAndCluster(rest, grammar), USUAL, grammar);
  return refused('missing-duration', 'No duration was named.', meant);
}

const USUAL: SilenceEnd = { for: 4 * HOUR };

function wrongEnd(named: Named, wrong: string, grammar: Grammar): Parsed<never> {
  const text = `"${shown(wrong)}" is neither a duration nor a date.`;
  return refused('unknown-duration', text, meantBy(named, USUAL, grammar));
}

function meantBy(named: Named, until: SilenceEnd, { command }: Grammar): string {
  const cluster = named.unknown === null ? named.cluster : null;
  const target = shown(named.name);
  const right = silence.print({ kind: 'silence', target, cluster, until, hold: false, reason: null });
  return `Did you mean "${command} ${right}"? A date works, too: until 2026-11-30 18:00.`;
}
