// Use case: what the store knows of the past of a cluster and its sources, without a watch that runs.

import { DAY, HOUR, MINUTE } from '../core/duration.ts';
import type { RuleBook } from '../core/rule.ts';
import type { KnownSource, Store } from '../core/store.ts';
import type { History } from '../core/watching.ts';
import { storedCluster } from './stored-cluster.ts';
import { historyWith, learnedOf } from './watch/history.ts';
import { createMemory } from './watch/memory.ts';

export interface HistoryQuery {
  readonly store: Store;
  readonly book: RuleBook;
  /** As typed; null for the default, or the only one. */
  readonly cluster: string | null;
  readonly defaultCluster: string | null;
  /** Says which source is meant, or throws; null for the cluster and each of its sources. */
  readonly choose: ((sources: readonly KnownSource[], cluster: string) => KnownSource) | null;
  /** Milliseconds. */
  readonly window: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * One source; or the cluster and then those of its sources that were seen in this time, largest first.
 * @throws UserError where there is no history
 */
export async function history(query: HistoryQuery): Promise<readonly History[]> {
  const { store, book, signal } = query;
  const cluster = await storedCluster(store, query.cluster, query.defaultCluster);
  const known = await store.sources(cluster);
  const chosen = query.choose?.(known, cluster);
  const { window, points, to } = piecesOf(query.window, query.now.getTime());
  const asking = { store, memory: createMemory({ store, book }), book, now: () => new Date(to) };
  const learned = await learnedOf(asking, { cluster, signal });
  const ask = (source: KnownSource | null) =>
    historyWith(asking, { cluster, window, points, signal }, { source, learned });
  if (chosen !== undefined) return [await ask(chosen)];
  const histories = [];
  for (const source of known.filter(({ lastSeen }) => lastSeen >= to - window)) histories.push(await ask(source));
  return [await ask(null), ...histories.toSorted(bySize)];
}

const MOST_POINTS = 400;
const STEPS = [5, 10, 15, 30, 60].map((count) => count * MINUTE).concat([2, 3, 6, 12].map((count) => count * HOUR));

/** Pieces that begin at round times, so that two people who ask see the same. `to` is the end of the one that runs. */
export function piecesOf(
  window: number,
  now: number,
): { readonly window: number; readonly points: number; readonly to: number } {
  const step = STEPS.find((length) => window / length <= MOST_POINTS) ?? DAY;
  const points = Math.max(1, Math.ceil(window / step));
  return { window: points * step, points, to: Math.ceil(now / step) * step };
}

/** By what they hold now, then by the most they held; what is not known is the least. */
function bySize(one: History, other: History): number {
  return (
    (other.now?.dormant ?? -1) - (one.now?.dormant ?? -1) ||
    (other.max?.dormant ?? -1) - (one.max?.dormant ?? -1) ||
    ((one.source?.id ?? '') < (other.source?.id ?? '') ? -1 : 1)
  );
}
