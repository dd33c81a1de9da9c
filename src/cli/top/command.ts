// `atlas-conns top`: its options and help. What it shows is loaded when it runs.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { TOP_VIEWS, type TopView } from '../../core/top/row.ts';
import { CLUSTER, clusterOption, oneCluster, typedName, whole } from '../words.ts';
import type { TopContext, TopOptions } from './show-top.ts';

export function addTop(program: Command, context: TopContext): void {
  program
    .command('top')
    .description('watch the connections of a cluster as they come and go')
    .argument('[cluster]', CLUSTER, typedName)
    .addOption(clusterOption())
    .addOption(new Option('--by <what>', `rows by ${TOP_VIEWS.join(', ')}`).default('source').argParser(viewOf))
    .addOption(
      new Option('--every <time>', 'time between readings, 1s to 1h').default(2_000, '2s').argParser(millisecondsOf),
    )
    .addOption(new Option('-n, --readings <number>', 'print so many tables, and end').argParser(readingsOf))
    .option('--filter <text>', 'only rows with this text in their name or last column')
    .option('--from-store', 'follow the readings of serve or watch, without access to the cluster')
    .option('--pools-url <url>', 'the bot that takes reports of pools (default: POOLS_HOST and POOLS_PORT)')
    .option('--csv', 'print CSV, one line a row and reading')
    .addHelpText(
      'after',
      `
Press ? for the keys. Without a terminal, with TERM=dumb and with -n it prints
a table for each reading, until it is stopped or has printed -n of them. A
reading takes at most 5 % of the time of a node: where $currentOp takes longer,
top reads less often. Connections of this program are in no row.

Examples:
  atlas-conns top
  atlas-conns top prod --by app
  atlas-conns top prod -n 3
  atlas-conns top prod --by node --every 10s --csv >> nodes.csv
  atlas-conns top prod --from-store

Exit code: 0 success, 1 the last reading was incomplete, 2 invalid input or settings.`,
    )
    .action(async (word: string | undefined, options: TopOptions) => {
      const { showTop } = await import('./show-top.ts');
      context.exit(await showTop({ ...context, cluster: oneCluster(word, options), options }));
    });
}

function viewOf(word: string): TopView {
  const known = TOP_VIEWS.find((name) => name === word.toLowerCase());
  if (known !== undefined) return known;
  const near = nearest(word, TOP_VIEWS);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`Expected one of ${TOP_VIEWS.join(', ')}.${hint}`);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `5s`, `1m`, `1h`; a number alone is in seconds. */
function millisecondsOf(text: string): number {
  const { number = '', unit = 's' } = /^(?<number>\d{1,4})(?<unit>[smh])?$/.exec(text)?.groups ?? {};
  const milliseconds = Number(number) * (unit === 'h' ? UNITS.h : unit === 'm' ? UNITS.m : UNITS.s);
  if (number !== '' && milliseconds >= UNITS.s && milliseconds <= UNITS.h) return milliseconds;
  throw new InvalidArgumentError('Expected a time from 1s to 1h, such as 2s or 1m.');
}

function readingsOf(text: string): number {
  const many = whole(text);
  if (many > 0) return many;
  throw new InvalidArgumentError('Expected a whole number, 1 or more.');
}
