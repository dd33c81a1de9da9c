// `atlas-conns top`: a live table on a terminal; elsewhere a table or CSV for each reading.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Commands, TopRequest, TopUpdate } from '../../app/commands/types.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { inWords } from '../../core/base/problem.ts';
import { TOP_VIEWS, type TopView } from '../../core/top/row.ts';
import { printable } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { CLUSTER, clusterOption, oneCluster, typedName, type WithCluster, whole } from '../words.ts';
import { frameOf } from './frame.ts';
import type { TopState } from './model.ts';
import { openScreen, type ScreenEdges } from './screen.ts';
import { nextState, startOf, type TopEvent } from './state.ts';
import { csvHead, csvText, tableText } from './tables.ts';

export interface TopContext {
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly exit: (code: number) => void;
  /** Null where no screen can be drawn: a pipe, or TERM=dumb. */
  readonly screen: ScreenEdges | null;
  readonly now: () => Date;
}

interface TopOptions extends WithCluster {
  readonly by: TopView;
  readonly every: number;
  readonly readings?: number;
  readonly filter?: string;
  readonly fromStore?: true;
  readonly poolsUrl?: string;
  readonly csv?: true;
}

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

interface TopInput extends TopContext {
  readonly cluster: string | null;
  readonly options: TopOptions;
}

/** @returns the exit code: 0 everything was read, 1 the last reading was incomplete */
async function showTop(input: TopInput): Promise<number> {
  const { screen, options } = input;
  const isInteractive = screen !== null && options.csv !== true && options.readings === undefined;
  return isInteractive ? onScreen(input, screen) : printed(input);
}

function begin({ cluster, options, terminal, now }: TopInput, size: TopState['size']): TopState {
  const { redact = (value: string) => value } = terminal;
  return startOf({
    cluster: cluster === null ? '' : redact(cluster),
    isFromStore: options.fromStore === true,
    view: options.by,
    filter: options.filter ?? '',
    everyMs: options.every,
    size,
    now: now().getTime(),
  });
}

/** Reads until `signal` aborts, or the caller leaves the loop. */
function updates(input: TopInput, how: Pick<TopRequest, 'everyMs' | 'showsPools' | 'signal'>) {
  const { commands, cluster, options } = input;
  const { fromStore = false, poolsUrl = null } = options;
  return commands.top({ cluster, fromStore, poolsUrl, ...how });
}

function codeOf({ live, ordering }: TopState): number {
  const { reading, failure, poolsProblem } = live;
  if (ordering.view === 'pools') return poolsProblem === null ? 0 : 1;
  return failure === null && reading?.isComplete === true ? 0 : 1;
}

async function printed(input: TopInput): Promise<number> {
  const { options, terminal, signal, now } = input;
  let state = begin(input, { columns: terminal.columns, rows: Number.MAX_SAFE_INTEGER });
  let readings = 0;
  const how = { everyMs: () => options.every, showsPools: () => options.by === 'pools', signal };
  if (options.csv === true) await terminal.out(csvHead());
  for await (const update of updates(input, how)) {
    // The store is asked more often than the bot reads.
    if (!isNews(update, state) && readings > 0) continue;
    state = nextState(state, { kind: 'update', update }, now().getTime());
    if (options.csv === true) await terminal.out(csvOf(state, update, terminal));
    else await terminal.out(`${readings === 0 ? '' : '\n'}${tableText(state, terminal)}`);
    readings += 1;
    if (readings === options.readings) break;
  }
  return codeOf(state);
}

/** Whether an update changes what is printed. */
function isNews({ reading, failure, pools }: TopUpdate, { live, ordering }: TopState): boolean {
  if (ordering.view === 'pools') return pools.rows !== null || pools.problem !== null;
  return reading !== null || (failure !== null && failure !== live.failure);
}

/** A failed reading has no line: standard error says why. */
function csvOf(state: TopState, { reading, failure, pools }: TopUpdate, { err }: Terminal): string {
  const isOfPools = state.ordering.view === 'pools';
  const problem = isOfPools ? pools.problem : (failure?.problem ?? null);
  if (problem !== null) err(`${printable(inWords(problem))}\n`);
  return problem === null ? csvText(state, { at: isOfPools ? state.now : (reading?.at ?? state.now) }) : '';
}

/** Ages grow while nothing is read. */
const TICK_MS = 1_000;

async function onScreen(input: TopInput, edges: ScreenEdges): Promise<number> {
  const { terminal, signal, now } = input;
  const done = new AbortController();
  let state = begin(input, { columns: terminal.columns, rows: 24 });
  let screen: ReturnType<typeof openScreen> | null = null;
  const handle = (event: TopEvent) => {
    state = nextState(state, event, now().getTime());
    if (state.isDone) done.abort();
    else screen?.draw(frameOf(state, terminal));
  };
  const onResize = () => {
    if (screen !== null) handle({ kind: 'size', size: screen.size() });
  };
  const within = AbortSignal.any([signal, done.signal]);
  const tick = setInterval(() => handle({ kind: 'tick' }), TICK_MS);
  try {
    const showsPools = () => state.ordering.view === 'pools';
    for await (const update of updates(input, { everyMs: () => state.everyMs, showsPools, signal: within })) {
      // Errors before the first reading are printed as those of other commands.
      if (screen === null) {
        await terminal.out('');
        screen = openScreen(edges, { onKey: (key) => handle({ kind: 'key', key }), onResize });
        state = nextState(state, { kind: 'size', size: screen.size() }, now().getTime());
      }
      handle({ kind: 'update', update });
    }
  } catch (error) {
    if (!done.signal.aborted) throw error;
  } finally {
    clearInterval(tick);
    screen?.close();
  }
  return codeOf(state);
}
