// What a diagnosis looks at: the facts of a source, from a report or from a snapshot.

import { MINUTE, SECOND } from '../base/duration.ts';
import { LISTED } from '../baseline/top-holders.ts';
import type { Clients } from '../connections/clients.ts';
import { isRead } from '../connections/node-usage.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { ConnectionSource, Counts, Opened } from '../connections/source.ts';
import { type DriverName, driverOf } from '../drivers/driver.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';

export interface NodeFacts {
  readonly host: string;
  readonly active: number;
  readonly dormant: number;
  /** Null in a snapshot, which has no heartbeats for each node. */
  readonly monitors: number | null;
}

/** Clients are null when they are unknown, as always in a snapshot. */
export interface HostFacts extends Clients {
  readonly address: string;
  readonly active: number;
  readonly dormant: number;
  /** Pooled connections by node; null when they are unknown. */
  readonly byNode: ReadonlyMap<string, number> | null;
}

export interface DriverFacts {
  /** Null for a driver that is not known. */
  readonly driver: DriverName | null;
  readonly version: string | null;
  readonly pooled: number;
}

export interface SourceFacts extends Clients {
  readonly id: string;
  readonly name: string;
  readonly active: number;
  readonly dormant: number;
  /** Null when they are unknown. */
  readonly monitors: number | null;
  /** Heartbeats cannot be told from idle connections. */
  readonly isEstimated: boolean;
  /** Those that were read. */
  readonly nodes: readonly NodeFacts[];
  /** Most connections first; of a snapshot the largest alone. */
  readonly hosts: readonly HostFacts[];
  /** How many addresses there are; null in a snapshot with more than it lists. */
  readonly addresses: number | null;
  readonly apps: readonly { readonly name: string | null; readonly pooled: number }[];
  /** Most pooled connections first. */
  readonly drivers: readonly DriverFacts[];
  /** How many of its connections are newer than the reading before; null when that is unknown. */
  readonly newer: Newer | null;
}

/** Of the connections that are open: what was opened and is closed again is not among them. */
interface Newer extends Opened {
  /** Nearly all that it holds, or nearly as many as its pools: they are replaced within minutes. */
  readonly isTurnover: boolean;
}

interface ClusterNode {
  readonly host: string;
  readonly role: string | null;
  readonly current: number | null;
  readonly limit: number | null;
  readonly totalCreated: number | null;
}

export interface ClusterFacts {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Those that were read. */
  readonly nodes: readonly ClusterNode[];
  readonly unread: readonly string[];
  /** Newer connections of all sources with a turnover; null when no source tells. */
  readonly turnedOver: number | null;
  /** Pooled and monitor connections of all sources. */
  readonly held: number;
}

/** Of a report or a snapshot: both have these of a source. */
interface Opening extends Pick<Counts, 'active' | 'dormant'> {
  readonly monitors: number | null;
  readonly opened?: Opened;
}

export function clusterOfReport(report: ConnectionReport): ClusterFacts {
  return {
    cluster: report.cluster,
    at: Date.parse(report.at),
    nodes: report.nodes.filter(isRead),
    unread: report.nodes.filter((node) => !isRead(node)).map(({ host }) => host),
    ...totals(report.sources),
  };
}

export function clusterOfSnapshot(snapshot: Snapshot): ClusterFacts {
  return {
    cluster: snapshot.cluster,
    at: snapshot.at,
    nodes: snapshot.nodes.filter(({ problem }) => problem === null),
    unread: snapshot.nodes.filter(({ problem }) => problem !== null).map(({ host }) => host),
    ...totals(snapshot.sources),
  };
}

function totals(sources: readonly Opening[]): Pick<ClusterFacts, 'turnedOver' | 'held'> {
  let turnedOver: number | null = null;
  let held = 0;
  for (const source of sources) {
    held += source.active + source.dormant + (source.monitors ?? 0);
    const newer = newerOf(source);
    if (newer !== null) turnedOver = (turnedOver ?? 0) + (newer.isTurnover ? newer.count : 0);
  }
  return { turnedOver, held };
}

export function factsOfReport(source: ConnectionSource): SourceFacts {
  const { id, name, active, dormant, monitors, clients, clientsAtLeast, combinations } = source;
  const byNode = nodesByAddress(source);
  return {
    ...{ id, name, active, dormant, monitors, clients },
    ...(clientsAtLeast === true && { clientsAtLeast }),
    isEstimated: source.estimated.includes('monitors'),
    nodes: source.nodes,
    hosts: source.hosts.map((host) => ({
      ...host,
      byNode: combinations.more > 0 ? null : (byNode.get(host.address) ?? null),
    })),
    addresses: source.hosts.length,
    apps: source.apps.map((app) => ({ name: app.name, pooled: app.active + app.dormant })),
    drivers: source.drivers
      .map((row) => ({ driver: driverOf(row.name), version: row.version, pooled: row.active + row.dormant }))
      .toSorted((a, b) => b.pooled - a.pooled),
    newer: newerOf(source),
  };
}

function nodesByAddress({ combinations }: ConnectionSource): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const { address, node, active, dormant } of combinations.largest) {
    const nodes = found.get(address) ?? new Map<string, number>();
    found.set(address, nodes.set(node, (nodes.get(node) ?? 0) + active + dormant));
  }
  return found;
}

export function factsOfSnapshot(source: SnapshotSource): SourceFacts {
  const { id, name, active, dormant, monitors, clients, clientsAtLeast } = source;
  return {
    ...{ id, name, active, dormant, monitors, clients },
    ...(clientsAtLeast === true && { clientsAtLeast }),
    isEstimated: false,
    nodes: source.nodes.flatMap((node) =>
      node.name === null ? [] : [{ host: node.name, active: node.active, dormant: node.dormant, monitors: null }],
    ),
    hosts: source.hosts.map((host) => ({
      address: host.name ?? '',
      active: host.active,
      dormant: host.dormant,
      clients: null,
      byNode: null,
    })),
    addresses: source.hosts.length < LISTED ? source.hosts.length : null,
    apps: source.apps.map((app) => ({ name: app.name, pooled: app.active + app.dormant })),
    drivers: (source.drivers ?? []).map((row) => ({ ...driverNamedBy(row.name), pooled: row.active + row.dormant })),
    newer: newerOf(source),
  };
}

/** A snapshot keeps name and version as one text, such as `nodejs|Mongoose 6.3.0`. */
function driverNamedBy(text: string | null): Pick<DriverFacts, 'driver' | 'version'> {
  const version = text === null ? null : (/ (\d\S*)$/.exec(text)?.[1] ?? null);
  return { driver: driverOf(text), version };
}

/** A healthy pool renews a small part of its connections between two readings. */
const TURNOVER = 0.7;
/** Connections that have not logged in yet look like heartbeats. */
const WITH_LOGINS = 1.5;
/** Over a longer time, connections that live for half an hour are replaced as well, as those of C# are. */
const LONGEST = (15 * MINUTE) / SECOND;

function newerOf({ active, dormant, monitors, opened }: Opening): Newer | null {
  if (opened === undefined || opened.seconds <= 0 || opened.seconds > LONGEST) return null;
  const pooled = active + dormant;
  const held = pooled + (monitors ?? 0);
  const { count } = opened;
  // A pool without an idle time is refilled while its heartbeats stay. Far more new connections than its pools hold are
  // new clients: then all must be new.
  const isOfPools = count >= TURNOVER * pooled && count <= WITH_LOGINS * pooled;
  return { ...opened, isTurnover: count > 0 && (isOfPools || count >= TURNOVER * held) };
}
