// The history of a source or a cluster, asked for by a command or a button.

import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/commands.ts';
import { findSource } from '../../core/connections/find-source.ts';
import type { History, Monitor } from '../../core/ports/monitor.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { matchesKey, type ViewRequest, viewValue } from '../blockkit/action-values.ts';
import { type RequestContext, zoneAt } from '../requests/handle-request.ts';
import { withProgress } from '../requests/reply.ts';
import { historyView } from '../views/history.ts';
import { goneView, historyChoiceView, problemView, readingView, sourcesOfClustersView } from '../views/notices.ts';
import { NO_WATCH, POINTS, type ViewDependencies } from './lookup.ts';

/** Sources in a cluster's table: each needs one query of the store. */
const MOST_SOURCES = 20;

export async function showHistory(
  context: RequestContext,
  {
    cluster,
    source: named,
    window,
    readAt,
  }: ViewRequest<'history', { readonly id: string } | { readonly key: string }>,
  input: ViewDependencies,
): Promise<void> {
  const { monitor } = input.reports;
  const { reply, signal } = context;
  if (monitor === null) return reply.show(() => problemView(NO_WATCH));
  const isKey = named !== null && 'key' in named;
  const source = isKey ? (await monitor.sources(cluster, signal)).find(({ id }) => matchesKey(id, named.key)) : named;
  if (source === undefined) return reply.show(() => goneView({ what: 'The source', cluster }));
  const { history, sources } = await withProgress({
    afterMs: input.timing.readingAfter,
    show: () => reply.show(() => readingView({ cluster: `the history of ${cluster}`, nodes: null })),
    work: historyOf(monitor, { cluster, source: source?.id ?? null, window, signal }),
  });
  const timeZone = zoneAt(reply.place, context, input.timeZone);
  const shown = { history, sources, window, place: reply.place, readAt, timeZone };
  await reply.show((tables) => historyView({ ...shown, tables }));
}

async function historyOf(
  monitor: Monitor,
  of: { cluster: string; source: string | null; window: number; signal: AbortSignal },
) {
  const { cluster, source, signal } = of;
  const history = await monitor.history({ ...of, points: POINTS });
  if (source !== null) return { history, sources: [] };
  const seen = (await monitor.sources(cluster, signal)).filter(({ lastSeen }) => lastSeen >= history.from);
  const newest = seen.toSorted((a, b) => b.lastSeen - a.lastSeen).slice(0, MOST_SOURCES);
  const sources = await Promise.all(newest.map(({ id }) => monitor.history({ ...of, source: id, points: POINTS })));
  const size = ({ now, max }: History) => now?.dormant ?? max?.value ?? 0;
  return { history, sources: sources.toSorted((a, b) => size(b) - size(a)) };
}

/** Finds the named source in every cluster that may be meant. Asks when several match. */
export async function runHistory(
  context: RequestContext,
  { command, list }: { readonly command: Command<'history'>; readonly list: ClusterList },
  input: ViewDependencies,
): Promise<void> {
  const { monitor } = input.reports;
  const { reply, signal } = context;
  if (monitor === null) return reply.show(() => problemView(NO_WATCH));
  const { window, source: text } = command;
  const { defaultCluster } = list;
  const show = (cluster: string, source: { readonly id: string } | null) =>
    showHistory(context, { view: 'history', cluster, source, window }, input);
  if (text === null) {
    const only = command.cluster ?? defaultCluster;
    if (only !== null) return show(only, null);
    return reply.show(() => historyChoiceView({ question: 'Which cluster?', choices: [] }));
  }
  const clusters = command.cluster === null ? list.names : [command.cluster];
  const known = await Promise.all(
    clusters.map(async (cluster) => (await monitor.sources(cluster, signal)).map((source) => ({ ...source, cluster }))),
  );
  const sources = known.flat();
  const inDefault = findSource(
    sources.filter(({ cluster }) => cluster === defaultCluster),
    text,
  );
  const match = inDefault.kind === 'none' ? findSource(sources, text) : inDefault;
  switch (match.kind) {
    case 'found':
      return show(match.source.cluster, match.source);
    case 'several': {
      const candidates = match.candidates.map(({ id, name, cluster }) => {
        return { name, cluster, value: viewValue({ view: 'history', cluster, source: { id }, window }) };
      });
      if (new Set(candidates.map(({ cluster }) => cluster)).size > 1) {
        const form = `${input.command} history "${clipped(text)}" in <cluster>`;
        return reply.show(() => sourcesOfClustersView({ text, candidates, form }));
      }
      const choices = candidates.map(({ name, value }) => ({ words: name, value }));
      const question = `"${clipped(text)}" matches several sources. Which one?`;
      return reply.show(() => historyChoiceView({ question, choices }));
    }
    case 'none': {
      const cluster = clusters.find((name) => name.toLowerCase() === text.toLowerCase());
      if (cluster !== undefined) return show(cluster, null);
      return reply.show(() => problemView(unknownSource(text, match.nearest, input.command)));
    }
  }
}

function unknownSource(text: string, near: string | null, command: string): Problem {
  return {
    code: 'unknown-source',
    text: `The history has no source "${clipped(text)}".`,
    remedy: near === null ? `"${command} history" lists those of a cluster.` : `Did you mean "${near}"?`,
  };
}
