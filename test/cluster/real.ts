// What the tests on a real mongod share: the set, clients from chosen addresses, and a look at what was read.

import { MongoClient, type MongoClientOptions } from 'mongodb';
import { afterAll, beforeAll, beforeEach } from 'vitest';
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

/** One set for all tests of a file, which are skipped without it. The closers run at the end, the last one first. */
export function useRealSet(shape: Omit<ReplicaSetOptions, 'mongod'>): {
  readonly real: () => ReplicaSet;
  readonly closers: (() => Promise<unknown>)[];
} {
  let set: ReplicaSet | { reason: string };
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    set = await realSet(shape);
    if ('hosts' in set) closers.push(set.close);
  });
  beforeEach((context) => {
    if ('reason' in set) context.skip(set.reason);
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  const real = () => {
    if ('reason' in set) throw new Error(set.reason);
    return set;
  };
  return { real, closers };
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
