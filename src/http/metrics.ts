// The bot's metrics: its events, the state of store and monitor at a scrape, and the process.

import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Alert, type AlertState, isOpen } from '../core/alerting/alert.ts';
import type { Severity } from '../core/detection/rule.ts';
import type { PoolsView } from '../core/pools/view.ts';
import type { MonitorState } from '../core/ports/monitor.ts';
import type { Observer } from '../core/ports/telemetry.ts';
import { createEventCounters, type Figures } from './event-counters.ts';
import type { LastReadings } from './last-readings.ts';
import { CATALOG, gauges, type MetricRow } from './metric-catalog.ts';
import { drawPools } from './pool-metrics.ts';

/** Facts that are collected at a scrape. */
export interface Facts {
  readonly state: MonitorState;
  /** Null if the store does not answer. */
  readonly alerts: readonly Alert[] | null;
}

export interface Metrics {
  readonly observer: Observer;
  /** The content type of `text`. */
  readonly type: string;
  /** In Prometheus's format. Metrics that need facts are absent without them. */
  text(moment: {
    readonly facts: Facts | null;
    readonly isSlackUp: boolean;
    /** Null if no reports are taken, or they cannot be read now. */
    readonly pools: PoolsView | null;
  }): Promise<string>;
}

export interface MetricsInput {
  readonly version: string;
  readonly now: () => Date;
  readonly lastReadings: LastReadings;
  /** Also metrics of the process, its memory and its event loop. */
  readonly process: boolean;
  /** Answers to applications that report their pools, by status. */
  readonly poolAnswers: () => ReadonlyMap<number, number>;
}

const STATES = ['firing', 'acknowledged', 'silenced'] as const satisfies readonly AlertState[];
const SEVERITIES = ['warning', 'critical'] as const satisfies readonly Severity[];

export function createMetrics({ version, now, lastReadings, process, poolAnswers }: MetricsInput): Metrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  const { observer, figures } = createEventCounters(registry, lastReadings);
  let moment: Parameters<Metrics['text']>[0] = { facts: null, isSlackUp: false, pools: null };
  const state = () => moment.facts?.state ?? null;

  gauges(registry, CATALOG.build, () => [{ labels: { version }, value: 1 }]);
  gauges(registry, CATALOG.clusters, () => one(state()?.clusters.length));
  drawFigures(registry, figures);
  gauges(registry, CATALOG.lastReading, () =>
    lastReadings.all().map(({ cluster, at }) => ({ labels: { cluster }, value: (at ?? 0) / 1000 })),
  );
  gauges(registry, CATALOG.slackUp, () => one(moment.isSlackUp ? 1 : 0));
  gauges(registry, CATALOG.storeUp, () => one(isStoreUp(moment.facts) ? 1 : 0));
  gauges(registry, CATALOG.skipped, () =>
    (state()?.clusters ?? []).map(({ name, skipped }) => ({ labels: { cluster: name }, value: skipped })),
  );
  gauges(registry, CATALOG.unwritten, () => one(state()?.unwritten));
  gauges(registry, CATALOG.lost, () => one(state()?.lost));
  gauges(registry, CATALOG.outbox, () => one(state()?.waiting?.count));
  gauges(registry, CATALOG.outboxAge, () => {
    const waiting = state()?.waiting ?? null;
    if (waiting === null) return [];
    return one(waiting.oldest === null ? 0 : Math.max(0, now().getTime() - waiting.oldest) / 1000);
  });
  gauges(registry, CATALOG.alerts, () => alertRows(moment.facts?.alerts ?? null));
  drawPools(registry, { view: () => moment.pools, answers: poolAnswers });

  return {
    observer,
    type: registry.contentType,
    text(given) {
      moment = given;
      return registry.metrics();
    },
  };
}

function drawFigures(registry: Registry, figures: ReadonlyMap<string, Figures>): void {
  const rows = <Label extends string>(of: (cluster: string, figures: Figures) => readonly MetricRow<Label>[]) => {
    return () => [...figures].flatMap(([cluster, known]) => of(cluster, known));
  };
  const ofCluster = (key: 'internal' | 'own') =>
    rows((cluster, known) => one(known[key]).map(({ value }) => ({ labels: { cluster }, value })));
  const ofNodes = (value: (node: Figures['nodes'][number]) => number | null) =>
    rows((cluster, { nodes }) =>
      nodes.flatMap((node) => one(value(node)).map((row) => ({ ...row, labels: { cluster, node: node.node } }))),
    );
  gauges(
    registry,
    CATALOG.connections,
    rows((cluster, { connections }) =>
      connections.map(({ count, ...labels }) => ({ labels: { cluster, ...labels }, value: count })),
    ),
  );
  gauges(registry, CATALOG.internal, ofCluster('internal'));
  gauges(registry, CATALOG.own, ofCluster('own'));
  gauges(
    registry,
    CATALOG.nodeConnections,
    ofNodes(({ current }) => current),
  );
  gauges(
    registry,
    CATALOG.nodeLimit,
    ofNodes(({ limit }) => limit),
  );
  gauges(
    registry,
    CATALOG.nodeUp,
    ofNodes(({ up }) => (up ? 1 : 0)),
  );
}

/** One row without labels; none if the value is unknown. */
function one(value: number | null | undefined): readonly MetricRow<never>[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

function isStoreUp(facts: Facts | null): boolean {
  if (facts === null || facts.alerts === null) return false;
  const { store, waiting } = facts.state;
  return store.awaySince === null && waiting !== null;
}

/** Every combination, so that a resolved alert is a zero and not a gap. */
function alertRows(alerts: readonly Alert[] | null): readonly MetricRow<'state' | 'severity'>[] {
  if (alerts === null) return [];
  const open = alerts.filter(isOpen);
  return STATES.flatMap((state) =>
    SEVERITIES.map((severity) => ({
      labels: { state, severity },
      value: open.filter((alert) => alert.state === state && alert.severity === severity).length,
    })),
  );
}
