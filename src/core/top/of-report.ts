// The rows of a report. The figures are those of `report`.

import { percent } from '../base/format.ts';
import { SHARED_TIER } from '../base/problem.ts';
import { groupReport } from '../connections/group-by.ts';
import { fullness, isRead, shortHosts } from '../connections/node-usage.ts';
import { type ConnectionReport, isRemark, type ReportNode } from '../connections/report.ts';
import { type ConnectionSource, type Counts, sizeOf } from '../connections/source.ts';
import {
  type ClusterView,
  isAnswered,
  type OpenedRate,
  openedByNode,
  type PartRow,
  type TopNode,
  type TopPart,
  type TopReading,
  type TopRow,
} from './row.ts';

/** @param before the reading before this one, for the new connections of nodes */
export function readingOfReport(report: ConnectionReport, before: Pick<TopReading, 'nodes' | 'at'> | null): TopReading {
  const at = Date.parse(report.at);
  const nodes = report.nodes.map(nodeOf);
  const short = shortHosts(report);
  const isEstimated = report.sources.some(({ estimated }) => estimated.includes('monitors'));
  const group = (by: Exclude<ClusterView, 'source' | 'node'>) => groupedRows(report, { by, at, isEstimated });
  const { connections, active, dormant, monitors: heartbeats, internal, own } = report.totals;
  const isOfSharedTier = report.problems.some(({ code }) => code === SHARED_TIER) && report.problems.every(isRemark);
  return {
    cluster: report.cluster,
    at,
    nodes,
    totals: { connections, active, dormant, heartbeats, internal, own },
    isComplete:
      isAnswered({ nodes }) && nodes.every(({ problem }) => problem === null) && (report.complete || isOfSharedTier),
    problems: report.problems.filter((problem) => !isRemark(problem) || problem.code === SHARED_TIER),
    rows: {
      source: report.sources.map((source) => sourceRow(source, { at, short })),
      app: group('app'),
      host: group('host'),
      node: nodeRows(report, { at, isEstimated, opened: openedByNode(nodes, at, before) }),
      user: group('user'),
      driver: group('driver'),
    },
  };
}

function nodeOf(node: ConnectionReport['nodes'][number]): TopNode {
  if (!isRead(node)) return { host: node.host, current: null, limit: null, totalCreated: null, problem: node.problem };
  const { host, current, limit, totalCreated } = node;
  return { host, current, limit, totalCreated, problem: null };
}

function figuresOf(counts: Counts): Pick<TopRow, 'now' | 'active' | 'dormant' | 'heartbeats'> {
  const { active, dormant, monitors } = counts;
  return { now: sizeOf(counts), active, dormant, heartbeats: monitors };
}

function sourceRow(
  source: ConnectionSource,
  { at, short }: { readonly at: number; readonly short: (host: string) => string },
): TopRow {
  const { id, name, class: of, entry, opened, estimated } = source;
  return {
    ...figuresOf(source),
    ...{ id, name, at, clients: source, pool: null },
    isEstimated: estimated.includes('monitors'),
    opened: opened === undefined ? null : { perSecond: opened.count / opened.seconds, isAtLeast: true },
    origin: entry?.cidrBlock ?? of,
    parts: () => [
      part('app', source.apps),
      part(
        'host',
        source.hosts.map((row) => ({ ...row, name: row.address })),
      ),
      part(
        'node',
        source.nodes.map((row) => ({ ...row, name: short(row.host) })),
      ),
      part(
        'driver',
        source.drivers.map((row) => ({ ...row, name: driverName(row) })),
      ),
    ],
  };
}

function driverName({ name, version }: { readonly name: string | null; readonly version: string | null }) {
  return name === null ? null : [name, version].filter(Boolean).join(' ');
}

type Named = Counts & { readonly name: string | null };

/** Rows with the same name are added, as drivers on several platforms. */
function part(of: string, rows: Iterable<Named>): TopPart {
  const sums = new Map<string, Counts>();
  for (const { name, active, dormant, monitors } of rows) {
    const key = name ?? noName(of);
    const known = sums.get(key) ?? { active: 0, dormant: 0, monitors: 0 };
    sums.set(key, {
      active: known.active + active,
      dormant: known.dormant + dormant,
      monitors: known.monitors + monitors,
    });
  }
  const all: readonly PartRow[] = [...sums].map(([name, counts]) => ({ name, ...figuresOf(counts) }));
  return { title: of, rows: all.toSorted((a, b) => b.now - a.now || (a.name < b.name ? -1 : 1)) };
}

function noName(of: string): string {
  return `(no ${of})`;
}

function groupedRows(
  report: ConnectionReport,
  {
    by,
    at,
    isEstimated,
  }: { readonly by: Exclude<ClusterView, 'source' | 'node'>; readonly at: number; readonly isEstimated: boolean },
): readonly TopRow[] {
  return groupReport(report, by).map((row) => ({
    ...figuresOf(row),
    id: JSON.stringify(row.name),
    name: row.name ?? noName(by),
    ...{ at, isEstimated, opened: null, pool: null },
    clients: by === 'host' ? row : null,
    origin: row.sources.join(', '),
    parts: () => partsOf(report, { by, name: row.name, sources: row.sources }),
  }));
}

/** A node that lists no connections (M0, Flex) has its total. */
function nodeRows(
  report: ConnectionReport,
  how: { readonly at: number; readonly isEstimated: boolean; readonly opened: ReadonlyMap<string, OpenedRate | null> },
): readonly TopRow[] {
  const groups = new Map(groupReport(report, 'node').map((row) => [row.name, row]));
  const short = shortHosts(report);
  const unknown = { active: null, dormant: null, heartbeats: null };
  const none = { active: 0, dormant: 0, monitors: 0 };
  return report.nodes.filter(isRead).map((node) => {
    const { host, connections, current } = node;
    const group = groups.get(host);
    return {
      ...(connections === null ? { ...unknown, now: current ?? 0 } : figuresOf(group ?? none)),
      ...{ id: host, name: short(host), at: how.at, isEstimated: how.isEstimated, pool: null },
      clients: connections === null ? null : node,
      opened: how.opened.get(host) ?? null,
      origin: useOf(node),
      parts: () => partsOf(report, { by: 'node', name: host, sources: group?.sources ?? [] }),
    };
  });
}

function useOf(node: Pick<ReportNode, 'role' | 'current' | 'limit'>): string {
  const full = fullness(node);
  return full === null ? node.role : `${node.role}, ${percent(full.ratio)} used`;
}

interface Grouped {
  readonly by: Exclude<ClusterView, 'source'>;
  readonly name: string | null;
  /** Names. */
  readonly sources: readonly string[];
}

/** The server does not group users with anything else, so a user has its sources alone. */
function partsOf(report: ConnectionReport, { by, name, sources }: Grouped): readonly TopPart[] {
  const held = new Set(sources);
  const of = report.sources.filter((source) => held.has(source.name));
  const byName = (source: ConnectionSource): Counts => {
    if (by === 'host') return source.hosts.find(({ address }) => address === name) ?? NONE;
    if (by === 'node') return source.nodes.find(({ host }) => host === name) ?? NONE;
    if (by === 'driver') return totalOf(source.drivers.filter((row) => driverName(row) === name));
    return (by === 'app' ? source.apps : source.users).find((row) => row.name === name) ?? NONE;
  };
  const first = part(
    'source',
    of.map((source) => ({ ...byName(source), name: source.name })),
  );
  if (by === 'user') return [first];
  const key = { app: 'app', host: 'address', node: 'node', driver: 'driver' } as const;
  const rows = of.flatMap(({ combinations }) => combinations.largest.filter((row) => row[key[by]] === name));
  const others = (['app', 'host', 'node', 'driver'] as const).filter((dimension) => dimension !== by);
  return [
    first,
    ...others.map((dimension) =>
      part(
        dimension,
        rows.map((row) => ({ ...row, name: row[key[dimension]] })),
      ),
    ),
  ];
}

const NONE: Counts = { active: 0, dormant: 0, monitors: 0 };

function totalOf(rows: readonly Counts[]): Counts {
  return rows.reduce(
    (all, { active, dormant, monitors }) => ({
      active: all.active + active,
      dormant: all.dormant + dormant,
      monitors: all.monitors + monitors,
    }),
    NONE,
  );
}
