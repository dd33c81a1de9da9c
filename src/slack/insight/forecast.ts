// The forecast of a watched cluster, or of one of its sources, asked for by a command or a button.

import { unlessAborted } from '../../core/base/abort.ts';
import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { findSource } from '../../core/connections/find-source.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import type { NodeGrowth } from '../../core/forecast/growth.ts';
import { clusterForecast, type Scale, scaledSource } from '../../core/forecast/live.ts';
import type { ReportAnswer, ReportService } from '../../core/ports/reports.ts';
import { matchesKey, type SourceReference, viewValue } from '../blockkit/action-values.ts';
import type { MessageView } from '../blockkit/types.ts';
import type { Rendering } from '../client/send.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { goneView, historyChoiceView, problemView, unreadView } from '../views/notices.ts';
import { clusterForecastView, sourceForecastView } from './forecast-view.ts';
import { type ReadingDependencies, readingFor } from './reading.ts';

interface GrowingSource {
  readonly source: SourceReference;
  readonly scale: Scale;
}

interface ForecastRequest {
  readonly cluster: string;
  /** Null for the cluster as a whole. */
  readonly growth: GrowingSource | null;
  readonly fresh: boolean;
  /** Of the reading on the screen, in milliseconds since 1970: the answer is about this one while it is kept. */
  readonly readAt?: number;
  readonly page?: number;
}

export async function showForecast(
  context: RequestContext,
  request: ForecastRequest,
  input: ReadingDependencies,
): Promise<void> {
  const { growth } = request;
  const { reports } = input;
  const { reply } = context;
  const answer = await readingFor(context, request, input);
  if (answer === null) return;
  const { report } = answer;
  const { place } = reply;
  if (nodesRead(report).length === 0) return reply.show(() => unreadView(report, { place }));
  if (place.kind !== 'shared') reports.shown.keep(report);
  const asked = { answer, place, command: input.command, page: request.page ?? 0 };
  await reply.show(growth === null ? await ofCluster(context, asked, reports) : ofSource(asked, growth));
}

interface Asked {
  readonly answer: ReportAnswer;
  readonly place: RequestContext['reply']['place'];
  readonly command: string;
  readonly page: number;
}

async function ofCluster(
  context: RequestContext,
  { answer: { report, ageMs }, ...shown }: Asked,
  reports: ReportService,
): Promise<Rendering> {
  const { growth, problem } = await growthsOf(context, report, reports);
  const forecast = clusterForecast(report, growth);
  return (tables) => clusterForecastView({ ...shown, report, ageMs, forecast, problem, tables });
}

/** How long an answer waits for what only the store knows. */
const STORE_MS = 5_000;

const NO_STORE: Problem = {
  code: 'no-watch',
  text: "Growth needs the bot's store, and this bot runs without one.",
  remedy: 'Start it with a data directory or with ANALYSIS_URI.',
};
const SLOW_STORE: Problem = {
  code: 'watch-slow',
  text: 'Growth is missing here: the store did not answer in time.',
  remedy: 'Ask again in a minute.',
};

/** Never rejects because of the store: then the forecast has no growth, and the problem says why. */
async function growthsOf(
  context: RequestContext,
  report: ConnectionReport,
  { monitor }: ReportService,
): Promise<{ readonly growth: ReadonlyMap<string, NodeGrowth>; readonly problem: Problem | null }> {
  if (monitor === null) return { growth: new Map(), problem: NO_STORE };
  const late = AbortSignal.timeout(STORE_MS);
  const signal = AbortSignal.any([context.signal, late]);
  const hosts = nodesRead(report).map(({ host }) => host);
  try {
    return { growth: await unlessAborted(monitor.growth(report.cluster, hosts, signal), signal), problem: null };
  } catch (error) {
    if (late.aborted) return { growth: new Map(), problem: SLOW_STORE };
    const { code, text, remedy } = context.explain(error);
    return { growth: new Map(), problem: { code, text: `Growth is missing here: ${text}`, remedy } };
  }
}

function ofSource(asked: Asked, { source: named, scale }: GrowingSource): Rendering {
  const { answer, command, ...shown } = asked;
  const { report, ageMs } = answer;
  const found = sourceOf(report, named);
  if (found === null) return () => notFound(report, named, command);
  if (found.length > 1) return () => choiceView(report, { found, named, scale });
  const [source = null] = found;
  const scaled = source === null ? null : scaledSource(report, source, scale);
  if (scaled === null) return () => goneView({ what: 'The source', cluster: report.cluster });
  if (!scaled.ok) return () => problemView(scaled.problem);
  return (tables) => sourceForecastView({ ...shown, report, ageMs, forecast: scaled.forecast, tables });
}

/** Those that match, or none for a button whose source has gone; null for a name that is unknown. */
function sourceOf({ sources }: ConnectionReport, named: SourceReference): readonly ConnectionSource[] | null {
  if (!('text' in named))
    return sources.filter(({ id }) => ('id' in named ? id === named.id : matchesKey(id, named.key)));
  const match = findSource(sources, named.text);
  if (match.kind === 'none') return null;
  return match.kind === 'found' ? [match.source] : match.candidates;
}

function notFound({ sources, cluster }: ConnectionReport, named: SourceReference, command: string): MessageView {
  const text = 'text' in named ? named.text : '';
  const match = findSource(sources, text);
  const near = match.kind === 'none' ? match.nearest : null;
  return problemView({
    code: 'unknown-source',
    text: `No source "${clipped(text)}" has connections to ${cluster}.`,
    remedy: near === null ? `"${command} ${cluster}" lists them all.` : `Did you mean "${near}"?`,
  });
}

function choiceView(
  { cluster }: ConnectionReport,
  asked: { readonly found: readonly ConnectionSource[]; readonly named: SourceReference; readonly scale: Scale },
): MessageView {
  const { found, named, scale } = asked;
  const text = 'text' in named ? named.text : '';
  // The value of a choice says which view it opens.
  return historyChoiceView({
    question: `"${clipped(text)}" matches several sources of ${cluster}. Which one?`,
    choices: found.map(({ id, name }) => {
      return { words: name, value: viewValue({ view: 'forecast', cluster, growth: { source: { id }, scale } }) };
    }),
  });
}
