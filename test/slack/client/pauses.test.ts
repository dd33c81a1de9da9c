// What Slack asks to wait, as status and readiness say it.

import { expect, test } from 'vitest';
import { createPauses } from '../../../src/slack/client/pauses.ts';

const SECOND = 1_000;

function paused(waitMs: number, method = 'chat.postMessage') {
  let at = Date.parse('2026-11-30T10:00:00Z');
  const pauses = createPauses(() => new Date(at));
  pauses.note({ method, result: 'rate_limited', waitMs });
  const texts = () => pauses.problems().map(({ text }) => text);
  const pass = (ms: number) => {
    at += ms;
  };
  return { pauses, texts, pass };
}

test('a long wait is told with the next try, which is no more than five minutes away', () => {
  const { texts, pass } = paused(7_200 * SECOND);
  expect(texts()).toEqual(['Slack asked to wait 2 h before the next chat.postMessage; next try in 5 min.']);
  pass(270 * SECOND);
  expect(texts()).toEqual(['Slack asked to wait 2 h before the next chat.postMessage; next try in 30 s.']);
  pass(30 * SECOND);
  expect(texts()).toEqual([]);
});

test('a wait of a few seconds is not worth telling', () => {
  expect(paused(3 * SECOND).texts()).toEqual([]);
});

test('a wait ends with an answer to the same method, not to another one', () => {
  const { pauses, texts } = paused(7_200 * SECOND);
  pauses.note({ method: 'users.info', result: 'ok' });
  pauses.note({ method: 'chat.postMessage', result: 'unanswered' });
  expect(texts()).toHaveLength(1);
  pauses.note({ method: 'chat.postMessage', result: 'ok' });
  expect(texts()).toEqual([]);
});

test('a clock that is set back does not make a wait longer', () => {
  const { texts, pass } = paused(7_200 * SECOND);
  pass(-3_600 * SECOND);
  expect(texts()).toEqual([]);
});
