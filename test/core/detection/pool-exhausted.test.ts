// pool-exhausted: what the processes of an app report from minute to minute, and when that is an alert.

import { describe, expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import { evaluateNodeCheck } from '../../../src/core/detection/node-check.ts';
import { DEFAULT_BOOK, DEFAULT_RULES, type RuleBook } from '../../../src/core/detection/rules.ts';
import { marksOf, type PoolMarks } from '../../../src/core/pools/look.ts';
import type { PoolRecord } from '../../../src/core/pools/report.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { NODE, type Reported, recordOf } from '../pools/reported.ts';
import { sourceOf } from './one-source.ts';

const START = Date.parse('2026-11-21T10:00:30Z');
const MINUTE = 60_000;

/** What a look sees. `null`: the reports could not be read. */
type Seen = readonly Reported[] | null;

interface Around {
  readonly book?: RuleBook;
  /** Connections of the node, of a limit of 1,000; null when it does not answer. */
  readonly current?: number | null;
  readonly reading?: Snapshot;
  /** How long the reports were there before the first look, in minutes. */
  readonly known?: number;
}

interface Course {
  state: ClusterState | null;
  marks: PoolMarks | null;
}

function looked(
  course: Course,
  { minute, seen, since }: { minute: number; seen: Seen; since: number },
  around: Around,
) {
  const { book = DEFAULT_BOOK, current = 300, reading = null } = around;
  const at = START + minute * MINUTE;
  const records = (seen ?? []).map((one): PoolRecord => recordOf(one, at - 2_000));
  const node = { host: NODE, problem: null, current, limit: 1_000, rejected: 0 };
  const pools = seen === null ? null : { at, records, before: course.marks, since };
  const check = { cluster: 'prod', at, nodes: current === null ? [] : [node], pools, reading };
  const found = evaluateNodeCheck(course.state, check, book);
  course.state = found.state;
  if (seen !== null) course.marks = marksOf(records, at);
  return found;
}

/** One look a minute after a quiet one; what was told, with its minute. */
function told(minutes: readonly Seen[], around: Around = {}): readonly string[] {
  const course: Course = { state: null, marks: null };
  const since = START - (around.known ?? 60) * MINUTE;
  return minutes.flatMap((seen, minute) =>
    looked(course, { minute, seen, since }, around).notifications.map(
      ({ event, severity }) => `${minute} ${event} ${severity}`,
    ),
  );
}

function last(minutes: readonly Seen[], around: Around = {}) {
  const course: Course = { state: null, marks: null };
  const found = minutes.map((seen, minute) => looked(course, { minute, seen, since: START - 60 * MINUTE }, around));
  return {
    course,
    transition: found.at(-1)?.transitions.find(({ rule }) => rule === 'pool-exhausted'),
    decisions: found.at(-1)?.decisions ?? [],
  };
}

/** A process whose totals grow from minute to minute. */
const after = (minute: number, { checkouts = 1_000, waitMs = 0, timeouts = 0 }) => ({
  checkouts: minute * checkouts,
  waitMs: minute * waitMs,
  timeouts: minute * timeouts,
});
const FULL = { open: 100, inUse: 100 };
const minutes = (many: number, seen: (minute: number) => Seen) => Array.from({ length: many }, (_, at) => seen(at));
const slow = (minute: number, more: Reported = {}): Reported => ({
  now: { ...FULL, waiting: 9 },
  total: after(minute, { waitMs: 450_000 }),
  ...more,
});
const quiet = (minute: number, more: Reported = {}): Reported => ({ total: after(minute, { waitMs: 3_000 }), ...more });

describe('one look above the line', () => {
  const cases: Record<string, { from: Reported; to: Reported; level: 'above' | 'not above' }> = {
    'a full pool with a mean wait over the line': {
      from: {},
      to: { now: FULL, total: { checkouts: 1_000, waitMs: 101_000 } },
      level: 'above',
    },
    'a full pool at the line': {
      from: {},
      to: { now: FULL, total: { checkouts: 1_000, waitMs: 100_000 } },
      level: 'not above',
    },
    'a full pool whose waits are short, also those that failed': {
      from: {},
      to: { now: FULL, total: { checkouts: 100, failed: 900, waitMs: 90_000 } },
      level: 'not above',
    },
    'a full pool without a wait: it is exactly as large as its use': {
      from: {},
      to: { now: FULL, total: { checkouts: 1_000 } },
      level: 'not above',
    },
    'a long wait in a pool that is not full: connections were opened': {
      from: {},
      to: { now: { inUse: 99 }, total: { checkouts: 1_000, waitMs: 900_000 } },
      level: 'not above',
    },
    'waiting operations alone mean nothing': {
      from: {},
      to: { now: { waiting: 50 }, total: { checkouts: 1 } },
      level: 'not above',
    },
    'some wait and nothing was checked out': {
      from: { total: { checkouts: 7 } },
      to: { now: { waiting: 1 }, total: { checkouts: 7 } },
      level: 'above',
    },
    'a timeout, however full the pool is': { from: {}, to: { total: { timeouts: 1 } }, level: 'above' },
    'timeouts of an hour ago': {
      from: { total: { timeouts: 9 } },
      to: { total: { timeouts: 9, checkouts: 5 } },
      level: 'not above',
    },
    'a full pool without a maximum that is known': {
      from: { max: null },
      to: { max: null, now: FULL, total: { checkouts: 10, waitMs: 90_000 } },
      level: 'not above',
    },
    'a pool without a limit': {
      from: { max: 0 },
      to: { max: 0, now: FULL, total: { checkouts: 10, waitMs: 90_000 } },
      level: 'not above',
    },
    'totals that fell: the base is of something else': {
      from: { total: { checkouts: 9_000 } },
      to: { now: { ...FULL, waiting: 3 }, total: { checkouts: 5, waitMs: 90_000 } },
      level: 'not above',
    },
    'the same report as at the look before': {
      from: { seq: 7, now: { waiting: 1 } },
      to: { seq: 7, now: { waiting: 1 } },
      level: 'not above',
    },
    'a pool that was left out of the report before': {
      from: { left: 3, address: 'other.example:27017' },
      to: { left: 3, total: { timeouts: 9 } },
      level: 'not above',
    },
  };
  const book = {
    ...DEFAULT_BOOK,
    rules: { ...DEFAULT_RULES, 'pool-exhausted': { wait: 100, readings: { needed: 1, of: 1 }, severity: 'warning' } },
  } as const;
  for (const [name, { from, to, level }] of Object.entries(cases)) {
    test(`${name}: ${level}`, () => {
      expect(told([[from], [to]], { book })).toEqual(level === 'above' ? [expect.stringContaining('1 firing')] : []);
    });
  }
});

describe('from look to look', () => {
  /** `s` a minute with slow checkouts from a full pool, `q` a quiet one. */
  const steps = (course: string): readonly Seen[] => {
    let waitMs = 0;
    return [...course].map((step, at) => {
      waitMs += step === 's' ? 450_000 : 3_000;
      return [{ now: step === 's' ? FULL : {}, total: { checkouts: at * 1_000, waitMs } }];
    });
  };

  test('it fires after 2 of 3, and is resolved after ten minutes below the line', () => {
    expect(told(steps('qssqqqqqqqqqqqqqqq'))).toEqual(['2 firing warning', '13 resolved warning']);
    expect(told(steps('qsqsqq'))).toEqual(['3 firing warning']);
    expect(told(steps('qsqqsqqs'))).toEqual([]);
  });

  test('without a base nothing is known: neither at the first look, nor of a process that started anew', () => {
    expect(told([[slow(5)]])).toEqual([]);
    expect(
      told([[slow(5, { id: 'a' })], [slow(6, { id: 'b' })], [slow(7, { id: 'c' })], [slow(8, { id: 'd' })]]),
    ).toEqual([]);
    expect(last([[slow(5, { id: 'a' })], [slow(6, { id: 'b' })]]).decisions.at(-1)).toMatchObject({
      rule: 'pool-exhausted',
      reason: 'there is no report since the look before; not counted',
    });
  });

  test('a new pool of a known process began at zero', () => {
    const at = (address: string, timeouts: number): Reported => ({ address, total: { timeouts, checkouts: 1 } });
    expect(told([[at('other.example:27017', 0)], [at(NODE, 5)], [at(NODE, 9)]])).toEqual(['2 firing critical']);
  });

  test('timeouts are critical, because operations fail', () => {
    const failing = (at: number): Seen => [slow(at, { total: after(at, { waitMs: 450_000, timeouts: 41 }) })];
    expect(told(minutes(3, failing))).toEqual(['2 firing critical']);
    const worse = minutes(6, (at) => (at < 3 ? [slow(at)] : failing(at)));
    expect(told(worse)).toEqual(['2 firing warning', '3 worse critical']);
    expect(last(minutes(3, failing)).transition?.reason).toBe(
      '41 timeouts: these operations failed; 1 full pool with a mean wait above 100 ms',
    );
  });

  test('reports that cannot be read neither fire nor resolve', () => {
    expect(told([...minutes(3, (at) => [slow(at)]), ...minutes(29, () => null)])).toEqual(['2 firing warning']);
    // Nobody takes them any more.
    expect(told([...minutes(3, (at) => [slow(at)]), ...minutes(40, () => null)])).toEqual([
      '2 firing warning',
      '33 resolved warning',
    ]);
  });

  test('stale processes neither fire nor resolve, and one that was full holds the alert of the others', () => {
    const course: Course = { state: null, marks: null };
    const since = START - 60 * MINUTE;
    const look = (minute: number, records: readonly PoolRecord[]) => {
      const at = START + minute * MINUTE;
      const pools = { at, records, before: course.marks, since };
      const found = evaluateNodeCheck(
        course.state,
        { cluster: 'prod', at, nodes: [], pools, reading: null },
        DEFAULT_BOOK,
      );
      course.state = found.state;
      course.marks = marksOf(records, at);
      return found.notifications.map(({ event }) => event);
    };
    course.state = evaluate(null, readingOf(START - MINUTE), DEFAULT_BOOK).state;
    const hung = (at: number) => recordOf(slow(2, { id: 'hung' }), START + Math.min(at, 2) * MINUTE - 2_000);
    const events = minutes(30, () => null).map((_, minute) => {
      const fresh = recordOf(quiet(minute, { id: 'fine' }), START + minute * MINUTE - 2_000);
      const full = minute < 3 ? recordOf(slow(minute, { id: 'hung' }), START + minute * MINUTE - 2_000) : hung(minute);
      return look(minute, minute < 7 ? [fresh, full] : [fresh]);
    });
    expect(events.flatMap((one, minute) => one.map((event) => `${minute} ${event}`))).toEqual([
      '2 firing',
      '17 resolved',
    ]);
  });

  test('an app whose processes are gone ends its alert, once that is certain', () => {
    const gone = [...minutes(3, (at) => [slow(at)]), ...minutes(20, (): Seen => [])];
    expect(told(gone)).toEqual(['2 firing warning', '8 resolved warning']);
    // A bot that just started cannot tell a process that is gone from one that has not reported yet.
    expect(told(gone, { known: -3 })).toEqual(['2 firing warning', '9 resolved warning']);
    const course: Course = { state: null, marks: null };
    const ends = gone.map((seen, minute) => looked(course, { minute, seen, since: 0 }, {}).transitions);
    expect(ends[8]).toMatchObject([{ who: 'billing', ending: 'it no longer reports its pools' }]);
  });

  test('looks that are far apart do not count together', () => {
    const fires = (second: number) => {
      const course: Course = { state: null, marks: null };
      return [1, second].flatMap((minute) => {
        course.marks = marksOf([recordOf(quiet(minute - 1), START + (minute - 1) * MINUTE)], START);
        return looked(course, { minute, seen: [slow(minute)], since: 0 }, {}).notifications;
      }).length;
    };
    expect([fires(15), fires(17)]).toEqual([1, 0]);
  });
});

describe('what belongs to what', () => {
  test('an app of another cluster is not judged', () => {
    expect(told(minutes(4, (at) => [slow(at, { address: 'elsewhere.example:27017' })]))).toEqual([]);
  });

  test('while no node answers, pools are judged with the nodes that are known', () => {
    const course: Course = { state: evaluate(null, readingOf(START - MINUTE), DEFAULT_BOOK).state, marks: null };
    const found = minutes(3, (at) => [slow(at)]).map((seen, minute) =>
      looked(course, { minute, seen, since: 0 }, { current: null }),
    );
    expect(found.at(-1)?.transitions[0]?.evidence?.pools?.cause).toContain('No node said how full it is');
  });

  test('an override names the app, or its source', () => {
    for (const source of ['billing', 'app:billing', 'app:*']) {
      const overrides = [{ source, cluster: null, node: null, rules: { 'pool-exhausted': null } }];
      expect(
        told(
          minutes(4, (at) => [slow(at)]),
          { book: { ...DEFAULT_BOOK, overrides } },
        ),
      ).toEqual([]);
    }
  });

  test('a rule that is turned off ends its alerts', () => {
    const { course } = last(minutes(3, (at) => [slow(at)]));
    const book = { ...DEFAULT_BOOK, rules: { ...DEFAULT_RULES, 'pool-exhausted': null } };
    const found = looked(course, { minute: 3, seen: [slow(3)], since: 0 }, { book });
    expect(found.transitions).toMatchObject([{ event: 'resolved', ending: 'it is judged no more' }]);
  });

  test('readings neither end an alert, nor count for it, nor forget what was counted', () => {
    const { course } = last(minutes(3, (at) => [slow(at)]));
    const key = JSON.stringify(['pool-exhausted', 'app:billing', null]);
    const before = course.state?.alerts[key];
    let state = course.state;
    // The third comes after a gap.
    for (const minute of [5, 10, 40]) {
      const found = evaluate(state, readingOf(START + minute * MINUTE), DEFAULT_BOOK);
      expect(found.transitions).toEqual([]);
      state = found.state;
    }
    expect(before?.firing).toBe(true);
    expect(state?.alerts[key]).toEqual(before);
    expect(Object.keys(state?.sources ?? {})).toEqual(['203.0.113.0/24']);
  });

  test('of a flood of apps the hundred with the most waiting operations are judged', () => {
    const flood = (at: number): Seen =>
      minutes(300, () => null).map((_, index) =>
        slow(at, { id: `p${index}`, app: `app-${index}`, now: { ...FULL, waiting: index } }),
      );
    const { course, decisions } = last([flood(0), flood(1), flood(2)]);
    expect(decisions).toHaveLength(100 + 2);
    expect(Object.keys(course.state?.alerts ?? {})).toHaveLength(100);
    expect(Object.keys(course.state?.alerts ?? {})).toContain(JSON.stringify(['pool-exhausted', 'app:app-299', null]));
  });
});

describe('what the alert says', () => {
  const text = (seen: (at: number) => Seen, around: Around = {}) => {
    const { transition } = last(minutes(3, seen), around);
    return { ...transition, pools: transition?.evidence?.pools };
  };

  test('the app, its processes, their use, the wait and the timeouts', () => {
    const found = text((at) => [
      slow(at, { id: 'a', total: after(at, { waitMs: 450_000, timeouts: 4 }) }),
      slow(at, { id: 'b' }),
      quiet(at, { id: 'c' }),
    ]);
    expect(found.what).toBe(
      '2 of 3 processes wait for connections: 200 of 200 in use, 18 waiting, mean wait 450 ms, 4 timeouts',
    );
    expect(found).toMatchObject({ who: 'billing', source: 'app:billing', node: null, value: 2, app: 'billing' });
    expect(found.pools?.worst.map(({ host }) => host)).toEqual(['host-of-a', 'host-of-b']);
  });

  test('whether the pool is the limit, or the nodes are', () => {
    expect(text((at) => [slow(at)]).pools?.cause).toBe(
      'The pool is the limit, not the server. a is at 30 % of its 1,000 connections.',
    );
    expect(text((at) => [slow(at)]).evidence?.thenFix[0]).toContain('set maxPoolSize=150');
    const full = text((at) => [slow(at)], { current: 910 });
    expect(full.pools?.cause).toBe(
      'The nodes are nearly full, too: a larger pool does not help. a is at 91 % of its 1,000 connections.',
    );
    expect(full.evidence?.thenFix.join(' ')).not.toContain('set maxPoolSize=');
  });

  test('whose connections they are, by the apps of the last reading', () => {
    const of = (id: string, dormant: number, name: string) =>
      sourceOf(id, dormant, { apps: [{ name, active: 0, dormant }] });
    const sources = [of('Small', 10, 'billing-api'), of('Other', 90, 'web'), of('Billing', 40, 'billing-api')];
    const reading = { ...readingOf(START - MINUTE), sources };
    const found = text((at) => [slow(at, { appName: 'billing-api' })], { reading });
    expect(found.pools?.sources?.map(({ name }) => name)).toEqual(['Billing', 'Small']);
    expect(text((at) => [slow(at, { appName: 'billing-api' })]).pools?.sources).toBeUndefined();
  });

  test('pools that are not full cannot open connections', () => {
    const opening = text((at) => [{ now: { inUse: 3, pending: 2, waiting: 8 }, total: after(at, { timeouts: 2 }) }]);
    expect(opening.pools?.cause).toContain('new connections are not opened fast enough. 2 are being opened now.');
  });

  const still = (at: number): Seen => [
    { now: { ...FULL, waiting: 9 }, total: { checkouts: 100, timeouts: at }, appName: 'billing-api' },
  ];

  test('connections that are not returned: in use by the app, idle for the nodes', () => {
    const apps = [{ name: 'billing-api', active: 4, dormant: 96 }];
    const reading = { ...readingOf(START - MINUTE), sources: [sourceOf('Billing', 96, { active: 4, apps })] };
    const leak = text(still, { reading });
    expect(leak.pools?.cause).toBe(
      'Connections are checked out and not returned: cursors or sessions that stay open. 100 connections are in use, and no checkout succeeded in the last 1 min. The nodes counted 4 active of 100 connections of billing at 2026-11-21T09:59:30.000Z. a is at 30 % of its 1,000 connections.',
    );
    expect(leak.pools?.sources).toEqual([{ id: 'Billing', name: 'Billing' }]);
    expect(leak.evidence?.doNow).toEqual(['Restart the process host-of-p1 (pid 4711): that returns the connections.']);
  });

  test('without a reading that says so, slow operations look alike', () => {
    const slowOnes = [{ name: 'billing-api', active: 90, dormant: 10 }];
    for (const reading of [
      undefined,
      { ...readingOf(START - MINUTE), sources: [sourceOf('Billing', 10, { active: 90, apps: slowOnes })] },
      // Too old, of another app, and of a few of its connections.
      {
        ...readingOf(START - 30 * MINUTE),
        sources: [sourceOf('B', 96, { apps: [{ name: 'billing-api', active: 0, dormant: 96 }] })],
      },
      {
        ...readingOf(START - MINUTE),
        sources: [sourceOf('B', 96, { apps: [{ name: 'web', active: 0, dormant: 96 }] })],
      },
      {
        ...readingOf(START - MINUTE),
        sources: [sourceOf('B', 9, { apps: [{ name: 'billing-api', active: 0, dormant: 9 }] })],
      },
    ]) {
      expect(text(still, reading === undefined ? {} : { reading }).pools?.cause).toContain(
        'Either each operation takes that long, or connections are checked out and not returned.',
      );
    }
  });

  test('a driver whose operations wait without end is told its option', () => {
    const fix = (driver: string) => text((at) => [slow(at, { driver })]).evidence?.thenFix.join(' ');
    expect(fix('nodejs')).toContain('Set waitQueueTimeoutMS, so that operations fail');
    expect(fix('PyMongo')).toContain('Set timeoutMS, so that operations fail');
    for (const driver of ['mongo-java-driver|sync', 'mongo-go-driver', 'unheard-of'])
      expect(fix(driver)).not.toContain('without end');
  });
});

describe('a process that is younger than the look before', () => {
  const young = (id: string, more: Reported = {}): Reported => ({
    ...{ id, seq: 9, knownMs: 40_000, total: { checkouts: 500, failed: 500, timeouts: 500 } },
    ...more,
  });

  test('counts from its start: a crash loop fires', () => {
    expect(told([[], [young('p1')], [young('p2')]])).toEqual(['2 firing critical']);
  });

  test.each<[string, Reported]>([
    ['one that reported before the look, but is not in it, is unknown', { knownMs: 90_000 }],
    ['one that reported to nobody before, as before a start of the bot, is unknown', { seq: 900 }],
  ])('%s', (_, more) => {
    expect(told([[], [young('p1', more)], [young('p2', more)]])).toEqual([]);
  });

  test('at the first look nothing is news', () => {
    expect(last([[young('p1')]]).transition).toBeUndefined();
    expect(told([[young('p1')]])).toEqual([]);
  });
});

function readingOf(at: number): Snapshot {
  const node = { host: NODE, problem: null, role: 'primary', current: 300, limit: 1_000, totalCreated: 0, rejected: 0 };
  return {
    cluster: 'prod',
    at,
    complete: true,
    problem: null,
    nodes: [node],
    sources: [sourceOf('203.0.113.0/24', 20)],
  };
}
