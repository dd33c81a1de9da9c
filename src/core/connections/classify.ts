// What a connection is for: own, internal, monitor, active or dormant. The order of the questions is the rule.
// Facts: drivers never authenticate monitor sockets (specifications, server-monitoring.md).

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { type Insiders, type InternalSource, type IsAtlas, insidersOf } from './internal.ts';
import { clientKey, type Pollers, pollersOf } from './pollers.ts';
import type { ConnectionGroup } from './reading.ts';

type Kind = 'own' | 'internal' | 'monitor' | 'active' | 'dormant';

/** Some connections of one group, all of one kind. */
export interface Classified {
  readonly group: ConnectionGroup;
  readonly kind: Kind;
  readonly count: number;
  /** True where the server does not tell a monitor from a pooled connection, so that the kind is an estimate. */
  readonly estimated: boolean;
  /** True where nobody signed in, and no monitor explains that. */
  readonly unauthenticated: boolean;
}

/** What the nodes of a reading tell together of each other's connections. */
export interface AccessContext {
  readonly insiders: Insiders;
  readonly pollers: Pollers;
}

export function* aroundOf(nodes: readonly InternalSource[], isAtlas: IsAtlas): Chunked<AccessContext> {
  const insiders = yield* insidersOf(nodes, isAtlas);
  return { insiders, pollers: yield* pollersOf(nodes, insiders) };
}

/** Null where only all connections of the address together can tell. */
function certainKind(group: ConnectionGroup, node: InternalSource, around: AccessContext): Kind | null {
  const inside = around.insiders.kindOf(group, node);
  if (inside !== null) return inside;
  if (group.activity === 'heartbeat') return 'monitor';
  if (group.activity === 'operation') return 'active';
  if (group.activity === 'ping') return group.user === null ? 'monitor' : 'active';
  if (group.user !== null) return 'dormant';
  // A socket that has not yet said who it is has no metadata: it is on its way into a pool.
  if (group.driver === null && group.app === null) return 'dormant';
  return node.idleUsersTold && !isJudged(group, node, around) ? 'monitor' : null;
}

/** Whether it can be told that nobody signed in. */
function isJudged(group: ConnectionGroup, node: InternalSource, { pollers }: AccessContext): boolean {
  return node.idleUsersTold && pollers.of(group) !== null;
}

/** So many groups make a step. */
const TURNS = 500;

/**
 * Every connection of a node, each in exactly one kind; of a reading that is this node alone.
 * @internal
 */
export function classify(node: InternalSource): readonly Classified[] {
  return runToEnd(
    (function* () {
      return yield* classifyInChunks(node, yield* aroundOf([node], null));
    })(),
  );
}

export function* classifyInChunks(node: InternalSource, around: AccessContext): Chunked<readonly Classified[]> {
  const classified: Classified[] = [];
  const untold: ConnectionGroup[] = [];
  for (const [index, group] of node.groups.entries()) {
    if (isChunkEnd(index, TURNS)) yield;
    const kind = certainKind(group, node, around);
    if (kind === null) {
      untold.push(group);
      continue;
    }
    const unauthenticated = kind === 'dormant' && group.user === null && isJudged(group, node, around);
    classified.push({ group, kind, count: group.count, estimated: false, unauthenticated });
  }
  if (untold.length === 0) return classified;
  return [
    ...classified,
    ...(yield* splitMonitors({ untold, certain: classified, isTold: node.idleUsersTold }, around)),
  ];
}

/** Connections of one address, driver version and platform. */
interface Alike {
  /** How many of the idle ones are expected to be RTT sockets, of all apps and by app. */
  expected: number;
  readonly ofApp: Map<string | null, number>;
  readonly untold: ConnectionGroup[];
}

/**
 * Each MongoClient with a streaming heartbeat holds one RTT socket beside it, which idles most of the time: as many
 * of the idle connections of its address, driver version and platform. One that polls holds one socket on every node.
 * Where the server tells users, what is left never signed in; where it does not, it is taken for a pool.
 */
function* splitMonitors(
  of: {
    readonly untold: readonly ConnectionGroup[];
    readonly certain: readonly Classified[];
    readonly isTold: boolean;
  },
  { insiders, pollers }: AccessContext,
): Chunked<readonly Classified[]> {
  const { untold, certain, isTold } = of;
  const clients = new Map<string, Alike>();
  for (const [index, group] of untold.entries()) {
    if (isChunkEnd(index, TURNS)) yield;
    const key = clientKey(group, insiders);
    const alike: Alike = clients.get(key) ?? {
      expected: isTold ? (pollers.of(group) ?? 0) : 0,
      ofApp: new Map(),
      untold: [],
    };
    clients.set(key, alike);
    alike.untold.push(group);
  }
  for (const [index, { group, kind, count }] of certain.entries()) {
    if (isChunkEnd(index, TURNS)) yield;
    const alike = kind === 'monitor' ? clients.get(clientKey(group, insiders)) : undefined;
    // A monitor socket caught at work is a monitor already, and not idle.
    if (alike !== undefined) expect(alike, group.app, group.activity === 'heartbeat' ? count : -count);
  }
  const monitors = new Map<ConnectionGroup, number>();
  let turn = 0;
  for (const alike of clients.values()) {
    if (isChunkEnd(turn++, TURNS)) yield;
    share(alike, monitors);
  }
  return untold.flatMap((group) => {
    const monitor = monitors.get(group) ?? 0;
    const rows = [
      { group, kind: 'monitor' as const, count: monitor, estimated: !isTold, unauthenticated: false },
      { group, kind: 'dormant' as const, count: group.count - monitor, estimated: !isTold, unauthenticated: isTold },
    ];
    return rows.filter(({ count }) => count > 0);
  });
}

function expect(alike: Alike, app: string | null, more: number): void {
  alike.expected += more;
  alike.ofApp.set(app, (alike.ofApp.get(app) ?? 0) + more);
}

/** To the idle connections of the same app first, then to any; the largest group first. */
function share(alike: Alike, monitors: Map<ConnectionGroup, number>): void {
  const take = (group: ConnectionGroup, wanted: number) => {
    const taken = monitors.get(group) ?? 0;
    const more = Math.max(0, Math.min(group.count - taken, wanted, alike.expected));
    monitors.set(group, taken + more);
    expect(alike, group.app, -more);
  };
  const largestFirst = [...alike.untold].sort((one, other) => other.count - one.count || compareApps(one, other));
  for (const group of largestFirst) take(group, alike.ofApp.get(group.app) ?? 0);
  for (const group of largestFirst) take(group, group.count);
}

function compareApps(one: ConnectionGroup, other: ConnectionGroup): number {
  const [a, b] = [one.app ?? '', other.app ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}
