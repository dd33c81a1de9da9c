// The outbox: what Slack is still to be told. Written together with the decision, taken away when Slack has it.

import { DAY } from './base/duration.ts';

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
export type DeliveryKind = 'message' | 'reply' | 'note';

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

/** A delivery that somebody took in order to send it. */
export interface Taken extends Delivery {
  /** Changes with every write of the same id: a newer state may have come while this one was sent. */
  readonly edition: number;
  /** How often it was taken before. */
  readonly attempts: number;
  /** Whoever took it before never said what became of it: it may be in Slack already. */
  readonly inDoubt: boolean;
  /** A line that stands below it while it holds, e.g. that it was decided without the store. */
  readonly remark?: string;
}

/** What is in Slack although this outbox gave it out to nobody. */
export interface Adopted extends Pick<Delivery, 'id' | 'kind' | 'about' | 'at'> {
  /** Where a message or note stands; null for a reply, and where it was only edited. */
  readonly place: MessageRef | null;
}

export interface Outbox {
  /**
   * Takes what is due, oldest first, for `leaseMs`: nobody else gets it meanwhile. A reply or an edit is not given out
   * before the message it belongs to has a place in Slack; of one alert or group one delivery is out at a time.
   */
  take(input: {
    readonly instance: string;
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly Taken[]>;
  /** It is in Slack: remembers where (null for what was only edited or replied), and gives it out no more, unless a newer edition was written. */
  sent(taken: Taken, place: MessageRef | null): Promise<void>;
  /** It is certainly not in Slack: given out again from `at` on, at most `LONGEST_WAIT` ahead. */
  postponed(taken: Taken, at: number): Promise<void>;
  /** It may be in Slack or not (no answer came): given out again from `at` on, at most `LONGEST_WAIT` ahead, in doubt. */
  doubted(taken: Taken, at: number): Promise<void>;
  /** It can never be sent: given up. */
  dropped(taken: Taken): Promise<void>;
  /** Takes over what was told past it: messages are edited where they stand, replies and notes are not given out again. */
  adopt(told: readonly Adopted[]): Promise<void>;
  /** Where an alert's, group's or note's message stands; null where it has none (yet). */
  place(about: string): Promise<MessageRef | null>;
  /** The message is gone (deleted, channel gone): the next edition is posted anew. */
  forget(about: string): Promise<void>;
  waiting(): Promise<{
    readonly count: number /** Milliseconds since 1970; null where nothing waits. */;
    readonly oldest: number | null;
  }>;
}
