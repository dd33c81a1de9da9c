// The past of a source or a cluster, as it was asked for in words or by a button.

import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/command.ts';
import { findSource } from '../../core/connections/find-source.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { History, Watching } from '../../core/ports/monitor.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { historyValue, matchesKey, readHistory } from '../blockkit/action-values.ts';
import { clusterAt } from '../requests/clusters.ts';
import type { Guest } from '../requests/handle-request.ts';
import { withProgress } from '../requests/progress.ts';
import type { Press } from '../requests/request.ts';
import { historyChoiceView } from '../views/choices.ts';
import { historyView } from '../views/history.ts';
import { goneView, problemView, readingView } from '../views/notices.ts';
import { POINTS, type Showing } from './report-context.ts';

export interface PastSought {
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

export async function showHistory(guest: Guest, sought: PastSought, input: Showing): Promise<void> {
  const { watching } = input.desk;
  const { reply } = guest;
  if (watching === null) return reply.show(() => problemView(NO_WATCH));
  const { history, sources } = await withProgress({
    afterMs: input.timing.readingAfter,
    show: () => reply.show(() => readingView({ cluster: `the history of ${sought.cluster}`, nodes: null })),
    work: pastOf(watching, sought, guest.signal),
  });
  const shown = { history, sources, window: sought.window, place: reply.place, timeZone: input.timeZone };
  await reply.show((tables) => historyView({ ...shown, tables }));
}

async function pastOf(watching: Watching, sought: PastSought, signal: AbortSignal) {
  const { cluster, source, window } = sought;
  const history = await watching.history({ ...sought, points: POINTS, signal });
  if (source !== null) return { history, sources: [] };
  const seen = (await watching.sources(cluster, signal)).filter(({ lastSeen }) => lastSeen >= history.from);
  const newest = seen.toSorted((one, other) => other.lastSeen - one.lastSeen).slice(0, MOST_SOURCES);
  const asked = newest.map(({ id }) => watching.history({ cluster, source: id, window, points: POINTS, signal }));
  const size = ({ now, max }: History) => now?.dormant ?? max?.dormant ?? 0;
  return { history, sources: (await Promise.all(asked)).toSorted((one, other) => size(other) - size(one)) };
}

/** A button that carries what `historyValue` wrote. */
export async function historyPressed(guest: Guest, press: Press, input: Showing): Promise<void> {
  const { desk } = input;
  const { signal, reply } = guest;
  const asked = readHistory(press.value);
  const cluster = asked && (await clusterAt(asked.cluster, { desk, signal }));
  if (asked === null || cluster === null) return reply.show(() => goneView({ what: 'The cluster', cluster: null }));
  if (asked.source === null) return showHistory(guest, { ...asked, cluster }, input);
  const known = (await desk.watching?.sources(cluster, signal)) ?? [];
  const source = known.find(({ id }) => matchesKey(id, asked.source ?? ''))?.id;
  if (source === undefined && desk.watching !== null)
    return reply.show(() => goneView({ what: 'The source', cluster }));
  return showHistory(guest, { ...asked, cluster, source: source ?? null }, input);
}

type HistoryCommand = Extract<Command, { kind: 'history' }>;

export async function historyAsked(
  guest: Guest,
  { command, list }: { readonly command: HistoryCommand; readonly list: ClusterList },
  input: Showing,
): Promise<void> {
  const { watching } = input.desk;
  const { reply } = guest;
  if (watching === null) return reply.show(() => problemView(NO_WATCH));
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
  const known = (await Promise.all(clusters.map((name) => knownIn(watching, name, guest.signal)))).flat();
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

async function knownIn(watching: Watching, cluster: string, signal: AbortSignal) {
  return (await watching.sources(cluster, signal)).map((source: KnownSource) => ({ ...source, cluster }));
}

function unknownSource(wanted: string, near: string | null, command: string): Problem {
  return {
    code: 'unknown-source',
    text: `The history has no source "${clipped(wanted)}".`,
    remedy: near === null ? `"${command} history" lists those of a cluster.` : `Did you mean "${near}"?`,
  };
}
