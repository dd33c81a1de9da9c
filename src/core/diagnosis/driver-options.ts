// Which options each driver has and heeds, by version.
//
// From the sources of the drivers as of November 2026; the versions of `serverMonitoringMode` from their release notes.

import { joinWords } from '../base/format.ts';
import { defaultsOf } from '../drivers/defaults.ts';
import type { DriverName } from '../drivers/driver.ts';
import type { DriverFacts, SourceFacts } from './facts.ts';

/** Connections of a pool, without the option; null for a driver without pools, and one that is not known. */
export function defaultPoolSize(driver: DriverName | null): number | null {
  return driver === null ? null : defaultsOf(driver).maxPoolSize;
}

/** Before, an idle connection was closed at its next use, unless `minPoolSize` was set (NODE-6589). */
const NODE_CLOSES_IDLE = '6.18.0';
/** The first versions that poll in functions, and that have `serverMonitoringMode`. Older ones with heartbeats stream. */
const POLLS_IN_FUNCTIONS: Readonly<Record<DriverName, string | null>> = {
  ...{ node: '6.3.0', python: '4.6', go: '1.13', c: '1.28.0', cpp: null },
  ...{ java: '4.11', csharp: '2.22', rust: '2.8', ruby: '2.25', php: null },
};

/** Whether a driver of this version polls because it runs in functions, or because it was told to. */
export function pollsByChoice({ driver, version }: DriverFacts): boolean {
  const since = driver === null ? null : POLLS_IN_FUNCTIONS[driver];
  return since !== null && version !== null && !isOlder(version, since);
}

/** A dropped client stays open until `close()`. PyMongo closes a client that nothing refers to. */
export function closesDroppedClients(driver: DriverName | null): boolean {
  return driver === 'python';
}

/** Whether programs with this driver run in processes that are forked. */
export function isForked(driver: DriverName | null): boolean {
  return driver === 'python' || driver === 'ruby' || driver === 'c' || driver === 'cpp';
}

/** Without the option, as C# does after ten minutes. */
export function closesIdleByDefault(driver: DriverName | null): boolean {
  return driver !== null && (defaultsOf(driver).maxIdleTimeMS ?? 0) > 0;
}

/** A socket stays until the process or the server closes it. */
function hasNoIdleLimit({ driver }: DriverFacts): boolean {
  return driver !== null && defaultsOf(driver).maxIdleTimeMS === null;
}

export function hasMinPoolSize(driver: DriverName | null): boolean {
  return driver !== null && defaultsOf(driver).minPoolSize !== null;
}

const NAMES: Readonly<Record<DriverName, string>> = {
  ...{ node: 'Node.js driver', python: 'PyMongo', java: 'Java driver', go: 'Go driver', csharp: 'C# driver' },
  ...{ c: 'C driver', cpp: 'C++ driver', ruby: 'Ruby driver', rust: 'Rust driver', php: 'PHP driver' },
};

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
  const ignoring = main.filter(hasNoIdleLimit);
  const old = main.filter(
    ({ driver, version }) => driver === 'node' && version !== null && isOlder(version, NODE_CLOSES_IDLE),
  );
  const names = (rows: readonly DriverFacts[]) => joinWords([...new Set(rows.map(nameOf))]);
  const without = `The ${names(ignoring)} has no maxIdleTimeMS: use fewer processes or clients, and restart them after a burst.`;
  if (ignoring.length > 0 && ignoring.length === main.length) return { option: null, advice: without };
  const set = `Set ${IDLE_OPTION}: it closes connections that are idle for a minute.`;
  const upgrade = `The ${names(old)} closes them only at their next use: upgrade it to ${NODE_CLOSES_IDLE} or later first.`;
  return {
    option: IDLE_OPTION,
    advice: [set, ...(old.length > 0 ? [upgrade] : []), ...(ignoring.length > 0 ? [without] : [])].join(' '),
  };
}

/** `Node.js driver 6.3.0` */
function nameOf({ driver, version }: DriverFacts): string {
  const name = driver === null ? 'driver' : NAMES[driver];
  return version === null ? name : `${name} ${version}`;
}

/** Compares the numbers of two versions, such as `6.17.0` and `6.18.0`; what follows them says nothing. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[^\d]+/).map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
