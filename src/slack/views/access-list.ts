// Findings about the access list, with their evidence: warnings as sentences, notices as a table.

import type { KnownBlock } from '@slack/types';
import { count, counted, joinWords } from '../../core/base/format.ts';
import type { AccessListFinding, FindingKind } from '../../core/connections/access-list-findings.ts';
import { nodesUnread } from '../../core/connections/node-usage.ts';
import type { ProjectHygiene, UnreadCluster } from '../../core/connections/project-access-list.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { bullets, context, header, message, prose } from '../blockkit/blocks.ts';
import { bold, moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { type TableColumn, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { detailButtons } from './buttons.ts';
import { entryFirst, footer, problemLines, unreadLines } from './notes.ts';

export interface AccessListViewInput {
  readonly report: ConnectionReport;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
}

const MOST_WARNINGS = 10;
/** Notices that the fallback text names. */
const MOST_NOTICES = 5;
const MOST_READ = 20;
const MOST_UNREAD = 10;

export function accessListView({ report, ageMs, tables, place }: AccessListViewInput): MessageView {
  const { cluster, findings } = report;
  return findingsView({
    title: titleOf(cluster, report),
    findings,
    tables,
    remarks: [...wholeness(report), ...unreadLines(report), ...problemLines(report)],
    below: [
      detailButtons({ cluster, view: 'hygiene', readAt: Date.parse(report.at) }, place),
      footer(report, { ageMs }),
    ],
  });
}

/** @param input.cluster any of the clusters; its button leads back here */
export function projectHygieneView(input: {
  readonly hygiene: ProjectHygiene;
  readonly cluster: string;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
}): MessageView {
  const { hygiene, cluster, tables, place } = input;
  const { clusters, unread, findings, accessList, at } = hygiene;
  const read = clusters.length === 0 ? 'No cluster was read.' : `Read: ${named(clusters)}.`;
  return findingsView({
    title: titleOf('All clusters of the project', hygiene),
    findings,
    tables,
    remarks: [
      [read],
      ...(accessList === null || unread.length === 0
        ? []
        : [['No entry is called unused, because these clusters were not read whole:']]),
      ...unread.slice(0, MOST_UNREAD).map(unreadCluster),
      ...(unread.length > MOST_UNREAD ? [[`and ${counted(unread.length - MOST_UNREAD, 'more cluster')}.`]] : []),
      ...partOfList(accessList),
      ...problemLines(hygiene),
    ],
    below: [
      detailButtons({ cluster, view: 'project' }, place),
      at === null ? null : context([['the oldest reading is of ', moment(at, 'seconds')]]),
    ],
  });
}

function unreadCluster({ name, reason }: UnreadCluster): Phrase {
  const why = reason.replace(/\.$/, '');
  return name === null ? [`Not all clusters are listed: ${why}.`] : [bold(plain(name, { max: 64 })), `: ${why}.`];
}

function named(clusters: readonly string[]): string {
  const more = clusters.length - MOST_READ;
  return joinWords([...clusters.slice(0, MOST_READ), ...(more > 0 ? [`${count(more)} more`] : [])]);
}

function findingsView(input: {
  readonly title: string;
  readonly findings: readonly AccessListFinding[];
  readonly tables: TableStyle;
  readonly remarks: readonly Phrase[];
  readonly below: readonly (KnownBlock | null)[];
}): MessageView {
  const { title, findings, tables, remarks, below } = input;
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const notices = findings.filter(({ severity }) => severity === 'notice');
  const lines = atMost(MOST_WARNINGS, warnings, 'more warning');
  return message({
    said: [[title], ...lines, ...atMost(MOST_NOTICES, notices, 'more notice'), ...remarks],
    above: [header(title), lines.length === 0 ? null : bullets(lines)],
    table: (room) => noticeTable({ notices, tables, room }),
    below: [remarks.length === 0 ? null : prose(remarks), ...below],
  });
}

function titleOf(subject: string, { findings, accessList }: Pick<ConnectionReport, 'findings' | 'accessList'>): string {
  const found = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding');
  const says = accessList === null ? 'no access list was read' : `${found} about the access list`;
  return `${plain(subject, { max: 64 })} — ${says}`;
}

function atMost(most: number, findings: readonly AccessListFinding[], noun: string): readonly Phrase[] {
  const more = findings.length - most;
  return [...findings.slice(0, most).map(entryFirst), ...(more > 0 ? [[`and ${counted(more, noun)}.`]] : [])];
}

/** The limits of the findings, so that no finding is not read as no problem. */
function wholeness(report: ConnectionReport): readonly Phrase[] {
  const { accessList } = report;
  if (accessList === null) return [];
  return [
    ...partOfList(accessList),
    ...(nodesUnread(report).length > 0 ? [['Not every node was read, so no entry is called unused.']] : []),
  ];
}

function partOfList(accessList: ConnectionReport['accessList']): readonly Phrase[] {
  return accessList?.complete === false
    ? [['The access list was read only in part, so entries may be missing here.']]
    : [];
}

interface Row {
  readonly kind: string;
  readonly entry: string;
  readonly text: string;
}

const KINDS: Readonly<Record<FindingKind, string>> = {
  'unlisted-client': 'unlisted client',
  'ends-soon': 'ends soon',
  'open-to-all': 'open to all',
  'invalid-entry': 'invalid',
  'duplicate-entry': 'duplicate',
  'shadowed-entry': 'covered by another',
  'security-group': 'security group',
  'unused-entry': 'unused',
  'unseen-entry': 'not seen',
  'no-comment': 'no comment',
};

const columns: readonly TableColumn<Row>[] = [
  { title: 'Entry', kind: 'name', cell: ({ entry }) => entry },
  { title: 'Notice', kind: 'name', cell: ({ kind }) => kind },
  { title: 'Evidence', kind: 'sentence', cell: ({ text }) => text },
];

function noticeTable(input: {
  readonly notices: readonly AccessListFinding[];
  readonly tables: TableStyle;
  readonly room: number;
}): KnownBlock | null {
  return table({
    caption: 'Notices about the access list',
    columns,
    rows: input.notices.map(({ kind, entry, text }) => ({ kind: KINDS[kind], entry, text })),
    rest: (rows) => ({ kind: '-', entry: `and ${count(rows.length)} more`, text: '-' }),
    style: input.tables,
    room: input.room,
  });
}
