// What a node knows while it runs: shared by its connections and its commands.

import type { Socket } from 'node:net';
import type { Document } from 'bson';
import { internalConnections, threads } from './background.ts';
import type { Cursors } from './cursor.ts';
import { activeConnection, type Incoming, idleConnection, type Shape, sessionId } from './document.ts';
import type { Population } from './population.ts';
import type { Conversation } from './scram.ts';
import type { ConnectionCounts } from './server-status.ts';
import type { SetView, Topology } from './topology.ts';
import type { TroubleState } from './trouble.ts';
import type { Account } from './user.ts';
import type { ServerVersion } from './version.ts';

export type Tier = 'dedicated' | 'M0' | 'FLEX';

/** A command that arrived, in order, for tests that prove what was asked and what was not. */
export interface Received {
  readonly name: string;
  readonly command: Document;
  readonly connectionId: number;
  readonly appName: string | null;
}

/** A real connection. */
export interface Peer {
  readonly id: number;
  readonly socket: Socket;
  readonly client: string;
  /** Aborted when the socket closes. */
  readonly gone: AbortSignal;
  metadata: Document | null;
  account: Account | null;
  conversation: Conversation | null;
  op: { readonly opid: number; readonly startedAt: Date; readonly command: Document } | null;
}

export interface NodeState {
  readonly version: ServerVersion;
  readonly tier: Tier;
  readonly topology: Topology;
  readonly set: () => SetView | null;
  readonly me: () => string;
  /** `host:port` as the process names itself. */
  readonly processName: () => string;
  /** Null: authentication is off. */
  readonly accounts: ReadonlyMap<string, Account> | null;
  readonly cursors: Cursors;
  readonly trouble: TroubleState;
  readonly peers: Set<Peer>;
  readonly members: readonly string[];
  readonly agents: string | undefined;
  readonly now: () => Date;
  /** `room` is how many of them fit beside the others. */
  population: (at: Date, room: number) => Population;
  limit: number;
  created: number;
  rejected: number;
  rateLimited: number;
  lastOpid: number;
  bytesSent: number;
  readonly received: Received[];
}

function shapeOf(state: NodeState, at: Date): Shape {
  return { version: state.version, host: state.processName(), at };
}

function background(state: NodeState) {
  const role = state.topology.role();
  const shown = role === 'hidden' ? 'secondary' : role;
  return {
    role: shown === 'primary' || shown === 'secondary' ? shown : ('other' as const),
    processId: state.topology.processId,
    counter: state.topology.counter(),
    members: state.members,
    ...(state.agents === undefined ? {} : { agents: state.agents }),
  };
}

/** Every document of the node at this moment: threads, members, real connections, scripted ones. */
export function allDocuments(state: NodeState, at: Date): readonly Document[] {
  const shape = shapeOf(state, at);
  const internal = internalConnections(shape, background(state));
  const real = [...state.peers].map((peer) => realDocument(shape, peer));
  const population = state.population(at, roomFor(state, internal.length));
  const scripted = population.documents(shape);
  const sessions = population.idleSessions?.(shape) ?? [];
  return threads(shape, background(state)).concat(internal, real, scripted, sessions);
}

/** How many scripted connections fit beside the others. */
function roomFor(state: NodeState, internal: number): number {
  return Math.max(0, state.limit - internal - state.peers.size);
}

export function countConnections(state: NodeState, at: Date): ConnectionCounts {
  const internal = internalConnections(shapeOf(state, at), background(state));
  const population = state.population(at, roomFor(state, internal.length));
  const busy = [...state.peers].filter((peer) => peer.op !== null);
  const internalActive = internal.filter((document) => document['active'] === true);
  return {
    current: internal.length + state.peers.size + population.connections,
    limit: state.limit,
    totalCreated: internal.length + state.created + population.totalCreated,
    active: internalActive.length + busy.length + population.active,
    exhaustHello:
      population.heartbeats + busy.filter((peer) => peer.op?.command['topologyVersion'] !== undefined).length,
    exhaustIsMaster: internalActive.filter((document) => document['command'].isMaster === 1).length,
    rejected: state.rejected + population.refused,
    rateLimited: state.rateLimited,
  };
}

function realDocument(shape: Shape, peer: Peer): Document {
  const incoming: Incoming = {
    connectionId: peer.id,
    client: peer.client,
    metadata: peer.metadata,
    user: peer.account === null ? null : { user: peer.account.user, db: 'admin' },
  };
  if (peer.op === null) return idleConnection(shape, incoming);
  const { opid, command, startedAt } = peer.op;
  return activeConnection(shape, incoming, {
    opid,
    op: 'command',
    ns: command['aggregate'] === undefined ? `${command['$db']}.$cmd` : `${command['$db']}.$cmd.aggregate`,
    command,
    microsecs: Math.max(0, shape.at.getTime() - startedAt.getTime()) * 1000,
    ...(command['lsid'] === undefined ? {} : { lsid: { ...sessionId(peer.id), id: command['lsid'].id } }),
    ...(command['topologyVersion'] === undefined ? {} : { latch: 'AnonymousLockable' }),
  });
}
