// The rows of a stored reading. A snapshot has neither users nor the heartbeats of an app, a host or a driver.

import { percent, sum } from '../base/format.ts';
import { fullness, shortHosts } from '../connections/node-usage.ts';
import type { ConnectionCount, Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import {
  type ClusterRows,
  isAnswered,
  openedByNode,
  type PartRow,
  type TopNode,
  type TopPart,
  type TopReading,
  type TopRow,
} from './row.ts';

export function readingOfSnapshot(snapshot: Snapshot, before: Pick<TopReading, 'nodes' | 'at'> | null): TopReading {
  const { cluster, at, sources, complete, problem, remedy = '' } = snapshot;
  const nodes = snapshot.nodes.map(nodeOf);
  const known = sources.every(({ monitors }) => monitors !== null);
  const isListed = isAnswered({ nodes }) && listsConnections(snapshot);
  const active = sum(sources, (source) => source.active);
  const dormant = sum(sources, (source) => source.dormant);
  const heartbeats = known ? sum(sources, (source) => source.monitors ?? 0) : null;
  return {
    cluster,
    at,
    nodes,
    totals: {
      connections: isListed ? active + dormant + (heartbeats ?? 0) : null,
      ...(isListed ? { active, dormant, heartbeats } : { active: null, dormant: null, heartbeats: null }),
      ...{ internal: null, own: null },
    },
    isComplete: complete,
    problems: problem === null ? [] : [{ code: 'stored', text: problem, remedy }],
    rows: rowsOf(snapshot, nodes, before),
  };
}

/** Without names nothing is stored of the sources, and some nodes list no connections (M0, Flex). */
function listsConnections({ untold, complete, nodes, sources }: Snapshot): boolean {
  const isEmpty = sources.length === 0 || nodes.every(({ problem }) => problem === null);
  return untold !== true && (complete || !isEmpty);
}

function nodeOf({ host, current, limit, totalCreated, problem, remedy = '' }: Snapshot['nodes'][number]): TopNode {
  return {
    ...{ host, current, limit, totalCreated },
    problem: problem === null ? null : { code: 'stored', text: problem, remedy },
  };
}

function rowsOf(
  snapshot: Snapshot,
  nodes: readonly TopNode[],
  before: Pick<TopReading, 'nodes' | 'at'> | null,
): ClusterRows {
  const { at, sources } = snapshot;
  const opened = openedByNode(nodes, at, before);
  const short = shortHosts(snapshot);
  const node = snapshot.nodes.flatMap((one) => {
    if (one.problem !== null) return [];
    const full = fullness(one);
    const use = full === null ? [] : [`${percent(full.ratio)} used`];
    const rows = sources.flatMap(({ name, nodes: of }) => named(of, one.host, name));
    const unknown = listsConnections(snapshot) ? {} : { now: one.current ?? 0, active: null, dormant: null };
    const row = { ...groupRow({ by: 'node', name: one.host, rows, at }), name: short(one.host), ...unknown };
    return [
      { ...row, id: one.host, opened: opened.get(one.host) ?? null, origin: [one.role ?? '?', ...use].join(', ') },
    ];
  });
  return {
    source: sources.map((source) => sourceRow(source, at)),
    app: grouped('app', at, sources, ({ apps }) => apps),
    host: grouped('host', at, sources, ({ hosts }) => hosts),
    node,
    user: [],
    driver: grouped('driver', at, sources, ({ drivers = [] }) => drivers),
  };
}

function sourceRow(source: SnapshotSource, at: number): TopRow {
  const { id, name, active, dormant, monitors, clients, clientsAtLeast, opened } = source;
  return {
    ...{ id, name, at, active, dormant, heartbeats: monitors, isEstimated: false, pool: null },
    now: active + dormant + (monitors ?? 0),
    clients: { clients, ...(clientsAtLeast === true && { clientsAtLeast }) },
    opened: opened === undefined ? null : { perSecond: opened.count / opened.seconds, isAtLeast: true },
    origin: source.class ?? '',
    parts: () => [
      part('app', source.apps),
      part('host', source.hosts),
      part('node', source.nodes),
      part('driver', source.drivers ?? []),
    ],
  };
}

/** The connections of one source under a name of another dimension. */
interface Held extends ConnectionCount {
  readonly source: string;
}

function named(rows: readonly ConnectionCount[], name: string, source: string): readonly Held[] {
  return rows.filter((row) => row.name === name).map((row) => ({ ...row, source }));
}

function grouped(
  by: string,
  at: number,
  sources: readonly SnapshotSource[],
  of: (source: SnapshotSource) => readonly ConnectionCount[],
): readonly TopRow[] {
  const all = sources.flatMap((source) => of(source).map((row): Held => ({ ...row, source: source.name })));
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, rows]) => groupRow({ by, name, rows, at }));
}

function groupRow(of: {
  readonly by: string;
  readonly name: string | null;
  readonly rows: readonly Held[];
  readonly at: number;
}): TopRow {
  const { by, name, rows, at } = of;
  const active = sum(rows, (row) => row.active);
  const dormant = sum(rows, (row) => row.dormant);
  return {
    id: JSON.stringify(name),
    name: name ?? `(no ${by})`,
    ...{ at, now: active + dormant, active, dormant, heartbeats: null },
    ...{ isEstimated: false, clients: null, opened: null, pool: null },
    origin: [...new Set(rows.map(({ source }) => source))].join(', '),
    parts: () => [
      part(
        'source',
        rows.map(({ source, ...row }) => ({ ...row, name: source })),
      ),
    ],
  };
}

function part(title: string, rows: readonly ConnectionCount[]): TopPart {
  const shown = rows.map(({ name, active, dormant }): PartRow => {
    return { name: name ?? `(no ${title})`, now: active + dormant, active, dormant, heartbeats: null };
  });
  return { title, rows: shown.toSorted((a, b) => b.now - a.now || (a.name < b.name ? -1 : 1)) };
}
