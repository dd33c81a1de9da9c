// The bytes that change a screen from one frame to the next.

import { expect, test } from 'vitest';
import { changedLines } from '../../../src/cli/top/screen.ts';

const line = (row: number, text: string) => `\u001b[${row};1H\u001b[0m\u001b[K${text}`;
const CLEAR = '\u001b[0m\u001b[2J';

test.each<[string, readonly string[] | null, readonly string[], string]>([
  ['the same frame writes nothing', ['a', 'b'], ['a', 'b'], ''],
  ['only the lines that changed are written', ['a', 'b', 'c'], ['a', 'x', 'c'], line(2, 'x')],
  ['a line that became empty is erased', ['a', 'b'], ['a', ''], line(2, '')],
  [
    'an unknown screen is cleared, and empty lines need nothing',
    null,
    ['a', '', 'c'],
    CLEAR + line(1, 'a') + line(3, 'c'),
  ],
  ['a screen of another height is cleared', ['a'], ['a', 'b'], CLEAR + line(1, 'a') + line(2, 'b')],
])('%s', (_, drawn, lines, expected) => {
  expect(changedLines(drawn, lines)).toBe(expected);
});
