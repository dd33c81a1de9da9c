import { expect, test } from 'vitest';
import { nearest } from '../../../src/core/base/fuzzy-match.ts';

test.each([
  ['prdo', ['prod', 'staging'], 'prod'],
  ['PROD', ['prod', 'staging'], 'prod'],
  ['sorce', ['source', 'status', 'nodes'], 'source'],
  ['xyzzy', ['prod', 'staging'], null],
  ['prod', [], null],
])('%j among %j means %j', (word, known, meant) => {
  expect(nearest(word, known)).toBe(meant);
});
