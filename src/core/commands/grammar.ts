// The parts of every command's grammar: one entry of the table, clusters, names followed by a cluster, refusals.

import { clipped } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import type { Problem } from '../base/problem.ts';
import type { Redact } from '../connections/redaction.ts';
import { isBlank, quoted, quotedStart, type Token, tokensOf, withoutTrailingPunctuation } from './tokens.ts';

/** One command of the table: how it is written, parsed and printed, and its line in the help. */
export interface CommandEntry<C> {
  /** What follows the slash command's name. */
  readonly usage: string;
  /** One line for `help` and the README. */
  readonly help: string;
  /** Other first words that mean the same. */
  readonly aliases?: readonly string[];
  /** Answered even when the clusters cannot be listed. */
  readonly needsNoCluster?: true;
  /** @param rest what follows the first word */
  readonly parse: (rest: string, grammar: Grammar) => Parsed<C>;
  /** The text that parses back to the command. A name with both kinds of quotes may be misread. */
  readonly print: (command: C) => string;
  /** The command about a whole cluster, for hints: `prod nodes` is answered with `nodes prod`. */
  readonly ofCluster?: (cluster: string) => C;
}

export interface Grammar {
  /** Names of the clusters that are monitored. */
  readonly clusters: readonly string[];
  /** The slash command's name, for hints. */
  readonly command: string;
  /** Removes secrets from the typed text, because answers repeat it and silences keep it. */
  readonly redact?: Redact;
}

export type Parsed<C> =
  | { readonly ok: true; readonly command: C }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** The text may be the name of a source. Only the caller knows the sources. */
      readonly source?: BareSource;
    };

/** `Billing API`, without the word `source` before it. */
export interface BareSource {
  readonly name: string;
  readonly cluster: string | null;
  /** It is probably a mistyped cluster or command, so only a source with exactly this name is meant. */
  readonly isNear: boolean;
}

type Refused = Extract<Parsed<never>, { ok: false }>;

const LONGEST_SHOWN = 60;
const MOST_NAMED = 20;

export function understood<C>(command: C): Parsed<C> {
  return { ok: true, command };
}

export function refused(code: string, text: string, remedy: string): Refused {
  return { ok: false, problem: { code, text, remedy } };
}

export const joined = (...parts: readonly (string | null)[]) => parts.filter(Boolean).join(' ');

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
export const isWord = (token: Token | undefined, word: string) =>
  token !== undefined && !token.isQuoted && same(token.text, word);

export function findCluster(name: string, { clusters }: Grammar): string | null {
  return clusters.find((known) => known === name) ?? clusters.find((known) => same(known, name)) ?? null;
}

export interface ClusterSplit {
  readonly cluster: string | null;
  readonly left: readonly Token[];
}

/** `in prod`, `of prod`. An `in` always leads to a cluster; the others only before one that is known. */
const PREPOSITIONS = ['in', 'of', 'for', 'on'];

/** Splits off the first token, with a preposition before it, if it names a cluster. */
export function splitCluster(tokens: readonly Token[], grammar: Grammar): ClusterSplit {
  const from = startsWithPreposition(tokens, grammar) ? 1 : 0;
  const cluster = tokens[from] === undefined ? null : findCluster(tokens[from].text, grammar);
  return { cluster, left: cluster === null ? tokens.slice(from) : tokens.slice(from + 1) };
}

export const isPreposition = (token: Token) => PREPOSITIONS.some((word) => isWord(token, word));

function startsWithPreposition([first, second]: readonly Token[], grammar: Grammar): boolean {
  if (second === undefined) return false;
  const isOther = first !== undefined && isPreposition(first) && findCluster(second.text, grammar) !== null;
  return isWord(first, 'in') || isOther;
}

/** A name, perhaps with a cluster. The name is empty when only a cluster or empty quotes were typed. `unknown` is the text in the place of a cluster. */
export type Named =
  | { readonly name: string; readonly cluster: string | null; readonly unknown: null }
  | { readonly name: string; readonly unknown: Token };

/** `"Web EU" in prod`, `Web EU in prod`, `Web EU prod`, `Web EU`. */
export function nameAndCluster(text: string, grammar: Grammar): Named {
  const longest = longestCluster(grammar);
  const clusterIn = (tail: string) => {
    if (tail.length > longest) return null;
    const { cluster, left } = splitCluster(tokensOf(tail), grammar);
    return left.length === 0 ? cluster : null;
  };
  const [word] = tokensOf(text, 1);
  const alone = word !== undefined && isPreposition(word) ? clusterIn(text) : null;
  if (alone !== null) return { name: '', cluster: alone, unknown: null };
  const exact = quotedStart(text, (tail) => tail === '' || clusterIn(tail) !== null);
  if (exact !== null) return { name: exact.name, cluster: clusterIn(exact.tail), unknown: null };
  const other = quotedStart(text, (tail) => /^in \S/i.test(tail));
  const [, second] = tokensOf(other?.tail ?? '', 2);
  if (other !== null && second !== undefined) return { name: other.name, unknown: second };
  const unknown = other === null ? tailInUnknown(text, grammar) : null;
  if (unknown !== null) return unknown;
  // A longer tail cannot be a cluster, so the search starts near the end of the text.
  const first = Math.max(0, text.length - longest - 1);
  for (let at = text.indexOf(' ', first); at >= 0; at = text.indexOf(' ', at + 1)) {
    const cluster = clusterIn(text.slice(at + 1));
    if (cluster !== null) return { name: nameOf(text.slice(0, at)), cluster, unknown: null };
  }
  return { name: nameOf(withoutTrailingPunctuation(text)), cluster: null, unknown: null };
}

const nameOf = (text: string) => (isBlank(text) ? '' : text);

/** The same for a command about something in a cluster. The error for an unknown cluster suggests the nearest one. */
export function parseNamed<C>(
  text: string,
  grammar: Grammar,
  entry: {
    readonly of: (name: string, cluster: string | null) => C;
    readonly print: (command: C) => string;
    /** The answer when there is no name, perhaps with a cluster. */
    readonly missing: (cluster: string | null) => Parsed<never>;
  },
): Parsed<C> {
  const named = nameAndCluster(text, grammar);
  if (named.name === '') return entry.missing(named.unknown === null ? named.cluster : null);
  return named.unknown === null
    ? understood(entry.of(named.name, named.cluster))
    : unknownCluster(named.unknown, { grammar, form: (cluster) => entry.print(entry.of(named.name, cluster)) });
}

/**
 * For a command about a source (or an app) or a whole cluster. `prod` is the cluster, `"prod"` a source with the name of a cluster.
 * @param entry.of the command; without a source it is about the cluster
 */
export function parseSourceOrCluster<C>(
  text: string,
  grammar: Grammar,
  entry: Pick<CommandEntry<C>, 'usage' | 'print'> & {
    readonly of: (source: string | null, cluster: string | null) => C;
    /** What is named; a source by default. */
    readonly noun?: string;
  },
): Parsed<C> {
  const { usage, print, of, noun = 'source' } = entry;
  const tokens = tokensOf(text);
  const { cluster, left } = splitCluster(tokens, grammar);
  // A quoted name is a source, even if a cluster has the same name. `in "my cluster"` is a cluster.
  if (left.length === 0 && tokens[0]?.isQuoted !== true) return understood(of(null, cluster));
  const form = (name: string) => print(of(null, name));
  const two = twoClusters(nameAndCluster(text, grammar), { text, grammar, form });
  if (two !== null) return two;
  const missing = () =>
    refused(`missing-${noun}`, `The name of the ${noun} is empty.`, `Write "${grammar.command} ${usage}".`);
  return parseNamed(text, grammar, { of, print, missing });
}

/** Longest text that can name a cluster, known or not, with its `in`, quotes and punctuation. */
export function longestCluster({ clusters }: Grammar): number {
  return clusters.reduce((longest, { length }) => Math.max(longest, length), 0) + 100;
}

/** `web in prdo`: only if the last word is near a cluster, because a name may contain "in". */
function tailInUnknown(text: string, grammar: Grammar): Named | null {
  const [, name, last] = /^(.+) in (\S+)$/i.exec(text) ?? [];
  const [unknown] = tokensOf(last ?? '');
  if (name === undefined || unknown === undefined || findCluster(unknown.text, grammar) !== null) return null;
  return nearestCluster(unknown.text, grammar) === null ? null : { name, unknown };
}

/** In quotes if it would be read as something else. */
export function clusterText(name: string): string {
  const [only, ...more] = tokensOf(name);
  const isPlain = more.length === 0 && only?.text === name && !only.isQuoted;
  return isPlain && !['by', ...PREPOSITIONS].includes(name.toLowerCase()) ? name : quoted(name);
}

export const inCluster = ({ cluster }: { readonly cluster: string | null }) => cluster && `in ${clusterText(cluster)}`;

export function shown(text: string): string {
  return clipped(text, LONGEST_SHOWN);
}

export function monitored({ clusters }: Grammar): string {
  const more = clusters.length - MOST_NAMED;
  const named = clusters.slice(0, MOST_NAMED).join(', ');
  return clusters.length === 0 ? 'no cluster' : more > 0 ? `${named} and ${more} more` : named;
}

/** A shorter word abbreviates too many names. */
const SHORTEST_ABBREVIATION = 3;

/** The cluster that is spelled most like a word, or is a longer or shorter form of it: `production` for `prod`. */
export function nearestCluster(word: string, { clusters }: Grammar): string | null {
  const near = nearest(word, clusters);
  if (near !== null) return near;
  const lower = word.toLowerCase();
  const forms = clusters.filter((name) => {
    const [short, long] = [lower, name.toLowerCase()].toSorted((a, b) => a.length - b.length);
    return short !== undefined && short.length >= SHORTEST_ABBREVIATION && long?.startsWith(short);
  });
  return forms.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

export function unknownCluster(
  token: Token,
  { grammar, form }: { readonly grammar: Grammar; readonly form: (cluster: string) => string },
): Refused {
  const near = nearestCluster(token.text, grammar);
  const text = `I don't know a cluster "${shown(token.text)}".`;
  const [example] = grammar.clusters;
  const meant =
    near === null
      ? example && `Write, for example, "${grammar.command} ${form(example)}". `
      : `Did you mean "${grammar.command} ${form(near)}"? `;
  return refused('unknown-cluster', text, `${meant ?? ''}I watch ${monitored(grammar)}.`);
}

/** For `prod staging` in the place of a name and a cluster. Null when the name is no cluster. */
export function twoClusters(
  named: Named,
  {
    text,
    grammar,
    form,
  }: { readonly text: string; readonly grammar: Grammar; readonly form: (cluster: string) => string },
): Refused | null {
  const [first] = tokensOf(text, 1);
  if (named.unknown !== null || named.cluster === null || first === undefined || first.isQuoted) return null;
  const other = findCluster(named.name, grammar);
  if (other === null || other === named.cluster) return null;
  return moreThanCluster([{ text: named.cluster, isQuoted: false }], { cluster: other, grammar, form });
}

const CONNECTIVES = ['and', 'or', 'vs', '&', '+'];

/**
 * For words behind a command that is complete with its cluster: another cluster, or something unknown.
 * @param asked.form the command with another cluster
 */
export function moreThanCluster(
  tokens: readonly Token[],
  {
    cluster,
    grammar,
    form,
  }: { readonly cluster: string; readonly grammar: Grammar; readonly form: (cluster: string) => string },
): Refused {
  const from = CONNECTIVES.some((word) => isWord(tokens[0], word)) && tokens.length > 1 ? 1 : 0;
  const { cluster: other, left } = splitCluster(tokens.slice(from), grammar);
  const write = (name: string) => `"${grammar.command} ${form(name)}"`;
  if (other !== null && other !== cluster)
    return refused('two-clusters', 'One cluster at a time.', `Write ${write(cluster)} or ${write(other)}.`);
  const odd = left[0]?.text ?? tokens[0]?.text ?? '';
  const text = `I don't know "${shown(odd)}" after the cluster "${cluster}".`;
  return refused('unknown-word', text, `Did you mean ${write(cluster)}?`);
}

/** The whole text as a cluster, known or not: `prod`, `in prod`, `in prdo`. */
export function clusterIn(
  text: string,
  grammar: Grammar,
): { readonly cluster?: string; readonly unknown?: Token } | null {
  if (text.length > longestCluster(grammar)) return null;
  const tokens = tokensOf(text);
  const { cluster, left } = splitCluster(tokens, grammar);
  const [unknown, ...more] = left;
  if (cluster !== null) return left.length === 0 ? { cluster } : null;
  return isWord(tokens[0], 'in') && unknown !== undefined && more.length === 0 ? { unknown } : null;
}
