// A node that was not read for a day: until it is read again, the rest of the cluster is the whole.

import { DAY } from './base/duration.ts';
import { listed } from './base/format.ts';
import type { NodePast } from './detection/node-rules.ts';
import type { Snapshot } from './snapshots/snapshot.ts';

/** The reading without such nodes, and a remark about them. Back again, one is like a new node. */
export function withoutLost(
  snapshot: Snapshot,
  pasts: Readonly<Record<string, NodePast>>,
): { readonly snapshot: Snapshot; readonly remarks: readonly string[] } {
  const { at, nodes } = snapshot;
  const isLost = ({ host, problem }: Snapshot['nodes'][number]) =>
    problem !== null && at - (pasts[host]?.at ?? at) >= DAY;
  const lost = nodes.filter(isLost).map(({ host }) => host);
  const rest = nodes.filter((node) => !isLost(node));
  if (lost.length === 0 || rest.length === 0) return { snapshot, remarks: [] };
  // What Atlas did not tell is missing, whichever nodes were read.
  const complete = snapshot.untold !== true && rest.every(({ problem }) => problem === null);
  const remark = `not read for more than a day: ${listed(lost)}; the rest is judged as the whole`;
  return { snapshot: { ...snapshot, nodes: rest, complete }, remarks: [remark] };
}
