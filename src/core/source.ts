// A row of the report: what connections are attributed to.

/** Where a source's name comes from; the rules and their order stand in address-book.ts. */
export type SourceClass = 'listed' | 'peering' | 'atlas-internal' | 'catch-all' | 'private' | 'unlisted' | 'unknown';

/** Connections by what they are for. `active` and `dormant` are pooled; `monitors` are heartbeats and RTT sockets. */
export interface Counts {
  readonly active: number;
  readonly dormant: number;
  readonly monitors: number;
}

export function sizeOf({ active, dormant, monitors }: Counts): number {
  return active + dormant + monitors;
}

/** The access list entry that lets a source in. */
export interface SourceEntry {
  readonly cidrBlock: string;
  readonly comment: string | null;
  readonly deleteAfterDate: string | null;
}

export interface NodeRow extends Counts {
  readonly host: string;
}
export interface NamedRow extends Counts {
  /** Null stands for connections that tell no app, or no user. */
  readonly name: string | null;
}
export interface HostRow extends Counts {
  readonly address: string;
  /** MongoClients behind this address; null where it has pooled connections and no streaming heartbeat. */
  readonly clients: number | null;
}
export interface DriverRow extends NamedRow {
  readonly version: string | null;
  readonly platform: string | null;
}
/** Connections that share app, address, driver and node: the lines of a drill-down. */
export interface CombinationRow extends Counts {
  readonly app: string | null;
  readonly address: string;
  readonly driver: string | null;
  readonly node: string;
}

export interface ConnectionSource extends Counts {
  /** Stable from reading to reading: a canonical block, `0.0.0.0/0 app:etl`, `peering:10.8.0.0/16`, an address. */
  readonly id: string;
  readonly name: string;
  readonly class: SourceClass;
  readonly entry: SourceEntry | null;
  /** MongoClient instances, estimated from streaming heartbeats; null where the drivers do not tell. */
  readonly clients: number | null;
  /** Of the pooled and monitor connections of all sources, 0 to 1. */
  readonly share: number;
  /** What this source's servers do not tell, so that the figures are estimates: `monitors`, `users`. */
  readonly estimated: readonly Estimated[];
  readonly nodes: readonly NodeRow[];
  readonly apps: readonly NamedRow[];
  readonly hosts: readonly HostRow[];
  readonly drivers: readonly DriverRow[];
  readonly users: readonly NamedRow[];
  /** The ten largest, largest first; with how many more there are. Not part of the JSON form. */
  readonly combinations: { readonly largest: readonly CombinationRow[]; readonly more: number };
}

export type Estimated = 'monitors' | 'users';
