// How fast a run opens connections: so many a second on each node, one after another and never saved up.

import type { Wait } from '../core/base/clock.ts';

export interface Ramp {
  /** Resolves when so many connections may be opened. Rejects when the signal aborts. */
  take(connections: number): Promise<void>;
}

export function createRamp(input: {
  readonly perSecond: number;
  readonly now: () => Date;
  readonly wait: Wait;
  readonly signal: AbortSignal;
}): Ramp {
  const { perSecond, now, wait, signal } = input;
  let free = now().getTime();
  return {
    async take(connections) {
      signal.throwIfAborted();
      const at = now().getTime();
      const begin = Math.max(at, free);
      // Others wait until the time of these is over.
      free = begin + (connections * 1_000) / perSecond;
      if (begin > at) await wait(begin - at, signal);
      signal.throwIfAborted();
    },
  };
}
