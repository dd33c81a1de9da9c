// What holds for every history and every rule: said once, with a reason, ended or open, and the same after a restart.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import type { Decision, Notification } from '../../../src/core/detection/findings.ts';
import { DEFAULT_BOOK, DEFAULT_RULES, type RuleBook } from '../../../src/core/detection/rules.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { DAY_READINGS, dayOf, HOSTS, labelOf, onlyNodes, without } from './days.ts';

interface Heard {
  readonly notifications: readonly Notification[];
  readonly decisions: readonly Decision[];
  readonly state: ClusterState | null;
}

function heard(snapshots: readonly Snapshot[], book: RuleBook = DEFAULT_BOOK, from: ClusterState | null = null): Heard {
  let state = from;
  const notifications: Notification[] = [];
  const decisions: Decision[] = [];
  for (const snapshot of snapshots) {
    const judged = evaluate(state, snapshot, book);
    state = judged.state;
    notifications.push(...judged.notifications);
    decisions.push(...judged.decisions);
  }
  return { notifications, decisions, state };
}

/** Two days and a bit in which everything happens at once: steps, lost nodes, gaps, departures. */
const history = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  steps: fc.array(
    fc.record({
      from: fc.integer({ min: 250, max: 600 }),
      length: fc.integer({ min: 1, max: 90 }),
      factor: fc.constantFrom<number[]>(0, 0.3, 2, 4, 9),
    }),
    { maxLength: 4 },
  ),
  unread: fc.double({ min: 0, max: 0.3, noNaN: true }),
  lost: fc.double({ min: 0, max: 0.1, noNaN: true }),
  limit: fc.constantFrom(null, 600, 1200),
  renamed: fc.option(fc.record({ at: fc.integer({ min: 300, max: 560 }), isTold: fc.boolean() })),
});

type Given = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

/** The entry of the steady source was narrowed: the same clients under another id. */
function renamedBy(renamed: Given['renamed'], snapshot: Snapshot, at: number): Snapshot {
  if (renamed === null || at < renamed.at) return snapshot;
  const [from, to] = ['10.40.0.0/16', '10.40.0.0/17'];
  const sources = snapshot.sources.map((source) =>
    source.id === from ? { ...source, id: to, name: 'narrow' } : source,
  );
  const { dormant = 0, active = 0 } = sources.find(({ id }) => id === to) ?? {};
  const moves = at === renamed.at ? [{ from, to, dormant, pooled: active + dormant, hosts: 3 }] : [];
  return { ...snapshot, sources, ...(renamed.isTold && { moves }) };
}

function made({ seed, steps, unread, lost, renamed = null }: Omit<Given, 'limit' | 'renamed'> & Partial<Given>) {
  return dayOf(
    {
      days: 2.2,
      shape: (_, at, shape) => {
        for (const { from, length, factor } of steps) if (at >= from && at < from + length) shape.dormant *= factor;
      },
      snapshot: (whole, at, random) => {
        if (random() < lost) return null;
        const read = random() < unread ? without(whole, HOSTS[Math.floor(random() * 3)] ?? '') : whole;
        const left = random() < lost ? { ...read, sources: read.sources.slice(1) } : read;
        return renamedBy(renamed, left, at);
      },
    },
    seed,
  ).snapshots;
}

const bookOf = (limit: number | null): RuleBook => ({
  rules: {
    ...DEFAULT_RULES,
    'dormant-threshold': limit === null ? null : { limit, readings: { needed: 2, of: 3 }, severity: 'warning' },
  },
  overrides: [],
});

test('a replayed history gives the same notifications in order, wherever it is cut', () => {
  let firings = 0;
  fc.assert(
    fc.property(history, fc.double({ min: 0, max: 1, noNaN: true }), (given, where) => {
      const snapshots = made(given);
      const book = bookOf(given.limit);
      const once = heard(snapshots, book);
      const open = new Map<string, string>();
      for (const { rule, source, node, event } of once.notifications) {
        const key = JSON.stringify([rule, source, node]);
        if (event === 'firing') firings++;
        expect(event === 'firing').toBe(!open.has(key));
        if (event === 'resolved') open.delete(key);
        else open.set(key, event);
      }
      const stillFiring = Object.entries(once.state?.alerts ?? {}).filter(([, alert]) => alert.firing);
      expect(stillFiring.map(([key]) => key).toSorted()).toEqual([...open.keys()].toSorted());
      expect(once.decisions.filter(({ reason }) => reason === '')).toEqual([]);
      const told = once.decisions.filter(({ event }) => event !== null);
      expect(told.map(({ rule, event }) => [rule, event])).toEqual(
        once.notifications.map(({ rule, event }) => [rule, event]),
      );
      expect(told.filter(({ event, firing }) => firing === (event === 'resolved'))).toEqual([]);

      const cut = Math.floor(where * snapshots.length);
      const before = heard(snapshots.slice(0, cut), book);
      const saved: ClusterState | null = structuredClone(before.state);
      const after = heard(snapshots.slice(cut), book, saved);
      expect(JSON.stringify([...before.notifications, ...after.notifications])).toBe(
        JSON.stringify(once.notifications),
      );
    }),
    { numRuns: 12, seed: 6 },
  );
  expect(firings).toBeGreaterThan(10);
});

test('with every rule off there are no notifications', () => {
  const off = {
    'dormant-spike': null,
    'pooled-spike': null,
    'dormant-threshold': null,
    'node-headroom': null,
    rejected: null,
  };
  const rest = { churn: null, clients: null, 'new-source': null, unreadable: null };
  const book = { rules: { ...DEFAULT_RULES, ...off, ...rest }, overrides: [] };
  const snapshots = made({ seed: 1, steps: [{ from: 400, length: 40, factor: 9 }], unread: 0.3, lost: 0 });
  expect(heard(snapshots, book).notifications).toEqual([]);
  expect(heard(snapshots).notifications).not.toEqual([]);
});

test('an override by glob applies to its source alone', () => {
  const snapshots = made({ seed: 1, steps: [{ from: 400, length: 40, factor: 6 }], unread: 0, lost: 0 });
  const spiking = (book: RuleBook) =>
    new Set(
      heard(snapshots, book)
        .notifications.filter(({ rule }) => rule === 'dormant-spike')
        .map(({ source }) => source),
    );
  const none = { source: '10.40.*', cluster: null, node: null, rules: { 'dormant-spike': null } };
  expect(spiking(DEFAULT_BOOK)).toEqual(new Set(['203.0.113.0/26', '10.40.0.0/16']));
  expect(spiking({ ...DEFAULT_BOOK, overrides: [none] })).toEqual(new Set(['203.0.113.0/26']));
});

test('an incomplete reading neither resolves an alert nor counts towards it', () => {
  const spike = labelOf(1, 400, 430);
  const snapshots = dayOf(
    {
      days: 2,
      shape: (source, at, shape) => {
        if (source === 1 && at >= spike.from && at < spike.until) shape.dormant *= 4;
      },
      snapshot: (whole, at) => (at >= 425 && at < 450 ? without(whole, HOSTS[1] ?? '') : whole),
    },
    3,
  ).snapshots;
  const events = heard(snapshots).notifications.filter(({ source }) => source === spike.source);
  expect(events.map(({ event }) => event)).toEqual(['firing', 'resolved']);
  expect(Date.parse(events[1]?.at ?? '')).toBeGreaterThanOrEqual(snapshots[450]?.at ?? 0);
});

test('a level that lasts becomes the usual, and the end of the alert says so', () => {
  const at = 8 * DAY_READINGS;
  const kind = {
    days: 12,
    shape: (source: number, now: number, shape: { dormant: number }) => {
      if (source === 1 && now >= at) shape.dormant *= 3;
    },
  };
  const events = heard(dayOf(kind, 5).snapshots).notifications.filter(
    ({ rule, source }) => rule === 'dormant-spike' && source === '10.40.0.0/16',
  );
  expect(events.at(0)?.event).toBe('firing');
  expect(events.at(-1)?.event).toBe('resolved');
  expect(events.at(-1)?.text).toContain('are the new usual');
  expect(events.filter(({ event }) => event === 'firing')).toHaveLength(1);
});

test('a source that takes over the clients of another continues its history', () => {
  const renamed = (snapshot: Snapshot, at: number): Snapshot => {
    const sources = snapshot.sources.map((source) => ({
      ...source,
      id: source.id === '10.40.0.0/16' && at >= 400 ? '10.40.0.0/17' : source.id,
      hosts: [{ name: `host of ${source.clients}`, active: source.active, dormant: source.dormant }],
    }));
    return { ...snapshot, sources };
  };
  const stranger = (snapshot: Snapshot, at: number): Snapshot => {
    const named = renamed(snapshot, at);
    return {
      ...named,
      sources: named.sources.map((source) =>
        source.id === '10.40.0.0/17' ? { ...source, hosts: [{ name: 'other', active: 0, dormant: 1 }] } : source,
      ),
    };
  };
  const told = (snapshot: typeof renamed) =>
    heard(dayOf({ days: 2, snapshot }, 4).snapshots)
      .notifications.filter(({ event }) => event === 'firing')
      .map(({ rule, source }) => `${rule} ${source}`);
  expect(told(renamed)).toEqual([]);
  expect(told(stranger)).toEqual(['new-source 10.40.0.0/17']);
});

test('the state does not grow with the history', () => {
  const oneNode = { snapshot: (whole: Snapshot) => onlyNodes(whole, (host) => host === HOSTS[0]) };
  const { snapshots } = dayOf({ days: 40, ...oneNode }, 2, 30);
  const readings = DAY_READINGS / 6;
  const after30 = heard(snapshots.slice(0, 30 * readings)).state;
  const after40 = heard(snapshots.slice(30 * readings), DEFAULT_BOOK, after30).state;
  const size = (state: ClusterState | null) => JSON.stringify(state).split(',').length;
  expect(size(after40)).toBe(size(after30));
  const days = Object.values(after40?.sources ?? {}).flatMap(({ dormant, pooled, clients }) =>
    [dormant, pooled, clients].map((baseline) => baseline?.memory.length),
  );
  expect(new Set(days)).toEqual(new Set([29]));
});
