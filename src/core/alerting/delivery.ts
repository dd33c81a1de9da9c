// The outbox: posts and edits in Slack for an alert or a group. They are written together with the decision, and leave
// the store once Slack has them.

import { DAY } from '../base/duration.ts';
import type { Severity } from '../detection/rule.ts';

/**
 * The longest delay and lease. A time further ahead comes from a wrong clock and counts as due. Otherwise a delivery
 * that fails while the clock is years ahead waits for years; all TLS fails then.
 */
export const LONGEST_POSTPONEMENT = DAY;

/** The place of a message in Slack. */
export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

/**
 * `message`: the one message of an alert or a group, posted once and then edited. It is rendered when it is sent, so
 * that it shows the newest state. `reply`: a sentence in its thread. `note`: a separate message, e.g. about the store
 * or in the channel of critical alerts.
 */
type DeliveryKind = 'message' | 'reply' | 'note';

export interface Delivery {
  /** `<alert or group id>/message`, `<alert id>/reply/3`: the same for the same decision on every replica. */
  readonly id: string;
  readonly kind: DeliveryKind;
  /** Id of the alert or group it belongs to; null for a note that belongs to none. */
  readonly about: string | null;
  readonly cluster: string;
  /** Slack's id of the channel. Null when none is configured: the delivery is dropped, and `status` reports it. */
  readonly channel: string | null;
  /** The sentence of a reply or note, plain text; null for a message. */
  readonly text: string | null;
  /** Shown in the channel too, not only in the thread. */
  readonly broadcast: boolean;
  /** Mentions: ids of Slack users or user groups, or `@names` as configured. */
  readonly mentions: readonly string[];
  /** When it was decided, in milliseconds since 1970. */
  readonly at: number;
  /** The alert's severity, for an edit that only refreshes figures: it waits behind everything else. Else null. */
  readonly refresh: Severity | null;
}
