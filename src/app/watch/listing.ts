// What the desk last said of the clusters there are: where none is watched, that tells why.

import type { Problem } from '../../core/base/problem.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import type { WatchDesk } from '../monitor/types.ts';

export interface Listing {
  /** The same desk, listened to. */
  readonly desk: WatchDesk;
  /** Why it has no cluster to watch; null where it has one, and before it was asked. */
  whyNone(): Problem | null;
}

export function createListing(desk: WatchDesk): Listing {
  let last: Omit<ClusterList, 'defaultCluster'> | null = null;
  return {
    desk: {
      report: (cluster, options) => desk.report(cluster, options),
      headroom: (cluster, signal) => desk.headroom(cluster, signal),
      async clusters(signal) {
        const list = await desk.clusters(signal);
        last = list;
        return list;
      },
    },
    whyNone: () => (last === null || last.names.length > 0 ? null : problemOf(last)),
  };
}

const MOST_NAMED = 3;

function problemOf({ left, problems: [failed] }: Omit<ClusterList, 'defaultCluster'>): Problem {
  const code = 'no-cluster-watched';
  if (failed !== undefined) return { code, text: `No cluster is watched: ${failed.text}`, remedy: failed.remedy };
  const named = left.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} is not read: ${reason}`);
  const more = left.length > MOST_NAMED ? [`${left.length - MOST_NAMED} more are not read`] : [];
  const why = left.length === 0 ? ['there is none'] : [...named, ...more];
  return {
    code,
    text: `No cluster is watched: ${why.map(ended).join(' ')}`,
    remedy: '`atlas-conns check` tells what could be.',
  };
}

/** Reasons are words of many, some with an end and some without. */
function ended(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}
