// Rows as CSV (RFC 4180), with nothing that a spreadsheet would run or a terminal would obey.

import { printable } from './printable.ts';

export type Cell = string | number | null;

/** @returns the row, ended by CR LF */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** Figures of ours stay figures; unknown is an empty cell. */
function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = defused(safe(value));
  return /[",\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What begins a formula, in Excel full-width as well; https://owasp.org/www-community/attacks/CSV_Injection. */
const begins = /^\s*[=+\-@＝＋－＠\t\r]/;
/** The same behind what another program, or another country's spreadsheet, takes for the end of a cell. */
const goesOn = /([,;|\t\r\n]"*[^\S\t\r\n]*)(?=[=+\-@＝＋－＠])/g;

/** A text that a spreadsheet would run as a formula is made a text by an apostrophe. Blanks before it change nothing. */
function defused(text: string): string {
  const body = text.trimStart();
  const blank = text.slice(0, text.length - body.length);
  return `${begins.test(text) ? "'" : ''}${blank}${body.replace(goesOn, "$1'")}`;
}

/** Tabs and ends of line are data here; every other control character would act on the terminal. */
function safe(text: string): string {
  return text
    .split(/([\t\r\n])/)
    .map((part) => (/^[\t\r\n]$/.test(part) ? part : printable(part)))
    .join('');
}
