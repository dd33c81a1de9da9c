// The documents of one source on one node: pools, heartbeats and idle monitors of each of its clients.

import type { Document } from 'bson';
import {
  activeConnection,
  heartbeat,
  type Incoming,
  idleConnection,
  type Shape,
  sessionId,
} from '../nodes/document.ts';
import { chanceAt } from './chance.ts';
import type { Source, Standing } from './source.ts';

export interface Placed {
  readonly source: Source;
  readonly standing: Standing;
  /** How many of its connections the node has let in. */
  readonly open: number;
  readonly addresses: readonly string[];
  readonly seed: number;
}

const OS = { name: 'linux', architecture: 'x64', version: '6.1.0-27-amd64', type: 'Linux' };
const FIND = {
  ns: 'shop.orders',
  command: { find: 'orders', filter: { card: 'secret-4111-1111' }, comment: 'card 4111' },
};

/** In a stable order: what a full node does not let in are the last ones, which are dormant. */
export function connectionsOf(placed: Placed, shape: Shape, topology: Document): readonly Document[] {
  const { source, standing, open, seed } = placed;
  const { clients, pooled, active } = standing;
  const metadata = metadataOf(source);
  const user = source.user === null ? null : { user: source.user, db: 'admin' };
  const documents: Document[] = [];
  // Clients share hosts in turn: the port alone tells their connections apart.
  const incoming = (client: number): Incoming & { readonly n: number } => {
    const n = documents.length;
    const address = placed.addresses[client % placed.addresses.length] ?? '0.0.0.0';
    const port = 20_000 + ((seed + n) % 40_000);
    return { n, connectionId: 20_000 + (seed % 1_000_000) + n, client: `${address}:${port}`, metadata, user };
  };
  for (let i = 0; i < active && clients > 0; i += 1) {
    const each = incoming(i % clients);
    documents.push(activeConnection(shape, each, operationOf(source, each.connectionId, chanceAt(seed, i))));
  }
  for (let client = 0; client < clients * standing.heartbeats; client += 1) {
    const { n, ...each } = incoming(client);
    const microsecs = Math.floor(chanceAt(seed, n) * 10e6);
    documents.push(heartbeat(shape, each, { opid: 100_000 + n, microsecs, topologyVersion: topology }));
  }
  for (let client = 0; client < clients * standing.idleMonitors; client += 1) {
    documents.push(idleConnection(shape, { ...incoming(client), user: null }));
  }
  for (let i = active; i < pooled && clients > 0; i += 1) {
    documents.push(idleConnection(shape, incoming(i % clients)));
  }
  return documents.slice(0, open);
}

function metadataOf({ app, driver }: Source): Document {
  return {
    ...(app === null ? {} : { application: { name: app } }),
    driver: { name: driver.name, version: driver.version },
    ...(driver.platform === undefined ? {} : { platform: driver.platform }),
    os: OS,
    ...(driver.env === undefined ? {} : { env: driver.env }),
  };
}

function operationOf(source: Source, connectionId: number, luck: number) {
  const { ns, command } = source.operation ?? FIND;
  const lsid = sessionId(connectionId);
  return {
    opid: 200_000 + connectionId,
    op: 'query',
    ns,
    command: { ...command, lsid: { id: lsid['id'] }, $db: ns.split('.')[0] },
    lsid,
    microsecs: Math.floor(luck ** 4 * 30e6),
    planSummary: 'COLLSCAN',
    latch: 'AnonymousLatch',
  };
}
