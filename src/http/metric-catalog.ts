import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

// The metrics as data, for the registry and the README's table.

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly labels: readonly string[];
  /** Also the help text in a scrape. */
  readonly help: string;
}

/**
 * Names and units follow https://prometheus.io/docs/practices/naming/. No label has a value that users or clients
 * choose. Apps choose `app`, so only the largest have one.
 */
export const CATALOG = {
  build: {
    name: 'atlas_conns_build_info',
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1: which version this is.',
  },
  clusters: {
    name: 'atlas_conns_clusters',
    type: 'gauge',
    labels: [],
    help: 'Clusters that are watched. 0 is the truth: `health` says why.',
  },
  connections: {
    name: 'atlas_conns_connections',
    type: 'gauge',
    labels: ['cluster', 'node', 'class', 'state'],
    help: 'Connections in the last reading, by class of source; state is active, dormant or monitor.',
  },
  internal: {
    name: 'atlas_conns_internal_connections',
    type: 'gauge',
    labels: ['cluster'],
    help: 'Connections of members of the cluster and of Atlas in the last reading.',
  },
  own: {
    name: 'atlas_conns_own_connections',
    type: 'gauge',
    labels: ['cluster'],
    help: 'Connections of this tool in the last reading.',
  },
  nodeConnections: {
    name: 'atlas_conns_node_connections',
    type: 'gauge',
    labels: ['cluster', 'node'],
    help: 'Connections as the node counts them itself, of every kind.',
  },
  nodeLimit: {
    name: 'atlas_conns_node_connections_limit',
    type: 'gauge',
    labels: ['cluster', 'node'],
    help: 'Connections that the node takes at most.',
  },
  nodeUp: {
    name: 'atlas_conns_node_up',
    type: 'gauge',
    labels: ['cluster', 'node'],
    help: '1 where the last reading reached the node, else 0.',
  },
  readings: {
    name: 'atlas_conns_readings_total',
    type: 'counter',
    labels: ['cluster', 'result'],
    help: 'Readings taken; result is complete (of M0 and Flex: their totals), partial (a node or the access list is missing) or failed.',
  },
  readingSeconds: {
    name: 'atlas_conns_reading_duration_seconds',
    type: 'histogram',
    labels: ['cluster'],
    help: 'How long readings took, failed ones too.',
  },
  lastReading: {
    name: 'atlas_conns_last_reading_timestamp_seconds',
    type: 'gauge',
    labels: ['cluster'],
    help: 'When the cluster was last read by any replica, failed readings apart; 0 where no such reading is known.',
  },
  skipped: {
    name: 'atlas_conns_slots_skipped_total',
    type: 'counter',
    labels: ['cluster'],
    help: 'Slots of the schedule that came while the reading before still went on.',
  },
  claims: {
    name: 'atlas_conns_claims_total',
    type: 'counter',
    labels: ['cluster', 'result'],
    help: 'Slots that this replica asked for; result is won or lost (another replica has it).',
  },
  atlas: {
    name: 'atlas_conns_atlas_requests_total',
    type: 'counter',
    labels: ['status'],
    help: 'HTTP requests to the Atlas Admin API; status is 2xx, 3xx, 4xx, 5xx or none (no answer).',
  },
  slack: {
    name: 'atlas_conns_slack_requests_total',
    type: 'counter',
    labels: ['method', 'result'],
    help: 'Calls of Slack’s Web API; result is ok, error, rate_limited or unanswered.',
  },
  slackUp: {
    name: 'atlas_conns_slack_up',
    type: 'gauge',
    labels: [],
    help: '1 while there is a connection to Slack, or, over HTTP, while its Web API answers; else 0.',
  },
  storeUp: {
    name: 'atlas_conns_store_up',
    type: 'gauge',
    labels: [],
    help: '1 where the store answered this scrape, else 0: then what only it knows is absent.',
  },
  unwritten: {
    name: 'atlas_conns_unwritten_readings',
    type: 'gauge',
    labels: [],
    help: 'Readings in memory that the store does not have yet.',
  },
  lost: {
    name: 'atlas_conns_lost_readings_total',
    type: 'counter',
    labels: [],
    help: 'Readings that were lost: too many waited for the store, or they could not be written.',
  },
  outbox: {
    name: 'atlas_conns_outbox_deliveries',
    type: 'gauge',
    labels: [],
    help: 'Messages that Slack does not have yet, of all replicas.',
  },
  outboxAge: {
    name: 'atlas_conns_outbox_oldest_age_seconds',
    type: 'gauge',
    labels: [],
    help: 'How long the oldest of them has waited; 0 where none waits.',
  },
  alerts: {
    name: 'atlas_conns_alerts',
    type: 'gauge',
    labels: ['state', 'severity'],
    help: 'Open alerts, of all replicas; state is firing, acknowledged or silenced.',
  },
  poolProcesses: {
    name: 'atlas_conns_pool_processes',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Processes that report their connection pools, stale ones apart.',
  },
  poolStale: {
    name: 'atlas_conns_pool_processes_stale',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Processes that have not reported for three of their intervals; they are in no other figure.',
  },
  poolOpen: {
    name: 'atlas_conns_pool_connections',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Open connections in the pools of an app, as its processes report them.',
  },
  poolInUse: {
    name: 'atlas_conns_pool_connections_in_use',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Those of them that an operation has checked out.',
  },
  poolLimit: {
    name: 'atlas_conns_pool_connections_limit',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'The sum of maxPoolSize over these pools; absent where one has no limit or does not report it.',
  },
  poolWaiting: {
    name: 'atlas_conns_pool_checkouts_waiting',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Checkouts that wait for a connection. A few at a moment are usual.',
  },
  poolCheckouts: {
    name: 'atlas_conns_pool_checkouts_per_second',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Checkouts a second between the last two reports of each process.',
  },
  poolTimeouts: {
    name: 'atlas_conns_pool_timeouts',
    type: 'gauge',
    labels: ['app', 'cluster'],
    help: 'Checkouts that timed out since the processes started; it falls when one of them ends.',
  },
  poolRequests: {
    name: 'atlas_conns_pool_requests_total',
    type: 'counter',
    labels: ['status'],
    help: 'Requests to the listener of POOLS_PORT of this replica, by HTTP status.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/**
 * The README's table, in Markdown.
 * @internal
 */
export function metricsTable(): string {
  const code = (word: string) => `\`${word}\``;
  const rows = Object.values<Metric>(CATALOG).map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ]);
  const head = ['Metric', 'Type', 'Labels', 'Meaning'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

// Metrics from the catalog: counters, and gauges that each scrape sets again, so that no old row stays.

export interface MetricRow<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

interface Entry<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** A scrape shows exactly the current result of `rows`. */
export function gauges<Label extends string>(
  registry: Registry,
  entry: Entry<Label> & { readonly type: 'gauge' | 'counter' },
  rows: () => readonly MetricRow<Label>[],
): void {
  const settings = { ...settingsOf(registry, entry), collect: () => draw() };
  const metric = entry.type === 'gauge' ? new Gauge(settings) : new Counter(settings);
  const draw = () => {
    metric.reset();
    // Without labels the library starts with a zero, which would be wrong.
    if (entry.labels.length === 0) metric.remove();
    for (const { labels, value } of rows()) metric.inc(labels, value);
  };
}

export function counter<Label extends string>(registry: Registry, entry: Entry<Label>): Counter<Label> {
  return new Counter(settingsOf(registry, entry));
}

export function histogram<Label extends string>(
  registry: Registry,
  entry: Entry<Label>,
  buckets: readonly number[],
): Histogram<Label> {
  return new Histogram({ ...settingsOf(registry, entry), buckets: [...buckets] });
}

function settingsOf<Label extends string>(registry: Registry, { name, help, labels }: Entry<Label>) {
  return { name, help, labelNames: labels, registers: [registry] };
}
