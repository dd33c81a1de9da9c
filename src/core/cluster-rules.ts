// The rule about the cluster as a whole: nothing of it could be read, which is one alert and not one for each node.

import { PLAIN, type Verdict } from './detection/findings.ts';
import { UNREAD, type Unread, unreadTold } from './detection/node-rules.ts';
import type { Rules } from './detection/rules.ts';
import type { Snapshot } from './snapshots/snapshot.ts';

/** What Atlas or the first of the nodes said; null where something was read. */
export function awayBecause({ problem, remedy, nodes }: Snapshot): Unread | null {
  if (problem !== null) return { what: UNREAD, why: problem, remedy: remedy ?? null };
  const [first] = nodes;
  if (first === undefined || nodes.some((node) => node.problem === null)) return null;
  const what = nodes.length === 1 ? UNREAD : `${UNREAD}, none of its ${nodes.length} nodes answers as it should`;
  return { what, why: first.problem ?? '', remedy: first.remedy ?? null };
}

export function judgeCluster(snapshot: Snapshot, rules: Rules): readonly Verdict[] {
  const rule = rules.unreadable;
  if (rule === null) return [];
  const away = awayBecause(snapshot);
  return [
    {
      ...PLAIN,
      rule: 'unreadable',
      source: null,
      node: null,
      who: `Cluster ${snapshot.cluster}`,
      standing: away === null ? 'below' : 'above',
      value: away === null ? 0 : 1,
      severity: rule.severity,
      readings: rule.readings,
      ...unreadTold(away),
      repeat: rules.repeat,
    },
  ];
}
