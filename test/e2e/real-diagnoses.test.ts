// Each mistake made once with real drivers on a real set, and named from what the nodes tell. What was usual before is made
// up: the clusters of a test have no past.

import { expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/cluster.ts';
import { MINUTE, SECOND } from '../../src/core/base/duration.ts';
import type { NodeHistory } from '../../src/core/baseline/node-history.ts';
import { newNodeHistory } from '../../src/core/baseline/node-history.ts';
import type { ClusterReading } from '../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../src/core/connections/report.ts';
import type { ConnectionSource } from '../../src/core/connections/source.ts';
import { whyOfSource } from '../../src/core/diagnosis/diagnose.ts';
import type { DiagnosisId, Why } from '../../src/core/diagnosis/diagnosis.ts';
import { patience, useRealSet } from '../cluster/real.ts';
import { baselineOf, type Course3, pastOf } from '../core/diagnosis/world.ts';
import { type FleetDriver, type FleetSpec, fillFor, findDriver, startFleet } from '../sandbox/drivers/fleet.ts';
import { until } from '../sandbox/mongod/until.ts';

const { real, closers } = useRealSet({ members: 3 });

const LAMBDA = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };

interface Mistake {
  readonly what: string;
  readonly driver: FleetDriver;
  readonly fleet: Partial<FleetSpec>;
  readonly processes?: number;
  readonly options?: Readonly<Record<string, string | number>>;
  /** What the source held before. */
  readonly past?: (source: ConnectionSource) => Course3;
  /** The source as the nodes are to show it before it is judged. */
  readonly holds: (source: ConnectionSource) => boolean;
  /** Readings a few seconds apart, for the rates of new connections. */
  readonly isRate?: true;
  /** The first diagnosis; null for a healthy fleet. */
  readonly expected: DiagnosisId | null;
}

const pooledOf = ({ active, dormant }: ConnectionSource) => active + dormant;
const steady = { days: 14 };

const MISTAKES: readonly Mistake[] = [
  {
    what: 'a client for each request, never closed',
    driver: 'node',
    fleet: { clients: 40, primary: 1 },
    past: () => ({ ...steady, clients: () => 4, pooled: () => 12, active: () => 1, hostsHeld: 0.3 }),
    holds: ({ clients, ...source }) => clients === 40 && pooledOf(source as ConnectionSource) === 40,
    expected: 'client-per-request',
  },
  {
    what: 'clients that leak for hours',
    driver: 'node',
    fleet: { clients: 40, primary: 1 },
    past: () => ({
      ...steady,
      clients: (hours) => Math.max(5, Math.round(40 - 3.5 * hours)),
      pooled: (hours) => Math.max(5, Math.round(40 - 3.5 * hours)),
      hostsHeld: 0.3,
    }),
    holds: ({ clients, ...source }) => clients === 40 && pooledOf(source as ConnectionSource) === 40,
    expected: 'client-leak',
  },
  {
    what: 'pools far larger than their use',
    driver: 'node',
    fleet: { clients: 2, primary: 30 },
    past: () => ({ ...steady, active: () => 4 }),
    holds: ({ clients, dormant }) => clients === 2 && dormant >= 50,
    expected: 'pool-too-large',
  },
  {
    what: 'minPoolSize on every node',
    driver: 'node',
    fleet: { clients: 10, primary: 1 },
    options: { minPoolSize: 10 },
    past: () => ({ ...steady, active: () => 2 }),
    holds: ({ clients, ...source }) => clients === 10 && pooledOf(source as ConnectionSource) === 300,
    expected: 'min-pool',
  },
  {
    what: 'connections that are closed before they are used again',
    driver: 'node',
    // Each connection is there for most of the second between two operations, and never for the next one.
    fleet: { clients: 20, primary: 1, everyMs: 1_000 },
    options: { maxIdleTimeMS: 600 },
    // Node.js opens the RTT sockets after ten seconds: until then, not its pools alone are new.
    holds: ({ clients, monitors }) => clients === 20 && monitors === 120,
    isRate: true,
    expected: 'churn',
  },
  {
    what: 'a client for each call, closed after it',
    driver: 'python',
    fleet: { perCall: 4 },
    holds: (source) => pooledOf(source) + source.monitors > 0,
    isRate: true,
    expected: 'client-per-request',
  },
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
    what: 'functions that poll, with pools of four',
    driver: 'node',
    fleet: { clients: 24, primary: 4, addresses: 12, env: LAMBDA },
    past: () => ({ ...steady, active: () => 24 }),
    holds: ({ clients, ...source }) => clients === null && pooledOf(source as ConnectionSource) === 96,
    expected: 'functions',
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
      return source !== null && mistake.holds(source);
    }).catch((error: unknown) => {
      throw new Error(`${error}: ${JSON.stringify(source)}`);
    });
    const nodes = mistake.isRate ? await ratesOf(look, clock) : {};
    const whyNow = () => {
      if (source === null) throw new Error(`${app} was not read`);
      const past = pastOf({ ...report, sources: [source] }, mistake.past?.(source) ?? {}, { nodes });
      return whyOfSource(report, source, past);
    };
    // Of connections that live for a moment, some readings see none in a pool, or only those that still log in.
    if (mistake.isRate)
      await until(`a reading sees what ${app} does`, async () => {
        report = await look();
        source = report.sources.find(({ apps }) => apps.some(({ name }) => name === app)) ?? source;
        return source?.opened !== undefined && whyNow().diagnoses[0]?.id === mistake.expected;
      }).catch(() => undefined);
    const why = whyNow();
    console.log(`${mistake.what}: ${inWords(why)}`);
    const [first = null] = why.diagnoses;
    const seen = report.sources.map(({ id, active, dormant, monitors, opened }) => ({
      id,
      active,
      dormant,
      monitors,
      opened,
    }));
    expect(first?.id ?? null, JSON.stringify({ why, seen })).toBe(mistake.expected);
  } finally {
    await Promise.all(fleet.map((process) => process.close()));
  }
});

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
