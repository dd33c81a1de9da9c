// What depends on the version of a driver or server.

import type { DriverChoice, DriverName } from './driver.ts';

/** Compares the numbers: `6.9` is before `6.10.0`, and `7.0.0-beta` counts as `7.0.0`. */
export function isAtLeast(version: string, since: string): boolean {
  const [given, least] = [version, since].map((text) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number));
  for (const place of [0, 1, 2]) {
    const difference = (given?.[place] ?? 0) - (least?.[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * The first version with `serverMonitoringMode`. Before it, a driver streams on functions, too.
 * Release notes: Node.js NODE-5197, Go GODRIVER-2810, PyMongo, C. Knowledge: Java, C#, Rust. Ruby: the version read.
 */
export const MONITORING_MODE_SINCE: Readonly<Record<DriverName, string | null>> = {
  node: '6.3.0',
  python: '4.6',
  java: '4.11',
  go: '1.13',
  csharp: '2.22',
  c: '1.28.0',
  cpp: null,
  ruby: '2.25',
  rust: '2.8',
  php: null,
};

/** The server streams its `hello` from here on. Specification: server monitoring. */
const STREAMING_SERVER = '4.4';

/** Whether the server sends a topology version. Null is a present server. */
export function serverStreams(server: string | null): boolean {
  return server === null || isAtLeast(server, STREAMING_SERVER);
}

/** NODE-6589: before, Node.js closed idle connections at the next checkout only, where minPoolSize is 0. */
export const NODE_CLOSES_IDLE_SINCE = '6.18.0';

/**
 * Idle connections stay open whatever `maxIdleTimeMS` says. The C driver and those upon it have no such option (driver
 * source).
 * @param version null when it is unknown: a present one
 */
export function ignoresMaxIdleTime(driver: DriverChoice, version: string | null): boolean {
  if (driver === 'c' || driver === 'cpp' || driver === 'php') return true;
  return driver === 'node' && version !== null && !isAtLeast(version, NODE_CLOSES_IDLE_SINCE);
}

/**
 * A MongoClient that the program forgot to close. Measured: Node.js keeps its connections, PyMongo closes them.
 * @returns null where it is not known
 */
export function keepsDroppedClients(driver: DriverChoice): boolean | null {
  if (driver === 'node') return true;
  return driver === 'python' ? false : null;
}
