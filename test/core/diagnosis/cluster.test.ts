// A whole cluster: ranked by what would be freed, in short steps, and never more than what is held.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runToEnd } from '../../../src/core/base/cooperative.ts';
import { DAY, HOUR } from '../../../src/core/base/duration.ts';
import type { ConnectionReport } from '../../../src/core/connections/report.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { whyInChunks, whyOfCluster, whyOfSource } from '../../../src/core/diagnosis/diagnose.ts';
import { NO_PAST } from '../../../src/core/diagnosis/past.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import {
  baselineOf,
  DRIVERS,
  type Fleet,
  idsOf,
  NODES,
  NOW,
  nodesOpening,
  onlySource,
  pastOf,
  reportOf,
} from './world.ts';

/** Several sources: copies of one under other ids. */
function reportWith(fleets: readonly Fleet[]) {
  const reports = fleets.map((fleet) => reportOf([fleet]));
  const sources = reports.map((report, index) => ({
    ...onlySource(report),
    id: `source-${index}`,
    name: `Service ${index}`,
  }));
  const [first] = reports;
  if (first === undefined) throw new Error('a fleet is expected');
  const past = reports.map((report) => pastOf(report, { active: () => 5 }));
  const histories = Object.fromEntries(
    past.map((one, index) => [`source-${index}`, Object.values(one.sources)[0] ?? never()]),
  );
  return { report: { ...first, sources }, past: { ...NO_PAST, sources: histories, moment: { at: NOW, offset: 0 } } };
}

function never(): never {
  throw new Error('a history is expected');
}

test('the most that would be freed comes first', () => {
  const { report, past } = reportWith([
    { hosts: 3, pooled: [40, 0, 0] },
    { hosts: 20, pooled: [5, 0, 0], app: null },
    { hosts: 8, pooled: [100, 100, 100] },
    { hosts: 12, pooled: [5, 0, 0] },
  ]);
  const { diagnoses, expected } = whyOfCluster(report, past);
  expect(diagnoses.map(({ name, id, wouldFree }) => [name, id, wouldFree?.connections])).toEqual([
    ['Service 2', 'pool-too-large', 760],
    ['Service 0', 'pool-too-large', 105],
    ['Service 1', 'unnamed', undefined],
  ]);
  expect(expected).toBeNull();
});

test('what would be freed is counted on the node nearest to its limit', () => {
  const nodes = [{}, { current: 2_900, available: 100 }, {}];
  const report = reportOf([{ hosts: 8, pooled: [100, 90, 0] }], { nodes });
  const { diagnoses } = whyOfCluster(report, pastOf(report, { active: () => 5 }));
  expect(diagnoses[0]?.wouldFree).toEqual({ node: NODES[1], connections: 680 });
  const elsewhere = reportOf([{ hosts: 8, pooled: [100, 0, 0] }], { nodes });
  const { diagnoses: other } = whyOfCluster(elsewhere, pastOf(elsewhere, { active: () => 5 }));
  expect(other[0]?.wouldFree?.node).toBe(NODES[0]);
});

const drivers = fc.constantFrom(...Object.values(DRIVERS));
const fleets = fc.record({
  driver: drivers,
  hosts: fc.integer({ min: 1, max: 40 }),
  clients: fc.constantFrom(1, 2, 8, 60, 300),
  pooled: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 0, 1, 2, 5, 10, 20, 100))),
  active: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 1, 40, 1_000))),
  app: fc.constantFrom('billing', null, 'Cluster0'),
  watches: fc.constantFrom('stream' as const, 'poll' as const, 'nothing' as const),
});
const courses = fc.record({
  days: fc.constantFrom(0.3, 2, 9),
  before: fc.constantFrom(0, 0.2, 0.6, 1),
  since: fc.constantFrom(1, 5, 30),
  isGradual: fc.boolean(),
  busy: fc.constantFrom(0, 0.05, 0.9),
  elected: fc.constantFrom(null, NODES[0], NODES[1]),
  rate: fc.constantFrom(0, 3, 50),
});

test('no diagnosis frees more than the source holds on that node, and each has evidence, advice and words', () => {
  fc.assert(
    fc.property(fleets, courses, (fleet, told) => {
      const report = reportOf([fleet]);
      const [source] = report.sources;
      if (source === undefined) return;
      const course = (now: number) => (ago: number) => {
        const part = told.isGradual ? Math.min(1, ago / told.since) : ago > told.since ? 1 : 0;
        return Math.round(now * (1 - (1 - told.before) * part));
      };
      const pooled = course(source.active + source.dormant);
      const past = pastOf(
        report,
        {
          ...{ days: told.days, pooled, clients: course(source.clients ?? 0), hostsHeld: told.before },
          active: (ago) => Math.round(told.busy * pooled(ago)),
        },
        {
          elected: told.elected === null ? null : { at: NOW - HOUR / 2, primary: told.elected },
          nodes: nodesOpening([() => told.rate * 1.5, () => told.rate, () => told.rate]),
        },
      );
      const { diagnoses, expected } = whyOfSource(report, source, past);
      expect(new Set(diagnoses.map(({ id }) => id)).size).toBe(diagnoses.length);
      for (const { wouldFree, evidence, advice, title } of diagnoses) {
        const node = source.nodes.find(({ host }) => host === wouldFree?.node);
        const held = node === undefined ? 0 : node.active + node.dormant + node.monitors;
        expect(wouldFree?.connections ?? 0).toBeLessThanOrEqual(held);
        expect(wouldFree?.connections ?? 1).toBeGreaterThan(0);
        expect(evidence.length).toBeGreaterThan(0);
        for (const sentence of [...evidence, advice]) expect(sentence).toMatch(/^\S.*[.]$/);
        expect([...evidence, advice, title, expected?.meaning].join(' ')).not.toMatch(/NaN|Infinity|undefined|null/);
      }
    }),
    { numRuns: 120 },
  );
});

test('2,000 sources are diagnosed in many steps, with the same answer', () => {
  const { report, past } = reportWith([{ hosts: 3, pooled: [40, 0, 0] }]);
  const many: ConnectionReport = {
    ...report,
    sources: Array.from({ length: 2_000 }, (_, index) => ({
      ...(report.sources[0] ?? never()),
      id: `source-${index}`,
    })),
  };
  const sources = Object.fromEntries(many.sources.map(({ id }) => [id, past.sources['source-0'] ?? never()]));
  const steps = whyInChunks(many, { ...past, sources });
  let count = 0;
  let step = steps.next();
  while (step.done !== true) {
    count++;
    step = steps.next();
  }
  expect(count).toBeGreaterThan(200);
  expect(step.value.diagnoses).toHaveLength(2_000);
  expect(runToEnd(whyInChunks(report, past))).toEqual(whyOfCluster(report, past));
});

test('readings of nine days, as the bot takes them: a host that none of them saw active', () => {
  let state: ClusterState | null = null;
  const fleet = (active: number): Fleet => ({ hosts: 3, pooled: [20, 0, 0], active: [active, 0, 0] });
  for (let at = NOW - 9 * DAY; at <= NOW; at += HOUR) {
    // Of 60 connections in the order of the hosts: the third has none, the second one in each reading at night.
    const active = new Date(at).getUTCHours() < 6 ? 30 : 10;
    state = evaluate(state, snapshotOf(reportOf([fleet(active)], { at }), { before: null }), DEFAULT_BOOK).state;
  }
  const report = reportOf([fleet(10)]);
  const past = { ...NO_PAST, sources: state?.sources ?? {}, moment: { at: NOW, offset: 0 } };
  const { diagnoses } = whyOfSource(report, onlySource(report), past);
  expect(idsOf({ diagnoses, expected: null, limits: [] })).toEqual(['idle-host']);
  expect(diagnoses[0]?.evidence[0]).toBe(
    '203.0.113.3 holds 20 connections. It held some at every reading of 9 days, and none was active at any.',
  );
  expect(diagnoses[0]?.wouldFree).toEqual({ node: NODES[0], connections: 20 });
});

test('a level that was accepted is still the one of a burst', () => {
  const report = reportOf([{ hosts: 12, pooled: [20, 0, 0] }]);
  const past = pastOf(report, { pooled: (ago) => (ago > 20 ? 60 : 240), active: () => 2 });
  const [id, history] = Object.entries(past.sources)[0] ?? never();
  // Readings of before are moved to the new level when it is accepted.
  const level = { at: NOW - 20 * HOUR, factors: Array.from({ length: 24 }, () => 241 / 61) };
  const accepted = { ...history, pooled: { ...baselineOf(() => 240, 14), level } };
  const { diagnoses } = whyOfSource(report, onlySource(report), { ...past, sources: { [id]: accepted } });
  expect(diagnoses[0]).toMatchObject({ id: 'no-idle-limit' });
});
