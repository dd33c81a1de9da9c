// CSV (RFC 4180) without text that a spreadsheet executes or a terminal obeys. Loaded only for --csv.

import { stringify } from 'csv-stringify/sync';
import { type Dimension, groupReport } from '../core/connections/group-by.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import { printable } from './layout.ts';

type CsvCell = string | number | null;

/** @returns the rows, each with CR LF at its end. A number stays a number, and null is an empty cell. */
export function csvRows(rows: readonly (readonly CsvCell[])[]): string {
  return stringify([...rows], {
    record_delimiter: 'windows',
    escape_formulas: true,
    quoted_match: /[\t\r\n]/,
    cast: { string: inert },
  });
}

/** A formula after blanks: `escape_formulas` checks only the first character. */
const indented = /^(?![\t\r])\s+(?=[=+\-@＝＋－＠\t\r])/;
/** A formula after a character that another program, or another country's spreadsheet, reads as the end of a cell. */
const inside = /([,;|\t\r\n]"*[^\S\t\r\n]*)(?=[=+\-@＝＋－＠])/g;

/** An apostrophe turns a formula into text. Tabs and line ends are data; other control characters become visible. */
function inert(text: string): string {
  return text
    .replace(/[^\t\r\n]+/g, printable)
    .replace(inside, "$1'")
    .replace(indented, "'$&");
}

/** One row for each source, or for each row of the grouped report, below a header. */
export function reportCsv(report: ConnectionReport, by: Dimension): string {
  const [head, rows] = by === 'source' ? bySource(report) : grouped(report, by);
  return csvRows([head, ...rows]);
}

function bySource({ sources }: ConnectionReport): readonly [readonly CsvCell[], readonly (readonly CsvCell[])[]] {
  const head = ['id', 'name', 'class', 'entry', 'comment', 'active', 'dormant', 'monitors', 'clients', 'share'];
  const rows = sources.map((source) => [
    source.id,
    source.name,
    source.class,
    source.entry?.cidrBlock ?? null,
    source.entry?.comment ?? null,
    source.active,
    source.dormant,
    source.monitors,
    source.clients,
    source.share,
  ]);
  return [head, rows];
}

function grouped(
  report: ConnectionReport,
  by: Exclude<Dimension, 'source'>,
): readonly [readonly CsvCell[], readonly (readonly CsvCell[])[]] {
  const rows = groupReport(report, by).map((row) => [
    row.name,
    row.active,
    row.dormant,
    row.monitors,
    row.clients,
    row.sources.join('; '),
  ]);
  return [[by, 'active', 'dormant', 'monitors', 'clients', 'sources'], rows];
}
