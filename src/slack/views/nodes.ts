// Each node's usage, nodes that could not be read, and nodes that refused connections.

import { count, counted, percent, sum } from '../../core/base/format.ts';
import { type Clients, togetherOf } from '../../core/connections/clients.ts';
import { fullness, headroomWord, nodesRead, nodesUnread, shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport, ReportNode } from '../../core/connections/report.ts';
import { growthSpan, type LimitReach, type NodeGrowth, reachWords } from '../../core/forecast/growth.ts';
import { clusterForecast } from '../../core/forecast/live.ts';
import { viewValue } from '../blockkit/action-values.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase, plain } from '../blockkit/rich-text.ts';
import { clientsCell, figure, restName, type TableColumn, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { detailButtons, forecastButton } from './buttons.ts';
import { clientsLines, footer, problemLines, tightLines, unreadLines } from './notes.ts';

export interface NodesViewInput {
  readonly report: ConnectionReport;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
  /** By host, where it is at hand. */
  readonly growth?: ReadonlyMap<string, NodeGrowth>;
}

const MOST_LEFT_OUT = 5;
const MOST_REJECTING = 5;
const MOST_REACHING = 5;

export function nodesView({ report, ageMs, tables, place, page = 0, growth }: NodesViewInput): MessageView {
  const { cluster } = report;
  const readAt = Date.parse(report.at);
  const outlook = growth === undefined ? [] : clusterForecast(report, growth).nodes;
  const title = titleOf(report);
  const remarks = [...rejectedLines(report), ...unreadLines(report), ...leftOutLines(report), ...problemLines(report)];
  // The fallback text includes the usage of each node.
  const ahead = reachLines(outlook, shortHosts(report));
  const seen = [...tightLines(report), ...ahead, ...remarks];
  return message({
    said: [[title], ...fullnessLines(report), ...ahead, ...remarks],
    above: [header(title)],
    table: (room) => nodeTable({ report, tables, page, room }),
    turnTo: (from) => viewValue({ view: 'nodes', cluster, readAt, page: from }),
    below: [
      seen.length === 0 ? null : prose(seen),
      detailButtons({ cluster, view: 'nodes', readAt }, place, [forecastButton(cluster, readAt)]),
      footer(report, { ageMs, notes: clientsLines(nodesRead(report)) }),
    ],
  });
}

function titleOf(report: ConnectionReport): string {
  const unread = nodesUnread(report).length;
  const suffix = unread === 0 ? '' : `, ${count(unread)} not read`;
  return `${plain(report.cluster, { max: 64 })} — ${counted(report.nodes.length, 'node')}${suffix}`;
}

/** The table in words, for people who cannot see it. */
function fullnessLines(report: ConnectionReport): readonly Phrase[] {
  const short = shortHosts(report);
  return nodesRead(report).map((node): Phrase => {
    const full = fullness(node);
    const used = full === null ? counted(inUse(node) ?? 0, 'connection') : usedOf(full);
    return [short(node.host), ` (${node.role}): ${used}`];
  });
}

const usedOf = ({ ratio, current, limit }: { ratio: number; current: number; limit: number }): string =>
  `${percent(ratio)} of its limit, ${count(current)} of ${count(limit)}, ${headroomWord(ratio)}`;

/** The connections that count against the limit; in a saved dump, which has no limit, all of its connections. */
const inUse = ({ current, connections }: ReportNode): number | null => current ?? connections;

/** The nodes that reach their limit, the soonest first. */
export function reachLines(
  nodes: readonly { readonly host: string; readonly growth: NodeGrowth; readonly reaches: LimitReach | null }[],
  short: (host: string) => string,
): readonly Phrase[] {
  const reaching = nodes
    .flatMap(({ host, growth, reaches }) => (reaches === null ? [] : [{ host, growth, reaches }]))
    .toSorted((a, b) => a.reaches.likely - b.reaches.likely);
  const more = reaching.length - MOST_REACHING;
  return [
    ...reaching
      .slice(0, MOST_REACHING)
      .map(
        ({ host, growth, reaches }): Phrase => [bold(short(host)), ` ${reachWords(reaches)}, ${growthSpan(growth)}.`],
      ),
    ...(more > 0 ? [[`and ${counted(more, 'more node')} later.`]] : []),
  ];
}

function rejectedLines(report: ConnectionReport): readonly Phrase[] {
  const short = shortHosts(report);
  return nodesRead(report)
    .flatMap(({ host, rejected }) => (rejected === null || rejected === 0 ? [] : [{ host, rejected }]))
    .sort((a, b) => b.rejected - a.rejected)
    .slice(0, MOST_REJECTING)
    .map(({ host, rejected }) => [
      bold(short(host)),
      ` has turned away ${counted(rejected, 'connection')} since it started.`,
    ]);
}

function leftOutLines({ leftOut }: ConnectionReport): readonly Phrase[] {
  const more = leftOut.length - MOST_LEFT_OUT;
  return [
    ...leftOut
      .slice(0, MOST_LEFT_OUT)
      .map(({ host, reason }): Phrase => ['Left out on purpose: ', bold(host), `, ${reason}.`]),
    ...(more > 0 ? [[`and ${counted(more, 'more node')} left out.`]] : []),
  ];
}

interface Row extends Clients {
  readonly name: string;
  readonly role: string;
  readonly inUse: number | null;
  readonly limit: number | null;
  readonly ratio: number | null;
}

const columns: readonly TableColumn<Row>[] = [
  { title: 'Node', kind: 'name', cell: ({ name }) => name },
  {
    title: 'Used',
    kind: 'figure',
    cell: ({ ratio }) => (ratio === null ? null : { value: Math.round(ratio * 1000) / 10, text: percent(ratio) }),
  },
  { title: 'Connections', kind: 'figure', cell: (row) => known(row.inUse) },
  { title: 'Limit', kind: 'figure', cell: (row) => known(row.limit) },
  { title: 'Role', kind: 'name', cell: ({ role }) => role },
  { title: 'Clients', kind: 'figure', cell: clientsCell },
];

const known = (value: number | null) => (value === null ? null : figure(value));

function nodeTable(input: {
  readonly report: ConnectionReport;
  readonly tables: TableStyle;
  readonly page: number;
  readonly room: number;
}): TablePage | null {
  const { report, tables, page, room } = input;
  const short = shortHosts(report);
  const rows = nodesRead(report).map((node): Row => {
    const { host, role, limit } = node;
    const name = short(host);
    return { name, role, inUse: inUse(node), limit, ratio: fullness(node)?.ratio ?? null, ...togetherOf([node]) };
  });
  return tablePage({ caption: 'Nodes and their limits', columns, rows, rest, from: page, style: tables, room });
}

/** Limits and clients are facts of one node; their sums would mean nothing. */
function rest(rows: readonly Row[], where: 'after' | 'before'): Row {
  const isKnown = rows.every((row) => row.inUse !== null);
  const inUse = isKnown ? sum(rows, (row) => row.inUse ?? 0) : null;
  return { name: restName(rows, where), role: '-', inUse, limit: null, ratio: null, clients: null };
}
