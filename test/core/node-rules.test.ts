// The rules about nodes, as a reading after the other breaks them.

import { expect, test } from 'vitest';
import { type ClusterState, judge } from '../../src/core/judge.ts';
import { DEFAULT_BOOK } from '../../src/core/rule.ts';
import type { SnapshotNode } from '../../src/core/snapshot.ts';
import { STEP } from './days.ts';

const node: SnapshotNode = {
  host: 'a:27017',
  problem: null,
  role: 'primary',
  current: 100,
  limit: 1000,
  totalCreated: 0,
  rejected: 0,
};

function told(readings: readonly Partial<SnapshotNode>[]): readonly string[] {
  let state: ClusterState | null = null;
  return readings.flatMap((reading, index) => {
    const nodes = [{ ...node, ...reading }];
    const snapshot = {
      cluster: 'prod',
      at: index * STEP,
      complete: reading.problem == null,
      problem: null,
      nodes,
      sources: [],
    };
    const judged = judge(state, snapshot, DEFAULT_BOOK);
    state = judged.state;
    return judged.notifications.map(({ rule, event, severity }) => `${index} ${rule} ${event} ${severity}`);
  });
}

test('headroom warns at 80 %, is critical at 90 %, and ends when it is clearly below', () => {
  expect(told([100, 800, 850, 900, 790, 700, 700, 700].map((current) => ({ current })))).toEqual([
    '1 node-headroom firing warning',
    '3 node-headroom worse critical',
    '7 node-headroom resolved critical',
  ]);
});

test('refused connections are critical at once; a restart that begins at zero again is none', () => {
  expect(told([5, 5, 9, 0, 0, 0].map((rejected) => ({ rejected })))).toEqual([
    '2 rejected firing critical',
    '5 rejected resolved critical',
  ]);
});

test('a node that cannot be read twice is an alert of its own, and its headroom is not called over', () => {
  const away = { problem: 'timed out', current: null, limit: null, totalCreated: null, rejected: null };
  expect(told([{ current: 950 }, away, away, away, away, {}, {}, {}])).toEqual([
    '0 node-headroom firing critical',
    '2 unreadable firing warning',
    '7 node-headroom resolved critical',
    '7 unreadable resolved warning',
  ]);
});

test('a storm of new connections is churn, steady ones are not', () => {
  const total = (readings: number, index: number) => readings * 1500 + Math.max(0, index - 300) * 15_000;
  const readings = Array.from({ length: 304 }, (_, index) => ({ totalCreated: total(index, index) }));
  expect(told(readings)).toEqual(['303 churn firing warning']);
});
