// Findings about an access list from the readings of all clusters of its project.

import type { Chunked } from '../base/cooperative.ts';
import { counted } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import type { AccessList } from './access-list.ts';
import { type AccessListFinding, accessListFindingsInChunks } from './access-list-findings.ts';
import { listedBlocks } from './address-book.ts';
import { type ClusterUse, namesOf, quietInProject } from './entry-use.ts';
import { isRead, nodesRead, nodesUnread } from './node-usage.ts';
import type { ConnectionReport } from './report.ts';

/** Why a cluster has no reading. A null name means clusters that could not be listed. */
export interface UnreadCluster {
  readonly name: string | null;
  readonly reason: string;
  /** An M0 or Flex cluster: it never tells its sources. */
  readonly hides?: true;
}

/** A cluster with a reading, and since when the history knows who uses it; null without a history. */
export interface ReadCluster extends Pick<ClusterUse, 'since' | 'isLong'> {
  readonly name: string;
}

export interface ProjectHygiene {
  /** Clusters with a reading of all or some nodes. */
  readonly clusters: readonly ReadCluster[];
  /** Clusters without a complete reading. If there is one, no entry is called unused. */
  readonly unread: readonly UnreadCluster[];
  readonly findings: readonly AccessListFinding[];
  readonly problems: readonly Problem[];
  readonly accessList: ConnectionReport['accessList'];
  /** ISO 8601 of the oldest reading; null when nothing was read. */
  readonly at: string | null;
}

/**
 * @param input.unread clusters without a report
 * @param input.histories by cluster; without one, a cluster has no history
 */
export function* projectHygiene(input: {
  readonly reports: readonly ConnectionReport[];
  readonly unread: readonly UnreadCluster[];
  readonly histories: ReadonlyMap<string, ClusterUse>;
  readonly accessList: AccessList | null;
  readonly problems: readonly Problem[];
  readonly now: Date;
}): Chunked<ProjectHygiene> {
  const { reports, accessList, problems, histories, now } = input;
  const read = reports.filter((report) => nodesRead(report).some(({ connections }) => connections !== null));
  const unread = [...reports.flatMap((report) => whyPartial(report) ?? []), ...input.unread];
  const watched = read.map(({ cluster: name, at, sources }) => {
    const { sources: known, ...history } = histories.get(name) ?? NO_HISTORY;
    const now = sources.map(({ id }) => ({ id, lastSeen: Date.parse(at) }));
    return { name, ...history, sources: [...known, ...now] };
  });
  const isWatched = (name: string) => watched.some((one) => one.name === name);
  const earlier = [...histories].flatMap(([name, use]) => (isWatched(name) ? [] : [{ name, ...use }]));
  const use = { watched, earlier, doubts: doubtsOf(unread) };
  const findings = yield* accessListFindingsInChunks({
    accessList,
    listed: yield* listedBlocks(accessList?.entries ?? []),
    sources: read.flatMap(({ sources }) => sources),
    judge: (table) => quietInProject(use, table),
    now,
  });
  const clusters = watched.map(({ name, since, isLong }) => ({ name, since, isLong }));
  return {
    clusters,
    unread,
    findings,
    problems,
    accessList: accessList && {
      readAt: accessList.readAt,
      entries: accessList.entries.length,
      complete: accessList.complete,
    },
    at: read.map(({ at }) => at).toSorted()[0] ?? null,
  };
}

const NO_HISTORY: ClusterUse = { sources: [], since: null, isLong: false };

function whyPartial(report: ConnectionReport): UnreadCluster | null {
  const { cluster: name, nodes, problems, complete } = report;
  const [unread] = nodesUnread(report);
  if (unread !== undefined && nodesRead(report).length === 0) return { name, reason: unread.problem.text };
  if (unread !== undefined)
    return { name, reason: `${counted(nodesUnread(report).length, 'node')} of ${nodes.length} not read` };
  if (nodes.some((node) => isRead(node) && node.connections === null))
    return {
      name,
      reason: 'hides its sources, as M0 and Flex clusters do',
      hides: true,
    };
  if (nodes.length > 0 && complete) return null;
  return { name, reason: problems[0]?.text ?? 'no node was found' };
}

/** In a few words: why an entry may be needed although no other cluster uses it. */
function doubtsOf(unread: readonly UnreadCluster[]): readonly string[] {
  const named = unread.flatMap(({ name, hides = false }) => (name === null ? [] : [{ name, hides }]));
  const hiding = named.filter(({ hides }) => hides);
  const others = named.filter(({ hides }) => !hides);
  const isOne = (clusters: readonly unknown[]) => clusters.length === 1;
  return [
    ...(hiding.length === 0 ? [] : [`${namesOf(hiding)} ${isOne(hiding) ? 'hides its' : 'hide their'} sources`]),
    ...(others.length === 0 ? [] : [`${namesOf(others)} ${isOne(others) ? 'is' : 'are'} not read completely`]),
    ...(unread.some(({ name }) => name === null) ? ['not all clusters are listed'] : []),
  ];
}
