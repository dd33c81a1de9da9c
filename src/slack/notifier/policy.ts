// How long a delivery is tried, and how long it waits in between.

import { backoff } from '../../core/base/retry.ts';
import type { MessageRef, Taken } from '../../core/outbox.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { Address } from '../delivery-address.ts';
import { isOver, type Subject } from './message.ts';

/** What became of a delivery; waits in milliseconds. */
export type Outcome =
  | { readonly kind: 'sent'; readonly place: MessageRef | null }
  /** It is certainly not in Slack. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It may be in Slack. */
  | { readonly kind: 'doubted'; readonly afterMs: number }
  | { readonly kind: 'dropped'; readonly why: string };

/** A delivery whose channel takes nothing. */
export interface Kept {
  readonly taken: Taken;
  readonly subject: Subject;
  readonly address: Pick<Address, 'kind'>;
  /** Milliseconds until the channel is tried again. */
  readonly afterMs: number;
}

export interface Patience {
  /** Growing, at least half of it by chance, so that what failed together does not come back together. */
  backoff(taken: Taken): number;
  /** For what is refused for its own sake, which is seldom taken a moment later: longer and longer waits. */
  forRefusal(taken: Taken, why: string): Outcome;
  isOld(taken: Taken): boolean;
  /** Waits for a channel that takes nothing, as long as that is worth it. */
  forChannel(kept: Kept): Outcome;
}

export function createPatience(input: {
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  readonly random: () => number;
}): Patience {
  const { timing, now, random } = input;
  const isOld = ({ at }: Taken) => now().getTime() - at > timing.keep;
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
function isTold({ taken: { kind, inDoubt, at }, subject: { alert }, address }: Kept): boolean {
  if (address.kind === 'edit') return true;
  // A reply is given out only below a message, and one of before the end would ping people for what is over. By a note
  // nobody was told, and it is never edited: what it is about has its own message, which is put right elsewhere.
  return kind === 'reply' ? at >= (alert?.endedAt ?? 0) : kind === 'message' && inDoubt;
}
