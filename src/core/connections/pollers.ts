// Unauthenticated sockets over all nodes. A polling client has one on every node, so sockets that all nodes share are
// monitors. No client that watches the whole cluster explains the rest.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import type { Insiders, InternalSource } from './internal.ts';
import type { ConnectionGroup } from './reading.ts';

export interface Pollers {
  /**
   * The number of polling monitors of this kind on every node; null when it is unknown. It is known when a user
   * authenticated from the address, or when no server reports the users of idle connections.
   */
  of(group: ConnectionGroup): number | null;
}

const CHUNK = 500;

/**
 * The sockets of one client library at one address. App and driver name do not count: wrapping libraries change them
 * between the sockets of one client (tap1r/mongodb-scripts).
 */
export function clientKey({ client, driver }: ConnectionGroup, { clientOf }: Insiders): string {
  return `${clientOf(client).text}\n${driver?.version ?? ''}\n${driver?.platform ?? ''}`;
}

export function* pollersOf(nodes: readonly InternalSource[], insiders: Insiders): Chunked<Pollers> {
  const { clientOf } = insiders;
  const signedIn = new Set<string>();
  for (const { groups } of nodes) {
    for (const [index, group] of groups.entries()) {
      if (isChunkEnd(index, CHUNK)) yield;
      if (group.user !== null) signedIn.add(clientOf(group.client).text);
    }
  }
  // Clients do not watch a hidden member, and a node at its limit lets in no monitor of a new client.
  const withUsers = nodes.filter((node) => node.idleUsersTold && node.hidden !== true && !isAtLimit(node));
  const least = new Map<string, number>();
  for (const [at, node] of withUsers.entries()) {
    const here = new Map<string, number>();
    for (const [index, group] of node.groups.entries()) {
      if (isChunkEnd(index, CHUNK)) yield;
      const { activity, user, app, driver, count } = group;
      if (user !== null || activity === 'operation' || (app === null && driver === null)) continue;
      if (signedIn.has(clientOf(group.client).text) || insiders.kindOf(group, node) !== null) continue;
      const key = clientKey(group, insiders);
      // Each heartbeat has an RTT socket.
      here.set(key, (here.get(key) ?? 0) + (activity === 'heartbeat' ? -count : count));
    }
    if (at === 0) for (const [key, sockets] of here) least.set(key, Math.max(0, sockets));
    for (const [key, before] of least) least.set(key, Math.min(before, Math.max(0, here.get(key) ?? 0)));
  }
  return {
    of: (group) =>
      withUsers.length === 0 || signedIn.has(clientOf(group.client).text)
        ? null
        : (least.get(clientKey(group, insiders)) ?? 0),
  };
}

/** Connections come and go while a node is full, so a few may be free at the moment of the reading. */
function isAtLimit({ available, limit }: InternalSource): boolean {
  return typeof available === 'number' && typeof limit === 'number' && available < limit / 100;
}
