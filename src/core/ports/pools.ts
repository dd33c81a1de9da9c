// The reports of the applications' own pools: where they are kept, and who asks for them. Types only.

import type { PoolReports } from '../pools/look.ts';
import type { PoolRecord, PoolReport, ReportTotals } from '../pools/report.ts';
import type { PoolsView } from '../pools/view.ts';

/**
 * `taken`: kept, or older than the one that is kept. `conflict`: the id belongs to another process, as after a fork.
 * `full`: no room for another process.
 */
export type PutResult = 'taken' | 'conflict' | 'full';

/** The newest report of each process: in memory, or shared by the replicas of one store. */
export interface PoolRecords {
  /** Returns at once; a shared store has the report within moments. Never throws. */
  put(report: PoolReport): PutResult;
  /** All processes that are not gone. Rejects with UpstreamError while a shared store does not answer. */
  all(signal: AbortSignal): Promise<readonly PoolRecord[]>;
  /** Writes what is still waiting, for a moment at most. */
  close(): Promise<void>;
}

/** A report, and how old it is. Replicas and their store may have different clocks, so no time of them is compared. */
export interface AgedReport {
  readonly report: PoolReport;
  /** Milliseconds. */
  readonly ageMs: number;
}

/** The newest report of each process in a store that replicas share. Each call rejects with UpstreamError. */
export interface SharedPools {
  /**
   * Keeps a report unless the store has one of its process with the same `seq` or a higher one. The goodbye of a process
   * ends it: an older report that is written later does not bring it back.
   */
  write(reports: readonly AgedReport[]): Promise<void>;
  /** All processes that are not gone. */
  read(): Promise<readonly SharedReport[]>;
}

export interface SharedReport extends AgedReport {
  /** How old the first report of the process is. */
  readonly firstAgeMs: number;
  readonly before: (ReportTotals & { readonly ageMs: number }) | null;
}

/** The pools of the applications, for Slack, the terminal, metrics and the rule. Null where no reports are taken. */
export interface PoolService {
  /** Rejects with UpstreamError while the reports cannot be read. */
  view(signal: AbortSignal): Promise<PoolsView>;
}

/** The reports at each look of the rule about apps, with what the same processes reported at the look before. */
export interface PoolLooks {
  /**
   * Reads them once for all clusters of a slot, and remembers them as the base of the next look. Null while they cannot be
   * read. While the store is away, reports that other replicas took are missing. Answers within seconds.
   */
  at(slot: number, store: { readonly isAway: boolean }): Promise<PoolReports | null>;
}
