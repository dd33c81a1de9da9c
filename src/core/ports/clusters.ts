// Clusters and Atlas projects. Types only; atlas/, cluster/ and main.ts provide them.

import type { Problem } from '../base/problem.ts';
import type { AccessList, ProjectNetworks } from '../connections/access-list.ts';
import type { ClusterReading, NodeHeadroom, NodeUnread } from '../connections/reading.ts';

export interface ConnectionStrings {
  readonly standard: string | null;
  readonly standardSrv: string | null;
  readonly private: string | null;
  readonly privateSrv: string | null;
  readonly privateEndpoints: readonly { readonly connectionString: string | null; readonly srv: string | null }[];
}

/** A cluster of an Atlas project, as the Admin API describes it. */
export interface AtlasCluster {
  readonly name: string;
  readonly type: 'REPLICASET' | 'SHARDED' | 'GEOSHARDED' | 'FLEX';
  /** E.g. `M30`; `M0`, `FLEX` for the shared tiers; null when it is unknown. */
  readonly tier: string | null;
  /** IDLE, CREATING, UPDATING, DELETING, REPAIRING, … */
  readonly state: string;
  readonly paused: boolean;
  readonly version: string | null;
  readonly connectionStrings: ConnectionStrings;
}

/** One process of a project (Admin API `/processes`). It also lists members that `hello` hides. */
export interface AtlasProcess {
  /** `userAlias:port`, the name in connection strings. */
  readonly host: string;
  /** REPLICA_PRIMARY, REPLICA_SECONDARY, SHARD_MONGOS, … */
  readonly type: string;
  readonly replicaSet: string | null;
  readonly version: string | null;
}

/** A proxy, with the setting that names it. */
export interface ProxyAddress {
  /** As configured, e.g. `https_proxy`. */
  readonly setting: string;
  /** May contain user and password; never shown. */
  readonly url: string;
  readonly host: string;
  readonly port: string;
}

/** The proxy for targets of https and http; null for none. */
export interface ProxySettings {
  readonly https: ProxyAddress | null;
  readonly http: ProxyAddress | null;
  /** Hosts that need no proxy, in the form of NO_PROXY. */
  readonly except: string;
}

/** One Atlas project over the Admin API. Rejects with UpstreamError; a partial answer has `problems`. */
export interface AtlasProject {
  accessList(signal: AbortSignal): Promise<AccessList>;
  networks(signal: AbortSignal): Promise<ProjectNetworks>;
  /** Dedicated and Flex clusters, by name. */
  clusters(
    signal: AbortSignal,
  ): Promise<{ readonly clusters: readonly AtlasCluster[]; readonly problems: readonly Problem[] }>;
  processes(signal: AbortSignal): Promise<readonly AtlasProcess[]>;
  close(): Promise<void>;
}

/** One monitored cluster; its connections stay open between readings. */
export interface OpenCluster {
  readonly name: string;
  /** What was ignored or corrected in its connection string, one line each. */
  readonly remarks?: readonly string[];
  /** A node that cannot be read becomes a `NodeUnread`, not a rejection. */
  read(options: { readonly threads?: boolean; readonly signal: AbortSignal }): Promise<ClusterReading>;
  /** Connections and limit of each node, from serverStatus alone: cheap enough for every minute. */
  headroom(options: { readonly signal: AbortSignal }): Promise<readonly (NodeHeadroom | NodeUnread)[]>;
  close(): Promise<void>;
}
