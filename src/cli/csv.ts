// Rows as CSV (RFC 4180), with nothing that a spreadsheet would run or a terminal would obey.

import { printable } from './printable.ts';

export type Cell = string | number | null;

/** @returns the row, ended by CR LF */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** A text that a spreadsheet would run as a formula begins with an apostrophe; unknown is an empty cell. */
function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = safe(value);
  const defused = /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n\t]/.test(defused) ? `"${defused.replaceAll('"', '""')}"` : defused;
}

/** Tabs and ends of line are data here; every other control character would act on the terminal. */
function safe(text: string): string {
  return text
    .split(/([\t\r\n])/)
    .map((part) => (/^[\t\r\n]$/.test(part) ? part : printable(part)))
    .join('');
}
