// The commands with their options and help.

import { Command, InvalidArgumentError, Option } from 'commander';
import type { Commands, SavedReading } from '../app/commands/types.ts';
import { parseDuration } from '../core/base/duration.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { tooLong } from '../core/commands/tokens.ts';
import { DIMENSIONS, type Dimension } from '../core/connections/group-by.ts';
import { LONGEST_WINDOW, SHORTEST_WINDOW } from '../core/snapshots/time-window.ts';
import { UserError } from '../errors.ts';
import { showAlerts, showWatch } from './alerts.ts';
import { showCheck, showHealth } from './check.ts';
import { type HistoryOptions, showHistory } from './history.ts';
import { type ReplayOptions, showReplay } from './replay.ts';
import { type ReportOptions, showReport } from './report.ts';
import type { Terminal } from './terminal.ts';

/** Options that select output for programs. */
const FOR_PROGRAMS = ['json', 'csv', 'export'];

/** Parse errors are CommanderErrors with the nearest correct word. */
export function createProgram(context: ProgramContext): Command {
  const { terminal } = context;
  const program = new Command('atlas-conns')
    .description('Who holds the connections of a MongoDB Atlas cluster?')
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.colors,
    })
    .hook('preAction', (_, command) => {
      if (FOR_PROGRAMS.some((option) => command.getOptionValue(option) === true)) terminal.forPrograms?.();
    })
    .addHelpText('after', '\nSettings come from the environment, a .env file, or a YAML file: see the README.\n');
  addReport(program, context);
  addHistory(program, context);
  addAlerts(program, context);
  addReplay(program, context);
  addCheck(program, context);
  addWatch(program, context);
  addServe(program, context);
  addHealth(program, context);
  return program;
}

function addReport(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('report')
    .description('read every node of a cluster and show who holds its connections')
    .argument('[cluster]', 'a configured cluster (default: the only one, or the one set as default)', typedName)
    .addOption(new Option('--by <what>', `rows by ${DIMENSIONS.join(', ')}`).default('source').argParser(dimension))
    .option('--source <source>', 'one source in detail, by name, IP address or CIDR block', typedName)
    .option('--threads', 'also list server threads')
    .addOption(new Option('--json', 'print JSON').conflicts(['csv', 'source']))
    .addOption(new Option('--csv', 'print CSV').conflicts(['source', 'threads']))
    .addOption(
      new Option('--from <file>', 'read a saved $currentOp result instead: FILE or HOST=FILE (repeatable)').argParser(
        (value: string, known: readonly SavedReading[] = []) => [...known, savedReading(value)],
      ),
    )
    .addOption(
      new Option('--access-list <file>', 'with --from: a saved access list, one page a file (repeatable)').argParser(
        (value: string, known: readonly string[] = []) => [...known, value],
      ),
    )
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns report
  atlas-conns report prod --by app
  atlas-conns report prod --source "Billing API"
  atlas-conns report prod --source 203.0.113.9
  atlas-conns report --from node-0=current-op.json --access-list access-list.json
  atlas-conns report prod --json | jq '.sources[0]'

Exit code: 0 success, 1 something could not be read, 2 invalid input or settings.`,
    )
    .action(async (cluster: string | undefined, options: ReportOptions) => {
      exit(await showReport({ cluster: cluster ?? null, options, commands, terminal, signal }));
    });
}

function addCheck(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('check')
    .description(
      'try every credential, privilege, node and Slack scope, and the store; show what is missing and how to grant it',
    )
    .option('--alert', 'also send a test alert to every configured channel, and resolve it')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns check
  atlas-conns check --alert
  atlas-conns check && atlas-conns report

Exit code: 0 nothing is missing, 1 something is missing, 2 invalid settings.`,
    )
    .action(async ({ alert }: { readonly alert?: true }) => {
      exit(await showCheck({ lines: commands.check({ alert: alert === true, signal }), terminal }));
    });
}

function addServe(program: Command, { commands, signal }: ProgramContext): void {
  program
    .command('serve')
    .description('run the Slack bot until it is stopped')
    .addHelpText(
      'after',
      `
Needs SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode), or with SLACK_SIGNING_SECRET and PORT (HTTP).
Ctrl-C and SIGTERM stop it once its current work is finished.

Exit code: 0 stopped, 1 Slack rejects the bot permanently, 2 invalid settings.`,
    )
    .action(() => commands.serve({ signal }));
}

function addHealth(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('health')
    .description('show the health of the bot that runs on this machine')
    .option('--live', 'check liveness instead of readiness')
    .addHelpText(
      'after',
      `
Needs the same HEALTH_PORT and HEALTH_HOST as serve.

Examples:
  atlas-conns health
  atlas-conns health --live || systemctl restart atlas-conns

Exit code: 0 healthy, 1 unhealthy or no answer, 2 invalid settings.`,
    )
    .action(async ({ live }: { readonly live?: true }) => {
      exit(await showHealth({ answer: await commands.health({ live: live === true, signal }), terminal }));
    });
}

function dimension(word: string): Dimension {
  const known = DIMENSIONS.find((name) => name === word.toLowerCase());
  if (known !== undefined) return known;
  const near = nearest(word, DIMENSIONS);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`Expected one of ${DIMENSIONS.join(', ')}.${hint}`);
}

/** `HOST=FILE`, or only `FILE`. A path with = needs a directory in front, e.g. `./a=b.json`. */
function savedReading(value: string): SavedReading {
  const named = /^(?<host>[^=/\\]+)=(?<path>.+)$/.exec(value)?.groups;
  return { host: named?.['host'] ?? null, path: named?.['path'] ?? value };
}

export interface ProgramContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Called with the exit code of the command that ran. */
  readonly exit: (code: number) => void;
}

/** A typed cluster or source. File names have no such limit. */
function typedName(name: string): string {
  const long = tooLong('name', name);
  if (long !== null) throw new UserError(long.text, long.remedy);
  return name;
}

function addHistory(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('history')
    .description('show the history of a cluster or source: now, usual, peak, first seen')
    .argument(
      '[source]',
      'by id, name, IP address or CIDR block (default: the cluster and all of its sources)',
      typedName,
    )
    .option(
      '--cluster <name>',
      'a cluster in the history (default: the only one, or the one set as default)',
      typedName,
    )
    .addOption(new Option('--window <duration>', 'how far back: 1h to 400d (default: 24h)').argParser(window))
    .addOption(new Option('--export', 'print the snapshots, one JSON object a line').conflicts(['json', 'csv']))
    .addOption(new Option('--json', 'print the series as JSON').conflicts('csv'))
    .option('--csv', 'print the series as CSV')
    .addHelpText(
      'after',
      `
serve and watch write the history. It can be read while they run. --export prints all of it, unless
--cluster or --window limits it.

Examples:
  atlas-conns history
  atlas-conns history "Billing API" --window 7d
  atlas-conns history 203.0.113.9 --cluster prod --csv > billing.csv
  atlas-conns history --export | gzip > history.ndjson.gz

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (source: string | undefined, options: HistoryOptions) => {
      exit(await showHistory({ source: source ?? null, options, commands, terminal, signal }));
    });
}

function addAlerts(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('alerts')
    .description('list open alerts (firing, acknowledged, silenced) and silences')
    .option('--cluster <name>', 'one cluster (default: all)', typedName)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns alerts
  atlas-conns alerts --json | jq '.alerts[].what'

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (options: { readonly cluster?: string; readonly json?: true }) => {
      exit(await showAlerts({ options, commands, terminal, signal }));
    });
}

function addReplay(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('replay')
    .description('show which alerts a history would have raised')
    .argument('[file]', 'snapshots, one JSON object a line, oldest first')
    .option('--from-store', 'replay the history of the configured store instead')
    .option('--cluster <name>', 'with --from-store: one cluster (default: all)', typedName)
    .option(
      '--rules <file>',
      'a YAML file with the mapping `rules` (default: built-in; with --from-store as configured)',
    )
    .addOption(new Option('--json', 'print one JSON object for every notification').conflicts('explain'))
    .option('--explain', 'print for every reading why each rule did or did not fire')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns replay history.ndjson
  atlas-conns replay history.ndjson --rules rules.yaml --json | jq .text
  atlas-conns replay --from-store --cluster prod --rules rules.yaml
  atlas-conns replay --from-store --explain | grep 'Billing API'

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (path: string | undefined, options: ReplayOptions) => {
      exit(await showReplay({ path: path ?? null, options, commands, terminal, signal }));
    });
}

function addWatch(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('watch')
    .description('read on schedule and print alert notifications, without Slack, until it is stopped')
    .option('--json', 'print one JSON object for every notification')
    .addHelpText(
      'after',
      `
Writes the history, as serve does. Ctrl-C and SIGTERM stop it once its current work is finished.

Examples:
  atlas-conns watch
  atlas-conns watch --json >> notifications.ndjson

Exit code: 0 stopped, 1 the store could not be used, 2 invalid settings.`,
    )
    .action(async (options: { readonly json?: true }) => {
      exit(await showWatch({ options, commands, terminal, signal }));
    });
}

/** Milliseconds. */
function window(text: string): number {
  const found = parseDuration(text);
  if (found !== null && found >= SHORTEST_WINDOW && found <= LONGEST_WINDOW) return found;
  throw new InvalidArgumentError('Expected a duration from 1h to 400d, such as 24h or 7d.');
}
