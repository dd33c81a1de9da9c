// A table with as many rows as Slack accepts, in the style that the workspace accepts. A last row sums the others.

import type { KnownBlock, RawNumberElement, RawTextElement, RichTextBlock } from '@slack/types';
import { count } from '../../core/base/format.ts';
import { type Clients, clientsShown } from '../../core/connections/clients.ts';
import { preformatted } from './blocks.ts';
import { LIMITS } from './limits.ts';
import { inUtc, type Phrase, plain, richText, type Timestamp } from './rich-text.ts';
import type { TableStyle } from './types.ts';

export interface NumberCell {
  readonly value: number;
  readonly text: string;
}

/** Null is unknown, which is not zero. A phrase is words of ours, with times. */
export type TableCell = string | NumberCell | Timestamp | readonly (string | Timestamp)[] | null;

type ColumnKind = 'name' | 'figure' | 'sentence';

export interface TableColumn<Row> {
  readonly title: string;
  readonly kind: ColumnKind;
  readonly cell: (row: Row) => TableCell;
}

export interface TableInput<Row> {
  /** The table's name for screen readers. */
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  /** One row for all rows that do not fit: `and 31 more`, with their sums. */
  readonly rest: (rows: readonly Row[]) => Row;
  readonly style: TableStyle;
  /** The number of characters left in the message. */
  readonly room: number;
}

/** Characters of a cell; columns of text are narrower. */
const LONGEST: Readonly<Record<ColumnKind, number>> = { name: 80, figure: 30, sentence: 300 };
const WIDEST: Readonly<Record<ColumnKind, number>> = { name: 28, figure: 30, sentence: 100 };
const PAGE = 10;
const ROWS: Readonly<Record<TableStyle, number>> = {
  data_table: LIMITS.dataTableRows,
  table: LIMITS.tableRows,
  text: LIMITS.dataTableRows,
};

export const figure = (value: number, mark = ''): NumberCell => ({ value, text: `${mark}${count(value)}` });

export const clientsCell = (row: Clients): NumberCell | null =>
  row.clients === null ? null : { value: row.clients, text: clientsShown(row) };

/** Null for a table without rows, because Slack refuses it. */
export function table<Row>(input: TableInput<Row>): KnownBlock | null {
  if (input.rows.length === 0) return null;
  const rows = fitting(input);
  return input.style === 'text' ? textTable(input, rows) : nativeTable(input, rows);
}

/** The first rows, and one row for the rest if there are more. */
function fitting<Row>(input: TableInput<Row>): readonly Row[] {
  const { rows, rest, columns, style } = input;
  const room = Math.min(input.room, LIMITS.tableCharacters) - input.caption.length;
  const most = ROWS[style];
  const size = rowSize(input);
  const fixed = columns.reduce((all, { title }) => all + title.length, 0);
  const sizes = rows.slice(0, most).map(size);
  const all = sizes.reduce((total, one) => total + one, fixed);
  if (rows.length <= most && all <= room) return rows;
  // The row for all of them is at least as long as the row for the last of them.
  let left = room - fixed - size(rest(rows));
  const end = sizes.slice(0, most - 1).findIndex((one) => {
    left -= one;
    return left < 0;
  });
  const kept = end === -1 ? Math.min(most - 1, rows.length) : end;
  return [...rows.slice(0, kept), rest(rows.slice(kept))];
}

/** The characters of a row. In a table of text all rows are as wide as the columns. */
function rowSize<Row>({ columns, rows, rest, style }: TableInput<Row>): (row: Row) => number {
  if (style !== 'text')
    return (row) => columns.reduce((all, column) => all + shown(column.cell(row), LONGEST[column.kind]).length, 0);
  const width = widths(columns, [...rows.slice(0, ROWS.text), rest(rows)]).reduce((all, one) => all + one + 2, 0);
  return () => width;
}

function shown(cell: TableCell, max: number): string {
  if (cell === null) return '?';
  if (typeof cell === 'string') return plain(cell, { max });
  if (isPhrase(cell)) return cell.map((part) => (typeof part === 'string' ? part : inUtc(part))).join('');
  return 'kind' in cell ? inUtc(cell) : cell.text;
}

function nativeTable<Row>({ caption, columns, style }: TableInput<Row>, rows: readonly Row[]): KnownBlock {
  const head = columns.map(({ title }): RawTextElement => ({ type: 'raw_text', text: title }));
  const body = rows.map((row) => columns.map((column) => nativeCell(column.cell(row), LONGEST[column.kind])));
  if (style === 'data_table') {
    return {
      type: 'data_table',
      caption: plain(caption, { max: LIMITS.header }),
      rows: [head, ...body],
      page_size: PAGE,
    };
  }
  const settings = columns.map(({ kind }) =>
    kind === 'figure' ? { align: 'right' as const } : { align: 'left' as const, is_wrapped: true },
  );
  return { type: 'table', rows: [head, ...body], column_settings: settings };
}

/** Unknown stays text. A number cell needs a number, and a copy of the table would contain it. */
function nativeCell(cell: TableCell, max: number): RawTextElement | RawNumberElement | RichTextBlock {
  if (cell === null || typeof cell === 'string') return { type: 'raw_text', text: shown(cell, max) };
  if (!isPhrase(cell) && !('kind' in cell)) return { type: 'raw_number', value: cell.value, text: cell.text };
  const phrase = isPhrase(cell) ? cell : [cell];
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...richText(phrase)] }] };
}

function isPhrase(cell: NumberCell | Timestamp | Extract<TableCell, Phrase>): cell is Extract<TableCell, Phrase> {
  return Array.isArray(cell);
}

function textTable<Row>({ columns }: TableInput<Row>, rows: readonly Row[]): KnownBlock {
  const wide = widths(columns, rows);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => padded(cell, { width: wide[at] ?? 0, kind: columns[at]?.kind ?? 'name' }))
      .join('  ')
      .trimEnd();
  const body = rows.map((row) => line(columns.map((column) => shown(column.cell(row), WIDEST[column.kind]))));
  return preformatted([line(columns.map(({ title }) => title)), ...body]);
}

function widths<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): readonly number[] {
  return columns.map(({ title, kind, cell }) =>
    rows.reduce((most, row) => Math.max(most, shown(cell(row), WIDEST[kind]).length), title.length),
  );
}

function padded(cell: string, { width, kind }: { readonly width: number; readonly kind: ColumnKind }): string {
  return kind === 'figure' ? cell.padStart(width) : cell.padEnd(width);
}
