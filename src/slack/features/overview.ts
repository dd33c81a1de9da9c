// All clusters at a glance, from the store's last readings and alerts, and sources that are named without a cluster.

import { unlessAborted } from '../../core/base/abort.ts';
import { clipped, joinWords } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { type Findable, findSource } from '../../core/connections/find-source.ts';
import type { History, Monitor } from '../../core/ports/monitor.ts';
import type { ClusterList, ReportService } from '../../core/ports/reports.ts';
import { type OverviewRequest, type SourceReference, viewValue } from '../blockkit/action-values.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { withProgress } from '../requests/reply.ts';
import { problemView, readingView, sourcesOfClustersView } from '../views/notices.ts';
import { overviewView } from '../views/overview.ts';
import { POINTS, STORE_MS, standingsOf, type ViewDependencies } from './lookup.ts';

/** @param list at least one cluster */
export async function showOverview(
  context: RequestContext,
  { request, list }: { readonly request: OverviewRequest; readonly list: ClusterList },
  { reports, now }: ViewDependencies,
): Promise<void> {
  const { names, left } = list;
  const [{ standings, problem }, histories] = await Promise.all([
    standingsOf(reports, names, context),
    request.about === 'history' ? historiesOf(reports.monitor, { names, request, context }) : new Map(),
  ]);
  const shown = { request, standings, histories, left, problem, now: now().getTime() };
  await context.reply.show((tables) => overviewView({ ...shown, tables }));
}

/** Without those that cannot be told in time. */
async function historiesOf(
  monitor: Monitor | null,
  asked: {
    readonly names: readonly string[];
    readonly request: OverviewRequest;
    readonly context: RequestContext;
  },
): Promise<ReadonlyMap<string, History>> {
  if (monitor === null) return new Map();
  const { names, request, context } = asked;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  const { window } = request;
  const found = await Promise.all(
    names.map(async (cluster) => {
      try {
        const history = monitor.history({ cluster, source: null, window, points: POINTS, signal });
        return [[cluster, await unlessAborted(history, signal)] as const];
      } catch (error) {
        if (!signal.aborted) context.explain(error);
        return [];
      }
    }),
  );
  return new Map(found.flat());
}

// A source that is named without a cluster. It is looked up in what is known of every cluster.

interface FoundSource extends Findable {
  readonly cluster: string;
  /** Whether its last reading has it. Otherwise only the history knows it. */
  readonly isConnected: boolean;
}

interface SourceOfAny {
  readonly text: string;
  /** Several clusters. */
  readonly list: ClusterList;
  /** The command, and the view that it opens. */
  readonly view: 'source' | 'why';
  readonly show: (cluster: string, source: SourceReference) => Promise<void>;
  /** For the name of a cluster in quotes, if no source has it. Left out where it is a mistake. */
  readonly showCluster?: (cluster: string) => Promise<void>;
}

export async function showSourceOfAny(
  context: RequestContext,
  { text, list, view, showCluster, ...asked }: SourceOfAny,
  input: ViewDependencies,
): Promise<void> {
  const { reply } = context;
  const { reports } = input;
  const { names, defaultCluster } = list;
  const known = await Promise.all(names.map((cluster) => sourcesOf(reports, cluster, context)));
  const unknown = names.filter((_, index) => known[index]?.length === 0);
  // Nothing is known of them yet, so they are read.
  const read = await withProgress({
    afterMs: input.timing.readingAfter,
    show: () => reply.show(() => readingView({ cluster: joinWords(unknown), nodes: null })),
    work: Promise.all(unknown.map((cluster) => readSources(reports, cluster, context))),
  });
  const sources = [...known, ...read].flat();
  const mine = sources.filter(({ cluster }) => cluster === defaultCluster);
  const inDefault = findSource(mine, text);
  const match = inDefault.kind === 'none' ? findSource(sources, text) : inDefault;
  const show = ({ cluster, id, isConnected }: FoundSource) => asked.show(cluster, isConnected ? { text } : { id });
  switch (match.kind) {
    case 'found':
      return show(match.source);
    case 'several': {
      const [first] = match.candidates;
      // One report has all of them, so it asks.
      if (match.candidates.every(({ cluster, isConnected }) => isConnected && cluster === first?.cluster) && first)
        return show(first);
      const candidates = match.candidates.map(({ id, name, cluster }) => {
        return { name, cluster, value: viewValue({ view, cluster, source: { id } }) };
      });
      const form = `${input.command} ${view} "${clipped(text)}" in <cluster>`;
      return reply.show(() => sourcesOfClustersView({ text, candidates, form }));
    }
    case 'none': {
      const cluster = names.find((name) => name.toLowerCase() === text.toLowerCase());
      if (cluster !== undefined && showCluster !== undefined) return showCluster(cluster);
      return reply.show(() => problemView(unknownSource(text, { near: match.nearest, names, view, ...input })));
    }
  }
}

/** Of the last reading of this process and of the history; empty when nothing is known of the cluster. */
async function sourcesOf(
  reports: ReportService,
  cluster: string,
  context: RequestContext,
): Promise<readonly FoundSource[]> {
  const last = reports.last(cluster)?.report.sources ?? [];
  const connected = last.map(({ id, name, hosts }) => ({ id, name, hosts, cluster, isConnected: true }));
  const kept = await keptSources(reports.monitor, cluster, context);
  const others = kept.filter(({ id }) => !connected.some((source) => source.id === id));
  return [...connected, ...others.map(({ id, name }) => ({ id, name, cluster, isConnected: false }))];
}

async function keptSources(monitor: Monitor | null, cluster: string, context: RequestContext) {
  if (monitor === null) return [];
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  try {
    return await unlessAborted(monitor.sources(cluster, signal), signal);
  } catch (error) {
    if (!signal.aborted) context.explain(error);
    return [];
  }
}

/** Empty for a cluster that cannot be read. */
async function readSources(
  reports: ReportService,
  cluster: string,
  context: RequestContext,
): Promise<readonly FoundSource[]> {
  try {
    const { report } = await reports.report(cluster, { signal: context.signal });
    return report.sources.map(({ id, name, hosts }) => ({ id, name, hosts, cluster, isConnected: true }));
  } catch (error) {
    context.explain(error);
    return [];
  }
}

function unknownSource(
  text: string,
  of: Pick<SourceOfAny, 'view'> & {
    readonly near: string | null;
    readonly names: readonly string[];
    readonly command: string;
  },
): Problem {
  const { near, names, command, view } = of;
  const form = `${view} "${clipped(text)}" in ${names[0] ?? '<cluster>'}`;
  return {
    code: 'unknown-source',
    text: `No source "${clipped(text)}" is in the last readings of ${joinWords(names.slice(0, MOST_NAMES))}${names.length > MOST_NAMES ? ' and others' : ''}.`,
    remedy: `${near === null ? '' : `Did you mean "${near}"? `}To read a cluster now, write: ${command} ${form}`,
  };
}

const MOST_NAMES = 10;
