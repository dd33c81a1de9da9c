// What a report comes to in numbers that have a bound: by node and class of source, never by what outside text names.

import type { ConnectionReport } from '../core/connections/report.ts';
import type { ConnectionSource, Counts, SourceClass } from '../core/connections/source.ts';

export interface Figures {
  readonly connections: readonly {
    readonly node: string;
    readonly class: SourceClass;
    readonly state: State;
    readonly count: number;
  }[];
  /** Of the cluster; null where no node told. */
  readonly internal: number | null;
  readonly own: number | null;
  readonly nodes: readonly {
    readonly node: string;
    readonly up: boolean;
    /** As the node itself counts; null where it was not told. */
    readonly current: number | null;
    readonly limit: number | null;
  }[];
}

type State = 'active' | 'dormant' | 'monitor';

const CLASSES: readonly SourceClass[] = [
  'listed',
  'peering',
  'atlas-internal',
  'catch-all',
  'private',
  'unlisted',
  'unknown',
];
const STATES: readonly (readonly [State, keyof Counts])[] = [
  ['active', 'active'],
  ['dormant', 'dormant'],
  ['monitor', 'monitors'],
];

export function figuresOf({ nodes, sources, totals }: ConnectionReport): Figures {
  const read = nodes.flatMap((node) => ('problem' in node || node.connections === null ? [] : [node.host]));
  return {
    connections: connectionsOf(read, sources),
    internal: totals.internal,
    own: totals.own,
    nodes: nodes.map((node) =>
      'problem' in node
        ? { node: node.host, up: false, current: null, limit: null }
        : { node: node.host, up: true, current: node.current, limit: node.limit },
    ),
  };
}

/** In one pass: a large sharded cluster has a hundred thousand rows. Zeros too: none of a class is a fact of a node. */
function connectionsOf(read: readonly string[], sources: readonly ConnectionSource[]): Figures['connections'] {
  const nothing = () => ({ active: 0, dormant: 0, monitors: 0 });
  const byClass = new Map(CLASSES.map((name) => [name, new Map(read.map((node) => [node, nothing()]))]));
  for (const source of sources) {
    const byNode = byClass.get(source.class);
    for (const { host, active, dormant, monitors } of source.nodes) {
      const counts = byNode?.get(host);
      if (counts === undefined) continue;
      counts.active += active;
      counts.dormant += dormant;
      counts.monitors += monitors;
    }
  }
  return [...byClass].flatMap(([name, byNode]) =>
    [...byNode].flatMap(([node, counts]) =>
      STATES.map(([state, key]) => ({ node, class: name, state, count: counts[key] })),
    ),
  );
}
