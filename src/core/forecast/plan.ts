// A plan: a fleet of clients that does not exist yet, on the nodes of a cluster. Its JSON form is public.

import type { ClientMode } from '../drivers/defaults.ts';
import type { DriverChoice } from '../drivers/driver.ts';
import type { MonitoringMode, NodeKind } from '../drivers/monitors.ts';

export interface PlanNode {
  readonly name: string;
  readonly kind: NodeKind;
}

/** Options of a connection string that decide how many connections a client opens. */
export interface PoolOptions {
  readonly minPoolSize?: number;
  /** 0 is unlimited. */
  readonly maxPoolSize?: number;
  readonly maxIdleTimeMS?: number;
  readonly serverMonitoringMode?: MonitoringMode;
  readonly srvMaxHosts?: number;
  readonly directConnection?: boolean;
  readonly loadBalanced?: boolean;
}

/** What the limit is held against: operations at once, or full pools on every node. */
export type Sizing = 'used' | 'ceiling';

export interface FleetPlan {
  readonly driver: DriverChoice;
  /** `single` is the single-threaded mode of the C driver. */
  readonly mode: ClientMode;
  /** The server's version, such as `4.2`; null for a present one. */
  readonly server: string | null;
  /** Environment variables: they tell functions (FaaS). */
  readonly env: Readonly<Record<string, string>>;
  readonly options: PoolOptions;
  readonly instances: number;
  /** Of an instance. */
  readonly processes: number;
  /** MongoClients of each process */
  readonly clients: number;
  readonly nodes: readonly PlanNode[];
  /** At once, of one client: by a node's name, else by its kind. */
  readonly operations: Readonly<Record<string, number>>;
  /** Of connections, on one node; null when it is unknown. */
  readonly limit: number | null;
  /** Of the limit: what Atlas keeps on a node, and what others hold on it. */
  readonly reserved: number;
  readonly others: number;
  readonly sizing: Sizing;
  /** New connections that a node takes in a second; null without such a limit. */
  readonly establishPerSecond: number | null;
}

/** What a node accepts, and what is taken of it. */
export type NodeRoom = Pick<FleetPlan, 'limit' | 'reserved' | 'others'>;

/** Connections of the whole fleet on one node, monitors included in all figures. */
export interface NodeForecast {
  readonly monitors: number;
  /** With `minPoolSize` alone. */
  readonly idle: number;
  /** With the operations at once. */
  readonly used: number;
  /** With full pools: what bursts and elections reach without an idle limit. Null when a pool is unlimited. */
  readonly ceiling: number | null;
}

/** The public answer to a plan; later fields stand at the end. */
export interface PlanForecast {
  readonly clients: number;
  readonly perNode: Readonly<Record<string, NodeForecast>>;
  readonly total: Omit<NodeForecast, 'monitors'>;
  readonly monitorsTotal: number;
  /** These two with a limit. */
  readonly sizing?: Sizing;
  /** More instances than this exceed the limit of the busiest node; null when a pool is unlimited. */
  readonly instancesUntilLimit?: number | null;
  /** Of the limit, with four decimals: the fleet alone, without others. Left out when a pool is unlimited. */
  readonly busiestShareOfLimit?: number;
  /** Rounded up; with `establishPerSecond`. */
  readonly secondsToConnectAll?: number;
  /** Connections on the busiest node in each scenario, and how many instances fit. */
  readonly scenarios: readonly Scenario[];
  /** Sentences. */
  readonly assumptions: readonly string[];
}

export interface Scenario {
  /**
   * `deploy`: a rolling deploy, old and new instances overlap. `election`: the node that was primary keeps its pool,
   * and the new one grows its own.
   */
  readonly name: 'idle' | 'used' | 'full' | 'deploy' | 'election';
  /** Null when a pool is unlimited. */
  readonly busiest: number | null;
  /** Of the limit of the fullest node, with what others hold. Null without a limit, or when a pool is unlimited. */
  readonly share: number | null;
  readonly instancesUntilLimit: number | null;
  /** By the node's name; null when a pool is unlimited. */
  readonly perNode: Readonly<Record<string, number | null>>;
}
