// The parts of every command's grammar: one entry of the table, clusters, names followed by a cluster, refusals.

import { clipped } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import type { Problem } from '../base/problem.ts';
import type { Redact } from '../connections/redaction.ts';
import { quoted, quotedStart, type Token, tokensOf, withoutTrailingPunctuation } from './tokens.ts';

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

export type Parsed<C> = { readonly ok: true; readonly command: C } | { readonly ok: false; readonly problem: Problem };

type Refused = Extract<Parsed<never>, { ok: false }>;

const LONGEST_SHOWN = 60;

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

/** Splits off the first token, with an `in` before it, if it names a cluster. */
export function splitCluster(tokens: readonly Token[], grammar: Grammar): ClusterSplit {
  const from = isWord(tokens[0], 'in') && tokens.length > 1 ? 1 : 0;
  const cluster = tokens[from] === undefined ? null : findCluster(tokens[from].text, grammar);
  return { cluster, left: cluster === null ? tokens.slice(from) : tokens.slice(from + 1) };
}

/** A name, perhaps with a cluster; `unknown` is the text in the place of a cluster. */
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
    if (cluster !== null) return { name: text.slice(0, at), cluster, unknown: null };
  }
  return { name: withoutTrailingPunctuation(text), cluster: null, unknown: null };
}

/** The same for a command about something in a cluster. The error for an unknown cluster suggests the nearest one. */
export function parseNamed<C>(
  text: string,
  grammar: Grammar,
  entry: { readonly of: (name: string, cluster: string | null) => C; readonly print: (command: C) => string },
): Parsed<C> {
  const named = nameAndCluster(text, grammar);
  return named.unknown === null
    ? understood(entry.of(named.name, named.cluster))
    : unknownCluster(named.unknown, { grammar, form: (cluster) => entry.print(entry.of(named.name, cluster)) });
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
  return nearest(unknown.text, grammar.clusters) === null ? null : { name, unknown };
}

/** In quotes if it would be read as something else. */
export function clusterText(name: string): string {
  const [only, ...more] = tokensOf(name);
  const isPlain = more.length === 0 && only?.text === name && !only.isQuoted;
  return isPlain && !['by', 'in'].includes(name.toLowerCase()) ? name : quoted(name);
}

export const inCluster = ({ cluster }: { readonly cluster: string | null }) => cluster && `in ${clusterText(cluster)}`;

export function shown(text: string): string {
  return clipped(text, LONGEST_SHOWN);
}

export const monitored = ({ clusters }: Grammar) => (clusters.length === 0 ? 'no cluster' : clusters.join(', '));

export function unknownCluster(
  token: Token,
  { grammar, form }: { readonly grammar: Grammar; readonly form: (cluster: string) => string },
): Refused {
  const near = nearest(token.text, grammar.clusters);
  const text = `I don't know a cluster "${shown(token.text)}".`;
  const meant = near === null ? '' : `Did you mean "${grammar.command} ${form(near)}"? `;
  return refused('unknown-cluster', text, `${meant}I watch ${monitored(grammar)}.`);
}
