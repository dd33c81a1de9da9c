// What the functions that find a diagnosis get and give.

import { count } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import { type Clients, clientsInWords } from '../connections/clients.ts';
import { fullestOf } from '../connections/node-usage.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { ClusterFacts, NodeFacts, SourceFacts } from './facts.ts';
import type { ClusterPast } from './past.ts';

export interface Examined {
  readonly source: SourceFacts;
  readonly cluster: ClusterFacts;
  readonly past: ClusterPast;
  /** Of the source; null for one that the store does not know. */
  readonly history: SourceHistory | null;
}

export interface Match extends Pick<Diagnosis, 'evidence' | 'confidence'> {
  /** Connections that would be freed on a node; null where nothing can be said. */
  readonly frees: ((node: NodeFacts) => number) | null;
  /** What the option of the advice needs: a size of a pool. */
  readonly size?: number;
  /** Of a full pool: connections in use and operations that wait. */
  readonly demand?: number;
  /** In place of the usual advice, and then without an option. */
  readonly advice?: string;
}

/** Null for a source that does not have it. */
export type Finder = (subject: Examined) => Match | null;

/** Fewer connections on a node are not worth a change of a program. */
export const WORTH_FREEING = 10;

export function pooledOn({ active, dormant }: Pick<NodeFacts, 'active' | 'dormant'>): number {
  return active + dormant;
}

/** Pooled connections over all nodes that were read. */
export function pooledOf({ active, dormant }: SourceFacts): number {
  return active + dormant;
}

/** Of the nodes that were read: the one nearest to its limit. Null when no node tells its limit. */
function busiestNode({ nodes }: ClusterFacts): string | null {
  return fullestOf(nodes)[0]?.host ?? null;
}

/**
 * What would be freed on the busiest node of the cluster; where that is nothing, on the node with the most. It never
 * exceeds what the source holds there.
 */
export function wouldFree(
  { source, cluster }: Pick<Examined, 'source' | 'cluster'>,
  frees: Match['frees'],
): Diagnosis['wouldFree'] {
  if (frees === null) return null;
  const rows = source.nodes.map((node) => {
    const held = pooledOn(node) + (node.monitors ?? 0);
    return { node: node.host, connections: Math.min(held, Math.max(0, Math.round(frees(node)))) };
  });
  const busiest = busiestNode(cluster);
  const here = rows.find(({ node, connections }) => node === busiest && connections > 0);
  const [most] = rows.toSorted((a, b) => b.connections - a.connections);
  return here ?? (most === undefined || most.connections === 0 ? null : most);
}

/** The time of the reading, with the local time of the history. */
export function momentOf({ cluster, past }: Pick<Examined, 'cluster' | 'past'>): WallMoment {
  return { at: cluster.at, offset: past.moment.offset };
}

/** Pooled connections and heartbeats on a node. */
export function heldOn(node: NodeFacts): number {
  return pooledOn(node) + (node.monitors ?? 0);
}

/** `Each of 12 clients holds`, `Its only client holds` */
export function eachHolds(clients: Clients): string {
  return clients.clients === 1 ? 'Its only client holds' : `Each of ${clientsInWords(clients)} holds`;
}

/** `1 connection`, `1.1 connections` */
export function averageOf(value: number, noun: string): string {
  const text = average(value);
  return `${text} ${noun}${text === '1' ? '' : 's'}`;
}

/** `1.1`, `12`, `1,200` */
export function average(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : count(value);
}
