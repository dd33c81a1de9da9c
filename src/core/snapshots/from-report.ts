// The snapshot of a report: what is kept of one reading, and its form as a line of the history.

import { type ConnectionReport, isNamed, type ReportNode, type UnreadNode } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import type { ConnectionCount, Move, Snapshot, SnapshotNode, SnapshotSource } from './snapshot.ts';

/** Apps, hosts and drivers of a source that are kept. */
const LARGEST = 5;
/** Far more than a change of the list makes; what is beyond would be the smallest. */
const MOST_MOVES = 500;

/** @param before who held what in the reading before; null where this process has not read one */
export function snapshotOf(report: ConnectionReport, { before }: { readonly before: Holders | null }): Snapshot {
  const nodes = report.nodes.map(nodeOf);
  // Under passing names sources would come and go, and alerts with them.
  const isKept = isNamed(report);
  const moves = before === null || !isKept ? [] : movesOf(before, holdersOf(report)).slice(0, MOST_MOVES);
  const [problem] = report.problems;
  return {
    cluster: report.cluster,
    at: Date.parse(report.at),
    // An access list that could not be read leaves no connection out: what is missing is nodes or their sources.
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

/** A reading of which nothing came, not even the names of the nodes. */
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
    const untold = { role: null, current: null, limit: null, totalCreated: null, rejected: null };
    const { text, remedy } = node.problem;
    return { host: node.host, problem: text, remedy, ...untold };
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
  };
}

/** By pooled connections, largest first: heartbeats say nothing of who grew. */
function pooled(rows: readonly ConnectionCount[]): readonly ConnectionCount[] {
  return rows
    .map(({ name, active, dormant }) => ({ name, active, dormant }))
    .toSorted((one, other) => other.active + other.dormant - one.active - one.dormant);
}

/** As the public format has it: `decodeSnapshot` of this, also of its JSON, is the snapshot again. */
export function encodeSnapshot({ problem, remedy, at, nodes, sources, moves, ...snapshot }: Snapshot): object {
  return {
    cluster: snapshot.cluster,
    at: new Date(at).toISOString(),
    complete: snapshot.complete,
    ...(snapshot.untold === true && { untold: true }),
    ...told({ problem, remedy: remedy ?? null }),
    nodes: nodes.map(({ host, ...node }) => ({ host, ...told(node) })),
    sources: sources.map(encodedSource),
    ...(moves !== undefined && { moves }),
  };
}

function encodedSource({ nodes, apps, hosts, drivers, ...source }: SnapshotSource): object {
  const { id, name, active, dormant } = source;
  const rows = (held: readonly ConnectionCount[], key: string) =>
    held.map(({ name: row, ...figures }) => ({ [key]: row, active: figures.active, dormant: figures.dormant }));
  return {
    ...{ id, name, ...told({ class: source.class }), active, dormant },
    ...told({ monitors: source.monitors, clients: source.clients }),
    ...(source.clientsAtLeast === true && { clientsAtLeast: true }),
    ...(nodes.length > 0 && { nodes: rows(nodes, 'host') }),
    ...(apps.length > 0 && { apps: rows(apps, 'name') }),
    ...(hosts.length > 0 && { hosts: rows(hosts, 'address') }),
    ...(drivers !== undefined && { drivers: rows(drivers, 'name') }),
  };
}

/** What nobody told is left out, as in the files that others write. */
function told(fields: Readonly<Record<string, string | number | null>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

// Moves: clients that stayed where they are while the access list called them something else. A change of the list,
// of a label or of a peering moves addresses between sources; no connection came or went by it.

/** What one client address holds in one source. */
interface Hold {
  dormant: number;
  pooled: number;
}

interface Holder {
  /** What the address alone decides: of a source that is split by app, the part before the app. */
  readonly place: string;
  /** By id of the source. */
  readonly holds: ReadonlyMap<string, Hold>;
}

/** Who held what in one reading, by client address. */
export interface Holders {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly addresses: ReadonlyMap<string, Holder>;
}

interface Named {
  readonly at: string;
  readonly sources: readonly Pick<ConnectionSource, 'id' | 'class' | 'hosts'>[];
}

export function holdersOf({ at, sources }: Named): Holders {
  const addresses = new Map<string, { readonly place: string; readonly holds: Map<string, Hold> }>();
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

/** Another app at the same address is another app, not another name for it. */
function placeOf({ id, class: of }: Pick<ConnectionSource, 'id' | 'class'>): string {
  return of === 'catch-all' || of === 'private' || of === 'atlas-internal' ? of : id;
}

/**
 * Largest first, ties by id: what each source took over from which, as much as it was before.
 * @internal
 */
export function movesOf(before: Holders, after: Holders): readonly Move[] {
  const moves = new Map<string, Move>();
  for (const [address, now] of after.addresses) {
    const then = before.addresses.get(address);
    if (then === undefined || then.place === now.place) continue;
    for (const { from, to, dormant, pooled } of carried(then.holds, now.holds)) {
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
    .toSorted((one, other) => other.pooled - one.pooled || order(one.from, other.from) || order(one.to, other.to));
}

type Holds = Holder['holds'];

/**
 * What one address held, to the sources that it is in now. An app stays with itself (`private app:etl` to
 * `0.0.0.0/0 app:etl`); the rest goes to the rest, by how much each holds now.
 */
function carried(then: Holds, now: Holds): readonly Omit<Move, 'hosts'>[] {
  const partner = (id: string, among: Holds) =>
    [...among.keys()].find((other) => appOf(id) !== null && appOf(other) === appOf(id)) ?? null;
  const leftOver = [...now].filter(([id]) => partner(id, then) === null);
  const heirs = leftOver.length === 0 ? [...now] : leftOver;
  const all = heirs.reduce((sum, [, { pooled }]) => sum + pooled, 0);
  return [...then].flatMap(([from, { dormant, pooled }]) => {
    const same = partner(from, now);
    if (same !== null) return [{ from, to: same, dormant, pooled }];
    return heirs.map(([to, held]) => {
      const part = all === 0 ? 1 / heirs.length : held.pooled / all;
      return { from, to, dormant: dormant * part, pooled: pooled * part };
    });
  });
}

/** `app:etl` of `private app:etl`; null for a source that is not split. */
function appOf(id: string): string | null {
  return /^(?:0\.0\.0\.0\/0|private|atlas-internal) (?<who>.*)$/s.exec(id)?.groups?.['who'] ?? null;
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
