// A clock that was ahead once: what it left behind blinds nobody.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { evaluateNodeCheck } from '../../../src/core/detection/node-check.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { DAY, HOUR, heard, MINUTE, nodeOf, readingOf, START, sourceOf, times } from './one-source.ts';

const TWO_DAYS = times(START, START + 2 * DAY).map((at) => readingOf(at, [sourceOf('s', 50)]));
const RIGHT = START + 2 * DAY;
const ahead = (by: number): ClusterState => heard([...TWO_DAYS, readingOf(RIGHT + by, [sourceOf('s', 50)])]).state;

/** Every time in it, wherever it stands. */
function latest(value: unknown): number {
  if (typeof value === 'number') return value;
  // The slots of a day hold no times.
  if (typeof value !== 'object' || value === null || value instanceof Float16Array) return 0;
  return Object.values(value).reduce((most: number, one) => Math.max(most, latest(one)), 0);
}

test.each([3 * HOUR, 3 * DAY, 40 * DAY])('a clock that was %d ms ahead: a spike fires as usual', (by) => {
  const spike = times(RIGHT + 5 * MINUTE, RIGHT + 30 * MINUTE).map((at) => readingOf(at, [sourceOf('s', 500)]));
  const { told } = heard(spike, ahead(by));
  expect(told).toEqual(['2026-10-07T00:10 s dormant-spike firing']);
});

test('the first reading says that the clock was set back, and no later time stays in the state', () => {
  const at = RIGHT + 5 * MINUTE;
  const { state, remarks } = evaluate(ahead(3 * HOUR), readingOf(at, [sourceOf('s', 50)]), DEFAULT_BOOK);
  expect(remarks).toEqual(['the clock was set back by 2 h 55 min: readings are counted from here']);
  expect(latest(ahead(3 * HOUR))).toBe(RIGHT + 3 * HOUR);
  expect(latest(state)).toBe(at);
  expect(state.interval).toBeCloseTo(ahead(3 * HOUR).interval ?? 0, 3);
});

test('a firing alert keeps its start, and ends', () => {
  const high = times(RIGHT, RIGHT + HOUR).map((at) => readingOf(at, [sourceOf('s', 500)]));
  const firing = heard([...TWO_DAYS, ...high, readingOf(RIGHT + 3 * HOUR, [sourceOf('s', 500)])]);
  expect(firing.told).toHaveLength(1);
  const after = times(RIGHT + HOUR, RIGHT + 2 * HOUR).map((at) => readingOf(at, [sourceOf('s', 50)]));
  expect(heard(after, firing.state).told).toEqual(['2026-10-07T01:10 s dormant-spike resolved']);
});

test('a reading that is only a little older is left out as late', () => {
  const state = ahead(10 * MINUTE);
  const late = evaluate(state, readingOf(RIGHT, [sourceOf('s', 500)]), DEFAULT_BOOK);
  expect(late).toMatchObject({ decisions: [], remarks: ['not newer than the reading before: left out'] });
  expect(late.state).toBe(state);
});

test('with an hour between readings, one that is older by two is late still', () => {
  const hourly = times(START, START + 2 * DAY, HOUR).map((at) => readingOf(at, [sourceOf('s', 50)]));
  const { state } = heard(hourly);
  expect(evaluate(state, readingOf(state.at - 2 * HOUR, []), DEFAULT_BOOK).state).toBe(state);
  expect(evaluate(state, readingOf(state.at - 2 * HOUR - MINUTE, []), DEFAULT_BOOK).state).not.toBe(state);
});

test('a node check notices a clock that was ahead too', () => {
  const look = (at: number, current: number, rejected = 0) => {
    const nodes = [{ host: 'a:27017', problem: null, current, limit: 1000, rejected }];
    return { cluster: 'prod', at, nodes, pools: null, reading: null };
  };
  const events = (state: ClusterState, current: number, rejected = 0) =>
    evaluateNodeCheck(state, look(RIGHT + MINUTE, current, rejected), DEFAULT_BOOK);
  const found = events(ahead(3 * HOUR), 950);
  expect(found.notifications.map(({ rule, event }) => [rule, event])).toEqual([['node-headroom', 'firing']]);
  expect(found.remarks).toEqual(['the clock was set back by 2 h 59 min']);
  expect(found.state.at).toBe(RIGHT + MINUTE);

  const early = evaluateNodeCheck(heard(TWO_DAYS).state, look(RIGHT + 3 * HOUR, 100, 4), DEFAULT_BOOK).state;
  const refused = events(early, 100, 6);
  expect(refused.state.nodes['a:27017']).toMatchObject({ rejected: 6, rejectedAt: RIGHT + MINUTE });
});

test('lines in any order are evaluated the same every time', () => {
  const lines = [0, 60, 5, 65, 10, 70].map((minute) =>
    readingOf(RIGHT + minute * MINUTE, [sourceOf('s', 500)], [nodeOf('a:27017')]),
  );
  const judged = () => heard([...TWO_DAYS, ...lines]);
  expect(judged()).toEqual(judged());
  expect(judged().last.remarks).toEqual(['a gap of 1 h: readings are counted from here']);
});
