// `silence Billing API in prod 4h hold deploy`, `silence "Web EU" until 2026-11-30 18:00`, `unsilence Web EU`.

import { type SilenceEnd, silenceUntil } from '../alerting/silence.ts';
import { HOUR, parseDuration } from '../base/duration.ts';
import { isWallTime } from '../base/time-zone.ts';
import {
  type Grammar,
  isWord,
  longestCluster,
  type Named,
  nameAndCluster,
  type ParsedCommand,
  refused,
  shown,
  takeCluster,
  understood,
  unknownCluster,
  usageOf,
} from './grammar.ts';
import { printCommand } from './print.ts';
import { quotedStart, type Token, tokensOf, unpunctuated } from './tokens.ts';

/** What the modal takes, too. */
export const LONGEST_REASON = 300;
export const LONG_REASON = `A reason has at most ${LONGEST_REASON} characters.`;

/** @param rest what stands behind the word */
export function parseSilence(rest: string, grammar: Grammar): ParsedCommand {
  const split = splitAtEnd(rest, grammar);
  if (rest === '' || (split === null && endAt(rest, 0) !== null)) {
    return withoutTarget(grammar);
  }
  if (split === null) return withoutEnd(rest, grammar);
  const { named, end, tail } = split;
  if ('wrong' in end) return wrongEnd(named, end.wrong, grammar);
  const after = afterEnd(tail, { grammar, wantsCluster: named.unknown === null && named.cluster === null });
  const asked = { kind: 'silence', target: named.name, until: end, hold: after.hold, reason: after.reason } as const;
  if (named.unknown !== null) {
    return unknownCluster(named.unknown, { grammar, form: (cluster) => printCommand({ ...asked, cluster }) });
  }
  if ((asked.reason ?? '').length > LONGEST_REASON) {
    return refused('long-reason', LONG_REASON, 'Say it shorter.');
  }
  // Of a date only the clock can tell.
  const tried = 'for' in end ? silenceUntil(end, { now: 0, timeZone: 'UTC' }) : null;
  if (tried?.ok === false) return tried;
  return understood({ ...asked, cluster: named.cluster ?? after.cluster });
}

export function parseUnsilence(rest: string, grammar: Grammar): ParsedCommand {
  const tokens = tokensOf(rest);
  const { cluster, left } = takeCluster(tokens, grammar);
  if (left.length === 0 && (cluster === null || isWord(tokens[0], 'in')))
    return understood({ kind: 'unsilence', target: null, cluster });
  const named = nameAndCluster(rest, grammar);
  const asked = { kind: 'unsilence', target: named.name } as const;
  return named.unknown === null
    ? understood({ ...asked, cluster: named.cluster })
    : unknownCluster(named.unknown, { grammar, form: (cluster) => printCommand({ ...asked, cluster }) });
}

type End = SilenceEnd | { readonly wrong: string };

interface Split {
  readonly named: Named;
  readonly end: End;
  /** What stands behind the end. */
  readonly tail: string;
}

const duration = '(?:for )?(?<length>[1-9]\\d{0,5}[mhdw])';
const until = 'until (?:(?<date>\\d{4}-\\d{2}-\\d{2})(?:[T ](?<at>\\d{1,2}:\\d{2}))?|(?<time>\\d{1,2}:\\d{2}))';
const ending = `(?:${duration}|${until})(?=$|[\\s.,;])[.,;]?\\s*`;

/** At the first end of a silence behind the first word; a name in quotes may hold what looks like one. */
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
  const { cluster, left } = takeCluster(tokens, grammar);
  const [unknown, ...more] = left;
  if (cluster !== null) return left.length === 0 ? { cluster } : null;
  return isWord(tokens[0], 'in') && unknown !== undefined && more.length === 0 ? { unknown } : null;
}

interface Ending {
  /** Where it begins. */
  readonly start: number;
  readonly end: End;
  readonly tail: string;
}

/**
 * Finds the first end of a silence that begins at a place or at a word behind it. Asked for places further and further
 * on, it looks at each word once.
 */
function endFinder(text: string): (from: number) => Ending | null {
  let looked = 0;
  let next: Ending | null = null;
  return (from) => {
    const here = endAt(text, from);
    if (here !== null) return here;
    if (next !== null && next.start >= from) return next;
    next = null;
    looked = Math.max(looked, from);
    while (next === null && looked < text.length) {
      const space = text.indexOf(' ', looked);
      looked = space < 0 ? text.length : space + 1;
      next = endAt(text, looked);
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

/** `hold in prod deploy`, in whichever order people put the first two; a reason in quotes is a reason whatever it says. */
function afterEnd(tail: string, of: { readonly grammar: Grammar; readonly wantsCluster: boolean }): After {
  const quoted = quotedStart(tail, (more) => more === '');
  if (quoted !== null) return { hold: false, cluster: null, reason: quoted.name };
  const [first, second] = tokensOf(tail, 2);
  if (isWord(first, 'hold')) return { ...afterEnd(tail.replace(/^hold\S*\s*/i, ''), of), hold: true };
  const named = of.wantsCluster && isWord(first, 'in') && second !== undefined;
  const { cluster } = named ? takeCluster(tokensOf(tail, 2), of.grammar) : { cluster: null };
  if (cluster === null) return { hold: false, cluster: null, reason: tail === '' ? null : tail };
  const name = second?.text ?? '';
  const behind = tail.slice(tail.indexOf(name, 'in '.length) + name.length).replace(/^\S*\s*/, '');
  return { ...afterEnd(behind, { ...of, wantsCluster: false }), cluster };
}

const LONG =
  /^(?:for )?(?<count>[1-9]\d{0,5}) ?(?<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:(?:ee)?ks?)?)\b/i;

/** No duration and no date: `30 minutes` is near one, anything else is asked for. */
function withoutEnd(rest: string, grammar: Grammar): ParsedCommand {
  for (const { index } of rest.matchAll(/ /g)) {
    // Read only for the answer: at each of its spaces it would be read again.
    const head = () => nameAndCluster(rest.slice(0, index), grammar);
    const tail = rest.slice(index + 1);
    const { count, unit } = LONG.exec(tail)?.groups ?? {};
    const near = parseDuration(`${count}${unit?.[0]?.toLowerCase()}`);
    if (near !== null) {
      const meant = meantBy(head(), { for: near }, grammar);
      return refused('unknown-duration', 'I read durations such as 30m, 4h, 1d, 1w.', meant);
    }
    const [odd] = /^(\d+[a-z]+\b|until .*)/i.exec(tail) ?? [];
    if (odd !== undefined) return wrongEnd(head(), odd, grammar);
  }
  const meant = meantBy(nameAndCluster(rest, grammar), USUAL, grammar);
  return refused('missing-duration', 'For how long? No duration was named.', meant);
}

const USUAL: SilenceEnd = { for: 4 * HOUR };

function wrongEnd(named: Named, wrong: string, grammar: Grammar): ParsedCommand {
  const text = `"${shown(wrong)}" is no duration and no date.`;
  return refused('unknown-duration', text, meantBy(named, USUAL, grammar));
}

function meantBy(named: Named, until: SilenceEnd, { command }: Grammar): string {
  const cluster = named.unknown === null ? named.cluster : null;
  const right = printCommand({ kind: 'silence', target: shown(named.name), cluster, until, hold: false, reason: null });
  return `Did you mean "${command} ${right}"? A date works, too: until 2026-11-30 18:00.`;
}

function withoutTarget({ command }: Grammar): ParsedCommand {
  return refused('missing-target', 'Silence what? Nothing was named.', `Write "${command} ${usageOf('silence')}".`);
}
