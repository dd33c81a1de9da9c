// Which connections one client holds on a node beside its pool.

import { type ClientMode, isSingleThreaded } from './defaults.ts';
import type { DriverChoice } from './driver.ts';
import { type FaasName, faasOf } from './faas.ts';
import { isAtLeast, MONITORING_MODE_SINCE, serverStreams } from './versions.ts';

export const NODE_KINDS = [
  'primary',
  'secondary',
  'readonly',
  'analytics',
  'arbiter',
  'hidden',
  'mongos',
  'lb',
  'single',
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

export type MonitoringMode = 'auto' | 'stream' | 'poll';

/** What decides how a client watches its servers. */
export interface WatchingClient {
  readonly driver: DriverChoice;
  /** The driver's version; null, or missing, for a present one. */
  readonly driverVersion?: string | null;
  readonly mode?: ClientMode;
  /** The server's version; null for a present one. */
  readonly server: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly serverMonitoringMode?: MonitoringMode | undefined;
  readonly loadBalanced?: boolean | undefined;
}

/**
 * `stream`: a heartbeat and an RTT connection. `poll`: one heartbeat connection. `shared`: the one connection of a
 * single-threaded client carries the heartbeat. `none`: behind a load balancer. Specification: server monitoring, load
 * balancers; measured with mongod 6.0.5.
 */
export type Watching =
  | { readonly how: 'stream'; readonly isBySetting: boolean }
  | { readonly how: 'poll'; readonly why: 'server' | 'setting' | FaasName | 'driver' }
  | { readonly how: 'shared' }
  | { readonly how: 'none' };

export function watchingOf(client: WatchingClient): Watching {
  const { driver, driverVersion = null, mode = 'pooled', server, env, serverMonitoringMode = 'auto' } = client;
  if (isSingleThreaded(driver, mode)) return { how: 'shared' };
  if (client.loadBalanced === true) return { how: 'none' };
  if (!serverStreams(server)) return { how: 'poll', why: 'server' };
  // Go 1.4.0 is the first with two connections.
  if (driver === 'go' && driverVersion !== null && !isAtLeast(driverVersion, '1.4.0'))
    return { how: 'poll', why: 'driver' };
  const since = driver === 'any' ? null : MONITORING_MODE_SINCE[driver];
  const isOld = driverVersion !== null && since !== null && !isAtLeast(driverVersion, since);
  if (isOld) return { how: 'stream', isBySetting: false };
  if (serverMonitoringMode === 'poll') return { how: 'poll', why: 'setting' };
  if (serverMonitoringMode === 'stream') return { how: 'stream', isBySetting: true };
  const faas = faasOf(env, driver);
  return faas === null ? { how: 'stream', isBySetting: false } : { how: 'poll', why: faas };
}

/**
 * Heartbeat connections of one client on a node that it watches: 0, 1 or 2. A hidden member is in no `hello`, so no
 * client watches it; an arbiter is watched like the others (measured). Node.js opens its second one ten seconds after
 * the first (driver source).
 */
export function monitorsOnNode(client: WatchingClient, kind: NodeKind): 0 | 1 | 2 {
  if (kind === 'hidden' || kind === 'lb') return 0;
  const watching = watchingOf(client);
  if (watching.how === 'stream') return 2;
  if (watching.how !== 'poll') return 0;
  // The C driver starts its RTT monitor whenever `hello` has a topology version, also when it polls. Against the
  // specification; driver source, measured.
  const isC = client.driver === 'c' || client.driver === 'cpp';
  return isC && watching.why !== 'server' ? 2 : 1;
}
