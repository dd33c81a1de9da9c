// Outside text on its way to a terminal.

import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { padded, printable, shortened } from '../../src/cli/layout.ts';

test.each([
  ['a\nb', 'a\\nb'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['\u009b2J', '\\u{9b}2J'],
  ['abc\u202edcba', 'abc\\u{202e}dcba'],
  ['\u200f', '\\u{200f}'],
  ['\u2028', '\\u{2028}'],
  ['\ud800', '\\u{d800}'],
  ['Zürich 漢字 🚀', 'Zürich 漢字 🚀'],
])('%j is shown as %s', (given, shown) => {
  expect(printable(given)).toBe(shown);
});

test('shortening never exceeds the width and keeps what fits as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 50 }), (text, width) => {
      const shown = printable(text);
      const short = shortened(shown, width);
      expect(stringWidth(short)).toBeLessThanOrEqual(width);
      if (stringWidth(shown) <= width) expect(short).toBe(shown);
    }),
  );
});

test('padding counts columns, not characters', () => {
  expect(padded('漢', 4, 'left')).toBe('漢  ');
  expect(padded('漢', 4, 'right')).toBe('  漢');
});
