// A stand-in for one mongod or mongos: real drivers connect to it, and a test says who else is connected.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ObjectId } from 'bson';
import { createCursors } from './cursor.ts';
import { servePeer } from './peer.ts';
import { NOBODY } from './population.ts';
import type { ConnectionCounts } from './server-status.ts';
import { countConnections, type NodeState, type Received, type Tier } from './state.ts';
import { createTopology, type NodeRole, type SetView } from './topology.ts';
import { createTrouble, type Trouble } from './trouble.ts';
import { type Account, createAccounts, type User } from './user.ts';
import type { ServerVersion } from './version.ts';

export interface NodeOptions {
  /** 0: any free one. */
  readonly port?: number;
  /** `host:port` as it is told in `hello`, where it is not where it listens. */
  readonly name?: string;
  /** `host:port` as the process names itself in documents; default: as `hello` tells. */
  readonly processName?: string;
  readonly version?: ServerVersion;
  readonly role?: NodeRole;
  readonly tier?: Tier;
  /** How many connections it takes. */
  readonly limit?: number;
  /** Without users authentication is off. */
  readonly users?: readonly User[];
  /** Instead of `users`, where members of a set share them. */
  readonly accounts?: ReadonlyMap<string, Account>;
  readonly set?: () => SetView;
  /** Addresses of other members: their internal connections are listed. */
  readonly members?: readonly string[];
  /** Address of Atlas's agents: their connections are listed. */
  readonly agents?: string;
  readonly population?: NodeState['population'];
  readonly now?: () => Date;
}

export interface Node {
  readonly port: number;
  /** As `hello` tells: `127.0.0.1:port`, or its name. */
  readonly host: string;
  /** For this node alone, without credentials. */
  readonly uri: string;
  readonly trouble: Trouble;
  role(): NodeRole;
  /** Streaming hellos are answered at once. */
  setRole(role: NodeRole): void;
  /** Something around the node changed (an election elsewhere): streaming hellos are answered at once. */
  topologyChanged(): void;
  populate(population: NodeState['population']): void;
  setLimit(limit: number): void;
  /** The limit becomes what is open now: new connections are closed, existing ones go on. */
  fill(): void;
  /** So many were turned away since the start, `rateLimited` of them for coming too fast. */
  setRejected(counts: { readonly rejected?: number; readonly rateLimited?: number }): void;
  counts(): ConnectionCounts;
  /** Real connections that are open. */
  open(): number;
  /** Cursors that wait for a getMore. */
  openCursors(): number;
  received(): readonly Received[];
  bytesSent(): number;
  /** Closes every real connection; new ones are welcome. */
  disconnect(): void;
  /** Stops listening and closes what is open: connections are refused. */
  refuse(): Promise<void>;
  /** Listens again on the same port. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; the caller closes it. */
export async function startNode(options: NodeOptions = {}): Promise<Node> {
  const address = { port: options.port ?? 0 };
  const state = createState(options, () => options.name ?? `127.0.0.1:${address.port}`);
  const server = createServer((socket) => {
    const { current, limit } = countConnections(state, state.now());
    if (current < limit) return servePeer(state, socket);
    state.rejected += 1;
    socket.on('error', () => undefined).destroy();
  });
  await listenOn(server, address.port);
  address.port = (server.address() as AddressInfo).port;
  return { ...controls(state), ...listening(state, server, address.port) };
}

function createState(options: NodeOptions, here: () => string): NodeState {
  const accounts = options.accounts ?? (options.users === undefined ? null : createAccounts(options.users));
  return {
    version: options.version ?? '8.0',
    tier: options.tier ?? 'dedicated',
    topology: createTopology(options.role ?? 'standalone', new ObjectId().toHexString()),
    set: options.set ?? (() => null),
    me: here,
    processName: () => options.processName ?? here(),
    accounts,
    cursors: createCursors(),
    trouble: createTrouble(),
    peers: new Set(),
    members: options.members ?? [],
    agents: options.agents,
    now: options.now ?? (() => new Date()),
    population: options.population ?? (() => NOBODY),
    limit: options.limit ?? 3000,
    created: 0,
    rejected: 0,
    rateLimited: 0,
    lastOpid: 0,
    bytesSent: 0,
    received: [],
  };
}

function controls(state: NodeState) {
  return {
    trouble: state.trouble,
    role: state.topology.role,
    setRole: state.topology.setRole,
    topologyChanged: state.topology.changed,
    populate: (population: NodeState['population']) => {
      state.population = population;
    },
    setLimit: (limit: number) => {
      state.limit = limit;
    },
    fill: () => {
      state.limit = countConnections(state, state.now()).current;
    },
    setRejected: (counts: { readonly rejected?: number; readonly rateLimited?: number }) => {
      state.rejected = counts.rejected ?? state.rejected;
      state.rateLimited = counts.rateLimited ?? state.rateLimited;
    },
    counts: () => countConnections(state, state.now()),
    open: () => state.peers.size,
    openCursors: () => state.cursors.count(),
    received: () => state.received,
    bytesSent: () => state.bytesSent,
    disconnect: () => disconnect(state),
  };
}

function listening(state: NodeState, server: Server, port: number) {
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    disconnect(state);
    await closed;
  };
  return {
    port,
    host: state.me(),
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    refuse,
    listen: () => listenOn(server, port),
    close: refuse,
  };
}

function disconnect(state: NodeState): void {
  for (const peer of state.peers) peer.socket.destroy();
}

async function listenOn(server: Server, port: number): Promise<void> {
  if (server.listening) return;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
