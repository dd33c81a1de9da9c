// Two applications of prod that report their own pools to the bot, by the protocol and in simulated time. What their
// pools have open is what the nodes hold for them.

import type { RunningCluster } from '../scenario/scenario.ts';
import type { SimulatedClock } from './clock.ts';

export interface Applications {
  /** Billing API checks connections out and does not return them, until its pools are used up. */
  leak(): void;
  calm(): void;
}

interface Application {
  /** Of the cluster. */
  readonly source: string;
  readonly app: string;
  readonly driver: { readonly name: string; readonly version: string };
  readonly processes: number;
  readonly maxPoolSize: number;
  /** Of one active connection in a minute. */
  readonly checkouts: number;
}

const BILLING: Application = {
  source: 'Billing API',
  app: 'billing',
  driver: { name: 'nodejs', version: '7.8.0' },
  processes: 12,
  maxPoolSize: 20,
  checkouts: 900,
};

const APPLICATIONS: readonly Application[] = [
  BILLING,
  {
    source: 'Reports (private endpoint)',
    app: 'reports',
    driver: { name: 'mongo-java-driver', version: '5.6.1' },
    processes: 6,
    maxPoolSize: 10,
    checkouts: 40,
  },
];

/** Of simulated time. */
const EVERY_MS = 60_000;
/** Connections that each process of a leaking app loses in a minute. */
const LOST = 6;
/** Operations that wait in a process whose pool is used up, and those that gave up within a minute. */
const [WAITING, TIMEOUTS] = [7, 30];
const WAIT_MS = 10_000;

interface Reporting {
  readonly cluster: RunningCluster;
  readonly clock: Pick<SimulatedClock, 'now' | 'wait' | 'speed'>;
  /** Of the bot. */
  readonly url: string;
  readonly token: string;
  /** Ends the reports. */
  readonly signal: AbortSignal;
}

/** A bot that does not run is no trouble: the next report has everything. */
export function startApplications({ cluster, clock, url, token, signal }: Reporting): Applications {
  const leak: Leak = { isOn: false, lost: 0, opened: 0 };
  const running = APPLICATIONS.flatMap((application) => processesOf(application, clock.now()));
  const send = async (body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const late = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const answer = fetch(`${url}/v1/pools`, { method: 'PUT', headers, body: JSON.stringify(body), signal: late });
    await answer.then((response) => response.arrayBuffer()).catch(() => undefined);
  };
  const report = async () => {
    while (!signal.aborted) {
      if (leak.isOn) grow(cluster, leak);
      const primary = cluster.set.primary()?.host;
      const pools = new Map(APPLICATIONS.map(({ source }) => [source, cluster.pools(source)]));
      for (const one of running) {
        if (signal.aborted) return;
        const { source } = one.application;
        const lostOn = (address: string) => (source === BILLING.source && address === primary ? leak.lost : 0);
        await send(reportOf(one, pools.get(source) ?? new Map(), lostOn));
      }
      await clock.wait(EVERY_MS, signal);
    }
  };
  void report();
  return {
    leak: () => {
      leak.isOn = true;
    },
    calm: () => {
      Object.assign(leak, { isOn: false, lost: 0, opened: 0 });
    },
  };
}

/** What is lost was idle in the pools first, and then they open more. No pool has more than its maximum. */
function grow(cluster: RunningCluster, leak: Leak): void {
  const { source, processes, maxPoolSize } = BILLING;
  const pooled = Math.max(...[...cluster.pools(source).values()].map((node) => node.pooled));
  leak.lost = Math.min(maxPoolSize, leak.lost + LOST);
  const usual = pooled - leak.opened;
  leak.opened = Math.max(0, processes * leak.lost - usual);
  cluster.leak(source, leak.opened);
}

interface Leak {
  isOn: boolean;
  /** In each process. */
  lost: number;
  /** In all processes, beside their usual pools. */
  opened: number;
}

interface Process {
  readonly application: Application;
  readonly index: number;
  readonly startedAt: string;
  readonly by: Map<string, Pool>;
  seq: number;
}

interface Pool {
  open: number;
  readonly max: { open: number; inUse: number; waiting: number };
  readonly total: Record<'created' | 'closed' | 'checkouts' | 'failed' | 'timeouts' | 'cleared' | 'waitMs', number>;
}

function processesOf(application: Application, now: Date): readonly Process[] {
  return Array.from({ length: application.processes }, (_, index) => ({
    ...{ application, index, by: new Map(), seq: 0 },
    startedAt: new Date(now.getTime() - 3 * 3_600_000).toISOString(),
  }));
}

type Held = ReadonlyMap<string, { readonly pooled: number; readonly active: number }>;

function reportOf(process: Process, held: Held, lostOn: (address: string) => number): object {
  const { application, index, startedAt } = process;
  const { app, driver, maxPoolSize } = application;
  process.seq += 1;
  const pools = [...held].map(([address, { pooled, active }]) => {
    const share = (all: number) => Math.floor((all + index) / application.processes);
    const now = { open: share(pooled), active: share(active), lost: lostOn(address) };
    return [address, poolOf(process, address, now)];
  });
  return {
    v: 1,
    seq: process.seq,
    everyMs: EVERY_MS,
    process: { id: `demo-${app}-${index}`, pid: 4_000 + index, host: `${app}-${index}`, app, startedAt, driver },
    clients: [{ n: 1, appName: app, options: { maxPoolSize, minPoolSize: 0 }, pools: Object.fromEntries(pools) }],
    bye: false,
  };
}

/** Some are lost where the app works: on the primary. */
function poolOf(
  { application, by }: Process,
  address: string,
  { open, active, lost }: { readonly open: number; readonly active: number; readonly lost: number },
): object {
  const { maxPoolSize, checkouts } = application;
  const pool = by.get(address) ?? newPool();
  by.set(address, pool);
  const { max, total } = pool;
  const used = lost >= maxPoolSize && open >= maxPoolSize;
  const inUse = Math.min(open, active + lost);
  const waiting = used ? WAITING : 0;
  total.created += Math.max(0, open - pool.open);
  total.closed += Math.max(0, pool.open - open);
  pool.open = open;
  if (used) {
    total.failed += TIMEOUTS;
    total.timeouts += TIMEOUTS;
    total.waitMs += TIMEOUTS * WAIT_MS;
  } else {
    total.checkouts += active * checkouts;
    total.waitMs += active;
  }
  max.open = Math.max(max.open, open);
  max.inUse = Math.max(max.inUse, inUse);
  max.waiting = Math.max(max.waiting, waiting);
  return { now: { open, pending: 0, inUse, waiting }, max: { ...max }, total: { ...total } };
}

function newPool(): Pool {
  return {
    open: 0,
    max: { open: 0, inUse: 0, waiting: 0 },
    total: { created: 0, closed: 0, checkouts: 0, failed: 0, timeouts: 0, cleared: 0, waitMs: 0 },
  };
}
