// Reports of processes, for tests of what is made of them.

import type { PoolRecord, ReportedClient, ReportedPool } from '../../../src/core/pools/report.ts';

export const NODE = 'a.example:27017';

/** One process with one client; figures that a test does not name are those of a quiet pool of a hundred. */
export interface Reported {
  readonly id?: string;
  readonly app?: string;
  readonly appName?: string | null;
  readonly driver?: string;
  readonly address?: string;
  readonly seq?: number;
  readonly startedAt?: number;
  readonly everyMs?: number;
  /** Since its first report; an hour. */
  readonly knownMs?: number;
  readonly left?: number;
  readonly max?: number | null;
  readonly now?: Partial<ReportedPool['now']>;
  readonly peak?: number;
  readonly total?: Partial<ReportedPool['total']>;
}

export function recordOf(reported: Reported, at: number): PoolRecord {
  const { id = 'p1', app = 'billing', appName = app, driver = 'nodejs', everyMs = 5_000, left = 0 } = reported;
  const { seq = Math.max(1, Math.round(at / 1_000)), startedAt = 0 } = reported;
  const process = {
    ...{ id, pid: 4711, host: `host-of-${id}`, app, startedAt },
    driver: { name: driver, version: '7.0.0' },
    labels: {},
  };
  const report = { seq, everyMs, process, clients: [clientOf(reported, appName)], left, bye: false };
  return { report, at, firstAt: at - (reported.knownMs ?? 3_600_000), before: null };
}

function clientOf(reported: Reported, appName: string | null): ReportedClient {
  const { address = NODE, max = 100, now = {}, total = {}, peak = 1 } = reported;
  const pool: ReportedPool = {
    address,
    now: { open: 10, pending: 0, inUse: 1, waiting: 0, ...now },
    max: { open: 10, inUse: peak, waiting: 0 },
    total: { created: 10, closed: 0, checkouts: 0, failed: 0, timeouts: 0, cleared: 0, waitMs: 0, ...total },
  };
  return { n: 1, appName, options: { maxPoolSize: max, minPoolSize: 0, maxIdleTimeMS: null }, pools: [pool] };
}
