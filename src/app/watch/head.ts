// The head of a cluster's state: what is written with every decision, taken from the state and put back into it.

import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { ClusterHead } from '../../core/ports/store.ts';

export function headOf({ sources: _, nodes, ...state }: ClusterState, version: number): ClusterHead {
  const told = Object.entries(nodes).flatMap(([host, { rejected, rejectedAt }]) =>
    rejected === null ? [] : [[host, { count: rejected, at: rejectedAt }] as const],
  );
  return { ...state, version, rejected: Object.fromEntries(told) };
}

/** The pasts of a state under a head that may be newer: what was decided and told since is in the head. */
export function underHead(
  { sources, nodes }: Pick<ClusterState, 'sources' | 'nodes'>,
  { version: _, rejected, ...head }: ClusterHead,
): ClusterState {
  const looked = Object.entries(nodes).map(([host, past]) => {
    const last = rejected[host];
    return [host, last === undefined ? past : { ...past, rejected: last.count, rejectedAt: last.at }] as const;
  });
  return { ...head, sources, nodes: Object.fromEntries(looked) };
}
