// Queries the connections of a node, and decodes a live or saved answer. The node does the grouping: it returns only
// counts and client metadata.

import type { Document } from 'mongodb';
import { type Fields, fieldsOf, listOf, textOf } from '../core/base/json.ts';
import { OWN_APP } from '../core/connections/internal.ts';
import type { Activity, ConnectionGroup, Driver, ThreadGroup } from '../core/connections/reading.ts';
import { bsonNumber, truthy } from './bson.ts';
import { LEFT_OUT } from './literal.ts';

/**
 * A row has the shared properties of connections, and their addresses:
 * `{ _id: { n: appName, d: driver, v: its version, p: platform, u: users, k: activity }, m: highest connectionId,
 * c: [{ a: address, n: count }] }`; with `threads`, `t` next to `a` names a thread. Metadata is sent once per row, not
 * once per address.
 * @param options.since with the highest connectionId of a reading before, `f` next to `n` counts the connections above it
 */
export function probe(options: { readonly threads: boolean; readonly since: number | null }): Document[] {
  const place = options.threads ? { a: address, t: thread } : { a: address };
  const fresh: Document =
    options.since === null ? {} : { f: { $sum: { $cond: [{ $gt: ['$connectionId', options.since] }, 1, 0] } } };
  return [
    {
      $currentOp: {
        allUsers: true,
        idleConnections: true,
        idleSessions: false,
        idleCursors: false,
        // No effect on a mongod. On a mongos: its own clients, instead of the mongos as the client of the shards.
        localOps: true,
      },
    },
    { $group: { _id: { ...place, ...alike }, n: { $sum: 1 }, m: { $max: '$connectionId' }, ...fresh } },
    {
      $group: {
        _id: ofKey(alike),
        m: { $max: '$m' },
        c: { $push: { ...ofKey(place), n: '$n', ...(options.since === null ? {} : { f: '$f' }) } },
      },
    },
  ];
}

/** The same fields, read from the key of the previous group. */
function ofKey(fields: Document): Document {
  return Object.fromEntries(Object.keys(fields).map((field) => [field, `$_id.${field}`]));
}

const client: Document = { $ifNull: ['$client', '$client_s'] };

/**
 * `203.0.113.9:`, `[2001:db8::1]:`, `anonymous unix socket`: removes the digits of the port here; decoding removes the
 * colon. It works for all three forms, and costs the server less than a search for the right colon. Null for a server
 * thread.
 */
const address: Document = { $rtrim: { input: client, chars: '0123456789' } };

const thread: Document = { $cond: [client, null, '$desc'] };

/** Cheapest first: most connections are idle and need no further test. */
const activity: Document = {
  $cond: [
    '$active',
    {
      $cond: [
        { $and: ['$command.topologyVersion', '$command.maxAwaitTimeMS'] },
        'heartbeat',
        {
          $cond: [
            { $or: ['$command.hello', '$command.isMaster', '$command.ismaster', '$command.ping'] },
            'ping',
            'operation',
          ],
        },
      ],
    },
    'idle',
  ],
};

/** The driver's name and version separately: the server compares their whole document more slowly. */
const alike: Document = {
  n: '$appName',
  d: '$clientMetadata.driver.name',
  v: '$clientMetadata.driver.version',
  p: '$clientMetadata.platform',
  u: '$effectiveUsers',
  k: activity,
};

/** The connections in one node's answer, or in one saved file. */
export interface Connections {
  readonly groups: readonly ConnectionGroup[];
  readonly threads: readonly ThreadGroup[];
  /** The highest connectionId; null when there is none. */
  readonly highest: number | null;
}

/** The shared name of all threads if they were not requested by name. */
const UNNAMED_THREADS = 'server threads';

/** Rows of `probe`. */
export function decodeProbe(rows: readonly unknown[]): Connections {
  const tally = emptyTally();
  for (const row of rows.map(fieldsOf)) {
    const { n: app, d: driver, v: version, p: platform, u: users, k } = fieldsOf(row['_id']);
    tally.highest = Math.max(tally.highest, bsonNumber(row['m']) ?? 0);
    const activity = ACTIVITIES.find((one) => one === k) ?? 'operation';
    const clients = clientsOf(tally, { app, driver, version, platform, users, activity });
    for (const place of listOf(row['c'])) {
      const { a, n, t, f } = fieldsOf(place);
      const count = bsonNumber(n) ?? 0;
      // An empty address still belongs to a client.
      if (typeof a === 'string')
        addClient(clients, a.endsWith(':') ? a.slice(0, -1) : a, { count, opened: bsonNumber(f) ?? 0 });
      else addThread(tally, textOf(t), count);
    }
  }
  return connectionsOf(tally);
}

/**
 * Whole `$currentOp` documents, as people save them.
 * @internal
 */
export function decodeDocuments(documents: readonly unknown[]): Connections {
  const tally = tallyDocuments();
  for (const document of documents) tally.add(document);
  return tally.connections();
}

export interface DocumentTally {
  /** Skips documents that are not operations: idle sessions and cursors. */
  add(document: unknown): void;
  connections(): Connections;
}

/** Takes the documents of one node one by one, and keeps none. */
export function tallyDocuments(): DocumentTally {
  const tally = emptyTally();
  return {
    add(document) {
      if (isOperation(document)) addDocument(tally, fieldsOf(document));
    },
    connections: () => connectionsOf(tally),
  };
}

function addDocument(tally: Tally, document: Fields): void {
  const client = [document['client'], document['client_s']].find((address) => typeof address === 'string');
  if (client === undefined) {
    addThread(tally, textOf(document['desc']), 1);
    return;
  }
  const { driver: metadata, platform } = fieldsOf(document['clientMetadata']);
  const { name: driver, version } = fieldsOf(metadata);
  const { appName: app, effectiveUsers: users } = document;
  const clients = clientsOf(tally, { app, driver, version, platform, users, activity: activityOf(document) });
  addClient(clients, withoutPort(client), { count: 1, opened: 0 });
}

function isOperation(document: unknown): boolean {
  return (fieldsOf(document)['type'] ?? 'op') === 'op';
}

/** The node of a saved document; null if it names none. */
export function decodeHost(document: unknown): string | null {
  return textOf(fieldsOf(document)['host']);
}

/** The node's number of a connection, unique in one reading; null if there is none. */
export function decodeConnection(document: unknown): number | null {
  const { client, connectionId } = fieldsOf(document);
  return isOperation(document) && client !== undefined ? bsonNumber(connectionId) : null;
}

/** Whether a saved document comes from `$currentOp`. */
export function isCurrentOp(document: unknown): boolean {
  const { type, client, client_s, desc, connectionId, active, opid } = fieldsOf(document);
  return [type, client, client_s, desc, connectionId, active, opid].some((field) => field !== undefined);
}

/** Whether a mongos queried the shards. The shards' client is then the mongos, and its own clients are missing. */
export function isOfShard(document: unknown): boolean {
  const { client, client_s } = fieldsOf(document);
  return isOperation(document) && client === undefined && typeof client_s === 'string';
}

/** Whether a shell cut a needed part of a saved document. */
export function isCut(document: unknown): boolean {
  const { clientMetadata, effectiveUsers, command } = fieldsOf(document);
  const { driver } = fieldsOf(clientMetadata);
  const parts = [clientMetadata, driver, effectiveUsers, command, ...listOf(effectiveUsers)];
  return isOperation(document) && parts.includes(LEFT_OUT);
}

/** Whether a saved document is a server's error. */
export function isRefusal(document: unknown): boolean {
  const { ok, errmsg } = fieldsOf(document);
  return bsonNumber(ok) === 0 && errmsg !== undefined;
}

/** Whether the server had more batches of a saved cursor. */
export function hasMore(cursor: unknown): boolean {
  return (bsonNumber(fieldsOf(cursor)['id']) ?? 0) !== 0;
}

/**
 * Up to 8.0, servers with authentication report the users of idle connections. Our own query shows whether
 * authentication is on.
 */
export function idleUsersTold(groups: readonly ConnectionGroup[], version: string | null): boolean {
  const { major, minor } = /^(?<major>\d+)\.(?<minor>\d+)/.exec(version ?? '')?.groups ?? {};
  const isTold = Number(major) < 8 || (Number(major) === 8 && Number(minor) < 1);
  return (
    isTold && groups.some(({ app, activity, user }) => app === OWN_APP && activity === 'operation' && user !== null)
  );
}

const ACTIVITIES: readonly Activity[] = ['idle', 'heartbeat', 'ping', 'operation'];

/** Same logic as the activity in `probe`. */
function activityOf(document: Fields): Activity {
  // Some exports write numbers as text.
  if (!truthy(document['active']) || document['active'] === 'false') return 'idle';
  const { topologyVersion, maxAwaitTimeMS, hello, isMaster, ismaster, ping } = fieldsOf(document['command']);
  if (truthy(topologyVersion) && truthy(maxAwaitTimeMS)) return 'heartbeat';
  return [hello, isMaster, ismaster, ping].some(truthy) ? 'ping' : 'operation';
}

/** Accepts `203.0.113.9:5123` and `[2001:db8::1]:5123`, but not `2001:db8::1` without a port. */
function withoutPort(client: string): string {
  return client.replace(/^(\[.*\]|[^:]*):\d+$/, '$1');
}

/** Groups connections by shared properties, with a count per client: a node may have many thousands. */
interface Alike {
  readonly shared: Omit<ConnectionGroup, 'client' | 'count' | 'opened'>;
  readonly clients: Map<string, Counted>;
}

interface Counted {
  readonly count: number;
  readonly opened: number;
}

interface Tally {
  readonly alike: Map<string, Alike>;
  readonly threads: Map<string, number>;
  highest: number;
}

interface Seen {
  readonly app: unknown;
  readonly driver: unknown;
  readonly version: unknown;
  readonly platform: unknown;
  readonly users: unknown;
  readonly activity: Activity;
}

function emptyTally(): Tally {
  return { alike: new Map(), threads: new Map(), highest: 0 };
}

function addThread({ threads }: Tally, name: string | null, count: number): void {
  const key = name ?? UNNAMED_THREADS;
  threads.set(key, (threads.get(key) ?? 0) + count);
}

function clientsOf({ alike }: Tally, seen: Seen): Map<string, Counted> {
  const user = usersOf(seen.users);
  // An authenticated ping is an operation: monitors never authenticate.
  const activity = seen.activity === 'ping' && user !== null ? 'operation' : seen.activity;
  const shared = { app: textOf(seen.app), driver: driverOf(seen), user, activity };
  const key = JSON.stringify(shared);
  const known = alike.get(key) ?? { shared, clients: new Map() };
  alike.set(key, known);
  return known.clients;
}

function addClient(clients: Map<string, Counted>, client: string, { count, opened }: Counted): void {
  const known = clients.get(client);
  clients.set(client, { count: (known?.count ?? 0) + count, opened: (known?.opened ?? 0) + opened });
}

function connectionsOf({ alike, threads, highest }: Tally): Connections {
  return {
    groups: [...alike.values()].flatMap(({ shared, clients }) =>
      [...clients].map(([client, { count, opened }]) => ({ client, ...shared, count, ...(opened > 0 && { opened }) })),
    ),
    threads: [...threads].map(([thread, count]) => ({ name: thread, count })),
    highest: highest === 0 ? null : highest,
  };
}

function driverOf(seen: Seen): Driver | null {
  const driver = textOf(seen.driver);
  return driver === null ? null : { name: driver, version: textOf(seen.version), platform: textOf(seen.platform) };
}

function usersOf(users: unknown): string | null {
  const names = listOf(users)
    .map(fieldsOf)
    .flatMap(({ user, db }) => (textOf(user) === null ? [] : `${user}@${textOf(db) ?? ''}`));
  return names.length === 0 ? null : names.join(', ');
}
