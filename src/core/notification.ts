// A notification: what is said of an alert at one reading, with the sentence that people read.

import { span } from './base/format.ts';
import type { AlertEvent, AlertKey } from './detection/alert-state.ts';
import type { RuleName, Severity } from './detection/rules.ts';

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

export function sentence({ event, who, what, against, at, since, notes, ending, isReturn }: Telling): string {
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
