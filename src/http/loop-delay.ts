// How late the event loop is: the median of a short while, which one long pause, or a machine that slept, does not move.

import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** Of the last whole window, in milliseconds; 0 before the first. */
  median(): number;
  close(): void;
}

const WINDOW_MS = 15_000;

export function watchLoopDelay(): LoopDelay {
  const delays = monitorEventLoopDelay();
  delays.enable();
  let median = 0;
  const timer = setInterval(() => {
    median = delays.count === 0 ? 0 : delays.percentile(50) / 1e6;
    delays.reset();
  }, WINDOW_MS).unref();
  return {
    median: () => median,
    close() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
