import { expect, test } from 'vitest';
import { combinationOf, largestCombinations } from '../../../src/core/connections/source-tally.ts';
import { fc } from '../arbitrary.ts';

const seen = fc.record({
  app: fc.constantFrom('a', 'b', null),
  driver: fc.constantFrom('d', null),
  node: fc.constantFrom('n1', 'n2'),
  address: fc.nat(9).map((last) => `203.0.113.${last}`),
  active: fc.nat(3),
});

test('the largest are those of all rows sorted, and the rest is counted', () => {
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 60 }), (all) => {
      const combinations = new Map();
      const naive = new Map<string, number>();
      for (const { address, active, ...alike } of all) {
        combinationOf(combinations, alike, address).active += active;
        const name = JSON.stringify([alike.app, address, alike.node, alike.driver]);
        naive.set(name, (naive.get(name) ?? 0) + active);
      }
      const { largest, more } = largestCombinations(combinations, 10);
      const sizes = [...naive.values()].sort((one, other) => other - one);
      expect(largest.map(({ active }) => active)).toEqual(sizes.slice(0, 10));
      expect(more).toBe(Math.max(0, sizes.length - 10));
      for (const { app, address, node, driver, active } of largest) {
        expect(naive.get(JSON.stringify([app, address, node, driver]))).toBe(active);
      }
    }),
  );
});
