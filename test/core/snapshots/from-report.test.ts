// The snapshot of a report, and its line: nothing that is kept is lost on the way to a file and back.

import { expect, test } from 'vitest';
import type { Problem } from '../../../src/core/base/problem.ts';
import { ACCESS_LIST_MISSING, NAMES_UNKNOWN } from '../../../src/core/connections/access-list.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import { encodeSnapshot, failedSnapshot, holdersOf, snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { decodeSnapshot, type Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { accessListEntry, fc, nodeRead, readNode } from '../arbitrary.ts';
import { connections, now, range, reportOn } from '../fixtures.ts';

const again = (snapshot: Snapshot) => decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(snapshot))));
const problem = { code: 'timeout', text: 'b:27017 did not answer in time.', remedy: 'Look.' };

const nodes = fc.tuple(nodeRead('a:27017'), fc.option(nodeRead('b:27017')));
const list = fc.array(accessListEntry, { maxLength: 5 });
type Nodes = typeof nodes extends fc.Arbitrary<infer Value> ? Value : never;
type List = typeof list extends fc.Arbitrary<infer Value> ? Value : never;

function reportOf([one, other]: Nodes, entries: List): ConnectionReport {
  const at = now.toISOString();
  return buildReport({
    reading: {
      ...{ cluster: 'prod', at, tookMs: 3, leftOut: [], problems: [] },
      nodes: [one, other ?? { kind: 'unread', host: 'b:27017', problem }],
    },
    accessList: { entries, complete: true, readAt: at, problems: [] },
    ...{ networks: null, labels: [], problems: [], now },
  });
}

test('an encoded snapshot decodes to itself', () => {
  let moving = 0;
  fc.assert(
    fc.property(nodes, nodes, list, list, (then, since, old, young) => {
      const before = holdersOf(reportOf(then, old));
      const snapshot = snapshotOf(reportOf([since[0], then[0]], young), { before });
      if (snapshot.moves !== undefined) moving++;
      expect(again(snapshot)).toEqual({ snapshot });
    }),
    { seed: 4, numRuns: 60 },
  );
  expect(moving).toBeGreaterThan(5);
});

test('the sums of the report are those of its snapshot, whatever is cut off', () => {
  fc.assert(
    fc.property(nodes, list, (read, entries) => {
      const given = reportOf(read, entries);
      const { sources } = snapshotOf(given, { before: null });
      const sum = (key: 'active' | 'dormant') => sources.reduce((all, source) => all + source[key], 0);
      expect([sum('active'), sum('dormant')]).toEqual([given.totals.active, given.totals.dormant]);
      for (const { nodes: rows, dormant } of sources)
        expect(rows.reduce((all, node) => all + node.dormant, 0)).toBe(dormant);
    }),
    { seed: 5, numRuns: 40 },
  );
});

test('a reading without an access list stores no source under a temporary name', () => {
  const groups = [connections('203.0.113.7', { count: 40 })];
  const reading = {
    cluster: 'prod',
    at: now.toISOString(),
    tookMs: 3,
    leftOut: [],
    problems: [],
    nodes: [{ ...readNode('a:27017'), groups }],
  };
  const of = (problems: readonly Problem[]) =>
    buildReport({ reading, accessList: null, networks: null, labels: [], problems, now });
  const untold = of([NAMES_UNKNOWN]);
  const { complete, sources, nodes: kept } = snapshotOf(untold, { before: holdersOf(untold) });
  expect(again(snapshotOf(untold, { before: null }))).toMatchObject({ snapshot: { untold: true, sources: [] } });
  expect({ complete, sources, kept: kept.map(({ problem: why }) => why) }).toEqual({
    complete: false,
    sources: [],
    kept: [null],
  });
  const byChoice = snapshotOf(of([{ ...NAMES_UNKNOWN, code: ACCESS_LIST_MISSING }]), { before: null });
  expect([byChoice.complete, byChoice.sources.length]).toEqual([true, 1]);
});

test('the five largest hosts are kept by what they hold, not by their heartbeats', () => {
  const groups = Array.from({ length: 7 }, (_, index) => connections(`203.0.113.${index}`, { count: index + 1 }));
  const monitor = connections('203.0.113.0', { activity: 'heartbeat', count: 90 });
  const { sources } = snapshotOf(reportOn({ groups: [...groups, monitor], entries: [range('203.0.113.0/24')] }), {
    before: null,
  });
  expect(sources[0]?.hosts.map(({ name, dormant }) => `${name}: ${dormant}`)).toEqual([
    '203.0.113.6: 7',
    '203.0.113.5: 6',
    '203.0.113.4: 5',
    '203.0.113.3: 4',
    '203.0.113.2: 3',
  ]);
  expect(sources[0]?.monitors).toBe(90);
});

test('an extra reading says so in its line, and no other reading does', () => {
  const snapshot = snapshotOf(reportOn({ groups: [connections('203.0.113.7')] }), { before: null });
  expect(again({ ...snapshot, extra: true })).toMatchObject({ snapshot: { extra: true } });
  expect(JSON.stringify([encodeSnapshot(snapshot), again(snapshot)])).not.toContain('extra');
});

test('connections opened since the reading before are in the line of a source, where they are known', () => {
  const group = {
    ...{ client: '203.0.113.9', app: 'etl', driver: null, user: 'app@admin' },
    activity: 'idle' as const,
  };
  const groups = [{ ...group, count: 9, opened: 7 }];
  const read = (openedWithin: { readonly openedWithin?: number }) =>
    snapshotOf(reportOf([{ ...readNode('a:27017'), ...openedWithin, groups }, readNode('b:27017')], []), {
      before: null,
    });
  // The second node has no earlier reading.
  expect(read({ openedWithin: 300 }).sources.map(({ opened }) => opened)).toEqual([undefined]);
  const both = snapshotOf(
    reportOf(
      [
        { ...readNode('a:27017'), openedWithin: 300, groups },
        { ...readNode('b:27017'), openedWithin: 300, groups },
      ],
      [],
    ),
    { before: null },
  );
  expect(both.sources.map(({ opened }) => opened)).toEqual([{ count: 14, seconds: 300 }]);
  expect(again(both)).toEqual({ snapshot: both });
});

test('an unusable time is told with its place', () => {
  const line = { cluster: 'prod', at: '2026-11-21T10:00:00Z', complete: true, nodes: [] };
  const source = { id: 'a', name: 'a', active: 1, dormant: 0, opened: { count: 1, seconds: 0 } };
  expect(decodeSnapshot({ ...line, sources: [source] })).toEqual({
    expected: 'sources[0].opened.seconds: a number above 0',
  });
});

test('unknown figures are left out of the line', () => {
  const line = encodeSnapshot(
    snapshotOf(reportOn({ groups: [connections('203.0.113.7', { driver: null })] }), { before: null }),
  );
  expect(Object.keys(line)).toEqual(['cluster', 'at', 'complete', 'nodes', 'sources']);
  expect(JSON.stringify(line)).not.toContain('"clients"');
});

test('what was usual is in the line of a source; whatever stands there, a reader ignores it', () => {
  const snapshot = snapshotOf(reportOn({ groups: [connections('203.0.113.7')] }), { before: null });
  const usual = { dormant: 61, pooled: 65 };
  const sources = snapshot.sources.map((source) => ({ ...source, usual }));
  const line = JSON.stringify(encodeSnapshot({ ...snapshot, sources, absent: [{ id: 'gone', usual }] }));
  expect(line).toMatch(/,"usual":\{"dormant":61,"pooled":65\}\}\]\}$/);
  for (const written of ['{"dormant":61,"pooled":65}', '61.5', 'null'])
    expect(decodeSnapshot(JSON.parse(line.replace('{"dormant":61,"pooled":65}', written)))).toEqual({ snapshot });
});

test('a failed reading has its reason', () => {
  const at = now.getTime();
  const nothing = failedSnapshot({ cluster: 'prod', at, problem: 'Atlas did not answer.' });
  expect(again(nothing)).toEqual({ snapshot: nothing });
  const remedied = failedSnapshot({ cluster: 'prod', at, problem: 'Atlas did not answer.', remedy: 'Ask again.' });
  expect(remedied).toEqual({ ...nothing, remedy: 'Ask again.' });
  expect(again(remedied)).toEqual({ snapshot: remedied });
  const reading = { cluster: 'prod', at: now.toISOString(), tookMs: 1, nodes: [], leftOut: [], problems: [problem] };
  const empty = buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now });
  expect(snapshotOf(empty, { before: null })).toMatchObject({
    ...{ complete: false, problem: problem.text, remedy: problem.remedy, sources: [] },
  });
});

test('a node with totals only makes the reading incomplete', () => {
  const totals = { ...readNode('a:27017'), kind: 'totals', problem } as const;
  const reading = {
    ...{ cluster: 'free', at: now.toISOString(), tookMs: 1, leftOut: [], problems: [] },
    nodes: [totals],
  };
  const shared = buildReport({ reading, accessList: null, networks: null, labels: [], problems: [], now });
  const snapshot = snapshotOf(shared, { before: null });
  expect(snapshot).toMatchObject({
    complete: false,
    problem: null,
    sources: [],
    nodes: [{ current: 10, limit: 1000 }],
  });
});
