// Reports of pools written by hand, and the view of them.

import type { PoolRecord, ReportedClient, ReportedPool } from '../../../src/core/pools/report.ts';
import { type PoolContext, type PoolsView, poolsView } from '../../../src/core/pools/view.ts';

/** Four seconds after the last reports. */
export const NOW = Date.parse('2026-11-21T10:00:04Z');

export interface SampleProcess {
  readonly app?: string;
  readonly id?: string;
  readonly host?: string;
  readonly pid?: number;
  readonly driver?: PoolRecord['report']['process']['driver'];
  readonly startedAt?: string;
  readonly ageMs?: number;
  readonly clients?: readonly ReportedClient[];
  readonly before?: PoolRecord['before'];
  readonly left?: number;
}

export function record(given: SampleProcess = {}): PoolRecord {
  const { app = 'billing', pid = 4711, host = 'web-7', ageMs = 4_000, startedAt = '2026-11-21T09:00:00Z' } = given;
  const { driver = { name: 'nodejs', version: '7.9.0' }, clients = [client()], before = null, left = 0 } = given;
  return {
    at: NOW - ageMs,
    firstAt: NOW - 3_600_000,
    before,
    report: {
      ...{ seq: 17, everyMs: 5_000, left, bye: false, clients },
      process: {
        id: given.id ?? `${app} ${host} ${pid}`,
        pid,
        host,
        app,
        startedAt: Date.parse(startedAt),
        driver,
        labels: {},
      },
    },
  };
}

export function client(given: Partial<ReportedClient> = {}): ReportedClient {
  const options = { maxPoolSize: 100, minPoolSize: 0, maxIdleTimeMS: null };
  return { n: 1, appName: 'billing', options, pools: [pool()], ...given };
}

/** Ten open connections to `a:27017`, of which three are in use. */
export function pool(
  given: Partial<ReportedPool['now']> & { readonly address?: string } & Partial<
      Pick<ReportedPool, 'total' | 'max'>
    > = {},
): ReportedPool {
  const { address = 'a:27017', total, max, ...now } = given;
  return {
    address,
    now: { open: 10, pending: 0, inUse: 3, waiting: 0, ...now },
    max: max ?? { open: 40, inUse: 38, waiting: 6 },
    total: total ?? { created: 61, closed: 51, checkouts: 81_233, failed: 2, timeouts: 0, cleared: 1, waitMs: 5_120 },
  };
}

/** `a`, `b` and `c` are the nodes of prod. */
export const clusterOf = (address: string) => (/^[abc]:27017$/.test(address) ? 'prod' : null);

export function viewOf(records: readonly PoolRecord[], seenOf: PoolContext['seenOf'] = () => null): PoolsView {
  return poolsView(records, { now: NOW, clusterOf, seenOf });
}
