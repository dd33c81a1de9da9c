import { expect, test } from 'vitest';
import { message } from '../../../src/slack/blockkit/blocks.ts';

test('a message that says only an empty name still has a text, which Slack demands', () => {
  expect(message({ said: [['']], above: [], below: [] }).text).toBe('–');
});
