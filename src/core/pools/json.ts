// The view as `GET /v1/pools` answers it, and back: what the daemon writes and what the terminal reads.

import type { Fields } from '../base/json.ts';
import { countsAt, totalsAt } from './decode.ts';
import {
  fieldsAt,
  flagAt,
  listAt,
  nameAt,
  numberAt,
  orAbsent,
  textAt,
  timeAt,
  unlessWrong,
  wholeAt,
} from './fields.ts';
import { clientAt, poolAt, processAt } from './stored.ts';
import type { AppPools, AppSeen, PoolFigures, PoolOfClient, PoolsView, ProcessPools } from './view.ts';

const SCHEMA = 'atlas-conns/pools/1';

/** Times are ISO 8601, durations milliseconds. */
export function poolsJson({ at, apps }: PoolsView): Fields {
  return { schema: SCHEMA, at: iso(at), apps: apps.map(appJson) };
}

function appJson({ seen, processes, ...app }: AppPools): Fields {
  return {
    ...app,
    seen: seen === null ? null : { ...seen, at: iso(seen.at) },
    processes: processes.map(({ process, isStale, ...figures }) => ({
      process: { ...process, startedAt: iso(process.startedAt) },
      stale: isStale,
      ...figures,
    })),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Null for anything else, also for the answer of a version to come. */
export function poolsOfJson(data: unknown): PoolsView | null {
  return unlessWrong(() => {
    const { schema, at, apps } = fieldsAt(data, '');
    if (schema !== SCHEMA) return null;
    return { at: timeAt(at, 'at'), apps: listAt(apps, 'apps').map((app, index) => appOf(app, `apps[${index}]`)) };
  });
}

function appOf(value: unknown, field: string): AppPools {
  const app = fieldsAt(value, field);
  return {
    app: nameAt(app['app'], `${field}.app`),
    cluster: orAbsent(textAt, app['cluster'], `${field}.cluster`),
    addresses: listAt(app['addresses'], `${field}.addresses`).map((address) => textAt(address, `${field}.addresses`)),
    stale: wholeAt(app['stale'], `${field}.stale`),
    seen: orAbsent(seenAt, app['seen'], `${field}.seen`),
    processes: listAt(app['processes'], `${field}.processes`).map((one, index) =>
      processOf(one, `${field}.processes[${index}]`),
    ),
    ...figuresOf(app, field),
  };
}

function seenAt(value: unknown, field: string): AppSeen {
  const seen = fieldsAt(value, field);
  return {
    at: timeAt(seen['at'], `${field}.at`),
    pooled: wholeAt(seen['pooled'], `${field}.pooled`),
    monitors: wholeAt(seen['monitors'], `${field}.monitors`),
    expectedMonitors: wholeAt(seen['expectedMonitors'], `${field}.expectedMonitors`),
  };
}

function processOf(value: unknown, field: string): ProcessPools {
  const one = fieldsAt(value, field);
  return {
    process: processAt(one['process'], `${field}.process`, timeAt),
    isStale: flagAt(one['stale'], `${field}.stale`),
    ageMs: numberAt(one['ageMs'], `${field}.ageMs`),
    left: wholeAt(one['left'], `${field}.left`),
    pools: listAt(one['pools'], `${field}.pools`).map((pool, index) => poolOf(pool, `${field}.pools[${index}]`)),
    ...figuresOf(one, field),
  };
}

function poolOf(value: unknown, field: string): PoolOfClient {
  const pool = fieldsAt(value, field);
  return { ...poolAt(pool, field), ...ratesOf(pool, field), client: clientAt(pool['client'], `${field}.client`) };
}

function figuresOf(fields: Fields, field: string): PoolFigures {
  return {
    clients: wholeAt(fields['clients'], `${field}.clients`),
    now: countsAt(fields['now'], `${field}.now`),
    capacity: orAbsent(wholeAt, fields['capacity'], `${field}.capacity`),
    peak: orAbsent(peakAt, fields['peak'], `${field}.peak`),
    total: totalsAt(fields['total'], `${field}.total`),
    ...ratesOf(fields, field),
  };
}

function ratesOf(fields: Fields, field: string): Pick<PoolFigures, 'checkoutsPerSecond' | 'meanWaitMs'> {
  return {
    checkoutsPerSecond: orAbsent(numberAt, fields['checkoutsPerSecond'], `${field}.checkoutsPerSecond`),
    meanWaitMs: orAbsent(numberAt, fields['meanWaitMs'], `${field}.meanWaitMs`),
  };
}

function peakAt(value: unknown, field: string): PoolFigures['peak'] {
  const peak = fieldsAt(value, field);
  return {
    inUse: wholeAt(peak['inUse'], `${field}.inUse`),
    maxPoolSize: orAbsent(wholeAt, peak['maxPoolSize'], `${field}.maxPoolSize`),
  };
}
