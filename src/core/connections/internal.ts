// Identifies connections of the cluster, of Atlas and of this program. An app may have any name, so a name alone proves
// nothing. Names from tap1r/mongodb-scripts, Percona and hatchet.

import { type Chunked, isChunkEnd } from '../base/cooperative.ts';
import { cached } from '../base/memo.ts';
import { type ClientAddress, parseClient } from '../net/address.ts';
import { isLoopback, isPrivate, parseCidr } from '../net/cidr.ts';
import type { ConnectionGroup, NodeRead } from './reading.ts';

/** The appName of our own connections; the store adds a word after a space. */
export const OWN_APP = 'atlas-conns';
/** The store may use another user than the cluster. */
const STORE_APP = `${OWN_APP} store`;

const INTERNAL_DRIVERS = ['NetworkInterfaceTL', 'MongoDB Internal Client'];
const INTERNAL_APPS = [
  'MongoDB Automation Agent',
  'MongoDB Monitoring Module',
  'MongoDB CPS Module',
  'mongot',
  'mongotune',
];

/** The parts of a node that identify its clients. */
export type InternalSource = Pick<NodeRead, 'groups' | 'idleUsersTold'> &
  Partial<Pick<NodeRead, 'host' | 'version' | 'hidden' | 'available' | 'limit'>>;

export interface Insiders {
  /** Null for a connection that belongs to a source. `node` is the node of the group. */
  kindOf(group: ConnectionGroup, node: InternalSource): 'own' | 'internal' | null;
  readonly clientOf: (text: string) => ClientAddress;
}

/** Whether an address is in Atlas's network of the project; null when that network is unknown. */
export type IsAtlas = ((client: ClientAddress) => boolean) | null;

const CHUNK = 500;

/** Members and Atlas's agents authenticate as users that no application can have. */
export function isSystemUser(user: string): boolean {
  return user.split(', ').some((name) => name === '__system@local' || /^mms-[^@]+@admin$/.test(name));
}

/**
 * Facts from all nodes of a reading. A connection is internal by its system user. It is also internal by its app name
 * if it comes from the cluster. The cluster's addresses are those of members and agents, nodes, unix sockets and
 * Atlas's network. An app name is not internal if another user authenticated with it at that address.
 */
export function* insidersOf(nodes: readonly InternalSource[], isAtlas: IsAtlas): Chunked<Insiders> {
  const clientOf = cached(parseClient);
  const isSystem = cached(isSystemUser);
  const readers = readersOf(nodes);
  const places = new Set(nodes.flatMap(({ host }) => (host === undefined ? [] : clientOf(host).text)));
  const taken = new Set<string>();
  const keyOf = ({ client }: ConnectionGroup, { name }: Claim) => `${clientOf(client).text}\n${name}`;
  for (const { groups } of nodes) {
    for (const [index, group] of groups.entries()) {
      if (isChunkEnd(index, CHUNK)) yield;
      if (group.user === null) continue;
      if (isSystem(group.user)) {
        places.add(clientOf(group.client).text);
        continue;
      }
      const claim = claimOf(group);
      if (claim !== null && !(claim.isOwn && isReader(group, readers))) taken.add(keyOf(group, claim));
    }
  }
  const networks = new Set([...places].flatMap((place) => networkOf(clientOf(place)) ?? []));
  const versions = new Set(nodes.flatMap(({ version }) => version ?? []));
  const isInside = (client: ClientAddress) =>
    client.kind === 'socket' ||
    places.has(client.text) ||
    (client.kind === 'ip' && isLoopback(client.address)) ||
    isAtlas?.(client) === true;
  return {
    clientOf,
    kindOf(group, node) {
      if (group.user !== null && isSystem(group.user)) return 'internal';
      const claim = claimOf(group);
      if (claim === null) return null;
      if (claim.isOwn && group.user !== null && isReader(group, readers)) return 'own';
      if (taken.has(keyOf(group, claim))) return null;
      if (claim.isOwn) return 'own';
      if (isInside(clientOf(group.client))) return 'internal';
      // Without users and Atlas's network, weaker signs count: the network of a member, or a server's version. A
      // connection that runs an operation still has a user.
      const isBlind = !node.idleUsersTold && isAtlas === null && group.user === null;
      if (!isBlind) return null;
      const isVersion = claim.isDriver && versions.has(group.driver?.version ?? '');
      return isVersion || networks.has(networkOf(clientOf(group.client)) ?? '') ? 'internal' : null;
    },
  };
}

/** The private network around an address, by default of Atlas's size (/21); null for a public address. */
function networkOf(client: ClientAddress): string | null {
  if (client.kind !== 'ip' || client.address.family !== 4 || !isPrivate(client.address)) return null;
  return isLoopback(client.address) ? null : (parseCidr(`${client.text}/21`)?.text ?? null);
}

/** The users of our own readings. Their operation runs on every node. Empty without users, and in a saved reading. */
function readersOf(nodes: readonly InternalSource[]): ReadonlySet<string> {
  const [first, ...others] = nodes.map(
    ({ groups }) =>
      new Set(
        groups.flatMap(({ app, activity, user }) => (app === OWN_APP && activity === 'operation' ? (user ?? []) : [])),
      ),
  );
  return new Set([...(first ?? [])].filter((user) => others.every((some) => some.has(user))));
}

/** When the user is unknown, the app name decides. */
function isReader({ app, user }: ConnectionGroup, readers: ReadonlySet<string>): boolean {
  return readers.size === 0 || app === STORE_APP || readers.has(user ?? '');
}

interface Claim {
  readonly name: string;
  readonly isOwn: boolean;
  readonly isDriver: boolean;
}

/** What the client metadata claims. */
function claimOf({ app, driver }: ConnectionGroup): Claim | null {
  if (app === OWN_APP || app?.startsWith(`${OWN_APP} `)) return { name: app, isOwn: true, isDriver: false };
  if (driver !== null && INTERNAL_DRIVERS.some((name) => driver.name.startsWith(name)))
    return { name: driver.name, isOwn: false, isDriver: true };
  return app !== null && INTERNAL_APPS.some((name) => startsWithWord(app, name))
    ? { name: app, isOwn: false, isDriver: false }
    : null;
}

/** `mongot` and `mongot 1.2` start with the word `mongot`; `mongotail` does not. */
function startsWithWord(text: string, word: string): boolean {
  return text.startsWith(word) && !/^[\p{L}\p{N}]/u.test(text.slice(word.length));
}
