// `silence Billing API in prod 4h hold deploy`, `silence "Web EU" until 2026-11-30 18:00`, `unsilence Web EU`.

import { quotedStart, type Token, tokensOf } from './command-text.ts';
import { HOUR, parseDuration } from './duration.ts';
import {
  type Grammar,
  isWord,
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
import { printCommand } from './print-command.ts';
import { type SilenceEnd, silenceUntil } from './silence-end.ts';
import { isWallTime } from './wall-time.ts';

/** What the modal takes, too. */
export const LONGEST_REASON = 300;

/** @param rest what stands behind the word */
export function parseSilence(rest: string, grammar: Grammar): ParsedCommand {
  const split = splitAtEnd(rest, grammar);
  if (rest === '' || (split === null && endAt(rest) !== null)) {
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
    return refused('long-reason', `A reason has at most ${LONGEST_REASON} characters.`, 'Say it shorter.');
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
const atEnd = new RegExp(`^(?:${duration}|${until})(?=$|[\\s.,;])[.,;]?\\s*(?<tail>.*)$`, 'is');

/** At the first end of a silence behind the first word; a name in quotes may hold what looks like one. */
function splitAtEnd(text: string, grammar: Grammar): Split | null {
  const isTail = (tail: string) => {
    const found = endIn(tail, 0);
    return found !== null && (found.head === '' || clusterIn(found.head, grammar) !== null);
  };
  const exact = quotedStart(text, isTail);
  const behind = exact === null ? null : endIn(exact.tail, 0);
  if (exact !== null && behind !== null) {
    const { cluster = null, unknown = null } = clusterIn(behind.head, grammar) ?? {};
    const { name } = exact;
    return { ...behind, named: unknown === null ? { name, cluster, unknown } : { name, unknown } };
  }
  const found = endIn(text, 1);
  return found === null ? null : { ...found, named: nameAndCluster(found.head, grammar) };
}

/** `prod`, `in prod`, `in prdo`. */
function clusterIn(text: string, grammar: Grammar): { readonly cluster?: string; readonly unknown?: Token } | null {
  const tokens = tokensOf(text);
  const { cluster, left } = takeCluster(tokens, grammar);
  const [unknown, ...more] = left;
  if (cluster !== null) return left.length === 0 ? { cluster } : null;
  return isWord(tokens[0], 'in') && unknown !== undefined && more.length === 0 ? { unknown } : null;
}

/** The first end that begins at one of the words, `from` which on. */
function endIn(text: string, from: number): (Ending & { readonly head: string }) | null {
  const starts = [0, ...[...text.matchAll(/ /g)].map(({ index }) => index + 1)];
  for (const start of starts.slice(from)) {
    const found = endAt(text.slice(start));
    if (found !== null) return { head: text.slice(0, start).trim(), ...found };
  }
  return null;
}

interface Ending {
  readonly end: End;
  readonly tail: string;
}

function endAt(text: string): Ending | null {
  const groups = atEnd.exec(text)?.groups;
  if (groups === undefined) {
    const [, wrong] = /^until (\S+)/i.exec(text) ?? [];
    return wrong !== undefined && /\d/.test(wrong) ? { end: { wrong: `until ${wrong}` }, tail: '' } : null;
  }
  const { length, date, at, time, tail = '' } = groups;
  if (length !== undefined) {
    const milliseconds = parseDuration(length.toLowerCase());
    return milliseconds === null ? null : { end: { for: milliseconds }, tail };
  }
  const end = { date: date ?? null, time: (at ?? time ?? '00:00').padStart(5, '0') };
  const isRight = isWallTime({ date: end.date ?? '2000-01-01', time: end.time });
  return { end: isRight ? end : { wrong: `until ${[date, at ?? time].filter(Boolean).join(' ')}` }, tail };
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
  const [first, second] = tokensOf(tail);
  if (isWord(first, 'hold')) return { ...afterEnd(tail.replace(/^hold\S*\s*/i, ''), of), hold: true };
  const named = of.wantsCluster && isWord(first, 'in') && second !== undefined;
  const { cluster } = named ? takeCluster(tokensOf(tail).slice(0, 2), of.grammar) : { cluster: null };
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
    const [head, tail] = [nameAndCluster(rest.slice(0, index), grammar), rest.slice(index + 1)];
    const { count, unit } = LONG.exec(tail)?.groups ?? {};
    const near = parseDuration(`${count}${unit?.[0]?.toLowerCase()}`);
    if (near !== null) {
      const meant = meantBy(head, { for: near }, grammar);
      return refused('unknown-duration', 'I read durations such as 30m, 4h, 1d, 1w.', meant);
    }
    const [odd] = /^(\d+[a-z]+\b|until .*)/i.exec(tail) ?? [];
    if (odd !== undefined) return wrongEnd(head, odd, grammar);
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
