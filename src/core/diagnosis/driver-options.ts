// What the drivers of a source do and heed, and how to say it. The facts of each driver are in `drivers`.

import { joinWords } from '../base/format.ts';
import { defaultsOf } from '../drivers/defaults.ts';
import { type DriverName, driverInWords } from '../drivers/driver.ts';
import { monitorsOnNode } from '../drivers/monitors.ts';
import { ignoresMaxIdleTime, isAtLeast, MONITORING_MODE_SINCE, NODE_CLOSES_IDLE_SINCE } from '../drivers/versions.ts';
import type { DriverFacts, SourceFacts } from './facts.ts';

/** Connections of a pool, without the option; null for a driver without pools, and one that is not known. */
export function defaultPoolSize(driver: DriverName | null): number | null {
  return driver === null ? null : defaultsOf(driver).maxPoolSize;
}

/** Whether a driver of this version polls because it runs in functions, or because it was told to. */
export function pollsByChoice({ driver, version }: DriverFacts): boolean {
  const since = driver === null ? null : MONITORING_MODE_SINCE[driver];
  return since !== null && version !== null && isAtLeast(version, since);
}

/** Monitor connections of a client that polls, on each node. One that is not known follows the specification. */
export function monitorsOfPolling(driver: DriverName | null): number {
  // Of a driver without pools, the one socket of a client is no monitor.
  return Math.max(
    1,
    monitorsOnNode({ driver: driver ?? 'any', server: null, env: {}, serverMonitoringMode: 'poll' }, 'primary'),
  );
}

/** Whether programs with this driver run in processes that are forked. */
export function isForked(driver: DriverName | null): boolean {
  return driver === 'python' || driver === 'ruby' || driver === 'c' || driver === 'cpp';
}

/** Without the option, as C# does after ten minutes. */
export function closesIdleByDefault(driver: DriverName | null): boolean {
  return driver !== null && (defaultsOf(driver).maxIdleTimeMS ?? 0) > 0;
}

export function hasMinPoolSize(driver: DriverName | null): boolean {
  return driver !== null && defaultsOf(driver).minPoolSize !== null;
}

/** A driver with less of a source's connections says little about it. */
const LEAST_SHARE = 0.1;

/** Those that hold most of the connections, the largest first; one row for each driver and version. */
export function mainDrivers({ drivers, active, dormant }: SourceFacts): readonly DriverFacts[] {
  return drivers.filter(({ pooled }) => pooled >= LEAST_SHARE * Math.max(1, active + dormant));
}

export function mainDriver(source: SourceFacts): DriverName | null {
  return mainDrivers(source)[0]?.driver ?? null;
}

interface IdleLimit {
  /** Null when none of the drivers heeds it. */
  readonly option: string | null;
  /** What to do, as sentences. */
  readonly advice: string;
}

/** Atlas's own figure for functions; it outlasts the pauses of a busy service. */
export const IDLE_MS = 60_000;
const IDLE_OPTION = `maxIdleTimeMS=${IDLE_MS}`;

/** How idle connections can be closed with these drivers. */
export function idleLimitFor(main: readonly DriverFacts[]): IdleLimit {
  const ignoring = main.filter(({ driver }) => driver !== null && ignoresMaxIdleTime(driver, null));
  const old = main.filter(
    (row) => row.driver !== null && ignoresMaxIdleTime(row.driver, row.version) && !ignoring.includes(row),
  );
  const names = (rows: readonly DriverFacts[]) => joinWords([...new Set(rows.map(nameOf))]);
  const without = `The ${names(ignoring)} has no maxIdleTimeMS: use fewer processes or clients, and restart them after a burst.`;
  if (ignoring.length > 0 && ignoring.length === main.length) return { option: null, advice: without };
  const set = `Set ${IDLE_OPTION}: it closes connections that are idle for a minute.`;
  const upgrade = `The ${names(old)} closes them only at their next use: upgrade it to ${NODE_CLOSES_IDLE_SINCE} or later first.`;
  return {
    option: IDLE_OPTION,
    advice: [set, ...(old.length > 0 ? [upgrade] : []), ...(ignoring.length > 0 ? [without] : [])].join(' '),
  };
}

/** `Node.js driver 6.3.0` */
function nameOf({ driver, version }: DriverFacts): string {
  const name = driver === null ? 'driver' : driverInWords(driver);
  return version === null ? name : `${name} ${version}`;
}
