// The table: as many columns as the width allows, the first ones first.

import stringWidth from 'string-width';
import { columnsOf, type TopColumn } from '../../core/top/columns.ts';
import { sortColumn } from '../../core/top/order.ts';
import type { Track } from '../../core/top/track.ts';
import { padded, printable, shortened } from '../layout.ts';
import { arrowOf } from './header.ts';
import type { TopState } from './model.ts';

/** Figures change their width from reading to reading: a little room keeps the columns in their places. */
const LEAST_FIGURE = 5;
const LEAST_ORIGIN = 8;

interface Cells {
  readonly column: TopColumn;
  readonly title: string;
  /** Printable, one for each row. */
  readonly texts: readonly string[];
  readonly natural: number;
}

/** @returns the line of titles, then one line for each row */
export function tableOf(
  state: TopState,
  { rows, width }: { readonly rows: readonly Track[]; readonly width: number },
): { readonly titles: string; readonly lines: readonly string[] } {
  const sorted = sortColumn(state.ordering);
  const all = columnsOf(state.ordering.view).map((column): Cells => {
    const title = column === sorted ? `${column.title} ${arrowOf(state)}` : column.title;
    const texts = rows.map((row) => printable(column.text(row, state.now)));
    const least = column.kind === 'figure' ? LEAST_FIGURE : 0;
    return { column, title, texts, natural: Math.max(least, ...[title, ...texts].map((text) => stringWidth(text))) };
  });
  const { kept, widths, gap } = fitted(all, width);
  const line = (text: (cells: Cells) => string) =>
    kept
      .map((cells, index) => {
        const room = widths[index] ?? 0;
        const shown = shortened(text(cells), room);
        return padded(shown, room, cells.column.kind === 'figure' ? 'right' : 'left');
      })
      .join(gap)
      .trimEnd();
  return {
    titles: line(({ title }) => title),
    lines: rows.map((_, index) => line(({ texts }) => texts[index] ?? '')),
  };
}

interface Fitted {
  readonly kept: readonly Cells[];
  readonly widths: readonly number[];
  readonly gap: string;
}

/** Two blanks between columns where all of them fit in full, else one. */
function fitted(all: readonly Cells[], width: number): Fitted {
  const needed = all.reduce((sum, { natural }) => sum + natural + 2, -2);
  return keptWith(all, width, needed <= width ? 2 : 1);
}

/** Figures have their full width; the name and the last column share what is left. */
function keptWith(all: readonly Cells[], width: number, gap: number): Fitted {
  const leastName = width < 50 ? 10 : 16;
  const least = all.map(({ column, natural }, index) => {
    if (index === 0) return Math.min(natural, leastName, width);
    return column.kind === 'figure' ? natural : Math.min(natural, LEAST_ORIGIN);
  });
  let used = 0;
  let many = 0;
  for (const part of least) {
    const more = part + (many === 0 ? 0 : gap);
    if (used + more > width) break;
    used += more;
    many += 1;
  }
  const kept = all.slice(0, Math.max(1, many));
  let room = width - used;
  const widths = kept.map(({ natural, column }, index) => {
    const own = least[index] ?? 0;
    const more = column.kind === 'name' ? Math.min(room, natural - own) : 0;
    room -= more;
    return own + more;
  });
  return { kept, widths, gap: ' '.repeat(gap) };
}
