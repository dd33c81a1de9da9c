// Sockets on which nobody signed in, judged over all nodes: a client that polls has one on every node, so what all nodes
// have alike are monitors. What one node has more than another is explained by no client that watches the whole cluster.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import type { Insiders, InternalSource } from './internal.ts';
import type { ConnectionGroup } from './reading.ts';

export interface Pollers {
  /**
   * How many polling monitors like this one there are on every node; null where that cannot be judged: somebody signed
   * in from the address, so that these are monitors of who did, or no server tells the users of idle connections.
   */
  of(group: ConnectionGroup): number | null;
}

/** So many groups make a step. */
const TURNS = 500;

/**
 * The sockets of one client library at one address. Neither app nor driver name belongs to that: wrapping libraries
 * change them between the sockets of one client (tap1r/mongodb-scripts).
 */
export function clientKey({ client, driver }: ConnectionGroup, { clientOf }: Insiders): string {
  return `${clientOf(client).text}\n${driver?.version ?? ''}\n${driver?.platform ?? ''}`;
}

export function* pollersOf(nodes: readonly InternalSource[], insiders: Insiders): Chunked<Pollers> {
  const { clientOf } = insiders;
  const signedIn = new Set<string>();
  for (const { groups } of nodes) {
    for (const [index, group] of groups.entries()) {
      if (isChunkEnd(index, TURNS)) yield;
      if (group.user !== null) signedIn.add(clientOf(group.client).text);
    }
  }
  // Clients do not know of a hidden member, so they do not watch it.
  const told = nodes.filter(({ idleUsersTold, hidden }) => idleUsersTold && hidden !== true);
  const least = new Map<string, number>();
  for (const [at, node] of told.entries()) {
    const here = new Map<string, number>();
    for (const [index, group] of node.groups.entries()) {
      if (isChunkEnd(index, TURNS)) yield;
      const { activity, user, app, driver, count } = group;
      if (user !== null || activity === 'operation' || (app === null && driver === null)) continue;
      if (signedIn.has(clientOf(group.client).text) || insiders.kindOf(group, node) !== null) continue;
      const key = clientKey(group, insiders);
      // Beside each heartbeat there is an RTT socket, which explains itself.
      here.set(key, (here.get(key) ?? 0) + (activity === 'heartbeat' ? -count : count));
    }
    if (at === 0) for (const [key, sockets] of here) least.set(key, Math.max(0, sockets));
    for (const [key, before] of least) least.set(key, Math.min(before, Math.max(0, here.get(key) ?? 0)));
  }
  return {
    of: (group) =>
      told.length === 0 || signedIn.has(clientOf(group.client).text)
        ? null
        : (least.get(clientKey(group, insiders)) ?? 0),
  };
}
