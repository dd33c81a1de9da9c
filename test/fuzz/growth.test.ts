// Part of what `npm run fuzz` measures: no grammar takes more than its share of time for a longer text.

import { expect, test } from 'vitest';
import { GRAMMARS } from './grammars.ts';
import { growthOf, SHAPES } from './growth.ts';

const LONGEST = 4_000;
/** Every ninth: all of them, and longer, are measured by `npm run fuzz`. */
const SOME = SHAPES.filter((_, index) => index % 9 === 0);

test.each(GRAMMARS.map((grammar) => [grammar.name, grammar] as const))(
  '%s: four times the text takes about four times as long, whatever repeats in it',
  (_, grammar) => {
    expect(SOME.map((shape) => growthOf(grammar, shape, LONGEST)).filter((growth) => growth !== null)).toEqual([]);
  },
);

test('a square is found', () => {
  const square = {
    name: 'square',
    read: (text: string) => {
      let sum = 0;
      for (let at = 0; at < text.length; at++)
        for (let other = 0; other < text.length; other++) sum += text.charCodeAt(at) ^ text.charCodeAt(other);
      return sum;
    },
  };
  for (const shape of SHAPES.slice(0, 4)) {
    // The longest is read only where the machine is so fast that the shorter ones take no time.
    const growth = growthOf(square, shape, 64_000);
    expect(growth?.ratio, shape.name).toBeGreaterThan(9);
  }
});
