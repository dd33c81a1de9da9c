// The reports of the pools at each look of the rule `pool-exhausted`, and the base that they are compared with.
//
// Every replica takes the base of every look, whoever has its claim: one that takes over can compare at once. The base is
// in memory. After a start the first look has none.

import { withTimeout } from '../../core/base/abort.ts';
import type { Wait } from '../../core/base/clock.ts';
import { MINUTE, SECOND } from '../../core/base/duration.ts';
import { marksOf, type PoolMarks, type PoolReports } from '../../core/pools/look.ts';
import type { PoolRecord } from '../../core/pools/report.ts';
import type { PoolLooks, PoolRecords } from '../../core/ports/pools.ts';
import { UpstreamError } from '../../errors.ts';

/** The check of the nodes does not wait longer. */
const READ_MS = 5 * SECOND;
/** An older base would make the timeouts of an hour news of this minute. */
const OLDEST_BASE = 3 * MINUTE;

export interface PoolLooksInput {
  readonly records: Pick<PoolRecords, 'all'>;
  readonly now: () => Date;
  readonly wait?: Wait;
  /** Ends when the bot stops. */
  readonly signal: AbortSignal;
}

export function createPoolLooks({ records, now, wait, signal }: PoolLooksInput): PoolLooks {
  let base: PoolMarks | null = null;
  /** Since when every look had the reports of all replicas. */
  let since: number | null = null;
  let last: { readonly slot: number; readonly taken: Promise<PoolReports | null> } | null = null;

  const read = async (): Promise<readonly PoolRecord[] | null> => {
    const ended = new AbortController();
    try {
      const all = records.all(AbortSignal.any([signal, ended.signal]));
      return (await withTimeout(all, { ms: READ_MS, ...(wait !== undefined && { wait }) })) ?? null;
    } catch (error) {
      if (error instanceof UpstreamError || signal.aborted) return null;
      throw error;
    } finally {
      ended.abort();
    }
  };
  const take = async (isAway: boolean): Promise<PoolReports | null> => {
    const found = await read();
    const at = now().getTime();
    if (found === null) {
      since = null;
      return null;
    }
    const before = base;
    const isLate = before === null || at - before.at > OLDEST_BASE || at < before.at;
    base = marksOf(found, at);
    since = isLate || isAway || since === null ? at : since;
    return { at, records: found, before: isLate ? null : before, since };
  };
  return {
    at(slot, { isAway }) {
      if (last?.slot !== slot) last = { slot, taken: take(isAway) };
      return last.taken;
    },
  };
}
