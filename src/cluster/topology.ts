// Determines the current nodes of a cluster from its members and the Admin API.

import { joinWords } from '../core/base/format.ts';
import type { Problem } from '../core/base/problem.ts';
import type { NodeLeftOut, NodeReading } from '../core/connections/reading.ts';
import type { AtlasProcess } from '../core/ports/clusters.ts';
import type { Hello } from './decode.ts';

export interface Topology {
  /** The nodes to read; any other node is gone. */
  readonly hosts: readonly string[];
  readonly leftOut: readonly NodeLeftOut[];
}

export interface TopologyResult {
  readonly seeds: readonly string[];
  /** Read only the seeds. */
  readonly direct: boolean;
  readonly hellos: readonly Hello[];
  readonly processes: readonly AtlasProcess[];
}

/** If no hello lists members, the seeds stay: a mongos knows no other mongos, and a cluster may not answer. */
export function topologyOf({ seeds, direct, hellos, processes }: TopologyResult): Topology {
  const ofSet = hellos.filter((hello) => hello.members.length > 0);
  if (direct || ofSet.length === 0) return { hosts: [...new Set(seeds)], leftOut: [] };
  // An isolated secondary may still list former members, so the primary's answer has priority.
  const primary = ofSet.find(({ role }) => role === 'primary');
  const tellers = primary === undefined ? ofSet : [primary];
  const known = new Set(tellers.flatMap(({ members }) => members));
  const arbiters = new Set(tellers.flatMap((hello) => hello.arbiters));
  const hidden = hiddenMembers({ known: new Set([...known, ...arbiters]), setName: tellers[0]?.setName, processes });
  return {
    hosts: [...known, ...hidden],
    leftOut: [...arbiters].map((host) => ({ host, reason: 'arbiter: it holds no data and serves no clients' })),
  };
}

interface Known {
  readonly known: ReadonlySet<string>;
  readonly setName: string | null | undefined;
  readonly processes: readonly AtlasProcess[];
}

/**
 * Members that `hello` does not list. The Admin API has only public names. Over a private endpoint none of them
 * matches, and a hidden member looks like one with two names.
 */
function hiddenMembers({ known, setName, processes }: Known): readonly string[] {
  const members = processes.filter(({ replicaSet, type }) => replicaSet === setName && !type.endsWith('MONGOS'));
  if (!members.some(({ host }) => known.has(host))) return [];
  return members.map(({ host }) => host).filter((host) => !known.has(host));
}

export interface VisitedNode {
  readonly found: Topology;
  readonly seeds: readonly string[];
  readonly readings: {
    readonly results: ReadonlyMap<string, NodeReading>;
    readonly hellos: ReadonlyMap<string, Hello>;
  };
}

/**
 * Behind a port-forward or a Unix socket, a member does not answer under its name in the set. The name in the
 * connection string is then used.
 */
export function standIns({ found, seeds, readings }: VisitedNode): {
  readonly hosts: readonly string[];
  readonly problems: readonly Problem[];
} {
  const { results, hellos } = readings;
  const isUnread = (host: string) => (results.get(host)?.kind ?? 'unread') === 'unread';
  const unread = found.hosts.filter(isUnread);
  const readSeeds = seeds.filter((seed) => !found.hosts.includes(seed) && !isUnread(seed));
  const pairs = readSeeds.flatMap((seed) => {
    // A server without its own name represents the first member, if no member could be read by its name.
    const own = hellos.get(seed)?.me ?? (unread.length === found.hosts.length ? unread[0] : undefined);
    return own !== undefined && unread.includes(own) ? [[own, seed] as const] : [];
  });
  const seedOf = new Map(pairs);
  if (seedOf.size === 0) return { hosts: found.hosts, problems: [] };
  return {
    hosts: found.hosts.map((host) => seedOf.get(host) ?? host),
    problems: [unreachable(unread, [...seedOf.values()])],
  };
}

function unreachable(members: readonly string[], seeds: readonly string[]): Problem {
  const which = members.length === 1 ? `The member ${members[0]}` : `The members ${joinWords(members)}`;
  return {
    code: 'members-unreachable',
    text: `${which} of the replica set cannot be reached by that name from here. ${joinWords(seeds)} answered instead.`,
    remedy:
      'Behind a port-forward or a Unix socket, add directConnection=true to the connection string: only that node is ' +
      'read then. Otherwise make the names of the members resolve and reachable from here.',
  };
}
