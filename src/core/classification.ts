// What a connection is for: own, internal, monitor, active or dormant. The order of the questions is the rule.
// Facts: drivers never authenticate monitor sockets (specifications, server-monitoring.md); internal names as
// tap1r/mongodb-scripts, Percona and hatchet list them.

import type { ConnectionGroup } from './connection.ts';
import type { NodeRead } from './node.ts';
import { atOnce, isDue, type Steps } from './steps.ts';

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

/** So many groups make a step. */
const TURNS = 500;

type Told = Pick<NodeRead, 'groups' | 'idleUsersTold'>;

/** Every connection of a node, each in exactly one kind. */
export function classify(node: Told): readonly Classified[] {
  return atOnce(classifyInSteps(node));
}

export function* classifyInSteps({ groups, idleUsersTold }: Told): Steps<readonly Classified[]> {
  const classified: Classified[] = [];
  const untold: ConnectionGroup[] = [];
  for (const [index, group] of groups.entries()) {
    if (isDue(index, TURNS)) yield;
    const kind = certainKind(group, idleUsersTold);
    if (kind === null) untold.push(group);
    else classified.push({ group, kind, count: group.count, estimated: false });
  }
  return untold.length === 0 ? classified : [...classified, ...(yield* estimateMonitors(untold, classified))];
}

/** Connections of one address, driver version and platform. */
interface Alike {
  /** How many of the idle ones are expected to be RTT sockets, of all apps and by app. */
  expected: number;
  readonly ofApp: Map<string | null, number>;
  readonly untold: ConnectionGroup[];
}

/**
 * Each MongoClient with a streaming heartbeat holds one RTT socket beside it, which idles most of the time: as many
 * of the idle connections of its address, driver version and platform. Neither app nor driver name belongs to
 * that key: wrapping libraries change them between the sockets of one client (tap1r/mongodb-scripts).
 */
function* estimateMonitors(
  untold: readonly ConnectionGroup[],
  certain: readonly Classified[],
): Steps<readonly Classified[]> {
  const clients = new Map<string, Alike>();
  for (const [index, group] of untold.entries()) {
    if (isDue(index, TURNS)) yield;
    const key = clientKey(group);
    const alike: Alike = clients.get(key) ?? { expected: 0, ofApp: new Map(), untold: [] };
    clients.set(key, alike);
    alike.untold.push(group);
  }
  for (const [index, { group, kind, count }] of certain.entries()) {
    if (isDue(index, TURNS)) yield;
    const alike = kind === 'monitor' ? clients.get(clientKey(group)) : undefined;
    // An RTT socket caught at work is a monitor already, and not idle.
    if (alike !== undefined) expect(alike, group.app, group.activity === 'heartbeat' ? count : -count);
  }
  const monitors = new Map<ConnectionGroup, number>();
  let turn = 0;
  for (const alike of clients.values()) {
    if (isDue(turn++, TURNS)) yield;
    share(alike, monitors);
  }
  return untold.flatMap((group) => {
    const monitor = monitors.get(group) ?? 0;
    const rows = [
      { group, kind: 'monitor' as const, count: monitor, estimated: true },
      { group, kind: 'dormant' as const, count: group.count - monitor, estimated: true },
    ];
    return rows.filter(({ count }) => count > 0);
  });
}

function expect(alike: Alike, app: string | null, more: number): void {
  alike.expected += more;
  alike.ofApp.set(app, (alike.ofApp.get(app) ?? 0) + more);
}

/** To the idle connections of the same app first, then to any; the largest group first. */
function share(alike: Alike, monitors: Map<ConnectionGroup, number>): void {
  const take = (group: ConnectionGroup, wanted: number) => {
    const taken = monitors.get(group) ?? 0;
    const more = Math.max(0, Math.min(group.count - taken, wanted, alike.expected));
    monitors.set(group, taken + more);
    expect(alike, group.app, -more);
  };
  const largestFirst = [...alike.untold].sort((one, other) => other.count - one.count || compareApps(one, other));
  for (const group of largestFirst) take(group, alike.ofApp.get(group.app) ?? 0);
  for (const group of largestFirst) take(group, group.count);
}

function clientKey({ client, driver }: ConnectionGroup): string {
  return JSON.stringify([client, driver?.version ?? null, driver?.platform ?? null]);
}

function compareApps(one: ConnectionGroup, other: ConnectionGroup): number {
  const [a, b] = [one.app ?? '', other.app ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}
