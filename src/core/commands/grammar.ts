// What every command's grammar is made of: words, clusters, names with a cluster behind them, and refusals.

import { clipped } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import type { Problem } from '../base/problem.ts';
import type { Redact } from '../connections/redaction.ts';
import { COMMANDS, type Command, type CommandForm } from './command.ts';
import { plainText, quoted, quotedStart, type Token, tokensOf, withoutTrailingPunctuation } from './tokens.ts';

export interface Grammar {
  /** Names of the clusters that are watched. */
  readonly clusters: readonly string[];
  /** The slash command's name, for the hints. */
  readonly command: string;
  /** Takes secrets out of what was typed, for it is said back and kept; left out where there are none to hide. */
  readonly redact?: Redact;
}

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: Problem };

export type Word = NonNullable<CommandForm['word']>;
export const WORDS: readonly Word[] = COMMANDS.flatMap(({ word }) => word ?? []);
/** Words that people bring along: the old name of the access list, and the terminal's name of the report. */
const ALIASES: Readonly<Record<string, Word | 'report'>> = {
  whitelist: 'hygiene',
  'access-list': 'hygiene',
  accesslist: 'hygiene',
  report: 'report',
};
const LONGEST_SHOWN = 60;

export const understood = (command: Command): ParsedCommand => ({ ok: true, command });

export function refused(code: string, text: string, remedy: string): ParsedCommand {
  return { ok: false, problem: { code, text, remedy } };
}

export function wordOf({ text, isQuoted }: Token): Word | 'report' | null {
  const lower = text.toLowerCase();
  if (isQuoted) return null;
  return WORDS.find((word) => word === lower) ?? (Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? null) : null);
}

/** Of a text as Slack delivers it: the word of the command that it is, null for a report without one. */
export function firstWord(text: string): Word | 'report' | null {
  const [first] = tokensOf(plainText(text));
  return first === undefined ? null : wordOf(first);
}

export function usageOf(word: Word | null): string {
  return COMMANDS.find((form) => form.word === word)?.usage ?? '';
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
export const isWord = (token: Token | undefined, word: string) =>
  token !== undefined && !token.isQuoted && same(token.text, word);

export function findCluster(name: string, { clusters }: Grammar): string | null {
  return clusters.find((known) => known === name) ?? clusters.find((known) => same(known, name)) ?? null;
}

export interface Taken {
  readonly cluster: string | null;
  readonly left: readonly Token[];
}

/** The first token that names a cluster, with an `in` before it; and what is left. */
export function takeCluster(tokens: readonly Token[], grammar: Grammar): Taken {
  const from = isWord(tokens[0], 'in') && tokens.length > 1 ? 1 : 0;
  const cluster = tokens[from] === undefined ? null : findCluster(tokens[from].text, grammar);
  return { cluster, left: cluster === null ? tokens.slice(from) : tokens.slice(from + 1) };
}

/** A name with perhaps a cluster behind it; or what was written where a cluster should be. */
export type Named =
  | { readonly name: string; readonly cluster: string | null; readonly unknown: null }
  | { readonly name: string; readonly unknown: Token };

/** `"Web EU" in prod`, `Web EU in prod`, `Web EU prod`, `Web EU`. */
export function nameAndCluster(text: string, grammar: Grammar): Named {
  const longest = longestCluster(grammar);
  const clusterIn = (tail: string) => {
    if (tail.length > longest) return null;
    const { cluster, left } = takeCluster(tokensOf(tail), grammar);
    return left.length === 0 ? cluster : null;
  };
  const exact = quotedStart(text, (tail) => tail === '' || clusterIn(tail) !== null);
  if (exact !== null) return { name: exact.name, cluster: clusterIn(exact.tail), unknown: null };
  const other = quotedStart(text, (tail) => /^in \S/i.test(tail));
  const [, second] = tokensOf(other?.tail ?? '', 2);
  if (other !== null && second !== undefined) return { name: other.name, unknown: second };
  const unknown = other === null ? tailInUnknown(text, grammar) : null;
  if (unknown !== null) return unknown;
  // A longer tail is no cluster, so that the name before it is not looked at word by word.
  const first = Math.max(0, text.length - longest - 1);
  for (let at = text.indexOf(' ', first); at >= 0; at = text.indexOf(' ', at + 1)) {
    const cluster = clusterIn(text.slice(at + 1));
    if (cluster !== null) return { name: text.slice(0, at), cluster, unknown: null };
  }
  return { name: withoutTrailingPunctuation(text), cluster: null, unknown: null };
}

/** Of a text that says a cluster, known or not, with its `in`, quotes and punctuation. */
export function longestCluster({ clusters }: Grammar): number {
  return clusters.reduce((longest, { length }) => Math.max(longest, length), 0) + 100;
}

/** `web in prdo`: only where the last word is near a cluster, for a name may hold an "in" too. */
function tailInUnknown(text: string, grammar: Grammar): Named | null {
  const [, name, last] = /^(.+) in (\S+)$/i.exec(text) ?? [];
  const [unknown] = tokensOf(last ?? '');
  if (name === undefined || unknown === undefined || findCluster(unknown.text, grammar) !== null) return null;
  return nearest(unknown.text, grammar.clusters) === null ? null : { name, unknown };
}

/** In quotes where it would be read as something else. */
export function clusterText(name: string): string {
  const [only, ...more] = tokensOf(name);
  const isPlain = more.length === 0 && only?.text === name && !only.isQuoted;
  return isPlain && wordOf(only) === null && !['by', 'in'].includes(name.toLowerCase()) ? name : quoted(name);
}

export function shown(text: string): string {
  return clipped(text, LONGEST_SHOWN);
}

export const watched = ({ clusters }: Grammar) => (clusters.length === 0 ? 'no cluster' : clusters.join(', '));

export function unknownCluster(
  token: Token,
  { grammar, form }: { readonly grammar: Grammar; readonly form: (cluster: string) => string },
): ParsedCommand {
  const near = nearest(token.text, grammar.clusters);
  const text = `I don't know a cluster "${shown(token.text)}".`;
  const meant = near === null ? '' : `Did you mean "${grammar.command} ${form(near)}"? `;
  return refused('unknown-cluster', text, `${meant}I watch ${watched(grammar)}.`);
}
