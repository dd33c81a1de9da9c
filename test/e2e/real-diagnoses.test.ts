// Each mistake made once with real drivers on a real set, and named from what the nodes tell: those of `load` by its
// patterns, the others by fleets. What was usual before is made up: the clusters of a test have no past.

import { expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { wait } from '../../src/core/base/clock.ts';
import { MINUTE, SECOND } from '../../src/core/base/duration.ts';
import type { NodeHistory } from '../../src/core/baseline/node-history.ts';
import { newNodeHistory } from '../../src/core/baseline/node-history.ts';
import type { ClusterReading } from '../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../src/core/connections/report.ts';
import type { ConnectionSource } from '../../src/core/connections/source.ts';
import { whyOfSource } from '../../src/core/diagnosis/diagnose.ts';
import type { DiagnosisId, Why } from '../../src/core/diagnosis/diagnosis.ts';
import { LOAD_APP, PATTERN_NAMES, PATTERNS } from '../../src/core/load/patterns.ts';
import type { LoadPlan } from '../../src/core/load/run.ts';
import { patience, useRealSet } from '../cluster/real.ts';
import { baselineOf, type Course3, pastOf } from '../core/diagnosis/world.ts';
import { type PlayInput, play } from '../load/play.ts';
import { type FleetDriver, type FleetSpec, fillFor, findDriver, startFleet } from '../sandbox/drivers/fleet.ts';
import { until } from '../sandbox/mongod/until.ts';

const { real, closers } = useRealSet({ members: 3 });

interface Played {
  readonly what: string;
  readonly load: Omit<PlayInput, 'uri'>;
  /** What the source held before. */
  readonly past?: (source: ConnectionSource) => Course3;
  /** Of the pattern, if it is left out. */
  readonly expected?: DiagnosisId;
}

interface Mistake extends Omit<Played, 'load' | 'expected'> {
  readonly driver: FleetDriver;
  readonly fleet: Partial<FleetSpec>;
  readonly processes?: number;
  readonly options?: Readonly<Record<string, string | number>>;
  /** The source as the nodes are to show it before it is judged. */
  readonly holds: (source: ConnectionSource) => boolean;
  /** The first diagnosis; null for a healthy fleet. */
  readonly expected: DiagnosisId | null;
}

const pooledOf = ({ active, dormant }: ConnectionSource) => active + dormant;
const steady = { days: 14 };

const PLAYED: readonly Played[] = [
  {
    what: 'a client for each request, never closed',
    load: { pattern: 'leak' },
    past: () => ({ ...steady, clients: () => 4, pooled: () => 12, active: () => 1, hostsHeld: 0.3 }),
    expected: 'client-per-request',
  },
  {
    what: 'clients that leak for hours',
    load: { pattern: 'leak' },
    past: () => ({
      ...steady,
      clients: (hours) => Math.max(5, Math.round(40 - 3.5 * hours)),
      pooled: (hours) => Math.max(5, Math.round(40 - 3.5 * hours)),
      hostsHeld: 0.3,
    }),
  },
  { what: 'pools far larger than their use', load: { pattern: 'idle' } },
  {
    what: 'pools of a usual size, and far larger than their use of a week',
    load: { pattern: 'idle', connections: 30 },
    past: () => ({ ...steady, active: () => 4 }),
  },
  { what: 'minPoolSize on every node', load: { pattern: 'min-pool' }, past: () => ({ ...steady, active: () => 2 }) },
  { what: 'connections that are closed before they are used again', load: { pattern: 'churn' } },
  { what: 'a client for each request, closed after it', load: { pattern: 'client-per-request' } },
  {
    what: 'pools that a burst filled hours ago',
    // The burst begins at once.
    load: { pattern: 'burst', wait: (ms, signal) => wait(Math.min(ms, 2 * SECOND), signal) },
    past: () => ({
      ...steady,
      pooled: (hours) => (hours < 4 ? 120 : 4),
      active: (hours) => (hours < 4 && hours > 3.8 ? 100 : 1),
      clients: () => 2,
    }),
  },
  {
    what: 'functions that poll, with pools of four',
    load: { pattern: 'functions' },
    past: () => ({ ...steady, active: () => 24 }),
  },
];

const MISTAKES: readonly Mistake[] = [
  {
    what: 'pools in which every connection is busy',
    driver: 'node',
    fleet: { clients: 3, primary: 10, busy: true },
    options: { maxPoolSize: 10 },
    past: () => ({ ...steady, active: () => 9 }),
    holds: ({ clients, active, dormant }) => clients === 3 && active === 30 && dormant === 0,
    expected: 'pool-exhausted',
  },
  {
    what: 'clients that were made before their process forked',
    driver: 'python',
    fleet: { clients: 3, primary: 1, forks: 9 },
    past: () => ({
      ...steady,
      clients: (hours) => (hours < 3 ? 30 : 3),
      pooled: (hours) => (hours < 3 ? 30 : 3),
      hostsHeld: 0.1,
    }),
    holds: ({ clients, ...source }) => clients === 30 && pooledOf(source as ConnectionSource) === 30,
    expected: 'fork',
  },
  {
    what: 'healthy: twelve clients with a few connections each',
    driver: 'node',
    fleet: { clients: 3, primary: 5 },
    processes: 4,
    past: () => ({ ...steady, active: () => 30 }),
    holds: ({ clients, ...source }) => clients === 12 && pooledOf(source as ConnectionSource) === 60,
    expected: null,
  },
  {
    what: 'healthy: a few workers that keep two connections ready',
    driver: 'python',
    fleet: { clients: 1, primary: 4 },
    processes: 3,
    options: { minPoolSize: 2, maxPoolSize: 10 },
    past: () => ({ ...steady, active: () => 8 }),
    holds: ({ clients, ...source }) => clients === 3 && pooledOf(source as ConnectionSource) === 24,
    expected: null,
  },
  {
    what: 'healthy: processes with one connection on every node',
    driver: 'php',
    fleet: { clients: 1, primary: 1 },
    processes: 8,
    past: () => steady,
    holds: ({ nodes, ...source }) => nodes.length === 3 && pooledOf(source as ConnectionSource) >= 8,
    expected: null,
  },
];

/** On each node, as the plan of a run says; of one that renews, something. */
function isAsPlanned({ forecast, pattern }: LoadPlan, source: ConnectionSource): boolean {
  const seen = new Map(source.nodes.map((node) => [node.host, node.active + node.dormant + node.monitors]));
  if (PATTERNS[pattern].renews) return [...seen.values()].some((held) => held > 0);
  return Object.entries(forecast).every(([host, held]) => seen.get(host) === held);
}

test.for(PLAYED)('$what, by load --pattern $load.pattern', async ({ what, load, past, expected }) => {
  const run = play({ ...load, uri: real().uri('watcher') });
  try {
    const { plan } = await run.begun();
    const { renews, shows } = PATTERNS[load.pattern];
    const holds = (source: ConnectionSource) => isAsPlanned(plan, source);
    await judge({ what, app: LOAD_APP, holds, isRate: renews, ...(past && { past }), expected: expected ?? shows });
  } finally {
    const { end, nodes } = await run.stop();
    expect([end, nodes.map(({ after }) => after !== null)]).toEqual(['stopped', [true, true, true]]);
  }
});

test('each pattern of load is played above', () => {
  expect(new Set(PLAYED.map(({ load }) => load.pattern))).toEqual(new Set(PATTERN_NAMES));
});

test.for(MISTAKES)('$what, with the driver $driver', async (mistake, context) => {
  await fillFor(real().uri('app'));
  const found = await findDriver(mistake.driver);
  if ('reason' in found) return context.skip(found.reason);
  const app = `mistake-${MISTAKES.indexOf(mistake)}`;
  const options = new URLSearchParams({ appName: app });
  for (const [name, value] of Object.entries(mistake.options ?? {})) options.set(name, String(value));
  const spec = { clients: 0, primary: 0, secondary: 0, ...mistake.fleet, uri: `${real().uri('app')}&${options}` };
  const fleet = await Promise.all(Array.from({ length: mistake.processes ?? 1 }, () => startFleet(found, spec)));
  try {
    await judge({ ...mistake, app, isRate: false });
  } finally {
    await Promise.all(fleet.map((process) => process.close()));
  }
});

interface Judged extends Pick<Mistake, 'what' | 'past' | 'holds' | 'expected'> {
  readonly app: string;
  /** Readings a few seconds apart, for the rates of new connections. */
  readonly isRate: boolean;
}

/** Waits until the nodes show it, and asks why. */
async function judge({ what, app, past: before, holds, isRate, expected }: Judged): Promise<void> {
  // The clock of the readings goes faster than the real one, for the time between two of them.
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const cluster = openCluster({ name: 'prod', uri: real().uri('watcher'), now });
  closers.push(cluster.close);
  const look = async () => reportOf(await cluster.read({ signal: patience() }), now());
  let [report, source] = [await look(), null as ConnectionSource | null];
  await until(`${app} holds what it should`, async () => {
    report = await look();
    source = report.sources.find(({ apps }) => apps.some(({ name }) => name === app)) ?? null;
    return source !== null && holds(source);
  }).catch((error: unknown) => {
    throw new Error(`${error}: ${JSON.stringify(source)}`);
  });
  const nodes = isRate ? await ratesOf(look, clock) : {};
  const whyNow = () => {
    if (source === null) throw new Error(`${app} was not read`);
    const past = pastOf({ ...report, sources: [source] }, before?.(source) ?? {}, { nodes });
    return whyOfSource(report, source, past);
  };
  // Of connections that live for a moment, some readings see none in a pool, or only those that still log in.
  if (isRate)
    await until(`a reading sees what ${app} does`, async () => {
      report = await look();
      source = report.sources.find(({ apps }) => apps.some(({ name }) => name === app)) ?? source;
      return source?.opened !== undefined && whyNow().diagnoses[0]?.id === expected;
    }).catch(() => undefined);
  const why = whyNow();
  console.log(`${what}: ${inWords(why)}`);
  const [first = null] = why.diagnoses;
  const seen = report.sources.map(({ id, active, dormant, monitors, opened }) => ({
    ...{ id, active, dormant, monitors, opened },
  }));
  expect(first?.id ?? null, JSON.stringify({ why, seen })).toBe(expected);
}

function inWords({ diagnoses, expected }: Why): string {
  const said = diagnoses.flatMap(({ title, evidence, advice }) => [title, ...evidence, advice]);
  return [...(said.length === 0 ? ['nothing unusual'] : said), expected?.meaning ?? ''].join('\n  ');
}

function reportOf(reading: ClusterReading, now: Date): ConnectionReport {
  const list = { accessList: { entries: [], complete: true, readAt: now.toISOString(), problems: [] }, networks: null };
  return buildReport({ reading, ...list, labels: [], problems: [], now });
}

/** New connections a second on each node, as three readings of the real counters tell them. */
async function ratesOf(
  look: () => Promise<ConnectionReport>,
  clock: { ahead: number },
): Promise<Readonly<Record<string, NodeHistory>>> {
  // What is open by now is not newer than the mark of this reading.
  clock.ahead += MINUTE;
  const first = await look();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 5 * SECOND));
  // The marks of the node count over half a minute at least.
  clock.ahead += 5 * MINUTE;
  const last = await look();
  const seconds = (performance.now() - began) / SECOND;
  const createdIn = (report: ConnectionReport, host: string) => {
    const node = report.nodes.find((one) => one.host === host);
    return node === undefined || 'problem' in node ? 0 : (node.totalCreated ?? 0);
  };
  return Object.fromEntries(
    last.nodes.map(({ host }) => {
      const rate = (createdIn(last, host) - createdIn(first, host)) / seconds;
      const at = Date.parse(last.at);
      return [host, { ...newNodeHistory(at), churn: baselineOf(() => rate, 1, at) }];
    }),
  );
}
