// What a connection is for: own, internal, monitor, active or dormant. The order of the questions is the rule.
// Facts: drivers never authenticate monitor sockets (specifications, server-monitoring.md); internal names as
// tap1r/mongodb-scripts, Percona and hatchet list them.

import type { ConnectionGroup } from './connection.ts';
import type { NodeRead } from './node.ts';

export type Kind = 'own' | 'internal' | 'monitor' | 'active' | 'dormant';

/** Some connections of one group, all of one kind. */
export interface Classified {
  readonly group: ConnectionGroup;
  readonly kind: Kind;
  readonly count: number;
  /** True where the server does not tell a monitor from a pooled connection, so that the kind is an estimate. */
  readonly estimated: boolean;
}

/** The appName of our own connections; replicas add a suffix after a space. */
export const OWN_APP = 'atlas-conns';

const INTERNAL_DRIVERS = ['NetworkInterfaceTL', 'MongoDB Internal Client'];
const INTERNAL_APPS = [
  'MongoDB Automation Agent',
  'MongoDB Monitoring Module',
  'MongoDB CPS Module',
  'mongot',
  'mongotune',
];
const INTERNAL_USERS = new Set(['__system', 'mms-automation', 'mms-monitoring-agent', 'mms-backup-agent']);

export function isInternal({ driver, app, user }: ConnectionGroup): boolean {
  return (
    (driver !== null && INTERNAL_DRIVERS.some((name) => driver.name.startsWith(name))) ||
    (app !== null && INTERNAL_APPS.some((name) => startsWithWord(app, name))) ||
    (user?.split(', ').some((name) => INTERNAL_USERS.has(name.slice(0, name.lastIndexOf('@')))) ?? false)
  );
}

/** `mongot` is `mongot` and `mongot 1.2`, not `mongotail`. */
function startsWithWord(text: string, word: string): boolean {
  return text.startsWith(word) && !/^[\p{L}\p{N}]/u.test(text.slice(word.length));
}

function isOwn({ app }: ConnectionGroup): boolean {
  return app === OWN_APP || (app?.startsWith(`${OWN_APP} `) ?? false);
}

/** Neither ours nor the cluster's own: somebody's. */
export function isForeign(group: ConnectionGroup): boolean {
  return !isOwn(group) && !isInternal(group);
}

/** Null where only an estimate over all connections of the address can tell. */
function certainKind(group: ConnectionGroup, idleUsersTold: boolean): Kind | null {
  if (isOwn(group)) return 'own';
  if (isInternal(group)) return 'internal';
  if (group.activity === 'heartbeat') return 'monitor';
  if (group.activity === 'operation') return 'active';
  if (group.activity === 'ping') return group.user === null ? 'monitor' : 'active';
  if (group.user !== null) return 'dormant';
  // A socket that has not yet said who it is has no metadata: it is on its way into a pool.
  if (group.driver === null && group.app === null) return 'dormant';
  return idleUsersTold ? 'monitor' : null;
}

/** Every connection of a node, each in exactly one kind. */
export function classify({ groups, idleUsersTold }: Pick<NodeRead, 'groups' | 'idleUsersTold'>): readonly Classified[] {
  const classified: Classified[] = [];
  const untold: ConnectionGroup[] = [];
  for (const group of groups) {
    const kind = certainKind(group, idleUsersTold);
    if (kind === null) untold.push(group);
    else classified.push({ group, kind, count: group.count, estimated: false });
  }
  return untold.length === 0 ? classified : [...classified, ...estimateMonitors(untold, classified)];
}

/**
 * Each MongoClient with a streaming heartbeat holds one RTT socket beside it, which idles most of the time: as many
 * of the idle connections of its address, driver version and platform. Neither app nor driver name belongs to
 * that key: wrapping libraries change them between the sockets of one client (tap1r/mongodb-scripts).
 */
function estimateMonitors(untold: readonly ConnectionGroup[], certain: readonly Classified[]): readonly Classified[] {
  const expected = new Map<string, number>();
  const ofApp = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, count: number) => map.set(key, (map.get(key) ?? 0) + count);
  for (const { group, kind, count } of certain) {
    if (kind !== 'monitor') continue;
    // An RTT socket caught at work is a monitor already, and not idle.
    const idleExpected = group.activity === 'heartbeat' ? count : -count;
    add(expected, clientKey(group), idleExpected);
    add(ofApp, appKey(group), idleExpected);
  }
  const monitors = new Map<ConnectionGroup, number>();
  const take = (group: ConnectionGroup, wanted: number) => {
    const taken = monitors.get(group) ?? 0;
    const more = Math.max(0, Math.min(group.count - taken, wanted, expected.get(clientKey(group)) ?? 0));
    monitors.set(group, taken + more);
    add(expected, clientKey(group), -more);
    add(ofApp, appKey(group), -more);
  };
  const largestFirst = [...untold].sort((one, other) => other.count - one.count || compareApps(one, other));
  for (const group of largestFirst) take(group, ofApp.get(appKey(group)) ?? 0);
  for (const group of largestFirst) take(group, group.count);
  return untold.flatMap((group) => {
    const monitor = monitors.get(group) ?? 0;
    const rows = [
      { group, kind: 'monitor' as const, count: monitor, estimated: true },
      { group, kind: 'dormant' as const, count: group.count - monitor, estimated: true },
    ];
    return rows.filter(({ count }) => count > 0);
  });
}

function clientKey({ client, driver }: ConnectionGroup): string {
  return JSON.stringify([client, driver?.version ?? null, driver?.platform ?? null]);
}

function appKey(group: ConnectionGroup): string {
  return JSON.stringify([clientKey(group), group.app]);
}

function compareApps(one: ConnectionGroup, other: ConnectionGroup): number {
  const [a, b] = [one.app ?? '', other.app ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}
