// A look between readings: how full each node is and whom it refused, judged by those two rules alone.

import { span } from './base/format.ts';
import type { ClusterState } from './detection/cluster-state.ts';
import type { Judged } from './detection/evaluate.ts';
import { settle, type Verdict } from './detection/findings.ts';
import { judgeHeadroom } from './detection/node-rules.ts';
import { type RuleBook, rulesFor } from './detection/rules.ts';
import { isLate, setBack, setBackBy } from './set-back.ts';
import type { SnapshotNode } from './snapshots/snapshot.ts';

export interface Look {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: readonly Pick<SnapshotNode, 'host' | 'problem' | 'current' | 'limit' | 'rejected'>[];
}

/**
 * For these rules a look is as good as a reading; for every other it is as if nobody had looked: no reading, and no
 * gap. A look not newer than the last reading changes nothing, unless the clock was set back meanwhile.
 * @param state null before the first reading of the cluster
 */
export function judgeLook(state: ClusterState | null, look: Look, book: RuleBook): Judged {
  const known = state ?? UNREAD;
  if (isLate(known, look.at)) return { state: known, decisions: [], notifications: [], standing: [], remarks: [] };
  const back = setBackBy(known, look.at);
  const before = back === 0 ? known : setBack(known, look.at);
  const nodes = { ...before.nodes };
  const verdicts: Verdict[] = [];
  for (const { host, ...told } of look.nodes) {
    if (told.problem !== null) continue;
    const rules = rulesFor(book, { cluster: look.cluster, source: [], node: host });
    const node = { host, ...told, role: null, totalCreated: null };
    const found = judgeHeadroom({ node, past: nodes[host] ?? null, at: look.at, rules });
    nodes[host] = found.past;
    verdicts.push(...found.verdicts);
  }
  const remarks = back === 0 ? [] : [`the clock was set back by ${span(back)}`];
  const { alerts, ...outcome } = settle(verdicts, { at: look.at, cluster: look.cluster, alerts: before.alerts });
  return { ...outcome, state: { ...before, nodes, alerts }, remarks };
}

/** A cluster of which there is no reading yet. */
const UNREAD: ClusterState = {
  since: 0,
  at: 0,
  interval: null,
  primary: null,
  electedAt: null,
  sources: {},
  nodes: {},
  alerts: {},
};
