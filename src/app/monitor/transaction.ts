// Makes a decision: read, decide, write. If another writer changed the records meanwhile, it starts again.

import type { Alert, AlertGroup } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { DAY } from '../../core/base/duration.ts';
import type { Change, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';

/** The store's records at the time of a decision. */
export interface AlertSnapshot {
  /** Open, or resolved within a day. */
  readonly alerts: readonly Alert[];
  /** The groups of these alerts. */
  readonly groups: readonly AlertGroup[];
  /** Not ended. */
  readonly silences: readonly Silence[];
}

/** Null if there is nothing to write. */
export interface TransactionResult<Result> {
  readonly change: Change | null;
  readonly result: Result;
}

/** Attempts per decision. One cluster never has more concurrent writers. */
const ATTEMPTS = 8;
const CONTENDED = 'store-contended';

/** Whether the store is unavailable. Repeated conflicts do not count: the store answered each time. */
export function isAway(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.problem.code !== CONTENDED;
}

/** @param cluster null for all of them */
export async function alertSnapshot(store: Store, cluster: string | null, at: number): Promise<AlertSnapshot> {
  const [alerts, silences] = await Promise.all([store.alerts({ cluster, endedSince: at - DAY }), store.silences()]);
  const ids = new Set(alerts.flatMap(({ group }) => (group === null ? [] : [group])));
  const groups = await Promise.all([...ids].map((id) => store.group(id)));
  return { alerts, silences, groups: groups.filter((group) => group !== null) };
}

/**
 * @param decide reads and decides; called again at each attempt
 * @returns the final decision. Rejects with UpstreamError if the store is unavailable, or after repeated conflicts.
 */
export async function withOptimisticRetry<Result>(
  store: Store,
  decide: (attempt: number) => Promise<TransactionResult<Result>>,
): Promise<Result> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { change, result } = await decide(attempt);
    if (change === null || (await store.write(change))) return result;
  }
  throw new UpstreamError({
    code: CONTENDED,
    text: `Nothing was saved: other changes to the same alerts came first ${ATTEMPTS} times in a row.`,
    remedy: 'Try again in a moment.',
  });
}

export function changes({
  alerts,
  groups,
  silences,
  deliveries,
}: Omit<Change, 'cluster' | 'reading' | 'head'>): boolean {
  return alerts.length + groups.length + silences.length + deliveries.length > 0;
}

/** The records after a change. */
export function latest<Record extends { readonly id: string }>(
  known: readonly Record[],
  changed: readonly Record[],
): readonly Record[] {
  const added = changed.filter(({ id }) => known.every((record) => record.id !== id));
  return [...known.map((record) => changed.find(({ id }) => id === record.id) ?? record), ...added];
}
