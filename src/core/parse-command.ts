// Text → Command, by the table in command.ts. What is not understood is answered with the nearest right form.

import { parseCidr } from './cidr.ts';
import { COMMANDS, type Command, type CommandForm } from './command.ts';
import { plainText, quoted, quotedStart, type Token, tokensOf, withoutTrailingPunctuation } from './command-text.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import { DIMENSIONS, type Dimension } from './turn.ts';

export interface Grammar {
  /** Names of the clusters that are watched. */
  readonly clusters: readonly string[];
  /** The slash command's name, for the hints. */
  readonly command: string;
}

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: Problem };

type Word = NonNullable<CommandForm['word']>;
const WORDS = COMMANDS.flatMap(({ word }) => word ?? []);
/** Words that people bring along: the old name of the access list, and the terminal's name of the report. */
const ALIASES: Readonly<Record<string, Word | 'report'>> = {
  whitelist: 'hygiene',
  'access-list': 'hygiene',
  accesslist: 'hygiene',
  report: 'report',
};
const LONGEST_SHOWN = 60;

/** @param text what stands behind the slash command or the mention, as Slack delivers it (escaped) */
export function parseCommand(text: string, grammar: Grammar): ParsedCommand {
  const plain = plainText(text);
  const tokens = tokensOf(plain);
  const [first] = tokens;
  const word = first === undefined ? null : wordOf(first);
  if (word === 'source') return parseSource(plain.slice(plain.indexOf(' ')).trim(), { plain, grammar });
  if (word === 'status' || word === 'help') return understood({ kind: word });
  const rest = word === null ? tokens : tokens.slice(1);
  if (word === null || word === 'report') return parseReport(rest, grammar);
  const { cluster, left } = takeCluster(rest, grammar);
  const [unknown] = left;
  return unknown === undefined
    ? understood({ kind: word, cluster })
    : unknownCluster(unknown, { grammar, form: (name) => printCommand({ kind: word, cluster: name }) });
}

/** The text that parses back to the command; for hints. A name that holds both kinds of quotes may be misread. */
export function printCommand(command: Command): string {
  switch (command.kind) {
    case 'status':
    case 'help':
      return command.kind;
    case 'nodes':
    case 'hygiene':
      return words(command.kind, command.cluster && clusterText(command.cluster));
    case 'source':
      return words('source', quoted(command.source), command.cluster && `in ${clusterText(command.cluster)}`);
    case 'report': {
      const by = command.by === 'source' ? null : `by ${command.by}`;
      return words(command.cluster && clusterText(command.cluster), by);
    }
  }
}

const words = (...parts: readonly (string | null)[]) => parts.filter(Boolean).join(' ');

/** In quotes where it would be read as something else. */
function clusterText(name: string): string {
  const [only, ...more] = tokensOf(name);
  const isPlain = more.length === 0 && only?.text === name && !only.isQuoted;
  return isPlain && wordOf(only) === null && !['by', 'in'].includes(name.toLowerCase()) ? name : quoted(name);
}

const understood = (command: Command): ParsedCommand => ({ ok: true, command });

function wordOf({ text, isQuoted }: Token): Word | 'report' | null {
  const lower = text.toLowerCase();
  if (isQuoted) return null;
  return WORDS.find((word) => word === lower) ?? (Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? null) : null);
}

function findCluster(name: string, { clusters }: Grammar): string | null {
  return clusters.find((known) => known === name) ?? clusters.find((known) => same(known, name)) ?? null;
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
const isWord = (token: Token | undefined, word: string) =>
  token !== undefined && !token.isQuoted && same(token.text, word);

interface Taken {
  readonly cluster: string | null;
  readonly left: readonly Token[];
}

/** The first token that names a cluster, with an `in` before it; and what is left. */
function takeCluster(tokens: readonly Token[], grammar: Grammar): Taken {
  const from = isWord(tokens[0], 'in') && tokens.length > 1 ? 1 : 0;
  const cluster = tokens[from] === undefined ? null : findCluster(tokens[from].text, grammar);
  return { cluster, left: cluster === null ? tokens.slice(from) : tokens.slice(from + 1) };
}

function parseReport(tokens: readonly Token[], grammar: Grammar): ParsedCommand {
  let left = tokens;
  let cluster: string | null = null;
  let by: Dimension | null = null;
  while (left.length > 0) {
    const [first, second] = left;
    if (by === null && isWord(first, 'by') && findCluster('by', grammar) === null) {
      const dimension = dimensionOf(second);
      if (dimension === null) return unknownDimension(second, { cluster, grammar });
      [by, left] = [dimension, left.slice(2)];
      continue;
    }
    const taken: Taken = cluster === null ? takeCluster(left, grammar) : { cluster: null, left };
    if (taken.cluster === null) return unknownWord(taken.left, { cluster, grammar });
    ({ cluster, left } = taken);
  }
  return understood({ kind: 'report', cluster, by: by ?? 'source' });
}

function dimensionOf(token: Token | undefined): Dimension | null {
  return DIMENSIONS.find((known) => isWord(token, known) || isWord(token, `${known}s`)) ?? null;
}

function parseSource(rest: string, of: { readonly plain: string; readonly grammar: Grammar }): ParsedCommand {
  const { plain, grammar } = of;
  if (!plain.includes(' ')) return missingSource(grammar);
  const clusterIn = (tail: string) => {
    const { cluster, left } = takeCluster(tokensOf(tail), grammar);
    return left.length === 0 ? cluster : null;
  };
  const exact = quotedStart(rest, (tail) => tail === '' || clusterIn(tail) !== null);
  if (exact !== null) return understood({ kind: 'source', source: exact.name, cluster: clusterIn(exact.tail) });
  const other = quotedStart(rest, (tail) => /^in \S/i.test(tail));
  const unknown =
    other === null ? tailInUnknown(rest, grammar) : { source: other.name, token: tokensOf(other.tail)[1] };
  if (unknown?.token !== undefined) {
    const { source, token } = unknown;
    return unknownCluster(token, { grammar, form: (cluster) => printCommand({ kind: 'source', source, cluster }) });
  }
  for (const [, source = '', tail = ''] of tails(rest)) {
    const cluster = clusterIn(tail);
    if (cluster !== null) return understood({ kind: 'source', source, cluster });
  }
  return understood({ kind: 'source', source: withoutTrailingPunctuation(rest), cluster: null });
}

/** The text split in two at each of its spaces, the longer beginnings last. */
function tails(text: string): readonly (readonly string[])[] {
  const at = [...text.matchAll(/ /g)].map(({ index }) => index);
  return at.map((space) => ['', text.slice(0, space), text.slice(space + 1)]);
}

/** `web in prdo`: only where the last word is near a cluster, for a name may hold an "in" too. */
function tailInUnknown(rest: string, grammar: Grammar) {
  const [, source, last] = /^(.+) in (\S+)$/i.exec(rest) ?? [];
  const [token] = tokensOf(last ?? '');
  if (source === undefined || token === undefined || findCluster(token.text, grammar) !== null) return null;
  return nearest(token.text, grammar.clusters) === null ? null : { source, token };
}

function refused(code: string, text: string, remedy: string): ParsedCommand {
  return { ok: false, problem: { code, text, remedy } };
}

function shown({ text }: Token): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN - 1)}…`.toWellFormed();
}

const watched = ({ clusters }: Grammar) => (clusters.length === 0 ? 'no cluster' : clusters.join(', '));

function unknownCluster(
  token: Token,
  { grammar, form }: { readonly grammar: Grammar; readonly form: (cluster: string) => string },
): ParsedCommand {
  const near = nearest(token.text, grammar.clusters);
  const text = `I don't know a cluster "${shown(token)}".`;
  const meant = near === null ? '' : `Did you mean "${grammar.command} ${form(near)}"? `;
  return refused('unknown-cluster', text, `${meant}I watch ${watched(grammar)}.`);
}

function missingSource({ command }: Grammar): ParsedCommand {
  const form = COMMANDS.find(({ word }) => word === 'source')?.usage;
  return refused('missing-source', 'Which source? None was named.', `Write "${command} ${form}".`);
}

function unknownDimension(
  token: Token | undefined,
  { cluster, grammar }: { readonly cluster: string | null; readonly grammar: Grammar },
): ParsedCommand {
  const turned = DIMENSIONS.filter((dimension) => dimension !== 'source');
  const known = `A report can be turned by ${turned.join(', ')}.`;
  if (token === undefined) return refused('missing-dimension', 'By what? Nothing stands behind "by".', known);
  const by = nearest(token.text, DIMENSIONS);
  const near = DIMENSIONS.find((dimension) => dimension === by);
  const form = near && printCommand({ kind: 'report', cluster, by: near });
  const meant = form ? `Did you mean "${grammar.command} ${form}"? ` : '';
  return refused('unknown-dimension', `I can't turn a report by "${shown(token)}".`, `${meant}${known}`);
}

/** A word that is neither a command nor a cluster, or that stands where none is expected. */
function unknownWord(
  tokens: readonly Token[],
  { cluster, grammar }: { readonly cluster: string | null; readonly grammar: Grammar },
): ParsedCommand {
  const [token = { text: '', isQuoted: false }] = tokens;
  const { command } = grammar;
  const all = `"${command} help" lists everything.`;
  const hint = (usage: string, more = all) => `Did you mean "${command} ${usage}"? ${more}`;
  const text = `I don't know "${shown(token)}"${cluster === null ? '' : ` behind the cluster "${cluster}"`}.`;
  const word = wordOf(token);
  if (cluster !== null && (word === 'nodes' || word === 'hygiene')) {
    return refused('unknown-word', text, hint(printCommand({ kind: word, cluster })));
  }
  if (parseCidr(token.text) !== null) {
    return refused('unknown-word', text, hint(printCommand({ kind: 'source', source: token.text, cluster })));
  }
  const near = nearest(token.text, [...(cluster === null ? grammar.clusters : []), ...WORDS, 'by']);
  const isCluster = cluster === null && near !== null && grammar.clusters.includes(near);
  if (isCluster)
    return unknownCluster(token, {
      grammar,
      form: (name) => printCommand({ kind: 'report', cluster: name, by: 'source' }),
    });
  const form =
    near === 'by' ? COMMANDS[0]?.usage : COMMANDS.find((known) => known.word !== null && known.word === near)?.usage;
  return refused('unknown-word', text, form ? hint(form) : `I watch ${watched(grammar)}. ${all}`);
}
