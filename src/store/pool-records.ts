// The newest report of each process, in memory. Bounded: what is known goes on when there is no room for more.

import { MINUTE, SECOND } from '../core/base/duration.ts';
import { sizeOf, totalsOf } from '../core/pools/intake.ts';
import { isGone, type PoolRecord } from '../core/pools/report.ts';
import type { PoolRecords } from '../core/ports/pools.ts';

export interface MemoryRecords extends PoolRecords {
  /** Processes that are not gone. */
  size(): number;
}

const MOST_PROCESSES = 10_000;
/** Of all reports together, as `sizeOf` estimates them. */
const MOST_BYTES = 64 * 1024 * 1024;
/** A known process may always report this much: about five pools. The rest is for who comes first. */
const SHARE = Math.floor(MOST_BYTES / MOST_PROCESSES);
const SWEPT_EVERY = MINUTE;

interface Kept {
  readonly record: PoolRecord;
  /** Reserved bytes: of the report, and never less than its share. */
  readonly bytes: number;
}

export function createPoolRecords({ now }: { readonly now: () => Date }): MemoryRecords {
  const kept = new Map<string, Kept>();
  /** The last `seq` of processes that said goodbye: an older report that comes late is no new process. */
  const ended = new Map<string, { readonly seq: number; readonly at: number }>();
  let bytes = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const drop = (id: string) => {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  };
  const sweep = (at: number) => {
    sweptAt = at;
    for (const [id, { record }] of kept) if (isGone(record, at)) drop(id);
    for (const [id, { at: since }] of ended) if (Math.abs(at - since) > SWEPT_EVERY) ended.delete(id);
  };
  const sweepNowAndThen = (at: number) => {
    if (Math.abs(at - sweptAt) >= SWEPT_EVERY) sweep(at);
  };
  const fits = (size: number, before: Kept | undefined) => {
    const isAdded = before === undefined;
    if (isAdded && kept.size >= MOST_PROCESSES) return false;
    return size <= (before?.bytes ?? 0) || bytes - (before?.bytes ?? 0) + size <= MOST_BYTES;
  };

  return {
    put(report) {
      const at = now().getTime();
      sweepNowAndThen(at);
      const { id, pid, host } = report.process;
      const found = kept.get(id);
      const before = found !== undefined && isGone(found.record, at) ? undefined : found;
      if (before !== undefined) {
        const { process, seq } = before.record.report;
        if (process.pid !== pid || process.host !== host) return 'conflict';
        if (report.seq <= seq) return 'taken';
      }
      if (report.seq <= (ended.get(id)?.seq ?? -1)) return 'taken';
      if (report.bye) {
        drop(id);
        ended.set(id, { seq: report.seq, at });
        const [oldest] = ended.keys();
        if (ended.size > MOST_PROCESSES && oldest !== undefined) ended.delete(oldest);
        return 'taken';
      }
      const size = Math.max(SHARE, sizeOf(report));
      if (!fits(size, found)) {
        // A flood of new processes must not cost a sweep each.
        if (Math.abs(at - sweptAt) >= SECOND) sweep(at);
        if (!fits(size, kept.get(id))) return 'full';
      }
      drop(id);
      ended.delete(id);
      const earlier = before === undefined ? null : { at: before.record.at, ...totalsOf(before.record.report) };
      kept.set(id, { record: { report, at, firstAt: before?.record.firstAt ?? at, before: earlier }, bytes: size });
      bytes += size;
      return 'taken';
    },
    async all() {
      const at = now().getTime();
      return [...kept.values()].flatMap(({ record }) => (isGone(record, at) ? [] : [record]));
    },
    size() {
      sweepNowAndThen(now().getTime());
      return kept.size;
    },
    async close() {},
  };
}
