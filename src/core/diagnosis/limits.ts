// What a reading and its history cannot tell.

import { DAY } from '../base/duration.ts';
import { joinWords } from '../base/format.ts';
import type { ConnectionReport } from '../connections/report.ts';
import { type ClusterFacts, clusterOfReport, type SourceFacts } from './facts.ts';
import type { ClusterPast } from './past.ts';

const NO_HISTORY =
  'There is no history here: what is usual, growth, bursts, new connections a second and idle hosts are unknown.';
const YOUNG = 'There is less than a day of history, so what is usual is unknown.';

export function limitsOfSource(source: SourceFacts, cluster: ClusterFacts, past: ClusterPast): readonly string[] {
  const history = past.sources[source.id];
  const isYoung = history !== undefined && cluster.at - history.pooled.since < DAY;
  return [
    ...(history === undefined ? [NO_HISTORY] : []),
    ...(isYoung ? [YOUNG] : []),
    ...unreadText(cluster),
    ...(source.isEstimated
      ? [
          'The servers do not tell heartbeats from idle connections, so both are estimates (MongoDB 8.1 or later, or no authentication).',
        ]
      : []),
    ...(source.clients === null ? ['The number of clients is unknown: their drivers do not stream heartbeats.'] : []),
    ...(source.clientsAtLeast === true
      ? ['The number of clients is a lower bound, so connections for each client are at most as many as shown.']
      : []),
  ];
}

export function limitsOfCluster(report: ConnectionReport, past: ClusterPast): readonly string[] {
  const cluster = clusterOfReport(report);
  const isRefused = report.totals.active === null && cluster.nodes.length > 0;
  const known = report.sources.filter(({ id }) => past.sources[id] !== undefined);
  const young = known.filter(({ id }) => cluster.at - (past.sources[id]?.pooled.since ?? 0) < DAY);
  return [
    ...(isRefused ? ['The cluster does not show its connections (M0 and Flex), so no source is known.'] : []),
    ...(report.sources.length > 0 && known.length === 0 ? [NO_HISTORY] : []),
    ...(known.length > 0 && young.length === known.length ? [YOUNG] : []),
    ...unreadText(cluster),
    ...(report.sources.some(({ estimated }) => estimated.includes('monitors'))
      ? ['Some servers do not tell heartbeats from idle connections, so both are estimates there.']
      : []),
  ];
}

function unreadText({ unread }: ClusterFacts): readonly string[] {
  return unread.length === 0
    ? []
    : [`Without ${joinWords(unread)}: ${unread.length === 1 ? 'it was' : 'they were'} not read.`];
}
