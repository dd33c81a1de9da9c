// The snapshot of a report, and its encoding as a line of the history.

import { compareText } from '../base/format.ts';
import { type ConnectionReport, isNamed, type ReportNode, type UnreadNode } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import type { ConnectionCount, Move, Snapshot, SnapshotNode, SnapshotSource } from './snapshot.ts';

/** How many apps, hosts and drivers of a source are stored. */
const LARGEST = 5;
/** Far more moves than one change of the list makes. The smallest are dropped. */
const MOST_MOVES = 500;

/** @param before the holders of the previous reading; null if this process has not made one */
export function snapshotOf(report: ConnectionReport, { before }: { readonly before: Holders | null }): Snapshot {
  const nodes = report.nodes.map(nodeOf);
  // Temporary names would create and remove sources, and their alerts.
  const isKept = isNamed(report);
  const moves = before === null || !isKept ? [] : movesOf(before, holdersOf(report)).slice(0, MOST_MOVES);
  const [problem] = report.problems;
  return {
    cluster: report.cluster,
    at: Date.parse(report.at),
    // A missing access list hides no connection; missing nodes do.
    complete:
      isKept &&
      report.nodes.length > 0 &&
      report.totals.active !== null &&
      nodes.every((node) => node.problem === null),
    problem: nodes.length > 0 ? null : (problem?.text ?? 'no node is known'),
    ...(nodes.length === 0 && problem !== undefined && { remedy: problem.remedy }),
    nodes,
    ...(!isKept && { untold: true as const }),
    sources: isKept ? report.sources.map(sourceOf) : [],
    ...(moves.length > 0 && { moves }),
  };
}

/** A reading that failed completely: not even the names of the nodes are known. */
export function failedSnapshot({
  cluster,
  at,
  problem,
  remedy = null,
}: Pick<Snapshot, 'cluster' | 'at'> & { readonly problem: string; readonly remedy?: string | null }): Snapshot {
  const why = remedy === null ? { problem } : { problem, remedy };
  return { cluster, at, complete: false, ...why, nodes: [], sources: [] };
}

function nodeOf(node: ReportNode | UnreadNode): SnapshotNode {
  if ('problem' in node) {
    const unread = { role: null, current: null, limit: null, totalCreated: null, rejected: null };
    const { text, remedy } = node.problem;
    return { host: node.host, problem: text, remedy, ...unread };
  }
  const { host, role, current, limit, totalCreated, rejected } = node;
  return { host, problem: null, role, current, limit, totalCreated, rejected };
}

function sourceOf({ id, name, class: of, ...source }: ConnectionSource): SnapshotSource {
  const { active, dormant, monitors, clients, clientsAtLeast } = source;
  const drivers = source.drivers.map((driver) => ({
    ...driver,
    name: [driver.name, driver.version].filter(Boolean).join(' ') || null,
  }));
  return {
    ...{ id, name, class: of, active, dormant, monitors, clients },
    ...(clientsAtLeast === true && { clientsAtLeast }),
    nodes: pooled(source.nodes.map((node) => ({ ...node, name: node.host }))),
    apps: pooled(source.apps).slice(0, LARGEST),
    hosts: pooled(source.hosts.map((host) => ({ ...host, name: host.address }))).slice(0, LARGEST),
    ...(drivers.length > 0 && { drivers: pooled(drivers).slice(0, LARGEST) }),
    ...(source.opened !== undefined && { opened: source.opened }),
  };
}

/** By pooled connections, largest first: heartbeats do not show who grew. */
function pooled(rows: readonly ConnectionCount[]): readonly ConnectionCount[] {
  return rows
    .map(({ name, active, dormant }) => ({ name, active, dormant }))
    .toSorted((a, b) => b.active + b.dormant - a.active - a.dormant);
}

/** The public format. `decodeSnapshot` reverses it, and leaves out what was usual. */
export function encodeSnapshot({ problem, remedy, at, nodes, sources, moves, ...snapshot }: Snapshot): object {
  return {
    cluster: snapshot.cluster,
    at: new Date(at).toISOString(),
    complete: snapshot.complete,
    ...(snapshot.extra === true && { extra: true }),
    ...(snapshot.untold === true && { untold: true }),
    ...withoutNulls({ problem, remedy: remedy ?? null }),
    nodes: nodes.map(({ host, ...node }) => ({ host, ...withoutNulls(node) })),
    sources: sources.map(encodedSource),
    ...(moves !== undefined && { moves }),
  };
}

function encodedSource({ nodes, apps, hosts, drivers, usual, opened, ...source }: SnapshotSource): object {
  const { id, name, active, dormant } = source;
  const rows = (counts: readonly ConnectionCount[], key: string) =>
    counts.map(({ name: row, ...figures }) => ({ [key]: row, active: figures.active, dormant: figures.dormant }));
  return {
    ...{ id, name, ...withoutNulls({ class: source.class }), active, dormant },
    ...withoutNulls({ monitors: source.monitors, clients: source.clients }),
    ...(source.clientsAtLeast === true && { clientsAtLeast: true }),
    ...(nodes.length > 0 && { nodes: rows(nodes, 'host') }),
    ...(apps.length > 0 && { apps: rows(apps, 'name') }),
    ...(hosts.length > 0 && { hosts: rows(hosts, 'address') }),
    ...(drivers !== undefined && { drivers: rows(drivers, 'name') }),
    ...(usual !== undefined && { usual }),
    ...(opened !== undefined && { opened }),
  };
}

/** Unknown fields are left out, as in files that other programs write. */
function withoutNulls(fields: Readonly<Record<string, string | number | null>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

// Moves: a change of the access list, a label or a peering assigns addresses to another source. It opens and closes no
// connection.

/** The connections of one client address in one source. */
interface AddressCount {
  dormant: number;
  pooled: number;
}

interface Holder {
  /** The part of the source's id that the address decides, without the app of a split source. */
  readonly place: string;
  /** By id of the source. */
  readonly holds: ReadonlyMap<string, AddressCount>;
}

/** The holders of one reading, by client address. */
export interface Holders {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly addresses: ReadonlyMap<string, Holder>;
}

interface NamedReport {
  readonly at: string;
  readonly sources: readonly Pick<ConnectionSource, 'id' | 'class' | 'hosts'>[];
}

export function holdersOf({ at, sources }: NamedReport): Holders {
  const addresses = new Map<string, { readonly place: string; readonly holds: Map<string, AddressCount> }>();
  for (const source of sources) {
    const place = placeOf(source);
    for (const { address, active, dormant } of source.hosts) {
      const holder = addresses.get(address) ?? { place, holds: new Map() };
      addresses.set(address, holder);
      holder.holds.set(source.id, { dormant, pooled: active + dormant });
    }
  }
  return { at: Date.parse(at), addresses };
}

/** Two apps at one address are two sources, not two names of one. */
function placeOf({ id, class: of }: Pick<ConnectionSource, 'id' | 'class'>): string {
  return of === 'catch-all' || of === 'private' || of === 'atlas-internal' ? of : id;
}

/**
 * The moved connections between sources, by the previous figures. Largest first, ties by id.
 * @internal
 */
export function movesOf(before: Holders, after: Holders): readonly Move[] {
  const moves = new Map<string, Move>();
  for (const [address, now] of after.addresses) {
    const then = before.addresses.get(address);
    if (then === undefined || then.place === now.place) continue;
    for (const { from, to, dormant, pooled } of assignMoves(then.holds, now.holds)) {
      const key = JSON.stringify([from, to]);
      const known = moves.get(key) ?? { from, to, dormant: 0, pooled: 0, hosts: 0 };
      moves.set(key, {
        ...known,
        dormant: known.dormant + dormant,
        pooled: known.pooled + pooled,
        hosts: known.hosts + 1,
      });
    }
  }
  return [...moves.values()]
    .map((move) => ({ ...move, dormant: Math.round(move.dormant), pooled: Math.round(move.pooled) }))
    .toSorted((a, b) => b.pooled - a.pooled || compareText(a.from, b.from) || compareText(a.to, b.to));
}

type Holds = Holder['holds'];

/**
 * Assigns the earlier connections of one address to its present sources. An app keeps its connections (`private
 * app:etl` to `0.0.0.0/0 app:etl`). The rest is shared in proportion to present connections.
 */
function assignMoves(then: Holds, now: Holds): readonly Omit<Move, 'hosts'>[] {
  const partner = (id: string, among: Holds) =>
    [...among.keys()].find((other) => appOf(id) !== null && appOf(other) === appOf(id)) ?? null;
  const leftOver = [...now].filter(([id]) => partner(id, then) === null);
  const heirs = leftOver.length === 0 ? [...now] : leftOver;
  const all = heirs.reduce((sum, [, { pooled }]) => sum + pooled, 0);
  return [...then].flatMap(([from, { dormant, pooled }]) => {
    const same = partner(from, now);
    if (same !== null) return [{ from, to: same, dormant, pooled }];
    return heirs.map(([to, present]) => {
      const part = all === 0 ? 1 / heirs.length : present.pooled / all;
      return { from, to, dormant: dormant * part, pooled: pooled * part };
    });
  });
}

/** `app:etl` of `private app:etl`; null for a source that is not split. */
function appOf(id: string): string | null {
  return /^(?:0\.0\.0\.0\/0|private|atlas-internal) (?<who>.*)$/s.exec(id)?.groups?.['who'] ?? null;
}
