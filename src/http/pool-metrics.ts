// The applications' pools as metrics, by app and cluster. Apps choose their names, so their number is bounded.

import type { Registry } from 'prom-client';
import type { AppPools, PoolsView } from '../core/pools/view.ts';
import { CATALOG, gauges, type MetricRow } from './metric-catalog.ts';

/** Each with a label of its own. All others are added up as `other`. */
const MOST_APPS = 50;
const OTHER = 'other';

type Row = MetricRow<'app' | 'cluster'>;

export function drawPools(
  registry: Registry,
  { view, answers }: { readonly view: () => PoolsView | null; readonly answers: () => ReadonlyMap<number, number> },
): void {
  const rows = (value: (app: AppPools) => number | null) => (): readonly Row[] => {
    const apps = view()?.apps ?? [];
    const named = largestApps(apps);
    return apps.flatMap((app) => {
      const figure = value(app);
      if (figure === null) return [];
      // Rows with the same labels are added.
      return [{ labels: { app: named.has(app.app) ? app.app : OTHER, cluster: app.cluster ?? '' }, value: figure }];
    });
  };
  const fresh = ({ processes, stale }: AppPools) => processes.length - stale;
  gauges(registry, CATALOG.poolProcesses, rows(fresh));
  gauges(
    registry,
    CATALOG.poolStale,
    rows(({ stale }) => stale),
  );
  gauges(
    registry,
    CATALOG.poolOpen,
    rows(({ now }) => now.open),
  );
  gauges(
    registry,
    CATALOG.poolInUse,
    rows(({ now }) => now.inUse),
  );
  gauges(
    registry,
    CATALOG.poolLimit,
    rows(({ capacity }) => capacity),
  );
  gauges(
    registry,
    CATALOG.poolWaiting,
    rows(({ now }) => now.waiting),
  );
  gauges(
    registry,
    CATALOG.poolCheckouts,
    rows(({ checkoutsPerSecond }) => checkoutsPerSecond),
  );
  gauges(
    registry,
    CATALOG.poolTimeouts,
    rows(({ total }) => total.timeouts),
  );
  gauges(registry, CATALOG.poolRequests, () =>
    [...answers()].map(([status, value]) => ({ labels: { status: String(status) }, value })),
  );
}

function largestApps(apps: readonly AppPools[]): ReadonlySet<string> {
  const open = new Map<string, number>();
  for (const { app, now } of apps) open.set(app, (open.get(app) ?? 0) + now.open);
  const largest = [...open].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Set(largest.slice(0, MOST_APPS).map(([app]) => app));
}
