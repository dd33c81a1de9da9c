// A reading of a cluster, made or kept, with what the watch knows around it, as somebody wants to see it.

import { clipped } from '../../core/base/format.ts';
import { findSource } from '../../core/connections/find-source.ts';
import type { Dimension } from '../../core/connections/group-by.ts';
import { nodesRead, nodesUnread } from '../../core/connections/node-usage.ts';
import type { ProjectHygiene } from '../../core/connections/project-access-list.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import type { ReportAnswer } from '../../core/ports/reports.ts';
import { DEFAULT_WINDOW } from '../../core/snapshots/time-window.ts';
import { matchesKey } from '../blockkit/action-values.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import type { Rendering } from '../client/send.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { withProgress } from '../requests/progress.ts';
import { accessListView, projectHygieneView } from '../views/access-list.ts';
import { sourceChoiceView } from '../views/choices.ts';
import { nodesView } from '../views/nodes.ts';
import { goneView, type PreviousReading, problemView, readingView, unreadView } from '../views/notices.ts';
import { reportView } from '../views/report.ts';
import type { ReportContext } from '../views/report-context.ts';
import { sourceView } from '../views/source.ts';
import { reportContextOf, type ViewDependencies } from './report-context.ts';
import { showHistory } from './show-history.ts';

export interface RequestedReport {
  readonly cluster: string;
  readonly wanted: RequestedView;
  readonly fresh: boolean;
}

export async function showCluster(
  guest: RequestContext,
  sought: RequestedReport,
  input: ViewDependencies,
): Promise<void> {
  const { cluster, wanted, fresh } = sought;
  const { reports, timing } = input;
  const { reply, signal } = guest;
  const nodes = reports.last(cluster)?.report.nodes.length ?? null;
  let answer: ReportAnswer;
  try {
    answer = await withProgress({
      afterMs: timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster, nodes })),
      work: reports.report(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = input.explained(error, guest);
    const lastReading = lastReadingOf(reports.last(cluster));
    return reply.show(() => problemView(problem, lastReading === null ? {} : { lastReading }));
  }
  const isGone = wanted.view === 'source' && sourceWanted(answer.report, wanted) === null;
  // What an alert was about may hold nothing by now; then its past is what there is to see.
  if (isGone && 'id' in wanted.source && reports.monitor !== null) {
    return showHistory(guest, { cluster, source: wanted.source.id, window: DEFAULT_WINDOW }, input);
  }
  const around = await surroundings(guest, { report: answer.report, wanted }, input);
  await reply.show(renderingOf({ ...input, answer, wanted, place: reply.place, around, last: reports.last(cluster) }));
}

/** The hygiene of all clusters of the project that a cluster is of. */
export async function showProject(
  guest: RequestContext,
  { cluster, fresh }: { readonly cluster: string; readonly fresh: boolean },
  input: ViewDependencies,
): Promise<void> {
  const { reply, signal } = guest;
  let hygiene: ProjectHygiene | null;
  try {
    hygiene = await withProgress({
      afterMs: input.timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster: 'all clusters of the project', nodes: null })),
      work: input.reports.hygiene(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = input.explained(error, guest);
    return reply.show(() => problemView(problem));
  }
  if (hygiene === null) return showCluster(guest, { cluster, wanted: { view: 'hygiene' }, fresh }, input);
  const found = hygiene;
  await reply.show((tables) => projectHygieneView({ hygiene: found, cluster, tables, place: reply.place }));
}

export async function showLast(
  guest: RequestContext,
  { cluster, wanted }: { readonly cluster: string; readonly wanted: RequestedView },
  input: ViewDependencies,
): Promise<void> {
  const { reply } = guest;
  const answer = input.reports.last(cluster);
  if (answer === null) return reply.show(() => goneView({ what: 'The last reading', cluster }));
  const around = await surroundings(guest, { report: answer.report, wanted }, input);
  await reply.show(renderingOf({ ...input, answer, wanted, place: reply.place, around, last: null }));
}

/** Only what is drawn of it is asked for. */
export async function surroundings(
  guest: RequestContext,
  { report, wanted }: { readonly report: ConnectionReport; readonly wanted: RequestedView },
  { reports, explained }: ViewDependencies,
): Promise<ReportContext | null> {
  if (wanted.view === 'nodes' || wanted.view === 'hygiene') return null;
  const source = wanted.view === 'source' ? sourceWanted(report, wanted) : null;
  return reportContextOf(reports, {
    cluster: report.cluster,
    source: source?.id ?? null,
    signal: guest.signal,
    explained: (error) => explained(error, guest),
  });
}

// One reading, shown as somebody wants it.

/** What is to be seen of a cluster. */
export type RequestedView =
  | { readonly view: 'report'; readonly by: Dimension }
  | { readonly view: 'nodes' }
  | { readonly view: 'hygiene' }
  /** By what a person wrote, by the key that a button carries, or by its id. */
  | {
      readonly view: 'source';
      readonly source: { readonly text: string } | { readonly key: string } | { readonly id: string };
    };

export interface RenderedReport {
  readonly answer: ReportAnswer;
  readonly wanted: RequestedView;
  readonly place: MessagePlace;
  /** The slash command's name, for hints. */
  readonly command: string;
  /** Where this reading found nothing: the one that did. */
  readonly last: ReportAnswer | null;
  /** What the watch knows around it; null without a watch. */
  readonly around: ReportContext | null;
  readonly timeZone: string | null;
}

export function renderingOf(shown: RenderedReport): Rendering {
  const { answer, wanted, place, command, around, timeZone } = shown;
  const { report, ageMs } = answer;
  if (nodesRead(report).length === 0) {
    const lastReading = lastReadingOf(shown.last);
    return () => unreadView(report, { place, ...(lastReading === null ? {} : { lastReading }) });
  }
  switch (wanted.view) {
    case 'report':
      return (tables) => drawnOnce({ report, by: wanted.by, ageMs, tables, place, command, around, timeZone });
    case 'nodes':
      return (tables) => nodesView({ report, ageMs, tables, place });
    case 'hygiene':
      return (tables) => accessListView({ report, ageMs, tables, place });
    case 'source':
      return 'text' in wanted.source ? byText(shown, wanted.source.text) : byKey(shown, wanted);
  }
}

type ReportShown = Parameters<typeof reportView>[0];
const drawn = new WeakMap<ConnectionReport, Map<string, MessageView>>();

/** A reading that hundreds share, shown in one way, is drawn once: the deliveries of others wait meanwhile. */
function drawnOnce(shown: ReportShown): MessageView {
  const { report, ageMs, ...way } = shown;
  const views = drawn.get(report) ?? new Map<string, MessageView>();
  drawn.set(report, views);
  const usual = [...(shown.around?.usual ?? [])];
  const key = JSON.stringify([way, usual, Math.floor(ageMs / 1000)]);
  const view = views.get(key) ?? reportView(shown);
  views.set(key, view);
  return view;
}

function lastReadingOf(last: ReportAnswer | null): PreviousReading | null {
  return last === null ? null : { cluster: last.report.cluster, at: last.report.at };
}

type SourceWanted = Extract<RequestedView, { view: 'source' }>;

/** Null where no source or more than one is meant. */
function sourceWanted({ sources }: ConnectionReport, { source: wanted }: SourceWanted): ConnectionSource | null {
  if ('text' in wanted) {
    const match = findSource(sources, wanted.text);
    return match.kind === 'found' ? match.source : null;
  }
  return sources.find(({ id }) => ('id' in wanted ? id === wanted.id : matchesKey(id, wanted.key))) ?? null;
}

function byKey(shown: RenderedReport, wanted: SourceWanted): Rendering {
  const { report } = shown.answer;
  const source = sourceWanted(report, wanted);
  return source === null ? () => goneView({ what: 'The source', cluster: report.cluster }) : drillDown(shown, source);
}

function byText(shown: RenderedReport, wanted: string): Rendering {
  const { report } = shown.answer;
  const match = findSource(report.sources, wanted);
  switch (match.kind) {
    case 'found':
      return drillDown(shown, match.source);
    case 'several':
      return () => sourceChoiceView({ cluster: report.cluster, wanted, candidates: match.candidates });
    case 'none':
      return () => problemView(unknownSource(shown, { wanted, near: match.nearest }));
  }
}

function drillDown({ answer, place, command, around, timeZone }: RenderedReport, source: ConnectionSource): Rendering {
  const { report, ageMs } = answer;
  return (tables) => sourceView({ report, source, ageMs, tables, place, command, around, timeZone });
}

function unknownSource(
  { answer, command }: RenderedReport,
  { wanted, near }: { readonly wanted: string; readonly near: string | null },
) {
  const { report } = answer;
  return {
    code: 'unknown-source',
    text: `No source "${clipped(wanted)}" has connections to ${whereOf(report)}.`,
    remedy: near === null ? `"${command} ${report.cluster}" lists them all.` : `Did you mean "${near}"?`,
  };
}

/** A node that was not read may well have it. */
function whereOf(report: ConnectionReport): string {
  const unread = nodesUnread(report).length;
  return unread === 0 ? report.cluster : `the nodes of ${report.cluster} that were read (${unread} not)`;
}
