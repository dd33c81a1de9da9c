// The table of commands. Grammar, help, usage hints, "did you mean" and the README's table come from it.
// slack/command-router.ts runs each command under the same name.

import { nearest } from '../base/fuzzy-match.ts';
import { DIMENSIONS, type Dimension } from '../connections/group-by.ts';
import { parseCidr } from '../net/cidr.ts';
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
  type Parsed,
  parseNamed,
  refused,
  shown,
  splitCluster,
  understood,
  unknownCluster,
} from './grammar.ts';
import { type HistoryCommand, history } from './history.ts';
import { type SilenceCommand, silence, type UnsilenceCommand, unsilence } from './silence.ts';
import { plainText, quoted, type Token, tokensOf, tooLong } from './tokens.ts';

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
  readonly alerts: ClusterCommand<'alerts'>;
  readonly silence: SilenceCommand;
  readonly unsilence: UnsilenceCommand;
  readonly hygiene: ClusterCommand<'hygiene'>;
  readonly status: { readonly kind: 'status' };
  readonly help: { readonly kind: 'help' };
}

export type CommandName = keyof CommandTypes;
export type Command<Name extends CommandName = CommandName> = { [K in Name]: CommandTypes[K] }[Name];

const source: CommandEntry<SourceCommand> = {
  usage: 'source <name, IP or CIDR> [in <cluster>]',
  help: 'one source in detail',
  parse(rest, grammar) {
    const of = (name: string, cluster: string | null) => ({ kind: 'source', source: name, cluster }) as const;
    return rest === ''
      ? refused('missing-source', 'No source was named.', `Write "${grammar.command} ${source.usage}".`)
      : parseNamed(rest, grammar, { of, print: source.print });
  },
  print: (command) => joined('source', quoted(command.source), inCluster(command)),
};

const report: CommandEntry<ReportCommand> = {
  usage: '[cluster] [by app, user, host, driver, node]',
  help: 'who holds the connections, grouped by source, app, user, host, driver or node',
  parse: parseReport,
  print: ({ cluster, by }) =>
    joined(
      cluster && (nameOfWord(cluster) === null ? clusterText(cluster) : quoted(cluster)),
      by === 'source' ? null : `by ${by}`,
    ),
};

/** In the order of the help. */
export const COMMANDS: { readonly [Name in CommandName]: CommandEntry<Command<Name>> } = {
  report,
  source,
  nodes: aboutCluster('nodes', {
    usage: 'nodes [cluster]',
    help: 'each node: role, connections, limit, clients; unread nodes',
  }),
  history,
  alerts: aboutCluster('alerts', {
    usage: 'alerts [cluster]',
    help: 'firing, acknowledged and silenced alerts, with reasons; the rules',
  }),
  silence,
  unsilence,
  hygiene: aboutCluster('hygiene', {
    usage: 'hygiene [cluster]',
    help: 'access list findings of the whole project, with evidence',
    aliases: ['whitelist', 'access-list', 'accesslist'],
  }),
  status: withoutCluster('status', 'the bot itself: clusters, last readings, missing permissions'),
  help: withoutCluster('help', 'this list'),
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
      const [unknown] = left;
      return unknown === undefined
        ? understood({ kind, cluster })
        : unknownCluster(unknown, { grammar, form: (name) => print({ kind, cluster: name }) });
    },
    print,
    ofCluster: (cluster) => ({ kind, cluster }),
  };
}

function withoutCluster<Kind extends string>(kind: Kind, help: string): CommandEntry<{ readonly kind: Kind }> {
  return { usage: kind, help, needsNoCluster: true, parse: () => understood({ kind }), print: () => kind };
}

/** @param text what follows the slash command or the mention, as Slack delivers it (escaped) */
export function parseCommand(text: string, grammar: Grammar): Parsed<Command> {
  const typed = plainText(text);
  const long = tooLong('command', typed);
  if (long !== null) return refused('long-command', long.text, long.remedy);
  const name = commandName(typed);
  // The command's word is not redacted: a secret may be the same text by chance.
  const from = name === null ? 0 : `${typed} `.indexOf(' ');
  const { redact = (value: string) => value } = grammar;
  return COMMANDS[name ?? 'report'].parse(redact(typed.slice(from)).trim(), grammar);
}

/** Null for a report without its word. */
export function commandName(text: string): CommandName | null {
  const [first] = tokensOf(plainText(text), 1);
  return first === undefined || first.isQuoted ? null : nameOfWord(first.text);
}

/** @internal */
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
    if (split.cluster === null) return unknownWord(split.left, { cluster, grammar });
    ({ cluster, left } = split);
  }
  return understood({ kind: 'report', cluster, by: by ?? 'source' });
}

interface Context {
  readonly cluster: string | null;
  readonly grammar: Grammar;
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

/** An unknown word, or a known word in the wrong place. */
function unknownWord(tokens: readonly Token[], { cluster, grammar }: Context): Parsed<never> {
  const [token = { text: '', isQuoted: false }] = tokens;
  const { command } = grammar;
  const all = `"${command} help" lists everything.`;
  const text = `I don't know "${shown(token.text)}"${cluster === null ? '' : ` after the cluster "${cluster}"`}.`;
  const hint = (usage: string) => refused('unknown-word', text, `Did you mean "${command} ${usage}"? ${all}`);
  const word = token.isQuoted ? null : nameOfWord(token.text);
  const right = cluster !== null && word !== null ? ofCluster(word, cluster) : null;
  if (right !== null) return hint(right);
  if (parseCidr(token.text) !== null) return hint(source.print({ kind: 'source', source: token.text, cluster }));
  const words = COMMAND_NAMES.filter((name) => name !== 'report');
  const near = nearest(token.text, [...(cluster === null ? grammar.clusters : []), ...words, 'by']);
  if (cluster === null && near !== null && grammar.clusters.includes(near)) {
    const form = (name: string) => report.print({ kind: 'report', cluster: name, by: 'source' });
    return unknownCluster(token, { grammar, form });
  }
  const nearName = near === 'by' ? 'report' : words.find((name) => name === near);
  return nearName === undefined
    ? refused('unknown-word', text, `I watch ${monitored(grammar)}. ${all}`)
    : hint(COMMANDS[nearName].usage);
}

/** Null for a command that does not work on a whole cluster. */
function ofCluster<Name extends CommandName>(name: Name, cluster: string): string | null {
  const { ofCluster: of, print }: CommandEntry<Command<Name>> = COMMANDS[name];
  return of === undefined ? null : print(of(cluster));
}
