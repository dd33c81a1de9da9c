// Days before the demo began, as if they had been read: judged by the real rules and written to the real store.

import { checkpointOf, headOf } from '../../../src/app/monitor/checkpoint.ts';
import { DAY, MINUTE } from '../../../src/core/base/duration.ts';
import { addressBook } from '../../../src/core/connections/address-book.ts';
import { attribute } from '../../../src/core/connections/attribute.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { parseClient } from '../../../src/core/net/address.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import type { Snapshot, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { openMongoStore } from '../../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { addressesOf } from '../scenario/address-pool.ts';
import { demoAccessList, demoContainers, demoPeers } from '../scenario/demo.ts';
import type { RunningCluster } from '../scenario/scenario.ts';
import { NO_EFFECT, type Source, standing } from '../scenario/source.ts';

/** As the bot will read; before the last day fewer readings make the same past. */
const EVERY = 5 * MINUTE;
const BEFORE = 15 * MINUTE;
const LAST = DAY;
/** What is not prod has a shorter past: it is read along, and nobody looks at it. */
const SHORT = 2 * DAY;
/** Threads and members of the set, which count as connections too. */
const INTERNAL = 14;
/** What a node has made before the scenario began. */
const MADE = 90_000;

export interface PastInput {
  readonly directory: string;
  /** Connection string of the store; undefined for the embedded one in the directory. */
  readonly store: string | undefined;
  readonly clusters: readonly RunningCluster[];
  /** What the sources count their time from, in milliseconds since 1970. */
  readonly start: number;
  /** Excluded. */
  readonly until: number;
}

/** Rejects where the past would leave an alert that fires: then it is none to begin a demo with. */
export async function writePast({ directory, store: uri, clusters, start, until }: PastInput): Promise<void> {
  const keep = { readings: 35 * DAY, hours: 400 * DAY };
  const now = () => new Date(until);
  const store = await (uri === undefined
    ? openSqliteStore({ directory, keep, now })
    : openMongoStore({ uri, keep, now }));
  try {
    for (const cluster of clusters) await writeCluster(store, { cluster, start, until });
  } finally {
    await store.close();
  }
}

interface Span {
  readonly cluster: RunningCluster;
  readonly start: number;
  readonly until: number;
}

async function writeCluster(store: Store, { cluster, start, until }: Span): Promise<void> {
  const { name } = cluster.plan;
  const nothing = { alerts: [], groups: [], silences: [], deliveries: [] };
  let state: ClusterState | null = null;
  let version = 0;
  const from = name === 'prod' ? start : Math.max(start, until - SHORT);
  for (let slot = from; slot < until; slot += until - slot > LAST ? BEFORE : EVERY) {
    const snapshot = snapshotAt(cluster, { start, at: slot + 1_000 });
    const after = evaluate(state, snapshot, DEFAULT_BOOK);
    version += 1;
    state = after.state;
    const change = {
      cluster: name,
      reading: { slot, snapshot: after.reading },
      head: headOf(after.state, version),
      ...nothing,
    };
    if (!(await store.write(change))) throw new Error(`${name} has a past already`);
  }
  if (state === null) return;
  const firing = Object.values(state.alerts).filter((alert) => alert.firing);
  if (firing.length > 0) throw new Error(`${name} would begin with ${firing.length} alerts`);
  await store.saveCheckpoint(name, await checkpointOf(state, version));
}

function snapshotAt(cluster: RunningCluster, time: { readonly start: number; readonly at: number }): Snapshot {
  const { plan, set } = cluster;
  const seconds = (time.at - time.start) / 1000;
  const hosts = set.nodes.map(({ host }) => host);
  const sources = plan.sources.map((source) => sourceAt(source, { seconds, hosts })).filter(({ held }) => held > 0);
  return {
    cluster: plan.name,
    at: time.at,
    complete: true,
    problem: null,
    nodes: set.nodes.map((node, index) => ({
      host: node.host,
      problem: null,
      role: node.role(),
      current: INTERNAL + sources.reduce((sum, { perNode }) => sum + (perNode[index] ?? 0), 0),
      limit: plan.limit,
      totalCreated: MADE + (index === 0 ? Math.floor(seconds * sumOf(plan.sources, ({ churn = 0 }) => churn)) : 0),
      rejected: 0,
    })),
    sources: sources.map(({ row }) => row),
  };
}

const book = addressBook({
  accessList: { entries: demoAccessList(new Date(0)), complete: true },
  labels: [],
  peers: demoPeers,
  containers: demoContainers,
});

/** @returns what a report would say of it; `perNode` counts its connections, heartbeats too */
function sourceAt(source: Source, time: { readonly seconds: number; readonly hosts: readonly string[] }) {
  const { seconds, hosts } = time;
  const stands = hosts.map((_, index) => standing(source, { seconds, primary: index === 0, effect: NO_EFFECT }));
  const nodes = stands.map(({ pooled, active }, index) => ({
    name: hosts[index] ?? null,
    active,
    dormant: pooled - active,
  }));
  const active = sumOf(nodes, (node) => node.active);
  const dormant = sumOf(nodes, (node) => node.dormant);
  const perNode = stands.map((one) => one.pooled + one.clients * (one.heartbeats + one.idleMonitors));
  const addresses = addressesOf(source.addresses);
  const { id, name, class: of } = who(source, addresses[0] ?? '');
  const share = (count: number) => Math.round(count / addresses.length);
  const row: SnapshotSource = {
    ...{ id, name, class: of, active, dormant, nodes },
    monitors: sumOf(stands, (one) => one.clients * (one.heartbeats + one.idleMonitors)),
    clients: source.monitoring === 'poll' ? null : (stands[0]?.clients ?? 0),
    apps: [{ name: source.app, active, dormant }],
    hosts: addresses
      .slice(0, 5)
      .map((address) => ({ name: address.replace(/[[\]]/g, ''), active: share(active), dormant: share(dormant) })),
    drivers: [{ name: `${source.driver.name} ${source.driver.version}`, active, dormant }],
  };
  return { row, perNode, held: sumOf(perNode, (count) => count) };
}

function who({ app, user, driver }: Source, address: string) {
  const made = { name: driver.name, version: driver.version, platform: driver.platform ?? null };
  const group = { client: address, app, driver: made, user, activity: 'idle', count: 1 } as const;
  return attribute(book, parseClient(address), group);
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
