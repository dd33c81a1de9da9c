// How a source spreads over the nodes. A node that joins or leaves is taken into account after a day.

import { DAY, HOUR } from '../base/duration.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';

interface NodeShare {
  /** 0 to 1 of the source's pooled connections, over the nodes that count. */
  readonly share: number;
  /** When a node joined or left; null for a known node. */
  readonly since: number | null;
  readonly state: 'known' | 'new' | 'gone';
}

export type Shares = Readonly<Record<string, NodeShare>>;

/** The time that the mean covers. */
const SLOW = 6 * HOUR;

/** `factor` scales the usual when a node starts or stops to count. */
export function updateShares(
  shares: Shares,
  source: SnapshotSource,
  now: { readonly snapshot: Snapshot; readonly passed: number },
): { readonly shares: Shares; readonly factor: number } {
  const total = source.active + source.dormant;
  if (source.nodes.length === 0 || total === 0) return { shares, factor: 1 };
  const { at, nodes } = now.snapshot;
  const isFirst = Object.keys(shares).length === 0;
  const present = new Map(source.nodes.map((node) => [node.name ?? '', (node.active + node.dormant) / total]));
  const listed = new Set(nodes.map((node) => node.host));
  const rate = Math.min(1, now.passed / SLOW);
  const aged = [...new Set([...Object.keys(shares), ...listed])].map((host): [string, NodeShare] => {
    const known = shares[host];
    const share = present.get(host) ?? 0;
    if (known === undefined) return [host, { share, since: at, state: isFirst ? 'known' : 'new' }];
    if (!listed.has(host)) return [host, { ...known, state: 'gone', since: known.state === 'gone' ? known.since : at }];
    const state = known.state === 'gone' ? 'known' : known.state;
    const since = state === 'known' ? null : known.since;
    return [host, { share: known.share + (share - known.share) * rate, since, state }];
  });
  const isOld = ({ since }: NodeShare) => since !== null && at - since >= DAY;
  const part = (state: NodeShare['state']) =>
    aged.reduce((sum, [, node]) => sum + (node.state === state && isOld(node) ? node.share : 0), 0);
  const factor = Math.max(0.1, 1 - part('gone')) / Math.max(0.1, 1 - part('new'));
  const kept = aged
    .filter(([, node]) => !(node.state === 'gone' && isOld(node)))
    .map(([host, node]): [string, NodeShare] => [
      host,
      node.state === 'new' && isOld(node) ? { ...node, since: null, state: 'known' } : node,
    ]);
  return { shares: normalized(kept), factor };
}

function normalized(shares: readonly [string, NodeShare][]): Shares {
  const known = shares.filter(([, node]) => node.state !== 'new').reduce((sum, [, { share }]) => sum + share, 0);
  return Object.fromEntries(
    shares.map(([host, node]) => [host, node.state === 'new' ? node : { ...node, share: node.share / (known || 1) }]),
  );
}
