// A notification: what is said of an alert at one reading, with the sentence that people read.

import type { AlertEvent, AlertKey, Severity } from './alert.ts';
import { durationText } from './duration.ts';
import type { RuleName } from './rule.ts';

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

export interface Telling {
  readonly event: AlertEvent;
  /** Who or what, in words: `Billing API`, `node a:27017`. */
  readonly who: string;
  /** What is true: `440 dormant connections, usually 93`. */
  readonly what: string;
  readonly at: number;
  readonly since: number | null;
  /** Where, which apps and hosts, an election: further sentences. */
  readonly notes: readonly string[];
  /** Why it ended other than by falling, or null. */
  readonly ending: string | null;
  readonly isReturn: boolean;
}

export function sentence({ event, who, what, at, since, notes, ending, isReturn }: Telling): string {
  const lasted = since === null ? '' : durationText(at - since);
  const head = {
    firing: isReturn ? `${who}: again ${what}.` : `${who}: ${what}.`,
    worse: `${who}: it got worse, ${what} (for ${lasted}).`,
    repeat: `${who}: still ${what} (for ${lasted}).`,
    resolved: `${who}: over after ${lasted}, ${ending ?? `now ${what}`}.`,
  };
  return [head[event], ...(event === 'resolved' ? [] : notes)].join(' ');
}
