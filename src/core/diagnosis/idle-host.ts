// idle-host: a host that held connections at every reading of a week or more, and was active at none.

import { WEEK } from '../base/duration.ts';
import { count, counted, span } from '../base/format.ts';
import { type TopHolder, unusedSince } from '../baseline/top-holders.ts';
import type { HostFacts, NodeFacts } from './facts.ts';
import { type Examined, type Finder, pooledOf, pooledOn, WORTH_FREEING } from './finder.ts';

export const idleHost: Finder = (subject) => {
  const { source, history, cluster } = subject;
  const known = new Map(history?.hosts.map((row) => [row.name, row]));
  const idle = source.hosts.flatMap((host) => {
    const since = host.active > 0 ? null : sinceOf(known.get(host.address));
    return since === null || cluster.at - since < WEEK ? [] : [{ host, since }];
  });
  const [first] = idle;
  if (first === undefined) return null;
  const frees = (node: NodeFacts) => idle.reduce((sum, { host }) => sum + partOn(host, node, subject), 0);
  if (!source.nodes.some((node) => frees(node) >= WORTH_FREEING)) return null;
  const others = idle.length - 1;
  const more = others === 0 ? '' : ` So did ${counted(others, 'other host')}.`;
  return {
    evidence: [
      `${first.host.address} holds ${count(first.host.dormant)} connections. It held some at every reading of ${span(cluster.at - first.since)}, and none was active at any.${more}`,
      'A reading sees one moment: short operations between two readings leave no trace.',
    ],
    frees,
    confidence: 'likely',
  };
};

function sinceOf(row: TopHolder | undefined): number | null {
  return row === undefined ? null : unusedSince(row);
}

/** Without figures for each node, its connections are spread as those of the source are. */
function partOn(host: HostFacts, node: NodeFacts, { source }: Examined): number {
  if (host.byNode !== null) return host.byNode.get(node.host) ?? 0;
  return (host.dormant * pooledOn(node)) / Math.max(1, pooledOf(source));
}
