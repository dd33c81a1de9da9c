// One source in detail: its recognition, its figures, its largest combinations.

import type { KnownBlock } from '@slack/types';
import { count, percent, sum } from '../../core/base/format.ts';
import { clientsInWords } from '../../core/connections/clients.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { CombinationRow, ConnectionSource, SourceClass } from '../../core/connections/source.ts';
import { parseIp } from '../../core/net/address.ts';
import { againstUsual } from '../../core/ports/monitor.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { bold, moment, type Phrase } from '../blockkit/rich-text.ts';
import { figure, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';

import { firingLines, hourOf, quietLines, type ReportContext } from './alert-status.ts';
import { detailButtons, sourceButtons } from './buttons.ts';
import { historyChart, zoneName } from './chart.ts';
import { footer, problemLines, sentence, unreadLines, unsignedLines } from './notes.ts';

export interface SourceViewInput {
  readonly report: ConnectionReport;
  readonly source: ConnectionSource;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** With the source's last day; null without a monitor. */
  readonly reportContext?: ReportContext | null;
  readonly timeZone?: string | null;
  /** The slash command's name. */
  readonly command?: string;
}

export function sourceView(input: SourceViewInput): MessageView {
  const {
    report,
    source,
    ageMs,
    tables,
    place,
    reportContext = null,
    timeZone = null,
    command = '/atlas-conns',
  } = input;
  const { cluster } = report;
  const recognised: Phrase = [...recognisedBy(report, source), ' · ', bold(cluster)];
  const figures: Phrase = [figuresOf(source), ` of all sources in ${cluster}`];
  const here = reportContext && { ...reportContext, ...aboutSource(reportContext, source) };
  const title = `Dormant, last 24 h, times in ${zoneName(timeZone)}`;
  const chart = reportContext?.history
    ? historyChart(reportContext.history, { figure: 'dormant', title, timeZone })
    : null;
  const firing = firingLines(report, here, { place, timeZone });
  const lines = [
    figures,
    ...(firing.length > 0 ? firing : usualLines(source, { report, reportContext, timeZone })),
    ...quietLines(here, { place, timeZone, more: `${command} alerts ${cluster}` }),
  ];
  const remarks = [
    ...(chart?.notes ?? []),
    ...(reportContext?.problem == null ? [] : [sentence(reportContext.problem)]),
    ...unreadLines(report),
    ...problemLines(report),
  ];
  const readAt = Date.parse(report.at);
  const moves = reportContext === null ? [] : sourceButtons({ cluster, source, fires: firing.length > 0, readAt });
  return message({
    said: [[source.name, ' · ', ...recognised], ...lines, ...remarks],
    above: [header(source.name), prose([recognised, ...lines]), chart?.block ?? null],
    table: (room) => combinationTable({ report, source, tables, room }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      detailButtons({ view: 'source', cluster, source, readAt }, place, moves),
      footer(report, { ageMs, notes: doubts(source) }),
    ],
  });
}

function aboutSource({ alerts, silences }: ReportContext, { id, hosts }: ConnectionSource) {
  const isHere = (name: string) => name === id || hosts.some(({ address }) => address === name);
  return {
    alerts: alerts.filter(({ source }) => source === id),
    silences: silences.filter(({ source, node }) => (source === null ? node === null : isHere(source))),
  };
}

/** `Usual on a Saturday 10:00: 61 dormant, so 6.8 ×.` */
function usualLines(
  { id, dormant }: ConnectionSource,
  of: {
    readonly report: ConnectionReport;
    readonly reportContext: ReportContext | null;
    readonly timeZone: string | null;
  },
): readonly Phrase[] {
  const known = of.reportContext?.usual.get(id);
  const usual = known?.usual ?? null;
  if (usual === null) return known?.isNew === true ? [['New: first seen less than a day ago.']] : [];
  const hour = hourOf(of.report.at, of.timeZone);
  return [[`Usual on a ${hour}: ${count(Math.round(usual))} dormant; now ${againstUsual(dormant, known)}.`]];
}

function figuresOf({ active, dormant, monitors, share, estimated, ...source }: ConnectionSource): string {
  const mark = estimated.includes('monitors') ? '~' : '';
  const figures = [
    `${count(active)} active`,
    `${mark}${count(dormant)} dormant`,
    `${mark}${count(monitors)} heartbeats`,
    clientsInWords(source),
  ];
  return `${figures.join(' · ')} · ${percent(share)}`;
}

/** The class in words, because an address does not show why it may connect. */
const CLASSES: Readonly<Record<SourceClass, string>> = {
  listed: 'named by a label of the configuration',
  peering: 'a peered network of the project',
  'atlas-internal':
    "Atlas's own network of the project: other nodes, agents, and clients behind a private endpoint; distinguished by app",
  'catch-all': 'let in only by an entry that lets everybody in; distinguished by app, else by user or driver',
  private:
    'a private address that nothing names: a peered network whose range Atlas does not report, or a security group; distinguished by app',
  unlisted: 'on no access list entry: an entry was removed or ran out while it stayed',
  unknown: 'the server does not report an IP address',
};

function recognisedBy({ accessList }: ConnectionReport, { id, name, entry, ...source }: ConnectionSource): Phrase {
  if (source.class === 'unknown' && parseIp(id) !== null) {
    return [accessList === null ? 'no access list was read' : 'on no entry of the access list, which was read in part'];
  }
  if (entry === null) {
    const said = source.peer ? `${CLASSES[source.class]}, ${source.peer}` : CLASSES[source.class];
    return id === name ? [said] : [id, ': ', said];
  }
  const comment = entry.comment?.trim() ? `"${entry.comment}"` : 'no comment';
  const end: Phrase =
    entry.deleteAfterDate === null ? ['no end date'] : ['ends ', moment(entry.deleteAfterDate, 'date-time')];
  const listed: Phrase = [entry.cidrBlock, ' on the access list (', comment, ', ', ...end, ')'];
  if (source.class === 'catch-all') return [...listed, ', ', CLASSES['catch-all']];
  // A label's block is inside the entry that lets it in.
  return id === entry.cidrBlock ? listed : [id, ', let in by ', ...listed];
}

/** The estimated figures, and the facts that servers do not report. */
function doubts(source: ConnectionSource): readonly Phrase[] {
  const { estimated, clients, clientsAtLeast } = source;
  return [
    ...(estimated.includes('monitors')
      ? [['~ is an estimate: this server does not distinguish idle heartbeats from pooled connections.']]
      : []),
    clients === null
      ? ['Its drivers poll, so they do not show how many clients there are.']
      : clientsAtLeast === true
        ? ['The number of clients is a lower bound: these clients do not explain all of the connections.']
        : ['Clients are estimated from their heartbeats.'],
    ...unsignedLines([source]),
    ...(estimated.includes('users') ? [['This server does not report the users of idle connections.']] : []),
  ];
}

type Row = Omit<CombinationRow, 'monitors'>;

function combinationTable(input: {
  readonly report: ConnectionReport;
  readonly source: ConnectionSource;
  readonly tables: TableStyle;
  readonly room: number;
}): KnownBlock | null {
  const { source, tables, room } = input;
  const { largest, more } = source.combinations;
  const short = shortHosts(input.report);
  const others: Row = {
    ...remainder(more),
    active: source.active - sum(largest, ({ active }) => active),
    dormant: source.dormant - sum(largest, ({ dormant }) => dormant),
  };
  return table<Row>({
    caption: 'Connections by app, host, driver and node, the largest first',
    columns: [
      { title: 'App', kind: 'name', cell: ({ app }) => app ?? '(no app)' },
      { title: 'Host', kind: 'name', cell: ({ address }) => address },
      { title: 'Driver', kind: 'name', cell: ({ driver }) => driver ?? '(no driver)' },
      { title: 'Node', kind: 'name', cell: ({ node }) => short(node) },
      { title: 'Active', kind: 'figure', cell: ({ active }) => figure(active) },
      { title: 'Dormant', kind: 'figure', cell: ({ dormant }) => figure(dormant) },
    ],
    rows: more > 0 ? [...largest, others] : largest,
    rest: (rows) => ({
      ...remainder(rows.length + (more > 0 ? more - 1 : 0)),
      active: sum(rows, ({ active }) => active),
      dormant: sum(rows, ({ dormant }) => dormant),
    }),
    style: tables,
    room,
  });
}

function remainder(more: number): Pick<Row, 'app' | 'address' | 'driver' | 'node'> {
  return { app: `and ${count(more)} more`, address: '-', driver: '-', node: '-' };
}
