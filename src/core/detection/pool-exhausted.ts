// pool-exhausted: operations of an app wait for a connection of its own pool.

import { count, counted, sum } from '../base/format.ts';
import { exhaustedText, poolEvidence } from '../evidence/pools.ts';
import {
  type AppLook,
  isExhausted,
  isFullPool,
  LONG_WAIT_MS,
  meanWait,
  type PoolLook,
  type ProcessLook,
  waitText,
} from '../pools/look.ts';
import { PLAIN, type Readings, type Rule, type Severity, unknown } from './rule.ts';

interface ExhaustedSettings {
  /** Of a checkout from a full pool, in milliseconds. */
  readonly wait: number;
  readonly readings: Readings;
  /** Where operations only wait. Those that time out fail, and that is critical. */
  readonly severity: Severity;
}

/** A full pool whose operations wait half as long is not calm yet. */
const CALM = 0.5;

export const poolExhausted: Rule<ExhaustedSettings> = {
  settings: { wait: 'positive', readings: 'readings', severity: 'severity' },
  defaults: { wait: LONG_WAIT_MS, readings: { needed: 2, of: 3 }, severity: 'warning' },
  words: {
    was: 'waited for its own connection pools',
    several: 'waiting for their own connection pools',
    calm: 'no operation waits for long',
    threshold: ({ wait }) => `${waitText(wait)} mean wait for a full pool, or a timeout`,
    firesWhen:
      'operations of an app wait for its own connection pool in 2 of 3 minutes (warning), or time out (critical); only where applications report their pools',
  },
  pool({ wait, readings, severity }, { app, context }) {
    const exhausted = app.processes.flatMap((one) => exhaustedPart(one, wait));
    const judged = app.processes.flatMap(({ pools }) => pools.filter(({ since }) => since !== null));
    if (exhausted.length === 0 && judged.length === 0) return unknown(whyUnknown(app));
    const base = { ...PLAIN, readings, app: app.app, value: exhausted.length };
    if (exhausted.length === 0) {
      const what = calmText(app, judged);
      return { ...base, level: isCalm(app, wait) ? 'below' : 'between', severity, what, reason: what };
    }
    const evidence = poolEvidence(app, exhausted, context);
    const { pools, doNow } = evidence;
    const pooled = exhausted.flatMap((one) => one.pools);
    return {
      ...base,
      level: 'above',
      severity: timeoutsOf(pooled) > 0 ? 'critical' : severity,
      what: exhaustedText(pools),
      reason: brokenLines(pooled, wait).join('; '),
      notes: [pools.cause, ...doNow.slice(0, 1).map((remedy) => `Try: ${remedy}`)],
      evidence,
    };
  },
};

/** `12 timeouts: these operations failed`, `a full pool with a mean wait above 100 ms`, … */
function brokenLines(pools: readonly PoolLook[], wait: number): readonly string[] {
  const timeouts = timeoutsOf(pools);
  const waiting = pools.filter((pool) => isFullPool(pool) && (meanWait([pool]) ?? 0) > wait);
  const stuck = pools.filter(({ now, since }) => now.waiting > 0 && since?.checkouts === 0);
  return [
    ...(timeouts === 0
      ? []
      : [`${counted(timeouts, 'timeout')}: ${timeouts === 1 ? 'this operation' : 'these operations'} failed`]),
    ...(waiting.length === 0
      ? []
      : [`${counted(waiting.length, 'full pool')} with a mean wait above ${waitText(wait)}`]),
    ...(stuck.length === 0 ? [] : [`${counted(stuck.length, 'pool')} where operations wait and no checkout succeeds`]),
  ];
}

function timeoutsOf(pools: readonly PoolLook[]): number {
  return sum(pools, ({ since }) => since?.timeouts ?? 0);
}

function exhaustedPart({ process, pools }: ProcessLook, wait: number): readonly ProcessLook[] {
  const some = pools.filter((pool) => isExhausted(pool, wait));
  return some.length === 0 ? [] : [{ process, pools: some }];
}

function whyUnknown({ processes, stale }: AppLook): string {
  if (processes.length === 0) return `${counted(stale.length, 'process')} did not report in time`;
  return 'there is no report since the look before';
}

/** Whether nothing is near the line. Pools that nobody can judge now must not have been full when they last reported. */
function isCalm({ processes, stale }: AppLook, wait: number): boolean {
  const pools = processes.flatMap((one) => one.pools);
  const silent = [...stale.flatMap((one) => one.pools), ...pools.filter(({ since }) => since === null)];
  const isNear = (pool: PoolLook) => isFullPool(pool) && (meanWait([pool]) ?? 0) > CALM * wait;
  return !pools.some(isNear) && !silent.some(isFullPool);
}

/** `12 processes, 40 connections in use, mean wait 3 ms` */
function calmText({ processes }: AppLook, judged: readonly PoolLook[]): string {
  const inUse = sum(processes, ({ pools }) => sum(pools, ({ now }) => now.inUse));
  const mean = meanWait(judged);
  const wait = mean === null ? '' : `, mean wait ${waitText(mean)}`;
  return `${counted(processes.length, 'process')}, ${count(inUse)} connection${inUse === 1 ? '' : 's'} in use${wait}`;
}
