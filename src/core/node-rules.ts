// The rules about nodes: headroom, refused connections, churn, and nodes that cannot be read.

import { type Baseline, learn, newBaseline, usualAt } from './baseline.ts';
import { MINUTE } from './duration.ts';
import type { Verdict } from './judged.ts';
import type { Rules } from './rule.ts';
import type { SnapshotNode } from './snapshot.ts';

export interface NodePast {
  readonly churn: Baseline;
  readonly totalCreated: number | null;
  readonly rejected: number | null;
  readonly at: number;
}

const ONCE = { needed: 1, of: 1 };
const LONGEST = 20 * MINUTE;

interface Looked {
  readonly node: SnapshotNode;
  readonly past: NodePast | null;
  readonly at: number;
  readonly rules: Rules;
}

export function judgeNode(looked: Looked): { readonly verdicts: readonly Verdict[]; readonly past: NodePast } {
  const { node, past, at } = looked;
  const rate = rateOf(looked);
  const verdicts = [headroom(looked), rejected(looked), churn(looked, rate), unreadable(looked)].filter(
    (verdict) => verdict !== null,
  );
  if (node.problem !== null)
    return { verdicts, past: past ?? { churn: newBaseline(at), totalCreated: null, rejected: null, at } };
  const known = past?.churn ?? newBaseline(at);
  const usual = usualAt(known, at);
  const isUnusual = rate !== null && usual !== null && rate > 3 * usual.value + 1;
  const next = rate === null ? known : learn(known, { at, value: rate, isUnusual });
  return { verdicts, past: { churn: next, totalCreated: node.totalCreated, rejected: node.rejected, at } };
}

function blank({ node, rules }: Looked): Omit<Verdict, 'rule' | 'standing' | 'value' | 'what' | 'reason'> {
  return {
    source: null,
    node: node.host,
    who: `Node ${node.host}`,
    isSlow: false,
    usual: null,
    severity: 'warning',
    readings: ONCE,
    slowReadings: null,
    heldBack: null,
    ending: null,
    notes: [],
    repeat: rules.repeat,
  };
}

function headroom(looked: Looked): Verdict | null {
  const rule = looked.rules['node-headroom'];
  const { current, limit } = looked.node;
  if (rule === null) return null;
  if (current === null || limit === null || limit <= 0)
    return untold(looked, 'node-headroom', 'the node did not tell how full it is');
  const share = current / limit;
  const percent = `${(share * 100).toFixed(0)} %`;
  const standing = share >= rule.warning ? 'above' : share < rule.warning - 0.05 ? 'below' : 'between';
  const what = `${current} of ${limit} connections, ${percent} of its limit`;
  const severity = share >= rule.critical ? 'critical' : 'warning';
  const notes = ['Try: see who holds them, lower maxPoolSize, or set maxIdleTimeMS.'];
  return {
    ...blank(looked),
    rule: 'node-headroom',
    standing,
    value: current,
    severity,
    what,
    notes,
    reason: `${what} (warning at ${rule.warning * 100} %)`,
  };
}

function rejected(looked: Looked): Verdict | null {
  const { node, past, rules } = looked;
  if (rules.rejected === null) return null;
  if (node.rejected === null || past === null || past.rejected === null)
    return untold(looked, 'rejected', 'the node does not tell of refused connections');
  const more = Math.max(0, node.rejected - past.rejected);
  const what = `${more} connections refused since the last reading`;
  return {
    ...blank(looked),
    rule: 'rejected',
    standing: more > 0 ? 'above' : 'below',
    value: more,
    severity: 'critical',
    what,
    reason: what,
  };
}

function churn(looked: Looked, rate: number | null): Verdict | null {
  const { past, at, rules } = looked;
  const rule = rules.churn;
  if (rule === null) return null;
  const usual = past === null ? null : usualAt(past.churn, at);
  if (rate === null || usual === null) return untold(looked, 'churn', 'waits: no rate, or less than a day of history');
  const isAbove = rate >= rule.ratio * usual.value && rate - usual.value >= rule.minimum;
  const standing = isAbove
    ? 'above'
    : rate < (rule.ratio / 2) * usual.value || rate - usual.value < rule.minimum / 2
      ? 'below'
      : 'between';
  const what = `${rate.toFixed(1)} new connections a second, usually ${usual.value.toFixed(1)}`;
  const notes = ['Try: reuse one MongoClient per process instead of one per request.'];
  const value = Math.round(rate * 10) / 10;
  return {
    ...blank(looked),
    rule: 'churn',
    standing,
    value,
    usual: usual.value,
    readings: rule.readings,
    what,
    notes,
    reason: what,
  };
}

function unreadable(looked: Looked): Verdict | null {
  const rule = looked.rules.unreadable;
  const { problem } = looked.node;
  if (rule === null) return null;
  const what = problem === null ? 'it is read again' : `cannot be read: ${problem}`;
  const base = { ...blank(looked), readings: rule.readings };
  return {
    ...base,
    rule: 'unreadable',
    standing: problem === null ? 'below' : 'above',
    value: problem === null ? 0 : 1,
    what,
    reason: what,
  };
}

function untold(looked: Looked, rule: Verdict['rule'], reason: string): Verdict {
  return { ...blank(looked), rule, standing: 'unknown', value: 0, what: reason, reason };
}

/** New connections a second since the last reading; null after a restart, a gap, or where it is not told. */
function rateOf({ node, past, at }: Looked): number | null {
  if (past === null || past.totalCreated === null || node.totalCreated === null) return null;
  const passed = at - past.at;
  const created = node.totalCreated - past.totalCreated;
  return created < 0 || passed <= 0 || passed > LONGEST ? null : created / (passed / 1000);
}
