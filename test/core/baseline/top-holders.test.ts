// The hosts of a source, and of the clients that another source hands over.

import { expect, test } from 'vitest';
import { addHolders, type TopHolder, unusedSince } from '../../../src/core/baseline/top-holders.ts';

test('of a host in both, the sum, the longest time that it held, and the last time that it was active', () => {
  const a: TopHolder = { name: '203.0.113.1', usual: 5, since: 200, heldSince: 300, activeAt: 900 };
  const b: TopHolder = { name: '203.0.113.1', usual: 7, since: 100, heldSince: 250, activeAt: 400 };
  const both = { name: '203.0.113.1', usual: 12, since: 100, heldSince: 250, activeAt: 900 };
  expect(addHolders([a], [b])).toEqual([both]);
  expect(addHolders([b], [a])).toEqual([both]);
  expect(addHolders([a], [b]).map(unusedSince)).toEqual([900]);
});

test('a host that was never active, or does not hold, stays so', () => {
  const a: TopHolder = { name: 'a', usual: 5, since: 200 };
  expect(addHolders([a], [{ ...a, heldSince: 300 }])).toEqual([{ ...a, usual: 10, heldSince: 300 }]);
  expect(addHolders([a], [a])).toEqual([{ ...a, usual: 10 }]);
});
