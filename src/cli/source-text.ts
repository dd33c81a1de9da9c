// One source in detail, as text: by app, host, driver, user and node, and the combinations.

import { count, percent } from '../core/base/format.ts';
import { zoneName } from '../core/base/time-zone.ts';
import { type Clients, clientsInWords, clientsShown } from '../core/connections/clients.ts';
import type { Dimension } from '../core/connections/group-by.ts';
import { shortHosts } from '../core/connections/node-usage.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import type { ConnectionSource, Counts } from '../core/connections/source.ts';
import { minute, type Paint, printable, type TextColumn, tableLines, wrapped } from './layout.ts';
import { footnotes, gapLines } from './report-text.ts';

/** Visible rows of one dimension; the others are summed. */
const MOST_ROWS = 10;

interface Row extends Counts, Partial<Clients> {
  readonly name: string;
}

/** @returns the text, with its last line end */
export function sourceText(input: {
  readonly report: ConnectionReport;
  readonly source: ConnectionSource;
  /** `source`: every dimension with its largest rows. Any other dimension: it alone, with all of its rows. */
  readonly by: Dimension;
  /** In columns. */
  readonly width: number;
  readonly paint: Paint;
}): string {
  const { report, source, by, width, paint } = input;
  const short = shortHosts(report);
  const named = (rows: readonly (Counts & { name: string | null })[], none: string) =>
    rows.map((row) => ({ ...row, name: row.name ?? none }));
  const drivers = source.drivers.map((row) => {
    const words = [row.name, row.version, row.platform].filter((word) => word !== null);
    return { ...row, name: words.length === 0 ? null : words.join(' ') };
  });
  const dimensions: readonly (readonly [Dimension, readonly Row[]])[] = [
    ['app', named(source.apps, '(no app)')],
    ['host', source.hosts.map((row) => ({ ...row, name: row.address }))],
    ['driver', named(drivers, '(no driver)')],
    ['user', named(source.users, '(no user)')],
    ['node', source.nodes.map((row) => ({ ...row, name: short(row.host) }))],
  ];
  const isAll = by === 'source';
  const shown = dimensions.filter(([title]) => isAll || title === by);
  const sentences = (lines: readonly string[]) => lines.map((line) => wrapped(line, { width, indent: 2 }));
  const notes = [
    ...footnotes({ sources: [source], clients: [source, ...source.hosts], by: 'source' }),
    ...footnotes({ sources: [source], clients: [], by: 'user' }).filter(isOfUsers),
  ];
  const sections = [
    sentences(head(report, source, paint)),
    ...shown.map(([title, rows]) =>
      dimension({ title: title.toUpperCase(), rows, most: isAll ? MOST_ROWS : rows.length, width, paint }),
    ),
    isAll ? combinations({ source, short, width, paint }) : [],
    sentences(notes),
    sentences(gapLines(report, paint)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const isOfUsers = (line: string) => line.startsWith('Users');

function head(report: ConnectionReport, source: ConnectionSource, paint: Paint): readonly string[] {
  const cluster = printable(report.cluster);
  const { active, dormant, monitors } = source;
  const mark = source.estimated.includes('monitors') ? '~' : '';
  const counts = `${count(active)} active  ${mark}${count(dormant)} dormant  ${mark}${count(monitors)} heartbeats`;
  return [
    `${paint('bold', printable(source.name))}  ${printable(whereFrom(source))}`,
    `  ${counts}  ${clientsInWords(source)}  ${percent(source.share)} of all sources in ${cluster}`,
  ];
}

/** How the source was recognised. */
function whereFrom({ id, name, entry, peer, class: kind }: ConnectionSource): string {
  if (entry === null) return [kind, ...(name === id ? [] : [id]), ...(peer ? [peer] : [])].join(', ');
  const comment = entry.comment === null || entry.comment === '' ? 'no comment' : `"${entry.comment}"`;
  const end =
    entry.deleteAfterDate === null ? 'no end date' : `ends ${minute(entry.deleteAfterDate)} (${zoneName(null)})`;
  return `${entry.cidrBlock} on the access list (${comment}, ${end})`;
}

function dimension(input: {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly most: number;
  readonly width: number;
  readonly paint: Paint;
}): readonly string[] {
  const { rows, most } = input;
  if (rows.length === 0) return [];
  const shown = rows.slice(0, most);
  const rest = rows.slice(most);
  const sum = (figure: keyof Counts) => rest.reduce((all, row) => all + row[figure], 0);
  const more = { name: `and ${count(rest.length)} more`, active: sum('active'), dormant: sum('dormant') };
  const columns: readonly TextColumn<Row>[] = [
    { title: input.title, kind: 'name', cell: ({ name }) => name },
    ...figures,
    ...(rows.some(({ clients }) => clients !== undefined) ? [clientsColumn] : []),
  ];
  const lines = tableLines({
    columns,
    rows: rest.length === 0 ? shown : [...shown, { ...more, monitors: sum('monitors'), clients: null }],
    width: input.width,
  });
  return titled(lines, input.paint);
}

const figures: readonly TextColumn<Counts>[] = [
  { title: 'ACTIVE', kind: 'figure', cell: ({ active }) => count(active) },
  { title: 'DORMANT', kind: 'figure', cell: ({ dormant }) => count(dormant) },
  { title: 'HEARTBEATS', kind: 'figure', cell: ({ monitors }) => count(monitors) },
];
const clientsColumn: TextColumn<Row> = {
  title: 'CLIENTS',
  kind: 'figure',
  cell: ({ clients = null, ...row }) => clientsShown({ clients, ...row }),
};

function combinations(input: {
  readonly source: ConnectionSource;
  readonly short: (host: string) => string;
  readonly width: number;
  readonly paint: Paint;
}): readonly string[] {
  const { combinations } = input.source;
  const largest = combinations.largest.slice(0, MOST_ROWS);
  const more = combinations.more + combinations.largest.length - largest.length;
  if (largest.length === 0) return [];
  const lines = tableLines({
    columns: [
      { title: 'APP', kind: 'name', cell: ({ app }) => app ?? '(no app)' },
      { title: 'HOST', kind: 'name', cell: ({ address }) => address },
      { title: 'DRIVER', kind: 'name', cell: ({ driver }) => driver ?? '(no driver)' },
      { title: 'NODE', kind: 'name', cell: ({ node }) => input.short(node) },
      { title: 'ACTIVE', kind: 'figure', cell: ({ active }) => count(active) },
      { title: 'DORMANT', kind: 'figure', cell: ({ dormant }) => count(dormant) },
    ],
    rows: largest,
    width: input.width,
  });
  return [...titled(lines, input.paint), ...(more > 0 ? [`and ${count(more)} more`] : [])];
}

function titled([head = '', ...rows]: readonly string[], paint: Paint): readonly string[] {
  return [paint('bold', head), ...rows];
}
