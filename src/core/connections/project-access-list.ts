// Findings about an access list from the readings of all clusters of its project.

import type { Chunked } from '../base/cooperative.ts';
import { counted } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import type { AccessList } from './access-list.ts';
import { type AccessListFinding, accessListFindingsInChunks } from './access-list-findings.ts';
import { listedBlocks } from './address-book.ts';
import { isRead, nodesRead, nodesUnread } from './node-usage.ts';
import type { ConnectionReport } from './report.ts';

/** Why a cluster has no reading. A null name means clusters that could not be listed. */
export interface UnreadCluster {
  readonly name: string | null;
  readonly reason: string;
}

export interface ProjectHygiene {
  /** Clusters with a reading of all or some nodes. */
  readonly clusters: readonly string[];
  /** Clusters without a complete reading. If there is one, no entry is called unused. */
  readonly unread: readonly UnreadCluster[];
  readonly findings: readonly AccessListFinding[];
  readonly problems: readonly Problem[];
  readonly accessList: ConnectionReport['accessList'];
  /** ISO 8601 of the oldest reading; null when nothing was read. */
  readonly at: string | null;
}

/** @param input.unread clusters without a report */
export function* projectHygiene(input: {
  readonly reports: readonly ConnectionReport[];
  readonly unread: readonly UnreadCluster[];
  readonly accessList: AccessList | null;
  readonly problems: readonly Problem[];
  readonly now: Date;
}): Chunked<ProjectHygiene> {
  const { reports, accessList, problems, now } = input;
  const read = reports.filter((report) => nodesRead(report).some(({ connections }) => connections !== null));
  const partly = reports.flatMap((report) => {
    const reason = whyPartial(report);
    return reason === null ? [] : [{ name: report.cluster, reason }];
  });
  const unread = [...partly, ...input.unread];
  const clusters = read.map(({ cluster }) => cluster);
  const findings = yield* accessListFindingsInChunks({
    accessList,
    listed: yield* listedBlocks(accessList?.entries ?? []),
    sources: read.flatMap(({ sources }) => sources),
    scope: { clusters, isWhole: clusters.length > 0 && unread.length === 0 },
    now,
  });
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

function whyPartial(report: ConnectionReport): string | null {
  const { nodes, problems, complete } = report;
  const [unread] = nodesUnread(report);
  if (unread !== undefined && nodesRead(report).length === 0) return unread.problem.text;
  if (unread !== undefined) return `${counted(nodesUnread(report).length, 'node')} of ${nodes.length} not read`;
  if (nodes.some((node) => isRead(node) && node.connections === null))
    return 'does not tell its connections (M0 or Flex)';
  if (nodes.length > 0 && complete) return null;
  return problems[0]?.text ?? 'no node was found';
}
