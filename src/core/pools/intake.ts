// What becomes of a report before it is kept: its texts without secrets, its totals, the memory it takes, the pace.

import { sum } from '../base/format.ts';
import { orNull, type Redact } from '../connections/redaction.ts';
import { type PoolReport, poolKey, type ReportTotals } from './report.ts';

/** The texts are those of applications. Its id is no text for people, and stays. */
export function redactedPoolReport(report: PoolReport, redact: Redact): PoolReport {
  const { process, clients } = report;
  const { driver, labels } = process;
  return {
    ...report,
    process: {
      ...process,
      host: redact(process.host),
      app: redact(process.app),
      driver: { name: redact(driver.name), version: redact(driver.version) },
      labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [redact(name), redact(value)])),
    },
    clients: clients.map((client) => ({
      ...client,
      appName: orNull(client.appName, redact),
      pools: client.pools.map((pool) => ({ ...pool, address: redact(pool.address) })),
    })),
  };
}

/** What the rates of the next report are worked out from. */
export function totalsOf({ clients, left }: PoolReport): ReportTotals {
  const pools = clients.flatMap((client) =>
    client.pools.map((pool) => {
      const { checkouts, failed, waitMs } = pool.total;
      return [poolKey(client, pool), { checkouts, failed, waitMs }] as const;
    }),
  );
  return { isPartial: left > 0, pools: Object.fromEntries(pools) };
}

/** Bytes that a report and the totals before it take in memory, estimated above what V8 needs. */
export function sizeOf({ process, clients }: PoolReport): number {
  const { id, host, app, driver, labels } = process;
  const texts = [id, host, app, driver.name, driver.version, ...Object.entries(labels).flat()];
  return (
    1_000 +
    2 * sum(texts, ({ length }) => length) +
    sum(clients, ({ appName, pools }) => 400 + 2 * (appName?.length ?? 0) + sum(pools, poolSize))
  );
}

function poolSize({ address }: { readonly address: string }): number {
  return 700 + 4 * address.length;
}

const LEAST_MS = 1_000;
const MOST_MS = 60_000;
const MOST_PER_SECOND = 400;

/**
 * The pace for `processes` that report to one daemon: 400 reports a second at most, and never more often than each
 * second. Null when the pace of the process suits.
 */
export function wantedPace(everyMs: number, processes: number): number | null {
  const least = Math.max(LEAST_MS, Math.ceil(processes / MOST_PER_SECOND) * 1_000);
  const wanted = Math.min(MOST_MS, Math.max(least, everyMs));
  return wanted === everyMs ? null : wanted;
}
