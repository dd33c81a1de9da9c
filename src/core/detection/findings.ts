// Applies the results of the rules to the alerts: the next state of each alert, and its notifications.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import type { AlertEvidence } from '../evidence/evidence.ts';
import {
  type AlertEvent,
  type AlertKey,
  advance,
  INITIAL_STATE,
  isDefaultState,
  keyOf,
  type RuleResult,
  type RuleState,
} from './alert-state.ts';
import type { Severity } from './rule.ts';
import type { RuleName } from './rules.ts';
import { eventSentence, reasonText } from './sentences.ts';

/** The result of one reading for an alert that fires, starts or ends in it. */
export interface AlertTransition
  extends Pick<
    RuleResult,
    'rule' | 'source' | 'node' | 'who' | 'value' | 'usual' | 'what' | 'reason' | 'notes' | 'app' | 'ending'
  > {
  readonly firing: boolean;
  readonly event: AlertEvent | null;
  readonly severity: Severity;
  /** When it first started; the same after a return within 30 minutes. */
  readonly since: number;
  readonly returns: number;
  /** Since when the value is below the lower line, while the alert fires or when it ends by value; else null. */
  readonly calmSince: number | null;
  readonly evidence: AlertEvidence | null;
}

/** The alert of one reading in one sentence, as a public line of JSON. */
export interface Notification {
  /** ISO 8601. */
  readonly at: string;
  readonly cluster: string;
  /** Id; null for a node's alert. */
  readonly source: string | null;
  readonly node: string | null;
  readonly rule: RuleName;
  readonly event: AlertEvent;
  readonly severity: Severity;
  readonly value: number;
  /** Null when the rule has no baseline. */
  readonly usual: number | null;
  readonly text: string;
}

/** Why one rule fired or did not fire, for one source or node in one reading. */
export interface Decision extends AlertKey {
  readonly at: string;
  readonly cluster: string;
  readonly firing: boolean;
  readonly event: AlertEvent | null;
  readonly reason: string;
}

interface AppliedResults {
  readonly alerts: Readonly<Record<string, RuleState>>;
  readonly decisions: readonly Decision[];
  readonly notifications: readonly Notification[];
  readonly transitions: readonly AlertTransition[];
}

interface ClusterAlerts {
  readonly at: number;
  readonly cluster: string;
  readonly alerts: Readonly<Record<string, RuleState>>;
  /** By key: alerts that continue here because another source lost its clients to this one. */
  readonly inherited?: ReadonlyMap<string, RuleState>;
}

export function applyResults(results: readonly RuleResult[], now: ClusterAlerts): AppliedResults {
  return runToEnd(applyResultsInChunks(results, now));
}

const CHUNK = 200;

export function* applyResultsInChunks(results: readonly RuleResult[], now: ClusterAlerts): Chunked<AppliedResults> {
  const alerts = new Map(Object.entries(now.alerts));
  const decisions: Decision[] = [];
  const notifications: Notification[] = [];
  const transitions: AlertTransition[] = [];
  const at = new Date(now.at).toISOString();
  for (const [index, result] of results.entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const { rule, source, node, who, value, usual, what, notes, app, ending } = result;
    const key = keyOf(result);
    const { state, event, counted } = nextState(result, now);
    if (isDefaultState(state, now.at)) alerts.delete(key);
    else alerts.set(key, state);
    const { firing, severity, since, returns } = state;
    const isOver = event === 'resolved' && ending === null;
    const calmSince = isOver ? (now.alerts[key]?.belowSince ?? null) : state.belowSince;
    const suppressed = result.suppressedBy === null || firing ? [] : [`held back: ${result.suppressedBy}`];
    const reason = [result.reason, counted, ...suppressed].filter((words) => words !== '').join('; ');
    const base = { at, cluster: now.cluster, source, node, rule };
    decisions.push({ ...base, firing, event, reason });
    // An unknown level has no figures, so the figures of the last reading stay.
    if (result.level !== 'unknown' && (firing || event !== null)) {
      const figures = { rule, source, node, who, value, usual, what, reason: reasonText(result), notes, app, ending };
      transitions.push({
        ...figures,
        firing,
        event,
        severity,
        since: since ?? now.at,
        returns,
        calmSince,
        evidence: null,
      });
    }
    if (event === null) continue;
    const until = isOver ? (calmSince ?? now.at) : now.at;
    const text = eventSentence(result, { event, at: until, since, isReturn: returns > 0 });
    const rounded = usual === null ? null : Math.round(usual * 10) / 10;
    notifications.push({ ...base, event, severity, value, usual: rounded, text });
  }
  return { alerts: Object.fromEntries(alerts), decisions, notifications, transitions };
}

function nextState(result: RuleResult, { at, alerts, inherited }: ClusterAlerts): ReturnType<typeof advance> {
  const key = keyOf(result);
  const own = alerts[key] ?? INITIAL_STATE;
  const before = inherited?.get(key);
  if (before === undefined || own.firing) return advance(own, result, at);
  const next = advance(before, result, at);
  if (!before.firing) return next;
  // One notification names the new source. An alert that ends in this reading ends under the old name.
  if (!next.state.firing) return { ...next, state: INITIAL_STATE, event: null };
  return { ...next, state: { ...next.state, told: result.value, toldAt: at, endedAt: null }, event: 'firing' };
}
