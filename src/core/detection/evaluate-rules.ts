// Runs the rules in force for one source, node or cluster, and learns from the reading.

import { joinWords } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import { type Baseline, usualAt } from '../baseline/baseline.ts';
import { atSteadyLevel } from '../baseline/level.ts';
import { connectionRate, type NodeHistory, newNodeHistory, nodeHistoryAfter } from '../baseline/node-history.ts';
import { type Compared, compare, historyAfter, type SourceHistory } from '../baseline/source-history.ts';
import { sourceOfApp } from '../pools/look.ts';
import type { Snapshot, SnapshotNode, UsualConnections } from '../snapshots/snapshot.ts';
import type { RuleResult } from './alert-state.ts';
import type {
  NodeRuleInput,
  PoolFinding,
  PoolRuleInput,
  Rule,
  RuleEvaluation,
  SourceFinding,
  SourceRuleInput,
} from './rule.ts';
import {
  isAcceptable,
  RULE_NAMES,
  RULES,
  type RuleName,
  type RuleSettings,
  type Rules,
  type SettingsInForce,
} from './rules.ts';

/** While an alert of one of these rules fires, the source learns no usual. */
const TEACHING_NOTHING = RULE_NAMES.filter(isAcceptable);

export function evaluateSource(context: Omit<SourceRuleInput, 'compared' | 'usual'> & { readonly rules: Rules }): {
  readonly results: readonly RuleResult[];
  readonly past: SourceHistory;
  readonly usual: UsualConnections | null;
} {
  const { source, past, snapshot, rules, moment, firingSince } = context;
  const compared = compare(past, source, snapshot);
  const dormant = usualAt(past.dormant, moment);
  const pooled = usualAt(past.pooled, moment);
  const usual = {
    dormant,
    // Pooled connections contain the dormant ones.
    pooled: pooled && { ...pooled, value: Math.max(pooled.value, dormant?.value ?? 0) },
    clients: past.clients === null ? null : usualAt(past.clients, moment),
  };
  const input = { ...context, compared, usual };
  const found = findings<SourceFinding>(rules, (rule, settings) => rule.source?.(settings, input));
  const habits = Object.fromEntries(found.flatMap(({ finding }) => Object.entries(finding.habits ?? {})));
  const isUnusual = found.some(({ finding }) => finding.isUnusual === true);
  const alerts = TEACHING_NOTHING.map(firingSince).filter((since) => since !== null);
  const alertedSince = alerts.length === 0 ? null : Math.min(...alerts);
  const learned = historyAfter({ ...past, habits: { ...past.habits, ...habits } }, source, {
    snapshot,
    moment,
    compared,
    usual,
    isUnusual,
    alertedSince,
  });
  const settled = found.find(({ finding }) => finding.isUsualNow === true);
  const settledSince = settled === undefined ? null : firingSince(settled.rule);
  const subject = { source: source.id, node: null, who: source.name, repeat: rules.repeat };
  return {
    results: found.map(({ rule, finding }) => ({ ...finding, ...subject, rule })),
    past: settledSince === null ? learned : atLevelSince(learned, settledSince, moment),
    usual: compared.incomparable === null ? roundedUsual(usual, comparableShare(compared, context)) : null,
  };
}

/** The history of a source whose steady level since a time is its usual now. */
function atLevelSince(past: SourceHistory, since: number, moment: WallMoment): SourceHistory {
  const accepted = (baseline: Baseline) => atSteadyLevel(baseline, since, moment) ?? baseline;
  const clients = past.clients && accepted(past.clients);
  return { ...past, dormant: accepted(past.dormant), pooled: accepted(past.pooled), clients };
}

/** The share of the usual that stands beside the figures of the whole source. */
function comparableShare(compared: Compared, { source, snapshot }: Pick<SourceRuleInput, 'source' | 'snapshot'>) {
  // Nodes that joined hold connections of those that left.
  const hasJoined = compared.pooled < source.active + source.dormant;
  return snapshot.complete && hasJoined ? 1 : compared.share;
}

export function roundedUsual(
  { dormant, pooled }: Pick<SourceRuleInput['usual'], 'dormant' | 'pooled'>,
  share: number,
): UsualConnections | null {
  if (dormant === null || pooled === null) return null;
  return { dormant: Math.round(dormant.value * share), pooled: Math.round(pooled.value * share) };
}

interface NodeContext extends Pick<NodeRuleInput, 'node' | 'past' | 'elected' | 'isClusterUnread'> {
  readonly rules: Rules;
  readonly moment: WallMoment;
  /** Names of the largest sources on the node, with their connections. */
  readonly holders: readonly string[];
  readonly interval: number | null;
}

export function evaluateNode(context: NodeContext): {
  readonly results: readonly RuleResult[];
  readonly past: NodeHistory;
} {
  const { node, past, moment, holders, interval, rules } = context;
  const { at } = moment;
  const rate = connectionRate(node, past, { at, interval });
  const usualRate = past === null ? null : usualAt(past.churn, moment);
  const input = {
    ...context,
    at,
    rate,
    usualRate: usualRate?.value ?? null,
    holders: holdersNote(holders, 'Most on it'),
  };
  const results = nodeResults(input, rules);
  const known = past ?? newNodeHistory(at);
  return {
    results,
    past: node.problem === null ? nodeHistoryAfter(known, node, { moment, rate, usualRate, holders }) : known,
  };
}

/** Evaluates the rules that do not wait for the next reading. */
export function evaluateNodeChecked(
  node: SnapshotNode,
  past: NodeHistory | null,
  { at, rules }: { readonly at: number; readonly rules: Rules },
): readonly RuleResult[] {
  const holders = holdersNote(past?.holders ?? [], 'Most on it in the last reading');
  const unread = { rate: null, usualRate: null, elected: null, isClusterUnread: false };
  return nodeResults({ node, past, at, holders, ...unread }, rules, { isNodeCheck: true });
}

function nodeResults(input: NodeRuleInput, rules: Rules, only: { readonly isNodeCheck?: true } = {}) {
  const { host } = input.node;
  const subject = { source: null, node: host, who: `Node ${host}`, repeat: rules.repeat };
  return findings<RuleEvaluation>(rules, (rule, settings) =>
    only.isNodeCheck === undefined || rule.isNodeCheck ? rule.node?.(settings, input) : null,
  ).map(({ rule, finding }): RuleResult => ({ ...finding, ...subject, rule }));
}

function holdersNote(holders: readonly string[], words: string): readonly string[] {
  return holders.length === 0 ? [] : [`${words}: ${joinWords(holders)}.`];
}

export function evaluateCluster(snapshot: Snapshot, rules: Rules): readonly RuleResult[] {
  const subject = { source: null, node: null, who: `Cluster ${snapshot.cluster}`, repeat: rules.repeat };
  return findings<RuleEvaluation>(rules, (rule, settings) => rule.cluster?.(settings, snapshot)).map(
    ({ rule, finding }) => ({ ...finding, ...subject, rule }),
  );
}

export function evaluateApp(
  input: PoolRuleInput,
  rules: Rules,
): readonly (RuleResult & Pick<PoolFinding, 'evidence'>)[] {
  const { app } = input.app;
  const subject = { source: sourceOfApp(app), node: null, who: app === '' ? 'an app without a name' : app };
  return findings<PoolFinding>(rules, (rule, settings) => rule.pool?.(settings, input)).map(({ rule, finding }) => ({
    ...finding,
    ...subject,
    repeat: rules.repeat,
    rule,
  }));
}

/** The results of the rules in force, in the order of the table. */
function findings<Finding extends RuleEvaluation>(
  rules: SettingsInForce,
  evaluate: <Settings>(rule: Rule<Settings>, settings: Settings) => Finding | null | undefined,
): readonly { readonly rule: RuleName; readonly finding: Finding }[] {
  const findingOf = <Name extends RuleName>(rule: Name) => {
    const settings = rules[rule];
    return settings === null ? null : evaluate<RuleSettings[Name]>(RULES[rule], settings);
  };
  return RULE_NAMES.flatMap((rule) => {
    const finding = findingOf(rule) ?? null;
    return finding === null ? [] : [{ rule, finding }];
  });
}
