// What the answers about causes cost: strings linted, fleets forecast, the sources of a huge cluster diagnosed.

import { DAY, MINUTE } from '../../src/core/base/duration.ts';
import type { ConnectionGroup, NodeRead } from '../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../src/core/connections/report.ts';
import type { ClusterState } from '../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import { whyInChunks } from '../../src/core/diagnosis/diagnose.ts';
import { decodePlan } from '../../src/core/forecast/decode-plan.ts';
import { forecastOf } from '../../src/core/forecast/forecast.ts';
import { lintConnectionString } from '../../src/core/lint/lint.ts';
import { snapshotOf } from '../../src/core/snapshots/from-report.ts';
import { medianOf, type Row } from './row.ts';

const STRINGS = 10_000;
const FORECASTS = 1_000;
const SOURCES = 2_000;
const LEARNED = 20;

export async function benchInsight(): Promise<Row[]> {
  const linted = eachOf(STRINGS, (index) =>
    lintConnectionString(
      `mongodb+srv://user${index}:p%40ss${index}@cluster${index % 9}.ab1cd.mongodb.net/shop${index % 7 === 0 ? '&' : '?'}` +
        `retryWrites=true&w=majority&maxPoolSize=${index % 300}&maxIdleTimeMS=60_000&appName=Cluster0&useNewUrlParser=true`,
      { driver: index % 2 === 0 ? 'node' : 'any', functions: index % 3 === 0, fleet: null },
    ),
  );
  const forecast = eachOf(FORECASTS, (index) => {
    const decoded = decodePlan(planOf(index));
    if (!('plan' in decoded)) throw new Error(JSON.stringify(decoded));
    return forecastOf(decoded.plan);
  });
  const step = longestDiagnosis();
  return [
    { what: 'linting a connection string', value: linted, unit: 'ms', reach: '< 1', ok: linted < 1 },
    { what: 'a forecast of a fleet on nine nodes', value: forecast, unit: 'ms', reach: '< 5', ok: forecast < 5 },
    {
      what: `longest step of diagnosing ${SOURCES.toLocaleString('en')} sources with their history`,
      ...{ value: step, unit: 'ms', reach: '≤ 50', ok: step <= 50 },
    },
  ];
}

/** Milliseconds of this thread for one of them; the first tenth is for the compiler. */
function eachOf(many: number, work: (index: number) => unknown): number {
  for (let index = 0; index < many / 10; index++) work(index);
  const began = used();
  for (let index = 0; index < many; index++) work(index);
  return (used() - began) / many;
}

function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function planOf(index: number): object {
  return {
    driver: 'node',
    ...{ instances: 1 + index, processes: 2, clients: 1 },
    options: { minPoolSize: index % 5, srvMaxHosts: index % 4 },
    operations: { mongos: 3 },
    nodes: Array.from({ length: 9 }, (_, node) => ({ name: `mongos${node}`, kind: 'mongos' })),
    ...{ limit: 3_000, reserved: 10, others: 200 },
  };
}

/** The longest of five rounds would be the machine's; so the median of their longest steps. */
function longestDiagnosis(): number {
  const report = reportOf(Date.parse('2026-11-26T14:00:00Z'));
  const past = pastOf(report);
  const rounds = Array.from({ length: 5 }, () => {
    const steps = whyInChunks(report, past);
    let longest = 0;
    for (let isDone = false; !isDone; ) {
      const began = used();
      isDone = steps.next().done === true;
      longest = Math.max(longest, used() - began);
    }
    return longest;
  });
  return medianOf(rounds);
}

/** Eight days of readings of a few sources. Their histories stand for those of all. */
function pastOf(report: ConnectionReport): Parameters<typeof whyInChunks>[1] {
  const now = Date.parse(report.at);
  const snapshot = snapshotOf(report, { before: null });
  const few = { ...snapshot, sources: snapshot.sources.slice(0, LEARNED) };
  let state: ClusterState | null = null;
  for (let at = now - 8 * DAY; at < now; at += 5 * MINUTE) ({ state } = evaluate(state, { ...few, at }, DEFAULT_BOOK));
  if (state === null) throw new Error('nothing was learned');
  const learned = Object.values(state.sources);
  const sources = Object.fromEntries(
    report.sources.flatMap(({ id }, index) => {
      const history = learned[index % learned.length];
      return history === undefined ? [] : [[id, history]];
    }),
  );
  return { sources, nodes: state.nodes, elected: null, moment: { at: now, offset: 0 } };
}

function reportOf(at: number): ConnectionReport {
  const now = new Date(at);
  const nodes = ['a:27017', 'b:27017', 'c:27017'].map((host, index): NodeRead => {
    const groups = Array.from({ length: SOURCES }, (_, source) => groupsOf(source)).flat();
    const role = index === 0 ? 'primary' : 'secondary';
    const known = { current: 40_000, available: 60_000, limit: 100_000, totalCreated: null, rejected: 0 };
    return { kind: 'read', host, role, version: '8.0.4', ...known, groups, threads: [], idleUsersTold: true };
  });
  const list = { accessList: { entries: [], complete: true, readAt: now.toISOString(), problems: [] }, networks: null };
  const reading = { cluster: 'prod', at: now.toISOString(), tookMs: 12, nodes, leftOut: [], problems: [] };
  return buildReport({ reading, ...list, labels: [], problems: [], now });
}

function groupsOf(source: number): readonly ConnectionGroup[] {
  const driver = { name: 'nodejs', version: '7.9.0', platform: 'Node.js v24' };
  const of = { client: `198.51.${Math.floor(source / 250)}.${source % 250}`, app: `app-${source}`, driver };
  const clients = 1 + (source % 3);
  return [
    { ...of, user: null, activity: 'heartbeat', count: clients },
    { ...of, user: null, activity: 'idle', count: clients },
    { ...of, user: 'app@admin', activity: 'idle', count: 10 + (source % 40) },
    { ...of, user: 'app@admin', activity: 'operation', count: 1 },
  ];
}
