// What each driver does where the connection string says nothing. Read from the drivers' sources.

import type { DriverChoice, DriverName } from './driver.ts';

/**
 * The version that the table was read from. Driver source; Node.js also measured with mongod 6.0.5.
 * @internal
 */
export const READ_FROM: Readonly<Record<DriverName, string>> = {
  node: '7.9',
  python: '4.20',
  java: '5.11',
  go: '2.8',
  csharp: '3.x',
  c: '2.6',
  cpp: 'C 2.6',
  ruby: '2.25',
  rust: '3.8',
  php: 'C 2.6',
};

export const DEFAULTED = [
  'maxPoolSize',
  'minPoolSize',
  'maxIdleTimeMS',
  'maxLifeTimeMS',
  'maxConnecting',
  'waitQueueTimeoutMS',
  'connectTimeoutMS',
  'socketTimeoutMS',
  'serverSelectionTimeoutMS',
  'heartbeatFrequencyMS',
] as const;

export type DefaultedOption = (typeof DEFAULTED)[number];

/** 0 is without a limit; null: the driver has no such option. */
export type DriverDefaults = Readonly<Record<DefaultedOption, number | null>>;

/** Specification: connection monitoring and pooling, server discovery and monitoring, URI options. */
const SPECIFIED: DriverDefaults = {
  maxPoolSize: 100,
  minPoolSize: 0,
  maxIdleTimeMS: 0,
  maxLifeTimeMS: null,
  maxConnecting: 2,
  waitQueueTimeoutMS: 0,
  connectTimeoutMS: 10_000,
  socketTimeoutMS: 0,
  serverSelectionTimeoutMS: 30_000,
  heartbeatFrequencyMS: 10_000,
};

/** The pool is one of clients: each has its own socket to each node that it uses. Driver source, measured. */
const C_POOLED: DriverDefaults = {
  ...SPECIFIED,
  minPoolSize: null,
  maxIdleTimeMS: null,
  maxConnecting: null,
  socketTimeoutMS: 300_000,
};

/** One socket for each node, and a heartbeat a minute on it. Driver source, measured. */
const SINGLE_THREADED: DriverDefaults = {
  ...C_POOLED,
  maxPoolSize: null,
  waitQueueTimeoutMS: null,
  heartbeatFrequencyMS: 60_000,
};

const DEFAULTS: Readonly<Record<DriverChoice, DriverDefaults>> = {
  any: SPECIFIED,
  node: { ...SPECIFIED, connectTimeoutMS: 30_000 },
  python: { ...SPECIFIED, connectTimeoutMS: 20_000 },
  java: { ...SPECIFIED, maxLifeTimeMS: 0, waitQueueTimeoutMS: 120_000 },
  // Go bounds the wait for a connection and the socket by the context of an operation.
  go: { ...SPECIFIED, waitQueueTimeoutMS: null, connectTimeoutMS: 30_000, socketTimeoutMS: null },
  csharp: {
    ...SPECIFIED,
    maxIdleTimeMS: 600_000,
    maxLifeTimeMS: 1_800_000,
    waitQueueTimeoutMS: 120_000,
    connectTimeoutMS: 30_000,
  },
  c: C_POOLED,
  cpp: C_POOLED,
  ruby: { ...SPECIFIED, maxPoolSize: 20, waitQueueTimeoutMS: 10_000 },
  rust: { ...SPECIFIED, maxPoolSize: 10 },
  php: SINGLE_THREADED,
};

/** Modes of a client of the C driver. */
export type ClientMode = 'pooled' | 'single';

/** PHP always, and C or C++ in the mode `single`: one socket for each visible node does all. Driver source, measured. */
export function isSingleThreaded(driver: DriverChoice, mode: ClientMode): boolean {
  return driver === 'php' || ((driver === 'c' || driver === 'cpp') && mode === 'single');
}

export function defaultsOf(driver: DriverChoice, mode: ClientMode = 'pooled'): DriverDefaults {
  return isSingleThreaded(driver, mode) ? SINGLE_THREADED : DEFAULTS[driver];
}

/** Driver source: C turns 0 into 1; Rust answers "cannot specify maxPoolSize=0". Elsewhere 0 is unlimited. */
export function maxPoolSizeZero(driver: DriverChoice): 'unlimited' | 'one' | 'error' | 'no pool' {
  if (driver === 'php') return 'no pool';
  if (driver === 'c' || driver === 'cpp') return 'one';
  return driver === 'rust' ? 'error' : 'unlimited';
}
