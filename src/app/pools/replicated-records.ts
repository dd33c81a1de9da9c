// Reports in memory, and in the store once it is open and shared by replicas. While the store is away, this replica knows
// the reports that it took itself, and the others as it read them last: they become stale. When the store is back, what
// waited is written.

import { unlessAborted, withTimeout } from '../../core/base/abort.ts';
import { SECOND } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import { totalsOf } from '../../core/pools/intake.ts';
import { GONE_AFTER_MS, isGone, type PoolRecord, type PoolReport } from '../../core/pools/report.ts';
import type { SharedPools, SharedReport } from '../../core/ports/pools.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';
import type { MemoryRecords } from '../../store/pool-records.ts';

export interface ReplicatedRecords extends MemoryRecords {
  /** From now on, the reports of all replicas. */
  share(shared: SharedPools): void;
}

const WRITTEN_EVERY = SECOND;
/** A reading of the store serves all who ask within this time. */
const REUSED_FOR = SECOND;
const READ_MS = 3 * SECOND;
/** The store is not asked again for so long after it did not answer. */
const LEFT_ALONE = 5 * SECOND;
const CLOSING_MS = 2 * SECOND;
/** Twice the processes that are kept in memory: those that ended have a last report, too. */
const MOST_WAITING = 20_000;

interface Waiting {
  readonly report: PoolReport;
  readonly at: number;
  /** The write that stored it; null before. It stays until a reading that began after that write. */
  readonly writtenIn: number | null;
}

interface Reading {
  readonly at: number;
  readonly records: Promise<readonly PoolRecord[]>;
}

export function createReplicatedRecords(input: {
  readonly memory: MemoryRecords;
  readonly now: () => Date;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}): ReplicatedRecords {
  const { memory, log } = input;
  const now = () => input.now().getTime();
  const waiting = new Map<string, Waiting>();
  let writes = 0;
  /** As the last reading of the store found it. */
  let known: readonly PoolRecord[] = [];
  let owners = new Map<string, PoolReport['process']>();
  let reading: Reading | null = null;
  /** How many readings began, and the last of those that ended. */
  let begun = 0;
  let newest = 0;
  let leftAloneUntil = Number.NEGATIVE_INFINITY;
  let shared: SharedPools | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let missing: Problem | null = null;

  const failed = (error: unknown) => {
    leftAloneUntil = now() + LEFT_ALONE;
    if (!(error instanceof UpstreamError)) return log.error({ err: error }, 'pool reports not shared');
    if (missing === null) log.warn({ ...error.problem }, 'pool reports not shared, retrying');
    missing = error.problem;
  };
  const succeeded = () => {
    if (missing !== null) log.info({}, 'pool reports shared again');
    missing = null;
  };
  const writeAll = async (to: SharedPools) => {
    const at = now();
    for (const [id, one] of waiting) if (Math.abs(at - one.at) > GONE_AFTER_MS) waiting.delete(id);
    const batch = [...waiting].filter(([, { writtenIn }]) => writtenIn === null);
    if (batch.length === 0) return;
    const reports = batch.map(([, one]) => ({ report: one.report, ageMs: Math.max(0, at - one.at) }));
    try {
      await to.write(reports);
      writes++;
      // A newer report may have come meanwhile.
      for (const [id, one] of batch) if (waiting.get(id) === one) waiting.set(id, { ...one, writtenIn: writes });
      succeeded();
    } catch (error) {
      failed(error);
    }
  };
  const flush = (to: SharedPools) => {
    writing ??= writeAll(to).finally(() => {
      writing = null;
    });
    return writing;
  };
  const recordsIn = async (from: SharedPools): Promise<readonly PoolRecord[]> => {
    const before = writes;
    const number = ++begun;
    const found = await from.read();
    const at = now();
    for (const [id, { writtenIn }] of waiting) if (writtenIn !== null && writtenIn <= before) waiting.delete(id);
    const records = found.map((one) => recordOf(one, at));
    // A slow reading may end after one that began later.
    if (number < newest) return records;
    newest = number;
    owners = new Map(found.map(({ report }) => [report.process.id, report.process]));
    known = records;
    return records;
  };
  /** Null while the store does not answer. */
  const stored = async (from: SharedPools, signal: AbortSignal): Promise<readonly PoolRecord[] | null> => {
    const at = now();
    if (at < leftAloneUntil && leftAloneUntil - at <= LEFT_ALONE) return null;
    const age = reading === null ? REUSED_FOR : at - reading.at;
    const current = reading !== null && age >= 0 && age < REUSED_FOR ? reading : { at, records: recordsIn(from) };
    reading = current;
    try {
      const late = () => {
        throw new UpstreamError(LATE);
      };
      return await unlessAborted(withTimeout(current.records, { ms: READ_MS, late }), signal);
    } catch (error) {
      if (reading === current) reading = null;
      signal.throwIfAborted();
      failed(error);
      return null;
    }
  };

  return {
    put(report) {
      const owner = owners.get(report.process.id);
      if (owner !== undefined && !isSame(owner, report.process)) return 'conflict';
      const result = memory.put(report);
      if (result !== 'taken' || shared === null) return result;
      const { id } = report.process;
      const before = waiting.get(id);
      if (before !== undefined ? before.report.seq < report.seq : waiting.size < MOST_WAITING)
        waiting.set(id, { report, at: now(), writtenIn: null });
      return result;
    },
    async all(signal) {
      if (shared === null) return memory.all(signal);
      const found = await stored(shared, signal);
      const own = await memory.all(signal);
      // A process that is in memory and no longer in the store said goodbye to another replica.
      if (found !== null)
        return newestOf(
          found,
          own.filter(({ report }) => waiting.has(report.process.id)),
          waiting,
        );
      const at = now();
      return newestOf(
        known.filter((record) => !isGone(record, at)),
        own,
        waiting,
      );
    },
    size: () => memory.size(),
    share(given) {
      shared = given;
      const at = now();
      // Taken before the store was open.
      void memory.all(AbortSignal.abort()).then((records) => {
        for (const { report, at: since } of records)
          if (!waiting.has(report.process.id))
            waiting.set(report.process.id, { report, at: Math.min(at, since), writtenIn: null });
      });
      timer = setInterval(() => void flush(given), WRITTEN_EVERY).unref();
    },
    async close() {
      if (timer !== null) clearInterval(timer);
      const to = shared;
      const written = to === null ? Promise.resolve() : Promise.resolve(writing).then(() => writeAll(to));
      await withTimeout(written, { ms: CLOSING_MS });
      await memory.close();
    },
  };
}

const LATE: Problem = {
  code: 'store-timeout',
  text: 'The store did not answer in time with the reports of pools.',
  remedy: 'Reports that this replica took are shown meanwhile. Check the replica set of the store.',
};

function isSame(a: PoolReport['process'], b: PoolReport['process']): boolean {
  return a.pid === b.pid && a.host === b.host;
}

function recordOf({ report, ageMs, firstAgeMs, before }: SharedReport, now: number): PoolRecord {
  const times = { at: now - ageMs, firstAt: now - firstAgeMs };
  if (before === null) return { report, ...times, before };
  const { ageMs: beforeMs, ...totals } = before;
  return { report, ...times, before: { at: now - beforeMs, ...totals } };
}

/** Of each process its newest report. The store may not know of a goodbye yet. */
function newestOf(
  stored: readonly PoolRecord[],
  own: readonly PoolRecord[],
  waiting: ReadonlyMap<string, Waiting>,
): readonly PoolRecord[] {
  const newest = new Map(stored.map((record) => [record.report.process.id, record]));
  for (const { report } of waiting.values()) if (report.bye) newest.delete(report.process.id);
  for (const record of own) {
    const { id } = record.report.process;
    const found = newest.get(id);
    if (found === undefined || found.report.seq < record.report.seq) newest.set(id, withBefore(record, found));
  }
  return [...newest.values()];
}

/** The reports before it may have gone to another replica. */
function withBefore(record: PoolRecord, found: PoolRecord | undefined): PoolRecord {
  if (found === undefined) return record;
  const before = record.before ?? { at: found.at, ...totalsOf(found.report) };
  return { ...record, firstAt: Math.min(record.firstAt, found.firstAt), before };
}
