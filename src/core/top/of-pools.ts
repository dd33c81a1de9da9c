// The rows of view `t`: what the applications report of their own pools.

import { span } from '../base/format.ts';
import type { AppPools, PoolsView, ProcessPools } from '../pools/view.ts';
import { addressPools } from '../pools/words.ts';
import type { TopPart, TopRow } from './row.ts';

/** The pools to this cluster, and those to addresses of no monitored cluster. */
export function rowsOfPools(view: PoolsView, cluster: string): readonly TopRow[] {
  return view.apps.filter((app) => app.cluster === null || app.cluster === cluster).map((app) => poolRow(app, view.at));
}

function poolRow(app: AppPools, at: number): TopRow {
  const { now, processes, stale, clients } = app;
  const youngest = processes.reduce((least, { ageMs }) => Math.min(least, ageMs), Number.POSITIVE_INFINITY);
  return {
    id: JSON.stringify([app.app, app.cluster]),
    name: app.app,
    now: now.open,
    ...{ active: null, dormant: null, heartbeats: null, isEstimated: false, opened: null },
    clients: { clients },
    at: Number.isFinite(youngest) ? at - youngest : at,
    origin: app.cluster ?? `no watched cluster: ${app.addresses.join(', ')}`,
    pool: {
      ...{ processes: processes.length, stale },
      ...{ inUse: now.inUse, waiting: now.waiting },
      ...{ checkoutsPerSecond: app.checkoutsPerSecond, timeouts: app.total.timeouts },
    },
    parts: () => [{ title: 'process', rows: processes.map(processRow) }, addressPart(processes)],
  };
}

/** `active` are the connections in use, and `dormant` the others that are open. */
function processRow({ process, now, isStale, ageMs }: ProcessPools): TopPart['rows'][number] {
  const age = isStale ? `, last report ${span(ageMs)} ago` : '';
  return { name: `${process.host} pid ${process.pid}${age}`, ...usedAndFree(now) };
}

function addressPart(processes: readonly ProcessPools[]): TopPart {
  const nodes = addressPools(processes.filter(({ isStale }) => !isStale));
  return { title: 'node', rows: nodes.map((node) => ({ name: node.address, ...usedAndFree(node) })) };
}

function usedAndFree({ open, inUse }: { readonly open: number; readonly inUse: number }) {
  return { now: open, active: inUse, dormant: Math.max(0, open - inUse), heartbeats: null };
}
