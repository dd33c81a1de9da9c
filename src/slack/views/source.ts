// One source in detail: its recognition, its figures, its largest combinations.

import { clipped, count, counted, percent, sum } from '../../core/base/format.ts';
import { zoneName } from '../../core/base/time-zone.ts';
import { poolsText } from '../../core/commands/pools.ts';
import { clientsInWords } from '../../core/connections/clients.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { CombinationRow, ConnectionSource, SourceClass } from '../../core/connections/source.ts';
import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import { inShort, warningOfEach } from '../../core/diagnosis/in-words.ts';
import { parseIp } from '../../core/net/address.ts';
import { parseCidr } from '../../core/net/cidr.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import { appsOf } from '../../core/pools/words.ts';
import { againstUsual } from '../../core/ports/monitor.ts';
import { viewValue } from '../blockkit/action-values.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { bold, code, moment, type Phrase } from '../blockkit/rich-text.ts';
import { figure, restName, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';

import { type ReportContext, silenceLines } from './alert-status.ts';
import { detailButtons, sourceButtons, whyButton } from './buttons.ts';
import { historyChart } from './chart.ts';
import {
  alertLines,
  farBelow,
  footer,
  problemLines,
  sentence,
  unreadLines,
  unsaidSilences,
  unsignedLines,
} from './notes.ts';

export interface SourceViewInput {
  readonly report: ConnectionReport;
  readonly source: ConnectionSource;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** Empty where nothing is unusual. */
  readonly diagnoses?: readonly Diagnosis[];
  /** With the source's last day; null without a monitor. */
  readonly reportContext?: ReportContext | null;
  readonly timeZone?: string | null;
  /** The slash command's name. */
  readonly command?: string;
  /** The address that the person asked for; null for another name. */
  readonly asked?: string | null;
  /** What applications report of their pools; null where none is at hand. */
  readonly pools?: PoolsView | null;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
}

export function sourceView(input: SourceViewInput): MessageView {
  const { report, source, ageMs, place, reportContext = null, timeZone = null, command = '/atlas-conns' } = input;
  const asked = askedIn(source, input.asked ?? null);
  const { cluster } = report;
  const recognised: Phrase = [...recognisedBy(report, source), ' · ', bold(cluster)];
  const figures: Phrase = [figuresOf(source), ` of all sources in ${cluster}`];
  const here = reportContext && { ...reportContext, ...aboutSource(reportContext, source) };
  const title = `Dormant, last 24 h, times in ${zoneName(timeZone)}`;
  const chart = reportContext?.history
    ? historyChart(reportContext.history, { figure: 'dormant', title, timeZone })
    : null;
  const more = `${command} alerts ${cluster}`;
  const fires = here?.alerts.some(({ state }) => state === 'firing') ?? false;
  const lines = [
    figures,
    ...alertLines(report, here, { place, more }),
    ...(fires ? [] : usualLines(source, { report, reportContext })),
    ...whyLines(input),
    ...poolLines(input, command),
    ...askedLines(source, asked),
    ...silenceLines(unsaidSilences(here), { place, more }),
  ];
  const remarks = [
    ...(chart?.notes ?? []),
    ...(reportContext?.problem == null ? [] : [sentence(reportContext.problem)]),
    ...unreadLines(report),
    ...problemLines(report),
  ];
  const readAt = Date.parse(report.at);
  const moves = [
    whyButton({ cluster, source, readAt }),
    ...(reportContext === null ? [] : sourceButtons({ cluster, source, fires, readAt })),
  ];
  return message({
    said: [[source.name, ' · ', ...recognised], ...lines, ...remarks],
    above: [header(source.name), prose([recognised, ...lines]), chart?.block ?? null],
    table: (room) => combinationTable({ ...input, asked, room }),
    turnTo: (page) => viewValue({ view: 'source', cluster, source, readAt, page }),
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

/** `Usually 61 dormant connections at this time: 6.8 × its usual.`, or that it is far below, with both figures. */
function usualLines(
  { id, dormant }: ConnectionSource,
  { report, reportContext }: { readonly report: ConnectionReport; readonly reportContext: ReportContext | null },
): readonly Phrase[] {
  const known = reportContext?.usual.get(id);
  const far = farBelow(report, reportContext).find(({ source }) => source === id);
  if (far !== undefined) {
    const how = far.isShutOut ? 'Shut out while a node is at its limit' : 'Far below its usual';
    return [[bold(how), `: ${count(far.now)} active and dormant connections, usually ${count(far.usual)}.`]];
  }
  const usual = known?.usual ?? null;
  if (usual === null) return known?.isNew === true ? [['New: first seen less than a day ago.']] : [];
  const against = againstUsual(dormant, known);
  const ratio = against.endsWith('×') ? `${against} its usual` : against;
  return [[`Usually ${counted(Math.round(usual), 'dormant connection')} at this time: ${ratio}.`]];
}

/** `Why so many: One MongoClient for each request, fits; about 240 connections on shard-00-00 would be freed.` */
function whyLines({ report, diagnoses = [] }: Pick<SourceViewInput, 'report' | 'diagnoses'>): readonly Phrase[] {
  const [worst] = warningOfEach(diagnoses);
  return worst === undefined ? [] : [[bold('Why so many: '), inShort(worst, shortHosts(report))]];
}

/** `Its app billing reports 40 open pooled connections, 12 in use, 0 waiting: /atlas-conns pools "billing" in prod` */
function poolLines(
  { report, source, pools = null }: Pick<SourceViewInput, 'report' | 'source' | 'pools'>,
  command: string,
): readonly Phrase[] {
  const { cluster } = report;
  const [app] = pools === null ? [] : appsOf(pools, { cluster, names: source.apps.flatMap(({ name }) => name ?? []) });
  if (app === undefined) return [];
  const { open, inUse, waiting } = app.now;
  const figures = `${count(open)} open pooled connections, ${count(inUse)} in use, ${count(waiting)} waiting`;
  return [
    [
      'Its app ',
      bold(clipped(app.app, 60)),
      ` reports ${figures}, from all of its sources: `,
      code(`${command} ${poolsText(clipped(app.app, 60), cluster)}`),
    ],
  ];
}

/** As the report writes the address that was asked for; null if the text was none, or is the source itself. */
function askedIn({ id, hosts }: ConnectionSource, asked: string | null): string | null {
  const text = asked === null || parseIp(asked) === null ? null : (parseCidr(asked)?.text ?? null);
  if (text === null || parseCidr(id)?.text === text) return null;
  return hosts.find(({ address }) => parseCidr(address)?.text === text)?.address ?? asked;
}

/** `203.0.113.5 holds 12 active and 200 dormant of these, 8 heartbeats, 3 clients.` */
function askedLines({ name, hosts }: ConnectionSource, asked: string | null): readonly Phrase[] {
  if (asked === null) return [];
  const host = hosts.find(({ address }) => address === asked);
  if (host === undefined) return [[bold(asked), ` belongs to ${name} and has no connection in this reading.`]];
  const { active, dormant, monitors } = host;
  const figures = `${count(active)} active, ${count(dormant)} dormant, ${counted(monitors, 'heartbeat')}`;
  return [[bold(asked), ` holds of these: ${figures}, ${clientsInWords(host)}.`]];
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
  'catch-all':
    'no other entry matches than one that lets every address in; distinguished by app, else by user or driver',
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

interface TableOf extends Pick<SourceViewInput, 'report' | 'source' | 'tables' | 'page'> {
  /** An address whose rows come first, marked; null for none. */
  readonly asked: string | null;
  readonly room: number;
}

function combinationTable({ report, source, tables, page, asked, room }: TableOf): TablePage | null {
  const { largest, more } = source.combinations;
  const short = shortHosts(report);
  const isAsked = ({ address }: Row) => address === asked;
  const others: Row = {
    ...named(`and ${count(more)} smaller ones`),
    active: source.active - sum(largest, ({ active }) => active),
    dormant: source.dormant - sum(largest, ({ dormant }) => dormant),
  };
  return tablePage<Row>({
    caption: 'Connections by app, host, driver and node, the largest first',
    columns: [
      { title: 'App', kind: 'name', cell: ({ app }) => app ?? '(no app)' },
      {
        title: 'Host',
        kind: 'name',
        cell: (row) => (isAsked(row) ? ['→ ', bold(row.address), ' (asked for)'] : row.address),
      },
      { title: 'Dormant', kind: 'figure', cell: ({ dormant }) => figure(dormant) },
      { title: 'Active', kind: 'figure', cell: ({ active }) => figure(active) },
      { title: 'Driver', kind: 'name', cell: ({ driver }) => driver ?? '(no driver)' },
      { title: 'Node', kind: 'name', cell: ({ node }) => short(node) },
    ],
    rows: [...largest.filter(isAsked), ...largest.filter((row) => !isAsked(row))],
    rest: (rows, where) => ({
      ...named(restName(rows, where)),
      active: sum(rows, ({ active }) => active),
      dormant: sum(rows, ({ dormant }) => dormant),
    }),
    last: more > 0 ? [others] : [],
    from: page ?? 0,
    style: tables,
    room,
  });
}

function named(app: string): Pick<Row, 'app' | 'address' | 'driver' | 'node'> {
  return { app, address: '-', driver: '-', node: '-' };
}
