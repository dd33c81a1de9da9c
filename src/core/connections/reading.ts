import type { Problem } from '../base/problem.ts';

// What a node says of its connections, grouped by the node itself: the input of every report.

/** What a connection was doing when it was read. */
export type Activity =
  /** No operation runs. */
  | 'idle'
  /** A streaming heartbeat: `hello` with topologyVersion and maxAwaitTimeMS, waiting at the server. */
  | 'heartbeat'
  /** A plain `hello`, `isMaster` or `ping` by nobody: a polling monitor or an RTT socket at work. */
  | 'ping'
  /** Any other operation. */
  | 'operation';

export interface Driver {
  readonly name: string;
  readonly version: string | null;
  /** E.g. `Node.js v24.21.0, LE`. */
  readonly platform: string | null;
}

/** Connections of one node that look alike. */
export interface ConnectionGroup {
  /** The address part of `client` as the server wrote it, port cut off; an IPv6 address may be in brackets. */
  readonly client: string;
  readonly app: string | null;
  readonly driver: Driver | null;
  /** `user@db`, several joined by `, `; null where nobody is authenticated or the server does not tell. */
  readonly user: string | null;
  readonly activity: Activity;
  readonly count: number;
}

/** Server threads: documents without a client. Never connections. */
export interface ThreadGroup {
  readonly name: string;
  readonly count: number;
}

// One mongod or mongos of a cluster, as one reading found it.

export type NodeRole = 'primary' | 'secondary' | 'mongos' | 'standalone' | 'other';

/** What a node tells of itself whether or not its connections can be read. */
export interface NodeTotals {
  /** `host:port`, the name by which it was reached. */
  readonly host: string;
  readonly role: NodeRole;
  /** Server version, e.g. `8.0.29`; null where it was not told. */
  readonly version: string | null;
  /** serverStatus.connections.current; null where it was not told (a saved dump). */
  readonly current: number | null;
  readonly available: number | null;
  /** current + available. */
  readonly limit: number | null;
  /** Since the server started: its difference between two readings is churn. */
  readonly totalCreated: number | null;
  /** Connections refused since the server started, establishment rate limit included; null before 6.3. */
  readonly rejected: number | null;
}

/** A node whose connections were read. */
export interface NodeRead extends NodeTotals {
  readonly kind: 'read';
  readonly groups: readonly ConnectionGroup[];
  readonly threads: readonly ThreadGroup[];
  /**
   * Whether a connection without a user is a monitor: true where authentication is on and the server
   * tells users of idle connections (up to 8.0); false where either is not so, and monitors are estimated.
   */
  readonly idleUsersTold: boolean;
  /** Left out unless it is hidden: then clients do not know of it, and do not watch it. */
  readonly hidden?: true;
}

/** A node that refuses `$currentOp` (M0, Flex): totals only. */
interface NodeTotalsOnly extends NodeTotals {
  readonly kind: 'totals';
  readonly problem: Problem;
}

/** What a node has room for: serverStatus alone. */
export interface NodeHeadroom extends NodeTotals {
  readonly kind: 'headroom';
}

export interface NodeUnread {
  readonly kind: 'unread';
  readonly host: string;
  readonly problem: Problem;
}

export type NodeReading = NodeRead | NodeTotalsOnly | NodeUnread;

/** A member that is known and left out on purpose, e.g. an arbiter: it serves no clients. */
export interface NodeLeftOut {
  readonly host: string;
  readonly reason: string;
}

/** What one reading of a whole cluster found. */
export interface ClusterReading {
  readonly cluster: string;
  /** ISO 8601: when the reading began. */
  readonly at: string;
  readonly tookMs: number;
  readonly nodes: readonly NodeReading[];
  readonly leftOut: readonly NodeLeftOut[];
  /** Problems of the cluster as a whole, e.g. its SRV name does not resolve. */
  readonly problems: readonly Problem[];
}
