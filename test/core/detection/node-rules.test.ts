// The rules about nodes, as a reading after the other breaks them.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { SnapshotNode } from '../../../src/core/snapshots/snapshot.ts';
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

/** Of a node that is well beside the one that readings are given for. */
const well: SnapshotNode = { ...node, host: 'b:27017', role: 'secondary' };

function heard(readings: readonly (readonly SnapshotNode[])[], problem: string | null = null) {
  let state: ClusterState | null = null;
  return readings.map((nodes, index) => {
    const complete = nodes.length > 0 && nodes.every((one) => one.problem === null);
    const why = nodes.length === 0 ? problem : null;
    const snapshot = { cluster: 'prod', at: (index + 1) * STEP, complete, problem: why, nodes, sources: [] };
    const judged = evaluate(state, snapshot, DEFAULT_BOOK);
    state = judged.state;
    return judged;
  });
}

function told(readings: readonly Partial<SnapshotNode>[]): readonly string[] {
  return heard(readings.map((reading) => [{ ...node, ...reading }, well])).flatMap(({ notifications }, index) =>
    notifications.map(({ rule, event, severity }) => `${index} ${rule} ${event} ${severity}`),
  );
}

const away = {
  problem: 'a:27017 did not answer in time.',
  remedy: 'Check that it can be reached.',
  current: null,
  limit: null,
  totalCreated: null,
  rejected: null,
};

test('headroom warns at 80 %, is critical at 90 %, and ends when it is clearly below', () => {
  expect(told([100, 800, 850, 900, 790, 700, 700, 700].map((current) => ({ current })))).toEqual([
    '1 node-headroom firing warning',
    '3 node-headroom worse critical',
    '7 node-headroom resolved critical',
  ]);
});

test('a node near its limit says what to try, in sentences', () => {
  const [firing] = heard([[{ ...node, current: 950 }, well]]).flatMap((judged) => judged.notifications);
  expect(firing?.text).toContain(
    'Try: Set maxIdleTimeMS=60000: it closes connections that are idle for a minute. Begin where most are held. Or take a larger tier.',
  );
});

test('refused connections are critical at once; a restart that begins at zero again is none', () => {
  expect(told([5, 5, 9, 0, 0, 0].map((rejected) => ({ rejected })))).toEqual([
    '2 rejected firing critical',
    '5 rejected resolved critical',
  ]);
});

test('a node that cannot be read twice is an alert, and does not resolve its headroom alert', () => {
  expect(told([{ current: 950 }, away, away, away, away, {}, {}, {}])).toEqual([
    '0 node-headroom firing critical',
    '2 unreadable firing warning',
    '7 node-headroom resolved critical',
    '7 unreadable resolved warning',
  ]);
});

test('many new connections are churn, steady ones are not', () => {
  const total = (readings: number, index: number) => readings * 1500 + Math.max(0, index - 300) * 15_000;
  const readings = Array.from({ length: 304 }, (_, index) => ({ totalCreated: total(index, index) }));
  expect(told(readings)).toEqual(['303 churn firing warning']);
});

test('a cluster without a read node is one alert, and its nodes are none', () => {
  const gone = [
    { ...node, ...away },
    { ...well, ...away },
  ];
  const back = [node, well];
  const notifications = heard([back, gone, gone, gone, back, back, back]).flatMap((judged) => judged.notifications);
  expect(notifications.map(({ node: host, source, rule, event }) => [host, source, rule, event])).toEqual([
    [null, null, 'unreadable', 'firing'],
    [null, null, 'unreadable', 'resolved'],
  ]);
  expect(notifications[0]?.text).toBe(
    'Cluster prod: cannot be read, none of its 2 nodes answers as it should. For 5 min: a:27017 did not answer in time. Check that it can be reached.',
  );
});

test('a cluster that Atlas does not list is unreadable, and alerts of its nodes keep firing', () => {
  const full = [{ ...node, current: 950 }, well];
  const all = heard([full, [], [], full, full, full], 'Atlas did not answer.');
  const events = all.flatMap(({ notifications }, index) =>
    notifications.map(({ rule, node: host, event }) => `${index} ${rule} ${host} ${event}`),
  );
  expect(events).toEqual(['0 node-headroom a:27017 firing', '2 unreadable null firing', '5 unreadable null resolved']);
});

test('refused connections after a restart count', () => {
  expect(told([5, 5, 2].map((rejected) => ({ rejected })))).toEqual(['2 rejected firing critical']);
});

test('new connections after an election fire only if they last', () => {
  const storm = (length: number) => {
    let total = 0;
    const nodes = Array.from({ length: 310 }, (_, index) => {
      total += index > 300 && index <= 300 + length ? 16_500 : 1500;
      const isOver = index > 300;
      const one: SnapshotNode = { ...node, totalCreated: total, role: isOver ? 'secondary' : 'primary' };
      return [one, { ...well, role: isOver ? 'primary' : 'secondary' }];
    });
    return heard(nodes).flatMap(({ notifications }, index) =>
      notifications.map(({ rule, event }) => `${index} ${rule} ${event}`),
    );
  };
  expect(storm(3)).toEqual([]);
  expect(storm(9)).toEqual(['305 churn firing']);
});

test('headroom names who holds most on the node', () => {
  const nodes = [{ ...node, current: 850 }];
  const rows = [{ name: 'a:27017', active: 20, dormant: 400 }];
  const untold = { class: null, monitors: null, clients: null, apps: [], hosts: [], active: 20, dormant: 400 };
  const sources = [{ ...untold, id: '10.0.0.0/8', name: 'Kubernetes', nodes: rows }];
  const reading = { cluster: 'prod', at: STEP, complete: true, problem: null, nodes, sources };
  const [notification] = evaluate(null, reading, DEFAULT_BOOK).notifications;
  expect(notification?.text).toContain('Most on it: Kubernetes (420).');
});

test('an alert that could not be evaluated keeps its last figures and fires on', () => {
  const readings = [{ current: 950 }, { current: 960 }, away].map((reading) => [{ ...node, ...reading }, well]);
  const judged = heard(readings);
  const headroom = judged.map(({ transitions }) => transitions.filter(({ rule }) => rule === 'node-headroom'));
  expect(headroom.map((found) => found.map(({ value }) => value))).toEqual([[950], [960], []]);
  expect(Object.keys(judged.at(-1)?.state.alerts ?? {}).some((key) => key.includes('node-headroom'))).toBe(true);
});
