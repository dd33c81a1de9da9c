// A reading of a cluster, new or cached, shown as a view.

import { clipped, counted } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { findSource } from '../../core/connections/find-source.ts';
import { nodesRead, nodesUnread } from '../../core/connections/node-usage.ts';
import type { ProjectHygiene } from '../../core/connections/project-access-list.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import type { NodeGrowth } from '../../core/forecast/growth.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import type { ReportAnswer } from '../../core/ports/reports.ts';
import { DEFAULT_WINDOW } from '../../core/snapshots/time-window.ts';
import { matchesKey, type SourceReference, type ViewRequest } from '../blockkit/action-values.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import type { Rendering } from '../client/send.ts';
import { whyOf, whyOfAll } from '../insight/diagnose.ts';
import { type RequestContext, zoneAt } from '../requests/handle-request.ts';
import { withProgress } from '../requests/reply.ts';
import { projectHygieneView } from '../views/access-list.ts';
import type { ReportContext } from '../views/alert-status.ts';
import { nodesView } from '../views/nodes.ts';
import { sourceWarnings } from '../views/notes.ts';
import {
  goneView,
  notKeptView,
  type PreviousReading,
  problemView,
  readingView,
  sourceChoiceView,
  unreadView,
} from '../views/notices.ts';
import { otherClusterLines } from '../views/overview.ts';
import { reportView } from '../views/report.ts';
import { sourceView } from '../views/source.ts';
import { growthAtHand, poolsAtHand, reportContextOf, standingsOf, type ViewDependencies } from './lookup.ts';
import { showHistory } from './show-history.ts';

/** A view of one reading. */
export type ReadingRequest = ViewRequest<'report' | 'nodes' | 'source'>;

export async function showReading(
  context: RequestContext,
  { fresh, ...request }: ReadingRequest & { readonly fresh: boolean },
  input: ViewDependencies,
): Promise<void> {
  const { cluster } = request;
  const { reports, timing } = input;
  const { reply, signal } = context;
  const nodes = reports.last(cluster)?.report.nodes.length ?? null;
  let answer: ReportAnswer;
  try {
    answer = await withProgress({
      afterMs: timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster, nodes })),
      work: reports.report(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = context.explain(error);
    const lastReading = lastReadingOf(reports.last(cluster));
    return reply.show(() => problemView(problem, lastReading === null ? {} : { lastReading }));
  }
  const isGone = request.view === 'source' && sourceOf(answer.report, request.source) === null;
  // A source of an alert or of the history may have no connections by now. Then its history is shown.
  if (isGone && !('text' in request.source) && reports.monitor !== null) {
    const { source } = request;
    return showHistory(context, { view: 'history', cluster, source, window: DEFAULT_WINDOW }, input);
  }
  await reply.show(await drawn(context, { answer, request, place: reply.place, last: reports.last(cluster) }, input));
}

/** The access list findings of all clusters of the project that a cluster belongs to. */
export async function showProject(
  context: RequestContext,
  { cluster, fresh, page }: { readonly cluster: string; readonly fresh: boolean; readonly page: number },
  input: ViewDependencies,
): Promise<void> {
  const { reply, signal } = context;
  let hygiene: ProjectHygiene;
  try {
    hygiene = await withProgress({
      afterMs: input.timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster: 'all clusters of the project', nodes: null })),
      work: input.reports.hygiene(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = context.explain(error);
    return reply.show(() => problemView(problem));
  }
  await reply.show((tables) => projectHygieneView({ hygiene, cluster, page, tables, place: reply.place }));
}

export async function showLast(
  context: RequestContext,
  request: ReadingRequest,
  input: ViewDependencies,
): Promise<void> {
  const { reply } = context;
  const { cluster } = request;
  const answer = input.reports.last(cluster);
  if (answer === null) return reply.show(() => goneView({ what: 'The last reading', cluster }));
  await reply.show(await drawn(context, { answer, request, place: reply.place, last: null }, input));
}

/** Back: the very reading that was on the screen. */
export async function showShown(
  context: RequestContext,
  request: ReadingRequest & { readonly readAt: number },
  input: ViewDependencies,
): Promise<void> {
  const { reply } = context;
  const { cluster, readAt } = request;
  const answer = await input.reports.shown.find(cluster, readAt);
  if (answer === null) return reply.show(() => notKeptView(cluster));
  await reply.show(await drawn(context, { answer, request, place: reply.place, last: null }, input));
}

/** Posts the view for everyone in the channel: of the reading on the screen. */
export function shareReading(context: RequestContext, request: ReadingRequest, input: ViewDependencies): Promise<void> {
  const { reply, signal } = context;
  const { cluster, readAt } = request;
  return shareWithAll(context, async (place) => {
    // Messages of the version before do not name their reading.
    const last = async () => input.reports.last(cluster) ?? (await input.reports.report(cluster, { signal }));
    const answer = readAt === undefined ? await last() : await input.reports.shown.find(cluster, readAt);
    if (answer !== null) return drawn(context, { answer, request, place, last: null }, input);
    await reply.aside(() => notKeptView(cluster));
    return null;
  });
}

/** @param draw what everyone sees; null when the person was told why there is nothing */
export async function shareWithAll(
  context: RequestContext,
  draw: (place: MessagePlace) => Promise<Rendering | null>,
): Promise<void> {
  const { reply, request } = context;
  if (!context.publicly) return reply.aside(() => problemView(SHARED_CHANNEL));
  const rendering = await draw({ kind: 'shared', by: request.user });
  if (rendering === null) return;
  const posted = await reply.announce(rendering);
  if (posted.ok) return;
  const isDirect = request.channel.kind === 'direct';
  await reply.aside(() => problemView(notShared(posted.error, isDirect)));
}

const SHARED_CHANNEL: Problem = {
  code: 'not-for-all',
  text: 'I do not share here: this channel is shared with another organisation, or I cannot tell whether it is.',
  remedy:
    'Share in a channel of this workspace only. To check a channel, the app needs the scope channels:read (groups:read for private channels) and an invitation.',
};

function notShared(error: string, isDirect: boolean): Problem {
  return {
    code: 'not-shared',
    text: `I could not post in this channel (${error}). If Slack was slow to answer, the message may be there all the same.`,
    remedy:
      error === 'ratelimited'
        ? 'Slack asked me to wait: share again in a few minutes.'
        : isDirect
          ? 'I can post only in your direct messages with me: share there, or in a channel.'
          : 'Invite me to the channel, then share again.',
  };
}

interface Reading {
  readonly answer: ReportAnswer;
  readonly request: ReadingRequest;
  readonly place: MessagePlace;
  /** The newest reading with figures, for a reading without any. */
  readonly last: ReportAnswer | null;
}

interface Drawing extends Reading, Pick<ViewDependencies, 'command' | 'timeZone'> {
  /** Lines about other clusters that are not fine. */
  readonly others: readonly Phrase[];
  /** Null without a monitor. */
  readonly reportContext: ReportContext | null;
  /** Of the cluster for a report, of the source for the drill-down. */
  readonly diagnoses: readonly Diagnosis[];
  /** Of the nodes, for their view. */
  readonly growth: ReadonlyMap<string, NodeGrowth>;
  /** For the drill-down, where reports are at hand. */
  readonly pools: PoolsView | null;
}

async function drawn(
  context: RequestContext,
  reading: Reading,
  { reports, command, timeZone }: ViewDependencies,
): Promise<Rendering> {
  const { request } = reading;
  const { report } = reading.answer;
  if (reading.place.kind !== 'shared' && nodesRead(report).length > 0) reports.shown.keep(report);
  // The other views do not show it.
  const hasContext = request.view === 'report' || request.view === 'source';
  const source = request.view === 'source' ? sourceOf(report, request.source) : null;
  const { cluster } = report;
  const asked = { report, monitor: reports.monitor, pools: reports.pools };
  const [reportContext, others, diagnosed, growth, pools] = await Promise.all([
    hasContext ? reportContextOf(reports, { cluster, source: source?.id ?? null }, context) : null,
    request.view === 'report' ? othersOf(reports, cluster, context) : [],
    request.view === 'report' ? whyOfAll(asked, context) : source && whyOf(source, asked, context),
    request.view === 'nodes' ? growthAtHand(reports, report, context) : NO_GROWTH,
    source && poolsAtHand(reports, context),
  ]);
  const zone = zoneAt(reading.place, context, timeZone);
  const diagnoses = diagnosed?.diagnoses ?? [];
  return renderingOf({ ...reading, reportContext, others, diagnoses, growth, pools, command, timeZone: zone });
}

const NO_GROWTH: ReadonlyMap<string, NodeGrowth> = new Map();

/** Empty beside any cluster but the default one: its report stands for the overview. */
async function othersOf(
  reports: ViewDependencies['reports'],
  cluster: string,
  context: RequestContext,
): Promise<readonly Phrase[]> {
  try {
    const { names, defaultCluster } = await reports.clusters(context.signal);
    const others = names.filter((name) => name !== cluster);
    if (cluster !== defaultCluster || others.length === 0) return [];
    return otherClusterLines((await standingsOf(reports, others, context)).standings);
  } catch (error) {
    // The report needs no list of clusters.
    context.explain(error);
    return [];
  }
}

function renderingOf(drawing: Drawing): Rendering {
  const { answer, request, place, command, reportContext, others, diagnoses, growth } = drawing;
  const { report, ageMs } = answer;
  const { page = 0 } = request;
  if (nodesRead(report).length === 0) {
    const lastReading = lastReadingOf(drawing.last);
    return () => unreadView(report, { place, ...(lastReading === null ? {} : { lastReading }) });
  }
  switch (request.view) {
    case 'report': {
      const warnings = sourceWarnings({ diagnoses });
      const shown = { report, by: request.by, ageMs, place, command, reportContext, others, warnings, page };
      return (tables) => drawnOnce({ ...shown, tables });
    }
    case 'nodes':
      return (tables) => nodesView({ report, ageMs, tables, place, page, growth });
    case 'source':
      return 'text' in request.source ? byText(drawing, request.source.text) : byKey(drawing, request.source);
  }
}

type ReportShown = Parameters<typeof reportView>[0];
const cachedViews = new WeakMap<ConnectionReport, Map<string, MessageView>>();

/**
 * Drawn once for equal requests. During an incident hundreds ask for the same reading, and drawing blocks the event
 * loop.
 */
function drawnOnce(shown: ReportShown): MessageView {
  const { report, ageMs, ...options } = shown;
  const views = cachedViews.get(report) ?? new Map<string, MessageView>();
  cachedViews.set(report, views);
  const usual = [...(shown.reportContext?.usual ?? [])];
  const key = JSON.stringify([options, usual, Math.floor(ageMs / 1000)]);
  const view = views.get(key) ?? reportView(shown);
  views.set(key, view);
  return view;
}

function lastReadingOf(last: ReportAnswer | null): PreviousReading | null {
  return last === null ? null : { cluster: last.report.cluster, at: last.report.at };
}

/** Null when no source or several sources match. */
function sourceOf({ sources }: ConnectionReport, named: SourceReference): ConnectionSource | null {
  if ('text' in named) {
    const match = findSource(sources, named.text);
    return match.kind === 'found' ? match.source : null;
  }
  return sources.find(({ id }) => ('id' in named ? id === named.id : matchesKey(id, named.key))) ?? null;
}

function byKey(drawing: Drawing, named: SourceReference): Rendering {
  const { report } = drawing.answer;
  const source = sourceOf(report, named);
  return source === null ? () => goneView({ what: 'The source', cluster: report.cluster }) : drillDown(drawing, source);
}

function byText(drawing: Drawing, text: string): Rendering {
  const { report } = drawing.answer;
  const match = findSource(report.sources, text);
  switch (match.kind) {
    case 'found':
      return drillDown(drawing, match.source);
    case 'several':
      return () => sourceChoiceView({ cluster: report.cluster, text, candidates: match.candidates });
    case 'none':
      return () => problemView(unknownSource(drawing, { text, near: match.nearest }));
  }
}

function drillDown(drawing: Drawing, source: ConnectionSource): Rendering {
  const { answer, request, place, command, reportContext, timeZone, diagnoses, pools } = drawing;
  const { report, ageMs } = answer;
  const { page = 0 } = request;
  const asked = request.view === 'source' && 'text' in request.source ? request.source.text : null;
  const shown = { report, source, ageMs, place, command, reportContext, timeZone, diagnoses, pools, asked, page };
  return (tables) => sourceView({ ...shown, tables });
}

function unknownSource(
  { answer, command }: Drawing,
  { text, near }: { readonly text: string; readonly near: string | null },
) {
  const { report } = answer;
  return {
    code: 'unknown-source',
    text: `No source "${clipped(text)}" has connections to ${whereOf(report)}.`,
    remedy: near === null ? `"${command} ${report.cluster}" lists them all.` : `Did you mean "${near}"?`,
  };
}

/** The source may be on a node that was not read. */
function whereOf(report: ConnectionReport): string {
  const unread = nodesUnread(report).length;
  return unread === 0
    ? report.cluster
    : `the nodes of ${report.cluster} that were read (${counted(unread, 'node')} not read)`;
}
