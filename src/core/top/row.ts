// A row of `top`: one source, app, host, node, user, driver or pool in one reading. Unknown figures are null.

import type { Problem } from '../base/problem.ts';
import type { Clients } from '../connections/clients.ts';

export const CLUSTER_VIEWS = ['source', 'app', 'host', 'node', 'user', 'driver'] as const;
export type ClusterView = (typeof CLUSTER_VIEWS)[number];
export const TOP_VIEWS = [...CLUSTER_VIEWS, 'pools'] as const;
export type TopView = (typeof TOP_VIEWS)[number];

export interface TopRow {
  /** The same in every reading. */
  readonly id: string;
  readonly name: string;
  /** All connections; of an app's pools those that are open. */
  readonly now: number;
  readonly active: number | null;
  readonly dormant: number | null;
  readonly heartbeats: number | null;
  /** Dormant and heartbeats are estimates. */
  readonly isEstimated: boolean;
  /** Null where the view does not count clients. */
  readonly clients: Clients | null;
  /** New connections in a second. */
  readonly opened: OpenedRate | null;
  /** When the figures were reported, in milliseconds since 1970. */
  readonly at: number;
  /** The entry of a source, the sources of a group, role and use of a node, the cluster of pools. */
  readonly origin: string;
  /** Null in the views of a cluster. */
  readonly pool: PoolCells | null;
  /** What the row consists of. */
  readonly parts: () => readonly TopPart[];
}

export interface OpenedRate {
  readonly perSecond: number;
  /** Connections that were closed again are not counted. */
  readonly isAtLeast: boolean;
}

/** What an application reports beside its open connections. */
interface PoolCells {
  readonly processes: number;
  readonly stale: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly checkoutsPerSecond: number | null;
  readonly timeouts: number;
}

/** A table of an opened row: its apps, hosts, nodes, drivers, processes. */
export interface TopPart {
  readonly title: string;
  /** Largest first. */
  readonly rows: readonly PartRow[];
}

export interface PartRow {
  readonly name: string;
  readonly now: number;
  readonly active: number | null;
  readonly dormant: number | null;
  readonly heartbeats: number | null;
}

/** A node in the header. */
export interface TopNode {
  readonly host: string;
  readonly current: number | null;
  readonly limit: number | null;
  readonly totalCreated: number | null;
  /** Why it was not read; null for a node that was. */
  readonly problem: Problem | null;
}

/** Null where it is unknown. */
interface TopTotals {
  readonly connections: number | null;
  readonly active: number | null;
  readonly dormant: number | null;
  readonly heartbeats: number | null;
  readonly internal: number | null;
  readonly own: number | null;
}

export type ClusterRows = Readonly<Record<ClusterView, readonly TopRow[]>>;

/** One reading of a cluster, by every view. */
export interface TopReading {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: readonly TopNode[];
  readonly totals: TopTotals;
  /** Everything that `report` needs for exit code 0 was read. */
  readonly isComplete: boolean;
  readonly problems: readonly Problem[];
  readonly rows: ClusterRows;
}

/** Whether a node was read at all. */
export function isAnswered({ nodes }: Pick<TopReading, 'nodes'>): boolean {
  return nodes.some(({ problem }) => problem === null);
}

export function unreadNodes({ nodes }: Pick<TopReading, 'nodes'>): readonly string[] {
  return nodes.flatMap(({ host, problem }) => (problem === null ? [] : [host]));
}

/** New connections of each node in a second since the reading before; null after a restart, and for the first. */
export function openedByNode(
  nodes: readonly TopNode[],
  at: number,
  before: Pick<TopReading, 'nodes' | 'at'> | null,
): ReadonlyMap<string, OpenedRate | null> {
  const earlier = new Map(before?.nodes.map(({ host, totalCreated }) => [host, totalCreated]));
  const seconds = before === null ? 0 : (at - before.at) / 1000;
  return new Map(
    nodes.map(({ host, totalCreated }) => {
      const was = earlier.get(host) ?? null;
      const isKnown = totalCreated !== null && was !== null && totalCreated >= was && seconds > 0;
      return [host, isKnown ? { perSecond: (totalCreated - was) / seconds, isAtLeast: false } : null] as const;
    }),
  );
}
