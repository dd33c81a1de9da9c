// The report: the headroom, the holders of the connections, and the warnings.

import { count, counted, joinWords, percent, sum } from '../../core/base/format.ts';
import { type Clients, togetherOf } from '../../core/connections/clients.ts';
import { type Dimension, groupReport, tellsClients } from '../../core/connections/group-by.ts';
import { byFullness, connectionsOf, fullness, nodesRead, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type Counts, sizeOf } from '../../core/connections/source.ts';
import { againstUsual, type BaselineComparison } from '../../core/ports/monitor.ts';
import { viewValue } from '../blockkit/action-values.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase, plain } from '../blockkit/rich-text.ts';
import { clientsCell, figure, restName, type TableCell, type TableColumn, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';

import { type ReportContext, silenceLines } from './alert-status.ts';
import { reportButtons } from './buttons.ts';
import {
  alertLines,
  doubtLines,
  type FarBelow,
  farBelow,
  footer,
  problemLines,
  type SourceWarnings,
  sentence,
  sharerLines,
  shutOutLines,
  tightLines,
  unreadLines,
  unsaidSilences,
  warningLines,
} from './notes.ts';
import { unreadView } from './notices.ts';

const LONGEST_CLUSTER = 64;
/** Sources that the fallback text names. */
const LOUDEST = 3;

export interface ReportViewInput {
  readonly report: ConnectionReport;
  readonly by: Dimension;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The slash command's name. */
  readonly command?: string;
  /** Null without a monitor. */
  readonly reportContext?: ReportContext | null;
  /** Sources with a diagnosis; none by default. */
  readonly warnings?: SourceWarnings;
  /** Lines about other clusters that are not fine. */
  readonly others?: readonly Phrase[];
  /** The place of the table's first row, from 0. */
  readonly page?: number;
}

export function reportView(input: ReportViewInput): MessageView {
  const { report, by, ageMs, place, command = '/atlas-conns', reportContext = null } = input;
  if (nodesRead(report).length === 0) return unreadView(report, { place });
  const { cluster, sources } = report;
  const title = titleOf(report, by);
  const totals: Phrase = [totalsOf(report)];
  const below = farBelow(report, reportContext);
  const more = `${command} alerts ${cluster}`;
  const abnormal = [
    ...alertLines(report, reportContext, { place, more }),
    ...tightLines(report, reportContext),
    ...shutOutLines(below),
    ...(input.others ?? []),
  ];
  const sharer = sharerLines(place);
  const remarks = [
    ...warningLines(report, { command, sources: input.warnings ?? { worst: [], more: 0 } }),
    ...silenceLines(unsaidSilences(reportContext), { place, more }),
    ...(reportContext?.problem == null ? [] : [sentence(reportContext.problem)]),
    ...unreadLines(report),
    ...problemLines(report),
  ];
  return message({
    said: [[title], ...abnormal, totals, ...loudest(report), ...remarks, ...sharer],
    above: [header(title), prose([...sharer, ...abnormal, totals])],
    table: (room) => reportTable({ ...input, usual: reportContext?.usual ?? null, below, room }),
    turnTo: (page) => viewValue({ view: 'report', cluster, by, readAt: Date.parse(report.at), page }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      reportButtons({ cluster, by, sources, place, readAt: Date.parse(report.at) }),
      footer(report, { ageMs, notes: [...doubtLines(report, by), ...partlyRead(input)] }),
    ],
  });
}

/**
 * `prod — 785 connections on 2 of 3 nodes, busiest node at 31 %`: never a sum of nodes against a sum of limits. Nodes are
 * named only if some were not read.
 */
function titleOf(report: ConnectionReport, by: Dimension): string {
  const [busiest] = byFullness(report);
  const grouping = by === 'source' ? '' : ` by ${by}`;
  const full = busiest === undefined ? '' : `, busiest node at ${percent(busiest.ratio)}`;
  const name = plain(report.cluster, { max: LONGEST_CLUSTER });
  return `${name}${grouping} — ${connectionsOf(report)}${isWhole(report) ? '' : ` ${nodesOf(report)}`}${full}`;
}

/** The meaning of `?` in the column of the usual, if a row has one. */
function partlyRead({ report, by, reportContext = null }: ReportViewInput): readonly Phrase[] {
  const usual = reportContext?.usual ?? new Map<string, BaselineComparison>();
  const isThere = report.sources.some(({ id, dormant }) => againstCell(dormant, usual.get(id), report) === null);
  return by === 'source' && isThere
    ? [['? against usual is unknown: the nodes that were not read may hold the rest.']]
    : [];
}

const isWhole = (report: ConnectionReport) => nodesRead(report).length === report.nodes.length;

function totalsOf(report: ConnectionReport): string {
  const { active, dormant, monitors, internal, own } = report.totals;
  const mark = report.sources.some(({ estimated }) => estimated.includes('monitors')) ? '~' : '';
  const figures = [
    [active, '', 'active'],
    [dormant, mark, 'dormant'],
    [monitors, mark, 'heartbeats'],
    [internal, '', 'internal'],
    [own, '', 'own'],
  ] as const;
  const known = figures.flatMap(([value, sign, word]) => (value === null ? [] : [`${sign}${count(value)} ${word}`]));
  const start = known.length === 0 ? ['Only totals are available for this cluster'] : known;
  return [...start, ...(isWhole(report) ? [nodesOf(report)] : [])].join(' · ');
}

function nodesOf(report: ConnectionReport): string {
  const read = nodesRead(report).length;
  const known = report.nodes.length;
  return read === known ? `on ${counted(known, 'node')}` : `on ${read} of ${counted(known, 'node')}`;
}

/** The largest sources, for notifications and screen readers, which have only the first lines. */
function loudest({ sources }: ConnectionReport): readonly Phrase[] {
  const most = sources
    .slice(0, LOUDEST)
    .map(
      ({ name, active, dormant, monitors }) => `${plain(name, { max: 60 })} (${count(active + dormant + monitors)})`,
    );
  return most.length === 0 ? [] : [[`Most are held by ${joinWords(most)}.`]];
}

// The report's table: one row per source, or per app, user, host, driver or node in a grouped report. Internal and own
// connections have rows of their own, so that the sum is the headline.

interface Row extends Counts, Clients {
  readonly name: TableCell;
  readonly connections: number;
  /** The sources of its connections; empty for a source itself. */
  readonly sources: readonly string[];
  readonly isEstimated: boolean;
  /** Empty when it is unknown. */
  readonly against: TableCell;
  /** Of a node: its usage, 0 to 1, null when it is unknown; and its connections of no source. */
  readonly used?: number | null;
  readonly aside?: number;
  /** Its connections are of no source, so they are neither active nor dormant nor heartbeats. */
  readonly isAside?: true;
}

const TITLES: Readonly<Record<Dimension, string>> = {
  source: 'Source',
  app: 'App',
  user: 'User',
  host: 'Host',
  driver: 'Driver',
  node: 'Node',
};
/** The most sources that a row of another grouping names. */
const MOST_SOURCES = 2;

interface TableOf extends Pick<ReportViewInput, 'report' | 'by' | 'tables' | 'page'> {
  /** By id of the source; null or empty without a history. */
  readonly usual: ReadonlyMap<string, BaselineComparison> | null;
  readonly below: readonly FarBelow[];
  readonly room: number;
}

function reportTable({ report, by, tables, page, room, ...input }: TableOf): TablePage | null {
  if (report.sources.length === 0) return null;
  const usual = by === 'source' && input.usual !== null && input.usual.size > 0 ? input.usual : null;
  return tablePage({
    caption: `Connections by ${by}`,
    columns: columnsOf(by, usual !== null),
    rows: by === 'source' ? sourceRows(report, { usual, below: input.below }) : turnedRows(report, by),
    rest,
    last: by === 'node' ? [] : asideRows(report),
    from: page ?? 0,
    style: tables,
    room,
  });
}

function sourceRows(report: ConnectionReport, { usual, below }: Pick<TableOf, 'usual' | 'below'>): readonly Row[] {
  const fallen = new Map(below.map((one) => [one.source, one]));
  const rows = report.sources.map(({ id, name, active, dormant, monitors, estimated, ...source }): Row => {
    const far = fallen.get(id);
    fallen.delete(id);
    return {
      ...{ name, active, dormant, monitors, sources: [], ...togetherOf([source]) },
      connections: active + dormant + monitors,
      isEstimated: estimated.includes('monitors'),
      against: usual === null ? '' : far === undefined ? againstCell(dormant, usual.get(id), report) : belowCell(far),
    };
  });
  // Those that are shut out whole are in no source of the reading.
  const gone = [...fallen.values()].map((far): Row => ({ ...NO_ROW, name: far.name, against: belowCell(far) }));
  return [...rows, ...gone];
}

/** Null where the nodes that were not read may hold what is missing to the usual. */
function againstCell(dormant: number, known: BaselineComparison | undefined, report: ConnectionReport): TableCell {
  const mayHoldMore = !isWhole(report) && known?.usual != null && dormant < known.usual;
  return mayHoldMore ? null : againstUsual(dormant, known);
}

const NO_ROW: Row = {
  ...{ name: '', connections: 0, active: 0, dormant: 0, monitors: 0, clients: 0 },
  ...{ sources: [], isEstimated: false, against: '–' },
};

const belowCell = ({ isShutOut, now, usual }: FarBelow): Phrase => [
  bold(isShutOut ? 'shut out' : 'far below usual'),
  `: ${count(now)}, usually ${count(usual)}`,
];

function turnedRows(report: ConnectionReport, by: Exclude<Dimension, 'source'>): readonly Row[] {
  const isEstimated = report.sources.some(({ estimated }) => estimated.includes('monitors'));
  const grouped = groupReport(report, by);
  if (by === 'node') return nodeRows(report, { grouped, isEstimated });
  return grouped.map((row) => {
    return { ...row, name: row.name ?? `(no ${by})`, connections: sizeOf(row), isEstimated, against: '' };
  });
}

/** Every node that was read, with its internal and own connections. */
function nodeRows(
  report: ConnectionReport,
  { grouped, isEstimated }: { readonly grouped: ReturnType<typeof groupReport>; readonly isEstimated: boolean },
): readonly Row[] {
  const short = shortHosts(report);
  const rows = nodesRead(report).flatMap((node): readonly Row[] => {
    if (node.connections === null) return [];
    const { host, connections } = node;
    const found = grouped.find(({ name }) => name === host) ?? { ...NO_ROW, ...togetherOf([node]) };
    const used = fullness(node)?.ratio ?? null;
    const aside = Math.max(0, connections - sizeOf(found));
    return [{ ...found, name: short(host), connections, used, aside, isEstimated, against: '' }];
  });
  return rows.toSorted((a, b) => b.connections - a.connections);
}

function asideRows({ totals: { internal, own } }: ConnectionReport): readonly Row[] {
  const rows = [
    { name: 'Internal (cluster, Atlas)', connections: internal ?? 0 },
    { name: 'Own (this bot)', connections: own ?? 0 },
  ];
  return rows.filter(({ connections }) => connections > 0).map((row) => ({ ...NO_ROW, ...row, isAside: true }));
}

/** The clients of several rows are known only if each row's clients are known. */
function rest(rows: readonly Row[], where: 'after' | 'before'): Row {
  const isKnown = rows.every(({ clients }) => clients !== null);
  const clients = isKnown ? togetherOf(rows) : { clients: null };
  return {
    name: restName(rows, where),
    connections: sum(rows, ({ connections }) => connections),
    active: sum(rows, ({ active }) => active),
    dormant: sum(rows, ({ dormant }) => dormant),
    monitors: sum(rows, ({ monitors }) => monitors),
    ...clients,
    sources: [],
    isEstimated: rows.some(({ isEstimated }) => isEstimated),
    against: '-',
    aside: sum(rows, ({ aside = 0 }) => aside),
  };
}

/** A phone shows the first three: they are the answer. */
function columnsOf(by: Dimension, isAgainst: boolean): readonly TableColumn<Row>[] {
  const mark = ({ isEstimated }: Row) => (isEstimated ? '~' : '');
  const counted = (row: Row, value: number, sign = ''): TableCell =>
    row.isAside === true ? { value: 0, text: '–' } : figure(value, sign);
  const name: TableColumn<Row> = { title: TITLES[by], kind: 'name', cell: (row) => row.name };
  const dormant: TableColumn<Row> = {
    title: 'Dormant',
    kind: 'figure',
    cell: (row) => counted(row, row.dormant, mark(row)),
  };
  const connections: TableColumn<Row> = {
    title: 'Connections',
    kind: 'figure',
    cell: (row) => figure(row.connections),
  };
  const clients: TableColumn<Row> = {
    title: 'Clients',
    kind: 'figure',
    cell: (row) => (row.isAside === true ? counted(row, 0) : clientsCell(row)),
  };
  const against: TableColumn<Row> = { title: 'Against usual', kind: 'name', cell: (row) => row.against };
  const used: TableColumn<Row> = { title: 'Used', kind: 'figure', cell: usedCell };
  return [
    name,
    ...(by === 'node' ? [connections, used, dormant] : [dormant, ...(isAgainst ? [against] : []), connections]),
    { title: 'Active', kind: 'figure', cell: (row) => counted(row, row.active) },
    ...(tellsClients(by) ? [clients] : []),
    { title: 'Heartbeats', kind: 'figure', cell: (row) => counted(row, row.monitors, mark(row)) },
    ...(by === 'node'
      ? [{ title: 'Internal and own', kind: 'figure', cell: ({ aside = 0 }: Row) => figure(aside) } as const]
      : []),
    ...(by === 'source' ? [] : [{ title: 'Sources', kind: 'name', cell: sourcesCell } as const]),
  ];
}

function usedCell({ used }: Row): TableCell {
  // The row of several nodes has none.
  if (used === undefined) return '–';
  return used === null ? null : { value: Math.round(used * 1000) / 10, text: percent(used) };
}

function sourcesCell({ sources }: Row): string {
  if (sources.length === 0) return '-';
  const more = sources.length - MOST_SOURCES;
  return `${sources.slice(0, MOST_SOURCES).join(', ')}${more > 0 ? `, ${count(more)} more` : ''}`;
}
