// `atlas-conns history`: a chart and a table for people, the series as JSON or CSV, or the snapshots themselves.

import type { Commands, HistoryQuery } from '../app/commands/types.ts';
import { durationText } from '../core/base/duration.ts';
import type { History } from '../core/ports/monitor.ts';
import { encodeSnapshot } from '../core/snapshots/from-report.ts';
import { DEFAULT_WINDOW } from '../core/snapshots/time-window.ts';
import { NoHistoryError, UserError } from '../errors.ts';
import { historyText } from './history-text.ts';
import { painter, printable } from './layout.ts';
import { findKnown } from './report.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';

/** The parser's options. */
export interface HistoryOptions {
  /** Milliseconds. */
  readonly window?: number;
  readonly export?: true;
  readonly json?: true;
  readonly csv?: true;
}

interface Input {
  /** As typed. `word` is a cluster or a source; then the others are null. */
  readonly cluster: string | null;
  readonly source: string | null;
  readonly word: string | null;
  readonly options: HistoryOptions;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

const SCHEMA = 'atlas-conns/history/1';

/** Returns `empty` before the first reading, and prints the remedy to standard error. */
export async function orEmpty<T>(
  list: () => Promise<T>,
  { empty, terminal }: { empty: T; terminal: Terminal },
): Promise<T> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof NoHistoryError)) throw error;
    terminal.err(`${printable(error.message)}\n${printable(error.remedy)}\n`);
    return empty;
  }
}

/** @returns the exit code; rejects for an unknown cluster or source */
export async function showHistory(input: Input): Promise<number> {
  const { cluster, source, word, options, commands, terminal, signal } = input;
  if (options.export) return exported(input);
  const window = options.window ?? DEFAULT_WINDOW;
  const find: HistoryQuery['find'] = (typed, known, of) => findKnown(known, of, typed);
  const list = () => commands.history({ cluster, source, word, find, window, signal });
  const isNamed = cluster !== null || source !== null || word !== null;
  const histories = isNamed ? await list() : await orEmpty(list, { empty: [], terminal });
  if (options.json) await terminal.out(historyJson(histories));
  else if (options.csv) for await (const rows of historyCsv(histories)) await terminal.out(rows);
  else {
    const page = { width: terminal.columns, paint: painter(terminal.colors), window: durationText(window) };
    await terminal.out(historyText(histories, page));
  }
  return 0;
}

async function exported({ source, word, options, commands, terminal, signal, ...input }: Input): Promise<number> {
  if (source !== null)
    throw new UserError(
      printable(`--export prints whole snapshots, but "${source}" is one source.`),
      'Leave the source out, or use --json or --csv.',
    );
  const cluster = input.cluster ?? word;
  const { window = null } = options;
  const list = async () => {
    for await (const snapshot of commands.exportHistory({ cluster, window, signal }))
      await terminal.out(`${shownJson(encodeSnapshot(snapshot))}\n`);
  };
  await (cluster === null ? orEmpty(list, { empty: undefined, terminal }) : list());
  return 0;
}

const iso = (at: number) => new Date(at).toISOString();
const tenth = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10);

/** Schema atlas-conns/history/1, a public format. New fields go to the end of their object. */
function historyJson(histories: readonly History[]): string {
  const [first] = histories;
  const series = histories.map(({ source, figure, now, usualNow, connections, max, buckets }) => ({
    source: source && { ...source, firstSeen: iso(source.firstSeen), lastSeen: iso(source.lastSeen) },
    now,
    usual: tenth(usualNow),
    max: max && { [figure]: max.value, at: iso(max.at) },
    points: buckets.map(({ from, dormant, pooled, usual, readings, incomplete, ...node }) => ({
      ...{ at: iso(from), dormant, pooled, usual: usual?.dormant.median ?? null, readings, incomplete },
      ...(figure === 'connections' && { connections: node.connections, limit: node.limit }),
    })),
    ...(figure === 'connections' && { connections }),
  }));
  const [from, to] = first === undefined ? [null, null] : [iso(first.from), iso(first.to)];
  return `${shownJson({ schema: SCHEMA, cluster: first?.cluster ?? null, from, to, series }, 2)}\n`;
}

const HEAD = [
  ...['cluster', 'source', 'name', 'at', 'dormant_min', 'dormant_median', 'dormant_max', 'usual'],
  ...['pooled_min', 'pooled_median', 'pooled_max', 'readings', 'incomplete'],
];

/** One row for each point. The rows of the whole cluster have no source. A point without a reading is an empty cell. */
async function* historyCsv(histories: readonly History[]): AsyncGenerator<string> {
  const { csvRows } = await import('./csv.ts');
  yield csvRows([HEAD]);
  for (const { cluster, source, buckets } of histories)
    yield csvRows(
      buckets.map(({ from, dormant, pooled, usual, readings, incomplete }) => [
        ...[cluster, source?.id ?? null, source?.name ?? null, iso(from)],
        ...[dormant?.min ?? null, dormant?.median ?? null, dormant?.max ?? null, usual?.dormant.median ?? null],
        ...[pooled?.min ?? null, pooled?.median ?? null, pooled?.max ?? null, readings, incomplete],
      ]),
    );
}
