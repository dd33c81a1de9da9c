// Figures over time in block characters: a line for a row of a table, and a small chart with the usual drawn in.

import { count } from '../core/base/format.ts';
import { padded } from './printable.ts';

/** Null: nothing was read then, which is no zero. */
export type Figure = number | null;

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
export const UNREAD = '·';
export const USUAL = '╌';
const HEIGHT = 5;

/** One line of at most `width` columns, scaled to its own largest figure. */
export function sparkline(figures: readonly Figure[], width: number): string {
  const columns = condensed(figures, width);
  const top = Math.max(1, ...columns.map((figure) => figure ?? 0));
  return columns
    .map((figure) => (figure === null ? UNREAD : (EIGHTHS[Math.max(1, Math.ceil((figure / top) * 8))] ?? '')))
    .join('');
}

/**
 * Five lines from the largest figure to zero, and a line of what stands at both ends of the time; at most `width` columns.
 * The usual is seen where the figures are below it.
 */
export function chartLines(input: {
  readonly figures: readonly Figure[];
  readonly usual: readonly Figure[];
  /** In words, below both ends. */
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
  readonly figure: Figure;
  readonly usual: Figure;
  readonly largest: number;
  /** From below, the lowest is 0. */
  readonly row: number;
}): string {
  const { figure, usual, largest, row } = input;
  if (figure === null) return row === 0 ? UNREAD : ' ';
  // Little is not shown as nothing.
  const eighths = Math.ceil((figure / largest) * HEIGHT * 8) - row * 8;
  if (eighths > 0) return EIGHTHS[Math.min(eighths, 8)] ?? '';
  const isHere = usual !== null && Math.min(Math.floor((usual / largest) * HEIGHT), HEIGHT - 1) === row;
  return isHere ? USUAL : ' ';
}

/** As many figures as there is room for: each the largest of those it stands for, so that no spike is lost. */
function condensed(figures: readonly Figure[], room: number): readonly Figure[] {
  if (figures.length <= room) return figures;
  const edge = (index: number) => Math.floor((index * figures.length) / room);
  return Array.from({ length: room }, (_, index) => {
    const known = figures.slice(edge(index), edge(index + 1)).filter((figure) => figure !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}

/** Few figures take several columns each. */
function stretched(figures: readonly Figure[], room: number): readonly Figure[] {
  const each = Math.max(1, Math.floor(room / Math.max(1, figures.length)));
  return figures.flatMap((figure) => Array.from({ length: each }, () => figure));
}
