// Counts events of the bot. Drops the figures of clusters that are no longer monitored.

import type { Counter, Histogram, Registry } from 'prom-client';
import { SHARED_TIER } from '../core/base/problem.ts';
import { ACCESS_LIST_MISSING } from '../core/connections/access-list.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import type { ConnectionSource, Counts, SourceClass } from '../core/connections/source.ts';
import type { Observer } from '../core/ports/telemetry.ts';
import type { LastReadings } from './last-readings.ts';
import { CATALOG, counter, histogram } from './metric-catalog.ts';

export interface EventCounters {
  readonly observer: Observer;
  /**
   * By cluster, from the last reading here. None after a failed reading, or while another replica reads the cluster.
   */
  readonly figures: ReadonlyMap<string, Figures>;
}

const READING_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const STATUSES = ['2xx', '3xx', '4xx', '5xx', 'none'] as const;
const RESULTS = ['complete', 'partial', 'failed'] as const;
/** The problem of a cluster with a tier that reports only totals. */
const NOTHING_MISSING: ReadonlySet<string> = new Set([ACCESS_LIST_MISSING, SHARED_TIER]);
const CLAIMS = ['won', 'lost'] as const;

export function createEventCounters(registry: Registry, lastReadings: LastReadings): EventCounters {
  const figures = new Map<string, Figures>();
  const readings = counter(registry, CATALOG.readings);
  const seconds = histogram(registry, CATALOG.readingSeconds, READING_SECONDS);
  const claims = counter(registry, CATALOG.claims);
  const atlas = counter(registry, CATALOG.atlas);
  const slack = counter(registry, CATALOG.slack);
  // A series that starts with its first event hides that event from rate().
  for (const status of STATUSES) atlas.inc({ status }, 0);

  return {
    figures,
    observer: {
      watched(clusters) {
        const gone = lastReadings.all().filter(({ cluster }) => !clusters.includes(cluster));
        const come = clusters.filter((cluster) => !lastReadings.has(cluster));
        lastReadings.watched(clusters);
        for (const { cluster } of gone) {
          figures.delete(cluster);
          forget({ readings, claims, seconds }, cluster);
        }
        for (const cluster of come) {
          for (const result of RESULTS) readings.inc({ cluster, result }, 0);
          for (const result of CLAIMS) claims.inc({ cluster, result }, 0);
          seconds.zero({ cluster });
        }
      },
      reading({ cluster: asked, report, tookMs }) {
        // A user may name a cluster that does not exist: external text would get into a label.
        const cluster = report?.cluster ?? asked;
        if (!lastReadings.has(cluster)) return;
        const result = resultOf(report);
        readings.inc({ cluster, result });
        seconds.observe({ cluster }, tookMs / 1000);
        // Old figures would look new.
        if (report === null) return void figures.delete(cluster);
        // Also if no node answered: each of them is down.
        figures.set(cluster, figuresOf(report));
        if (result !== 'failed') lastReadings.note(cluster, Date.parse(report.at));
      },
      claim({ key: cluster, won }) {
        if (!lastReadings.has(cluster)) return;
        claims.inc({ cluster, result: won ? 'won' : 'lost' });
        if (!won) figures.delete(cluster);
      },
      atlasCall: ({ status }) => atlas.inc({ status: statusClass(status) }),
      slackCall: ({ method, result }) => slack.inc({ method, result }),
    },
  };
}

interface ByCluster {
  readonly readings: Counter<'cluster' | 'result'>;
  readonly claims: Counter<'cluster' | 'result'>;
  readonly seconds: Histogram<'cluster'>;
}

function forget({ readings, claims, seconds }: ByCluster, cluster: string): void {
  for (const result of RESULTS) readings.remove({ cluster, result });
  for (const result of CLAIMS) claims.remove({ cluster, result });
  seconds.remove({ cluster });
}

function resultOf(report: ConnectionReport | null): (typeof RESULTS)[number] {
  if (report === null || report.nodes.every((node) => 'problem' in node)) return 'failed';
  return report.complete || isTotals(report) ? 'complete' : 'partial';
}

/** M0 and Flex: every node reported its totals, and nothing else is missing. */
function isTotals({ nodes, accessList, problems }: ConnectionReport): boolean {
  const isTold = nodes.every((node) => !('problem' in node) && node.connections === null);
  return isTold && accessList?.complete !== false && problems.every(({ code }) => NOTHING_MISSING.has(code));
}

function statusClass(status: number | null): (typeof STATUSES)[number] {
  return STATUSES.find((name) => name[0] === String(status)[0]) ?? 'none';
}

// Summarises a report in a bounded number of figures: by node and class of source, never by external names.

export interface Figures {
  readonly connections: readonly {
    readonly node: string;
    readonly class: SourceClass;
    readonly state: State;
    readonly count: number;
  }[];
  /** Of the whole cluster; null if no node reported it. */
  readonly internal: number | null;
  readonly own: number | null;
  readonly nodes: readonly {
    readonly node: string;
    readonly up: boolean;
    /** The node's own count; null if unknown. */
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

function figuresOf({ nodes, sources, totals }: ConnectionReport): Figures {
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

/** In one pass: a large sharded cluster has a hundred thousand rows. Includes zeros: a node without a class has 0. */
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
