// A share of the schedules that the test suite runs: two files run side by side, each with its own.

import { expect } from 'vitest';
import { pooled, runOnFile } from './pool.ts';
import { FAULTS, kindsOf, scheduleFor } from './schedule.ts';
import { failuresOf, tableOf } from './table.ts';

const MANY = 100;
const AT_ONCE = 4;
/** Milliseconds, on however busy a machine: this only ends what hangs. */
export const LONGEST = 3_600_000;

/** Fails with the seeds, and how to run them again. */
export async function proveFrom(first: number): Promise<void> {
  const seeds = Array.from({ length: MANY }, (_, index) => first + index);
  const outcomes = await pooled(seeds, AT_ONCE, (seed) => runOnFile(scheduleFor(seed)));
  console.log(tableOf(outcomes));
  const failed = outcomes.flatMap((outcome) => {
    const { seed } = outcome.schedule;
    const again = `npm run chaos -- --seed ${seed} --runs 1 --only file`;
    return failuresOf(outcome).map((failure) => `${failure} (${again})`);
  });
  expect(failed).toEqual([]);
  // Each fault happened, and something was to be told.
  const kinds = new Set(outcomes.flatMap(({ schedule }) => kindsOf(schedule)));
  expect([...kinds].toSorted()).toEqual([...FAULTS, 'two-replicas'].toSorted());
  expect(outcomes.every(({ verdict }) => verdict.expected > 0)).toBe(true);
  const blind = outcomes.filter(({ schedule }) => schedule.isBlind);
  expect(blind.reduce((sum, { verdict }) => sum + verdict.doubled.length, 0)).toBeGreaterThan(0);
}
