// An opened row: its figures, then a table each of its apps, hosts, nodes and drivers.

import { count } from '../../core/base/format.ts';
import { columnsOf } from '../../core/top/columns.ts';
import type { PartRow, TopPart, TopView } from '../../core/top/row.ts';
import { printable, type TextColumn, tableLines, wrapped } from '../layout.ts';
import { cut } from './line.ts';
import type { OpenedRow } from './model.ts';

/** Of one table; the others are counted. */
const MOST_ROWS = 200;

/** Lines: an origin may be as long as a list of sources. */
const MOST_FIGURES = 4;

export interface DetailLine {
  readonly text: string;
  readonly isTitle: boolean;
}

/** The first lines stay in their place: the name and the figures of the row. */
export function figuresLines(
  { track }: OpenedRow,
  { view, width, now }: { readonly view: TopView; readonly width: number; readonly now: number },
): { readonly name: string; readonly figures: readonly string[] } {
  const columns = columnsOf(view).filter(({ key }) => key !== 'name');
  const figures = columns.map((column) => `${column.title.toLowerCase()} ${printable(column.text(track, now))}`);
  const lines = wrapped(figures.join('  '), { width, indent: 0 }).split('\n');
  return { name: cut(track.row.name, width), figures: lines.slice(0, MOST_FIGURES) };
}

export function partLines(
  { parts }: Pick<OpenedRow, 'parts'>,
  { view, width }: { readonly view: TopView; readonly width: number },
): readonly DetailLine[] {
  return parts.flatMap((part, index) => {
    const [titles = '', ...lines] = tableLines({
      columns: columnsOfPart(part, view),
      rows: part.rows.slice(0, MOST_ROWS),
      width,
    });
    const more = part.rows.length - MOST_ROWS;
    return [
      ...(index === 0 ? [] : [{ text: '', isTitle: false }]),
      { text: cut(titles, width), isTitle: true },
      // Figures that are wider than the terminal are cut, not wrapped.
      ...lines.map((text) => ({ text: cut(text, width), isTitle: false })),
      ...(more > 0 ? [{ text: `and ${count(more)} more`, isTitle: false }] : []),
    ];
  });
}

/** The number of lines, without laying them out. */
export function partsHeight({ parts }: Pick<OpenedRow, 'parts'>): number {
  const heights = parts.map(({ rows }) => 2 + Math.min(rows.length, MOST_ROWS + 1));
  return Math.max(0, heights.reduce((sum, height) => sum + height, 0) - 1);
}

function columnsOfPart({ title }: TopPart, view: TopView): readonly TextColumn<PartRow>[] {
  const figure = (heading: string, value: (row: PartRow) => number | null): TextColumn<PartRow> => {
    return { title: heading, kind: 'figure', cell: (row) => shownFigure(value(row)) };
  };
  const name: TextColumn<PartRow> = { title: title.toUpperCase(), kind: 'name', cell: (row) => row.name };
  if (view === 'pools') return [name, figure('OPEN', ({ now }) => now), figure('IN USE', ({ active }) => active)];
  return [
    name,
    figure('NOW', ({ now }) => now),
    figure('ACTIVE', ({ active }) => active),
    figure('DORMANT', ({ dormant }) => dormant),
    figure('HEARTBEATS', ({ heartbeats }) => heartbeats),
  ];
}

function shownFigure(value: number | null): string {
  return value === null ? '–' : count(value);
}
