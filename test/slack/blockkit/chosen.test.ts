// What buttons and forms carry comes back as it was, and what we never wrote is nothing.

import { expect, test } from 'vitest';
import { RULE_NAMES } from '../../../src/core/detection/rules.ts';
import { chosenValue, readChosen } from '../../../src/slack/blockkit/action-values.ts';
import { packOrigin, readOrigin } from '../../../src/slack/blockkit/silence-fields.ts';
import { fc } from '../../core/arbitrary.ts';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const maybe = fc.option(text);

test('a choice carries all that was asked for, or no button is made of it', () => {
  const target = fc.record({
    cluster: maybe,
    source: maybe,
    node: maybe,
    rule: fc.option(fc.constantFrom(...RULE_NAMES)),
    who: text,
  });
  fc.assert(
    fc.property(target, fc.nat(), maybe, fc.boolean(), (of, until, reason, hold) => {
      const chosen = { target: of, until, reason, hold };
      const value = chosenValue(chosen);
      if (value === null) return;
      expect(value.length).toBeLessThanOrEqual(2_000);
      expect(readChosen(value)).toEqual(chosen);
    }),
  );
  const who = 'x'.repeat(3_000);
  const all = { cluster: null, source: null, node: null, rule: null };
  expect(chosenValue({ target: { ...all, who }, until: 1, reason: null, hold: false })).toBeNull();
});

test('a choice of a rule that is no more is nothing, never a silence of everything', () => {
  expect(readChosen(JSON.stringify(['prod', null, null, 'old-rule', 'x', 1, false, null]))).toBeNull();
  expect(['', 'null', '{}', '[]', '["prod"]', 'x'].map(readChosen)).toEqual(Array(6).fill(null));
});

test('a form knows where it was opened, within what Slack keeps for it', () => {
  fc.assert(
    fc.property(text, maybe, maybe, maybe, (subject, channel, responseUrl, threadTs) => {
      const origin = { subject, channel, responseUrl, threadTs };
      expect(readOrigin(packOrigin(origin))).toEqual(origin);
    }),
  );
  expect(['', '{}', '[1]', 'x'].map(readOrigin)).toEqual(Array(4).fill(null));
});
