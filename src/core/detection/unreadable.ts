// unreadable: a node or the whole cluster cannot be read.

import type { Snapshot } from '../snapshots/snapshot.ts';
import { PLAIN, type Readings, type Rule, type RuleEvaluation, type Severity, unknown } from './rule.ts';

interface UnreadableSettings {
  readonly readings: Readings;
  readonly severity: Severity;
}

export const unreadable: Rule<UnreadableSettings> = {
  settings: { readings: 'readings', severity: 'severity' },
  defaults: { readings: { needed: 2, of: 3 }, severity: 'warning' },
  hasNoPeak: true,
  words: {
    was: 'could not be read',
    several: 'that cannot be read',
    calm: 'read again',
    threshold: () => 'a cluster or node that cannot be read',
    firesWhen: 'a cluster or a node cannot be read, in 2 of 3 readings',
  },
  node(settings, { node, isClusterUnread }) {
    const { problem } = node;
    if (problem !== null && isClusterUnread) return unknown('no node of the cluster was read');
    return finding(settings, problem === null ? null : { what: UNREAD, why: problem, remedy: node.remedy ?? null });
  },
  cluster: (settings, snapshot) => finding(settings, clusterProblem(snapshot)),
};

interface Unread {
  /** Short enough for a title; the cause follows it in full. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string | null;
}

const UNREAD = 'cannot be read';
const READ = 'it is read again';

/** The problem of Atlas or of the first node; null when a node was read. One alert then covers all nodes. */
export function clusterProblem({ problem, remedy, nodes }: Snapshot): Unread | null {
  if (problem !== null) return { what: UNREAD, why: problem, remedy: remedy ?? null };
  const [first] = nodes;
  if (first === undefined || nodes.some((node) => node.problem === null)) return null;
  const what = nodes.length === 1 ? UNREAD : `${UNREAD}, none of its ${nodes.length} nodes answers as it should`;
  return { what, why: first.problem ?? '', remedy: first.remedy ?? null };
}

function finding({ readings, severity }: UnreadableSettings, unread: Unread | null): RuleEvaluation {
  const base = { ...PLAIN, readings, severity };
  if (unread === null) return { ...base, level: 'below', value: 0, what: READ, reason: READ };
  const { what, remedy } = unread;
  const why = unread.why.replace(/\.$/, '');
  const notes = remedy === null ? [] : [remedy];
  return { ...base, level: 'above', value: 1, what, against: why, reason: why, notes };
}
