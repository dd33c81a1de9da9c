import { expect, test } from 'vitest';
import { againstUsual } from '../../../src/core/ports/monitor.ts';

test.each([
  [412, { usual: 61, isNew: false }, '6.8 ×'],
  [96, { usual: 90, isNew: false }, 'as usual'],
  [12, { usual: 4, isNew: false }, 'as usual'],
  [20, { usual: 100, isNew: false }, '0.2 ×'],
  [1_240, { usual: 20, isNew: false }, '62 ×'],
  [60, { usual: null, isNew: true }, 'new'],
  [60, { usual: null, isNew: false }, '–'],
  [60, undefined, '–'],
  [400, { usual: 0, isNew: false }, 'usually 0'],
  [0, { usual: 0, isNew: false }, 'as usual'],
])('%d dormant beside %j is %s', (dormant, known, says) => {
  expect(againstUsual(dormant, known)).toBe(says);
});
