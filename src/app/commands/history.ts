// Use case: what the store knows of the past of a cluster and its sources, without a watch that runs.

import type { RuleBook } from '../../core/detection/rules.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { KnownSource, Store } from '../../core/ports/store.ts';
import { historyWith, learnedOf, MOST_POINTS } from '../monitor/history.ts';
import { createMemory } from '../monitor/state-cache.ts';
import { storedCluster } from '../stored-cluster.ts';

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
  const asking = { store, memory: createMemory({ store, book, readOnly: true }), book, now: () => query.now };
  const learned = await learnedOf(asking, { cluster, signal });
  const asked = { cluster, window: query.window, points: MOST_POINTS, signal };
  const ask = (source: KnownSource | null) => historyWith(asking, asked, { source, learned });
  if (chosen !== undefined) return [await ask(chosen)];
  const whole = await ask(null);
  const histories = [];
  for (const source of known.filter(({ lastSeen }) => lastSeen >= whole.from)) histories.push(await ask(source));
  return [whole, ...histories.toSorted(bySize)];
}

/** By what they hold now, then by the most they held; what is not known is the least. */
function bySize(one: History, other: History): number {
  return (
    (other.now?.dormant ?? -1) - (one.now?.dormant ?? -1) ||
    (other.max?.dormant ?? -1) - (one.max?.dormant ?? -1) ||
    ((one.source?.id ?? '') < (other.source?.id ?? '') ? -1 : 1)
  );
}
