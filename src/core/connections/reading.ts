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
