// The report: the headroom, the holders of the connections, and the warnings.

import type { KnownBlock } from '@slack/types';
import { count, counted, joinWords, percent, sum } from '../../core/base/format.ts';
import { type Clients, togetherOf } from '../../core/connections/clients.ts';
import { type Dimension, groupReport, tellsClients } from '../../core/connections/group-by.ts';
import { byFullness, connectionsOf, nodesRead, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type Counts, sizeOf } from '../../core/connections/source.ts';
import { againstUsual, type BaselineComparison } from '../../core/ports/monitor.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { type Phrase, plain, who } from '../blockkit/rich-text.ts';
import { clientsCell, figure, type TableColumn, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';

import { firingLines, quietLines, type ReportContext } from './alert-status.ts';
import { reportButtons } from './buttons.ts';
import { doubtLines, footer, problemLines, sentence, unreadLines, warningLines } from './notes.ts';
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
  readonly timeZone?: string | null;
}

export function reportView(input: ReportViewInput): MessageView {
  const { report, by, ageMs, tables, place, command = '/atlas-conns', reportContext = null, timeZone = null } = input;
  if (nodesRead(report).length === 0) return unreadView(report, { place });
  const { cluster, sources } = report;
  const title = titleOf(report, by);
  const totals: Phrase = [totalsOf(report)];
  const sharer: readonly Phrase[] =
    place.kind === 'shared' ? [[place.isAnswer === true ? 'Asked by ' : 'Shared by ', who(place.by)]] : [];
  const remarks = [
    ...warningLines(report, command, firingLines(report, reportContext, { place, timeZone })),
    ...quietLines(reportContext, { place, timeZone, more: `${command} alerts ${cluster}` }),
    ...(reportContext?.problem == null ? [] : [sentence(reportContext.problem)]),
    ...unreadLines(report),
    ...problemLines(report),
  ];
  return message({
    said: [[title], totals, ...loudest(report), ...remarks, ...sharer],
    above: [header(title), prose([...sharer, totals])],
    table: (room) => reportTable({ report, by, usual: reportContext?.usual ?? null, tables, room }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      reportButtons({ cluster, by, sources, place, readAt: Date.parse(report.at) }),
      footer(report, { ageMs, notes: doubtLines(report, by) }),
    ],
  });
}

/** `prod — 785 connections, busiest node at 31 %`: never a sum of nodes against a sum of limits. */
function titleOf(report: ConnectionReport, by: Dimension): string {
  const [busiest] = byFullness(report);
  const grouping = by === 'source' ? '' : ` by ${by}`;
  const full = busiest === undefined ? '' : `, busiest node at ${percent(busiest.ratio)}`;
  const name = plain(report.cluster, { max: LONGEST_CLUSTER });
  return `${name}${grouping} — ${connectionsOf(report)}${full}`;
}

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
  if (known.length === 0) return `Only totals are available for this cluster · ${nodesOf(report)}`;
  return [...known, nodesOf(report)].join(' · ');
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

// The report's table: one row per source, or per app, user, host, driver or node in a grouped report.

interface Row extends Counts, Clients {
  readonly name: string;
  readonly share: number;
  /** The sources of its connections; empty for a source itself. */
  readonly sources: readonly string[];
  readonly isEstimated: boolean;
  /** Empty when it is unknown. */
  readonly against: string;
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

function reportTable(input: {
  readonly report: ConnectionReport;
  readonly by: Dimension;
  /** By id of the source; null or empty without a history. */
  readonly usual: ReadonlyMap<string, BaselineComparison> | null;
  readonly tables: TableStyle;
  readonly room: number;
}): KnownBlock | null {
  const { report, by, tables, room } = input;
  const usual = by === 'source' && input.usual !== null && input.usual.size > 0 ? input.usual : null;
  return table({
    caption: `Connections by ${by}`,
    columns: columnsOf(by, usual !== null),
    rows: by === 'source' ? sourceRows(report, usual) : turnedRows(report, by),
    rest,
    style: tables,
    room,
  });
}

function sourceRows(report: ConnectionReport, usual: ReadonlyMap<string, BaselineComparison> | null): readonly Row[] {
  return report.sources.map(({ id, name, active, dormant, monitors, share, estimated, ...source }) => ({
    ...{ name, active, dormant, monitors, share, sources: [], ...togetherOf([source]) },
    isEstimated: estimated.includes('monitors'),
    against: usual === null ? '' : againstUsual(dormant, usual.get(id)),
  }));
}

function turnedRows(report: ConnectionReport, by: Exclude<Dimension, 'source'>): readonly Row[] {
  const isEstimated = report.sources.some(({ estimated }) => estimated.includes('monitors'));
  const all = sum(report.sources, sizeOf);
  const short = shortHosts(report);
  return groupReport(report, by).map((row) => {
    const name = row.name === null ? `(no ${by})` : by === 'node' ? short(row.name) : row.name;
    return { ...row, name, share: all === 0 ? 0 : sizeOf(row) / all, isEstimated, against: '' };
  });
}

/** The clients of several rows are known only if each row's clients are known. */
function rest(rows: readonly Row[]): Row {
  const isKnown = rows.every(({ clients }) => clients !== null);
  const clients = isKnown ? togetherOf(rows) : { clients: null };
  return {
    name: `and ${count(rows.length)} more`,
    active: sum(rows, ({ active }) => active),
    dormant: sum(rows, ({ dormant }) => dormant),
    monitors: sum(rows, ({ monitors }) => monitors),
    ...clients,
    share: sum(rows, ({ share }) => share),
    sources: [],
    isEstimated: rows.some(({ isEstimated }) => isEstimated),
    against: '-',
  };
}

function columnsOf(by: Dimension, isAgainst: boolean): readonly TableColumn<Row>[] {
  const mark = ({ isEstimated }: Row) => (isEstimated ? '~' : '');
  const clients: TableColumn<Row> = {
    title: 'Clients',
    kind: 'figure',
    cell: clientsCell,
  };
  return [
    { title: TITLES[by], kind: 'name', cell: ({ name }) => name },
    { title: 'Active', kind: 'figure', cell: ({ active }) => figure(active) },
    { title: 'Dormant', kind: 'figure', cell: (row) => figure(row.dormant, mark(row)) },
    { title: 'Heartbeats', kind: 'figure', cell: (row) => figure(row.monitors, mark(row)) },
    ...(tellsClients(by) ? [clients] : []),
    // Not "Share", because a button below has that name.
    { title: 'Of all', kind: 'figure', cell: ({ share }) => ({ value: rounded(share), text: percent(share) }) },
    ...(isAgainst ? [{ title: 'Against usual', kind: 'name', cell: ({ against }: Row) => against } as const] : []),
    ...(by === 'source' ? [] : [{ title: 'Sources', kind: 'name', cell: sourcesCell } as const]),
  ];
}

/** In percent: the form in a copy of the table. */
const rounded = (share: number): number => Math.round(share * 1000) / 10;

function sourcesCell({ sources }: Row): string {
  if (sources.length === 0) return '-';
  const more = sources.length - MOST_SOURCES;
  return `${sources.slice(0, MOST_SOURCES).join(', ')}${more > 0 ? `, ${count(more)} more` : ''}`;
}
