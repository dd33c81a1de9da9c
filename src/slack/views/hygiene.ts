// Findings about the access list, with their evidence: warnings as sentences, notices as a table.

import type { KnownBlock } from '@slack/types';
import { count, counted } from '../../core/figures.ts';
import { nodesUnread } from '../../core/headroom.ts';
import type { Finding, FindingKind } from '../../core/hygiene.ts';
import type { ConnectionReport } from '../../core/report.ts';
import { bullets, header, message, prose } from '../blocks.ts';
import type { Phrase } from '../phrase.ts';
import { type Column, table } from '../table.ts';
import { plain } from '../text.ts';
import type { MessageView, Place, TableStyle } from '../view.ts';
import { footer } from './footer.ts';
import { detailMoves } from './moves.ts';
import { entryFirst, problemLines, unreadLines } from './remarks.ts';

export interface HygieneViewInput {
  readonly report: ConnectionReport;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: Place;
}

const MOST_WARNINGS = 10;
/** Notices that the fallback text names. */
const MOST_NOTICES = 5;

export function hygieneView({ report, ageMs, tables, place }: HygieneViewInput): MessageView {
  const { cluster, findings } = report;
  const title = titleOf(report);
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const notices = findings.filter(({ severity }) => severity === 'notice');
  const lines = atMost(MOST_WARNINGS, warnings, 'more warning');
  const whole = wholeness(report);
  const remarks = [...whole, ...unreadLines(report), ...problemLines(report)];
  return message({
    said: [[title], ...lines, ...atMost(MOST_NOTICES, notices, 'more notice'), ...remarks],
    above: [header(title), lines.length === 0 ? null : bullets(lines)],
    table: (room) => noticeTable({ notices, tables, room }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      detailMoves({ cluster, view: 'hygiene' }, place),
      footer(report, { ageMs }),
    ],
  });
}

function titleOf({ cluster, findings, accessList }: ConnectionReport): string {
  const found = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding');
  const says = accessList === null ? 'no access list was read' : `${found} about the access list`;
  return `${plain(cluster, { max: 64 })} — ${says}`;
}

function atMost(most: number, findings: readonly Finding[], noun: string): readonly Phrase[] {
  const more = findings.length - most;
  return [...findings.slice(0, most).map(entryFirst), ...(more > 0 ? [[`and ${counted(more, noun)}.`]] : [])];
}

/** What the findings cannot say, so that their absence is not read as all being well. */
function wholeness(report: ConnectionReport): readonly Phrase[] {
  const { accessList } = report;
  if (accessList === null) return [];
  return [
    ...(accessList.complete ? [] : [['The access list was read only in part, so entries may be missing here.']]),
    ...(nodesUnread(report).length > 0 ? [['Not every node was read, so no entry is called unused.']] : []),
  ];
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

const columns: readonly Column<Row>[] = [
  { title: 'Entry', kind: 'name', cell: ({ entry }) => entry },
  { title: 'Notice', kind: 'name', cell: ({ kind }) => kind },
  { title: 'Evidence', kind: 'sentence', cell: ({ text }) => text },
];

function noticeTable(input: {
  readonly notices: readonly Finding[];
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
