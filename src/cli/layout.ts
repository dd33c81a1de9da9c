// Text layout for a terminal: tables, wrapped lines, styles, times. Outside text cannot control the terminal.

import { styleText } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { wallTimeAt, zoneName } from '../core/base/time-zone.ts';

type Style = Parameters<typeof styleText>[0];
/** Styles a text that is already printable, because a style consists of control characters. */
export type Paint = (style: Style, text: string) => string;

export function painter(colors: boolean): Paint {
  return colors ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

export interface TextPage {
  /** In columns. */
  readonly width: number;
  readonly paint: Paint;
}

/** Wraps at words and indents the lines that follow. */
export function wrapped(line: string, { width, indent }: { readonly width: number; readonly indent: number }): string {
  const [first = '', ...rest] = wrapAnsi(line, width, { hard: true }).split('\n');
  if (rest.length === 0) return first;
  // The first line may use the full width; the others are indented.
  return wrapAnsi(line, Math.max(width - indent, 1), { hard: true }).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

// Tables: figures keep their width, names are shortened.

export interface TextColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** A figure is right-aligned and never shortened. A name is left-aligned and shortened when room is short. */
  readonly kind: 'figure' | 'name';
}

const GAP = '  ';
/** A shorter name would be meaningless, so a narrower terminal wraps the line. */
const LEAST_NAME = 8;

/** @returns the header and one line for each row, at most `width` columns if the figures leave room for names */
export function tableLines<Row>(input: {
  readonly columns: readonly TextColumn<Row>[];
  readonly rows: readonly Row[];
  readonly width: number;
}): readonly string[] {
  const { columns } = input;
  const cells = [
    columns.map(({ title }) => title),
    ...input.rows.map((row) => columns.map(({ cell }) => printable(cell(row)))),
  ];
  const natural = columns.map((_, index) => Math.max(...cells.map((line) => stringWidth(line[index] ?? ''))));
  const widths = fitted({ columns, natural, width: input.width });
  return cells.map((line) =>
    columns
      .map(({ kind }, index) => {
        const width = widths[index] ?? 0;
        const text = line[index] ?? '';
        return kind === 'figure' ? padded(text, width, 'right') : padded(shortened(text, width), width, 'left');
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Distributes the room among the names. Short names get their full width; the others share the rest equally. */
function fitted<Row>(input: {
  readonly columns: readonly TextColumn<Row>[];
  readonly natural: readonly number[];
  readonly width: number;
}): readonly number[] {
  const { columns, natural } = input;
  const widths = [...natural];
  const isFigure = (index: number) => columns[index]?.kind === 'figure';
  const figures = natural.filter((_, index) => isFigure(index)).reduce((sum, width) => sum + width, 0);
  let room = input.width - figures - GAP.length * (columns.length - 1);
  const names = [...columns.keys()].filter((index) => !isFigure(index));
  names.sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0));
  names.forEach((index, place) => {
    const share = Math.max(LEAST_NAME, Math.floor(room / (names.length - place)));
    const width = Math.min(natural[index] ?? 0, share);
    widths[index] = width;
    room -= width;
  });
  return widths;
}

// Outside text for a terminal. It cannot move the cursor, change a colour or reverse the line.

/** Controls (C0, C1, DEL), invisible and bidirectional formatting, line separators, and unassigned characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Replaces every such character with a visible escape: `\n`, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => NAMED[character] ?? codePoint(character));
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Cuts printable text to `width` columns with … in the middle: both ends of a name or host matter. */
export function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width < 2) return '…'.slice(0, Math.max(0, width));
  const graphemes = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
  const tailRoom = Math.floor((width - 1) / 3);
  const tail = fitting(graphemes.toReversed(), tailRoom).toReversed().join('');
  const head = fitting(graphemes, width - 1 - stringWidth(tail)).join('');
  return `${head}…${tail}`;
}

/** As many of the first graphemes as fit. */
function fitting(graphemes: readonly string[], width: number): readonly string[] {
  let room = width;
  const end = graphemes.findIndex((grapheme) => {
    room -= stringWidth(grapheme);
    return room < 0;
  });
  return end === -1 ? graphemes : graphemes.slice(0, end);
}

/** Adds blanks up to `width` columns. */
export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + space : space + text;
}

// Times are in the zone of this machine. A page names the zone once.

/** `2026-09-16 08:10` @param at ISO 8601, or milliseconds since 1970 */
export function minute(at: string | number): string {
  const { date, time } = wallTimeAt(new Date(at).getTime(), null);
  return `${date} ${time}`;
}

/** For the end of a page, or the start of a stream. */
export function zoneLine(): string {
  return `Times are in ${zoneName(null)}.`;
}
