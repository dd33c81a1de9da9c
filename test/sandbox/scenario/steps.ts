// What happens to a cluster, step by step, in simulated time.

import type { RunningCluster } from './scenario.ts';

export interface Step {
  /** Of simulated time, since the first moment. */
  readonly minute: number;
  /** What a person who watches is told; empty where it is more of the same. */
  readonly label: string;
  run(cluster: RunningCluster): void | Promise<void>;
}

interface Play {
  readonly cluster: RunningCluster;
  /** Of the clock that the cluster goes by; `wait` takes milliseconds of it. */
  readonly clock: { now(): Date; wait(ms: number, signal: AbortSignal): Promise<void> };
  readonly signal: AbortSignal;
  /** Called before each step. */
  readonly tell?: (step: Step) => void;
}

/** Every step at its time, from now on, in the order given. Resolves after the last one, or when it is aborted. */
export async function playSteps(steps: readonly Step[], { cluster, clock, signal, tell }: Play): Promise<void> {
  const began = clock.now().getTime();
  for (const step of steps) {
    await clock.wait(began + step.minute * 60_000 - clock.now().getTime(), signal);
    if (signal.aborted) return;
    tell?.(step);
    await step.run(cluster);
  }
}
