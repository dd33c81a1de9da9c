// The table of commands. Grammar, help, usage hints, "did you mean" and the README's table come from it.
// slack/command-router.ts runs each command under the same name.

import { parseDuration } from '../base/duration.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { DIMENSIONS, type Dimension } from '../connections/group-by.ts';
import type { Redact } from '../connections/redaction.ts';
import { parseCidr } from '../net/cidr.ts';
import { type ForecastCommand, forecast, GROWTH_WORDS } from './forecast.ts';
import {
  type ClusterSplit,
  type CommandEntry,
  clusterText,
  findCluster,
  type Grammar,
  inCluster,
  isWord,
  joined,
  monitored,
  moreThanCluster,
  type Named,
  nameAndCluster,
  nearestCluster,
  type Parsed,
  parseNamed,
  refused,
  shown,
  splitCluster,
  understood,
  unknownCluster,
} from './grammar.ts';
import { type HistoryCommand, history } from './history.ts';
import { type PoolsCommand, pools } from './pools.ts';
import { type SilenceCommand, silence, type UnsilenceCommand, unsilence } from './silence.ts';
import { SILENCE_WORDS } from './silence-end.ts';
import { isBlank, plainText, quoted, type Token, tokensOf, tooLong, unpunctuated, withoutCourtesy } from './tokens.ts';
import { type WhyCommand, why } from './why.ts';

interface ReportCommand {
  readonly kind: 'report';
  readonly cluster: string | null;
  readonly by: Dimension;
}

interface SourceCommand {
  readonly kind: 'source';
  readonly source: string;
  readonly cluster: string | null;
}

interface ClusterCommand<Kind> {
  readonly kind: Kind;
  /** Null when none was named. */
  readonly cluster: string | null;
}

/** By first word; a report needs no first word. */
interface CommandTypes {
  readonly report: ReportCommand;
  readonly source: SourceCommand;
  readonly nodes: ClusterCommand<'nodes'>;
  readonly history: HistoryCommand;
  readonly why: WhyCommand;
  readonly alerts: ClusterCommand<'alerts'>;
  readonly silence: SilenceCommand;
  readonly unsilence: UnsilenceCommand;
  readonly hygiene: ClusterCommand<'hygiene'>;
  readonly forecast: ForecastCommand;
  readonly pools: PoolsCommand;
  readonly lint: { readonly kind: 'lint' };
  readonly status: { readonly kind: 'status' };
  readonly help: { readonly kind: 'help' };
}

export type CommandName = keyof CommandTypes;
export type Command<Name extends CommandName = CommandName> = { [K in Name]: CommandTypes[K] }[Name];

const source: CommandEntry<SourceCommand> = {
  usage: 'source <name, IP or CIDR> [in <cluster>]',
  help: 'one source in detail',
  parse(rest, grammar) {
    const [first, ...more] = tokensOf(rest, 2);
    const missing = (cluster: string | null) => missingSource(cluster, { rest, grammar });
    // A source with the name of a cluster is written in quotes.
    const only = first === undefined || first.isQuoted || more.length > 0 ? null : findCluster(first.text, grammar);
    if (rest === '' || only !== null) return missing(only);
    const of = (name: string, cluster: string | null) => ({ kind: 'source', source: name, cluster }) as const;
    return parseNamed(rest, grammar, { of, print: source.print, missing });
  },
  print: (command) => joined('source', quoted(command.source), inCluster(command)),
};

function missingSource(
  cluster: string | null,
  { rest, grammar }: { readonly rest: string; readonly grammar: Grammar },
): Parsed<never> {
  const { command } = grammar;
  const text = isBlank(rest) && rest !== '' ? 'The name of the source is empty.' : 'No source was named.';
  if (cluster === null) return refused('missing-source', text, `Write "${command} ${source.usage}".`);
  const within = `Write "${command} source <name, IP or CIDR> in ${clusterText(cluster)}".`;
  return refused(
    'missing-source',
    text,
    `${within} "${command} ${clusterText(cluster)}" lists the sources of ${cluster}.`,
  );
}

const report: CommandEntry<ReportCommand> = {
  usage: '[cluster] [by app, user, host, driver, node]',
  help: 'who holds the connections, grouped by source, app, user, host, driver or node',
  parse: parseReport,
  print: ({ cluster, by }) =>
    joined(
      cluster && (nameOfWord(cluster) === null ? clusterText(cluster) : quoted(cluster)),
      by === 'source' ? null : `by ${by}`,
    ),
  ofCluster: (cluster) => ({ kind: 'report', cluster, by: 'source' }),
};

/** In the order of the help. */
export const COMMANDS: { readonly [Name in CommandName]: CommandEntry<Command<Name>> } = {
  report,
  source,
  nodes: aboutCluster('nodes', {
    usage: 'nodes [cluster]',
    aliases: ['node'],
    help: 'each node: role, connections, limit, clients; unread nodes',
  }),
  history,
  why,
  alerts: aboutCluster('alerts', {
    usage: 'alerts [cluster]',
    aliases: ['alert'],
    help: 'firing, acknowledged and silenced alerts, with reasons; the rules',
  }),
  silence,
  unsilence,
  hygiene: aboutCluster('hygiene', {
    usage: 'hygiene [cluster]',
    help: 'access list findings of the whole project, with evidence',
    aliases: ['whitelist', 'access-list', 'accesslist'],
  }),
  forecast,
  pools,
  lint: withoutCluster('lint', {
    help: 'a form that says what is wrong with a connection string, and corrects it',
    aliases: ['uri', 'connection-string', 'connectionstring'],
  }),
  status: withoutCluster('status', { help: 'the bot itself: clusters, last readings, missing permissions' }),
  help: withoutCluster('help', { help: 'this list', aliases: ['?', '-h', '--help'] }),
};

const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS).filter(
  (name): name is CommandName => name in COMMANDS,
);

function aboutCluster<Kind extends 'nodes' | 'alerts' | 'hygiene'>(
  kind: Kind,
  texts: Pick<CommandEntry<never>, 'usage' | 'help' | 'aliases'>,
): CommandEntry<ClusterCommand<Kind>> {
  const print = ({ cluster }: ClusterCommand<Kind>) => joined(kind, cluster && clusterText(cluster));
  return {
    ...texts,
    parse(rest, grammar) {
      const { cluster, left } = splitCluster(tokensOf(rest), grammar);
      const [first] = left;
      const unknown = first && { ...first, text: left.map(({ text }) => text).join(' ') };
      const form = (name: string) => print({ kind, cluster: name });
      if (unknown === undefined) return understood({ kind, cluster });
      return cluster === null
        ? unknownCluster(unknown, { grammar, form })
        : moreThanCluster(left, { cluster, grammar, form });
    },
    print,
    ofCluster: (cluster) => ({ kind, cluster }),
  };
}

function withoutCluster<Kind extends string>(
  kind: Kind,
  texts: Pick<CommandEntry<never>, 'help' | 'aliases'>,
): CommandEntry<{ readonly kind: Kind }> {
  return { ...texts, usage: kind, needsNoCluster: true, parse: () => understood({ kind }), print: () => kind };
}

/** @param text what follows the slash command or the mention, as Slack delivers it (escaped) */
export function parseCommand(text: string, grammar: Grammar): Parsed<Command> {
  const plain = plainText(text);
  const long = tooLong('command', plain);
  if (long !== null) return refused('long-command', long.text, long.remedy);
  const { command, redact = (value: string) => value } = grammar;
  const typed = withoutCourtesy(plain, {
    command,
    isName: (word) => isKnown(word) || findCluster(word, grammar) !== null,
  });
  const name = firstCommand(typed);
  const from = name === null ? 0 : `${typed} `.indexOf(' ');
  const rest = redactedNames(typed.slice(from), redact).trim();
  const parsed = COMMANDS[name ?? 'report'].parse(rest, grammar);
  if (parsed.ok || parsed.source === undefined || parseCidr(parsed.source.name) === null) return parsed;
  const { name: address, cluster } = parsed.source;
  return understood({ kind: 'source', source: address, cluster });
}

/**
 * Null for a report without its word.
 * @param grammar.command the slash command's name
 */
export function commandName(text: string, { command }: Pick<Grammar, 'command'>): CommandName | null {
  return firstCommand(withoutCourtesy(plainText(text), { command, isName: isKnown }));
}

function firstCommand(typed: string): CommandName | null {
  const [first] = tokensOf(typed, 1);
  return first === undefined || first.isQuoted ? null : nameOfWord(first.text);
}

const isKnown = (word: string) => nameOfWord(word) !== null;

/** A secret may equal a word of the grammar by chance. That word stays, or the command would not be understood. */
function redactedNames(text: string, redact: Redact): string {
  const stays = (word: string) => GRAMMAR_WORDS.has(unpunctuated(word).toLowerCase()) && redact(word) !== word;
  const words = text.split(' ');
  if (!words.some(stays)) return redact(text);
  const parts: string[] = [];
  let run: string[] = [];
  for (const word of words) {
    if (stays(word)) {
      parts.push(...(run.length === 0 ? [] : [redact(run.join(' '))]), word);
      run = [];
    } else run.push(word);
  }
  return [...parts, redact(run.join(' '))].join(' ');
}

const GRAMMAR_WORDS: ReadonlySet<string> = new Set([
  ...DIMENSIONS.flatMap((dimension) => [dimension, `${dimension}s`]),
  ...SILENCE_WORDS,
  ...GROWTH_WORDS,
]);

/** The text that parses back to a command. */
export function printCommand<Name extends CommandName>(command: Command<Name> & { readonly kind: Name }): string {
  const { print }: CommandEntry<Command<Name>> = COMMANDS[command.kind];
  return print(command);
}

function nameOfWord(word: string): CommandName | null {
  const lower = word.toLowerCase();
  return COMMAND_NAMES.find((name) => name === lower || COMMANDS[name].aliases?.includes(lower)) ?? null;
}

function parseReport(rest: string, grammar: Grammar): Parsed<ReportCommand> {
  let left = tokensOf(rest);
  let cluster: string | null = null;
  let by: Dimension | null = null;
  while (left.length > 0) {
    const [first, second] = left;
    if (by === null && isWord(first, 'by') && findCluster('by', grammar) === null) {
      const dimension = DIMENSIONS.find((known) => isWord(second, known) || isWord(second, `${known}s`));
      if (dimension === undefined) return unknownDimension(second, { cluster, grammar });
      [by, left] = [dimension, left.slice(2)];
      continue;
    }
    const split: ClusterSplit = cluster === null ? splitCluster(left, grammar) : { cluster: null, left };
    if (split.cluster === null) return unknownWord(split.left, { cluster, grammar, rest: by === null ? rest : null });
    ({ cluster, left } = split);
  }
  return understood({ kind: 'report', cluster, by: by ?? 'source' });
}

interface Context {
  readonly cluster: string | null;
  readonly grammar: Grammar;
}

interface UnknownWord extends Context {
  /** The whole text, in which a source may be named; null when a part of it is understood already. */
  readonly rest: string | null;
}

function unknownDimension(token: Token | undefined, { cluster, grammar }: Context): Parsed<never> {
  const known = `Use ${DIMENSIONS.filter((dimension) => dimension !== 'source').join(', ')}.`;
  if (token === undefined) return refused('missing-dimension', 'Missing value after "by".', known);
  const by = nearest(token.text, DIMENSIONS);
  const near = DIMENSIONS.find((dimension) => dimension === by);
  const form = near && report.print({ kind: 'report', cluster, by: near });
  const meant = form ? `Did you mean "${grammar.command} ${form}"? ` : '';
  const text = `A report cannot be grouped by "${shown(token.text)}".`;
  return refused('unknown-dimension', text, `${meant}${known}`);
}

/** An unknown word, a known word in the wrong place, or the name of a source. */
function unknownWord(tokens: readonly Token[], { cluster, grammar, rest }: UnknownWord): Parsed<never> {
  const [token = { text: '', isQuoted: false }, ...more] = tokens;
  const { command } = grammar;
  const all = `"${command} help" lists everything.`;
  const hint = (usage: string) => `Did you mean "${command} ${usage}"? ${all}`;
  const word = token.isQuoted ? null : nameOfWord(token.text);
  if (cluster !== null) {
    const form = (name: string) => report.print({ kind: 'report', cluster: name, by: 'source' });
    const two = moreThanCluster(tokens, { cluster, grammar, form });
    if (two.problem.code === 'two-clusters') return two;
    const text = `I don't know "${shown(token.text)}" after the cluster "${cluster}".`;
    const right = word === null ? null : (ofCluster(word, { cluster, grammar, more }) ?? COMMANDS[word].usage);
    const window = parseDuration(token.text.toLowerCase());
    const asHistory = window === null ? null : history.print({ kind: 'history', source: null, cluster, window });
    const meant = right ?? asHistory;
    if (meant !== null) return refused('unknown-word', text, hint(meant));
    const name = tokens.map((one) => one.text).join(' ');
    const asked = source.print({ kind: 'source', source: shown(name), cluster });
    return { ...refused('unknown-word', text, hint(asked)), source: { name, cluster, isNear: false } };
  }
  const named = rest === null ? null : nameAndCluster(rest, grammar);
  const bare = (isNear: boolean) => {
    if (named === null || named.unknown !== null || named.name === '') return {};
    return { source: { name: named.name, cluster: named.cluster, isNear } };
  };
  const whole = `I don't know "${shown(rest ?? token.text)}".`;
  const tried = TRIED.get(token.text.toLowerCase());
  if (tried !== undefined && !token.isQuoted) {
    const right =
      named?.unknown === null && named.cluster !== null
        ? ofCluster(tried, { cluster: named.cluster, grammar, more: [] })
        : null;
    return { ...refused('unknown-word', whole, hint(right ?? COMMANDS[tried].usage)), ...bare(false) };
  }
  const near = nearestCluster(token.text, grammar);
  const words = COMMAND_NAMES.filter((one) => one !== 'report');
  const spelled = nearest(token.text, [...grammar.clusters, ...words, 'by']);
  const nearName = spelled === 'by' ? 'report' : words.find((one) => one === spelled);
  const text = `I don't know "${shown(token.text)}".`;
  if (nearName !== undefined && !grammar.clusters.includes(nearName))
    return { ...refused('unknown-word', text, hint(COMMANDS[nearName].usage)), ...bare(true) };
  if (near !== null) {
    const form = (name: string) => report.print({ kind: 'report', cluster: name, by: 'source' });
    return { ...unknownCluster(token, { grammar, form }), ...bare(true) };
  }
  const usage = sentenceMeant(rest ?? token.text, named, grammar);
  const remedy = usage === null ? `I watch ${monitored(grammar)}. ${all}` : hint(usage);
  return { ...refused('unknown-word', whole, remedy), ...bare(false) };
}

/** Words that people try, and the command that answers them. */
const TRIED: ReadonlyMap<string, CommandName> = new Map<string, CommandName>([
  ...(['ack', 'acknowledge', 'firing', 'incidents', 'rules'] as const).map((word) => [word, 'alerts'] as const),
  ...(['top', 'list', 'sources', 'connections', 'usage', 'who', 'clients'] as const).map(
    (word) => [word, 'report'] as const,
  ),
  ...(['clusters', 'version', 'health'] as const).map((word) => [word, 'status'] as const),
  ...(['chart', 'graph', 'trend'] as const).map((word) => [word, 'history'] as const),
  ...(['capacity', 'predict', 'scale', 'what-if'] as const).map((word) => [word, 'forecast'] as const),
  ...(['explain', 'diagnose', 'reason'] as const).map((word) => [word, 'why'] as const),
]);

/** The nearest form of a sentence, by a duration or a cluster at its end. */
function sentenceMeant(text: string, named: Named | null, grammar: Grammar): string | null {
  const words = tokensOf(text);
  const isLong = words.length > 1 && parseDuration(words.at(-1)?.text.toLowerCase() ?? '') !== null;
  const parsed = isLong ? history.parse(text, grammar) : null;
  if (parsed?.ok === true) return history.print(parsed.command);
  const cluster = named?.unknown === null ? named.cluster : null;
  return cluster === null ? null : report.print({ kind: 'report', cluster, by: 'source' });
}

/** `prod source Billing API` → `source "Billing API" in prod`. Null when even that is not understood. */
function ofCluster<Name extends CommandName>(
  name: Name,
  { cluster, grammar, more }: { readonly cluster: string; readonly grammar: Grammar; readonly more: readonly Token[] },
): string | null {
  const { ofCluster: of, parse, print }: CommandEntry<Command<Name>> = COMMANDS[name];
  if (of !== undefined) return print(of(cluster));
  const typed = more.map(({ text, isQuoted }) => (isQuoted ? quoted(text) : text));
  const parsed = parse([...typed, inCluster({ cluster })].join(' '), grammar);
  return parsed.ok && typed.length > 0 ? print(parsed.command) : null;
}
