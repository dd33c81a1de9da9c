// Figures in block characters: nothing lost, nothing shown as what it is not.

import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { chartLines, sparkline } from '../../src/cli/history-text.ts';

test('a line has a column for each figure, and a gap is not a zero', () => {
  expect(sparkline([0, 4, null, 8], 10)).toBe('▁▄·█');
  expect(sparkline([], 10)).toBe('');
  expect(sparkline([0, 0], 10)).toBe('▁▁');
});

test('a single spike among hundreds of figures shows in a line of sixteen', () => {
  const figures = Array.from({ length: 400 }, (_, index) => (index === 217 ? 90 : 3));
  const line = sparkline(figures, 16);
  expect(stringWidth(line)).toBe(16);
  expect([...line].filter((cell) => cell === '█')).toHaveLength(1);
  expect([...line].indexOf('█')).toBe(Math.floor((217 / 400) * 16));
});

test('a chart fills the width and no more, with the largest figure and zero at its side', () => {
  const figures = Array.from({ length: 288 }, (_, index) => index % 40);
  const usual = figures.map(() => 20);
  const lines = chartLines({ figures, usual, ends: ['from', 'to'], width: 60 });
  expect(lines).toHaveLength(6);
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBe(60);
  expect(lines[0]).toMatch(/^39 ┤/);
  expect(lines[4]).toMatch(/^ 0 ┤/);
  expect(lines[5]).toMatch(/^ {4}from +to$/);
});

test('the baseline is drawn where the figures are below it; a gap is a dot', () => {
  const lines = chartLines({ figures: [1, null, 10], usual: [5, 5, 5], ends: ['a', 'b'], width: 7 });
  expect(lines).toEqual(['10 ┤  █', '   │  █', '   │╌ █', '   │  █', ' 0 ┤▄·█', '    a b']);
});

test('few figures fill the room', () => {
  const lines = chartLines({ figures: [1, 2], usual: [null, null], ends: ['', ''], width: 12 });
  expect(lines).toEqual(['2 ┤    ████', '  │    ████', '  │▄▄▄▄████', '  │████████', '0 ┤████████', '           ']);
});
