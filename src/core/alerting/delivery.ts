// The outbox: what is to be posted or edited in Slack for an alert or a group. It is written together with the decision,
// and leaves the store when Slack has it.

import { DAY } from '../base/duration.ts';

/**
 * Whoever postpones or holds something does so for no longer: what is further ahead was put there by a clock that was
 * wrong, and is due. Else what failed while the clock was years ahead, as all TLS does then, would wait for years.
 */
export const LONGEST_WAIT = DAY;

/** Where a message stands in Slack. */
export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

/**
 * `message`: the one message of an alert or a group, posted first and edited from then on; it is drawn from the record
 * when it is sent, so that what waits is always the newest state. `reply`: a sentence in its thread. `note`: a message of
 * its own, e.g. about the store or in the channel of critical alerts.
 */
type DeliveryKind = 'message' | 'reply' | 'note';

export interface Delivery {
  /** `<alert or group id>/message`, `<alert id>/reply/3`: the same for the same decision, whoever writes it. */
  readonly id: string;
  readonly kind: DeliveryKind;
  /** Id of the alert or group it belongs to; null for a note that belongs to none. */
  readonly about: string | null;
  readonly cluster: string;
  /** Slack's id of the channel; null where no channel is configured: it is dropped with a word in `status`. */
  readonly channel: string | null;
  /** The sentence of a reply or note, plain text; null for a message. */
  readonly text: string | null;
  /** Shown in the channel too, not only in the thread. */
  readonly broadcast: boolean;
  /** Whom it mentions: ids of Slack users or user groups, or `@names` as configured. */
  readonly mentions: readonly string[];
  /** When it was decided, in milliseconds since 1970. */
  readonly at: number;
}
