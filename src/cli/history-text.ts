// Histories as text: a chart of one source or the cluster, and a table of the cluster's sources.

import { count, counted } from '../core/base/format.ts';
import { gapsOf, type History, type HistoryGap, intervalEnd } from '../core/ports/monitor.ts';
import { minute, padded, printable, type TextColumn, type TextPage, tableLines, wrapped, zoneLine } from './layout.ts';

/** A narrower table has no room for lines. */
const WIDE_ENOUGH = 76;
const UNKNOWN = '–';

/**
 * @param histories one source, or the cluster and then its sources
 * @returns the text, with its last line end
 */
export function historyText(histories: readonly History[], page: TextPage & { readonly window: string }): string {
  const { width, paint } = page;
  const [first, ...sources] = histories;
  if (first === undefined) return '';
  const [title = '', ...rows] = sources.length === 0 ? [] : sourceTable(sources, page);
  const chart = chartLines({
    figures: first.buckets.map((bucket) => bucket[first.figure]?.max ?? null),
    usual: first.buckets.map(({ usual }) => usual?.dormant.max ?? null),
    ends: [minute(first.from), minute(intervalEnd(first, first.buckets.length - 1))],
    width: Math.min(width, 120),
  });
  const isUnread = histories.some(({ buckets, figure }) => buckets.some((bucket) => bucket[figure] === null));
  const isUsualSeen = chart.some((line) => line.includes(USUAL));
  const legend = [
    ...(isUnread ? [`${UNREAD} no reading at that time`] : []),
    ...(isUsualSeen ? [`${USUAL} what was usual at that time`] : []),
  ];
  const sections = [
    headline(first, page),
    chart,
    title === '' ? [] : [paint('bold', title), ...rows],
    [...remarks(histories), ...legend, zoneLine()].map((line) => wrapped(line, { width, indent: 2 })),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function headline(
  history: History,
  { width, paint, window }: TextPage & { readonly window: string },
): readonly string[] {
  const { cluster, source, max, figure, usualNow: usual } = history;
  const id = source === null || source.id === source.name ? '' : `  ${source.id}`;
  const where = source === null ? '' : `  ${cluster}`;
  const facts = [
    lastFigures(history),
    ...(source === null ? [] : [usual === null ? 'no baseline' : `usual ${count(usual)}`]),
    ...(max === null ? [] : [`peak ${count(max.value)} ${figure} at ${minute(max.at)}`]),
    ...(source === null ? [] : [`first seen ${minute(source.firstSeen)}`]),
  ];
  return [
    `${paint('bold', printable(source?.name ?? cluster))}${printable(`${id}${where}`)}  ${figure === 'dormant' ? 'dormant' : 'all'} connections, last ${window}`,
    `  ${wrapped(facts.join(' · '), { width: width - 2, indent: 2 })}`,
  ];
}

function lastFigures({ figure, source, now, connections, newest }: History): string {
  if (newest === null) return 'no reading yet';
  if (figure === 'connections') {
    if (connections === null) return 'no node in the last reading';
    const { current, limit } = connections;
    return `${count(current)}${limit === null ? '' : ` of ${count(limit)}`} connections on all nodes in the last reading`;
  }
  if (now !== null) return `${count(now.dormant)} dormant and ${count(now.active)} active in the last reading`;
  return source === null ? 'no sources in the last reading' : 'not in the last reading';
}

function sourceTable(sources: readonly History[], { width }: TextPage): readonly string[] {
  const figure = (value: number | null | undefined) => (value == null ? UNKNOWN : count(value));
  const columns: readonly TextColumn<History>[] = [
    { title: 'SOURCE', kind: 'name', cell: ({ source }) => source?.name ?? '' },
    { title: 'NOW', kind: 'figure', cell: ({ now }) => figure(now?.dormant) },
    { title: 'USUAL', kind: 'figure', cell: ({ usualNow }) => figure(usualNow) },
    { title: 'PEAK', kind: 'figure', cell: ({ max }) => figure(max?.value) },
    { title: 'WHEN', kind: 'figure', cell: ({ max }) => (max === null ? UNKNOWN : minute(max.at).slice(5)) },
    { title: 'FIRST SEEN', kind: 'figure', cell: ({ source }) => minute(source?.firstSeen ?? 0).slice(0, 10) },
  ];
  const line: TextColumn<History> = {
    title: 'DORMANT',
    // Never shortened, because half a line would cover another time.
    kind: 'figure',
    cell: ({ buckets }) =>
      sparkline(
        buckets.map(({ dormant }) => dormant?.max ?? null),
        width >= 120 ? 32 : 16,
      ),
  };
  return tableLines({ columns: width < WIDE_ENOUGH ? columns : [...columns, line], rows: sources, width });
}

/** Gaps and limits of the figures. */
function remarks([first, ...sources]: readonly History[]): readonly string[] {
  if (first === undefined) return [];
  const { buckets, figure } = first;
  const isRead = buckets.some(({ readings }) => readings > 0);
  // A gap of one interval at the end may only be the time until the next reading.
  const long = gapsOf(first).filter(
    ({ first: begin, last, to }) => last - begin >= (to === null ? 1 : buckets.length / LONG_GAP),
  );
  const readings = buckets.reduce((all, bucket) => all + bucket.readings, 0);
  const incomplete = buckets.reduce((all, bucket) => all + bucket.incomplete, 0);
  const hasUsual = [first, ...sources].some(({ usualNow }) => usualNow !== null);
  const isUsualAsked = figure === 'dormant' && (first.source !== null || sources.length > 0);
  return [
    ...(figure === 'connections' ? ['Only the totals of the nodes are known in this time, no sources.'] : []),
    ...(isRead ? long.map(gapSentence) : ['No readings in this window.']),
    ...(incomplete > 0
      ? [
          `${count(incomplete)} of ${counted(readings, 'reading')} ${incomplete === 1 ? 'was incomplete: its' : 'were incomplete: their'} figures cover only the nodes that were read.`,
        ]
      : []),
    ...(isUsualAsked && !hasUsual ? ['There is no baseline yet: it takes a day of history.'] : []),
  ];
}

/** A gap of at least this part of the window is named; the chart shows shorter ones. */
const LONG_GAP = 8;

/** `No readings 2026-11-21 02:00Z to 2026-11-21 21:00Z.` */
function gapSentence({ from, to }: HistoryGap): string {
  return to === null ? `No readings since ${minute(from)}.` : `No readings ${minute(from)} to ${minute(to)}.`;
}

// Figures over time in block characters: a line for a table row, and a small chart with the baseline.

/**
 * Null means no reading at that time. It is not zero.
 * @internal
 */
export type HistoryFigure = number | null;

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const UNREAD = '·';
const USUAL = '╌';
const HEIGHT = 5;

/**
 * One line of at most `width` columns, scaled to its own largest figure.
 * @internal
 */
export function sparkline(figures: readonly HistoryFigure[], width: number): string {
  const columns = condensed(figures, width);
  const top = Math.max(1, ...columns.map((figure) => figure ?? 0));
  return columns
    .map((figure) => (figure === null ? UNREAD : (EIGHTHS[Math.max(1, Math.ceil((figure / top) * 8))] ?? '')))
    .join('');
}

/**
 * Five lines from the largest figure to zero, and a line with both ends of the time; at most `width` columns. The
 * baseline is visible where the figures are below it.
 * @internal
 */
export function chartLines(input: {
  readonly figures: readonly HistoryFigure[];
  readonly usual: readonly HistoryFigure[];
  /** Texts below both ends. */
  readonly ends: readonly [string, string];
  readonly width: number;
}): readonly string[] {
  const largest = Math.max(1, ...[...input.figures, ...input.usual].map((figure) => figure ?? 0));
  const label = count(Math.ceil(largest));
  const room = Math.max(input.width - label.length - 2, 1);
  const figures = stretched(condensed(input.figures, room), room);
  const usual = stretched(condensed(input.usual, room), room);
  const rows = Array.from({ length: HEIGHT }, (_, fromTop) => {
    const row = HEIGHT - 1 - fromTop;
    const cells = figures.map((figure, index) => cell({ figure, usual: usual[index] ?? null, largest, row }));
    const name = fromTop === 0 ? label : row === 0 ? '0' : '';
    return `${padded(name, label.length, 'right')} ${name === '' ? '│' : '┤'}${cells.join('')}`.trimEnd();
  });
  const [from, to] = input.ends;
  const space = ' '.repeat(Math.max(1, figures.length - from.length - to.length));
  return [...rows, `${' '.repeat(label.length + 2)}${from}${space}${to}`];
}

function cell(input: {
  readonly figure: HistoryFigure;
  readonly usual: HistoryFigure;
  readonly largest: number;
  /** From below; the lowest is 0. */
  readonly row: number;
}): string {
  const { figure, usual, largest, row } = input;
  if (figure === null) return row === 0 ? UNREAD : ' ';
  // A small figure stays visible.
  const eighths = Math.ceil((figure / largest) * HEIGHT * 8) - row * 8;
  if (eighths > 0) return EIGHTHS[Math.min(eighths, 8)] ?? '';
  const isHere = usual !== null && Math.min(Math.floor((usual / largest) * HEIGHT), HEIGHT - 1) === row;
  return isHere ? USUAL : ' ';
}

/** At most as many figures as fit. Each is the largest of the figures that it replaces, so no spike is lost. */
function condensed(figures: readonly HistoryFigure[], room: number): readonly HistoryFigure[] {
  if (figures.length <= room) return figures;
  const edge = (index: number) => Math.floor((index * figures.length) / room);
  return Array.from({ length: room }, (_, index) => {
    const known = figures.slice(edge(index), edge(index + 1)).filter((figure) => figure !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}

/** If there are few figures, each takes several columns. */
function stretched(figures: readonly HistoryFigure[], room: number): readonly HistoryFigure[] {
  const each = Math.max(1, Math.floor(room / Math.max(1, figures.length)));
  return figures.flatMap((figure) => Array.from({ length: each }, () => figure));
}
