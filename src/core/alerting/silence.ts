// A silence: what is not to be told for a while, by whom and why. It never hides anything from a report.

import type { AlertKey } from '../detection/alert-state.ts';
import type { RuleName, Severity } from '../detection/rules.ts';
import type { AlertRecord } from './alert.ts';

export interface Silence {
  readonly id: string;
  /** 1 when it is new; each write adds one. */
  readonly version: number;
  /** Null fits all. A source by its id, a node by its host. */
  readonly cluster: string | null;
  readonly source: string | null;
  readonly node: string | null;
  readonly rule: RuleName | null;
  /** What was silenced, in words. */
  readonly who: string;
  /** Slack's id of the person; null for the configuration or the terminal. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: number;
  readonly until: number;
  /** Whether it holds even when an alert becomes critical. */
  readonly hold: boolean;
  /** When it ended, by time or by somebody; null while it is in force. */
  readonly endedAt: number | null;
}

/** Whether a silence is about an alert, in force or not. */
export function isAbout(silence: Silence, alert: AlertKey & { readonly cluster: string }): boolean {
  return (
    (silence.cluster === null || silence.cluster === alert.cluster) &&
    (silence.source === null || silence.source === alert.source) &&
    (silence.node === null || silence.node === alert.node) &&
    (silence.rule === null || silence.rule === alert.rule)
  );
}

export function isInForce({ endedAt, until }: Silence, now: number): boolean {
  return endedAt === null && now < until;
}

/**
 * The silence that keeps an alert quiet: of those about it the one that ends last; null where none does. What becomes
 * critical is only kept quiet by a silence that holds, or that was put on it when it was critical already.
 *
 * @param found.before the alert's record until now, or that of the alert of the same key before it
 */
export function silenceOver(found: {
  readonly alert: AlertKey & { readonly cluster: string; readonly severity: Severity };
  readonly before: AlertRecord | null;
  readonly silences: readonly Silence[];
  readonly at: number;
}): Silence | null {
  const { alert, before, at } = found;
  const quiet = found.silences.filter(
    (silence) =>
      isAbout(silence, alert) &&
      isInForce(silence, at) &&
      (alert.severity !== 'critical' || silence.hold || wasPutOnCritical(silence, before)),
  );
  return quiet.toSorted((one, other) => other.until - one.until || (one.id < other.id ? -1 : 1))[0] ?? null;
}

function wasPutOnCritical({ at }: Silence, before: AlertRecord | null): boolean {
  if (before?.severity !== 'critical') return false;
  return before.state === 'silenced' || (before.handling?.act === 'silenced' && before.handling.at === at);
}
