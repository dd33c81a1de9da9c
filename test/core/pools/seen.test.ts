// What the nodes count for an app, and the sentence that holds it against the reports.

import { expect, test } from 'vitest';
import type { ConnectionGroup, NodeReading } from '../../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../../src/core/connections/report.ts';
import { seenAlone, seenIn, seenInWords } from '../../../src/core/pools/seen.ts';
import type { AppPools } from '../../../src/core/pools/view.ts';
import { readNode } from '../arbitrary.ts';
import { connections } from '../fixtures.ts';
import { client, pool, record, type SampleProcess, viewOf } from './sample.ts';

const heartbeats = (count: number, facts: Partial<ConnectionGroup> = {}) => [
  connections('203.0.113.9:1', { user: null, activity: 'heartbeat', count, ...facts }),
  connections('203.0.113.9:1', { user: null, activity: 'ping', count, ...facts }),
];

function readingOf(nodes: readonly NodeReading[], at = '2026-11-21T10:00:00Z'): ConnectionReport {
  return buildReport({
    reading: { cluster: 'prod', at, tookMs: 12, nodes, leftOut: [], problems: [] },
    accessList: null,
    networks: null,
    labels: [],
    problems: [],
    now: new Date(at),
  });
}

/** One client: ten pooled connections on `a`, and its two heartbeats on each of three nodes. */
const threeNodes = (pooled = 10, at?: string) =>
  readingOf(
    [
      { ...readNode('a:27017'), groups: [connections('203.0.113.9:1', { count: pooled }), ...heartbeats(1)] },
      { ...readNode('b:27017'), groups: heartbeats(1) },
      { ...readNode('c:27017'), groups: heartbeats(1) },
    ],
    at,
  );

function seen(processes: readonly SampleProcess[], reading: ConnectionReport | null = threeNodes(), name = 'billing') {
  const view = viewOf(
    processes.map(record),
    seenIn(() => reading),
  );
  const app = view.apps.find((one) => one.app === name);
  if (app === undefined) throw new Error(`no app ${name}`);
  return { app, seen: app.seen, words: seenInWords(app, view) };
}

const figures = ({ seen: found }: Pick<AppPools, 'seen'>) =>
  found && [found.pooled, found.monitors, found.expectedMonitors];

test('the nodes count an app by the appName of its clients, with the heartbeats that its clients should have', () => {
  const fits = seen([{}]);
  expect(figures(fits)).toEqual([10, 6, 6]);
  expect(fits.words).toBe(
    'The nodes of prod count 10 pooled connections and 6 heartbeats for appName "billing", read 4 s ago. The reports have 10 open, and 6 heartbeats are expected. That fits.',
  );
});

test.each<[string, SampleProcess['driver'], number]>([
  ['Node.js', { name: 'nodejs', version: '7.9.0' }, 6],
  ['Mongoose, whose name stands behind that of Node.js', { name: 'nodejs|Mongoose', version: '6.3.0|8.0.0' }, 6],
  ['PyMongo', { name: 'PyMongo', version: '4.20.1' }, 6],
  ['Go before its second heartbeat', { name: 'mongo-go-driver', version: '1.3.0' }, 3],
  ['a name that people use', { name: 'python', version: '' }, 6],
  ['a driver that nobody knows', { name: 'mine', version: '1' }, 6],
])('heartbeats of %s', (_, driver, expected) => {
  expect(seen([{ ...(driver && { driver }) }]).seen?.expectedMonitors).toBe(expected);
});

test('every client of every process watches each node, whatever pools it has; a hidden node is watched by none', () => {
  const two = [client(), client({ n: 2, pools: [pool({ address: 'b:27017' }), pool({ address: 'a:27017' })] })];
  expect(seen([{ clients: two }, { pid: 2 }]).seen?.expectedMonitors).toBe(18);
  const hidden = readingOf([
    { ...readNode('a:27017'), groups: heartbeats(1) },
    { ...readNode('b:27017'), groups: [], hidden: true },
  ]);
  expect(seen([{}], hidden).seen).toMatchObject({ monitors: 2, expectedMonitors: 2 });
});

test('a server before 4.4 streams no heartbeat, so each client has one', () => {
  const old = readingOf([{ ...readNode('a:27017'), version: '4.2.1', groups: [] }]);
  expect(seen([{}], old).seen?.expectedMonitors).toBe(1);
});

test('more than a report says: processes that do not report, or a leak', () => {
  expect(seen([{}], threeNodes(40)).words).toMatch(
    /The nodes count 30 more\. Likely: processes that do not report, or clients that were never closed \(a leak\)\.$/,
  );
});

test('stale processes are in no figure, and explain what they had open', () => {
  const stale = { host: 'web-8', ageMs: 60_000 };
  const found = seen([{}, stale], threeNodes(20));
  expect(found.seen?.expectedMonitors).toBe(6);
  expect(found.words).toContain('The nodes count 10 more. Likely: 1 stale process with 10 open when last heard, or ');
  expect(seen([stale]).words).toBe('All of its processes are stale, so nothing can be compared.');
});

test('pools that were left out of a report are said to be missing', () => {
  expect(seen([{ left: 7 }], threeNodes(40)).words).toContain('Likely: 7 pools left out of the reports, or ');
});

test('fewer than a report says: processes younger than the reading, an old reading, a proxy', () => {
  const wide = [client({ pools: [pool({ open: 90 })] })];
  expect(seen([{ clients: wide }]).words).toMatch(
    /The nodes count 77 fewer\. Likely: connections go through a proxy\.$/,
  );
  const older = threeNodes(10, '2026-11-21T09:57:00Z');
  expect(seen([{ clients: wide, startedAt: '2026-11-21T09:58:00Z' }], older).words).toMatch(
    /read 3 min ago\. .* Likely: 1 process started after the reading, or pools grew after the reading, or connections go through a proxy\.$/,
  );
});

test.each([
  ['as many', 10, 0, true],
  ['what is being opened may be counted or not', 13, 3, true],
  ['five more change between a reading and a report', 15, 0, true],
  ['six more do not', 16, 0, false],
  ['one of two heartbeats, and five fewer', 2, 0, true],
])('%s', (_, pooled, pending, fits) => {
  const { words } = seen([{ clients: [client({ pools: [pool({ pending })] })] }], threeNodes(pooled));
  expect(words.endsWith('That fits.')).toBe(fits);
});

test('a tenth of many connections changes between a reading and a report', () => {
  const clients = [client({ pools: [pool({ open: 994 })] })];
  const said = (pooled: number) => seen([{ clients }], threeNodes(pooled)).words;
  expect(said(1_094)).toMatch(/That fits\.$/);
  expect(said(1_095)).toMatch(/count 101 more\./);
});

test('clients that poll have one heartbeat on each node: no difference', () => {
  const polling = readingOf(
    ['a', 'b', 'c'].map((name) => ({
      ...readNode(`${name}:27017`),
      groups: [
        ...(name === 'a' ? [connections('203.0.113.9:1', { count: 100 })] : []),
        connections('203.0.113.9:1', { user: null, activity: 'ping', count: 40 }),
      ],
    })),
  );
  const clients = Array.from({ length: 40 }, (_, n) =>
    client({ n, pools: n === 0 ? [pool({ open: 100 })] : [pool({ open: 0 })] }),
  );
  const found = seen([{ clients }], polling);
  expect(figures(found)).toEqual([100, 120, 240]);
  expect(found.words).toMatch(/That fits\.$/);
});

test('without an appName nothing is compared, and the words say what to set', () => {
  const found = seen([{ clients: [client({ appName: null }), client({ n: 2 })] }]);
  expect(found.seen).toBeNull();
  expect(found.words).toBe(
    '1 of its 2 clients has no appName, so the nodes cannot count them as its own. Set appName in the connection string.',
  );
});

test('apps that share one appName are compared together', () => {
  const { words } = seen([{}, { app: 'worker' }], threeNodes(26));
  expect(words).toContain(
    'for appName "billing", which billing and worker share, read 4 s ago. The reports have 20 open, and 12 heartbeats are expected. That fits.',
  );
});

test('an app that shares only some of its appNames is not compared', () => {
  const other = { app: 'worker', clients: [client(), client({ n: 2, appName: 'worker' })] };
  expect(seen([{}, other]).words).toBe(
    'The nodes cannot count it separately: other apps use one of its appNames, too. Give each app its own appName.',
  );
});

test('an appName of another cluster is another one', () => {
  const elsewhere = { app: 'worker', clients: [client({ pools: [pool({ address: 'other:1' })] })] };
  expect(seen([{}, elsewhere]).words).toMatch(/That fits\.$/);
  expect(seen([{}, elsewhere], threeNodes(), 'worker').words).toBe(
    'other:1 belongs to no monitored cluster: no node can be compared, and no alert watches it.',
  );
});

test('a process without any pool, and a cluster without a whole reading', () => {
  expect(seen([{ clients: [] }]).words).toBe('It has no pool yet: nothing can be compared.');
  const none = 'The nodes of prod cannot be compared: there is no reading of all of them yet.';
  expect(seen([{}], null).words).toBe(none);
  const problem = { code: 'timeout', text: 'b timed out.', remedy: '' };
  const partly = readingOf([
    { ...readNode('a:27017'), groups: heartbeats(1) },
    { kind: 'unread', host: 'b:27017', problem },
  ]);
  expect([seen([{}], partly).seen, seen([{}], partly).words]).toEqual([null, none]);
  const { groups: _, threads: __, idleUsersTold: ___, ...totals } = readNode('a:27017');
  expect(seen([{}], readingOf([{ ...totals, kind: 'totals', problem }])).words).toBe(none);
});

test('an app that no node counts is said to have none', () => {
  const found = seen([{}], readingOf([{ ...readNode('a:27017'), groups: [] }]));
  expect(found.words).toContain('count 0 pooled connections and 0 heartbeats');
  expect(found.words).toContain('The nodes count 11 fewer.');
});

test('a count of the nodes is that of one app only when no other app shares its appName', () => {
  const seenOf = () => ({ at: 0, pooled: 26, monitors: 0, expectedMonitors: 0 });
  const alone = (records: readonly SampleProcess[]) => {
    const view = viewOf(records.map(record), seenOf);
    return view.apps.map((app) => seenAlone(app, view));
  };
  expect(alone([{}])).toEqual([26]);
  expect(alone([{}, { app: 'worker' }])).toEqual([null, null]);
  expect(alone([{}, { app: 'worker', clients: [client({ appName: 'worker' })] }])).toEqual([26, 26]);
  expect(alone([{}, { app: 'worker', clients: [client(), client({ n: 2, appName: 'worker' })] }])).toEqual([
    null,
    null,
  ]);
});
