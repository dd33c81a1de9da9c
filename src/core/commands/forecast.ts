// `forecast`, `forecast prod`, `forecast Billing API in prod x2`, `forecast "worker x2" 40 clients in prod`.

import { count, counted } from '../base/format.ts';
import { LARGEST_FACTOR, MOST_CLIENTS, type Scale } from '../forecast/live.ts';
import {
  type CommandEntry,
  clusterIn,
  clusterText,
  findCluster,
  type Grammar,
  inCluster,
  joined,
  longestCluster,
  moreThanCluster,
  type Named,
  nameAndCluster,
  nearestCluster,
  type Parsed,
  refused,
  shown,
  splitCluster,
  understood,
  unknownCluster,
} from './grammar.ts';
import { quoted, quotedStart, type Token, tokensOf, unpunctuated } from './tokens.ts';

/** Of a source and a growth, or of a whole cluster and neither. */
export type ForecastCommand =
  | { readonly kind: 'forecast'; readonly source: null; readonly cluster: string | null; readonly scale: null }
  | { readonly kind: 'forecast'; readonly source: string; readonly cluster: string | null; readonly scale: Scale };

/** Words that have a meaning here. */
export const GROWTH_WORDS: readonly string[] = ['by', 'to', 'x', 'client', 'clients'];

export const forecast: CommandEntry<ForecastCommand> = {
  usage: 'forecast [cluster], or forecast <source> [in <cluster>] <x2 or 40 clients>',
  help: 'when nodes reach their limit, how many more clients fit; a source with twice the load',
  parse(rest, grammar) {
    const tokens = tokensOf(rest);
    const { cluster, left } = splitCluster(tokens, grammar);
    // A quoted name is a source, even if a cluster has the same name.
    if (left.length === 0 && tokens[0]?.isQuoted !== true) return understood(ofCluster(cluster));
    const split = splitAtGrowth(rest, grammar);
    if (split === null) return withoutGrowth(rest, grammar);
    const { named, growth } = split;
    const only = named.unknown === null && tokens[0]?.isQuoted !== true ? findCluster(named.name, grammar) : null;
    return only === null ? scaled(split, grammar) : missingSource(only, growth, grammar);
  },
  print: (command) =>
    command.source === null
      ? joined('forecast', command.cluster && clusterWord(command.cluster))
      : joined('forecast', quoted(command.source), inCluster(command), growthText(command.scale)),
  ofCluster,
};

/** A name in quotes alone would be a source. */
function clusterWord(name: string): string | null {
  return clusterText(name) === name ? name : inCluster({ cluster: name });
}

function ofCluster(cluster: string | null): ForecastCommand {
  return { kind: 'forecast', source: null, cluster, scale: null };
}

/** `x2`, `40 clients` */
function growthText(scale: Scale): string {
  return 'factor' in scale ? `x${scale.factor}` : `${scale.clients} clients`;
}

interface Split {
  readonly named: Named;
  readonly growth: Scale | { readonly wrong: string };
  /** Behind the growth: the cluster, or what stands in its place. */
  readonly behind: { readonly cluster: string | null; readonly unknown: Token | null };
}

function scaled({ named, growth, behind }: Split, grammar: Grammar): Parsed<ForecastCommand> {
  const within = named.unknown === null ? named.cluster : null;
  if (named.name === '') return missingSource(within ?? behind.cluster, growth, grammar);
  if ('wrong' in growth) return wrongGrowth(named, growth.wrong, grammar);
  const of = (cluster: string | null) =>
    ({ kind: 'forecast', source: named.name, cluster, scale: growth }) satisfies ForecastCommand;
  const form = (cluster: string) => forecast.print(of(cluster));
  const unknown = named.unknown ?? behind.unknown;
  if (unknown !== null) return unknownCluster(unknown, { grammar, form });
  if (within !== null && behind.cluster !== null && behind.cluster !== within)
    return moreThanCluster([{ text: behind.cluster, isQuoted: false }], { cluster: within, grammar, form });
  return understood(of(within ?? behind.cluster));
}

/**
 * Splits at the first growth that only a cluster follows. A name may contain one before it, and in quotes it may end
 * with one.
 */
function splitAtGrowth(text: string, grammar: Grammar): Split | null {
  const whole = unpunctuated(text).trimEnd();
  const exact = quotedStart(whole, (_, from) => growthBehind(whole, from, grammar) !== null);
  const found = exact === null ? null : growthBehind(whole, exact.from, grammar);
  if (exact !== null && found !== null) {
    const { head, growth, behind } = found;
    const { cluster = null, unknown = null } = clusterIn(head, grammar) ?? {};
    const { name } = exact;
    return { named: unknown === null ? { name, cluster, unknown } : { name, unknown }, growth, behind };
  }
  // A name in quotes whose growth is missing keeps its own end.
  if (quotedStart(whole, (tail) => tail === '' || clusterIn(tail, grammar) !== null) !== null) return null;
  for (const start of [0, ...[...whole.matchAll(/ /g)].map(({ index }) => index + 1)]) {
    const at = growthAt(whole, start);
    const behind = at === null ? null : behindGrowth(at.tail, grammar);
    if (at === null || behind === null) continue;
    return { named: nameAndCluster(whole.slice(0, start).trim(), grammar), growth: at.growth, behind };
  }
  return null;
}

interface Found extends Omit<Split, 'named'> {
  /** The text before the growth. */
  readonly head: string;
}

/** `x2`, `in prod x2`, `x2 in prod`, from a position on. */
function growthBehind(text: string, from: number, grammar: Grammar): Found | null {
  // What leads to the growth is at most a cluster.
  const last = Math.min(text.length, from + longestCluster(grammar));
  for (let start = from; start < last; start = text.indexOf(' ', start) + 1) {
    const at = growthAt(text, start);
    const head = text.slice(from, start).trim();
    const behind = at === null ? null : behindGrowth(at.tail, grammar);
    if (at !== null && behind !== null && (head === '' || clusterIn(head, grammar) !== null))
      return { head, growth: at.growth, behind };
    if (!text.includes(' ', start)) break;
  }
  return null;
}

function behindGrowth(tail: string, grammar: Grammar): Split['behind'] | null {
  if (tail === '') return { cluster: null, unknown: null };
  const { cluster = null, unknown = null } = clusterIn(tail, grammar) ?? {};
  return cluster === null && unknown === null ? null : { cluster, unknown };
}

const NUMBER = '\\d{1,9}(?:[.,]\\d{1,9})?';
const END = '(?=$|[\\s.,;])[.,;]?\\s*';
/** `x2`, `2x`, `×1.5`, `by 2x`, `40 clients`, `to 40 clients`. */
const growthForm = new RegExp(
  `(?:(?:by|to) )?(?:[x×*] ?(?<before>${NUMBER})|(?<after>${NUMBER}) ?[x×]|(?<clients>${NUMBER}) ?clients?)${END}`,
  'iy',
);
/** `2`, `+50%`, `x-2`, `-5 clients`: meant as a growth, and none. */
const nearForm = new RegExp(`(?:(?:by|to) )?[x×*+-]{0,2}${NUMBER} ?(?:%|[x×]|clients?|instances?|pods?)?${END}`, 'iy');

function growthAt(text: string, start: number): { readonly growth: Split['growth']; readonly tail: string } | null {
  growthForm.lastIndex = start;
  const match = growthForm.exec(text);
  if (match === null) return null;
  const { before, after, clients } = match.groups ?? {};
  const tail = text.slice(growthForm.lastIndex);
  const many = Number((clients ?? before ?? after ?? '').replace(',', '.'));
  const isRight = clients === undefined ? isFactor(many) : isClients(many);
  if (!isRight) return { growth: { wrong: unpunctuated(match[0].trim()) }, tail };
  return { growth: clients === undefined ? { factor: many } : { clients: many }, tail };
}

/** Up to a thousand, with at most two decimals: that is how it is written on a button. */
export function isFactor(value: number): boolean {
  return value > 0 && value <= LARGEST_FACTOR && Number(value.toFixed(2)) === value;
}

export function isClients(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MOST_CLIENTS;
}

function missingSource(cluster: string | null, growth: Split['growth'], { command }: Grammar): Parsed<never> {
  const how = 'wrong' in growth ? 'x2' : growthText(growth);
  const form = joined('forecast <source>', inCluster({ cluster }), how);
  return refused('missing-source', 'No source was named.', `Write "${command} ${form}".`);
}

const FORMS = 'A growth is x2, 1.5x or 40 clients.';
const TWICE: Scale = { factor: 2 };

function wrongGrowth(named: Named, wrong: string, { command }: Grammar): Parsed<never> {
  const meant = forecast.print(meantBy(named, scaleMeant(wrong)));
  const many = Number(/[\d.,]+/.exec(wrong)?.[0].replace(',', '.'));
  const isClientCount = /client/i.test(wrong);
  const most = isClientCount ? MOST_CLIENTS : LARGEST_FACTOR;
  const bound = many <= most ? '' : ` At most ${isClientCount ? counted(most, 'client') : `x${count(most)}`}.`;
  return refused(
    'unknown-growth',
    `"${shown(wrong)}" is not a growth.`,
    `Did you mean "${command} ${meant}"? ${FORMS}${bound}`,
  );
}

/** Above it, a number alone is one of clients. */
const LARGEST_BARE_FACTOR = 10;

/** `40` and `40 pods` are 40 clients, `+50%` is x1.5, and `3` is x3. */
function scaleMeant(wrong: string): Scale {
  const {
    sign,
    number = '',
    unit = '',
  } = /^(?<sign>[+-])?(?<number>[\d.,]+) ?(?<unit>%|[a-z]+)?$/i.exec(wrong)?.groups ?? {};
  const many = Number(number.replace(',', '.'));
  if (unit === '%') {
    const percent = sign === undefined ? many : 100 + (sign === '+' ? many : -many);
    const factor = Number((percent / 100).toFixed(2));
    return isFactor(factor) ? { factor } : TWICE;
  }
  if (sign !== undefined || number === '') return TWICE;
  if (isClients(many) && (/^(?:instance|pod)s?$/i.test(unit) || (unit === '' && many > LARGEST_BARE_FACTOR)))
    return { clients: many };
  return unit === '' && isFactor(many) && many > 1 ? { factor: many } : TWICE;
}

function meantBy(named: Named, scale: Scale = TWICE): ForecastCommand {
  const cluster = named.unknown === null ? named.cluster : null;
  return { kind: 'forecast', source: shown(named.name), cluster, scale };
}

/** A name alone, or with what is no growth. */
function withoutGrowth(rest: string, grammar: Grammar): Parsed<never> {
  const whole = unpunctuated(rest).trimEnd();
  const [only, ...more] = tokensOf(whole);
  const isOne = only !== undefined && more.length === 0 && !only.isQuoted;
  if (isOne && nearestCluster(only.text, grammar) !== null)
    return unknownCluster(only, { grammar, form: (cluster) => forecast.print(ofCluster(cluster)) });
  const { cluster, left } = splitCluster(tokensOf(whole), grammar);
  if (cluster !== null && only?.isQuoted !== true) return afterCluster(left, { cluster, grammar });
  for (const { index } of whole.matchAll(/ /g)) {
    nearForm.lastIndex = index + 1;
    const match = nearForm.exec(whole);
    if (match === null || behindGrowth(whole.slice(nearForm.lastIndex), grammar) === null) continue;
    return wrongGrowth(nameAndCluster(whole.slice(0, index), grammar), match[0].trim(), grammar);
  }
  const named = nameAndCluster(whole, grammar);
  if (named.name === '') return missingSource(named.unknown === null ? named.cluster : null, TWICE, grammar);
  return missingGrowth(named, grammar);
}

function missingGrowth(named: Named, { command }: Grammar): Parsed<never> {
  const meant = forecast.print(meantBy(named));
  return refused('missing-growth', 'No growth was named.', `Did you mean "${command} ${meant}"? ${FORMS}`);
}

/** `prod staging`, `prod Billing API`. */
function afterCluster(
  left: readonly Token[],
  { cluster, grammar }: { readonly cluster: string; readonly grammar: Grammar },
): Parsed<never> {
  const form = (name: string) => forecast.print(ofCluster(name));
  const two = moreThanCluster(left, { cluster, grammar, form });
  if (two.problem.code === 'two-clusters') return two;
  return missingGrowth({ name: left.map(({ text }) => text).join(' '), cluster, unknown: null }, grammar);
}
