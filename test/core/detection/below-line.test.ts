// What is said of an alert that still fires although its figure is no longer above the line that began it.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK, DEFAULT_RULES, type RuleBook } from '../../../src/core/detection/rules.ts';
import { MINUTE, nodeOf, readingOf, START, sourceOf } from './one-source.ts';

const threshold = { limit: 300, readings: { needed: 2, of: 3 }, severity: 'warning' } as const;
const book: RuleBook = { ...DEFAULT_BOOK, rules: { ...DEFAULT_RULES, 'dormant-threshold': threshold } };

interface Held {
  readonly dormant: number;
  readonly current: number;
}

/** What the last reading says of the one alert: title and reason. */
function saidAfter(readings: readonly Partial<Held>[]): readonly string[] {
  let state: ClusterState | null = null;
  let last: readonly string[] = [];
  for (const [index, { dormant = 10, current = 300 }] of readings.entries()) {
    const node = nodeOf('a:27017', { current, limit: 1000 });
    const judged = evaluate(state, readingOf(START + index * 5 * MINUTE, [sourceOf('Web EU', dormant)], [node]), book);
    state = judged.state;
    last = judged.transitions.map(({ what, reason }) => [what, reason].filter((words) => words !== '').join(' | '));
  }
  return last;
}

test('a threshold is named as it is while the value is above it', () => {
  expect(saidAfter([{ dormant: 312 }, { dormant: 312 }])).toEqual(['312 dormant connections, 300 is the threshold']);
});

test('a value a little below the threshold is called “was above”, with the line that ends the alert', () => {
  expect(saidAfter([{ dormant: 312 }, { dormant: 312 }, { dormant: 288 }])).toEqual([
    '288 dormant connections, was above the threshold of 300 | 288 dormant connections, 300 is the threshold (it ends below 270); below that line, but not by enough to end',
  ]);
});

test('a source that was never above its threshold was not above it', () => {
  const { decisions } = evaluate(null, readingOf(START, [sourceOf('Web EU', 288)]), book);
  expect(decisions.find(({ rule }) => rule === 'dormant-threshold')?.reason).toContain('300 is the threshold');
});

test('a node a little below its line says so beside the line', () => {
  expect(saidAfter([{ current: 820 }, { current: 780 }])).toEqual([
    '780 of 1,000 connections, 78 % of its limit | 780 of 1,000 connections, 78 % of its limit (warning at 80 %, critical at 90 %); below that line, but not by enough to end',
  ]);
});
