// All clusters at a glance, the worst first. Made of their last readings, so nothing is read for it.

import type { KnownBlock } from '@slack/types';
import { byStanding, type Level, type Standing, standingWords } from '../../core/alerting/standing.ts';
import { durationText } from '../../core/base/duration.ts';
import { count, counted, percent, span, sum } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { ACTIONS, type OverviewRequest, overviewValue, viewValue } from '../blockkit/action-values.ts';
import { actions, context, header, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { figure, restName, type TableCell, type TableColumn, tablePage } from '../blockkit/table.ts';
import type { MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { markOf } from './alert.ts';
import { sentence } from './notes.ts';
import { leftLines } from './status.ts';

export interface OverviewInput {
  readonly request: OverviewRequest;
  readonly standings: readonly Standing[];
  /** By cluster; without those that could not be told in time. Only for an overview of histories. */
  readonly histories: ReadonlyMap<string, Pick<History, 'max' | 'figure'>>;
  readonly left: ClusterList['left'];
  /** Why alerts or stored readings are missing; null when they are not. */
  readonly problem: Problem | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly tables: TableStyle;
}

/** Clusters that the fallback text names. */
const MOST_NAMED = 10;
const MOST_OTHERS = 5;
const UNKNOWN: Phrase = ['? is unknown: it was not read, or there is too little history.'];

export function overviewView(input: OverviewInput): MessageView {
  const { request, problem, left } = input;
  const standings = input.standings.toSorted(byStanding);
  const title = titleOf(standings);
  const remarks = [...(problem === null ? [] : [sentence(problem)]), ...leftLines(left)];
  const more = standings.length - MOST_NAMED;
  const columns = COLUMNS[request.about](input);
  const rows = standings.map((standing) => rowOf(standing, input));
  const hasUnknown = rows.some((row) => columns.some(({ cell }) => cell(row) === null));
  return message({
    said: [
      [title],
      ...standings.slice(0, MOST_NAMED).map((standing) => standingLine(standing)),
      ...(more > 0 ? [[`and ${counted(more, 'more cluster')}.`]] : []),
      ...remarks,
    ],
    above: [header(title)],
    table: (room) => clusterTable({ ...input, columns, rows, room }),
    turnTo: (page) => overviewValue({ ...request, page }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      clusterMenu(request, standings),
      context([
        ['From the last scheduled readings. Nothing was read for this table.'],
        ...(hasUnknown ? [UNKNOWN] : []),
      ]),
    ],
  });
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  critical: 'critical',
  unread: 'not read',
  warning: 'with a warning',
  handled: 'acknowledged, silenced or recovering',
  fine: 'fine',
};

/** `3 clusters — 1 critical, 2 fine` */
function titleOf(standings: readonly Standing[]): string {
  const levels = Map.groupBy(standings, ({ level }) => level);
  const parts = [...levels].map(([level, of]) => `${count(of.length)} ${LEVEL_WORDS[level]}`);
  return `${counted(standings.length, 'cluster')} — ${parts.join(', ')}`;
}

/** `🔴 staging: 2 critical, busiest node at 100 %, read 10:05` */
function standingLine(standing: Standing): Phrase {
  const { cluster, busiest, at } = standing;
  const full = busiest === null ? '' : `, busiest node at ${percent(busiest.ratio)}`;
  const read: Phrase = at === null ? [] : [', as of ', moment(new Date(at).toISOString(), 'date-time')];
  return [`${markBefore(standing)}`, bold(cluster), `: ${standingWords(standing)}${full}`, ...read, '.'];
}

/** A line for each other cluster that is not fine, the worst first: beside a report. */
export function otherClusterLines(standings: readonly Standing[]): readonly Phrase[] {
  const others = standings.filter(({ level }) => level !== 'fine').toSorted(byStanding);
  const more = others.length - MOST_OTHERS;
  return [
    ...others.slice(0, MOST_OTHERS).map(standingLine),
    ...(more > 0
      ? [[`and ${counted(more, 'more cluster')} that ${more === 1 ? 'is' : 'are'} not fine: see App Home.`]]
      : []),
  ];
}

/** The mark of the most severe open alert; empty without one. */
function markBefore({ alerts: [worst] }: Standing): string {
  return worst === undefined ? '' : `${markOf(worst)} `;
}

function clusterMenu(request: OverviewRequest, standings: readonly Standing[]): KnownBlock | null {
  const menu = select({
    action: ACTIONS.chooseCluster,
    placeholder: `Open ${PLACEHOLDERS[request.about]}`,
    choices: standings.map((standing) => ({
      words: `${plain(standing.cluster, { max: LIMITS.optionText - 30 })} (${plain(standingWords(standing), { max: 27 })})`,
      value: optionValue(request, standing.cluster),
    })),
  });
  return menu === null ? null : actions([menu]);
}

const PLACEHOLDERS: Readonly<Record<OverviewRequest['about'], string>> = {
  report: 'the report of a cluster',
  nodes: 'the nodes of a cluster',
  history: 'the history of a cluster',
};

function optionValue({ about, by, window }: OverviewRequest, cluster: string): string {
  switch (about) {
    case 'report':
      return viewValue({ view: 'report', cluster, by });
    case 'nodes':
      return viewValue({ view: 'nodes', cluster });
    case 'history':
      return viewValue({ view: 'history', cluster, source: null, window });
  }
}

// The table: one row per cluster. The columns depend on the question.

interface Row {
  readonly name: string;
  readonly state: TableCell;
  readonly standing: Standing | null;
  readonly peak: History['max'];
  /** Its history is of all connections, because no source of the cluster is known (M0, Flex). */
  readonly isOfAll: boolean;
  readonly connections: number | null;
}

function clusterTable(
  input: OverviewInput & {
    readonly columns: readonly TableColumn<Row>[];
    readonly rows: readonly Row[];
    readonly room: number;
  },
): TablePage | null {
  const { request, columns, rows, tables, room } = input;
  return tablePage({
    caption: 'All clusters, the worst first',
    columns,
    rows,
    rest: (others, where) => ({
      name: restName(others, where),
      state: '-',
      standing: null,
      peak: null,
      isOfAll: false,
      connections: others.every(({ connections }) => connections !== null)
        ? sum(others, ({ connections }) => connections ?? 0)
        : null,
    }),
    from: request.page ?? 0,
    style: tables,
    room,
  });
}

function rowOf(standing: Standing, { histories }: OverviewInput): Row {
  const { cluster: name, connections, level } = standing;
  const words = standingWords(standing);
  const state: Phrase = [markBefore(standing), level === 'fine' ? words : bold(words)];
  const history = histories.get(name);
  const isOfAll = history?.figure === 'connections';
  return { name, state, standing, connections, peak: history?.max ?? null, isOfAll };
}

type Columns = (input: OverviewInput) => readonly TableColumn<Row>[];

const cluster: TableColumn<Row> = { title: 'Cluster', kind: 'name', cell: ({ name }) => name };
const state: TableColumn<Row> = { title: 'State', kind: 'name', cell: (row) => row.state };
const used: TableColumn<Row> = {
  title: 'Busiest node',
  kind: 'figure',
  cell: ({ standing }) => {
    const ratio = standing?.busiest?.ratio;
    return ratio === undefined ? null : { value: Math.round(ratio * 1000) / 10, text: percent(ratio) };
  },
};
const lastRead = ({ now }: OverviewInput): TableColumn<Row> => ({
  title: 'Last read',
  kind: 'name',
  cell: ({ standing }) => {
    if (standing === null || standing.at === null) return '-';
    const age = Math.max(0, now - standing.at);
    return [moment(new Date(standing.at).toISOString(), 'date-time'), `, ${span(age)} ago`];
  },
});

const COLUMNS: Readonly<Record<OverviewRequest['about'], Columns>> = {
  report: (input) => [
    cluster,
    state,
    used,
    { title: 'Connections', kind: 'figure', cell: ({ connections }) => known(connections) },
    { title: 'Largest source', kind: 'name', cell: ({ standing }) => largestCell(standing) },
    lastRead(input),
  ],
  nodes: (input) => [
    cluster,
    used,
    { title: 'Node', kind: 'name', cell: ({ standing }) => nodeCell(standing) },
    { title: 'In use', kind: 'figure', cell: ({ standing }) => known(standing?.busiest?.current ?? null) },
    { title: 'Limit', kind: 'figure', cell: ({ standing }) => known(standing?.busiest?.limit ?? null) },
    { title: 'Nodes read', kind: 'name', cell: ({ standing }) => readCell(standing) },
    state,
    lastRead(input),
  ],
  history: (input) => [
    cluster,
    {
      title: 'Dormant',
      kind: 'figure',
      cell: ({ standing, connections, isOfAll }) => (isOfAll ? inAll(connections) : known(dormantOf(standing))),
    },
    { title: 'Usual', kind: 'figure', cell: ({ standing }) => known(usualOf(standing)) },
    {
      title: `Most in ${durationText(input.request.window)}`,
      kind: 'figure',
      cell: ({ peak, isOfAll }) => (isOfAll ? inAll(peak?.value ?? null) : known(peak?.value ?? null)),
    },
    {
      title: 'When',
      kind: 'name',
      cell: ({ peak }) => (peak === null ? '-' : moment(new Date(peak.at).toISOString(), 'date-time')),
    },
    state,
    lastRead(input),
  ],
};

const known = (value: number | null) => (value === null ? null : figure(value));
const inAll = (value: number | null) => (value === null ? null : { value, text: `${count(value)} in all` });

/** `Billing API: 412 dormant, usually 61` */
function largestCell(standing: Standing | null): string | null {
  const largest = standing?.largest ?? null;
  if (largest === null) return standing === null ? '-' : null;
  const { name, dormant, usual } = largest;
  const usually = usual === undefined ? '' : `, usually ${count(usual.dormant)}`;
  return `${plain(name, { max: 50 })}: ${count(dormant)} dormant${usually}`;
}

function nodeCell(standing: Standing | null): string | null {
  if (standing === null) return '-';
  const { reading, busiest } = standing;
  if (reading === null || busiest === null) return null;
  const role = reading.nodes.find(({ host }) => host === busiest.host)?.role ?? null;
  return `${shortHosts(reading)(busiest.host)}${role === null ? '' : ` (${role})`}`;
}

function readCell(standing: Standing | null): string | null {
  if (standing === null) return '-';
  const nodes = standing.reading?.nodes;
  if (nodes === undefined) return null;
  return `${count(nodes.filter(({ problem }) => problem === null).length)} of ${count(nodes.length)}`;
}

/** Null where the servers tell only totals. */
function dormantOf(standing: Standing | null): number | null {
  const reading = standing?.reading ?? null;
  if (reading === null || (reading.sources.length === 0 && !reading.complete)) return null;
  return sum(reading.sources, ({ dormant }) => dormant);
}

/** What was usual at the last reading, of the sources whose usual is known; null when none is. */
function usualOf(standing: Standing | null): number | null {
  const { sources = [], absent = [] } = standing?.reading ?? {};
  const usual = [...sources.map((source) => source.usual), ...absent.map((source) => source.usual)];
  const told = usual.flatMap((one) => (one === undefined ? [] : [one.dormant]));
  return told.length === 0 ? null : sum(told, (one) => one);
}
