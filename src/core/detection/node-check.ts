// Evaluates a check between two readings: the nodes by their usage, and the apps by what they report of their pools.

import { MINUTE } from '../base/duration.ts';
import { span, sum } from '../base/format.ts';
import { checkedAfter, newNodeHistory } from '../baseline/node-history.ts';
import { shortHosts } from '../connections/node-usage.ts';
import type { AlertEvidence } from '../evidence/evidence.ts';
import { evidenceOfCheck } from '../evidence/gather.ts';
import { activityOf } from '../evidence/pools.ts';
import {
  type AppLook,
  appOfSource,
  appsOf,
  isExhausted,
  isFullPool,
  isGoneKnown,
  type PoolReports,
  sourceOfApp,
} from '../pools/look.ts';
import { GONE_AFTER_MS } from '../pools/report.ts';
import type { Snapshot, SnapshotNode } from '../snapshots/snapshot.ts';
import { afterGap, keyOf, type RuleResult, type RuleState } from './alert-state.ts';
import { alertKeyOf, closingResult } from './alert-transfer.ts';
import { type ClusterState, clampToNow, clockRegression, isStale, NO_READING } from './cluster-state.ts';
import type { Evaluation } from './evaluate.ts';
import { evaluateApp, evaluateNodeChecked } from './evaluate-rules.ts';
import { type AlertTransition, applyResults } from './findings.ts';
import { isAboutApp, type RuleBook, rulesFor } from './rules.ts';

export interface NodeCheck {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Empty when none answered. */
  readonly nodes: readonly Pick<SnapshotNode, 'host' | 'problem' | 'current' | 'limit' | 'rejected'>[];
  /** Null where no reports are taken, and while they cannot be read. */
  readonly pools: PoolReports | null;
  /** The last reading of the cluster, where its figures help to explain the pools; else null. */
  readonly reading: Snapshot | null;
}

/**
 * Evaluates the rules with `isNodeCheck` and those about apps between readings. For these rules a check counts as a
 * reading. For the other rules it is neither a reading nor a gap. A check that is not newer than the last reading changes
 * nothing, unless the clock was set back.
 * @param state null before the first reading of the cluster
 */
export function evaluateNodeCheck(state: ClusterState | null, check: NodeCheck, book: RuleBook): Evaluation {
  const known = state ?? NO_READING;
  if (isStale(known, check.at)) return { state: known, decisions: [], notifications: [], transitions: [], remarks: [] };
  const back = clockRegression(known, check.at);
  const before = back === 0 ? known : clampToNow(known, check.at);
  const nodes = { ...before.nodes };
  const results: RuleResult[] = [];
  for (const { host, ...found } of check.nodes) {
    if (found.problem !== null) continue;
    const rules = rulesFor(book, { cluster: check.cluster, source: [], node: host });
    const node = { host, ...found, role: null, totalCreated: null };
    const past = nodes[host] ?? null;
    results.push(...evaluateNodeChecked(node, past, { at: check.at, rules }));
    const history = past ?? newNodeHistory(check.at);
    nodes[host] = { ...history, ...checkedAfter(history, node, check.at) };
  }
  const alertsBefore = afterLookGap(before.alerts, check.at);
  const apps = evaluateApps({ ...before, alerts: alertsBefore }, check, book);
  const evidenceFor = evidenceOfChecks(before, check);
  const remarks = back === 0 ? [] : [`the clock was set back by ${span(back)}`];
  const { alerts, transitions, ...outcome } = applyResults([...results, ...apps.results], {
    at: check.at,
    cluster: check.cluster,
    alerts: alertsBefore,
  });
  const told = transitions.map((transition) => ({
    ...transition,
    evidence: apps.evidence.get(keyOf(transition)) ?? evidenceFor(transition),
  }));
  return { ...outcome, transitions: told, state: { ...before, nodes, alerts }, remarks };
}

function evidenceOfChecks({ nodes, findings = {} }: ClusterState, { at, nodes: found }: NodeCheck) {
  const short = shortHosts({ nodes: found });
  return ({ node: host }: AlertTransition) => {
    const node = found.find((one) => one.host === host);
    if (node === undefined) return null;
    const checked = { ...node, role: null, totalCreated: null };
    return evidenceOfCheck(checked, nodes[node.host] ?? null, { at, short, findings: findings[node.host] });
  };
}

// The apps with pools to the nodes of the cluster.

/** Who holds the token of the reports can invent apps. */
const MOST_APPS = 100;

interface EvaluatedApps {
  readonly results: readonly RuleResult[];
  /** By key of the alert. */
  readonly evidence: ReadonlyMap<string, AlertEvidence>;
}

function evaluateApps(state: ClusterState, check: NodeCheck, book: RuleBook): EvaluatedApps {
  const { cluster, at, pools, reading } = check;
  const apps = pools === null ? [] : appsOf(pools, hostsOf(state, check));
  const short = shortHosts(check);
  const evidence = new Map<string, AlertEvidence>();
  const results: RuleResult[] = [];
  for (const app of mostNeeding(apps)) {
    const rules = rulesFor(book, { cluster, source: subjectOf(app.app), node: null });
    const activity = activityOf(app, reading, at);
    const context = { at, since: pools?.before?.at ?? at, nodes: check.nodes, short, activity };
    for (const { evidence: found, ...result } of evaluateApp({ app, context }, rules)) {
      results.push(result);
      if (found !== undefined) evidence.set(keyOf(result), found);
    }
  }
  const present = new Set(apps.map(({ app }) => app));
  return { results: [...results, ...silentApps(state, check, { results, present, book })], evidence };
}

/** Nodes that do not answer now belong to the cluster as well. */
function hostsOf({ nodes }: Pick<ClusterState, 'nodes'>, check: Pick<NodeCheck, 'nodes'>): readonly string[] {
  return [...new Set([...check.nodes.map(({ host }) => host), ...Object.keys(nodes)])];
}

/** Those with the most operations that wait or gave up. */
function mostNeeding(apps: readonly AppLook[]): readonly AppLook[] {
  if (apps.length <= MOST_APPS) return apps;
  const need = ({ processes }: AppLook) =>
    sum(processes, ({ pools }) => sum(pools, ({ now, since }) => now.waiting + (since?.timeouts ?? 0)));
  return apps.toSorted((a, b) => need(b) - need(a)).slice(0, MOST_APPS);
}

/** A tenth of the default line, in milliseconds: a busy pool alone needs no reading. */
const SHORT_WAIT = 10;

/** Whether the last reading helps: operations wait, and the nodes may count what the connections do, and whose they are. */
export function needsReading(state: ClusterState, check: Omit<NodeCheck, 'reading'>): boolean {
  if (check.pools === null) return false;
  const pools = appsOf(check.pools, hostsOf(state, check)).flatMap(({ processes }) =>
    processes.flatMap((one) => one.pools),
  );
  return pools.some((pool) => isExhausted(pool, SHORT_WAIT) || (pool.since?.checkouts === 0 && isFullPool(pool)));
}

/** Looks further apart do not count together. A process reports every five minutes at least. */
const LOOK_GAP = 15 * MINUTE;

function afterLookGap(alerts: ClusterState['alerts'], at: number): ClusterState['alerts'] {
  return Object.fromEntries(
    Object.entries(alerts).map(([key, alert]) => {
      const last = alert.marks.at(-1)?.at ?? at;
      return [key, isAboutApp(alertKeyOf(key).rule) && at - last > LOOK_GAP ? afterGap(alert) : alert];
    }),
  );
}

/** Without any reports for this long, nobody takes them any more. */
const UNREPORTED = 30 * MINUTE;

/** Ends the alerts of apps that are judged no more: the rule is off, the app is gone, or no reports are taken. */
function silentApps(
  { alerts }: ClusterState,
  { cluster, at, pools }: NodeCheck,
  {
    results,
    present,
    book,
  }: { readonly results: readonly RuleResult[]; readonly present: ReadonlySet<string>; readonly book: RuleBook },
): readonly RuleResult[] {
  const evaluated = new Set(results.map(keyOf));
  return Object.entries(alerts).flatMap(([key, alert]) => {
    const found = alertKeyOf(key);
    const app = appOfSource(found.source);
    if (!alert.firing || !isAboutApp(found.rule) || app === null || evaluated.has(key)) return [];
    const { [found.rule]: settings } = rulesFor(book, { cluster, source: subjectOf(app), node: null });
    const silentFor = at - lastJudged(alert);
    const isGone = pools !== null && !present.has(app) && isGoneKnown(pools) && silentFor > GONE_AFTER_MS;
    const isOff = pools === null && silentFor > UNREPORTED;
    if (settings === null) return [closingResult(found, { alert, ending: 'it is judged no more', name: app })];
    if (isGone) return [closingResult(found, { alert, ending: 'it no longer reports its pools', name: app })];
    const ending = `no pools were reported for ${span(silentFor)}`;
    return isOff ? [closingResult(found, { alert, ending, name: app })] : [];
  });
}

function lastJudged({ marks, since, toldAt }: RuleState): number {
  return marks.at(-1)?.at ?? Math.max(since ?? 0, toldAt);
}

/** Id and name, as overrides match them. */
function subjectOf(app: string): readonly string[] {
  return [sourceOfApp(app), app];
}
