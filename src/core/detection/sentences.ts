// The sentences about an alert, for terminal and Slack alike.

import { MINUTE } from '../base/duration.ts';
import { count, counted, percent, span } from '../base/format.ts';
import { type AlertEvidence, isAtLimit, type NodeImpact } from '../evidence/evidence.ts';
import type { AlertEvent, AlertKey, RuleResult } from './alert-state.ts';
import type { Severity } from './rule.ts';
import { isAboutApp, RULES } from './rules.ts';

/** One event of an alert in one line, with notes if it is news. */
export function eventSentence(
  { who, what, against, notes, ending }: RuleResult,
  {
    event,
    at,
    since,
    isReturn,
  }: {
    readonly event: AlertEvent;
    readonly at: number;
    readonly since: number | null;
    readonly isReturn: boolean;
  },
): string {
  const lasted = since === null || at <= since ? null : span(at - since);
  const measure = [lasted === null ? null : `For ${lasted}`, against].filter((words) => words !== null).join(': ');
  const more = measure === '' ? notes : [`${measure}.`, ...notes];
  const long = lasted ?? 'one reading';
  const head = {
    firing: `${who}: ${isReturn ? 'again ' : ''}${what}.`,
    worse: `${who}: it got worse, ${what} (for ${long}).`,
    repeat: `${who}: still ${what} (for ${long}).`,
    resolved: `${who}: resolved after ${long}, ${ending ?? what}.`,
  };
  return [head[event], ...(event === 'resolved' ? [] : event === 'firing' ? more : notes)].join(' ');
}

/** Why it fires, without the count of readings and without repeating the title. */
export function reasonText({ reason, what, level, slow }: RuleResult): string {
  if (reason === what) return '';
  if (level === 'above') return reason;
  if (slow > 0) return `${reason}; below that line, but it lasts`;
  return level === 'between' ? `${reason}; below that line, but not by enough to end` : reason;
}

type HeadlineFacts = AlertKey & Pick<AlertFacts, 'who' | 'what' | 'calmSince' | 'evidence'>;

/** The source, the cluster, or the node by its short name. */
export function subjectName({ node, who, evidence }: Pick<HeadlineFacts, 'node' | 'who' | 'evidence'>): string {
  return node === null ? who : (evidence?.node?.short ?? who);
}

/**
 * `Billing API: 412 dormant connections, usually 61`, `shard-00-00 is full: 3,000 of 3,000 connections`. A time in it is
 * written as ISO 8601 in UTC.
 */
export function headline(alert: HeadlineFacts): string {
  const { rule, what, calmSince, evidence } = alert;
  const subject = subjectName(alert);
  const node = alert.node === null ? null : (evidence?.node ?? null);
  if (rule === 'node-headroom' && node !== null) {
    const figures = `${count(node.current)} of ${count(node.limit)} connections`;
    if (isAtLimit(node)) return `${subject} is full: ${figures}`;
    const share = `at ${percent(node.current / node.limit)} of its limit`;
    // It fires on at any share while clients are refused.
    return isRefusing(node) && calmSince === null
      ? `${subject} refuses connections ${share}: ${figures}`
      : `${subject} is ${share}: ${figures}`;
  }
  if (rule === 'rejected' && calmSince !== null) return `${subject}: no connection refused since ${instant(calmSince)}`;
  if (rule === 'rejected' && node !== null && node.refused !== null) {
    const { count: refused, since, last } = node.refused;
    if (isRefusing(node)) return `${subject} refuses connections: ${count(refused)} since ${instant(since)}`;
    return `${subject} refused ${counted(refused, 'connection')} from ${instant(since)} to ${instant(last)}`;
  }
  return `${subject}: ${what}`;
}

const instant = (at: number) => new Date(at).toISOString();

/** Nodes are checked every minute: a refusal this old goes on. */
const GOES_ON = 2 * MINUTE;

/** Whether the node refused connections when it was last seen. */
export function isRefusing({ refused, at }: Pick<NodeImpact, 'refused' | 'at'>): boolean {
  return refused !== null && at - refused.last <= GOES_ON;
}

/** `joined`: it became part of an incident; `lapsed`: it still fires, and no silence covers it any more. */
export type ReplyKind = 'joined' | 'worse' | 'repeat' | 'ended' | 'accepted' | 'again' | 'lapsed';

interface AlertFacts extends AlertKey {
  readonly cluster: string;
  readonly who: string;
  readonly what: string;
  readonly severity: Severity;
  readonly since: number;
  readonly endedAt: number | null;
  readonly calmSince: number | null;
  readonly peak: number;
  readonly endReason: string | null;
  readonly evidence: AlertEvidence | null;
  readonly group: string | null;
}

/**
 * One event of an alert, as one short line for its thread: plain text, with times as ISO 8601 in UTC. In the thread of
 * an incident it names its subject.
 * @param time.end when the condition ended, which is earlier than the reading that proved it
 */
export function replySentence(
  kind: ReplyKind,
  alert: AlertFacts,
  time: { readonly at: number; readonly end: number },
): string {
  const text = replyText(kind, alert, time);
  const isNamed = kind === 'joined' || kind === 'again' || (kind === 'worse' && alert.severity === 'critical');
  if (alert.group === null || isNamed) return text;
  if (kind === 'worse') return `${subjectName(alert)}, worse: ${alert.what}`;
  return `${subjectName(alert)}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function replyText(kind: ReplyKind, alert: AlertFacts, { at, end }: { readonly at: number; readonly end: number }) {
  const { what, since, severity, endedAt, endReason } = alert;
  const word = severity === 'critical' ? 'Critical' : 'Warning';
  switch (kind) {
    case 'joined':
      return `${word} — ${headline(alert)}`;
    case 'worse':
      // The channel shows a critical one too, without the thread that names the source.
      return severity === 'critical' ? criticalSentence(alert) : `Worse: ${what}`;
    case 'repeat':
      return `Still ${what}, after ${span(at - since)}`;
    case 'ended':
      return `Resolved after ${span(end - since)}${peakText(alert)}${endReason === null ? '' : `: ${endReason}`}`;
    case 'accepted':
      return `Accepted as normal after ${span(end - since)}${peakText(alert)}`;
    case 'again':
      return `${word} again after ${span(at - (endedAt ?? since))} — ${headline(alert)}`;
    case 'lapsed':
      return `Still firing, no longer silenced: ${what}`;
  }
}

/** For the channel: it names source and cluster. */
export function criticalSentence(alert: AlertFacts): string {
  return `Critical — ${headline(alert)} · ${alert.cluster}`;
}

/** `, peak 412`, `, 1,068 connections refused`; empty for a rule without a figure. */
function peakText({ rule, peak, evidence }: AlertFacts): string {
  const refused = rule === 'rejected' ? (evidence?.node?.refused ?? null) : null;
  if (refused !== null) return `, ${counted(refused.count, 'connection')} refused`;
  if (RULES[rule].hasNoPeak) return '';
  return `, peak ${isAboutApp(rule) ? counted(peak, 'process') : count(peak)}`;
}
