// The report as CSV (RFC 4180): one row a source, or a row of the turned report.

import { type Dimension, turnReport } from '../core/connections/group-by.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import { type Cell, csvRow } from './csv.ts';

/** @returns the rows with their head, each ended by CR LF */
export function reportCsv(report: ConnectionReport, by: Dimension): string {
  const [head, rows] = by === 'source' ? bySource(report) : turned(report, by);
  return [head, ...rows].map(csvRow).join('');
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
