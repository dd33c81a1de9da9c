// The snapshot of a report: what is kept of one reading, and its form as a line of the history.

import { type ConnectionReport, isNamed, type ReportNode, type UnreadNode } from '../connections/report.ts';
import type { ConnectionSource } from '../connections/source.ts';
import { type Holders, holdersOf, movesOf } from '../moves.ts';
import type { Held, Snapshot, SnapshotNode, SnapshotSource } from './snapshot.ts';

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
function pooled(rows: readonly Held[]): readonly Held[] {
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
  const rows = (held: readonly Held[], key: string) =>
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
