// A source: a row of the report.

import { sum } from '../base/format.ts';
import type { Clients } from './clients.ts';

/** The origin of a source's name. address-book.ts has the order. */
export type SourceClass = 'listed' | 'peering' | 'atlas-internal' | 'catch-all' | 'private' | 'unlisted' | 'unknown';

/** Connections by kind. `active` and `dormant` are pooled; `monitors` are heartbeats and RTT sockets. */
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

interface NodeRow extends Counts {
  readonly host: string;
}
/** The user row of unauthenticated connections. No user has this name, because it is without a database. */
export const NEVER_AUTHENTICATED = 'never authenticated';

export function neverAuthenticated(sources: readonly Pick<ConnectionSource, 'users'>[]): number {
  return sum(sources, ({ users }) => sizeOf(users.find(({ name }) => name === NEVER_AUTHENTICATED) ?? NOTHING));
}

const NOTHING: Counts = { active: 0, dormant: 0, monitors: 0 };

export interface NamedRow extends Counts {
  /** Null for connections without an app or a user. */
  readonly name: string | null;
}
export interface HostRow extends Counts, Clients {
  readonly address: string;
}
export interface DriverRow extends NamedRow {
  readonly version: string | null;
  readonly platform: string | null;
}
/** Connections with the same app, address, driver and node: the rows of a drill-down. */
export interface CombinationRow extends Counts {
  readonly app: string | null;
  readonly address: string;
  readonly driver: string | null;
  readonly node: string;
}

/** Connections that the nodes opened since an earlier reading and that are still open: at least so many were opened. */
export interface Opened {
  readonly count: number;
  readonly seconds: number;
}

export interface ConnectionSource extends Counts, Clients {
  /** Stable from reading to reading: a canonical block, `0.0.0.0/0 app:etl`, `peering:10.8.0.0/16`, an address. */
  readonly id: string;
  readonly name: string;
  readonly class: SourceClass;
  readonly entry: SourceEntry | null;
  /** Of a peered network: the peer's VPC and account, for details only. */
  readonly peer?: string;
  /** Of the pooled and monitor connections of all sources, 0 to 1. */
  readonly share: number;
  /** Figures that are estimates because servers do not report them: `monitors`, `users`. */
  readonly estimated: readonly Estimated[];
  readonly nodes: readonly NodeRow[];
  readonly apps: readonly NamedRow[];
  readonly hosts: readonly HostRow[];
  readonly drivers: readonly DriverRow[];
  readonly users: readonly NamedRow[];
  /** Left out without an earlier reading. Not in the JSON form. */
  readonly opened?: Opened;
  /** The largest, at most 1,000, and the number of the others. Not in the JSON form. */
  readonly combinations: { readonly largest: readonly CombinationRow[]; readonly more: number };
}

export type Estimated = 'monitors' | 'users';

export interface KnownSource {
  readonly id: string;
  /** Its last name. */
  readonly name: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
}
