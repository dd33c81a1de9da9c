// An alert as people know it: one broken rule of one source or node, kept in the store from its first firing to its end.

import type { AlertKey } from '../detection/alert-state.ts';
import type { Severity } from '../detection/rule.ts';

export type AlertState = 'firing' | 'acknowledged' | 'silenced' | 'ended';

/** What somebody did to an alert; the newest stands on its message. Times in milliseconds since 1970. */
export interface UserAction {
  readonly act: 'acknowledged' | 'silenced';
  /** Slack's id of the person; null where the configuration or the terminal did it. */
  readonly by: string | null;
  readonly at: number;
  readonly until: number | null;
  readonly reason: string | null;
}

export interface Alert extends AlertKey {
  /** The same for the same beginning, whoever decides it: see `alertId`. */
  readonly id: string;
  /** 1 when it is new; each write adds one, and a write of any other version than the next is refused. */
  readonly version: number;
  readonly cluster: string;
  /** The source or node in words. */
  readonly who: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly since: number;
  /** When it last ended; null while it never has. An alert that fires again within 30 minutes keeps its id. */
  readonly endedAt: number | null;
  /** How often it fired again after an end. */
  readonly returns: number;
  readonly value: number;
  readonly usual: number | null;
  readonly peak: number;
  /** The value on its message, which is edited when the figure moved by a tenth; null while it has none: born silenced. */
  readonly shown: number | null;
  /**
   * Slack's id of the channel of its message. Decided when it is first told, because messages cannot move, and again
   * only when the settings name that channel no more. Null before, and where none is configured.
   */
  readonly channel: string | null;
  /** `440 dormant connections, usually 93` */
  readonly what: string;
  /** Why it fired: line, ratio, minimum, readings. */
  readonly reason: string;
  /** Where, which apps and hosts grew, an election, what to try: sentences. */
  readonly notes: readonly string[];
  /** Why it ended other than by falling, or null. */
  readonly ending: string | null;
  readonly handling: UserAction | null;
  /** The reading that it was last judged by. */
  readonly judgedAt: number;
  /** Since when it is below the lower line; null while it is not, and where it ended by something else. */
  readonly calmSince: number | null;
  /** Id of the group whose message it stands below; null for one with a message of its own. */
  readonly group: string | null;
  /** Id of the alert of the same key before it, where there was one. */
  readonly previous: string | null;
  /** How many replies were put into its thread: numbers them. */
  readonly replies: number;
}

/** More than five sources that began in one reading of one cluster: one message, its alerts in the thread. */
export interface AlertGroup {
  readonly id: string;
  readonly version: number;
  readonly cluster: string;
  readonly since: number;
  /** Ids. */
  readonly alerts: readonly string[];
  /** What most likely began them all, in words, e.g. `after an election at 09:54`; null where nothing tells. */
  readonly cause: string | null;
}

export function alertId({
  cluster,
  rule,
  source,
  node,
  since,
}: AlertKey & { readonly cluster: string; readonly since: number }): string {
  return JSON.stringify([cluster, rule, source ?? node, since]);
}

/** When what it was about was over: the first calm moment, not the one that made sure of it. */
export function endOf({ calmSince, endedAt, judgedAt }: Alert): number {
  return calmSince ?? endedAt ?? judgedAt;
}

export function isOpen({ state }: Alert): boolean {
  return state !== 'ended';
}
