// A clock that a test moves: whoever waits is woken in order, and what they do comes to its end before the clock goes on.

import type { Wait } from '../../../src/core/base/clock.ts';

export interface Clock {
  now(): Date;
  readonly wait: Wait;
  /** Lets time pass, waking everybody who waits as it comes to them. */
  pass(ms: number): Promise<void>;
  /** From now on the clock waits for this, too: how much goes on outside of this thread, e.g. in a store's. */
  waitFor(busy: () => number): void;
  /** Sets the clock without anybody's noticing: a correction, or a machine that slept. Whoever waits goes on waiting. */
  set(at: number): void;
}

interface Waiting {
  /** In time passed, which no setting of the clock changes. */
  readonly due: number;
  readonly wake: () => void;
}

/** So many turns in a row without anything under way, and nothing is under way: work in chunks takes a turn for each. */
const QUIET_TURNS = 16;

export function clockAt(start: number | string): Clock {
  let passed = 0;
  const underWay: (() => number)[] = [];
  let offset = typeof start === 'string' ? Date.parse(start) : start;
  const waiting = new Set<Waiting>();
  const settle = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (underWay.some((busy) => busy() > 0)) quiet = -1;
    }
  };
  return {
    now: () => new Date(offset + passed),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(mine);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const mine = { due: passed + ms, wake };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wake, { once: true });
        waiting.add(mine);
      }),
    async pass(ms) {
      const until = passed + ms;
      await settle();
      for (;;) {
        const next = Math.min(...[...waiting].map(({ due }) => due));
        if (next > until) break;
        passed = Math.max(passed, next);
        for (const { due, wake } of [...waiting]) if (due <= passed) wake();
        await settle();
      }
      passed = until;
    },
    waitFor(busy) {
      underWay.push(busy);
    },
    set(at) {
      offset = at - passed;
    },
  };
}
