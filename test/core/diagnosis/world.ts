// Fleets of clients on three nodes, as the servers show them, and the past of their source.

import { DAY, MINUTE } from '../../../src/core/base/duration.ts';
import { type Baseline, newBaseline } from '../../../src/core/baseline/baseline.ts';
import { remember } from '../../../src/core/baseline/memory.ts';
import { type NodeHistory, newNodeHistory } from '../../../src/core/baseline/node-history.ts';
import { newHistory, type SourceHistory } from '../../../src/core/baseline/source-history.ts';
import type { ConnectionGroup, Driver, NodeRead } from '../../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import type { ConnectionSource, Opened } from '../../../src/core/connections/source.ts';
import { whyOfSource } from '../../../src/core/diagnosis/diagnose.ts';
import type { DiagnosisId, Why } from '../../../src/core/diagnosis/diagnosis.ts';
import { type ClusterPast, NO_PAST } from '../../../src/core/diagnosis/past.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { readNode } from '../arbitrary.ts';
import { range } from '../fixtures.ts';

/** A Thursday, 14:00. */
export const NOW = Date.parse('2026-11-26T14:00:00Z');
/** The primary first. */
export const NODES = ['shard-00-00.abc.net:27017', 'shard-00-01.abc.net:27017', 'shard-00-02.abc.net:27017'] as const;
export const SOURCE = '203.0.113.0/24';

export const DRIVERS = {
  node: { name: 'nodejs', version: '7.9.0', platform: 'Node.js v24' },
  oldNode: { name: 'nodejs|Mongoose', version: '6.3.0', platform: 'Node.js v18' },
  python: { name: 'PyMongo', version: '4.20.1', platform: 'CPython 3.13' },
  java: { name: 'mongo-java-driver|sync', version: '5.11.0', platform: 'Java/Oracle/21' },
  go: { name: 'mongo-go-driver', version: '2.8.0', platform: 'go1.25' },
  csharp: { name: 'mongo-csharp-driver', version: '3.5.0', platform: '.NET 9' },
  ruby: { name: 'mongo-ruby-driver', version: '2.25.0', platform: 'Ruby 3.4' },
  rust: { name: 'mongo-rust-driver', version: '3.8.0', platform: 'rustc' },
  c: { name: 'mongoc', version: '2.6.0', platform: 'posix' },
  php: { name: 'mongoc / ext-mongodb:PHP', version: '2.0.0', platform: 'PHP 8.4' },
} satisfies Record<string, Driver>;

export interface Fleet {
  readonly driver?: Driver;
  /** `203.0.113.1` and so on. */
  readonly hosts: number;
  readonly firstHost?: number;
  /** Of each host; 1 when it is left out. */
  readonly clients?: number | ((host: number) => number);
  /** Pooled connections of each client on each node, active ones included. */
  readonly pooled: readonly number[];
  /** Of all hosts together, on each node. */
  readonly active?: readonly number[];
  readonly app?: string | null;
  readonly watches?: 'stream' | 'poll' | 'nothing';
  /** Of the heartbeats: how many have an RTT socket. */
  readonly rtt?: number;
}

/** The groups of a fleet on one node, by its index. */
function groupsOf(fleet: Fleet, node: number): readonly ConnectionGroup[] {
  const { driver = DRIVERS.node, app = 'billing', watches = 'stream', firstHost = 1, rtt = 1 } = fleet;
  let active = fleet.active?.[node] ?? 0;
  return Array.from({ length: fleet.hosts }, (_, index) => index).flatMap((index) => {
    const clients = typeof fleet.clients === 'function' ? fleet.clients(index) : (fleet.clients ?? 1);
    const pooled = Math.round(clients * (fleet.pooled[node] ?? 0));
    const busy = Math.min(active, pooled);
    active -= busy;
    const of = { client: `203.0.113.${firstHost + index}`, app, driver };
    const monitors: readonly ConnectionGroup[] = {
      stream: [
        { ...of, user: null, activity: 'heartbeat' as const, count: clients },
        { ...of, user: null, activity: 'idle' as const, count: Math.round(rtt * clients) },
      ],
      poll: [{ ...of, user: null, activity: 'ping' as const, count: clients }],
      nothing: [],
    }[watches];
    const signedIn = { ...of, user: 'app@admin' };
    return [
      ...monitors,
      { ...signedIn, activity: 'operation' as const, count: busy },
      { ...signedIn, activity: 'idle' as const, count: pooled - busy },
    ].filter(({ count }) => count > 0);
  });
}

interface Scene {
  readonly nodes?: readonly Partial<NodeRead>[];
  readonly at?: number;
  readonly cluster?: string;
  readonly redact?: (text: string) => string;
}

export function reportOf(fleets: readonly Fleet[], { nodes = [], at = NOW, cluster = 'prod', redact }: Scene = {}) {
  const read = NODES.map((host, index): NodeRead => {
    const groups = fleets.flatMap((fleet) => groupsOf(fleet, index));
    const current = groups.reduce((sum, { count }) => sum + count, 20);
    const role = index === 0 ? 'primary' : 'secondary';
    return { ...readNode(host), role, current, available: 3_000 - current, limit: 3_000, groups, ...nodes[index] };
  });
  const now = new Date(at);
  return buildReport({
    reading: { cluster, at: now.toISOString(), tookMs: 12, nodes: read, leftOut: [], problems: [] },
    accessList: {
      entries: [range(SOURCE, 'Billing API'), range('198.51.100.0/24', 'Others')],
      complete: true,
      readAt: now.toISOString(),
      problems: [],
    },
    networks: { peers: [], containers: [], privateEndpointServices: [], problems: [] },
    labels: [],
    problems: [],
    redact,
    now,
  });
}

export function onlySource(report: ConnectionReport): ConnectionSource {
  const [source] = report.sources;
  if (source === undefined || report.sources.length > 1) throw new Error('one source is expected');
  return source;
}

/** A figure at a time; null for no reading. */
type Course = (hoursAgo: number) => number | null;

export function baselineOf(course: Course, days: number, at = NOW): Baseline {
  const from = at - days * DAY;
  let baseline = newBaseline(from);
  for (let time = from; time < at; time += 5 * MINUTE) {
    const value = course((at - time) / (60 * MINUTE));
    if (value === null) continue;
    const memory = remember(baseline.memory, { wall: time, weight: 1 }, { value, isWithheld: false });
    baseline = { ...baseline, memory, newestAt: time, newestCount: 1 };
  }
  return baseline;
}

export interface Course3 {
  readonly days?: number;
  /** What the source held; as now when it is left out. */
  readonly pooled?: Course;
  readonly active?: Course;
  readonly clients?: Course;
  /** What its hosts held, as a part of what they hold now. */
  readonly hostsHeld?: number;
  /** How many hosts are new within the last hour. */
  readonly newHosts?: number;
  /** Of the pooled connections on each node. */
  readonly shares?: readonly number[];
  readonly hosts?: SourceHistory['hosts'];
}

/** The past of the source of a report. */
export function pastOf(report: ConnectionReport, course: Course3 = {}, more: Partial<ClusterPast> = {}): ClusterPast {
  const [source] = snapshotOf(report, { before: null }).sources;
  if (source === undefined) return { ...NO_PAST, moment: { at: Date.parse(report.at), offset: 0 }, ...more };
  const { days = 14, pooled, active = () => source.active, hostsHeld = 1, newHosts = 0, shares } = course;
  const at = Date.parse(report.at);
  const held = pooled ?? (() => source.active + source.dormant);
  const idle: Course = (hours) => {
    const [all, busy] = [held(hours), active(hours)];
    return all === null || busy === null ? null : Math.max(0, all - busy);
  };
  const clients = course.clients ?? (() => source.clients);
  const history: SourceHistory = {
    ...newHistory(source, at - days * DAY),
    lastSeen: at,
    pooled: baselineOf(held, days, at),
    dormant: baselineOf(idle, days, at),
    clients: source.clients === null ? null : baselineOf(clients, days, at),
    last: { at: at - 5 * MINUTE, dormant: idle(0.1) ?? 0, pooled: held(0.1) ?? 0 },
    hosts:
      course.hosts ??
      source.hosts.map((host, index) => ({
        name: host.name ?? '',
        usual: (host.active + host.dormant) * hostsHeld,
        since: index < newHosts ? at - 20 * MINUTE : at - days * DAY,
      })),
    shares: Object.fromEntries(
      NODES.map((host, index) => {
        const here = source.nodes.find(({ name }) => name === host);
        const share = shares?.[index] ?? ((here?.active ?? 0) + (here?.dormant ?? 0)) / Math.max(1, held(0.1) ?? 0);
        return [host, { share, since: null, state: 'known' as const }];
      }),
    ),
  };
  return { ...NO_PAST, sources: { [source.id]: history }, moment: { at, offset: 0 }, ...more };
}

/** New connections a second on each node, over the last hours. */
export function nodesOpening(rates: readonly Course[]): Readonly<Record<string, NodeHistory>> {
  return Object.fromEntries(
    NODES.map((host, index) => [
      host,
      { ...newNodeHistory(NOW - DAY), churn: baselineOf(rates[index] ?? (() => 0), 1) },
    ]),
  );
}

export function idsOf({ diagnoses }: Why): readonly DiagnosisId[] {
  return diagnoses.map(({ id }) => id);
}

/** Why the only source of a fleet holds so many. */
export function whyOf(
  fleet: Fleet,
  course: Course3 | null,
  more: Partial<ClusterPast> & { readonly opened?: Opened } = {},
): Why {
  const { opened, ...past } = more;
  const report = reportOf([fleet]);
  const source = { ...onlySource(report), ...(opened !== undefined && { opened }) };
  const seen = { ...report, sources: [source] };
  return whyOfSource(seen, source, course === null ? NO_PAST : pastOf(report, course, past));
}
