// The rules about nodes: headroom, refused connections, churn, and nodes that cannot be read.

import { MINUTE } from '../base/duration.ts';
import { count, counted, listed, percent, span } from '../base/format.ts';
import { type Baseline, learn, newBaseline, usualAt } from '../baseline/baseline.ts';
import type { SnapshotNode } from '../snapshots/snapshot.ts';
import { PLAIN, type RuleResult } from './alert-state.ts';
import { type Elected, electionNote } from './explain.ts';
import type { Rules } from './rules.ts';

export interface NodePast {
  readonly churn: Baseline;
  /** When the node was last read, and what it told then. */
  readonly at: number;
  readonly totalCreated: number | null;
  /** Of the last reading or look, and when that was. */
  readonly rejected: number | null;
  readonly rejectedAt: number;
  /** Who held most on it in the last reading that told, with how much; missing in what older versions kept. */
  readonly holders?: readonly string[];
}

const ONCE = { needed: 1, of: 1 };
/** New connections of a longer time, or of more than two readings, are no rate any more. */
const LONGEST = 20 * MINUTE;
/** A storm of new connections after an election is no news for so long. */
const SETTLING = 15.5 * MINUTE;

interface NodeRuleInput {
  readonly node: SnapshotNode;
  readonly past: NodePast | null;
  readonly at: number;
  readonly rules: Rules;
}

interface ReadNode extends NodeRuleInput {
  /** How far the clock on the wall is ahead of UTC. */
  readonly offset: number;
  /** Names of the sources that hold most on it, with how much. */
  readonly holders: readonly string[];
  readonly elected: Elected | null;
  readonly interval: number | null;
  /** No node was read: the cluster's own alert says so. */
  readonly isClusterAway: boolean;
}

export function evaluateNode(looked: ReadNode): { readonly results: readonly RuleResult[]; readonly past: NodePast } {
  const { node, past, at, offset } = looked;
  const rate = rateOf(looked);
  const results = [
    headroom(looked, mostOn(looked.holders, 'Most on it')),
    rejected(looked),
    churn(looked, rate),
    unreadable(looked),
  ].filter((result) => result !== null);
  if (node.problem !== null) return { results, past: past ?? newPast(at) };
  const known = past?.churn ?? newBaseline(at);
  const usual = usualAt(known, { at, offset });
  const isUnusual = rate !== null && usual !== null && rate > 3 * usual.value + 1;
  const next = rate === null ? known : learn(known, { at, offset, value: rate, isUnusual });
  const holders = looked.holders.length > 0 ? looked.holders : (past?.holders ?? []);
  return { results, past: { churn: next, at, totalCreated: node.totalCreated, holders, ...refused(looked) } };
}

/** The two rules that do not wait for the next reading. */
export function evaluateHeadroom(looked: NodeRuleInput): {
  readonly results: readonly RuleResult[];
  readonly past: NodePast;
} {
  const results = [
    headroom(looked, mostOn(looked.past?.holders ?? [], 'Most on it in the last reading')),
    rejected(looked),
  ].filter((result) => result !== null);
  return { results, past: { ...(looked.past ?? newPast(looked.at)), ...refused(looked) } };
}

function newPast(at: number): NodePast {
  return { churn: newBaseline(at), at, totalCreated: null, rejected: null, rejectedAt: at };
}

/** A reading that began before the last look tells an older count. */
function refused({ node, past, at }: NodeRuleInput): Pick<NodePast, 'rejected' | 'rejectedAt'> {
  if (past !== null && (node.rejected === null || at < past.rejectedAt))
    return { rejected: past.rejected, rejectedAt: past.rejectedAt };
  return { rejected: node.rejected, rejectedAt: at };
}

function blank({ node, rules }: NodeRuleInput): Omit<RuleResult, 'rule' | 'level' | 'value' | 'what' | 'reason'> {
  return {
    ...PLAIN,
    source: null,
    node: node.host,
    who: `Node ${node.host}`,
    severity: 'warning',
    readings: ONCE,
    repeat: rules.repeat,
  };
}

function mostOn(holders: readonly string[], words: string): readonly string[] {
  return holders.length === 0 ? [] : [`${words}: ${listed(holders)}.`];
}

/** @param most a sentence about who holds most on it, or none */
function headroom(looked: NodeRuleInput, most: readonly string[]): RuleResult | null {
  const rule = looked.rules['node-headroom'];
  const { current, limit } = looked.node;
  if (rule === null) return null;
  if (current === null || limit === null || limit <= 0)
    return untold(looked, 'node-headroom', 'the node did not tell how full it is');
  const share = current / limit;
  const what = `${count(current)} of ${count(limit)} connections, ${percent(share)} of its limit`;
  return {
    ...blank(looked),
    rule: 'node-headroom',
    level: share >= rule.warning ? 'above' : share < rule.warning - 0.05 ? 'below' : 'between',
    value: current,
    severity: share >= rule.critical ? 'critical' : 'warning',
    what,
    notes: [...most, 'Try: lower maxPoolSize or set maxIdleTimeMS where most are held, or a larger tier.'],
    reason: `${what} (warning at ${percent(rule.warning)}, critical at ${percent(rule.critical)})`,
  };
}

function rejected(looked: NodeRuleInput): RuleResult | null {
  const { node, past, at, rules } = looked;
  if (rules.rejected === null) return null;
  if (node.rejected === null || past === null || past.rejected === null)
    return untold(looked, 'rejected', 'the node does not tell of refused connections, or was not looked at before');
  // A count that fell began anew: the node was restarted, and all of it is since then.
  const isAnew = node.rejected < past.rejected && at >= past.rejectedAt;
  const more = isAnew ? node.rejected : Math.max(0, node.rejected - past.rejected);
  const since = isAnew ? 'since it was restarted' : `in the last ${span(Math.max(MINUTE, at - past.rejectedAt))}`;
  const what = more === 0 ? 'no connection refused' : `${counted(more, 'connection')} refused ${since}`;
  return {
    ...blank(looked),
    rule: 'rejected',
    level: more > 0 ? 'above' : 'below',
    value: more,
    severity: rules.rejected.severity,
    what,
    reason: `${what} (told from 1)`,
    notes: [
      'Try: clients are turned away now: see who holds the connections, and whether the limit or the rate of new ones refused them.',
    ],
  };
}

function churn(looked: ReadNode, rate: number | null): RuleResult | null {
  const { past, at, offset, rules, elected } = looked;
  const rule = rules.churn;
  if (rule === null) return null;
  const usual = past === null ? null : usualAt(past.churn, { at, offset });
  if (rate === null || usual === null)
    return untold(looked, 'churn', 'it waits: no rate, or less than a day of history');
  const more = rate - usual.value;
  const isAbove = rate >= rule.ratio * usual.value && more >= rule.minimum;
  const isBelow = rate < (rule.ratio / 2) * usual.value || more < rule.minimum / 2;
  const what = `${rate.toFixed(1)} new connections a second, usually ${usual.value.toFixed(1)}`;
  const isStorm = elected !== null && at - elected.at <= SETTLING;
  return {
    ...blank(looked),
    rule: 'churn',
    level: isAbove ? 'above' : isBelow ? 'below' : 'between',
    value: Math.round(rate * 10) / 10,
    usual: usual.value,
    readings: rule.readings,
    severity: rule.severity,
    suppressedBy: isStorm ? 'an election a few minutes ago: everybody connects anew' : null,
    what,
    reason: `${what} (the line is ${rule.ratio} × and ${rule.minimum} more)`,
    notes: [
      ...electionNote(elected, at),
      'Try: one MongoClient for each process instead of one for each request; a rate that stays means that nothing is reused.',
    ],
  };
}

function unreadable(looked: ReadNode): RuleResult | null {
  const rule = looked.rules.unreadable;
  const { problem } = looked.node;
  if (rule === null) return null;
  if (problem !== null && looked.isClusterAway) return untold(looked, 'unreadable', 'no node of the cluster was read');
  return {
    ...blank(looked),
    rule: 'unreadable',
    readings: rule.readings,
    severity: rule.severity,
    level: problem === null ? 'below' : 'above',
    value: problem === null ? 0 : 1,
    ...unreadTold(problem === null ? null : { what: UNREAD, why: problem, remedy: looked.node.remedy ?? null }),
  };
}

export interface Unread {
  /** Short enough for a title: the cause stands below it, in full. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string | null;
}

export const UNREAD = 'cannot be read';
const READ = 'it is read again';

/** @param unread null for what is read */
export function unreadTold(unread: Unread | null): Pick<RuleResult, 'what' | 'against' | 'reason' | 'notes'> {
  if (unread === null) return { what: READ, against: null, reason: READ, notes: [] };
  const { what, remedy } = unread;
  const why = unread.why.replace(/\.$/, '');
  return { what, against: why, reason: why, notes: remedy === null ? [] : [remedy] };
}

function untold(looked: NodeRuleInput, rule: RuleResult['rule'], reason: string): RuleResult {
  return { ...blank(looked), rule, level: 'unknown', value: 0, what: reason, reason };
}

/** New connections a second since the last reading; null after a restart, a gap, or where it is not told. */
function rateOf({ node, past, at, interval }: ReadNode): number | null {
  if (past === null || past.totalCreated === null || node.totalCreated === null) return null;
  const passed = at - past.at;
  const created = node.totalCreated - past.totalCreated;
  return created < 0 || passed <= 0 || passed > Math.max(LONGEST, 2.5 * (interval ?? 0))
    ? null
    : created / (passed / 1000);
}
