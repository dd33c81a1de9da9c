// Reports in memory: which one counts, when a process is gone, and what a flood cannot do.

import { expect, test } from 'vitest';
import { decodePoolReport } from '../../src/core/pools/decode.ts';
import type { PoolReport } from '../../src/core/pools/report.ts';
import { createPoolRecords } from '../../src/store/pool-records.ts';
import { pool, poolReport } from '../http/pools-fixture.ts';

const T0 = Date.parse('2026-11-21T10:00:00Z');
const never = new AbortController().signal;

function reportOf(id: string, more: Parameters<typeof poolReport>[0] = {}): PoolReport {
  const decoded = decodePoolReport(poolReport({ ...more, process: { id, ...more.process } }));
  if (!decoded.ok) throw new Error(decoded.field);
  return decoded.report;
}

function setUp() {
  let at = T0;
  const records = createPoolRecords({ now: () => new Date(at) });
  const ids = async () => (await records.all(never)).map(({ report }) => report.process.id);
  const pass = (ms: number) => {
    at += ms;
  };
  return { records, ids, pass };
}

test('the newest report counts, with the totals of the one before it', async () => {
  const { records, pass } = setUp();
  expect(records.put(reportOf('a', { seq: 1 }))).toBe('taken');
  expect((await records.all(never))[0]).toMatchObject({ at: T0, before: null });
  pass(5_000);
  records.put(reportOf('a', { seq: 2, clients: [{ n: 1, pools: { 'x:1': pool({ checkouts: 90_000 }) } }] }));
  const [record] = await records.all(never);
  expect(record).toMatchObject({
    at: T0 + 5_000,
    firstAt: T0,
    report: { seq: 2 },
    before: { at: T0, pools: { '1 shard-00-00.example.net:27017': { checkouts: 81_233, failed: 0, waitMs: 5_120 } } },
  });
});

test('a report with the same or a lower seq is ignored', async () => {
  const { records, pass } = setUp();
  records.put(reportOf('a', { seq: 5 }));
  pass(1_000);
  expect(records.put(reportOf('a', { seq: 5, clients: [] }))).toBe('taken');
  expect(records.put(reportOf('a', { seq: 4, clients: [] }))).toBe('taken');
  expect(await records.all(never)).toMatchObject([{ at: T0, report: { seq: 5, clients: [{ n: 1 }] } }]);
});

test('an id of another pid or host is a conflict, and the first process goes on', async () => {
  const { records } = setUp();
  records.put(reportOf('a', { seq: 5 }));
  expect(records.put(reportOf('a', { seq: 6, process: { pid: 4712 } }))).toBe('conflict');
  expect(records.put(reportOf('a', { seq: 6, process: { host: 'web-8' } }))).toBe('conflict');
  expect(records.put(reportOf('a', { seq: 6 }))).toBe('taken');
  expect(await records.all(never)).toMatchObject([{ report: { seq: 6, process: { pid: 4711 } } }]);
});

test('a process is gone after five minutes, and its id is free then', async () => {
  const { records, ids, pass } = setUp();
  records.put(reportOf('a'));
  pass(5 * 60_000);
  expect(await ids()).toEqual(['a']);
  pass(1);
  expect(await ids()).toEqual([]);
  expect(records.put(reportOf('a', { seq: 1, process: { pid: 9 } }))).toBe('taken');
  expect(await records.all(never)).toMatchObject([{ before: null, report: { seq: 1 } }]);
});

test('a process that says goodbye is gone at once, and its late report does not bring it back', async () => {
  const { records, ids } = setUp();
  records.put(reportOf('a', { seq: 5 }));
  expect(records.put(reportOf('a', { seq: 7, bye: true }))).toBe('taken');
  expect(records.put(reportOf('a', { seq: 6 }))).toBe('taken');
  expect(await ids()).toEqual([]);
  expect(records.size()).toBe(0);
  // The same process may report again, as after stop() and a new start.
  records.put(reportOf('a', { seq: 8 }));
  expect(await ids()).toEqual(['a']);
});

test('20,000 false processes push out none that is known, and take no more than 10,000 places', async () => {
  const { records, ids, pass } = setUp();
  const real = Array.from({ length: 50 }, (_, index) => `real-${index}`);
  for (const id of real) records.put(reportOf(id, { seq: 1 }));
  const results = Array.from({ length: 20_000 }, (_, index) => records.put(reportOf(`false-${index}`)));
  expect(results.filter((result) => result === 'taken')).toHaveLength(10_000 - real.length);
  expect(results.at(-1)).toBe('full');
  pass(5_000);
  expect(real.map((id) => records.put(reportOf(id, { seq: 2 })))).toEqual(real.map(() => 'taken'));
  expect(await ids()).toHaveLength(10_000);
  expect((await ids()).slice(0).filter((id) => id.startsWith('real'))).toHaveLength(50);
  // When the false ones are gone, there is room again.
  pass(4 * 60_000);
  for (const id of real) records.put(reportOf(id, { seq: 3 }));
  pass(2 * 60_000);
  expect(records.put(reportOf('new'))).toBe('taken');
  expect(records.size()).toBe(51);
});

test('large reports are refused before 10,000 of them fill the memory, and small known ones go on', async () => {
  const { records } = setUp();
  const pools = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${'h'.repeat(150)}${index}:1`, pool()]));
  records.put(reportOf('small', { seq: 1 }));
  const large = Array.from({ length: 1_000 }, (_, index) =>
    records.put(reportOf(`large-${index}`, { clients: [{ n: 1, pools: pools(100) }] })),
  );
  const taken = large.filter((result) => result === 'taken').length;
  // 64 MB in all: some 130 KB for each.
  expect(taken).toBeGreaterThan(300);
  expect(taken).toBeLessThan(700);
  expect(records.put(reportOf('small', { seq: 2 }))).toBe('taken');
  expect(records.put(reportOf('small', { seq: 3, clients: [{ n: 1, pools: pools(100) }] })), 'it grew').toBe('full');
  expect(records.put(reportOf('small', { seq: 4 }))).toBe('taken');
});

test('a process that ended without a goodbye does not stay until a clock that was set back is there again', async () => {
  const { records, ids, pass } = setUp();
  records.put(reportOf('ended'));
  records.put(reportOf('lives', { seq: 17 }));
  pass(-60 * 60_000);
  expect(await ids()).toEqual([]);
  records.put(reportOf('lives', { seq: 18 }));
  expect(await records.all(never)).toMatchObject([{ before: null, report: { seq: 18, process: { id: 'lives' } } }]);
});

test('a clock that is set back or ahead loses reports for one interval at most', async () => {
  const { records, ids, pass } = setUp();
  records.put(reportOf('a', { seq: 1 }));
  pass(-3_600_000);
  expect(records.put(reportOf('a', { seq: 2 }))).toBe('taken');
  expect(await ids()).toEqual(['a']);
  pass(2 * 3_600_000);
  expect(await ids()).toEqual([]);
  records.put(reportOf('a', { seq: 3 }));
  expect(await ids()).toEqual(['a']);
});
