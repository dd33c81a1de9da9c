// The number of MongoClients at an address.
//
// A streaming client has one heartbeat and at most one RTT socket on every node, and pools on some nodes. So the number
// of clients is the highest number of heartbeats on a node. If there are more sockets than these clients explain, it is
// a lower bound.

import { count, sum } from '../base/format.ts';
import type { Driver } from './reading.ts';

export interface Clients {
  /** MongoClients by their streaming heartbeats; null when no driver sends them. */
  readonly clients: number | null;
  /** Left out when the number is exact. */
  readonly clientsAtLeast?: true;
}

/** `5`, `≥ 5`, or `?` for unknown. */
export function clientsShown({ clients, clientsAtLeast }: Clients): string {
  return clients === null ? '?' : `${clientsAtLeast === true ? '≥ ' : ''}${count(clients)}`;
}

/** `5 clients`, `≥ 5 clients`, or a phrase for an unknown number. */
export function clientsInWords(clients: Clients): string {
  return clients.clients === null
    ? 'clients unknown'
    : `${clientsShown(clients)} client${clients.clients === 1 && clients.clientsAtLeast !== true ? '' : 's'}`;
}

/** The sockets of one client library of an address on one node. */
interface Sockets {
  readonly library: string;
  readonly node: string;
  heartbeats: number;
  /** RTT sockets, polling monitors and unauthenticated sockets. */
  monitors: number;
  pooled: number;
}

/** The sockets of an address. */
export type Watchers = Map<string, Sockets>;

export type SocketKind = 'heartbeats' | 'monitors' | 'pooled';

export function watch(
  watchers: Watchers,
  seen: { readonly driver: Driver | null; readonly node: string; readonly kind: SocketKind; readonly many: number },
): void {
  const { driver, node, kind, many } = seen;
  // Wrapping libraries change the driver's name between the sockets of one client, not its version and platform.
  const library = driver === null ? '' : `${driver.version}\n${driver.platform}`;
  const key = `${library}\n${node}`;
  const known = watchers.get(key) ?? { library, node, heartbeats: 0, monitors: 0, pooled: 0 };
  known[kind] += many;
  watchers.set(key, known);
}

/** If one of this many clients starts or stops between the readings of two nodes, the number stays exact. */
const SETTLED = 20;

/** @param nodes the nodes that were read and are not hidden, because clients do not watch hidden members */
export function clientsOf(watchers: Watchers, nodes: readonly string[]): Clients {
  return clientsOfRows([...watchers.values()], nodes);
}

/** The clients that watch each node. */
export function clientsHere(watchers: Watchers): readonly (readonly [string, Clients])[] {
  const nodes = Map.groupBy(watchers.values(), ({ node }) => node);
  return [...nodes].map(([node, rows]) => [node, clientsOfRows(rows, [node])]);
}

function clientsOfRows(rows: readonly Sockets[], nodes: readonly string[]): Clients {
  const clients = Math.max(...byNode(rows).map(({ heartbeats }) => heartbeats));
  if (clients === 0) return { clients: null };
  const libraries = Map.groupBy(rows, ({ library }) => library);
  // Old drivers send no metadata with the heartbeat, so it may belong to any library. A pooled socket without metadata
  // has not finished its handshake.
  const isNameless = libraries.get('')?.some(({ heartbeats }) => heartbeats > 0) ?? false;
  libraries.delete('');
  const apart = isNameless ? [rows] : [...libraries.values()];
  const more = sum(apart, (library) => mostOf(byNode(library), nodes)) - clients;
  return more > Math.floor(clients / SETTLED) ? { clients, clientsAtLeast: true } : { clients };
}

/** The sum of several numbers; null when all are unknown. */
export function togetherOf(parts: readonly Clients[]): Clients {
  const known = parts.filter(({ clients }) => clients !== null);
  const clients = sum(known, (part) => part.clients ?? 0);
  if (clients === 0 && known.length < parts.length) return { clients: null };
  const isExact = known.length === parts.length && known.every(({ clientsAtLeast }) => clientsAtLeast !== true);
  return isExact ? { clients } : { clients, clientsAtLeast: true };
}

type OnNode = Omit<Sockets, 'library'>;

/** The number of clients of one library if each watches as few nodes as possible. */
function mostOf(rows: readonly OnNode[], nodes: readonly string[]): number {
  const watched = nodes.map((node) => rows.find((row) => row.node === node)?.heartbeats ?? 0);
  const everywhere = watched.length === 0 ? 0 : Math.min(...watched);
  const direct = sum(rows, ({ node, heartbeats }) => (nodes.includes(node) ? heartbeats - everywhere : heartbeats));
  return everywhere + direct + Math.max(...rows.map(pollingOf));
}

/**
 * Sockets that the streaming clients do not explain: monitors that are not RTT sockets, and pools without a heartbeat.
 */
function pollingOf({ heartbeats, monitors, pooled }: OnNode): number {
  if (monitors > heartbeats) return monitors - heartbeats;
  return heartbeats === 0 && pooled > 0 ? 1 : 0;
}

function byNode(rows: readonly Sockets[]): readonly OnNode[] {
  const nodes = new Map<string, OnNode>();
  for (const { node, heartbeats, monitors, pooled } of rows) {
    const known = nodes.get(node) ?? { node, heartbeats: 0, monitors: 0, pooled: 0 };
    known.heartbeats += heartbeats;
    known.monitors += monitors;
    known.pooled += pooled;
    nodes.set(node, known);
  }
  return [...nodes.values()];
}
