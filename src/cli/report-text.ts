// The report as text: headline, totals, table, nodes that were not read, warnings, problems.

import stringWidth from 'string-width';
import { count, counted, joinWords, percent } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { type Clients, clientsShown } from '../core/connections/clients.ts';
import { clientsBy, clientsLeftOut, type Dimension, groupReport, tellsClients } from '../core/connections/group-by.ts';
import {
  connectionsOf,
  fullness,
  nodesRead,
  nodesUnread,
  shortHosts,
  TIGHT,
  unreadByCause,
} from '../core/connections/node-usage.ts';
import { type ConnectionReport, isRemark } from '../core/connections/report.ts';
import { type ConnectionSource, type Counts, neverAuthenticated, sizeOf } from '../core/connections/source.ts';
import { whyOfCluster } from '../core/diagnosis/diagnose.ts';
import { warningOfEach } from '../core/diagnosis/in-words.ts';
import { NO_PAST } from '../core/diagnosis/past.ts';
import { type Paint, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';

export interface View {
  readonly by: Dimension;
  /** Also list server threads by name. */
  readonly threads: boolean;
  /** In columns. */
  readonly width: number;
  readonly paint: Paint;
}

/** @returns the text, with its last line end */
export function reportText(report: ConnectionReport, view: View): string {
  const { paint, width } = view;
  const indent = Math.min(printable(report.cluster).length, 20) + 2;
  const [head, ...rows] = report.sources.length > 0 ? table(report, view) : [];
  const { by } = view;
  const clients = clientsBy(report, by);
  const notes = footnotes({ sources: report.sources, clients, leftOut: clientsLeftOut(report, by), by });
  const sections = [
    headline(report, { ...view, indent }),
    head === undefined ? [] : [paint('bold', head), ...rows],
    head === undefined ? [] : notes.map((line) => wrapped(line, { width, indent: 2 })),
    view.threads ? threadLines(report, view) : [],
    remarkLines(report, view),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

interface Head extends View {
  /** For all lines except the first. */
  readonly indent: number;
}

/** The busiest node shows whether connections run short. A sum over nodes would hide it. */
function headline(report: ConnectionReport, { paint, width, indent }: Head): readonly string[] {
  const nodes = nodesRead(report);
  const unread = nodesUnread(report).length;
  const known =
    unread === 0 ? counted(nodes.length, 'node') : `${nodes.length} of ${counted(nodes.length + unread, 'node')}`;
  const first = `${paint('bold', printable(report.cluster))}  ${connectionsOf(report)} on ${known}`;
  const busiest = busiestNode(report);
  const fits = busiest !== null && stringWidth(`${first}, ${busiest}`) <= width;
  const lines = fits || busiest === null ? [totals(report)] : [busiest, totals(report)];
  const page = { width, indent };
  return [
    wrapped(fits ? `${first}, ${busiest}` : first, page),
    ...lines.map(
      (line) => `${' '.repeat(indent)}${wrapped(line, { ...page, width: Math.max(width - indent, indent) })}`,
    ),
  ];
}

function busiestNode(report: ConnectionReport): string | null {
  const short = shortHosts(report);
  const full = nodesRead(report).flatMap((node) => {
    const found = fullness(node);
    return found === null ? [] : [{ ...found, host: node.host }];
  });
  const [busiest] = full.toSorted((a, b) => b.ratio - a.ratio);
  if (busiest === undefined) return null;
  const { host, ratio, current, limit } = busiest;
  return `busiest ${printable(short(host))} at ${percent(ratio)} (${count(current)} of ${count(limit)})`;
}

function totals({ totals }: ConnectionReport): string {
  const { active, dormant, monitors, internal, own } = totals;
  const figures = { active, dormant, heartbeats: monitors, internal, own };
  const known = Object.entries(figures).flatMap(([word, figure]) =>
    figure === null ? [] : [`${count(figure)} ${word}`],
  );
  return known.length === 0 ? 'only totals are available for this cluster' : known.join('  ');
}

/** A row of the table. Internal and own connections have rows of their own, so that the sum is the headline. */
interface Row extends Clients {
  readonly name: string;
  readonly total: number;
  /** Null for connections of no source: they are neither. */
  readonly kinds: Counts | null;
  readonly isEstimated: boolean;
  /** The entry of a source, or the sources of a group. */
  readonly origin: string;
}

function table(report: ConnectionReport, { by, width }: View): readonly string[] {
  const rows = [...(by === 'source' ? report.sources.map(sourceRow) : groupedRows(report, by)), ...asideRows(report)];
  return tableLines({ columns: columnsOf(by), rows, width });
}

function sourceRow(source: ConnectionSource): Row {
  const { name, entry, class: of, estimated } = source;
  const isEstimated = estimated.includes('monitors');
  return { ...source, name, total: sizeOf(source), kinds: source, isEstimated, origin: entry?.cidrBlock ?? of };
}

function groupedRows(report: ConnectionReport, by: Exclude<Dimension, 'source'>): readonly Row[] {
  return groupReport(report, by).map((row) => ({
    ...row,
    name: row.name ?? `(no ${by})`,
    total: sizeOf(row),
    kinds: row,
    isEstimated: false,
    origin: row.sources.join(', '),
  }));
}

function asideRows({ totals: { internal, own } }: ConnectionReport): readonly Row[] {
  const rows = [
    { name: 'internal', total: internal ?? 0 },
    { name: 'own', total: own ?? 0 },
  ];
  return rows
    .filter(({ total }) => total > 0)
    .map((row) => ({ ...row, kinds: null, clients: null, isEstimated: false, origin: '' }));
}

function columnsOf(by: Dimension): readonly TextColumn<Row>[] {
  const figure = (title: string, value: (kinds: Counts, row: Row) => string): TextColumn<Row> => {
    return { title, kind: 'figure', cell: (row) => (row.kinds === null ? '–' : value(row.kinds, row)) };
  };
  const estimate = (value: number, { isEstimated }: Row) => `${isEstimated ? '~' : ''}${count(value)}`;
  return [
    { title: by.toUpperCase(), kind: 'name', cell: ({ name }) => name },
    figure('DORMANT', ({ dormant }, row) => estimate(dormant, row)),
    { title: 'TOTAL', kind: 'figure', cell: ({ total }) => count(total) },
    figure('ACTIVE', ({ active }) => count(active)),
    ...(tellsClients(by) ? [figure('CLIENTS', (_, row) => clientsShown(row))] : []),
    figure('HEARTBEATS', ({ monitors }, row) => estimate(monitors, row)),
    { title: by === 'source' ? 'ENTRY' : 'SOURCES', kind: 'name', cell: ({ origin }) => origin },
  ];
}

interface Shown {
  readonly sources: readonly ConnectionSource[];
  /** For the rows. Only marks that appear are explained. */
  readonly clients: readonly Clients[];
  /** Names of sources whose clients no row counts. */
  readonly leftOut?: readonly string[];
  readonly by: Dimension;
}

/** The meaning of the marks in the table, and the facts that servers do not report. */
export function footnotes({ sources, clients, leftOut = [], by }: Shown): readonly string[] {
  const unsigned = neverAuthenticated(sources);
  const tells = (what: 'monitors' | 'users') => sources.some(({ estimated }) => estimated.includes(what));
  const mark = by === 'source' ? '~ is an estimate' : 'Dormant and heartbeats are estimates';
  return [
    ...(clients.some(({ clients }) => clients === null)
      ? ['? is unknown: drivers that poll do not show how many MongoClients there are.']
      : []),
    ...(clients.some(({ clientsAtLeast }) => clientsAtLeast === true)
      ? ['≥ is a lower bound: these MongoClients do not explain all of the connections.']
      : []),
    ...(leftOut.length > 0
      ? [`The numbers of clients leave out ${printable(joinWords(leftOut))}: their drivers poll.`]
      : []),
    ...(tells('monitors')
      ? [`${mark}: this server does not distinguish idle heartbeats from pooled connections.`]
      : []),
    ...(unsigned > 0
      ? [`${counted(unsigned, 'dormant connection')} never authenticated, and no heartbeat explains them.`]
      : []),
    ...(tells('users') && by === 'user'
      ? ['Users are incomplete: this server does not report the users of idle connections.']
      : []),
  ];
}

// Below the table: nodes that were not read, warnings, problems, nodes that were left out on purpose.

const MOST_WARNINGS = 8;

/** Every part of the report that its tables do not show. */
export function remarkLines(report: ConnectionReport, { width, paint }: TextPage): readonly string[] {
  return [
    ...unreadLines(report, paint),
    ...warningLines(report, paint),
    ...problemLines(report, paint),
    ...report.leftOut.map(({ host, reason }) => `left out: ${printable(host)}  ${printable(reason)}`),
  ].map((line) => wrapped(line, { width, indent: 2 }));
}

/** Why the numbers are incomplete: nodes that were not read, and problems. */
export function gapLines(report: ConnectionReport, paint: Paint): readonly string[] {
  return [...unreadLines(report, paint), ...problemLines(report, paint)];
}

function problemLines({ problems }: ConnectionReport, paint: Paint): readonly string[] {
  const mark = (problem: Problem) => (isRemark(problem) ? 'remark:' : paint('yellow', 'problem:'));
  return problems.map((problem) => `${mark(problem)} ${sentence(problem)}`);
}

function unreadLines(report: ConnectionReport, paint: Paint): readonly string[] {
  const short = shortHosts(report);
  return unreadByCause(nodesUnread(report)).map(({ hosts, problem }) => {
    // The sentence contains the node, if it is one.
    const which =
      hosts.length === 1 ? '' : `${counted(hosts.length, 'node')} (${printable(hosts.map(short).join(', '))}): `;
    return `${paint('red', 'not read:')} ${which}${sentence(problem)}`;
  });
}

function sentence(problem: Problem): string {
  return printable(inWords(problem));
}

function warningLines(report: ConnectionReport, paint: Paint): readonly string[] {
  const shown = report.findings.filter(({ severity }) => severity === 'warning').slice(0, MOST_WARNINGS);
  const more = report.findings.length - shown.length;
  return [
    ...tightNodes(report).map((text) => `${paint('red', 'warning:')} ${text}`),
    ...diagnosisLines(report, paint),
    ...shown.map(({ text }) => `${paint('yellow', 'warning:')} ${printable(text)}`),
    ...(more > 0
      ? [
          `${shown.length > 0 ? 'and ' : ''}${counted(more, shown.length > 0 ? 'more finding' : 'finding')} about the access list: atlas-conns hygiene ${printable(report.cluster)} lists them`,
        ]
      : []),
  ];
}

const MOST_DIAGNOSED = 3;

/**
 * Sources with a diagnosis, by what would be freed. A report compares with no history, as `why` does: so it gives no
 * figures that `why` would contradict, and nothing is more than likely.
 */
function diagnosisLines(report: ConnectionReport, paint: Paint): readonly string[] {
  const warnings = warningOfEach(whyOfCluster(report, NO_PAST).diagnoses);
  const more = warnings.length - MOST_DIAGNOSED;
  if (warnings.length === 0) return [];
  return [
    ...warnings
      .slice(0, MOST_DIAGNOSED)
      .map(
        ({ name, title }) =>
          `${paint('yellow', 'warning:')} ${printable(name)}: by this one reading, “${title}” is likely.`,
      ),
    `${more > 0 ? `and ${counted(more, 'more source')}: ` : ''}atlas-conns why ${printable(report.cluster)} compares with the history, and says what to change`,
  ];
}

function tightNodes(report: ConnectionReport): readonly string[] {
  const short = shortHosts(report);
  return nodesRead(report).flatMap((node) => {
    const full = fullness(node);
    if (full === null || full.ratio < TIGHT) return [];
    return [
      `${printable(short(node.host))} is at ${percent(full.ratio)} of its limit (${count(full.current)} of ${count(full.limit)})`,
    ];
  });
}

/** Server threads by name, summed over the nodes that were read. */
function threadLines(report: ConnectionReport, { width, paint }: TextPage): readonly string[] {
  const sums = new Map<string, number>();
  for (const { name, count } of nodesRead(report).flatMap(({ threads }) => threads))
    sums.set(name, (sums.get(name) ?? 0) + count);
  const rows = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (rows.length === 0) return ['No server threads were seen.'];
  const [head = '', ...lines] = tableLines<[string, number]>({
    columns: [
      { title: 'SERVER THREAD', kind: 'name', cell: ([name]) => name },
      { title: 'COUNT', kind: 'figure', cell: ([, sum]) => count(sum) },
    ],
    rows,
    width,
  });
  return [paint('bold', head), ...lines];
}
