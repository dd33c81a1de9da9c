// What the tests on a real mongod share: the set, clients from chosen addresses, and a look at what was read.

import { MongoClient, type MongoClientOptions } from 'mongodb';
import type { ClusterReading, ConnectionGroup, NodeRead } from '../../src/core/connections/reading.ts';
import { findMongod } from '../sandbox/mongod/binary.ts';
import { type ReplicaSet, type ReplicaSetOptions, startReplicaSet } from '../sandbox/mongod/replica-set.ts';

export const now = () => new Date();
export const patience = () => AbortSignal.timeout(60_000);

/** The set, or why there is none. */
export async function realSet(shape: Omit<ReplicaSetOptions, 'mongod'>): Promise<ReplicaSet | { reason: string }> {
  const mongod = await findMongod();
  if ('reason' in mongod) return mongod;
  console.log(`mongod ${mongod.version} from ${mongod.from}`);
  return startReplicaSet({ mongod, ...shape });
}

/** A driver of somebody else, connected; it heartbeats often so that its RTT socket comes soon. */
export async function somebody(uri: string, options: MongoClientOptions): Promise<MongoClient> {
  const client = new MongoClient(uri, { heartbeatFrequencyMS: 500, ...options });
  await client.connect();
  return client;
}

export function nodesRead(reading: ClusterReading): readonly NodeRead[] {
  return reading.nodes.filter((node): node is NodeRead => node.kind === 'read');
}

export function nodeOf(reading: ClusterReading, host: string): NodeRead {
  const node = nodesRead(reading).find((one) => one.host === host);
  if (node === undefined) throw new Error(`${host} was not read: ${JSON.stringify(reading.nodes)}`);
  return node;
}

/** How many connections of a node look like this. */
export function countOf(node: NodeRead, look: Partial<ConnectionGroup>): number {
  return node.groups
    .filter((group) => Object.entries(look).every(([field, value]) => group[field as keyof ConnectionGroup] === value))
    .reduce((sum, group) => sum + group.count, 0);
}

export function sorted(groups: readonly ConnectionGroup[]): readonly ConnectionGroup[] {
  return [...groups].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
