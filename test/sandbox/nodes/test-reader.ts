// Nodes and real driver clients for one test, closed when it ends.

import { type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { expect, onTestFinished } from 'vitest';
import { idleConnection } from './document.ts';
import { type Node, type NodeOptions, startNode } from './node.ts';
import { fixedPopulation, type Population } from './population.ts';

export const USERS = [
  { user: 'watcher', password: 'p=a,s s', roles: ['clusterMonitor'] },
  { user: 'app', password: 'other', roles: ['readWrite'] },
];
const WATCHER = { username: 'watcher', password: 'p=a,s s' };
export const ALL = { $currentOp: { allUsers: true, idleConnections: true, idleSessions: false } };

export async function node(options: NodeOptions = {}): Promise<Node> {
  const started = await startNode({ users: USERS, ...options });
  onTestFinished(started.close);
  return started;
}

/** As the product reads: one polling monitor, one pooled connection, `watcher` with clusterMonitor. */
export function client(uri: string, options: MongoClientOptions = {}): MongoClient {
  const made = new MongoClient(uri, {
    appName: 'atlas-conns',
    maxPoolSize: 1,
    serverMonitoringMode: 'poll',
    serverSelectionTimeoutMS: 10_000,
    auth: WATCHER,
    ...options,
  });
  onTestFinished(() => made.close());
  return made;
}

export function currentOp(
  from: MongoClient,
  stages: readonly Document[] = [],
  batchSize?: number,
): Promise<Document[]> {
  const options = batchSize === undefined ? {} : { batchSize };
  return from
    .db('admin')
    .aggregate([ALL, ...stages], options)
    .toArray();
}

/** As many dormant connections as asked for, from two addresses in turn. */
export function crowd(count: number): Population {
  return fixedPopulation((shape) =>
    Array.from({ length: count }, (_, i) =>
      idleConnection(shape, {
        connectionId: 100 + i,
        client: i % 2 === 0 ? `203.0.113.9:${20_000 + i}` : `[2001:db8:40::7]:${20_000 + i}`,
        metadata: { application: { name: 'billing' }, driver: { name: 'nodejs', version: '7.8.0' } },
        user: { user: 'app', db: 'admin' },
      }),
    ),
  );
}

/** What a promise rejects with; a promise that holds fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) expect.unreachable('it should have been refused');
  return 'error' in outcome ? outcome.error : undefined;
}
