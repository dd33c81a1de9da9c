// The plan of a run: the forecast of its fleet, half of what is available, and when it must not begin or go on.

import { describe, expect, test } from 'vitest';
import { PATTERN_NAMES, PATTERNS, type PatternName } from '../../../src/core/load/patterns.ts';
import {
  fullNode,
  isClosed,
  isWhole,
  type LoadAsk,
  type LoadedNode,
  moreThanBefore,
  type NodeLoad,
  planLoad,
} from '../../../src/core/load/run.ts';

function node(host: string, over: Partial<NodeLoad> = {}): NodeLoad {
  return {
    ...{ host, role: 'secondary', version: '8.0.4', current: 20, available: 2_980 },
    ...{ totalCreated: 100, active: 1, residentMegabytes: 120 },
    ...over,
  };
}

const SET = [node('a:1', { role: 'primary' }), node('b:1'), node('c:1')];
const ask = (pattern: PatternName, over: Partial<LoadAsk> = {}): LoadAsk => ({
  ...{ pattern, clients: null, connections: null, lasts: 60_000, perSecond: 10, ...over },
});
const room = (nodes: readonly NodeLoad[], over = {}) => ({
  nodes,
  arbiters: [],
  isDirect: false,
  openFiles: null,
  ...over,
});

function planned(...given: Parameters<typeof planLoad>) {
  const found = planLoad(...given);
  if ('problem' in found) throw new Error(found.problem.text);
  return found.plan;
}

function refused(...given: Parameters<typeof planLoad>) {
  const found = planLoad(...given);
  if ('plan' in found) throw new Error('it was planned');
  return found.problem;
}

describe('the forecast of each pattern on a set of three, by its defaults', () => {
  test.each<[PatternName, readonly number[]]>([
    ['idle', [124, 4, 4]],
    ['client-per-request', [20, 10, 10]],
    ['leak', [120, 80, 80]],
    ['churn', [60, 40, 40]],
    ['min-pool', [120, 120, 120]],
    ['burst', [124, 4, 4]],
    ['functions', [120, 24, 24]],
  ])('%s opens %j', (pattern, expected) => {
    expect(Object.values(planned(ask(pattern), room(SET)).forecast)).toEqual(expected);
  });

  test('every pattern has its line above', () => expect(PATTERN_NAMES).toHaveLength(7));
});

test('an arbiter is watched, and has no pool', () => {
  const { forecast } = planned(ask('min-pool'), room(SET.slice(0, 2), { arbiters: ['z:1'] }));
  expect(forecast).toEqual({ 'a:1': 120, 'b:1': 120, 'z:1': 20 });
});

test('a direct connection has its pool on a secondary, too', () => {
  expect(planned(ask('idle'), room([node('b:1')], { isDirect: true })).forecast).toEqual({ 'b:1': 124 });
});

test('a server before 4.4 does not stream, so that a client has one heartbeat', () => {
  const old = node('a:1', { role: 'standalone', version: '4.2.24' });
  expect(planned(ask('leak'), room([old])).forecast).toEqual({ 'a:1': 80 });
});

test('a burst begins after a third of the time', () => {
  expect(planned(ask('burst', { lasts: 90_000 }), room(SET)).burstAfter).toBe(30_000);
});

describe('half of what is available', () => {
  test('a run within it stays as it was asked', () => {
    const { clients, remarks } = planned(ask('leak', { clients: 300 }), room(SET));
    expect([clients, remarks]).toEqual([300, []]);
  });

  test('an arbiter gets few, because it does not tell its limit', () => {
    const nodes = [node('a:1', { role: 'primary', available: 50_000, current: 10 })];
    const { clients, forecast, remarks } = planned(ask('leak', { clients: 1_000 }), room(nodes, { arbiters: ['z:1'] }));
    expect([clients, forecast['z:1']]).toEqual([200, 400]);
    expect(remarks).toEqual([
      'The run is smaller than asked: 200 clients in place of 1,000. The arbiter z:1 does not tell its limit, so load opens at most 400 connections there.',
    ]);
  });

  test('a larger run has fewer clients, and says so', () => {
    const nodes = [node('a:1', { role: 'primary', available: 101, current: 10 }), node('b:1', { available: 500 })];
    const { clients, forecast, remarks } = planned(ask('leak', { clients: 300 }), room(nodes));
    expect([clients, forecast]).toEqual([16, { 'a:1': 48, 'b:1': 32 }]);
    expect(remarks).toEqual([
      'The run is smaller than asked: 16 clients in place of 300. It opens at most 50 connections on a:1, where 101 of 111 are available. load takes at most half of them, and leaves 20 % of the limit.',
    ]);
  });

  test('a run leaves a fifth of the limit, because with less it would end', () => {
    const nodes = [node('a:1', { role: 'standalone', available: 300, current: 700 }), node('b:1', { available: 250 })];
    const { clients, forecast, remarks } = planned(ask('leak', { clients: 300 }), room(nodes.slice(0, 1)));
    expect([clients, forecast]).toEqual([33, { 'a:1': 99 }]);
    expect(remarks[0]).toContain('at most 100 connections on a:1, where 300 of 1,000 are available');
    expect(planned(ask('leak', { clients: 300 }), room(nodes)).remarks[0]).toContain('at most 100 connections on a:1');
    const left = node('a:1', { available: 300 - 99, current: 700 + 99 });
    expect(fullNode([left])).toBeNull();
  });

  test('the fullest node decides, also where the pools are elsewhere', () => {
    const nodes = [node('a:1', { role: 'primary' }), node('b:1', { available: 41, current: 9 })];
    expect(planned(ask('leak', { clients: 300 }), room(nodes)).clients).toBe(10);
  });

  test('a pool becomes smaller where not even one client fits', () => {
    const nodes = [node('a:1', { role: 'standalone', available: 60, current: 10 })];
    const { clients, connections, remarks } = planned(ask('idle', { connections: 200 }), room(nodes));
    expect([clients, connections]).toEqual([1, 28]);
    expect(remarks[0]).toContain('1 client in place of 2 and 28 connections each in place of 200');
  });

  test('nothing is opened where one client does not fit', () => {
    const nodes = [node('a:1', { role: 'standalone', available: 5, current: 10 })];
    expect(refused(ask('leak'), room(nodes)).code).toBe('load-no-room');
  });
});

test('with less than a fifth left, a run neither begins nor goes on', () => {
  const [enough, low] = [node('b:1', { available: 20, current: 80 }), node('b:1', { available: 19, current: 81 })];
  expect(fullNode([...SET, enough])).toBeNull();
  expect(fullNode([...SET, low])).toBe(low);
  const { code, text } = refused(ask('leak'), room([...SET, low]));
  expect([code, text]).toEqual([
    'load-full',
    'b:1 has only 19 % of its connections left (19 of 100), so load opens none.',
  ]);
});

test('more connections than this process may open files are refused in words', () => {
  const asked = ask('leak', { clients: 300 });
  expect(planned(asked, room(SET, { openFiles: 2_200 })).clients).toBe(300);
  const { code, text, remedy } = refused(asked, room(SET, { openFiles: 2_199 }));
  expect(code).toBe('load-files');
  expect(text).toBe('The run needs about 2,200 open files, one for each connection, and this process may open 2,199.');
  expect(remedy).toContain('ulimit -n 2200');
});

test('every pattern shows another diagnosis', () => {
  expect(new Set(Object.values(PATTERNS).map(({ shows }) => shows)).size).toBe(PATTERN_NAMES.length);
});

describe('after a run', () => {
  const loaded = (current: number | null, remaining: number | null = null): LoadedNode => {
    const before = node('a:1', { role: 'primary' });
    const after = current === null ? null : node('a:1', { current });
    return { ...{ host: 'a:1', role: 'primary', before, peak: before, forecast: 10 }, after, remaining };
  };
  const plan = planned(ask('idle'), room(SET));
  const result = { plan, problem: null, lasted: 1 };

  test('a count at or below the one before has fallen back', () => {
    expect([18, 20, 26].map((current) => moreThanBefore(loaded(current)))).toEqual([0, 0, 6]);
  });

  test('what the node lists decides, and without a list its count', () => {
    expect([loaded(26), loaded(20), loaded(26, 1), loaded(26, 0)].map(isClosed)).toEqual([false, true, false, true]);
    expect([loaded(20, 3), loaded(18, 1)].map(isClosed)).toEqual([false, false]);
  });

  test.each([
    ['time', 20, true],
    ['stopped', 20, true],
    ['time', 21, false],
    ['time', null, false],
    ['full', 20, false],
    ['refused', 20, false],
    ['unread', 20, false],
  ] as const)('the end %s with %s connections is whole: %s', (end, current, expected) => {
    expect(isWhole({ ...result, end, nodes: [loaded(current)] })).toBe(expected);
  });
});
