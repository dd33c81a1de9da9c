// A table with as many rows as Slack accepts, in the style that the workspace accepts. The rows that do not fit are
// summed in a row, and are on other pages.

import type { KnownBlock, RawNumberElement, RawTextElement, RichTextBlock } from '@slack/types';
import { count } from '../../core/base/format.ts';
import { type Clients, clientsShown } from '../../core/connections/clients.ts';
import { preformatted } from './blocks.ts';
import { LIMITS } from './limits.ts';
import { type Phrase, plain, plainOf, type RichTextPart, richText } from './rich-text.ts';
import type { TablePage, TableStyle } from './types.ts';

export interface NumberCell {
  readonly value: number;
  readonly text: string;
}

/** Null is unknown, which is not zero. A phrase has marked words or a time. */
export type TableCell = string | NumberCell | RichTextPart | Phrase | null;

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
  /** One row for all rows that do not fit, `and 31 more`, with their sums. On a later page one for those before, too. */
  readonly rest: (rows: readonly Row[], where: 'after' | 'before') => Row;
  /** Always shown, below the others. */
  readonly last?: readonly Row[];
  /** The place of the first row of the page, from 0; 0 by default. */
  readonly from?: number;
  readonly style: TableStyle;
  /** The number of characters left in the message. */
  readonly room: number;
}

/** Characters of a cell; columns of text are narrower. */
const LONGEST: Readonly<Record<ColumnKind, number>> = { name: 80, figure: 30, sentence: 300 };
const WIDEST: Readonly<Record<ColumnKind, number>> = { name: 28, figure: 30, sentence: 100 };
/** Two times with dates, and a few words. */
const LEAST_PHRASE = 60;
const PAGE = 10;
const ROWS: Readonly<Record<TableStyle, number>> = {
  data_table: LIMITS.dataTableRows,
  table: LIMITS.tableRows,
  text: LIMITS.dataTableRows,
  short: 15,
};
const isText = (style: TableStyle) => style === 'text' || style === 'short';

export const figure = (value: number, mark = ''): NumberCell => ({ value, text: `${mark}${count(value)}` });

/** `and 31 more`, `31 before` */
export const restName = (rows: readonly unknown[], where: 'after' | 'before'): string =>
  where === 'before' ? `${count(rows.length)} before` : `and ${count(rows.length)} more`;

export const clientsCell = (row: Clients): NumberCell | null =>
  row.clients === null ? null : { value: row.clients, text: clientsShown(row) };

/** Null for a table without rows, because Slack refuses it. */
export function tablePage<Row>(input: TableInput<Row>): TablePage | null {
  const { rows, from = 0 } = input;
  if (rows.length === 0) return null;
  // Meanwhile the rows may have become fewer.
  const first = from < rows.length ? Math.max(0, from) : 0;
  const { shown, end } = fitting({ ...input, from: first });
  const block = isText(input.style) ? textTable(input, shown) : nativeTable(input, shown);
  return { block, from: first, end, earlier: earlierOf(input, first), of: rows.length };
}

/** A whole page back. If fewer rows fit on that page, its next one has the others. */
function earlierOf<Row>({ last = [], style }: TableInput<Row>, from: number): number | null {
  const whole = ROWS[style] - last.length - 1;
  return from === 0 ? null : from <= whole ? 0 : from - whole + 1;
}

/** The first page. */
export function table<Row>(input: TableInput<Row>): KnownBlock | null {
  return tablePage(input)?.block ?? null;
}

/** A row for the rows before, the rows of the page, a row for the rows after it, and the last rows. */
function fitting<Row>(input: TableInput<Row> & { readonly from: number }): {
  readonly shown: readonly Row[];
  readonly end: number;
} {
  const { rows, rest, last = [], columns, style, from } = input;
  const before = from === 0 ? [] : [rest(rows.slice(0, from), 'before')];
  const size = rowSize(input);
  const always = [...before, ...last];
  const fixed = [...columns.map(({ title }) => title.length), ...always.map(size)].reduce((all, one) => all + one, 0);
  const room = Math.min(input.room, LIMITS.tableCharacters) - input.caption.length - fixed;
  const most = ROWS[style] - always.length;
  const here = rows.slice(from, from + most);
  const sizes = here.map(size);
  const all = sizes.reduce((total, one) => total + one, 0);
  if (from + here.length === rows.length && all <= room)
    return { shown: [...before, ...here, ...last], end: rows.length };
  // The row for all of them is at least as long as the row for the last of them.
  let left = room - size(rest(rows.slice(from), 'after'));
  const full = sizes.slice(0, most - 1).findIndex((one) => {
    left -= one;
    return left < 0;
  });
  // An empty page would lead to itself.
  const kept = full === -1 ? Math.min(most - 1, here.length) : Math.max(1, full);
  const end = from + kept;
  return { shown: [...before, ...here.slice(0, kept), rest(rows.slice(end), 'after'), ...last], end };
}

/** The characters of a row. In a table of text all rows are as wide as the columns. */
function rowSize<Row>({ columns, rows, rest, last = [], from = 0, style }: TableInput<Row>): (row: Row) => number {
  if (!isText(style))
    return (row) => columns.reduce((all, column) => all + shown(column.cell(row), LONGEST[column.kind]).length, 0);
  const page = rows.slice(from, from + ROWS[style]);
  const width = widths(columns, [...page, ...last, rest(rows, 'after')]).reduce((all, one) => all + one + 2, 0);
  return () => width;
}

function shown(cell: TableCell, max: number): string {
  if (cell === null) return '?';
  if (typeof cell === 'string') return plain(cell, { max });
  if (isNumber(cell)) return cell.text;
  // A time that is cut says nothing.
  return plain(plainOf(phraseOf(cell)), { max: Math.max(max, LEAST_PHRASE) });
}

const isNumber = (cell: Exclude<TableCell, string | null>): cell is NumberCell => 'value' in cell;
const phraseOf = (cell: Exclude<TableCell, NumberCell | null>): Phrase =>
  typeof cell === 'string' || 'kind' in cell ? [cell] : cell;

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
  if (isNumber(cell)) return { type: 'raw_number', value: cell.value, text: cell.text };
  const phrase = phraseOf(cell);
  const isPlain = phrase.every((part) => typeof part === 'string');
  // A cut loses the marks.
  return isPlain || shown(phrase, max + 1).length > max
    ? { type: 'raw_text', text: shown(phrase, max) }
    : { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...richText(phrase)] }] };
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
