// The pools of all processes by app and cluster, for people, programs and metrics.

import { compareText, sum } from '../base/format.ts';
import {
  isStale,
  type PoolCounts,
  type PoolRecord,
  type PoolTotals,
  poolKey,
  type ReportedClient,
  type ReportedPool,
  type ReportingProcess,
} from './report.ts';

export interface PoolsView {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Most waiting first, then most in use; equal ones by name. */
  readonly apps: readonly AppPools[];
}

/** The pools of one app to one cluster. An app with pools to two clusters has two rows. */
export interface AppPools extends PoolFigures {
  readonly app: string;
  /** Null when the addresses belong to no monitored cluster; `addresses` name them. */
  readonly cluster: string | null;
  readonly addresses: readonly string[];
  /** Stale ones too, largest first. */
  readonly processes: readonly ProcessPools[];
  /** How many of them are stale; they are in no sum. */
  readonly stale: number;
  /** What the nodes counted for the same app; null when no reading says it. */
  readonly seen: AppSeen | null;
}

/** The connections of an app in the last reading of its cluster, and what its processes say. */
export interface AppSeen {
  /** When the nodes were read, in milliseconds since 1970. */
  readonly at: number;
  /** Counted by the nodes. */
  readonly pooled: number;
  readonly monitors: number;
  /** The heartbeat connections that the reported clients should have, by driver and version. */
  readonly expectedMonitors: number;
}

export interface ProcessPools extends PoolFigures {
  readonly process: ReportingProcess;
  /** How old its report is, in milliseconds. */
  readonly ageMs: number;
  readonly isStale: boolean;
  readonly pools: readonly PoolOfClient[];
  /** How many pools the process left out of its report, whatever their cluster. */
  readonly left: number;
}

export interface PoolOfClient extends ReportedPool, PoolRates {
  readonly client: Pick<ReportedClient, 'n' | 'appName' | 'options'>;
}

interface PoolRates {
  /** Between the last two reports of each process; null while no process has two. */
  readonly checkoutsPerSecond: number | null;
  /** The mean wait of these checkouts and of failed ones, in milliseconds; null when nothing was checked out. */
  readonly meanWaitMs: number | null;
}

export interface PoolFigures extends PoolRates {
  readonly clients: number;
  readonly now: PoolCounts;
  /** The sum of `maxPoolSize` over the pools; null without a pool, or when one has no limit or does not report it. */
  readonly capacity: number | null;
  /** The pool that was closest to its limit since its process started; null without a pool. */
  readonly peak: { readonly inUse: number; readonly maxPoolSize: number | null } | null;
  readonly total: PoolTotals;
}

export interface PoolContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The monitored cluster of a server address in lower case, or null. */
  readonly clusterOf: (address: string) => string | null;
  /** What the nodes of its cluster counted for the app of these processes. */
  readonly seenOf: (app: Omit<AppPools, 'seen'>) => AppSeen | null;
}

export function poolsView(records: readonly PoolRecord[], context: PoolContext): PoolsView {
  const { now, clusterOf } = context;
  const parts = records.flatMap((record) => partsOf(record, clusterOf));
  const byRow = Map.groupBy(parts, ({ record, cluster }) => JSON.stringify([record.report.process.app, cluster]));
  const apps = [...byRow.values()].map((row) => appOf(row, context));
  return { at: now, apps: apps.toSorted(largestFirst) };
}

/** The pools of one process to one cluster. */
interface Part {
  readonly record: PoolRecord;
  readonly cluster: string | null;
  readonly pools: readonly PoolOfClient[];
}

/** A process without any pool has a row too: it reports. */
function partsOf(record: PoolRecord, clusterOf: (address: string) => string | null): readonly Part[] {
  const pools = record.report.clients.flatMap(({ pools: own, ...client }) =>
    own.map((pool) => ({ ...pool, client, ...ratesOf([{ record, pools: [{ ...pool, client }] }]) })),
  );
  if (pools.length === 0) return [{ record, cluster: null, pools }];
  const byCluster = Map.groupBy(pools, ({ address }) => clusterOf(address));
  return [...byCluster].map(([cluster, some]) => ({ record, cluster, pools: some }));
}

function appOf(parts: readonly Part[], { now, seenOf }: PoolContext): AppPools {
  const processes = parts.map((part) => processOf(part, now));
  const fresh = parts.filter(({ record }) => !isStale(record, now));
  const [first] = parts;
  const addresses = new Set(parts.flatMap(({ pools }) => pools.map(({ address }) => address)));
  const app = {
    app: first?.record.report.process.app ?? '',
    cluster: first?.cluster ?? null,
    addresses: [...addresses].toSorted(),
    processes: processes.toSorted(busiestFirst),
    stale: parts.length - fresh.length,
    ...figuresOf(fresh),
  };
  return { ...app, seen: seenOf(app) };
}

function processOf(part: Part, now: number): ProcessPools {
  const { record, pools } = part;
  const { process, left } = record.report;
  const ageMs = Math.max(0, now - record.at);
  return { process, ageMs, isStale: isStale(record, now), pools, left, ...figuresOf([part]) };
}

function figuresOf(parts: readonly Part[]): PoolFigures {
  const pools = parts.flatMap((part) => part.pools);
  const total = (name: keyof PoolTotals) => sum(pools, (pool) => pool.total[name]);
  const now = (name: keyof PoolCounts) => sum(pools, (pool) => pool.now[name]);
  const sizes = pools.map(({ client }) => client.options.maxPoolSize);
  const isLimited = sizes.length > 0 && sizes.every((size) => size !== null && size > 0);
  return {
    clients: sum(parts, (part) => new Set(part.pools.map(({ client }) => client.n)).size),
    now: { open: now('open'), pending: now('pending'), inUse: now('inUse'), waiting: now('waiting') },
    capacity: isLimited ? sum(sizes, (size) => size ?? 0) : null,
    peak: peakOf(pools),
    total: {
      created: total('created'),
      closed: total('closed'),
      checkouts: total('checkouts'),
      failed: total('failed'),
      timeouts: total('timeouts'),
      cleared: total('cleared'),
      waitMs: total('waitMs'),
    },
    ...ratesOf(parts),
  };
}

function peakOf(pools: readonly PoolOfClient[]): PoolFigures['peak'] {
  const [most] = pools.toSorted((a, b) => shareOf(b) - shareOf(a) || b.max.inUse - a.max.inUse);
  return most === undefined ? null : { inUse: most.max.inUse, maxPoolSize: most.client.options.maxPoolSize };
}

/** 50 of 50 is more than 90 of 1,000. A pool without a limit is never full. */
function shareOf({ max, client: { options } }: PoolOfClient): number {
  return options.maxPoolSize ? max.inUse / options.maxPoolSize : 0;
}

interface Counted {
  readonly record: PoolRecord;
  readonly pools: readonly Pick<PoolOfClient, 'client' | 'address' | 'total'>[];
}

function ratesOf(parts: readonly Counted[]): PoolRates {
  const rates = parts.flatMap(({ record, pools }) => {
    const { at, before } = record;
    if (before === null || at <= before.at) return [];
    const baseOf = ({ client, address }: Counted['pools'][number]) => before.pools[poolKey(client, { address })];
    // A pool that was left out of a report is not new.
    const isPartial = before.isPartial || record.report.left > 0;
    const known = isPartial ? pools.filter((pool) => baseOf(pool) !== undefined) : pools;
    if (known.length === 0 && pools.length > 0) return [];
    const since = (name: 'checkouts' | 'failed' | 'waitMs') =>
      sum(known, (pool) => Math.max(0, pool.total[name] - (baseOf(pool)?.[name] ?? 0)));
    const checkouts = since('checkouts');
    return [
      { checkouts, failed: since('failed'), waitMs: since('waitMs'), perSecond: checkouts / ((at - before.at) / 1000) },
    ];
  });
  const checkouts = sum(rates, (rate) => rate.checkouts);
  const waits = checkouts + sum(rates, (rate) => rate.failed);
  return {
    checkoutsPerSecond: rates.length === 0 ? null : sum(rates, ({ perSecond }) => perSecond),
    meanWaitMs: checkouts === 0 ? null : sum(rates, ({ waitMs }) => waitMs) / waits,
  };
}

function largestFirst(a: AppPools, b: AppPools): number {
  return busiestFirst(a, b) || compareText(a.app, b.app) || compareText(a.cluster ?? '', b.cluster ?? '');
}

function busiestFirst(a: PoolFigures, b: PoolFigures): number {
  return b.now.waiting - a.now.waiting || b.now.inUse - a.now.inUse || b.now.open - a.now.open;
}
