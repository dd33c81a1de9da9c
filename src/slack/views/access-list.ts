// Findings about the access list, with their evidence: warnings as sentences, notices as a table.

import { count, counted } from '../../core/base/format.ts';
import type { AccessListFinding, FindingKind } from '../../core/connections/access-list-findings.ts';
import type { ProjectHygiene, ReadCluster, UnreadCluster } from '../../core/connections/project-access-list.ts';
import { viewValue } from '../blockkit/action-values.ts';
import { bullets, context, header, message, prose } from '../blockkit/blocks.ts';
import { bold, moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { restName, type TableColumn, tablePage } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TablePage, TableStyle } from '../blockkit/types.ts';
import { detailButtons } from './buttons.ts';
import { entryFirst, problemLines } from './notes.ts';

const MOST_WARNINGS = 10;
/** Notices that the fallback text names. */
const MOST_NOTICES = 5;
const MOST_READ = 20;
const MOST_UNREAD = 10;

/** @param input.cluster any of the clusters; its button leads back here */
export function projectHygieneView(input: {
  readonly hygiene: ProjectHygiene;
  readonly cluster: string;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The place of the table's first row, from 0. */
  readonly page?: number;
}): MessageView {
  const { hygiene, cluster, tables, place, page = 0 } = input;
  const { findings, at } = hygiene;
  const title = titleOf(hygiene);
  const remarks = remarksOf(hygiene);
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const notices = findings.filter(({ severity }) => severity === 'notice');
  const lines = atMost(MOST_WARNINGS, warnings, 'more warning');
  return message({
    said: [[title], ...lines, ...atMost(MOST_NOTICES, notices, 'more notice'), ...remarks],
    above: [header(title), lines.length === 0 ? null : bullets(lines)],
    table: (room) => noticeTable({ notices, tables, page, room }),
    turnTo: (from) => viewValue({ view: 'project', cluster, page: from }),
    below: [
      prose(remarks),
      detailButtons({ cluster, view: 'project' }, place),
      at === null ? null : context([['the oldest reading is of ', moment(at, 'seconds')]]),
    ],
  });
}

/** A project of one cluster has its name. */
function titleOf({ clusters, unread, findings, accessList }: ProjectHygiene): string {
  const names = new Set([...clusters, ...unread].map(({ name }) => name));
  const [only] = names.size === 1 ? names : [];
  const found = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding');
  const says = accessList === null ? 'no access list was read' : `${found} about the access list`;
  return `${only == null ? 'All clusters of the project' : plain(only, { max: 64 })} — ${says}`;
}

/** What the findings know and do not know. */
function remarksOf(hygiene: ProjectHygiene): readonly Phrase[] {
  const { clusters, unread, findings, accessList } = hygiene;
  const isUnused = findings.some(({ kind }) => kind === 'unused-entry');
  return [
    clusters.length === 0 ? ['No cluster was read.'] : readClusters(clusters),
    ...(accessList === null || unread.length === 0
      ? []
      : [['No entry is called unused, because these clusters may need it:']]),
    ...unread.slice(0, MOST_UNREAD).map(unreadCluster),
    ...(unread.length > MOST_UNREAD ? [[`and ${counted(unread.length - MOST_UNREAD, 'more cluster')}.`]] : []),
    ...(isUnused ? [['Atlas does not say when an entry was added: a new one may wait for its first client.']] : []),
    ...(accessList?.complete === false
      ? [['The access list was read only in part, so entries may be missing here.']]
      : []),
    ...problemLines(hygiene),
  ];
}

/** `Read: prod (history since 24 Oct) and staging (no history).` */
function readClusters(clusters: readonly ReadCluster[]): Phrase {
  const shown = clusters.slice(0, MOST_READ);
  const more = clusters.length - shown.length;
  const named = shown.flatMap(
    ({ name, since }, index): Phrase => [
      index === 0 ? '' : more === 0 && index === shown.length - 1 ? ' and ' : ', ',
      ...(since === null
        ? [`${name} (no history)`]
        : [`${name} (history since `, moment(new Date(since).toISOString(), 'date'), ')']),
    ],
  );
  return ['Read: ', ...named, more > 0 ? ` and ${count(more)} more.` : '.'];
}

function unreadCluster({ name, reason }: UnreadCluster): Phrase {
  const why = reason.replace(/\.$/, '');
  return name === null ? [`Not all clusters are listed: ${why}.`] : [bold(plain(name, { max: 64 })), `: ${why}.`];
}

function atMost(most: number, findings: readonly AccessListFinding[], noun: string): readonly Phrase[] {
  const more = findings.length - most;
  return [...findings.slice(0, most).map(boldEntry), ...(more > 0 ? [[`and ${counted(more, noun)}.`]] : [])];
}

function boldEntry(finding: AccessListFinding): Phrase {
  if (finding.timed === undefined) return entryFirst(finding);
  const [first = '', ...rest] = saidOf(finding);
  return typeof first === 'string' ? [...entryFirst({ entry: finding.entry, text: first }), ...rest] : [first, ...rest];
}

/** Each reader sees a time in their own zone. */
function saidOf({ text, timed = [text] }: AccessListFinding): Phrase {
  return timed.map((part) => (typeof part === 'string' ? part : moment(new Date(part.at).toISOString(), 'date-time')));
}

interface Row {
  readonly kind: string;
  readonly entry: string;
  readonly evidence: Phrase;
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
  'unseen-entry': 'no connection now',
  'no-comment': 'no comment',
};

const columns: readonly TableColumn<Row>[] = [
  { title: 'Entry', kind: 'name', cell: ({ entry }) => entry },
  { title: 'Finding', kind: 'name', cell: ({ kind }) => kind },
  { title: 'Evidence', kind: 'sentence', cell: ({ evidence }) => evidence },
];

function noticeTable(input: {
  readonly notices: readonly AccessListFinding[];
  readonly tables: TableStyle;
  readonly page: number;
  readonly room: number;
}): TablePage | null {
  return tablePage({
    caption: 'Notices about the access list',
    columns,
    rows: input.notices.map((notice) => ({ kind: KINDS[notice.kind], entry: notice.entry, evidence: saidOf(notice) })),
    rest: (rows, where) => ({ kind: '-', entry: restName(rows, where), evidence: ['-'] }),
    from: input.page,
    style: input.tables,
    room: input.room,
  });
}
