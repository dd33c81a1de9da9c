// Classifies connections: own, internal, monitor, active or dormant. The order of the checks matters.
// Facts: drivers never authenticate monitor sockets (specifications, server-monitoring.md).

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { type Insiders, type InternalSource, type IsAtlas, insidersOf } from './internal.ts';
import { clientKey, type Pollers, pollersOf } from './pollers.ts';
import type { ConnectionGroup } from './reading.ts';

type Kind = 'own' | 'internal' | 'monitor' | 'active' | 'dormant';

/** Connections of one group and one kind. */
export interface Classified {
  readonly group: ConnectionGroup;
  readonly kind: Kind;
  readonly count: number;
  /** True when the server does not distinguish monitors from pooled connections. The kind is then an estimate. */
  readonly estimated: boolean;
  /** True when the connection has no user and is not a monitor. */
  readonly unauthenticated: boolean;
}

/** Facts from all nodes of a reading about each node's connections. */
export interface AccessContext {
  readonly insiders: Insiders;
  readonly pollers: Pollers;
}

export function* accessContext(nodes: readonly InternalSource[], isAtlas: IsAtlas): Chunked<AccessContext> {
  const insiders = yield* insidersOf(nodes, isAtlas);
  return { insiders, pollers: yield* pollersOf(nodes, insiders) };
}

/** Null when only all connections of the address together can decide. */
function certainKind(group: ConnectionGroup, node: InternalSource, context: AccessContext): Kind | null {
  const inside = context.insiders.kindOf(group, node);
  if (inside !== null) return inside;
  if (group.activity === 'heartbeat') return 'monitor';
  if (group.activity === 'operation') return 'active';
  if (group.activity === 'ping') return group.user === null ? 'monitor' : 'active';
  if (group.user !== null) return 'dormant';
  // A socket without metadata has not finished its handshake: it belongs to a pool.
  if (group.driver === null && group.app === null) return 'dormant';
  return node.idleUsersTold && !isJudged(group, node, context) ? 'monitor' : null;
}

/** Whether a missing user means that the connection is not authenticated. */
function isJudged(group: ConnectionGroup, node: InternalSource, { pollers }: AccessContext): boolean {
  return node.idleUsersTold && pollers.of(group) !== null;
}

const CHUNK = 500;

/**
 * Puts every connection of a node into exactly one kind. Reads this node alone.
 * @internal
 */
export function classify(node: InternalSource): readonly Classified[] {
  return runToEnd(
    (function* () {
      return yield* classifyInChunks(node, yield* accessContext([node], null));
    })(),
  );
}

export function* classifyInChunks(node: InternalSource, context: AccessContext): Chunked<readonly Classified[]> {
  const classified: Classified[] = [];
  const unclear: ConnectionGroup[] = [];
  for (const [index, group] of node.groups.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const kind = certainKind(group, node, context);
    if (kind === null) {
      unclear.push(group);
      continue;
    }
    const unauthenticated = kind === 'dormant' && group.user === null && isJudged(group, node, context);
    classified.push({ group, kind, count: group.count, estimated: false, unauthenticated });
  }
  if (unclear.length === 0) return classified;
  return [
    ...classified,
    ...(yield* splitMonitors({ unclear, certain: classified, usersKnown: node.idleUsersTold }, context)),
  ];
}

/** Connections of one address, driver version and platform. */
interface Alike {
  /** How many idle connections are expected to be RTT sockets: in total and by app. */
  expected: number;
  readonly ofApp: Map<string | null, number>;
  readonly unclear: ConnectionGroup[];
}

/**
 * A MongoClient with a streaming heartbeat has one RTT socket, which is idle most of the time. The same number of idle
 * connections of its address, driver version and platform are monitors. A polling client has one socket on every node.
 * The remaining connections are unauthenticated when the server reports users, and pooled when it does not.
 */
function* splitMonitors(
  of: {
    readonly unclear: readonly ConnectionGroup[];
    readonly certain: readonly Classified[];
    readonly usersKnown: boolean;
  },
  { insiders, pollers }: AccessContext,
): Chunked<readonly Classified[]> {
  const { unclear, certain, usersKnown } = of;
  const clients = new Map<string, Alike>();
  for (const [index, group] of unclear.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const key = clientKey(group, insiders);
    const alike: Alike = clients.get(key) ?? {
      expected: usersKnown ? (pollers.of(group) ?? 0) : 0,
      ofApp: new Map(),
      unclear: [],
    };
    clients.set(key, alike);
    alike.unclear.push(group);
  }
  for (const [index, { group, kind, count }] of certain.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const alike = kind === 'monitor' ? clients.get(clientKey(group, insiders)) : undefined;
    // A monitor socket in operation is counted as a monitor already, and is not idle.
    if (alike !== undefined) expect(alike, group.app, group.activity === 'heartbeat' ? count : -count);
  }
  const monitors = new Map<ConnectionGroup, number>();
  let index = 0;
  for (const alike of clients.values()) {
    if (isChunkEnd(index++, CHUNK)) yield;
    share(alike, monitors);
  }
  return unclear.flatMap((group) => {
    const monitor = monitors.get(group) ?? 0;
    const rows = [
      { group, kind: 'monitor' as const, count: monitor, estimated: !usersKnown, unauthenticated: false },
      {
        group,
        kind: 'dormant' as const,
        count: group.count - monitor,
        estimated: !usersKnown,
        unauthenticated: usersKnown,
      },
    ];
    return rows.filter(({ count }) => count > 0);
  });
}

function expect(alike: Alike, app: string | null, more: number): void {
  alike.expected += more;
  alike.ofApp.set(app, (alike.ofApp.get(app) ?? 0) + more);
}

/** Idle connections of the same app first, then any; the largest group first. */
function share(alike: Alike, monitors: Map<ConnectionGroup, number>): void {
  const take = (group: ConnectionGroup, limit: number) => {
    const taken = monitors.get(group) ?? 0;
    const more = Math.max(0, Math.min(group.count - taken, limit, alike.expected));
    monitors.set(group, taken + more);
    expect(alike, group.app, -more);
  };
  const largestFirst = [...alike.unclear].sort((a, b) => b.count - a.count || compareApps(a, b));
  for (const group of largestFirst) take(group, alike.ofApp.get(group.app) ?? 0);
  for (const group of largestFirst) take(group, group.count);
}

function compareApps(a: ConnectionGroup, b: ConnectionGroup): number {
  const [first, second] = [a.app ?? '', b.app ?? ''];
  return first < second ? -1 : first > second ? 1 : 0;
}
