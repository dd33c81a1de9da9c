// What one rule says of one subject in one reading, before the alert's life is asked; and how it joins the alerts.

import { type Alert, type AlertEvent, advance, CALM, keyOf, type Standing as Line, type Severity } from './alert.ts';
import { type Decision, type Notification, sentence } from './notification.ts';
import type { Readings, RuleName } from './rule.ts';

export interface Verdict {
  readonly rule: RuleName;
  readonly source: string | null;
  readonly node: string | null;
  readonly who: string;
  readonly standing: Line;
  readonly isSlow: boolean;
  readonly value: number;
  readonly usual: number | null;
  readonly severity: Severity;
  readonly readings: Readings;
  readonly slowReadings: Readings | null;
  readonly heldBack: string | null;
  /** Why it ends whatever the value, or null. */
  readonly ending: string | null;
  readonly what: string;
  readonly reason: string;
  readonly notes: readonly string[];
  readonly repeat: number;
}

/** What one reading says of an alert that fires, or that began or ended in it. */
export interface Standing
  extends Pick<
    Verdict,
    'rule' | 'source' | 'node' | 'who' | 'value' | 'usual' | 'what' | 'reason' | 'notes' | 'ending'
  > {
  readonly firing: boolean;
  readonly event: AlertEvent | null;
  readonly severity: Severity;
  /** When it first began; the same after a return within 30 minutes. */
  readonly since: number;
  readonly returns: number;
}

export interface Outcome {
  readonly alerts: Readonly<Record<string, Alert>>;
  readonly decisions: readonly Decision[];
  readonly notifications: readonly Notification[];
  readonly standing: readonly Standing[];
}

export function settle(
  verdicts: readonly Verdict[],
  now: { readonly at: number; readonly cluster: string; readonly alerts: Readonly<Record<string, Alert>> },
): Outcome {
  const alerts = new Map(Object.entries(now.alerts));
  const decisions: Decision[] = [];
  const notifications: Notification[] = [];
  const standing: Standing[] = [];
  const at = new Date(now.at).toISOString();
  for (const verdict of verdicts) {
    const { rule, source, node, value, usual } = verdict;
    const key = keyOf(verdict);
    const { alert, event, counted } = advance(alerts.get(key) ?? CALM, {
      ...verdict,
      at: now.at,
      ends: verdict.ending !== null,
    });
    if (isCalm(alert, now.at)) alerts.delete(key);
    else alerts.set(key, alert);
    const held = verdict.heldBack === null || alert.firing ? [] : [`held back: ${verdict.heldBack}`];
    const reason = [verdict.reason, counted, ...held].join('; ');
    const base = { at, cluster: now.cluster, source, node, rule };
    decisions.push({ ...base, firing: alert.firing, event, reason });
    if (alert.firing || event !== null) standing.push(standingOf(verdict, { alert, event, at: now.at, reason }));
    if (event === null) continue;
    const isReturn = alert.returns > 0;
    const text = sentence({ ...verdict, event, at: now.at, since: alert.since, isReturn });
    const rounded = usual === null ? null : Math.round(usual * 10) / 10;
    notifications.push({ ...base, event, severity: alert.severity, value, usual: rounded, text });
  }
  return { alerts: Object.fromEntries(alerts), decisions, notifications, standing };
}

function standingOf(
  { rule, source, node, who, value, usual, what, notes, ending }: Verdict,
  turn: { readonly alert: Alert; readonly event: AlertEvent | null; readonly at: number; readonly reason: string },
): Standing {
  const { firing, severity, since, returns } = turn.alert;
  const { event, reason } = turn;
  const told = { rule, source, node, who, value, usual, what, reason, notes, ending };
  return { ...told, firing, event, severity, since: since ?? turn.at, returns };
}

/** Nothing in it that a fresh one had not: it need not be kept. */
function isCalm({ firing, above, slow, endedAt }: Alert, at: number): boolean {
  return !firing && !above.includes(true) && !slow.includes(true) && (endedAt === null || at - endedAt > 3_600_000);
}
