// Some thousands of the inputs of `npm run fuzz`, the same ones every time.

import { expect, test } from 'vitest';
import { runsOf, TARGETS } from './targets.ts';

const SEED = 20_261_121;
const RUNS = 4_000;

test.each(TARGETS.map((target) => [target.name, target] as const))(
  '%s: no crash, and nothing unescaped comes out, whatever comes in',
  async (_, target) => {
    const { failure } = await target.run({ runs: runsOf(target, RUNS), seed: SEED });
    expect(failure).toBeNull();
  },
);

test('every kind of input that comes from outside has its share', () => {
  expect(TARGETS.length).toBeGreaterThan(10);
  expect(TARGETS.reduce((sum, target) => sum + runsOf(target, 100_000), 0)).toBeGreaterThanOrEqual(
    100_000 - TARGETS.length,
  );
});
