// A table that fits the terminal: figures keep their width, names give way.

import stringWidth from 'string-width';
import { padded, printable, shortened } from './terminal.ts';

export interface TextColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** A figure: right-aligned and never shortened. A name: left-aligned and shortened where room is short. */
  readonly kind: 'figure' | 'name';
}

const GAP = '  ';
/** Below this a name says nothing any more: a terminal so narrow wraps the line instead. */
const LEAST_NAME = 8;

/** @returns the head and one line a row, each at most `width` columns as long as the figures leave names any room */
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

/** Shares the room among the names: short ones get what they need, the others the rest in equal parts. */
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
