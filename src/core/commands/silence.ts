// `silence Billing API in prod 4h hold deploy`, `silence "Web EU" until tomorrow 18:00`, `unsilence Web EU`.

import { type SilenceEnd, silenceUntil } from '../alerting/silence.ts';
import { HOUR } from '../base/duration.ts';
import {
  type CommandEntry,
  clusterIn,
  clusterText,
  type Grammar,
  inCluster,
  isPreposition,
  isWord,
  joined,
  type Named,
  nameAndCluster,
  nearestCluster,
  type Parsed,
  parseNamed,
  refused,
  shown,
  splitCluster,
  twoClusters,
  understood,
  unknownCluster,
} from './grammar.ts';
import { type Ending, endAt, endFinder, endText } from './silence-end.ts';
import { isPolite, quoted, quotedStart, type Token, tokensOf, unpunctuated } from './tokens.ts';

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
  help: 'mutes alerts for 30m, 4h, 1d or 1w, or until tomorrow 18:00; with hold, critical ones too',
  aliases: ['mute', 'snooze'],
  parse(rest, grammar) {
    const split = splitAtEnd(rest, grammar);
    const isEarly = split === null || (split.named.unknown === null && split.named.name.toLowerCase() === 'for');
    const first = isEarly ? endAt(rest, 0) : null;
    if (first !== null) return targetLast(first, grammar);
    if (rest === '') return missingTarget(null, grammar);
    if (split === null) return withoutEnd(rest, grammar);
    const { named, end, tail } = split;
    if (named.name === '') return missingTarget(named.unknown === null ? named.cluster : null, grammar);
    if ('wrong' in end) return wrongEnd(named, end.wrong, grammar);
    const after = afterEnd(tail, { grammar, takesCluster: named.unknown === null && named.cluster === null });
    const { hold, reason } = after;
    const of = (target: string, cluster: string | null): SilenceCommand => {
      return { kind: 'silence', target, cluster, until: end, hold, reason };
    };
    const form = (cluster: string) => silence.print(of(cluster, null));
    const two = twoClusters(named, { text: rest, grammar, form });
    if (two !== null) return two;
    const unknown = named.unknown ?? after.unknown;
    if (unknown !== null)
      return unknownCluster(unknown, { grammar, form: (cluster) => silence.print(of(named.name, cluster)) });
    if ((reason ?? '').length > LONGEST_REASON) return refused('long-reason', LONG_REASON, 'Shorten it.');
    // Whether a date is in the future is checked later, against the clock.
    const tried = 'for' in end ? silenceUntil(end, { now: 0, timeZone: 'UTC' }) : null;
    const within = named.unknown === null ? named.cluster : null;
    return tried?.ok === false ? tried : understood(of(named.name, within ?? after.cluster));
  },
  print(command) {
    const { target, until, hold, reason } = command;
    const what = joined('silence', quoted(target), inCluster(command), endText(until));
    return joined(what, hold ? 'hold' : null, reason === null ? null : reasonText(reason));
  },
};

/** `4h Billing API`: the end before the target. */
function targetLast({ end, tail }: Ending, grammar: Grammar): Parsed<never> {
  if (tail === '' || 'wrong' in end) return missingTarget(null, grammar);
  return refused('missing-target', 'The target comes first.', meantBy(nameAndCluster(tail, grammar), end, grammar));
}

function missingTarget(cluster: string | null, { command }: Grammar): Parsed<never> {
  const whole = `Write "${command} silence ${clusterText(cluster ?? '')} 4h" for the whole cluster.`;
  const remedy = cluster === null ? `Write "${command} ${silence.usage}".` : whole;
  return refused('missing-target', 'No target was named.', remedy);
}

export const unsilence: CommandEntry<UnsilenceCommand> = {
  usage: 'unsilence [source, node, rule or all] [in <cluster>]',
  help: 'ends a silence, or asks which',
  aliases: ['unmute', 'unsnooze'],
  parse(rest, grammar) {
    const tokens = tokensOf(rest);
    const { cluster, left } = splitCluster(tokens, grammar);
    if (left.length === 0 && (cluster === null || isWord(tokens[0], 'in')))
      return understood({ kind: 'unsilence', target: null, cluster });
    const of = (target: string, within: string | null) => ({ kind: 'unsilence', target, cluster: within }) as const;
    const missing = () =>
      refused('missing-target', 'No target was named.', `"${grammar.command} unsilence" lists the silences in force.`);
    return parseNamed(rest, grammar, { of, print: unsilence.print, missing });
  },
  print: (command) => joined('unsilence', command.target && quoted(command.target), inCluster(command)),
};

/** Behind an end these belong to it, or to the command. */
const READ_FIRST = ['hold', 'in', 'of', 'for', 'on', 'and', 'at', 'am', 'pm'];

/** In quotes if its first word would be read as something else. */
function reasonText(reason: string): string {
  const [first] = tokensOf(reason);
  const isRead = first !== undefined && READ_FIRST.includes(first.text.toLowerCase());
  const isOpen = /^[A-Za-z_]/.test(reason) && unpunctuated(reason) === reason && !isPolite(reason);
  const isPlain = first !== undefined && isOpen && !isRead;
  return isPlain ? reason : quoted(reason);
}

interface Split {
  readonly named: Named;
  readonly end: Ending['end'];
  /** The text after the end. */
  readonly tail: string;
}

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

interface After {
  readonly hold: boolean;
  readonly cluster: string | null;
  /** In the place of a cluster, and like one. */
  readonly unknown: Token | null;
  readonly reason: string | null;
}

const PLAIN_END: After = { hold: false, cluster: null, unknown: null, reason: null };

/** `hold in prod deploy`, `in prod hold deploy`. A text in quotes is always the reason. */
function afterEnd(tail: string, of: { readonly grammar: Grammar; readonly takesCluster: boolean }): After {
  const inQuotes = quotedStart(tail, (more) => more === '');
  if (inQuotes !== null) return { ...PLAIN_END, reason: inQuotes.name };
  const [first, second, ...more] = tokensOf(tail, 3);
  if (isWord(first, 'hold')) return { ...afterEnd(tail.replace(/^hold\S*\s*/i, ''), of), hold: true };
  const named = of.takesCluster && first !== undefined && isPreposition(first) && second !== undefined;
  const { cluster } = named ? splitCluster(tokensOf(tail, 2), of.grammar) : { cluster: null };
  if (cluster === null) {
    const unknown = named && more.length === 0 && nearestCluster(second.text, of.grammar) !== null ? second : null;
    return { ...PLAIN_END, unknown, reason: tail === '' || unknown !== null ? null : tail };
  }
  const name = second?.text ?? '';
  const behind = tail.slice(tail.indexOf(name, 'in '.length) + name.length).replace(/^\S*\s*/, '');
  return { ...afterEnd(behind, { ...of, takesCluster: false }), cluster };
}

/** Neither a duration nor a time. */
function withoutEnd(rest: string, grammar: Grammar): Parsed<never> {
  for (const { index } of rest.matchAll(/ /g)) {
    // Parsed only when needed, because the loop runs once for each space.
    const head = () => nameAndCluster(rest.slice(0, index), grammar);
    const tail = unpunctuated(rest.slice(index + 1));
    const [odd] = /^(\d[\d.,]* ?[a-z]+\b|until( .*|$))/i.exec(tail) ?? [];
    if (odd !== undefined) return wrongEnd(head(), odd, grammar);
    if (ENDLESS.test(tail))
      return refused('unknown-duration', 'A silence ends after at most 400 days.', meantBy(head(), USUAL, grammar));
    const near = endAt(/^\d+$/.test(tail) ? `${tail}h` : `until ${tail}`, 0);
    if (near === null || near.tail !== '' || 'wrong' in near.end) continue;
    return refused(
      'unknown-duration',
      `"${shown(tail)}" is not enough for an end.`,
      meantBy(head(), near.end, grammar),
    );
  }
  const named = nameAndCluster(rest, grammar);
  if (named.name === '') return missingTarget(named.unknown === null ? named.cluster : null, grammar);
  return refused('missing-duration', 'No duration was named.', meantBy(named, USUAL, grammar));
}

const ENDLESS = /^(?:for ?ever|always|permanently|indefinitely)$/i;
const USUAL: SilenceEnd = { for: 4 * HOUR };

function wrongEnd(named: Named, wrong: string, grammar: Grammar): Parsed<never> {
  const text = `"${shown(wrong)}" is neither a duration nor a time.`;
  return refused('unknown-duration', text, meantBy(named, USUAL, grammar));
}

function meantBy(named: Named, until: SilenceEnd, { command }: Grammar): string {
  const cluster = named.unknown === null ? named.cluster : null;
  const target = shown(named.name);
  const right = silence.print({ kind: 'silence', target, cluster, until, hold: false, reason: null });
  return `Did you mean "${command} ${right}"? A time works, too: until tomorrow 18:00.`;
}
