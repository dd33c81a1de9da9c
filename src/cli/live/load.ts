// `atlas-conns load`: opens lots of connections on purpose, shows what they cost, and closes them.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Commands } from '../../app/commands/types.ts';
import { SECOND } from '../../core/base/duration.ts';
import { count } from '../../core/base/format.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { PATTERN_NAMES, PATTERNS, type PatternName } from '../../core/load/patterns.ts';
import { isWhole, type LoadAsk, type LoadResult } from '../../core/load/run.ts';
import { UserError } from '../../errors.ts';
import { painter, printable, wrapped } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { hideRejected, refuseUnknown, stringInVariable, whole } from '../words.ts';
import { beginText, endText, loadJson, progressLine } from './load-text.ts';

interface LoadOptions {
  readonly uri?: string;
  readonly uriEnv?: string;
  readonly pattern: PatternName;
  readonly clients?: number;
  readonly connections?: number;
  readonly for: number;
  readonly ramp: number;
  readonly yesThisHost?: readonly string[];
  readonly iOwnThisCluster?: readonly string[];
  readonly json?: true;
}

interface LoadContext {
  readonly commands: Pick<Commands, 'load'>;
  readonly terminal: Terminal;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called with the exit code. */
  readonly exit: (code: number) => void;
}

const MOST_CLIENTS = 1_000;
/** A pool grows by one connection at a time, with one more ping each time. */
const MOST_CONNECTIONS = 200;
/** `no-idle-limit` and `client-leak` need hours of history. */
const LONGEST = 6 * 3_600 * SECOND;
const SHORTEST = SECOND;
const FASTEST = 100;
/** What the driver opens by itself for a minPoolSize, in a second on each node. */
const MIN_POOL_PACE = 10;

export function addLoad(program: Command, context: LoadContext): void {
  const command = program
    .command('load')
    .description('open lots of connections on purpose, show what they cost, and close them')
    .option('--uri <string>', 'connection string; with a password, better --uri-env')
    .option('--uri-env <name>', 'take the connection string from this environment variable')
    .addOption(new Option('--pattern <name>', PATTERN_NAMES.join(', ')).default('idle').argParser(patternOf))
    .addOption(new Option('--clients <n>', 'MongoClients, all in this process').argParser(between(MOST_CLIENTS)))
    .addOption(
      new Option('--connections <n>', 'pooled connections of each client').argParser(between(MOST_CONNECTIONS)),
    )
    .addOption(
      new Option('--for <duration>', 'how long it lasts: 1s to 6h').default(60 * SECOND, '60s').argParser(durationOf),
    )
    .addOption(
      new Option('--ramp <rate>', 'new connections on each node, up to 100/s; or 2/min')
        .default(10, '10/s')
        .argParser(rampOf),
    )
    .addOption(repeated('--yes-this-host <name>', 'also a host outside this machine and private networks: this one'))
    .addOption(repeated('--i-own-this-cluster <name>', 'also an Atlas cluster: the one of this name'))
    .option('--json', 'print one JSON object at the end');
  for (const option of command.options) hideRejected(option);
  command
    // The parser repeats what it does not know, and that may be a password.
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', helpText(context.terminal.columns))
    .action(async (options: LoadOptions) => {
      refuseUnknown(command);
      if (command.args.length > 0)
        throw new UserError('load takes only options.', 'Put the connection string behind --uri, in quotes.');
      context.exit(await showLoad(options, context));
    });
}

function repeated(flags: string, help: string): Option {
  return new Option(`${flags}`, `${help} (repeatable)`).argParser((value: string, known: readonly string[] = []) => [
    ...known,
    value,
  ]);
}

function patternOf(word: string): PatternName {
  const known = PATTERN_NAMES.find((name) => name === word.toLowerCase());
  if (known !== undefined) return known;
  const near = nearest(word, PATTERN_NAMES);
  throw new InvalidArgumentError(
    `Expected one of ${PATTERN_NAMES.join(', ')}.${near === null ? '' : ` Did you mean ${near}?`}`,
  );
}

function between(most: number): (text: string) => number {
  return (text) => {
    const value = whole(text);
    if (value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${count(most)}.`);
  };
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: 60 * SECOND, min: 60 * SECOND, h: 3_600 * SECOND };

/** Milliseconds. */
function durationOf(text: string): number {
  const { number = '', unit = '' } = /^(?<number>\d{1,6})(?<unit>s|m|min|h)$/.exec(text)?.groups ?? {};
  const found = Number(number) * (UNITS[unit] ?? 0);
  if (found >= SHORTEST && found <= LONGEST) return found;
  throw new InvalidArgumentError('Expected a duration from 1s to 6h, such as 60s or 10m.');
}

/** A second. */
function rampOf(text: string): number {
  const { number = '', unit = 's' } = /^(?<number>\d{1,4})(?:\/(?<unit>s|min))?$/.exec(text)?.groups ?? {};
  const found = (Number(number) * SECOND) / (UNITS[unit] ?? SECOND);
  if (found > 0 && found <= FASTEST) return found;
  throw new InvalidArgumentError(`Expected a rate up to ${FASTEST}/s, such as 10/s or 2/min.`);
}

function helpText(width: number): string {
  const patterns = PATTERN_NAMES.map((name) => {
    const { opens, shows, needs, clients, connections } = PATTERNS[name];
    const size = connections === null ? `--clients ${clients}` : `--clients ${clients} --connections ${connections}`;
    const words = `${name}: ${opens} Shows ${shows}${needs === null ? '' : `; needs ${needs}`}. Default: ${size}.`;
    return wrapped(`  ${words}`, { width, indent: 4 });
  });
  const sized = PATTERN_NAMES.filter((name) => PATTERNS[name].connections !== null);
  const paragraphs = [
    'Opens connections only on this machine and in private networks. Any other host has to be repeated with --yes-this-host, and the name of an Atlas cluster with --i-own-this-cluster.',
    'Reads serverStatus of each node first (role clusterMonitor), and takes at most half of the connections that are available there. Stops at 20 % left, at the first failed connection, after --for and at Ctrl-C. Then closes everything, and checks that the count of each node fell back.',
    `--connections fits ${sized.join(', ')}: the other patterns have one connection a client. Each client has its heartbeat connections besides: two on each node, or one if it polls. min-pool needs a --ramp of ${MIN_POOL_PACE}/s or more: the driver fills a minPoolSize by itself.`,
    'Meanwhile, atlas-conns report, why and top show the run under the appName atlas-conns-load.',
  ].map((text) => wrapped(text, { width, indent: 0 }));
  return `
${paragraphs.join('\n\n')}

Patterns, and the diagnosis of "atlas-conns why" that each shows:
${patterns.join('\n')}

Examples:
  atlas-conns load --uri mongodb://127.0.0.1:27017
  atlas-conns load --uri-env MONGODB_URI --pattern min-pool --clients 20
  atlas-conns load --uri-env MONGODB_URI --pattern leak --for 6h --ramp 2/min
  atlas-conns load --uri-env MONGODB_URI --i-own-this-cluster cluster0 --json

Exit code: 0 Ctrl-C ended it or the time was over, and everything is closed;
1 it ended early, something is still open, or a node could not be read;
2 invalid input, or not allowed.`;
}

/** @returns the exit code */
async function showLoad(options: LoadOptions, context: LoadContext): Promise<number> {
  const { commands, terminal, signal } = context;
  const { uri, setting } = stringOf(options, context);
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  const consent = { hosts: options.yesThisHost ?? [], clusters: options.iOwnThisCluster ?? [] };
  let result: LoadResult | null = null;
  let hasBegun = false;
  try {
    for await (const event of commands.load({ uri, setting, ask: askOf(options), consent, signal })) {
      hasBegun = true;
      if (event.kind === 'end') result = event.result;
      if (event.kind === 'begin')
        for (const remark of event.remarks)
          terminal.err(`${wrapped(printable(remark), { width: page.width, indent: 2 })}\n`);
      if (options.json === true) continue;
      if (event.kind === 'begin') await terminal.out(beginText(event, page));
      if (event.kind === 'progress') await terminal.out(progressLine(event, page));
      if (event.kind === 'closing') await terminal.out('\nClosing everything…\n');
    }
  } catch (error) {
    // The signal came before the first connection.
    if (signal.aborted && !hasBegun) return 0;
    throw error;
  }
  if (result === null) return 1;
  await terminal.out(options.json === true ? loadJson(result) : endText(result, page));
  return isWhole(result) ? 0 : 1;
}

function stringOf({ uri, uriEnv }: LoadOptions, { env = {}, terminal }: LoadContext) {
  if (uri !== undefined && uriEnv !== undefined)
    throw new UserError('--uri and --uri-env are two connection strings.', 'Use one of them.');
  if (uriEnv !== undefined) return { uri: stringInVariable(uriEnv, env), setting: uriEnv };
  if (uri === undefined)
    throw new UserError('No connection string is given.', 'Add --uri mongodb://127.0.0.1:27017, or --uri-env NAME.');
  if (/\/\/[^/@]*:[^/]*@/.test(uri))
    terminal.err('The shell keeps this password in its history. Next time use --uri-env NAME.\n');
  return { uri, setting: '--uri' };
}

function askOf({ pattern, clients, connections, for: lasts, ramp }: LoadOptions): LoadAsk {
  if (connections !== undefined && PATTERNS[pattern].connections === null)
    throw new UserError(
      `--connections does not fit the pattern ${pattern}: its clients have one connection each.`,
      'Leave it out, and use --clients.',
    );
  // The driver fills a minPoolSize by itself: the ramp holds back only the start of each client.
  if (pattern === 'min-pool' && ramp < MIN_POOL_PACE)
    throw new UserError(
      `--ramp is less than ${MIN_POOL_PACE}/s, which the pattern min-pool cannot keep: the driver fills a minPoolSize by itself, with up to ${MIN_POOL_PACE} connections a second on each node.`,
      `Use --ramp ${MIN_POOL_PACE}/s or more, or another pattern.`,
    );
  return { pattern, clients: clients ?? null, connections: connections ?? null, lasts, perSecond: ramp };
}
