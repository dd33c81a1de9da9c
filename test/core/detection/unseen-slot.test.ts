// A time of day that was never read before must not take what is unusual for its usual.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { type Baseline, learn, newBaseline, usualAt } from '../../../src/core/baseline/baseline.ts';

const utc = (at: number) => ({ at, offset: 0 });
const START = Date.parse('2026-11-02T00:00:00Z');

test('a spike in a slot without a value does not become its usual', () => {
  let baseline: Baseline = newBaseline(START);
  let at = START;
  // Read every half an hour for ten days, then every five minutes: most of the slots are new.
  for (; at < START + 10 * DAY; at += 30 * MINUTE)
    baseline = learn(baseline, { ...utc(at), value: 100, isUnusual: false });
  const spike = at;
  for (; at < spike + 2 * HOUR; at += 5 * MINUTE)
    baseline = learn(baseline, { ...utc(at), value: 1_600, isUnusual: true });
  const usual = Array.from({ length: 16 }, (_, slot) => usualAt(baseline, utc(spike + slot * 5 * MINUTE))?.value ?? 0);
  expect(Math.max(...usual)).toBeLessThan(200);
});
