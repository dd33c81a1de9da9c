// The report: is it tight, who holds the connections, what to worry about.

import { count, counted, listed, percent } from '../../core/base/format.ts';
import type { Dimension } from '../../core/connections/group-by.ts';
import { byFullness, connectionsOf, nodesRead } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { header, message, prose } from '../blockkit/blocks.ts';
import { type Phrase, who } from '../blockkit/rich-text.ts';
import type { MessageView, Place, TableStyle } from '../blockkit/types.ts';
import type { Surroundings } from '../features/report-context.ts';
import { plain } from '../text.ts';
import { firingLines, quietLines } from './alert-status.ts';
import { reportMoves } from './buttons.ts';
import { doubtLines, footer } from './footer.ts';
import { problemLines, sentence, unreadLines, warningLines } from './notes.ts';
import { unreadView } from './notices.ts';
import { reportTable } from './report-table.ts';

const LONGEST_CLUSTER = 64;
/** Sources that the fallback text names. */
const LOUDEST = 3;

export interface ReportViewInput {
  readonly report: ConnectionReport;
  readonly by: Dimension;
  readonly ageMs: number;
  readonly tables: TableStyle;
  readonly place: Place;
  /** The slash command's name. */
  readonly command?: string;
  /** What the watch knows around it; null without a watch. */
  readonly around?: Surroundings | null;
  readonly timeZone?: string | null;
}

export function reportView(input: ReportViewInput): MessageView {
  const { report, by, ageMs, tables, place, command = '/atlas-conns', around = null, timeZone = null } = input;
  if (nodesRead(report).length === 0) return unreadView(report, { place });
  const { cluster, sources } = report;
  const title = titleOf(report, by);
  const totals: Phrase = [totalsOf(report)];
  const sharer: readonly Phrase[] =
    place.kind === 'shared' ? [[place.isAnswer === true ? 'Asked by ' : 'Shared by ', who(place.by)]] : [];
  const remarks = [
    ...warningLines(report, command, firingLines(report, around, { place, timeZone })),
    ...quietLines(around, { place, timeZone, more: `${command} alerts ${cluster}` }),
    ...(around?.problem == null ? [] : [sentence(around.problem)]),
    ...unreadLines(report),
    ...problemLines(report),
  ];
  return message({
    said: [[title], totals, ...loudest(report), ...remarks, ...sharer],
    above: [header(title), prose([...sharer, totals])],
    table: (room) => reportTable({ report, by, usual: around?.usual ?? null, tables, room }),
    below: [
      remarks.length === 0 ? null : prose(remarks),
      reportMoves({ cluster, by, sources, place }),
      footer(report, { ageMs, notes: doubtLines(report, by) }),
    ],
  });
}

/** `prod — 785 connections, busiest node at 31 %`: never a sum of nodes against a sum of limits. */
export function titleOf(report: ConnectionReport, by: Dimension): string {
  const [busiest] = byFullness(report);
  const turned = by === 'source' ? '' : ` by ${by}`;
  const full = busiest === undefined ? '' : `, busiest node at ${percent(busiest.ratio)}`;
  const name = plain(report.cluster, { max: LONGEST_CLUSTER });
  return `${name}${turned} — ${connectionsOf(report)}${full}`;
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
  if (known.length === 0) return `This cluster tells no more than its totals · ${nodesOf(report)}`;
  return [...known, nodesOf(report)].join(' · ');
}

function nodesOf(report: ConnectionReport): string {
  const read = nodesRead(report).length;
  const known = report.nodes.length;
  return read === known ? `on ${counted(known, 'node')}` : `on ${read} of ${counted(known, 'node')}`;
}

/** Who holds the most, for those who only hear or see the first lines. */
function loudest({ sources }: ConnectionReport): readonly Phrase[] {
  const most = sources
    .slice(0, LOUDEST)
    .map(
      ({ name, active, dormant, monitors }) => `${plain(name, { max: 60 })} (${count(active + dormant + monitors)})`,
    );
  return most.length === 0 ? [] : [[`Most are held by ${listed(most)}.`]];
}
