// The commands about what was and what is watched: history, alerts, replay, watch.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../core/base/duration.ts';
import { LONGEST_WINDOW, SHORTEST_WINDOW } from '../core/snapshots/time-window.ts';
import { showAlerts } from './alerts.ts';
import { type HistoryOptions, showHistory } from './history.ts';
import { type ProgramContext, typedName } from './program-context.ts';
import { type ReplayOptions, showReplay } from './replay.ts';
import { showWatch } from './watch.ts';

export function addHistory(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('history')
    .description('say what is known of the past: now, usual, most, first seen')
    .argument(
      '[source]',
      'by id, name, IP address or CIDR block (default: the cluster and all of its sources)',
      typedName,
    )
    .option(
      '--cluster <name>',
      'a cluster of the history (default: the only one, or the one called default)',
      typedName,
    )
    .addOption(new Option('--window <duration>', 'how far back: 1h to 400d (default: 24h)').argParser(window))
    .addOption(new Option('--export', 'print the snapshots, one JSON object a line').conflicts(['json', 'csv']))
    .addOption(new Option('--json', 'print the series as JSON').conflicts('csv'))
    .option('--csv', 'print the series as CSV')
    .addHelpText(
      'after',
      `
History is written by serve and by watch, and may be read while they run. --export writes all there is, unless
--cluster or --window says otherwise.

Examples:
  atlas-conns history
  atlas-conns history "Billing API" --window 7d
  atlas-conns history 203.0.113.9 --cluster prod --csv > billing.csv
  atlas-conns history --export | gzip > history.ndjson.gz

Exit code: 0 fine, 1 the store could not be read, 2 wrong input or settings.`,
    )
    .action(async (source: string | undefined, options: HistoryOptions) => {
      exit(await showHistory({ source: source ?? null, options, commands, terminal, signal }));
    });
}

export function addAlerts(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('alerts')
    .description('list what is firing, acknowledged or silenced, and the silences')
    .option('--cluster <name>', 'of one cluster (default: of all)', typedName)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  atlas-conns alerts
  atlas-conns alerts --json | jq '.alerts[].what'

Exit code: 0 fine, 1 the store could not be read, 2 wrong input or settings.`,
    )
    .action(async (options: { readonly cluster?: string; readonly json?: true }) => {
      exit(await showAlerts({ options, commands, terminal, signal }));
    });
}

export function addReplay(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('replay')
    .description('say what the alerts would have said about a history')
    .argument('[file]', 'snapshots, one JSON object a line, oldest first')
    .option('--from-store', 'replay the history of the settings instead')
    .option('--cluster <name>', 'with --from-store: one cluster (default: all)', typedName)
    .option('--rules <file>', 'a YAML file with the mapping `rules` (default: as delivered; with --from-store as set)')
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

Exit code: 0 fine, 1 the store could not be read, 2 wrong input or settings.`,
    )
    .action(async (path: string | undefined, options: ReplayOptions) => {
      exit(await showReplay({ path: path ?? null, options, commands, terminal, signal }));
    });
}

export function addWatch(program: Command, { commands, terminal, signal, exit }: ProgramContext): void {
  program
    .command('watch')
    .description('read by the schedule and print what the alerts say, without Slack, until it is stopped')
    .option('--json', 'print one JSON object for every notification')
    .addHelpText(
      'after',
      `
Writes the history, as serve does. Ctrl-C and SIGTERM let it finish what it does.

Examples:
  atlas-conns watch
  atlas-conns watch --json >> notifications.ndjson

Exit code: 0 it was stopped, 1 the store could not be used, 2 wrong settings.`,
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
