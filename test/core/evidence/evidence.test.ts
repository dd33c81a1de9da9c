// The evidence of alerts: who grew where, who is shut out, what changed, and what later readings do to it.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import { evaluateNodeCheck } from '../../../src/core/detection/node-check.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { type AlertEvidence, mergedEvidence } from '../../../src/core/evidence/evidence.ts';
import type { SnapshotNode, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';
import { DAY, heard, MINUTE, nodeOf, readingOf, START, sourceOf, times } from '../detection/one-source.ts';

const A = 'a.example:27017';
const B = 'b.example:27017';
const END = START + 2 * DAY;

/** Dormant connections on two nodes, of one app and one address. */
function source(id: string, onA: number, onB: number, told: Partial<SnapshotSource> = {}): SnapshotSource {
  const dormant = onA + onB;
  return sourceOf(id, dormant, {
    nodes: [
      { name: A, active: 0, dormant: onA },
      { name: B, active: 0, dormant: onB },
    ],
    apps: [{ name: `${id}-app`, active: 0, dormant }],
    hosts: [{ name: `address of ${id}`, active: 0, dormant }],
    drivers: [{ name: 'nodejs 7.8.0', active: 0, dormant }],
    ...told,
  });
}

const nodes = (current: number, told: Partial<SnapshotNode> = {}) => [
  nodeOf(A, { current, limit: 1_000, role: 'primary', ...told }),
  nodeOf(B, { current: 200, limit: 1_000, role: 'secondary' }),
];
const USUAL = [source('Billing', 60, 40), source('Web', 100, 100), source('Lambda', 30, 10)];
/** Two usual days. */
const history = heard(times(START, END).map((at) => readingOf(at, USUAL, nodes(200))));

const filled = (told: Partial<SnapshotNode> = {}) =>
  heard(
    [readingOf(END, [source('Billing', 860, 40), source('Web', 100, 100), source('Lambda', 2, 1)], nodes(1_000, told))],
    history.state,
  );
const evidenceOf = (transitions: readonly AlertTransition[], rule: string): AlertEvidence => {
  const found = transitions.find((one) => one.rule === rule)?.evidence;
  if (found === null || found === undefined) throw new Error(`no evidence of ${rule}`);
  return found;
};

test('a full node’s alert names the source that grew on it, with its parts, and whom it shuts out', () => {
  const { last } = filled();
  const { culprits, shutOut, hurt, node, readAt, doNow } = evidenceOf(last.transitions, 'node-headroom');
  expect(culprits).toMatchObject([{ source: 'Billing', now: 860, usual: 60, more: 800 }]);
  expect(culprits[0]?.grown.map(({ kind, name, now, more }) => [kind, name, now, more])).toEqual([
    ['app', 'Billing-app', 900, 800],
    ['address', 'address of Billing', 900, 800],
    ['driver', 'nodejs 7.8.0', 900, 800],
    ['node', 'a', 860, 800],
  ]);
  expect(shutOut).toEqual([{ source: 'Lambda', name: 'Lambda', now: 3, usual: 40 }]);
  expect([hurt, readAt]).toEqual([shutOut, END]);
  expect(node).toMatchObject({ host: A, short: 'a', role: 'primary', current: 1_000, limit: 1_000, refused: null });
  expect(doNow).toEqual([
    'Restart or scale down the processes of app "Billing-app" on address of Billing.',
    'If that is not possible, raise the cluster tier to M10: the next with a higher limit, 1,500 connections (as of November 2026).',
  ]);
});

test.each([
  [3_000, 'to M40: the next with a higher limit, 6,000 connections'],
  [4_000, 'to M40: '],
  [128_000, null],
])('of a node with %d connections the remedy names the next tier with more', (limit, told) => {
  const full = [nodeOf(A, { current: limit, limit, role: 'primary' }), nodeOf(B, { current: 200, limit })];
  const { last } = heard([readingOf(END, [source('Billing', 860, 40)], full)], history.state);
  const { doNow } = evidenceOf(last.transitions, 'node-headroom');
  expect(doNow[1]).toEqual(told === null ? undefined : expect.stringContaining(told));
});

test('where the named addresses are not all of the growth, the remedy says that there are others', () => {
  const hosts = [1, 2, 3, 4, 5].map((number) => ({ name: `203.0.113.${number}`, active: 0, dormant: 180 }));
  const many = source('Billing', 860, 40, { hosts });
  const { last } = heard([readingOf(END, [many, source('Web', 100, 100)], nodes(1_000))], history.state);
  expect(evidenceOf(last.transitions, 'node-headroom').doNow[0]).toBe(
    'Restart or scale down the processes of app "Billing-app" on 203.0.113.1, 203.0.113.2, 203.0.113.3 and its other addresses.',
  );
});

test('nobody is shut out while every node has room, and an absent source counts where all nodes were read', () => {
  const fallen = [source('Billing', 60, 40), source('Web', 100, 100)];
  const roomy = heard([readingOf(END, fallen, nodes(900))], history.state).last;
  expect(evidenceOf(roomy.transitions, 'node-headroom').shutOut).toEqual([]);
  const full = heard([readingOf(END, fallen, nodes(995))], history.state).last;
  expect(evidenceOf(full.transitions, 'node-headroom').shutOut).toMatchObject([
    { source: 'Lambda', now: 0, usual: 40 },
  ]);
  const unread = { problem: 'timed out', current: null, limit: null, rejected: null };
  const partial = [...nodes(995).slice(0, 1), nodeOf(B, unread)];
  const half = heard([readingOf(END, [source('Web', 100, 0)], partial)], history.state).last;
  expect(evidenceOf(half.transitions, 'node-headroom').shutOut).toEqual([]);
});

test('a source that is shut out never begins an alert for what it holds elsewhere', () => {
  const threshold = { limit: 5, readings: { needed: 1, of: 1 }, severity: 'warning' } as const;
  const book = { ...DEFAULT_BOOK, rules: { ...DEFAULT_BOOK.rules, 'dormant-threshold': threshold } };
  const reading = (at: number, current: number) =>
    readingOf(at, [source('Billing', 60, 40), source('Lambda', 0, 15)], nodes(current));
  const after = (current: number) =>
    heard(
      [0, 5, 10].map((minute) => reading(END + minute * MINUTE, current)),
      history.state,
      book,
    ).told;
  expect(after(300).some((line) => line.includes('Lambda dormant-threshold'))).toBe(true);
  expect(after(1_000).some((line) => line.includes('Lambda'))).toBe(false);
  expect(after(1_000).some((line) => line.includes('Billing dormant-threshold'))).toBe(true);
});

test('a node check shows the node now, with who grew in the last reading', () => {
  const busy = heard(
    [readingOf(END, [source('Billing', 460, 40), source('Web', 100, 100)], nodes(600))],
    history.state,
  );
  const check = (state: ClusterState, minute: number, current: number, rejected: number) =>
    evaluateNodeCheck(
      state,
      {
        cluster: 'prod',
        at: END + minute * MINUTE,
        nodes: [{ host: A, problem: null, current, limit: 1_000, rejected }],
        pools: null,
        reading: null,
      },
      DEFAULT_BOOK,
    );
  const first = check(busy.state, 1, 800, 0);
  expect(evidenceOf(first.transitions, 'node-headroom')).toMatchObject({
    readAt: END,
    culprits: [{ source: 'Billing', more: 400 }],
    node: { current: 800, perMinute: 200, role: null, at: END + MINUTE, refused: null },
  });
  const second = check(first.state, 2, 1_000, 25);
  expect(evidenceOf(second.transitions, 'rejected').node).toMatchObject({
    perMinute: 200,
    refused: { count: 25, since: END + MINUTE, last: END + 2 * MINUTE },
  });
});

test('refused connections add up over checks, and each check counts once', () => {
  const evidence = (count: number, minute: number): AlertEvidence => ({
    ...{ readAt: null, culprits: [], changed: [], shutOut: [], hurt: [], doNow: [], thenFix: [] },
    node: {
      ...{
        host: A,
        short: 'a',
        role: null,
        current: 1_000,
        limit: 1_000,
        perMinute: null,
        at: START + minute * MINUTE,
      },
      refused: count === 0 ? null : { count, since: START + (minute - 1) * MINUTE, last: START + minute * MINUTE },
    },
  });
  const first = mergedEvidence(null, evidence(25, 2), false);
  const second = mergedEvidence(first, evidence(40, 3), false);
  expect(second?.node?.refused).toEqual({ count: 65, since: START + MINUTE, last: START + 3 * MINUTE });
  expect(mergedEvidence(second, evidence(40, 3), false)?.node?.refused?.count).toBe(65);
  expect(mergedEvidence(second, evidence(0, 4), false)?.node?.refused?.count).toBe(65);
});

test('the timeouts of an app are summed from look to look, and each look counts once', () => {
  const look = (minute: number, timeouts: number): AlertEvidence => ({
    ...{ readAt: null, culprits: [], changed: [], shutOut: [], hurt: [], doNow: [], thenFix: [], node: null },
    pools: {
      ...{ app: 'billing', processes: 2, exhausted: 1, inUse: 5, capacity: 5, waiting: 3, checkouts: 0 },
      ...{ meanWaitMs: null, timeouts, cause: '', worst: [] },
      ...{ at: START + minute * MINUTE, since: START + (minute - 1) * MINUTE },
    },
  });
  const first = mergedEvidence(look(1, 4), look(2, 6), false);
  expect(first?.pools).toMatchObject({ timeouts: 6, whole: { timeouts: 10, since: START } });
  expect(mergedEvidence(first, look(2, 6), false)?.pools?.whole?.timeouts).toBe(10);
  const sources = [{ id: 'billing', name: 'Billing' }];
  const named = first?.pools === undefined ? null : { ...first, pools: { ...first.pools, sources } };
  expect(mergedEvidence(named, look(3, 0), false)?.pools?.sources).toEqual(sources);
  const later = mergedEvidence(first, look(9, 1), false);
  expect(later?.pools).toMatchObject({ timeouts: 1, whole: { timeouts: 11, since: START } });
  expect(mergedEvidence(later, look(10, 0), true)).toBe(later);
});

test('a calm alert keeps who grew, and every alert keeps who was hurt', () => {
  const before = evidenceOf(filled().last.transitions, 'node-headroom');
  const later = heard([readingOf(END + 5 * MINUTE, USUAL, nodes(850))], filled().state).last;
  const now = evidenceOf(later.transitions, 'node-headroom');
  expect([now.culprits, now.shutOut]).toEqual([[], []]);
  const calm = mergedEvidence(before, now, true);
  expect(calm).toMatchObject({ culprits: before.culprits, doNow: before.doNow, shutOut: [], hurt: before.hurt });
  expect(mergedEvidence(before, null, false)).toBe(before);
});

test('who filled a node stays named when it is gone, the node has room, and the alert is not calm yet', () => {
  const before = evidenceOf(filled().last.transitions, 'node-headroom');
  const [worst] = before.culprits;
  const { node } = before;
  if (worst === undefined || node === null) throw new Error('nobody fills the node');
  const later = (source: string, more: number, current: number) => {
    // Of who filled the node, a few are left.
    const culprits = [
      { ...worst, source, name: source, more },
      { ...worst, more: 1 },
    ];
    const now = { ...before, culprits, readAt: END + 5 * MINUTE, node: { ...node, current } };
    return mergedEvidence(before, now, false)?.culprits[0]?.source;
  };
  const [little, room] = [worst.more / 4, node.limit / 4];
  expect(later('Web EU', little, room)).toBe(worst.source);
  expect(later('Web EU', little, node.limit)).toBe('Web EU');
  expect(later('Web EU', worst.more, room)).toBe('Web EU');
  expect(mergedEvidence(before, { ...before, culprits: [{ ...worst, more: little }] }, false)?.culprits[0]?.more).toBe(
    little,
  );
});

test('an older reading never replaces a newer one', () => {
  const newer = { ...evidenceOf(filled().last.transitions, 'node-headroom'), readAt: END + 3 * MINUTE };
  const check = { ...newer, readAt: END, culprits: [], shutOut: [] };
  expect(mergedEvidence(newer, check, false)).toMatchObject({ readAt: END + 3 * MINUTE, culprits: newer.culprits });
});

test('an election, a new driver version and new addresses within the hour are named', () => {
  const moved = source('Billing', 860, 40, {
    drivers: [{ name: 'nodejs 7.9.0', active: 0, dormant: 900 }],
    hosts: [
      { name: 'address of Billing', active: 0, dormant: 450 },
      { name: '203.0.113.77', active: 0, dormant: 450 },
    ],
  });
  const elected = [
    nodeOf(A, { current: 950, limit: 1_000, role: 'secondary' }),
    nodeOf(B, { current: 200, limit: 1_000, role: 'primary' }),
  ];
  const { last } = heard([readingOf(END, [moved, source('Web', 100, 100)], elected)], history.state);
  expect(evidenceOf(last.transitions, 'node-headroom').changed).toEqual([
    `An election made b the primary, seen at ${new Date(END).toISOString()}.`,
    'Billing has a new driver version: nodejs 7.9.0.',
    'Billing connects from a new address: 203.0.113.77.',
  ]);
  expect(evidenceOf(last.transitions, 'node-headroom').doNow).toContain(
    'Roll back the last deploy of app "Billing-app".',
  );
});

test('a source’s alert tells of the source alone, on the node where it grew most', () => {
  const spike = [0, 5].map((minute) =>
    readingOf(
      END + minute * MINUTE,
      [source('Billing', 360, 40), source('Web', 100, 100), source('Lambda', 30, 10)],
      nodes(500),
    ),
  );
  const { last } = heard(spike, history.state);
  expect(evidenceOf(last.transitions, 'dormant-spike')).toMatchObject({
    culprits: [{ source: 'Billing', now: 400, usual: 100, more: 300 }],
    node: { short: 'a', current: 500 },
    shutOut: [],
  });
});

test('before there is a usual, who holds most is named without one', () => {
  const { last } = heard([readingOf(START, [source('Billing', 800, 0), source('Web', 100, 0)], nodes(900))]);
  expect(evidenceOf(last.transitions, 'node-headroom').culprits).toMatchObject([
    { source: 'Billing', now: 800, usual: null, more: 800 },
  ]);
});

test('no node’s alert resolves while its node is at the limit or refuses connections', () => {
  const told = (rows: readonly (readonly [current: number, rejected: number])[]) =>
    heard(
      rows.map(([current, rejected], index) => readingOf(START + index * 5 * MINUTE, [], nodes(current, { rejected }))),
    ).told;
  const full = told([[500, 0], [1_000, 9], ...Array.from({ length: 6 }, () => [1_000, 9] as const)]);
  expect(full.filter((line) => line.includes('resolved'))).toEqual([]);
  const refusing = told([
    [500, 0],
    [950, 9],
    [700, 12],
    [700, 20],
    [700, 30],
    [700, 41],
  ]);
  expect(refusing.filter((line) => line.includes('resolved'))).toEqual([]);
  const free = told([[500, 0], [1_000, 9], ...Array.from({ length: 4 }, () => [500, 9] as const)]);
  expect(free.filter((line) => line.includes('resolved'))).toHaveLength(2);
});
