import type { Problem } from '../base/problem.ts';

// The connections of a node, grouped by the server: the input of every report.

/** The operation of a connection at the time of the reading. */
export type Activity =
  /** No operation runs. */
  | 'idle'
  /** A streaming heartbeat: `hello` with topologyVersion and maxAwaitTimeMS, waiting at the server. */
  | 'heartbeat'
  /** A plain `hello`, `isMaster` or `ping` without a user: a polling monitor or an RTT socket. */
  | 'ping'
  /** Any other operation. */
  | 'operation';

export interface Driver {
  readonly name: string;
  readonly version: string | null;
  /** E.g. `Node.js v24.21.0, LE`. */
  readonly platform: string | null;
}

/** Connections of one node with the same attributes. */
export interface ConnectionGroup {
  /** The address part of `client` as the server wrote it, port cut off; an IPv6 address may be in brackets. */
  readonly client: string;
  readonly app: string | null;
  readonly driver: Driver | null;
  /** `user@db`, several joined by `, `. Null when no user is authenticated or the server does not report it. */
  readonly user: string | null;
  readonly activity: Activity;
  readonly count: number;
  /** How many of them the node has opened within `openedWithin`; left out for none, and when it is unknown. */
  readonly opened?: number;
}

/** Server threads: documents without a client. They are never connections. */
export interface ThreadGroup {
  readonly name: string;
  readonly count: number;
}

export type NodeRole = 'primary' | 'secondary' | 'mongos' | 'standalone' | 'other';

/** Facts that a node reports even if its connections cannot be read. */
export interface NodeTotals {
  /** `host:port`, the name of the connection to it. */
  readonly host: string;
  readonly role: NodeRole;
  /** Server version, e.g. `8.0.29`; null when it is unknown. */
  readonly version: string | null;
  /** serverStatus.connections.current; null when it is unknown (a saved dump). */
  readonly current: number | null;
  readonly available: number | null;
  /** current + available. */
  readonly limit: number | null;
  /** Since the server started; the difference between two readings is churn. */
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
   * Whether a connection without a user is a monitor. True with authentication and a server that reports the users of
   * idle connections (up to 8.0). Otherwise false, and monitors are estimated.
   */
  readonly idleUsersTold: boolean;
  /** Seconds since an earlier reading, for `opened` of the groups; left out without one. */
  readonly openedWithin?: number;
  /** How long `$currentOp` took, in milliseconds; left out where it is unknown (a saved dump). */
  readonly busyMs?: number;
  /** Left out unless the node is hidden. Clients do not watch a hidden node. */
  readonly hidden?: true;
}

/** A node that refuses `$currentOp` (M0, Flex): totals only. */
interface NodeTotalsOnly extends NodeTotals {
  readonly kind: 'totals';
  readonly problem: Problem;
}

/** The connections and the limit of a node, from serverStatus alone. */
export interface NodeHeadroom extends NodeTotals {
  readonly kind: 'headroom';
}

export interface NodeUnread {
  readonly kind: 'unread';
  readonly host: string;
  readonly problem: Problem;
  /** How long `$currentOp` took until it failed, in milliseconds; left out if it never began. */
  readonly busyMs?: number;
}

export type NodeReading = NodeRead | NodeTotalsOnly | NodeUnread;

/** A member that is left out on purpose, e.g. an arbiter, which serves no clients. */
export interface NodeLeftOut {
  readonly host: string;
  readonly reason: string;
}

/** One reading of a whole cluster. */
export interface ClusterReading {
  readonly cluster: string;
  /** ISO 8601: the start of the reading. */
  readonly at: string;
  readonly tookMs: number;
  readonly nodes: readonly NodeReading[];
  readonly leftOut: readonly NodeLeftOut[];
  /** Problems of the cluster as a whole, e.g. its SRV name does not resolve. */
  readonly problems: readonly Problem[];
}
