// The report grouped by app, user, host, driver or node instead of by source.

import { type Clients, togetherOf } from './clients.ts';
import { nodesRead } from './node-usage.ts';
import type { ConnectionReport } from './report.ts';
import type { ConnectionSource, Counts } from './source.ts';
import { ranked } from './source-tally.ts';

export const DIMENSIONS = ['source', 'app', 'user', 'host', 'driver', 'node'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface GroupedRow extends Counts, Clients {
  /** Null for connections without an app, user or driver. */
  readonly name: string | null;
  /** Names of the sources that these connections come from, largest first. */
  readonly sources: readonly string[];
}

/** MongoClients are counted by address, so rows by app, user or driver have no number. */
export function tellsClients(by: Dimension): boolean {
  return by === 'source' || by === 'host' || by === 'node';
}

/**
 * Names of the sources whose clients are not in the rows' numbers, because their drivers poll. Only a row of several
 * sources leaves some out.
 */
export function clientsLeftOut({ sources }: ConnectionReport, by: Dimension): readonly string[] {
  if (by === 'source' || !tellsClients(by)) return [];
  return sources.flatMap(({ name, clients }) => (clients === null ? [name] : []));
}

/** The clients in the report's rows by this dimension; empty when the rows have no number. */
export function clientsBy(report: ConnectionReport, by: Dimension): readonly Clients[] {
  if (!tellsClients(by)) return [];
  return by === 'source' ? report.sources : groupReport(report, by);
}

/**
 * Rows by one dimension, most connections first, ties by name. The sums are those of the sources. Connections without a
 * user come last: most of them are heartbeats.
 */
export function groupReport(report: ConnectionReport, by: Exclude<Dimension, 'source'>): readonly GroupedRow[] {
  const turned = new Map<string | null, { row: Mutable; readonly sources: Set<string>; readonly clients: Clients[] }>();
  for (const source of report.sources) {
    for (const { name, clients, clientsAtLeast, ...counts } of rowsOf(source, by)) {
      const known = turned.get(name) ?? {
        row: { active: 0, dormant: 0, monitors: 0 },
        sources: new Set(),
        clients: [],
      };
      turned.set(name, known);
      known.row.active += counts.active;
      known.row.dormant += counts.dormant;
      known.row.monitors += counts.monitors;
      known.clients.push({ clients, ...(clientsAtLeast === true && { clientsAtLeast }) });
      known.sources.add(source.name);
    }
  }
  const rows = [...turned].map(([name, { row, sources, clients }]) => {
    const node = by === 'node' ? nodesRead(report).find(({ host }) => host === name) : undefined;
    return { name, ...row, ...togetherOf(node === undefined ? clients : [node]), sources: [...sources] };
  });
  const inOrder = ranked(rows, ({ name }) => name ?? '');
  const isLast = ({ name }: GroupedRow) => by === 'user' && name === null;
  return [...inOrder.filter((row) => !isLast(row)), ...inOrder.filter(isLast)];
}

type Mutable = { active: number; dormant: number; monitors: number };
type Row = Counts & Clients & { readonly name: string | null };

function rowsOf(source: ConnectionSource, by: Exclude<Dimension, 'source'>): readonly Row[] {
  // MongoClients are counted by address only.
  const clients = null;
  switch (by) {
    case 'app':
      return source.apps.map((row) => ({ ...row, clients }));
    case 'user':
      return source.users.map((row) => ({ ...row, clients }));
    case 'host':
      return source.hosts.map(({ address, ...row }) => ({ ...row, name: address }));
    case 'driver':
      return source.drivers.map(({ name, version, active, dormant, monitors }) => {
        const driver = name === null ? null : [name, version].filter(Boolean).join(' ');
        return { name: driver, active, dormant, monitors, clients };
      });
    case 'node':
      return source.nodes.map(({ host, ...row }) => ({ ...row, name: host, clients }));
  }
}
