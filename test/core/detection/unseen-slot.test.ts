// A time of day that was never read before must not take what is unusual for its usual.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { type Baseline, learn, newBaseline, usualAt } from '../../../src/core/baseline/baseline.ts';

const utc = (at: number) => ({ at, offset: 0 });
const START = Date.parse('2026-11-02T00:00:00Z');

test('a spike in a slot without a value does not become its usual', () => {
  let baseline: Baseline = newBaseline(START);
  const teach = (at: number, value: number, isWithheld = false) => {
    const usual = usualAt(baseline, utc(at));
    baseline = learn(baseline, { ...utc(at), value, usual, isWithheld });
  };
  let at = START;
  // Read every half an hour for ten days, then every five minutes: most of the slots are new.
  for (; at < START + 10 * DAY; at += 30 * MINUTE) teach(at, 100);
  const spike = at;
  for (; at < spike + 2 * HOUR; at += 5 * MINUTE) teach(at, 1_600, true);
  for (const later of [0, DAY, 7 * DAY]) {
    const usual = Array.from(
      { length: 24 },
      (_, slot) => usualAt(baseline, utc(spike + later + slot * 5 * MINUTE))?.value,
    );
    expect(new Set(usual)).toEqual(new Set([100]));
  }
});
