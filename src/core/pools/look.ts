// What happened in the pools of each app since the look before: the figures of the rule `pool-exhausted`.
//
// Totals are of a process since its start, so each figure needs a base: what the same process reported at the look
// before. Without one it is unknown, not zero, unless the process is new since then.

import { count, span, sum } from '../base/format.ts';
import {
  GONE_AFTER_MS,
  isStale,
  type PoolCounts,
  type PoolRecord,
  type PoolTotals,
  poolKey,
  type ReportedPool,
  type ReportingProcess,
  serverOf,
} from './report.ts';

/** What the processes reported at a look: the base of the next one. */
export interface PoolMarks {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** By id of the process. */
  readonly processes: ReadonlyMap<string, ProcessMark>;
}

interface ProcessMark {
  readonly seq: number;
  /** It left pools out of its report. */
  readonly isPartial: boolean;
  /** By client and address. */
  readonly pools: ReadonlyMap<string, PoolTotals>;
}

/** The reports of one look, of the processes of all clusters. */
export interface PoolReports {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly records: readonly PoolRecord[];
  /** Null where no look was before. */
  readonly before: PoolMarks | null;
  /** Since when every look had the reports of all replicas, in milliseconds since 1970. */
  readonly since: number;
}

/** An app with pools to the nodes of one cluster. */
export interface AppLook {
  readonly app: string;
  /** Those that report. */
  readonly processes: readonly ProcessLook[];
  /** Those that stopped reporting a moment ago. */
  readonly stale: readonly ProcessLook[];
}

export interface ProcessLook {
  readonly process: ReportingProcess;
  readonly pools: readonly PoolLook[];
}

export interface PoolLook {
  readonly address: string;
  readonly appName: string | null;
  /** Null without a limit, and where it is unknown. */
  readonly maxPoolSize: number | null;
  readonly now: PoolCounts;
  /** Since the look before; null when that is unknown. */
  readonly since: PoolDelta | null;
}

type PoolDelta = Pick<PoolTotals, 'checkouts' | 'failed' | 'timeouts' | 'waitMs'>;

/** A flood must not fill the memory with marks. */
const MOST_PROCESSES = 10_000;

export function marksOf(records: readonly PoolRecord[], at: number): PoolMarks {
  const processes = records.slice(0, MOST_PROCESSES).map(({ report: { process, seq, left, clients } }) => {
    const pools = clients.flatMap((client) => client.pools.map((pool) => [poolKey(client, pool), pool.total] as const));
    return [process.id, { seq, isPartial: left > 0, pools: new Map(pools) }] as const;
  });
  return { at, processes: new Map(processes) };
}

// The subject of an alert is a source or a node. An app stands in the place of a source.

const APP = 'app:';

/** The id of an app where an alert, a silence or a route has the id of a source. */
export function sourceOfApp(app: string): string {
  return `${APP}${app}`;
}

/** Null for the id of a source. */
export function appOfSource(source: string | null): string | null {
  return source?.startsWith(APP) ? source.slice(APP.length) : null;
}

/** The apps with pools to these nodes, by name. @param hosts `host:port` */
export function appsOf({ records, before, at }: PoolReports, hosts: readonly string[]): readonly AppLook[] {
  const nodes = new Set(hosts.map(serverOf));
  const apps = new Map<string, { readonly processes: ProcessLook[]; readonly stale: ProcessLook[] }>();
  for (const record of records) {
    const { process } = record.report;
    const pools = poolsOf(record, nodes, before === null ? undefined : markOf(record, before));
    if (pools.length === 0) continue;
    const known = apps.get(process.app) ?? { processes: [], stale: [] };
    apps.set(process.app, known);
    (isStale(record, at) ? known.stale : known.processes).push({ process, pools });
  }
  return [...apps].map(([app, found]) => ({ app, ...found })).toSorted((a, b) => (a.app < b.app ? -1 : 1));
}

const NEW: ProcessMark = { seq: -1, isPartial: false, pools: new Map() };
/** Reports may come early, or wait for the bot. */
const MOST_MISSED = 2;

/**
 * A process whose first report came after the base counts from its start. Not one that reported elsewhere before, as
 * before the start of the bot: its `seq` is higher than the reports that came.
 */
function markOf({ report, at, firstAt }: PoolRecord, base: PoolMarks): ProcessMark | undefined {
  const { process, seq, everyMs } = report;
  const isNew = firstAt > base.at && (seq - 1 - MOST_MISSED) * everyMs <= at - firstAt;
  return base.processes.get(process.id) ?? (isNew ? NEW : undefined);
}

function poolsOf(
  { report }: PoolRecord,
  nodes: ReadonlySet<string>,
  mark: ProcessMark | undefined,
): readonly PoolLook[] {
  return report.clients.flatMap((client) =>
    client.pools
      .filter(({ address }) => nodes.has(serverOf(address)))
      .map((pool) => ({
        address: pool.address,
        appName: client.appName,
        maxPoolSize: client.options.maxPoolSize || null,
        now: pool.now,
        since:
          mark === undefined || mark.seq === report.seq ? null : deltaOf(poolKey(client, pool), pool, report, mark),
      })),
  );
}

const NOTHING_YET: PoolDelta = { checkouts: 0, failed: 0, timeouts: 0, waitMs: 0 };

function deltaOf(
  key: string,
  { total }: ReportedPool,
  { left }: Pick<PoolRecord['report'], 'left'>,
  { pools, isPartial }: ProcessMark,
): PoolDelta | null {
  // A pool that was left out of a report is not new.
  const base = pools.get(key) ?? (isPartial || left > 0 ? null : NOTHING_YET);
  if (base === null) return null;
  const since = {
    checkouts: total.checkouts - base.checkouts,
    failed: total.failed - base.failed,
    timeouts: total.timeouts - base.timeouts,
    waitMs: total.waitMs - base.waitMs,
  };
  return Object.values(since).some((value) => value < 0) ? null : since;
}

/** A longer mean wait for a full pool is trouble, in milliseconds: the default of the rule `pool-exhausted`. */
export const LONG_WAIT_MS = 100;

/** In use up to its maximum. */
export function isFullPool({ now, maxPoolSize }: Pick<PoolLook, 'now' | 'maxPoolSize'>): boolean {
  return maxPoolSize !== null && now.inUse >= maxPoolSize;
}

/** Operations of the process wait for its own pool, or gave up. A waiting count alone means nothing: each checkout waits. */
export function isExhausted(pool: PoolLook, longestWait: number): boolean {
  const { since, now } = pool;
  if (since === null) return false;
  const isStuck = now.waiting > 0 && since.checkouts === 0;
  return since.timeouts > 0 || isStuck || (isFullPool(pool) && (meanWait([pool]) ?? 0) > longestWait);
}

/** Of the waits since the look before, in milliseconds, failed ones too; null when nothing was checked out. */
export function meanWait(pools: readonly PoolLook[]): number | null {
  const checkouts = sum(pools, ({ since }) => since?.checkouts ?? 0);
  const waits = checkouts + sum(pools, ({ since }) => since?.failed ?? 0);
  return checkouts === 0 ? null : sum(pools, ({ since }) => since?.waitMs ?? 0) / waits;
}

/** Whether a process that does not report is gone: each look had the reports for as long as one may be silent. */
export function isGoneKnown({ at, since }: PoolReports): boolean {
  return at - since > GONE_AFTER_MS;
}

/** `450 ms`, `2.1 s`, `3 min` */
export function waitText(milliseconds: number): string {
  return milliseconds < 1_000 ? `${count(milliseconds)} ms` : span(milliseconds);
}
