// Use case: the pools of the applications, each with the monitored cluster of its servers.

import { unlessAborted, withTimeout } from '../../core/base/abort.ts';
import { MINUTE, SECOND } from '../../core/base/duration.ts';
import { serverOf } from '../../core/pools/report.ts';
import { seenIn } from '../../core/pools/seen.ts';
import { type PoolsView, poolsView } from '../../core/pools/view.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { PoolRecords, PoolService } from '../../core/ports/pools.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import { UpstreamError } from '../../errors.ts';

export interface PoolServiceInput {
  readonly records: PoolRecords;
  /** Names of the monitored clusters; empty before the monitor starts. */
  readonly clusters: () => readonly string[];
  /** Null before it starts. */
  readonly reports: () => Pick<ReportService, 'last'> | null;
  readonly monitor: () => Pick<Monitor, 'lastReadings'> | null;
  readonly now: () => Date;
}

/** Readings of other replicas are looked up this often, for clusters that this replica did not read. */
const ASKED_EVERY = MINUTE;
const ASKED_MS = 2 * SECOND;

export function createPoolService(input: PoolServiceInput): PoolService {
  const { records, clusters, reports, monitor, now } = input;
  let elsewhere: ReadonlyMap<string, readonly string[]> = new Map();
  let askedAt = Number.NEGATIVE_INFINITY;

  const own = (cluster: string) =>
    reports()
      ?.last(cluster)
      ?.report.nodes.map(({ host }) => host) ?? null;
  const learn = async (names: readonly string[], signal: AbortSignal) => {
    const at = now().getTime();
    const unread = names.filter((name) => own(name) === null);
    const asked = unread.length === 0 ? null : monitor();
    if (asked === null || Math.abs(at - askedAt) < ASKED_EVERY) return;
    askedAt = at;
    try {
      const found = asked.lastReadings(unread, signal);
      const known = await unlessAborted(withTimeout(found, { ms: ASKED_MS }), signal);
      if (known === undefined) return;
      elsewhere = new Map([...known].map(([name, { nodes }]) => [name, nodes.map(({ host }) => host)]));
    } catch (error) {
      signal.throwIfAborted();
      // Without its readings the pools have no cluster yet.
      if (!(error instanceof UpstreamError)) throw error;
    }
  };

  return {
    async view(signal): Promise<PoolsView> {
      const names = clusters();
      const [all] = await Promise.all([records.all(signal), learn(names, signal)]);
      const byServer = new Map(
        names.flatMap((name) =>
          (own(name) ?? elsewhere.get(name) ?? []).map((host) => [serverOf(host), name] as const),
        ),
      );
      return poolsView(all, {
        now: now().getTime(),
        clusterOf: (address) => byServer.get(serverOf(address)) ?? null,
        seenOf: seenIn((cluster) => reports()?.last(cluster)?.report ?? null),
      });
    },
  };
}
