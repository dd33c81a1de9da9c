// The one question put to a node: who is connected to you? The node groups; only counts and client metadata leave it.

import type { Document } from 'mongodb';

/**
 * A row of the answer is what connections have in common, and where they come from:
 * `{ _id: { n: appName, d: driver, v: its version, p: platform, u: users, k: activity }, c: [{ a: address, n: count }] }`;
 * with `threads`, `t` beside `a` names a thread. Metadata is sent once, not once an address.
 */
export function probe(options: { readonly threads: boolean }): Document[] {
  const place = options.threads ? { a: address, t: thread } : { a: address };
  return [
    {
      $currentOp: {
        allUsers: true,
        idleConnections: true,
        idleSessions: false,
        idleCursors: false,
        // No effect on a mongod. On a mongos: its own clients, instead of itself as the client of the shards.
        localOps: true,
      },
    },
    { $group: { _id: { ...place, ...alike }, n: { $sum: 1 } } },
    { $group: { _id: ofKey(alike), c: { $push: { ...ofKey(place), n: '$n' } } } },
  ];
}

/** The same fields, read from the key of the group before. */
function ofKey(fields: Document): Document {
  return Object.fromEntries(Object.keys(fields).map((field) => [field, `$_id.${field}`]));
}

const client: Document = { $ifNull: ['$client', '$client_s'] };

/**
 * `203.0.113.9:`, `[2001:db8::1]:`, `anonymous unix socket`: the digits of the port go here, the colon in decode. It
 * suits all three, and costs the server less than a search for the right colon. Null for a server thread.
 */
const address: Document = { $rtrim: { input: client, chars: '0123456789' } };

const thread: Document = { $cond: [client, null, '$desc'] };

/** Cheapest first: most connections are idle, and then nothing else is looked at. */
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

/** The driver's name and version apart: the server is slower to compare the document that holds them. */
const alike: Document = {
  n: '$appName',
  d: '$clientMetadata.driver.name',
  v: '$clientMetadata.driver.version',
  p: '$clientMetadata.platform',
  u: '$effectiveUsers',
  k: activity,
};
