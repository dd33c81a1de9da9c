// Why a message comes late, as far as it is known: said on the message itself.

import type { Phrase } from './blockkit/rich-text.ts';
import { at } from './views/alert-words.ts';

export interface Lateness {
  /** Slack refused, did not answer, or let wait. */
  trouble(now: number): void;
  /** Null for what comes in time. Times in milliseconds since 1970. */
  of(decidedAt: number, now: number): Phrase | null;
}

export function createLateness(input: { readonly startedAt: number; readonly afterMs: number }): Lateness {
  let troubleAt = Number.NEGATIVE_INFINITY;
  const why = (decidedAt: number, now: number): string => {
    // Trouble of a time to come is none: the clock was ahead and was set back.
    if (troubleAt >= decidedAt && troubleAt <= now) return 'Delayed by Slack';
    return decidedAt < input.startedAt ? 'Delayed while the bot was not running' : 'Delayed';
  };
  return {
    trouble(now) {
      troubleAt = now;
    },
    of: (decidedAt, now) =>
      now - decidedAt > input.afterMs ? [`${why(decidedAt, now)}: decided at `, at(decidedAt), '.'] : null,
  };
}
