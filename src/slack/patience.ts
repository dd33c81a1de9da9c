// How long a delivery is tried, and how long it waits in between.

import { backoff } from '../core/backoff.ts';
import type { MessageRef, Taken } from '../core/outbox.ts';
import { isOver, type Subject } from './delivery-view.ts';
import type { NotifierTiming } from './settings.ts';

/** What became of a delivery; waits in milliseconds. */
export type Outcome =
  | { readonly kind: 'sent'; readonly place: MessageRef | null }
  /** It is certainly not in Slack. */
  | { readonly kind: 'later'; readonly afterMs: number }
  /** It may be in Slack. */
  | { readonly kind: 'doubted'; readonly afterMs: number }
  | { readonly kind: 'dropped'; readonly why: string };

export interface Patience {
  /** Growing, at least half of it by chance, so that what failed together does not come back together. */
  backoff(taken: Taken): number;
  isOld(taken: Taken): boolean;
  /** Waits for a channel that takes nothing, as long as that is worth it. */
  forChannel(taken: Taken, subject: Subject, afterMs: number): Outcome;
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
    isOld,
    forChannel(taken, subject, afterMs) {
      if (isOld(taken)) return { kind: 'dropped', why: 'its channel took nothing for too long' };
      if (isOver(subject)) return { kind: 'dropped', why: 'it is over, and its channel takes nothing' };
      return { kind: 'later', afterMs };
    },
  };
}
