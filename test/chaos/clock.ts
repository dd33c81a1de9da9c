// Time for a schedule: it goes by itself as the machine's does, and leaps over what nobody does anything in.

import { setTimeout as pause } from 'node:timers/promises';
import type { Wait } from '../../src/core/base/clock.ts';
import type { Fate } from './fate.ts';
import type { Host } from './history.ts';

export interface HostClock extends Host {
  /** Sets this host's clock; nobody who waits notices. */
  step(ms: number): void;
}

export interface ChaosClock {
  /** Milliseconds since 1970. */
  time(): number;
  host(fate: Fate): HostClock;
  /** Lets time go by: whoever waits is woken in order, and what they do comes to its end first. */
  pass(ms: number): Promise<void>;
  /** Time goes by and nobody is woken: all machines sleep. */
  leap(ms: number): void;
}

interface Waiting {
  readonly due: number;
  readonly fate: Fate;
  readonly wake: () => void;
}

/** So many turns without anything under way, and nothing is under way. */
const QUIET = 6;
/** Longer than an election: what is never quiet tries again and again, and time goes on all the same. */
const PATIENCE_MS = 10_000;

/** @param busy how much goes on outside of this thread */
export function createClock(start: number, busy: () => number): ChaosClock {
  const began = performance.now();
  const waiting = new Set<Waiting>();
  let ahead = 0;
  const time = () => Math.floor(start + ahead + performance.now() - began);
  const leap = (ms: number) => {
    ahead += Math.max(0, ms);
  };
  const settle = async () => {
    const end = performance.now() + PATIENCE_MS;
    for (let quiet = 0; quiet < QUIET && performance.now() < end; quiet++) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (busy() === 0) continue;
      quiet = 0;
      await pause(1);
    }
  };
  const awake = () => [...waiting].filter(({ fate }) => !fate.isFrozen());
  return {
    time,
    leap,
    host(fate) {
      let offset = 0;
      fate.onDeath(() => {
        for (const one of [...waiting]) if (one.fate === fate) waiting.delete(one);
      });
      return {
        time,
        now: () => new Date(time() + offset),
        wait: waitOn({ waiting, fate, time }),
        step(ms) {
          offset += ms;
        },
      };
    },
    async pass(ms) {
      const until = time() + ms;
      await settle();
      for (;;) {
        const next = Math.min(...awake().map(({ due }) => due));
        if (next > until) break;
        leap(next - time());
        for (const { due, wake } of awake()) if (due <= time()) wake();
        await settle();
      }
      leap(until - time());
    },
  };
}

function waitOn(on: { readonly waiting: Set<Waiting>; readonly fate: Fate; readonly time: () => number }): Wait {
  const { waiting, fate, time } = on;
  return (ms, signal) =>
    new Promise((resolve) => {
      const wake = () => {
        waiting.delete(mine);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const mine = { due: time() + ms, fate, wake };
      if (fate.isDead()) return;
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', wake, { once: true });
      waiting.add(mine);
    });
}
