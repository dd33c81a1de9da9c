// Looks between readings: what they begin, what they leave alone, and that both together tell nothing twice.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { type Evaluation, evaluate } from '../../../src/core/detection/evaluate.ts';
import { evaluateNodeCheck, type NodeCheck } from '../../../src/core/detection/node-check.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { Snapshot, SnapshotNode } from '../../../src/core/snapshots/snapshot.ts';
import { dayOf, HOSTS } from './days.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-21T10:00:00Z');

type Told = Partial<Pick<SnapshotNode, 'current' | 'rejected' | 'problem'>>;
const full = (host: string, told: Told): SnapshotNode => ({
  ...{ host, problem: null, role: 'primary', current: 100, limit: 1000, totalCreated: 0, rejected: 0 },
  ...told,
});

function reading(minute: number, told: Told): Snapshot {
  const nodes = [full('a:27017', told)];
  return { cluster: 'prod', at: START + minute * MINUTE, complete: true, problem: null, nodes, sources: [] };
}

function look(minute: number, told: Told): NodeCheck {
  return { cluster: 'prod', at: START + minute * MINUTE, nodes: [full('a:27017', told)], pools: null, reading: null };
}

/** Readings every five minutes, looks at every other one; what was told, with its minute. */
function told(minutes: readonly Told[], isLooked = true): readonly string[] {
  let state: ClusterState | null = null;
  return minutes.flatMap((told, minute) => {
    if (minute % 5 !== 0 && !isLooked) return [];
    const judged: Evaluation =
      minute % 5 === 0
        ? evaluate(state, reading(minute, told), DEFAULT_BOOK)
        : evaluateNodeCheck(state, look(minute, told), DEFAULT_BOOK);
    state = judged.state;
    return judged.notifications.map(({ rule, event, severity }) => `${minute} ${rule} ${event} ${severity}`);
  });
}

const during = (from: number, until: number, told: Told, length = 40): readonly Told[] =>
  Array.from({ length }, (_, minute) => (minute >= from && minute < until ? told : {}));

test('a full node fires within a minute, once, and resolves as late as by readings alone', () => {
  const minutes = during(2, 12, { current: 850 });
  expect(told(minutes)).toEqual(['2 node-headroom firing warning', '22 node-headroom resolved warning']);
  expect(told(minutes, false)).toEqual(['5 node-headroom firing warning', '25 node-headroom resolved warning']);
});

test('connections that a node check found refused do not count again in the next reading', () => {
  const minutes = Array.from({ length: 30 }, (_, minute) => ({ rejected: minute < 3 ? 0 : 7 }));
  expect(told(minutes)).toEqual(['3 rejected firing critical', '14 rejected resolved critical']);
});

test('a restart between node checks counts what was refused since', () => {
  const counts = [5, 5, 2, 2, 2, 0];
  expect(told(counts.map((rejected) => ({ rejected })))).toEqual(['2 rejected firing critical']);
});

test('a reading that started before the last node check counts nothing twice', () => {
  const first = evaluate(null, reading(0, { rejected: 0 }), DEFAULT_BOOK).state;
  const second = evaluateNodeCheck(first, look(6, { rejected: 9 }), DEFAULT_BOOK);
  const third = evaluate(second.state, reading(5, { rejected: 4 }), DEFAULT_BOOK);
  expect(second.notifications).toHaveLength(1);
  expect(third.notifications).toEqual([]);
  expect(evaluateNodeCheck(third.state, look(7, { rejected: 9 }), DEFAULT_BOOK).notifications).toEqual([]);
});

test('a node that a check could not read is left alone', () => {
  const away = { problem: 'timed out', current: null };
  expect(told([{ current: 950 }, away, away, away, away, { current: 950 }])).toEqual([
    '0 node-headroom firing critical',
  ]);
});

test('node checks before the first reading, and older than the last, do not change it', () => {
  const early = evaluateNodeCheck(null, look(0, { current: 950 }), DEFAULT_BOOK);
  expect(early.notifications.map(({ rule }) => rule)).toEqual(['node-headroom']);
  const first = evaluate(early.state, reading(5, { current: 950 }), DEFAULT_BOOK);
  expect(first).toMatchObject({ notifications: [], remarks: [], state: { interval: null, since: START + 5 * MINUTE } });
  expect(evaluateNodeCheck(first.state, look(4, {}), DEFAULT_BOOK).state).toEqual(first.state);
});

test('a node check that finds a full node names the holders of the last reading', () => {
  const rows = [40, 30, 20, 10].map((dormant, index) => {
    const told = { class: null, active: 0, monitors: null, clients: null, apps: [], hosts: [] };
    return { ...told, id: `s${index}`, name: `s${index}`, dormant, nodes: [{ name: 'a:27017', active: 0, dormant }] };
  });
  const { state } = evaluate(null, { ...reading(0, {}), sources: rows }, DEFAULT_BOOK);
  const first = evaluateNodeCheck(state, look(1, { current: 850 }), DEFAULT_BOOK);
  const most = 'Most on it in the last reading: s0 (40), s1 (30) and s2 (20).';
  expect(first.transitions[0]?.notes).toContain(most);
  expect(first.notifications[0]?.text).toContain(most);
  // A reading that tells nothing of sources does not forget them.
  const second = evaluate(first.state, reading(5, { current: 860 }), DEFAULT_BOOK);
  expect(evaluateNodeCheck(second.state, look(6, { current: 870 }), DEFAULT_BOOK).transitions[0]?.notes).toContain(
    most,
  );
});

test('node checks change no other rule', () => {
  const { snapshots } = dayOf(
    {
      days: 1.4,
      shape: (source, at, shape) => {
        if (source === 1 && at > 330 && at < 350) shape.dormant *= 6;
      },
    },
    3,
  );
  const judged = (isLooked: boolean) => {
    let state: ClusterState | null = null;
    return snapshots.flatMap((snapshot) => {
      for (let minute = 1; minute < 5 && isLooked; minute++) {
        const nodes = HOSTS.map((host) => full(host, { rejected: null }));
        const seen = { cluster: 'prod', at: snapshot.at - minute * MINUTE, nodes, pools: null, reading: null };
        state = evaluateNodeCheck(state, seen, DEFAULT_BOOK).state;
      }
      const next = evaluate(state, snapshot, DEFAULT_BOOK);
      state = next.state;
      return next.decisions.filter(({ rule }) => rule !== 'node-headroom' && rule !== 'rejected');
    });
  };
  const decisions = judged(true);
  expect(decisions.some(({ event }) => event === 'firing')).toBe(true);
  expect(JSON.stringify(decisions)).toBe(JSON.stringify(judged(false)));
});
