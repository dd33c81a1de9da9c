// How long a delivery is tried, and how long it waits in between.

import type { MessageRef } from '../../core/alerting/delivery.ts';
import { backoff } from '../../core/base/retry.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { NotifierTiming } from '../client/settings.ts';
import { isOver, type MessageSubject } from './message.ts';

/** What became of a delivery; waits in milliseconds. */
export type DeliveryOutcome =
  | { readonly kind: 'sent'; readonly place: MessageRef | null }
  /** It is certainly not in Slack. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It may be in Slack. */
  | { readonly kind: 'doubted'; readonly afterMs: number }
  | { readonly kind: 'dropped'; readonly why: string };

/** A delivery whose channel takes nothing. */
interface PolicyState {
  readonly taken: LeasedDelivery;
  readonly subject: MessageSubject;
  readonly address: Pick<Address, 'kind'>;
  /** Milliseconds until the channel is tried again. */
  readonly afterMs: number;
}

export interface DeliveryPolicy {
  /** Growing, at least half of it by chance, so that what failed together does not come back together. */
  backoff(taken: LeasedDelivery): number;
  /** For what is refused for its own sake, which is seldom taken a moment later: longer and longer waits. */
  forRefusal(taken: LeasedDelivery, why: string): DeliveryOutcome;
  isOld(taken: LeasedDelivery): boolean;
  /** Waits for a channel that takes nothing, as long as that is worth it. */
  forChannel(kept: PolicyState): DeliveryOutcome;
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
    forRefusal(taken, why) {
      if (isOld(taken)) return { kind: 'dropped', why };
      return { kind: 'later', afterMs: backoff(taken.attempts, timing.outage, random) };
    },
    isOld,
    forChannel(kept) {
      if (isOld(kept.taken)) return { kind: 'dropped', why: 'its channel took nothing for too long' };
      if (isOver(kept.subject) && !isTold(kept))
        return { kind: 'dropped', why: 'it is over, and its channel takes nothing' };
      return { kind: 'later', afterMs: kept.afterMs };
    },
  };
}

/** Its message stands in Slack, or may: without this delivery it says for ever what is no longer true. */
function isTold({ taken: { kind, inDoubt, at }, subject: { alert }, address }: PolicyState): boolean {
  if (address.kind === 'edit') return true;
  // A reply is given out only below a message, and one of before the end would ping people for what is over. By a note
  // nobody was told, and it is never edited: what it is about has its own message, which is put right elsewhere.
  return kind === 'reply' ? at >= (alert?.endedAt ?? 0) : kind === 'message' && inDoubt;
}

// Where a delivery goes: into the message that there is, below one, or into a channel.

export type Address =
  | { readonly kind: 'edit'; readonly place: MessageRef }
  /** `threadTs` null for the channel itself. */
  | { readonly kind: 'post'; readonly channel: string; readonly threadTs: string | null }
  /** Below the message of its group, which has no place yet. */
  | { readonly kind: 'below'; readonly channel: string }
  | { readonly kind: 'nowhere' };

/** Threads have one level: what belongs to an alert of a group stands in the group's thread. */
export async function addressOf(
  taken: LeasedDelivery,
  { alert }: MessageSubject,
  { outbox, known }: { readonly outbox: Pick<Outbox, 'place'>; readonly known: MessageRef | null },
): Promise<Address> {
  const { kind, about, channel } = taken;
  const own = known ?? (about === null ? null : await outbox.place(about));
  if (kind === 'message' && own !== null) return { kind: 'edit', place: own };
  const alone: Address = channel === null ? { kind: 'nowhere' } : { kind: 'post', channel, threadTs: null };
  if (kind === 'note') return alone;
  const group = alert?.group ?? null;
  const above = (group === null ? null : await outbox.place(group)) ?? own;
  if (above !== null) return { kind: 'post', channel: above.channel, threadTs: above.ts };
  return kind === 'message' && group !== null && channel !== null ? { kind: 'below', channel } : alone;
}

// Turns in a lane: messages to one channel go one by one, and no lane waits for another.

interface SendSlot {
  readonly waitMs: number;
  /** False where the turn is too far away to be waited for: ask again after `waitMs`, when nobody else is told to. */
  readonly isTaken: boolean;
}

export interface Pacing {
  /** Takes the next turn of a lane. `now` in milliseconds since 1970. */
  take(lane: string, now: number): SendSlot;
  /** Nothing goes there for so long: Slack said so. */
  hold(lane: string, ms: number, now: number): void;
  /** Milliseconds for which the lane is still held. */
  heldFor(lane: string, now: number): number;
}

/** A turn further away is no turn: the clock was set back. */
const LONGEST_MS = 15 * 60_000;

/** `gapMs` between two turns of a lane, none in a lane whose name begins with `edit`. */
export function createPacing(input: { readonly gapMs: number; readonly horizonMs: number }): Pacing {
  const free = new Map<string, number>();
  const held = new Map<string, number>();
  /** From when on whoever is sent back next may ask again. */
  const line = new Map<string, number>();
  const left = (times: ReadonlyMap<string, number>, lane: string, now: number) => {
    const ms = (times.get(lane) ?? 0) - now;
    return ms > 0 && ms <= LONGEST_MS ? ms : 0;
  };
  return {
    take(lane, now) {
      const gapMs = lane.startsWith('edit') ? 0 : input.gapMs;
      const waitMs = Math.max(left(free, lane, now), left(held, lane, now));
      if (waitMs > input.horizonMs) {
        const afterMs = Math.max(waitMs, left(line, lane, now));
        line.set(lane, now + Math.min(afterMs + gapMs, LONGEST_MS));
        return { waitMs: afterMs, isTaken: false };
      }
      free.set(lane, now + waitMs + gapMs);
      return { waitMs, isTaken: true };
    },
    hold: (lane, ms, now) => void held.set(lane, now + Math.min(ms, LONGEST_MS)),
    heldFor: (lane, now) => left(held, lane, now),
  };
}
