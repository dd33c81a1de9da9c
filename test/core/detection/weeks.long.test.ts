// The rules held against weeks: outages, holidays, habits, new levels, and what was usual before and after them.

import { afterAll, expect, test } from 'vitest';
import { longKinds } from './long-kinds.ts';
import { type Score, scoresOf, tableOf } from './scores.ts';

const table: Record<string, readonly Score[]> = {};
afterAll(() => console.log(tableOf(table)));

test.each(Object.entries(longKinds()))('%s: what is there is told once, and nothing else', (name, kinds) => {
  const scores = scoresOf(kinds);
  table[name] = scores;
  const all = (list: 'missed' | 'wrong' | 'again' | 'habits' | 'moved') => scores.flatMap((score) => score[list]);
  const faults = { missed: all('missed'), wrong: all('wrong'), again: all('again') };
  expect({ ...faults, habits: all('habits'), moved: all('moved') }).toEqual({
    missed: [],
    wrong: [],
    again: [],
    habits: [],
    moved: [],
  });
});
