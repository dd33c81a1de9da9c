// Who is cut off where too many connections wait: the oldest, or the heaviest where memory is what is short.

import { expect, test } from 'vitest';
import { createCrowd } from '../../../src/core/base/connection-shedding.ts';

function crowdOf(most: number, mostBytes: number) {
  const cut: string[] = [];
  return { cut, crowd: createCrowd<string>({ most, mostBytes, cut: (name) => void cut.push(name) }) };
}

test('of too many that wait, the one that has waited longest is cut off', () => {
  const { crowd, cut } = crowdOf(2, 100);
  for (const name of ['a', 'b', 'c', 'd']) crowd.waits(name);
  expect(cut).toEqual(['a', 'b']);
});

test('a whole request is never cut off, and its connection waits as a new one once it is answered', () => {
  const { crowd, cut } = crowdOf(2, 100);
  crowd.waits('a');
  crowd.leaves('a');
  for (const name of ['b', 'c']) crowd.waits(name);
  expect(cut).toEqual([]);
  crowd.waits('a');
  crowd.waits('d');
  expect(cut).toEqual(['b', 'c']);
});

test('bytes that come slowly make a connection no younger', () => {
  const { crowd, cut } = crowdOf(2, 100);
  for (const name of ['a', 'b']) crowd.waits(name);
  crowd.holds('a', 1);
  crowd.holds('a', 2);
  crowd.waits('c');
  expect(cut).toEqual(['a']);
});

test('where too much is held, the heaviest is cut off, and what it held is free', () => {
  const { crowd, cut } = crowdOf(9, 100);
  for (const name of ['empty', 'heavy', 'honest']) crowd.waits(name);
  crowd.holds('heavy', 90);
  crowd.holds('honest', 20);
  expect(cut).toEqual(['heavy']);
  crowd.holds('honest', 100);
  expect(cut).toEqual(['heavy']);
  crowd.leaves('honest');
  crowd.holds('empty', 100);
  // Of whom nothing is known any more.
  crowd.holds('heavy', 1_000);
  expect(cut).toEqual(['heavy']);
});

test('what one answered request held counts no more', () => {
  const { crowd, cut } = crowdOf(9, 100);
  crowd.waits('a');
  for (let times = 0; times < 5; times++) {
    crowd.holds('a', 80);
    crowd.leaves('a');
    crowd.waits('a');
  }
  expect(cut).toEqual([]);
});
