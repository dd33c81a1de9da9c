// Deciding: gather, decide, write; where somebody else wrote between, all of it again.

import type { Alert, AlertGroup } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { DAY } from '../../core/base/duration.ts';
import type { Change, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';

/** What stands in the store when a decision is made. */
export interface AlertSnapshot {
  /** Open, or ended within a day. */
  readonly alerts: readonly Alert[];
  /** Those that the alerts stand in. */
  readonly groups: readonly AlertGroup[];
  /** Not ended. */
  readonly silences: readonly Silence[];
}

/** Null: nothing is to be written. */
export interface TransactionResult<Result> {
  readonly change: Change | null;
  readonly result: Result;
}

/** More than so many others at once do not decide about one cluster. */
const ATTEMPTS = 8;
const CONTENDED = 'store-contended';

/** The store is away. That others were always faster is none of it: it answered every time. */
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
 * @param decide gathers and decides, anew at each attempt
 * @returns what was decided in the end. Rejects with UpstreamError where the store is away, or others are always faster.
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

/** Records as they are after a change. */
export function latest<Record extends { readonly id: string }>(
  known: readonly Record[],
  changed: readonly Record[],
): readonly Record[] {
  const added = changed.filter(({ id }) => known.every((record) => record.id !== id));
  return [...known.map((record) => changed.find(({ id }) => id === record.id) ?? record), ...added];
}
