// The report as CSV (RFC 4180): one row a source, or a row of the turned report.

import type { ConnectionReport } from '../core/report.ts';
import { type Dimension, turnReport } from '../core/turn.ts';
import { printable } from './printable.ts';

type Cell = string | number | null;

/** @returns the rows with their head, each ended by CR LF */
export function reportCsv(report: ConnectionReport, by: Dimension): string {
  const [head, rows] = by === 'source' ? bySource(report) : turned(report, by);
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function bySource({ sources }: ConnectionReport): readonly [readonly Cell[], readonly (readonly Cell[])[]] {
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

function turned(
  report: ConnectionReport,
  by: Exclude<Dimension, 'source'>,
): readonly [readonly Cell[], readonly (readonly Cell[])[]] {
  const rows = turnReport(report, by).map((row) => [
    row.name,
    row.active,
    row.dormant,
    row.monitors,
    row.clients,
    row.sources.join('; '),
  ]);
  return [[by, 'active', 'dormant', 'monitors', 'clients', 'sources'], rows];
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
