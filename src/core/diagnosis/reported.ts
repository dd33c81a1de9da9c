// What the applications of a source report of their own pools: with it, a guess about pools becomes a fact.

import { count, counted, joinWords, sum } from '../base/format.ts';
import { isFullPool, LONG_WAIT_MS, waitText } from '../pools/look.ts';
import type { AppPools, PoolOfClient, ProcessPools } from '../pools/view.ts';
import type { SourceFacts } from './facts.ts';
import { pooledOf } from './finder.ts';
import type { ClusterPast } from './past.ts';

export interface ReportedFacts {
  /** `3 processes of app billing report`: the start of a sentence. */
  readonly who: string;
  readonly processes: readonly ProcessPools[];
  readonly pools: readonly PoolOfClient[];
  /** They hold about as many connections as the nodes count: nothing of the source goes unreported. */
  readonly isWhole: boolean;
  /** When the youngest of them started, in milliseconds since 1970: before, their peaks do not tell of all. */
  readonly since: number;
}

/** Reports and readings are seconds to minutes apart. */
const ABOUT = { least: 0.8, most: 1.25 };

/**
 * By the `appName` of the clients, which the nodes show as well. Null where no process of the source reports. Processes
 * of the same app that come from elsewhere are among them.
 */
export function reportedOf(source: SourceFacts, { pools: apps = [] }: ClusterPast): ReportedFacts | null {
  const names = new Set(source.apps.flatMap(({ name }) => name || []));
  const isOwn = ({ client }: PoolOfClient) => client.appName !== null && names.has(client.appName);
  const processes = apps.flatMap((app) => freshOf(app).filter((process) => process.pools.some(isOwn)));
  if (processes.length === 0) return null;
  const pools = processes.flatMap((process) => process.pools.filter(isOwn));
  const own = [...new Set(pools.flatMap(({ client }) => client.appName ?? []))];
  const open = sum(pools, ({ now }) => now.open);
  const seen = pooledOf(source);
  return {
    who: `${counted(processes.length, 'process')} of app ${joinWords(own)} report${processes.length === 1 ? 's' : ''}`,
    processes,
    pools,
    isWhole: open >= ABOUT.least * seen && open <= ABOUT.most * seen,
    since: Math.max(...processes.map(({ process }) => process.startedAt)),
  };
}

function freshOf({ processes }: AppPools): readonly ProcessPools[] {
  return processes.filter(({ isStale }) => !isStale);
}

const isFull = ({ now, client }: PoolOfClient) => isFullPool({ now, maxPoolSize: client.options.maxPoolSize || null });

const isWaitedFor = ({ meanWaitMs, now, checkoutsPerSecond }: PoolOfClient) =>
  (meanWaitMs ?? 0) > LONG_WAIT_MS || (now.waiting > 0 && checkoutsPerSecond === 0);

/** The full pools that operations wait for. */
export function waitingPools({ who, pools }: ReportedFacts): {
  readonly size: number;
  /** The most in use and waiting at once in one of them. */
  readonly demand: number;
  /** No connection is returned to these pools. */
  readonly isStuck: boolean;
  readonly evidence: readonly string[];
} | null {
  const full = pools.filter((pool) => isFull(pool) && isWaitedFor(pool));
  if (full.length === 0) return null;
  const size = Math.max(...full.map(({ client }) => client.options.maxPoolSize ?? 0));
  const inUse = sum(full, ({ now }) => now.inUse);
  const queue = sum(full, ({ now }) => now.waiting);
  const waits = full.flatMap(({ meanWaitMs }) => meanWaitMs ?? []);
  const timeouts = sum(full, ({ total }) => total.timeouts);
  return {
    size,
    demand: Math.max(...full.map(({ now }) => now.inUse + now.waiting)),
    isStuck: waits.length === 0,
    evidence: [
      `${who} ${counted(full.length, 'full pool')}: ${counted(inUse, 'connection')} in use, maxPoolSize is ${count(size)}.`,
      `${counted(queue, 'operation')} ${queue === 1 ? 'waits' : 'wait'} for one${waits.length === 0 ? ', and no checkout succeeds' : `, ${waitText(Math.max(...waits))} on average`}.`,
      ...(timeouts === 0 ? [] : [`${counted(timeouts, 'operation')} timed out since these processes started.`]),
    ],
  };
}

/** Whether every pool is reported, and none makes operations wait: they are busy, and no more. */
export function waitsForNone({ isWhole, pools }: ReportedFacts): boolean {
  return isWhole && pools.every((pool) => (pool.meanWaitMs === null ? !isFull(pool) : pool.meanWaitMs <= LONG_WAIT_MS));
}

interface BusiestPool {
  readonly inUse: number;
  readonly maxPoolSize: number | null;
}

/** The most in use at once in one pool since its process started, with what it may hold; null for no pool. */
export function busiestPool({ pools }: ReportedFacts): BusiestPool | null {
  const [most] = pools.toSorted((a, b) => b.max.inUse - a.max.inUse);
  return most === undefined ? null : { inUse: most.max.inUse, maxPoolSize: most.client.options.maxPoolSize || null };
}

/** `3 processes of app billing report at most 7 connections in use at once in one pool since they started; maxPoolSize is 100.` */
export function peakText(reported: ReportedFacts, { inUse, maxPoolSize }: BusiestPool): string {
  const size = maxPoolSize === null ? '' : `; maxPoolSize is ${count(maxPoolSize)}`;
  return `${reported.who} at most ${counted(inUse, 'connection')} in use at once in one pool since their start${size}.`;
}

/** `3 processes of app billing report 240 clients, of which the busiest had 1 connection in use at once.` */
export function clientsText(reported: ReportedFacts): string {
  const clients = sum(reported.processes, ({ pools }) => {
    const own = pools.filter((pool) => reported.pools.includes(pool));
    return new Set(own.map(({ client }) => client.n)).size;
  });
  const most = busiestPool(reported)?.inUse ?? 0;
  return `${reported.who} ${counted(clients, 'client')}, of which the busiest had ${counted(most, 'connection')} in use at once.`;
}
