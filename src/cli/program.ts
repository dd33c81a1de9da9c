// The commands with their options and help.

import { Command, Option } from 'commander';
import type { Commands } from '../app/commands/types.ts';
import { DIMENSIONS } from '../core/connections/group-by.ts';
import { UserError } from '../errors.ts';
import { type ReplayOptions, showAlerts, showReplay, showWatch } from './alerts.ts';
import { showCheck, showHealth } from './check.ts';
import { addForecast } from './forecast.ts';
import { type HistoryOptions, showHistory } from './history.ts';
import { showHygiene } from './hygiene.ts';
import { addLint } from './lint.ts';
import { showNodes } from './nodes.ts';
import { type ReportOptions, showReport } from './report.ts';
import type { Terminal, TextInput } from './terminal.ts';
import { addWhy } from './why.ts';
import {
  accessListOption,
  CLUSTER,
  clusterOption,
  dimension,
  fromOption,
  historyOf,
  oneCluster,
  typedName,
  type WithCluster,
  window,
} from './words.ts';

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
  addNodes(program, context);
  addHygiene(program, context);
  addHistory(program, context);
  addWhy(program, context);
  addForecast(program, context);
  addAlerts(program, context);
  addReplay(program, context);
  addLint(program, { ...context, input: context.input, env: context.env ?? {} });
  addCheck(program, context);
  addWatch(program, context);
  addServe(program, context);
  addHealth(program, context);
  for (const add of context.more ?? []) add(program, context);
  addSlackOnly(program);
  return program;
}

function addReport(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('report')
    .description('read every node of a cluster and show who holds its connections')
    .argument('[cluster]', CLUSTER, typedName)
    .addOption(clusterOption())
    .addOption(new Option('--by <what>', `rows by ${DIMENSIONS.join(', ')}`).default('source').argParser(dimension))
    .option('--source <source>', 'one source in detail, by name, IP address or CIDR block', typedName)
    .option('--threads', 'also list server threads')
    .addOption(new Option('--json', 'print JSON').conflicts(['csv', 'source']))
    .addOption(new Option('--csv', 'print CSV').conflicts(['source', 'threads']))
    .addOption(fromOption())
    .addOption(accessListOption())
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns report
  atlas-conns report prod --by app
  atlas-conns report prod --source "Billing API"
  atlas-conns report prod --source "Billing API" --by host
  atlas-conns report prod --source 203.0.113.9
  atlas-conns report --from node-0=current-op.json --access-list access-list.json
  atlas-conns report prod --json | jq '.sources[0]'

Exit code: 0 success, 1 something could not be read, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: ReportOptions & WithCluster) => {
      const cluster = oneCluster(word, options);
      exit(await showReport({ cluster, options, commands, terminal, signal }));
    });
}

function addNodes(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('nodes')
    .description('show each node of a cluster: role, connections, limit, clients, refused connections')
    .argument('[cluster]', CLUSTER, typedName)
    .addOption(clusterOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns nodes prod
  atlas-conns nodes prod --json | jq '.nodes[] | {host, current, limit}'

Exit code: 0 success, 1 a node could not be read, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: WithCluster & { readonly json?: true }) => {
      const cluster = oneCluster(word, options);
      exit(await showNodes({ cluster, options, commands, terminal, signal }));
    });
}

function addHygiene(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('hygiene')
    .description('show findings about the access list of a project, with their evidence')
    .argument('[cluster]', 'any cluster of the project (default: one of the only project)', typedName)
    .addOption(clusterOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Reads all clusters of the project, and the history that serve or watch has
written. An entry is called unused only if every cluster was read, and none used
it in at least eight days of history.

Examples:
  atlas-conns hygiene
  atlas-conns hygiene prod --json | jq '.findings[] | select(.kind == "unused-entry")'

Exit code: 0 success, 1 the access list or the clusters could not be read, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: WithCluster & { readonly json?: true }) => {
      const cluster = oneCluster(word, options);
      exit(await showHygiene({ cluster, options, commands, terminal, signal }));
    });
}

/** Commands of Slack that people may try here. Hidden in the help. */
function addSlackOnly(program: Command): void {
  for (const name of ['silence', 'unsilence', 'acknowledge'])
    program
      .command(name, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .action((words: readonly string[]) => {
        const command = ['/atlas-conns', name, ...words].join(' ');
        const how = name === 'acknowledge' ? 'Press Acknowledge below the alert' : `Write "${command}"`;
        throw new UserError(
          `${name} works only in Slack: it needs a person, and the running bot is the only writer of its store.`,
          `${how} in Slack.`,
        );
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

export interface ProgramContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Where `lint` reads a string from. */
  readonly input?: TextInput;
  /** Includes `.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with the exit code of the command that ran. */
  readonly exit: (code: number) => void;
  /** Commands of rooms that build upon this one. */
  readonly more?: readonly ((program: Command, context: ProgramContext) => void)[] | undefined;
}

function addHistory(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('history')
    .description('show the history of a cluster or source: now, usual, peak, first seen')
    .argument('[cluster]', 'a cluster in the history (default: the only one, or the one set as default)', typedName)
    .argument(
      '[source]',
      'by id, name, IP address or CIDR block (default: the cluster and all of its sources)',
      typedName,
    )
    .addOption(clusterOption())
    .addOption(new Option('--window <duration>', 'how far back: 1h to 400d (default: 24h)').argParser(window))
    .addOption(new Option('--export', 'print the snapshots, one JSON object a line').conflicts(['json', 'csv']))
    .addOption(new Option('--json', 'print the series as JSON').conflicts('csv'))
    .option('--csv', 'print the series as CSV')
    .addHelpText(
      'after',
      `
serve and watch write the history. It can be read while they run. A word alone
is a cluster, or else a source. --export prints all of it, unless a cluster or
--window limits it.

Examples:
  atlas-conns history
  atlas-conns history prod "Billing API" --window 7d
  atlas-conns history 203.0.113.9 --csv > billing.csv
  atlas-conns history --export | gzip > history.ndjson.gz

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: HistoryOptions & WithCluster) => {
      exit(await showHistory({ ...historyOf(first, second, options), options, commands, terminal, signal }));
    });
}

function addAlerts(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('alerts')
    .description('list open alerts (firing, acknowledged, silenced) and silences')
    .argument('[cluster]', 'one cluster (default: all)', typedName)
    .addOption(clusterOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns alerts
  atlas-conns alerts prod
  atlas-conns alerts --json | jq '.alerts[].what'

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: WithCluster & { readonly json?: true }) => {
      exit(await showAlerts({ cluster: oneCluster(word, options), options, commands, terminal, signal }));
    });
}

function addReplay(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('replay')
    .description('show which alerts a history would have raised')
    .argument('[file]', 'snapshots, one JSON object a line, oldest first; with --from-store: a cluster (default: all)')
    .option('--from-store', 'replay the history of the configured store instead')
    .addOption(clusterOption())
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
  atlas-conns replay --from-store prod --rules rules.yaml
  atlas-conns replay --from-store --explain | grep 'Billing API'

pool-exhausted is left out: a history has no reports of pools.

Exit code: 0 success, 1 the store could not be read, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: ReplayOptions & WithCluster) => {
      const isStore = options.fromStore === true;
      const path = isStore ? null : (word ?? null);
      const cluster = isStore ? oneCluster(word, options) : (options.cluster ?? null);
      exit(await showReplay({ path, cluster, options, commands, terminal, signal }));
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
