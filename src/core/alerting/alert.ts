// An alert as people see it: one rule of one source or node, stored from its first firing to its end.

import type { AlertKey } from '../detection/alert-state.ts';
import type { Severity } from '../detection/rule.ts';
import type { AlertEvidence } from '../evidence/evidence.ts';

export type AlertState = 'firing' | 'acknowledged' | 'silenced' | 'ended';

/** What a person did to an alert; the message shows the last one. Times in milliseconds since 1970. */
export interface UserAction {
  readonly act: 'acknowledged' | 'silenced' | 'accepted';
  /** Slack's id of the person; null for the configuration or the terminal. */
  readonly by: string | null;
  readonly at: number;
  readonly until: number | null;
  readonly reason: string | null;
}

export interface Alert extends AlertKey {
  /** The same for the same start on every replica: see `alertId`. */
  readonly id: string;
  /** 1 when it is new. Each write adds one; a write of another version is refused. */
  readonly version: number;
  readonly cluster: string;
  /** The source or node in words. */
  readonly who: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly since: number;
  /** When it last ended; null before that. An alert that fires again within 30 minutes keeps its id. */
  readonly endedAt: number | null;
  /** How often it fired again after an end. */
  readonly refires: number;
  readonly value: number;
  readonly usual: number | null;
  readonly peak: number;
  /** The value on its message, which is edited when it changes by a tenth; null before the first message. */
  readonly shown: number | null;
  /** When its first message was decided, and when its message was last edited; null before, and where unknown. */
  readonly postedAt: number | null;
  readonly shownAt: number | null;
  /**
   * Slack's id of its message's channel. It is chosen with the first message, because messages cannot move. It is
   * chosen again when the settings no longer use that channel. Null before, and when no channel is configured.
   */
  readonly channel: string | null;
  /** `440 dormant connections, usually 93` */
  readonly what: string;
  /** Why it fired: line, ratio, minimum, readings. */
  readonly reason: string;
  /** Sentences: the place, the apps and hosts that grew, an election, advice. */
  readonly notes: readonly string[];
  /** Null for a rule without any, and in records of the version before. */
  readonly evidence: AlertEvidence | null;
  /** Why it ended; null when the value fell. */
  readonly endReason: string | null;
  readonly lastAction: UserAction | null;
  /** The time of the last reading that evaluated it. */
  readonly judgedAt: number;
  /** Since when three slots passed without a reading that evaluated it; null while readings do. */
  readonly unreadSince: number | null;
  /** Since when the value is below the lower line; null while it is not, and for another end. */
  readonly calmSince: number | null;
  /** Id of its incident or group; null for an alert alone. */
  readonly group: string | null;
  /** Id of the alert whose message is the incident's, perhaps its own; null outside an incident. */
  readonly lead: string | null;
  /** Id of the alert of the same key before it, if there was one. */
  readonly previous: string | null;
  /** The number of replies in its thread. */
  readonly replies: number;
}

/** An incident: alerts of one cluster and channel that share one message. */
export interface AlertGroup {
  readonly id: string;
  readonly version: number;
  readonly cluster: string;
  readonly since: number;
  /** Id of the alert whose message is the incident's. Null for a group of the version before, with its own message. */
  readonly lead: string | null;
  /** Ids, in the order in which they began. */
  readonly alerts: readonly string[];
  /** The most likely common cause, e.g. `after an election at 09:54`; null when it is unknown. */
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

/** When the condition ended: the first calm moment, not the reading that proved it. */
export function endOf({ calmSince, endedAt, judgedAt }: Alert): number {
  return calmSince ?? endedAt ?? judgedAt;
}

export function isOpen({ state }: Alert): boolean {
  return state !== 'ended';
}
