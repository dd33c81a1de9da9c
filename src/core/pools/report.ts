// What one process reports of its own connection pools. Version 1 of the protocol, as `src/http/README.md` describes it.

export interface PoolReport {
  /** Rises with each report of a process. */
  readonly seq: number;
  /** The time between two reports, in milliseconds. */
  readonly everyMs: number;
  readonly process: ReportingProcess;
  readonly clients: readonly ReportedClient[];
  /** How many pools the process left out of its report. */
  readonly left: number;
  /** The last report of a process that ends. */
  readonly bye: boolean;
}

/** All texts come from outside. */
export interface ReportingProcess {
  /** Unique for each start, and for each fork. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly app: string;
  /** Milliseconds since 1970, by the clock of the process. */
  readonly startedAt: number;
  readonly driver: { readonly name: string; readonly version: string };
  readonly labels: Readonly<Record<string, string>>;
}

/** One `MongoClient`. Options are null where the process does not report them. */
export interface ReportedClient {
  readonly n: number;
  readonly appName: string | null;
  readonly options: {
    /** 0 is without a limit. */
    readonly maxPoolSize: number | null;
    readonly minPoolSize: number | null;
    readonly maxIdleTimeMS: number | null;
  };
  readonly pools: readonly ReportedPool[];
}

/** The pool of one client to one server. `waitMs` is the time that checkouts waited, in milliseconds. */
export interface ReportedPool {
  /** `host:port`, as the driver spells it, in lower case. */
  readonly address: string;
  readonly now: PoolCounts;
  /** The most at one moment since the process started. */
  readonly max: Omit<PoolCounts, 'pending'>;
  /** Since the process started. */
  readonly total: PoolTotals;
}

export interface PoolCounts {
  readonly open: number;
  /** Being opened; not in `open`. */
  readonly pending: number;
  readonly inUse: number;
  /** Checkouts that wait for a connection. */
  readonly waiting: number;
}

export interface PoolTotals {
  readonly created: number;
  readonly closed: number;
  /** Successful ones. */
  readonly checkouts: number;
  /** Checkouts that failed, timeouts included. */
  readonly failed: number;
  readonly timeouts: number;
  readonly cleared: number;
  /** Of all checkouts, failed ones too. */
  readonly waitMs: number;
}

/** The newest report of a process, and what its rates are worked out from. Times by the clock of the reader. */
export interface PoolRecord {
  readonly report: PoolReport;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
  /** When the first report of the process arrived, of those that are known. */
  readonly firstAt: number;
  /** The report before it; null after the first. */
  readonly before: EarlierTotals | null;
}

interface EarlierTotals extends ReportTotals {
  readonly at: number;
}

/** Of one report. A pool that is in one report and not in the other is new, unless one of the two is partial. */
export interface ReportTotals {
  /** Pools were left out of the report. */
  readonly isPartial: boolean;
  /** By `poolKey`. */
  readonly pools: Readonly<Record<string, Pick<PoolTotals, 'checkouts' | 'failed' | 'waitMs'>>>;
}

/** Of a pool in its process. Two clients have two pools to the same server. */
export function poolKey({ n }: Pick<ReportedClient, 'n'>, { address }: Pick<ReportedPool, 'address'>): string {
  return `${n} ${address}`;
}

/** A process is stale after this many of its intervals without a report: it counts in no sum. */
const STALE_AFTER = 3;
/** A process without a report for this long is gone, in milliseconds. */
export const GONE_AFTER_MS = 5 * 60_000;

export function isStale({ report, at }: Pick<PoolRecord, 'report' | 'at'>, now: number): boolean {
  return silence(at, now) > STALE_AFTER * report.everyMs;
}

export function isGone({ report, at }: Pick<PoolRecord, 'report' | 'at'>, now: number): boolean {
  return report.bye || silence(at, now) > GONE_AFTER_MS;
}

/** With a clock that was set back, nobody knows how old a report is. One that lives reports again at once. */
function silence(at: number, now: number): number {
  return Math.abs(now - at);
}

/** Atlas names a server twice: `a-shard-00-00-pri.x.mongodb.net` is the same one, over a private network. */
export function serverOf(address: string): string {
  return address.toLowerCase().replace(/^([^.]+)-pri(\.[^.]+\.mongodb\.net:)/, '$1$2');
}
