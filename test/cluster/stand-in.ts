// What the tests on stand-in nodes share: opening what the test's end closes, and looking at what was read.

import { onTestFinished } from 'vitest';
import { type ClusterOptions, openCluster } from '../../src/cluster/cluster.ts';
import type { ClusterReading, NodeUnread } from '../../src/core/connections/reading.ts';
import type { OpenCluster } from '../../src/core/ports/clusters.ts';
import { type Node, type NodeOptions, startNode } from '../sandbox/nodes/node.ts';
import { type ReplicaSet, type ReplicaSetOptions, startReplicaSet } from '../sandbox/nodes/replica-set.ts';

export const PASSWORD = 's3cret+of/watcher';
export const USERS = [
  { user: 'watcher', password: PASSWORD, roles: ['clusterMonitor'] },
  { user: "o'brien", password: PASSWORD, roles: ['readWriteAnyDatabase'] },
];

/** Ends what hangs; no test waits for it. */
export const patience = () => AbortSignal.timeout(60_000);

export async function standInNode(options: NodeOptions = {}): Promise<Node> {
  const node = await startNode({ users: USERS, ...options });
  onTestFinished(node.close);
  return node;
}

/** Without `login` authentication is off. */
export async function standInSet(
  options: Omit<ReplicaSetOptions, 'setName'>,
  { login }: { readonly login: boolean } = { login: true },
): Promise<ReplicaSet> {
  const set = await startReplicaSet({ setName: 'rs0', ...(login ? { users: USERS } : {}), ...options });
  onTestFinished(set.close);
  return set;
}

/** With the user put into the connection string; null: nobody logs in. */
export function as(user: string | null, uri: string, password = PASSWORD): string {
  if (user === null) return uri;
  return uri.replace('://', `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}

/** The reader, as the product opens it. */
export function watch(uri: string, more: Partial<ClusterOptions> = {}): OpenCluster {
  const cluster = openCluster({ name: 'prod', uri, now: () => new Date(), ...more });
  onTestFinished(cluster.close);
  return cluster;
}

export function read(cluster: OpenCluster): Promise<ClusterReading> {
  return cluster.read({ signal: patience() });
}

/** Role of a node that was read, the problem's code of one that was not. */
export function outcomes({ nodes }: ClusterReading): Readonly<Record<string, string>> {
  return Object.fromEntries(nodes.map((node) => [node.host, node.kind === 'unread' ? node.problem.code : node.role]));
}

/** The problem of the only node. */
export function onlyProblem({ nodes }: ClusterReading): NodeUnread['problem'] {
  const [node] = nodes;
  if (nodes.length !== 1 || node?.kind !== 'unread')
    throw new Error(`expected one unread node: ${JSON.stringify(nodes)}`);
  return node.problem;
}
