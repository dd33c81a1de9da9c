// The retries of a delivery, the waits between them, and its destination.

import type { MessageRef } from '../../core/alerting/delivery.ts';
import { backoff } from '../../core/base/retry.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { NotifierTiming } from '../client/settings.ts';
import { isMember, isOver, type MessageSubject } from './message.ts';

/** The result of an attempt; waits in milliseconds. */
export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly place: MessageRef | null }
  /** It is certainly not in Slack. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It may be in Slack. */
  | { readonly kind: 'doubted'; readonly afterMs: number }
  | { readonly kind: 'dropped'; readonly why: string };

/** One attempt at a delivery: its present subject and its address. */
export interface DeliveryAttempt {
  readonly delivery: LeasedDelivery;
  readonly subject: MessageSubject;
  readonly address: Address;
  /** From this time on another replica may lease the delivery, in milliseconds since 1970. */
  readonly until: number;
}

export interface DeliveryPolicy {
  /** Growing waits, with jitter. */
  backoff(delivery: LeasedDelivery): number;
  /**
   * For a message that Slack refuses for its content. Slack seldom accepts it a moment later, so the waits are long.
   */
  forRefusal(delivery: LeasedDelivery, why: string): DeliveryOutcome;
  isOld(delivery: LeasedDelivery): boolean;
  /** For a channel that refuses posts; the next attempt is after `afterMs`. */
  forChannel(attempt: DeliveryAttempt, afterMs: number): DeliveryOutcome;
}

export function createDeliveryPolicy(input: {
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly random: () => number;
}): DeliveryPolicy {
  const { timing, now, random } = input;
  const isOld = ({ at }: LeasedDelivery) => now().getTime() - at > timing.keep;
  return {
    backoff: ({ attempts }) => backoff(attempts, timing.retry, random),
    forRefusal(delivery, why) {
      if (isOld(delivery)) return { kind: 'dropped', why };
      return { kind: 'later', afterMs: backoff(delivery.attempts, timing.outage, random) };
    },
    isOld,
    forChannel(attempt, afterMs) {
      if (isOld(attempt.delivery)) return { kind: 'dropped', why: 'its channel refused posts for too long' };
      if (isOver(attempt.subject) && !isVisible(attempt))
        return { kind: 'dropped', why: 'its alert has ended, and its channel refuses posts' };
      return { kind: 'later', afterMs };
    },
  };
}

/** The message is, or may be, in Slack. Without this delivery it would stay wrong forever. */
function isVisible({ delivery: { kind, inDoubt, at }, subject: { alert }, address }: DeliveryAttempt): boolean {
  if (address.kind === 'edit') return true;
  // A reply from before the end would notify people about an ended alert. A note is never edited; the alert's own
  // message is.
  return kind === 'reply' ? at >= (alert?.endedAt ?? 0) : kind === 'message' && inDoubt;
}

/** An edit of the message, a post in a thread or in a channel. */
export type Address =
  | { readonly kind: 'edit'; readonly place: MessageRef }
  /** `threadTs` null for the channel itself. */
  | { readonly kind: 'post'; readonly channel: string; readonly threadTs: string | null }
  /** Below the message of its group or incident, which has no place yet. */
  | { readonly kind: 'below'; readonly channel: string }
  /** It joined an incident before it was posted: it is a row of this message. */
  | { readonly kind: 'row'; readonly place: MessageRef }
  | { readonly kind: 'nowhere' };

/** Threads have one level, so messages about an alert of an old group, which has no lead, go to the group's thread. */
export async function addressOf(
  delivery: LeasedDelivery,
  { alert }: MessageSubject,
  { outbox, known }: { readonly outbox: Pick<Outbox, 'place'>; readonly known: MessageRef | null },
): Promise<Address> {
  const { kind, about, channel, inDoubt } = delivery;
  const own = known ?? (about === null ? null : await outbox.place(about));
  const alone: Address = channel === null ? { kind: 'nowhere' } : { kind: 'post', channel, threadTs: null };
  if (kind === 'message' && alert !== null && isMember(alert)) {
    // The line links to it.
    const incident = await outbox.place(alert.lead);
    if (incident === null) return channel === null ? alone : { kind: 'below', channel };
    if (own === null) return inDoubt ? alone : { kind: 'row', place: incident };
    return isSame(own, incident) ? { kind: 'row', place: incident } : { kind: 'edit', place: own };
  }
  if (kind === 'message' && own !== null) return { kind: 'edit', place: own };
  if (kind === 'note') return alone;
  const group = alert === null || alert.lead !== null ? null : alert.group;
  const above = (group === null ? null : await outbox.place(group)) ?? own;
  if (above !== null) return { kind: 'post', channel: above.channel, threadTs: above.ts };
  return kind === 'message' && group !== null && channel !== null ? { kind: 'below', channel } : alone;
}

const isSame = (a: MessageRef, b: MessageRef): boolean => a.channel === b.channel && a.ts === b.ts;
