// A replica set of stand-in nodes: one name, one set of users, elections on demand.

import { type Node, type NodeOptions, startNode } from './node.ts';
import type { NodeRole, SetView } from './topology.ts';
import { createAccounts, type User } from './user.ts';

interface MemberOptions extends Omit<NodeOptions, 'users' | 'accounts' | 'set' | 'version' | 'now' | 'role'> {
  readonly role: Exclude<NodeRole, 'mongos' | 'standalone'>;
}

export interface ReplicaSetOptions extends Pick<NodeOptions, 'version' | 'now'> {
  readonly setName: string;
  readonly members: readonly MemberOptions[];
  readonly users?: readonly User[];
}

export interface ReplicaSet {
  readonly setName: string;
  readonly nodes: readonly Node[];
  /** The member at this place; throws where there is none. */
  node(index: number): Node;
  /** Every host but the hidden ones, without credentials. */
  readonly uri: string;
  primary(): Node | null;
  /** The primary becomes a secondary and nobody is elected yet. */
  stepDown(): void;
  /** The member at this place wins an election. */
  elect(index: number): void;
  close(): Promise<void>;
}

export async function startReplicaSet(options: ReplicaSetOptions): Promise<ReplicaSet> {
  const accounts = options.users === undefined ? undefined : createAccounts(options.users);
  const nodes: Node[] = [];
  const election = { term: 5 };
  const withRole = (...roles: readonly NodeRole[]) => nodes.filter((node) => roles.includes(node.role()));
  const set = (): SetView => ({
    setName: options.setName,
    term: election.term,
    hosts: withRole('primary', 'secondary').map((node) => node.host),
    arbiters: withRole('arbiter').map((node) => node.host),
    primary: withRole('primary')[0]?.host ?? null,
  });
  for (const { role, ...member } of options.members) {
    // An arbiter holds no data, so it knows no users: nobody can log in to it.
    const known = accounts !== undefined && role === 'arbiter' ? new Map() : accounts;
    nodes.push(
      await startNode({
        ...member,
        role,
        set,
        ...(options.version === undefined ? {} : { version: options.version }),
        ...(options.now === undefined ? {} : { now: options.now }),
        ...(known === undefined ? {} : { accounts: known }),
      }),
    );
  }
  const view = set();
  return {
    setName: options.setName,
    nodes,
    node: (index) => nodeAt(nodes, index),
    uri: `mongodb://${[...view.hosts, ...view.arbiters].join(',')}/?replicaSet=${options.setName}`,
    primary: () => withRole('primary')[0] ?? null,
    stepDown: () => stepDown(nodes),
    elect: (index) => {
      const winner = nodeAt(nodes, index);
      stepDown(nodes);
      election.term += 1;
      winner.setRole('primary');
      for (const node of nodes) if (node !== winner) node.topologyChanged();
    },
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

function stepDown(nodes: readonly Node[]): void {
  const stepping = nodes.find((node) => node.role() === 'primary');
  stepping?.setRole('secondary');
  for (const node of nodes) if (node !== stepping) node.topologyChanged();
}

function nodeAt(nodes: readonly Node[], index: number): Node {
  const node = nodes[index];
  if (node === undefined) throw new Error(`the set has no member ${index}`);
  return node;
}
