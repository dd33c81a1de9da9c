// What one rule says of one subject in one reading, before the alert's life is asked; and how it joins the alerts.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { span } from '../base/format.ts';
import {
  type AlertEvent,
  type AlertKey,
  advance,
  INITIAL_STATE,
  isDefaultState,
  keyOf,
  type RuleState,
  type ThresholdLevel,
} from './alert-state.ts';
import type { Readings, RuleName, Severity } from './rules.ts';

export interface RuleResult extends AlertKey {
  readonly rule: RuleName;
  readonly who: string;
  readonly standing: ThresholdLevel;
  /** How much it counts for what lasts; see alert.ts. */
  readonly slow: number;
  readonly value: number;
  readonly usual: number | null;
  readonly severity: Severity;
  readonly readings: Readings;
  readonly slowReadings: Readings | null;
  readonly heldBack: string | null;
  /** Why it ends whatever the value, or null. */
  readonly ending: string | null;
  readonly what: string;
  /** Against what it is much: `6.8 × its usual for Saturday 10:00`; null where `what` says it. */
  readonly against: string | null;
  readonly reason: string;
  readonly notes: readonly string[];
  /** The app that grew most, where it was told. */
  readonly app: string | null;
  readonly repeat: number;
}

/** A verdict of which nothing is told but whether the line is broken. */
export const PLAIN = {
  slow: 0,
  usual: null,
  slowReadings: null,
  heldBack: null,
  ending: null,
  against: null,
  notes: [],
  app: null,
} as const satisfies Partial<RuleResult>;

/** What one reading says of an alert that fires, or that began or ended in it. */
export interface AlertTransition
  extends Pick<
    RuleResult,
    'rule' | 'source' | 'node' | 'who' | 'value' | 'usual' | 'what' | 'reason' | 'notes' | 'app' | 'ending'
  > {
  readonly firing: boolean;
  readonly event: AlertEvent | null;
  readonly severity: Severity;
  /** When it first began; the same after a return within 30 minutes. */
  readonly since: number;
  readonly returns: number;
  /** Since when it is below the lower line, while it fires and when it ends by that; else null. */
  readonly calmSince: number | null;
}

export interface AppliedResults {
  readonly alerts: Readonly<Record<string, RuleState>>;
  readonly decisions: readonly Decision[];
  readonly notifications: readonly Notification[];
  readonly standing: readonly AlertTransition[];
}

interface Now {
  readonly at: number;
  readonly cluster: string;
  readonly alerts: Readonly<Record<string, RuleState>>;
  /** By key: alerts that go on here from a source whose clients are called something else now. */
  readonly carried?: ReadonlyMap<string, RuleState>;
}

export function applyResults(verdicts: readonly RuleResult[], now: Now): AppliedResults {
  return runToEnd(applyResultsInChunks(verdicts, now));
}

/** So many verdicts make a step. */
const TURNS = 200;

export function* applyResultsInChunks(verdicts: readonly RuleResult[], now: Now): Chunked<AppliedResults> {
  const alerts = new Map(Object.entries(now.alerts));
  const decisions: Decision[] = [];
  const notifications: Notification[] = [];
  const standing: AlertTransition[] = [];
  const at = new Date(now.at).toISOString();
  for (const [index, verdict] of verdicts.entries()) {
    if (isChunkEnd(index, TURNS)) yield;
    const { rule, source, node, value, usual } = verdict;
    const key = keyOf(verdict);
    const { alert, event, counted } = turnOf(verdict, now);
    if (isDefaultState(alert, now.at)) alerts.delete(key);
    else alerts.set(key, alert);
    const isOver = event === 'resolved' && verdict.ending === null;
    const calmSince = isOver ? (now.alerts[key]?.belowSince ?? null) : alert.belowSince;
    const held = verdict.heldBack === null || alert.firing ? [] : [`held back: ${verdict.heldBack}`];
    const reason = [verdict.reason, counted, ...held].filter((words) => words !== '').join('; ');
    const base = { at, cluster: now.cluster, source, node, rule };
    decisions.push({ ...base, firing: alert.firing, event, reason });
    // What could not be judged says nothing of the figures: those of the last judgement stand.
    if (verdict.standing !== 'unknown' && (alert.firing || event !== null))
      standing.push(standingOf(verdict, { alert, event, at: now.at, calmSince }));
    if (event === null) continue;
    const isReturn = alert.returns > 0;
    const until = isOver ? (calmSince ?? now.at) : now.at;
    const text = sentence({ ...verdict, event, at: until, since: alert.since, isReturn });
    const rounded = usual === null ? null : Math.round(usual * 10) / 10;
    notifications.push({ ...base, event, severity: alert.severity, value, usual: rounded, text });
  }
  return { alerts: Object.fromEntries(alerts), decisions, notifications, standing };
}

function turnOf(verdict: RuleResult, { at, alerts, carried }: Now): ReturnType<typeof advance> {
  const key = keyOf(verdict);
  const finding = { ...verdict, at, ends: verdict.ending !== null };
  const own = alerts[key] ?? INITIAL_STATE;
  const other = carried?.get(key);
  if (other === undefined || own.firing) return advance(own, finding);
  const turn = advance(other, finding);
  if (!other.firing) return turn;
  // It is told under the new name once; where it ended with the old one, the old one says so.
  if (!turn.alert.firing) return { ...turn, alert: INITIAL_STATE, event: null };
  return { ...turn, alert: { ...turn.alert, told: verdict.value, toldAt: at, endedAt: null }, event: 'firing' };
}

function standingOf(
  verdict: RuleResult,
  turn: Pick<AlertTransition, 'event' | 'calmSince'> & { readonly alert: RuleState; readonly at: number },
): AlertTransition {
  const { rule, source, node, who, value, usual, what, notes, app, ending } = verdict;
  const { firing, severity, since, returns } = turn.alert;
  const { event, calmSince } = turn;
  const told = { rule, source, node, who, value, usual, what, reason: whyOf(verdict), notes, app, ending };
  return { ...told, firing, event, severity, since: since ?? turn.at, returns, calmSince };
}

/** For people, who want neither what the title says already nor how many readings were counted. */
function whyOf({ reason, what, standing, slow }: RuleResult): string {
  if (reason === what) return '';
  if (standing === 'above') return reason;
  if (slow > 0) return `${reason}; below that line, but it lasts`;
  return standing === 'between' ? `${reason}; below that line, but not by enough to end` : reason;
}

// A notification: what is said of an alert at one reading, with the sentence that people read.

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
  /** Null where the rule knows no usual. */
  readonly usual: number | null;
  readonly text: string;
}

/** Why one rule fired or did not for one source or node in one reading. */
export interface Decision extends AlertKey {
  readonly at: string;
  readonly cluster: string;
  readonly firing: boolean;
  readonly event: AlertEvent | null;
  readonly reason: string;
}

interface SentenceParts {
  readonly event: AlertEvent;
  /** Who or what, in words: `Billing API`, `node a:27017`. */
  readonly who: string;
  /** What is true: `440 dormant connections, usually 93`. */
  readonly what: string;
  /** `6.8 × its usual for Saturday 10:00`, or null. */
  readonly against: string | null;
  readonly at: number;
  readonly since: number | null;
  /** Where, which apps and hosts, an election: further sentences. */
  readonly notes: readonly string[];
  /** Why it ended other than by falling, or null. */
  readonly ending: string | null;
  readonly isReturn: boolean;
}

function sentence({ event, who, what, against, at, since, notes, ending, isReturn }: SentenceParts): string {
  const lasted = since === null || at <= since ? null : span(at - since);
  const measure = [lasted === null ? null : `For ${lasted}`, against].filter((words) => words !== null).join(': ');
  const more = measure === '' ? notes : [`${measure}.`, ...notes];
  const long = lasted ?? 'one reading';
  const head = {
    firing: `${who}: ${isReturn ? 'again ' : ''}${what}.`,
    worse: `${who}: it got worse, ${what} (for ${long}).`,
    repeat: `${who}: still ${what} (for ${long}).`,
    resolved: `${who}: over after ${long}, ${ending ?? `now ${what}`}.`,
  };
  return [head[event], ...(event === 'resolved' ? [] : event === 'firing' ? more : notes)].join(' ');
}
