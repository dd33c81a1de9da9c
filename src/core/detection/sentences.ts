// The sentences about an alert, for terminal and Slack alike.

import { count, span } from '../base/format.ts';
import type { AlertEvent, AlertKey, RuleResult } from './alert-state.ts';
import type { Severity } from './rule.ts';
import { RULES } from './rules.ts';

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
    resolved: `${who}: over after ${long}, ${ending ?? `now ${what}`}.`,
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

/** `lapsed`: its silence ended by time; `unsilenced`: a person ended it, or the alert became critical. */
export type ReplyKind = 'joined' | 'worse' | 'repeat' | 'ended' | 'accepted' | 'again' | 'lapsed' | 'unsilenced';

interface AlertFacts extends AlertKey {
  readonly cluster: string;
  readonly who: string;
  readonly what: string;
  readonly severity: Severity;
  readonly since: number;
  readonly endedAt: number | null;
  readonly peak: number;
  readonly endReason: string | null;
  readonly group: string | null;
}

/**
 * A reply in an alert's thread, as plain text. In the thread of a group it starts with its subject.
 * @param time.end when the condition ended, which is earlier than the reading that proved it
 */
export function replySentence(
  kind: ReplyKind,
  alert: AlertFacts,
  time: { readonly at: number; readonly end: number },
): string {
  const text = replyText(kind, alert, time);
  return alert.group === null || kind === 'again' || kind === 'joined'
    ? text
    : `${alert.who}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function replyText(kind: ReplyKind, alert: AlertFacts, { at, end }: { readonly at: number; readonly end: number }) {
  const { who, cluster, what, since, severity, endedAt, endReason } = alert;
  switch (kind) {
    case 'joined':
      return `${severity === 'critical' ? 'Critical' : 'Warning'} — ${who}: ${what}`;
    case 'worse':
      // The channel shows this reply too, without the thread that names the source.
      return `Worse: ${what}${severity === 'critical' ? ` (critical: ${who}, ${cluster})` : ''}`;
    case 'repeat':
      return `Still ${what}, after ${span(at - since)}`;
    case 'ended':
      return `Ended after ${span(end - since)}${peakText(alert)}${endReason === null ? '' : `: ${endReason}`}`;
    case 'accepted':
      return `Accepted as normal after ${span(end - since)}${peakText(alert)}`;
    case 'again':
      return `Firing again after ${span(at - (endedAt ?? since))}: ${who}, ${what}`;
    case 'lapsed':
      return `Firing again, its silence is over: ${what}`;
    case 'unsilenced':
      return `Firing again, its silence was ended: ${what}`;
  }
}

/** For the channel of critical alerts, when the alert's own message is in another channel. */
export function criticalSentence({ who, cluster, what }: AlertFacts): string {
  return `Critical: ${who} in ${cluster}, ${what}`;
}

/** `, peak 412`; empty for a rule without a figure. */
function peakText({ rule, peak }: AlertFacts): string {
  return RULES[rule].hasNoPeak ? '' : `, peak ${count(peak)}`;
}
