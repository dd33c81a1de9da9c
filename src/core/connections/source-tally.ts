// Sums up one source, connection by connection, in any order.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import type { Attribution } from './attribute.ts';
import type { Classified } from './classify.ts';
import { type Clients, clientsHere, clientsOf, togetherOf, type Watchers, watch } from './clients.ts';
import type { Driver } from './reading.ts';
import {
  type CombinationRow,
  type ConnectionSource,
  type Counts,
  type Estimated,
  NEVER_AUTHENTICATED,
  sizeOf,
} from './source.ts';

/** The kinds of a source's connections; own and internal ones belong to no source. */
export type SourceKind = 'active' | 'dormant' | 'monitors';

interface Count {
  active: number;
  dormant: number;
  monitors: number;
}

interface HostCount extends Count {
  readonly watchers: Watchers;
}

export interface Tally extends Count {
  readonly attribution: Attribution;
  /** Connections that the nodes opened since an earlier reading. */
  opened: number;
  readonly estimated: Set<Estimated>;
  readonly nodes: Map<string, Count>;
  readonly apps: Map<string | null, Count>;
  readonly hosts: Map<string, HostCount>;
  readonly drivers: Map<string, Count & { readonly driver: Driver | null }>;
  readonly users: Map<string | null, Count>;
  readonly combinations: Combinations;
}

const none = (): Count => ({ active: 0, dormant: 0, monitors: 0 });

export function emptyTally(attribution: Attribution): Tally {
  return {
    attribution,
    ...none(),
    opened: 0,
    estimated: new Set(),
    nodes: new Map(),
    apps: new Map(),
    hosts: new Map(),
    drivers: new Map(),
    users: new Map(),
    combinations: new Map(),
  };
}

function rowOf<K, V>(rows: Map<K, V>, key: K, make: () => V): V {
  const known = rows.get(key);
  if (known !== undefined) return known;
  const row = make();
  rows.set(key, row);
  return row;
}

/** @param address the group's client in canonical form */
export function add(
  tally: Tally,
  { classified, kind, node, address }: { classified: Classified; kind: SourceKind; node: string; address: string },
): void {
  const { group, count, estimated, unauthenticated } = classified;
  const { app, driver } = group;
  const user = unauthenticated ? NEVER_AUTHENTICATED : group.user;
  const driverKey = driver === null ? '' : `${driver.name}\n${driver.version}\n${driver.platform}`;
  const driverName = driver === null ? null : [driver.name, driver.version].filter(Boolean).join(' ');
  const host = rowOf(tally.hosts, address, () => ({ ...none(), watchers: new Map() }));
  const rows = [
    tally,
    host,
    combinationOf(tally.combinations, { app, driver: driverName, node }, address),
    rowOf(tally.nodes, node, none),
    rowOf(tally.apps, app, none),
    rowOf(tally.users, user, none),
    rowOf(tally.drivers, driverKey, () => ({ ...none(), driver })),
  ];
  for (const row of rows) row[kind] += count;
  const isMonitor = kind === 'monitors' || unauthenticated;
  const socket = group.activity === 'heartbeat' ? 'heartbeats' : isMonitor ? 'monitors' : 'pooled';
  watch(host.watchers, { driver, node, kind: socket, many: count });
  if (estimated) {
    tally.estimated.add('monitors');
    if (user === null) tally.estimated.add('users');
  }
}

const CHUNK = 50;

/**
 * The rows of the report: most connections first, ties by id.
 * @param reading.watched nodes that were read and are not hidden
 * @param reading.openedWithin seconds since the earlier reading of the nodes; null when any of them has none
 */
export function* finishAll(
  tallies: readonly Tally[],
  reading: { readonly watched: readonly string[]; readonly openedWithin: number | null },
): Chunked<readonly ConnectionSource[]> {
  const all = tallies.reduce((sum, tally) => sum + sizeOf(tally), 0);
  const sources: ConnectionSource[] = [];
  for (const [index, tally] of tallies.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    sources.push({ ...finish(tally, all, reading.watched), ...openedOf(tally, reading.openedWithin) });
  }
  return ranked(sources, ({ id }) => id);
}

function openedOf({ opened }: Tally, seconds: number | null): Pick<ConnectionSource, 'opened'> {
  return seconds === null ? {} : { opened: { count: opened, seconds } };
}

/** @param all pooled and monitor connections of all sources, for the share */
function finish(tally: Tally, all: number, watched: readonly string[]): ConnectionSource {
  const { attribution, active, dormant, monitors } = tally;
  const named = ([name, row]: readonly [string | null, Count]) => ({ name, ...counts(row) });
  const hosts = [...tally.hosts].map(([address, row]) => ({
    address,
    ...counts(row),
    ...clientsOf(row.watchers, watched),
  }));
  return {
    ...attribution,
    active,
    dormant,
    monitors,
    ...togetherOf(hosts),
    share: all === 0 ? 0 : sizeOf(tally) / all,
    estimated: [...tally.estimated].sort(),
    nodes: ranked(
      [...tally.nodes].map(([host, row]) => ({ host, ...counts(row) })),
      ({ host }) => host,
    ),
    apps: ranked([...tally.apps].map(named), rowName),
    hosts: ranked(hosts, ({ address }) => address),
    drivers: ranked(
      [...tally.drivers.values()].map(driverRow),
      ({ name, version, platform }) => `${name} ${version} ${platform}`,
    ),
    users: ranked([...tally.users].map(named), rowName),
    combinations: largestCombinations(tally.combinations),
  };
}

const rowName = ({ name }: { readonly name: string | null }): string => name ?? '';

function counts({ active, dormant, monitors }: Count): Counts {
  return { active, dormant, monitors };
}

function driverRow({ driver, ...row }: Count & { readonly driver: Driver | null }) {
  return {
    name: driver?.name ?? null,
    version: driver?.version ?? null,
    platform: driver?.platform ?? null,
    ...counts(row),
  };
}

/** MongoClients that watch each node, over all sources. */
export function* clientsByNode(tallies: readonly Tally[]): Chunked<ReadonlyMap<string, Clients>> {
  const nodes = new Map<string, Clients>();
  let index = 0;
  for (const { hosts } of tallies) {
    for (const { watchers } of hosts.values()) {
      if (isChunkEnd(index++, CHUNK)) yield;
      for (const [node, here] of clientsHere(watchers))
        nodes.set(node, togetherOf([nodes.get(node) ?? { clients: 0 }, here]));
    }
  }
  return nodes;
}

/** Most connections first, ties by name. */
export function ranked<T extends Counts>(rows: readonly T[], name: (row: T) => string): readonly T[] {
  return rows.toSorted((a, b) => sizeOf(b) - sizeOf(a) || compareText(name(a), name(b)));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

// Counts by app, address, driver and node for the drill-down. There may be tens of thousands, so they use little
// memory.

interface AddressCount {
  active: number;
  dormant: number;
  monitors: number;
}

type Alike = Pick<CombinationRow, 'app' | 'driver' | 'node'>;

/**
 * Nested, so that each address is stored as one shared string.
 * @internal
 */
export type Combinations = Map<string, { readonly alike: Alike; readonly byAddress: Map<string, AddressCount> }>;

/**
 * The row to count in; a new one is created.
 * @internal
 */
export function combinationOf(combinations: Combinations, alike: Alike, address: string): AddressCount {
  const key = JSON.stringify([alike.app, alike.driver, alike.node]);
  const known = combinations.get(key) ?? { alike, byAddress: new Map<string, AddressCount>() };
  combinations.set(key, known);
  const count = known.byAddress.get(address) ?? { active: 0, dormant: 0, monitors: 0 };
  known.byAddress.set(address, count);
  return count;
}

/** Of one source. A drill-down shows them in pages. */
const MOST = 1_000;

/**
 * Most connections first, ties by address, app, node and driver.
 * @internal
 */
export function largestCombinations(combinations: Combinations, most = MOST): ConnectionSource['combinations'] {
  let largest: CombinationRow[] = [];
  let all = 0;
  let least = 0;
  const cut = () => {
    largest = largest.sort(compare).slice(0, most);
    least = largest.length < most ? 0 : sizeOf(largest[most - 1] ?? NOTHING);
  };
  for (const { alike, byAddress } of combinations.values()) {
    all += byAddress.size;
    for (const [address, count] of byAddress) {
      // Of many, most comparisons end here, without an allocation.
      if (sizeOf(count) < least) continue;
      largest.push({ ...alike, address, ...count });
      if (largest.length >= 2 * most) cut();
    }
  }
  cut();
  return { largest, more: all - largest.length };
}

const NOTHING: Counts = { active: 0, dormant: 0, monitors: 0 };

function compare(a: CombinationRow, b: CombinationRow): number {
  return sizeOf(b) - sizeOf(a) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf({ app, address, node, driver }: CombinationRow): string {
  return `${address} ${app} ${node} ${driver}`;
}
