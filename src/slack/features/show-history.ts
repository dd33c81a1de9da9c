// The past of a source or a cluster, as it was asked for in words or by a button.

import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/commands.ts';
import { findSource } from '../../core/connections/find-source.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { History, Monitor } from '../../core/ports/monitor.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { historyValue, matchesKey, readHistory } from '../blockkit/action-values.ts';
import { clusterAt } from '../requests/clusters.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { withProgress } from '../requests/progress.ts';
import type { Press } from '../requests/request.ts';
import { historyChoiceView } from '../views/choices.ts';
import { historyView } from '../views/history.ts';
import { goneView, problemView, readingView } from '../views/notices.ts';
import { POINTS, type ViewDependencies } from './report-context.ts';

export interface RequestedHistory {
  readonly cluster: string;
  /** A source's id; null for the cluster as a whole. */
  readonly source: string | null;
  /** Milliseconds back from now. */
  readonly window: number;
}

/** Sources of a cluster's table: each is a question to the store. */
const MOST_SOURCES = 20;

export const NO_WATCH: Problem = {
  code: 'no-watch',
  text: "Alerts, silences and history need the bot's store, and this bot runs without one.",
  remedy: 'Start it with a data directory or with ANALYSIS_URI.',
};

export async function showHistory(
  guest: RequestContext,
  sought: RequestedHistory,
  input: ViewDependencies,
): Promise<void> {
  const { monitor } = input.reports;
  const { reply } = guest;
  if (monitor === null) return reply.show(() => problemView(NO_WATCH));
  const { history, sources } = await withProgress({
    afterMs: input.timing.readingAfter,
    show: () => reply.show(() => readingView({ cluster: `the history of ${sought.cluster}`, nodes: null })),
    work: pastOf(monitor, sought, guest.signal),
  });
  const shown = { history, sources, window: sought.window, place: reply.place, timeZone: input.timeZone };
  await reply.show((tables) => historyView({ ...shown, tables }));
}

async function pastOf(monitor: Monitor, sought: RequestedHistory, signal: AbortSignal) {
  const { cluster, source, window } = sought;
  const history = await monitor.history({ ...sought, points: POINTS, signal });
  if (source !== null) return { history, sources: [] };
  const seen = (await monitor.sources(cluster, signal)).filter(({ lastSeen }) => lastSeen >= history.from);
  const newest = seen.toSorted((one, other) => other.lastSeen - one.lastSeen).slice(0, MOST_SOURCES);
  const asked = newest.map(({ id }) => monitor.history({ cluster, source: id, window, points: POINTS, signal }));
  const size = ({ now, max }: History) => now?.dormant ?? max?.dormant ?? 0;
  return { history, sources: (await Promise.all(asked)).toSorted((one, other) => size(other) - size(one)) };
}

/** A button that carries what `historyValue` wrote. */
export async function historyPressed(guest: RequestContext, press: Press, input: ViewDependencies): Promise<void> {
  const { reports } = input;
  const { signal, reply } = guest;
  const asked = readHistory(press.value);
  const cluster = asked && (await clusterAt(asked.cluster, { reports, signal }));
  if (asked === null || cluster === null) return reply.show(() => goneView({ what: 'The cluster', cluster: null }));
  if (asked.source === null) return showHistory(guest, { ...asked, cluster }, input);
  const known = (await reports.monitor?.sources(cluster, signal)) ?? [];
  const source = known.find(({ id }) => matchesKey(id, asked.source ?? ''))?.id;
  if (source === undefined && reports.monitor !== null)
    return reply.show(() => goneView({ what: 'The source', cluster }));
  return showHistory(guest, { ...asked, cluster, source: source ?? null }, input);
}

export async function historyAsked(
  guest: RequestContext,
  { command, list }: { readonly command: Command<'history'>; readonly list: ClusterList },
  input: ViewDependencies,
): Promise<void> {
  const { monitor } = input.reports;
  const { reply } = guest;
  if (monitor === null) return reply.show(() => problemView(NO_WATCH));
  const { window, source: wanted } = command;
  const named = command.cluster ?? list.defaultCluster;
  const clusters = named === null ? list.names : [named];
  if (wanted === null) {
    const [only, ...others] = clusters;
    if (only !== undefined && others.length === 0)
      return showHistory(guest, { cluster: only, source: null, window }, input);
    const choices = clusters.map((cluster) => ({
      words: cluster,
      value: historyValue({ cluster, source: null, window }),
    }));
    return reply.show(() => historyChoiceView({ question: 'Of which cluster?', choices }));
  }
  const known = (await Promise.all(clusters.map((name) => knownIn(monitor, name, guest.signal)))).flat();
  const match = findSource(known, wanted);
  switch (match.kind) {
    case 'found': {
      const { cluster, id } = match.source;
      return showHistory(guest, { cluster, source: id, window }, input);
    }
    case 'several': {
      const choices = match.candidates.map(({ cluster, id, name }) => ({
        words: clusters.length > 1 ? `${name} (${cluster})` : name,
        value: historyValue({ cluster, source: id, window }),
      }));
      return reply.show(() =>
        historyChoiceView({ question: `"${clipped(wanted)}" fits several sources. Which one?`, choices }),
      );
    }
    case 'none': {
      const cluster = clusters.find((name) => name.toLowerCase() === wanted.toLowerCase());
      if (cluster !== undefined) return showHistory(guest, { cluster, source: null, window }, input);
      return reply.show(() => problemView(unknownSource(wanted, match.nearest, input.command)));
    }
  }
}

async function knownIn(monitor: Monitor, cluster: string, signal: AbortSignal) {
  return (await monitor.sources(cluster, signal)).map((source: KnownSource) => ({ ...source, cluster }));
}

function unknownSource(wanted: string, near: string | null, command: string): Problem {
  return {
    code: 'unknown-source',
    text: `The history has no source "${clipped(wanted)}".`,
    remedy: near === null ? `"${command} history" lists those of a cluster.` : `Did you mean "${near}"?`,
  };
}
