// What `top` shows: a live table on a terminal; elsewhere a table or CSV for each reading.

import type { Commands, TopRequest, TopUpdate } from '../../app/commands/types.ts';
import { inWords } from '../../core/base/problem.ts';
import type { TopView } from '../../core/top/row.ts';
import { printable } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import type { WithCluster } from '../words.ts';
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

export interface TopOptions extends WithCluster {
  readonly by: TopView;
  readonly every: number;
  readonly readings?: number;
  readonly filter?: string;
  readonly fromStore?: true;
  readonly poolsUrl?: string;
  readonly csv?: true;
}

interface TopInput extends TopContext {
  readonly cluster: string | null;
  readonly options: TopOptions;
}

/** @returns the exit code: 0 everything was read, 1 the last reading was incomplete */
export async function showTop(input: TopInput): Promise<number> {
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
