// Forecasts against the truth: real drivers in processes of their own open what their plans say, and the nodes count.

import { readdir, readFile, readlink } from 'node:fs/promises';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { decodePlan } from '../../src/core/forecast/decode-plan.ts';
import { forecastOf } from '../../src/core/forecast/forecast.ts';
import type { FleetPlan, PlanForecast } from '../../src/core/forecast/plan.ts';
import { useRealSet } from '../cluster/real.ts';
import { type FleetDriver, fillFor, findDriver, startFleet } from '../sandbox/drivers/fleet.ts';
import { until } from '../sandbox/mongod/until.ts';

const { real, closers } = useRealSet({ members: 3, arbiter: true, hidden: true });

const NODES = [
  { name: 'primary', kind: 'primary' },
  { name: 'secondary1', kind: 'secondary' },
  { name: 'secondary2', kind: 'secondary' },
  { name: 'arbiter', kind: 'arbiter' },
  { name: 'hidden', kind: 'hidden' },
];

const LAMBDA = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };

interface RealCase {
  readonly what: string;
  readonly plan: {
    readonly driver: FleetDriver;
    readonly options?: Readonly<Record<string, string | number>>;
    readonly env?: Readonly<Record<string, string>>;
    readonly processes?: number;
    readonly clients?: number;
    readonly operations?: { readonly primary?: number; readonly secondary?: number };
  };
  /** The processes are children of one, and begin with its clients. */
  readonly isForked?: true;
  /** The driver opens one connection on the primary before any operation. */
  readonly connects?: true;
}

const CASES: readonly RealCase[] = [
  { what: 'one client with one operation', plan: { driver: 'node', operations: { primary: 1 } } },
  { what: 'every node used', plan: { driver: 'node', operations: { primary: 1, secondary: 1 } } },
  { what: 'no operation', plan: { driver: 'python' } },
  { what: 'every node used', plan: { driver: 'python', operations: { primary: 1, secondary: 1 } } },
  {
    what: 'minPoolSize on every node',
    plan: { driver: 'node', options: { minPoolSize: 5 }, operations: { primary: 1 } },
  },
  {
    what: 'polling, and minPoolSize',
    plan: { driver: 'python', options: { minPoolSize: 5, serverMonitoringMode: 'poll' }, operations: { primary: 1 } },
  },
  {
    what: 'polling, and minPoolSize',
    plan: { driver: 'node', options: { minPoolSize: 5, serverMonitoringMode: 'poll' }, operations: { primary: 1 } },
  },
  {
    what: 'more operations than maxPoolSize',
    plan: { driver: 'node', options: { maxPoolSize: 10 }, operations: { primary: 20 } },
  },
  {
    what: 'more operations than maxPoolSize',
    plan: { driver: 'python', options: { maxPoolSize: 10 }, operations: { primary: 20 } },
  },
  { what: 'on Lambda', plan: { driver: 'node', env: LAMBDA, options: { minPoolSize: 2 }, operations: { primary: 1 } } },
  {
    what: 'on Lambda, told to stream',
    plan: { driver: 'node', env: LAMBDA, options: { serverMonitoringMode: 'stream' }, operations: { primary: 1 } },
  },
  {
    what: 'on Lambda and Knative at once',
    plan: { driver: 'node', env: { ...LAMBDA, K_SERVICE: 'x' }, operations: { primary: 1 } },
  },
  {
    what: 'on Lambda and Knative at once',
    plan: { driver: 'python', env: { ...LAMBDA, K_SERVICE: 'x' }, operations: { primary: 1 } },
  },
  {
    what: 'on Vercel',
    plan: { driver: 'node', env: { ...LAMBDA, VERCEL: '1' }, operations: { primary: 1 } },
  },
  {
    what: 'in a container of ECS',
    plan: { driver: 'node', env: { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' }, operations: { primary: 1 } },
  },
  {
    what: 'forked after its client was made',
    plan: { driver: 'python', processes: 4, operations: { primary: 1 } },
    isForked: true,
  },
  {
    what: 'two processes of three clients with a pool of four',
    plan: { driver: 'node', processes: 2, clients: 3, operations: { primary: 4 } },
  },
  { what: 'single-threaded', plan: { driver: 'php', operations: { primary: 1 } } },
  {
    what: 'two processes of two option sets each',
    plan: { driver: 'php', processes: 2, clients: 2, operations: { primary: 1 } },
  },
];

test.for(CASES)('$plan.driver, $what: the nodes count what the forecast says', async (one, context) => {
  const { plan } = one;
  await fillFor(real().uri('app'));
  const found = await findDriver(plan.driver);
  if ('reason' in found) return context.skip(found.reason);
  const expected = forecastOf(planOf(plan));
  const app = `fleet-${CASES.indexOf(one)}`;
  const options = new URLSearchParams({ appName: app });
  for (const [name, value] of Object.entries(plan.options ?? {})) options.set(name, String(value));
  const { clients = 1, processes = 1, operations = {}, env = {} } = plan;
  const spec = {
    uri: `${real().uri('app')}&${options}`,
    ...{ clients, env, forks: one.isForked ? processes - 1 : 0 },
    ...{ primary: operations.primary ?? 0, secondary: operations.secondary ?? 0 },
  };
  const fleet = await Promise.all(Array.from({ length: one.isForked ? 1 : processes }, () => startFleet(found, spec)));
  try {
    const arbiter = real().hosts[3] ?? '';
    let seen: unknown = null;
    const wanted = shapeOf(expected);
    await until(`${app} holds what the forecast says`, async () => {
      const sockets = await Promise.all(fleet.map(({ pid }) => socketsTo(arbiter, pid)));
      const arbiters = sockets.reduce((sum, count) => sum + count, 0);
      seen = { ...(await countsOf(app)), arbiter: arbiters };
      return JSON.stringify(seen) === JSON.stringify(wanted);
    }).catch(() => undefined);
    expect(seen).toEqual(wanted);
  } finally {
    await Promise.all(fleet.map((process) => process.close()));
  }
});

function planOf(plan: RealCase['plan']): FleetPlan {
  const decoded = decodePlan({ ...plan, instances: 1, nodes: NODES });
  if (!('plan' in decoded)) throw new Error(JSON.stringify(decoded));
  return decoded.plan;
}

/** Which of the secondaries is which is left open. */
function shapeOf({ perNode }: PlanForecast): object {
  const used = (name: string) => perNode[name]?.used ?? 0;
  return {
    primary: used('primary'),
    secondaries: [used('secondary1'), used('secondary2')].toSorted(),
    hidden: used('hidden'),
    arbiter: used('arbiter'),
  };
}

/** As the nodes themselves tell it, without our own code between. */
async function countsOf(app: string): Promise<object> {
  const [a = '', b = '', c = '', , hidden = ''] = real().hosts;
  const nodes = await Promise.all([a, b, c, hidden].map((host) => countOn(host, app)));
  return {
    primary: nodes.find(({ isPrimary }) => isPrimary)?.count,
    secondaries: nodes
      .slice(0, 3)
      .flatMap(({ isPrimary, count }) => (isPrimary ? [] : [count]))
      .toSorted(),
    hidden: nodes[3]?.count,
  };
}

const watchers = new Map<string, MongoClient>();

async function countOn(host: string, app: string): Promise<{ readonly isPrimary: boolean; readonly count: number }> {
  const client = watchers.get(host) ?? new MongoClient(real().uri('watcher', host), { directConnection: true });
  if (!watchers.has(host)) closers.push(() => client.close());
  watchers.set(host, client);
  const admin = client.db('admin');
  const [row] = await admin
    .aggregate([
      { $currentOp: { allUsers: true, idleConnections: true } },
      { $match: { appName: app } },
      { $count: 'n' },
    ])
    .toArray();
  const { isWritablePrimary } = await admin.command({ hello: 1 });
  return { isPrimary: isWritablePrimary === true, count: row?.['n'] ?? 0 };
}

/** Established TCP connections of a process and its children: an arbiter has no users, so that nobody may ask it. */
async function socketsTo(host: string, pid: number): Promise<number> {
  const port = Number(host.split(':')[1]);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const pids = [pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
  const links = await Promise.all(pids.map(socketsOf));
  const own = new Set(links.flat());
  const table = await readFile('/proc/net/tcp', 'utf8');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const ESTABLISHED = '01';
  return rows.filter(
    ([, , remote = '', state, , , , , , inode = '']) =>
      state === ESTABLISHED && Number.parseInt(remote.split(':')[1] ?? '', 16) === port && own.has(inode),
  ).length;
}

async function socketsOf(pid: number): Promise<readonly string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}
