// The rule about the cluster as a whole: nothing of it could be read, which is one alert and not one for each node.

import { PLAIN, type Verdict } from './judged.ts';
import type { Rules } from './rule.ts';
import type { Snapshot } from './snapshot.ts';

/** Why nothing was read, or null. */
export function awayBecause({ problem, nodes }: Snapshot): string | null {
  if (problem !== null) return problem;
  if (nodes.length === 0 || nodes.some((node) => node.problem === null)) return null;
  const [first] = nodes;
  const why = first?.problem ?? '';
  return nodes.length === 1 ? why : `none of its ${nodes.length} nodes answers as it should; the first: ${why}`;
}

export function judgeCluster(snapshot: Snapshot, rules: Rules): readonly Verdict[] {
  const rule = rules.unreadable;
  if (rule === null) return [];
  const problem = awayBecause(snapshot);
  const what = problem === null ? 'it is read again' : `cannot be read: ${problem.replace(/\.$/, '')}`;
  return [
    {
      ...PLAIN,
      rule: 'unreadable',
      source: null,
      node: null,
      who: `Cluster ${snapshot.cluster}`,
      standing: problem === null ? 'below' : 'above',
      value: problem === null ? 0 : 1,
      severity: rule.severity,
      readings: rule.readings,
      what,
      reason: what,
      repeat: rules.repeat,
    },
  ];
}
