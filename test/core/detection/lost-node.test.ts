// A node that nobody can read: after a day the rest is the whole, and what happens there is told.

import { expect, test } from 'vitest';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { DAY, HOUR, heard, MINUTE, nodeOf, readingOf, START, sourceOf, times, valuesOf } from './one-source.ts';

const HOSTS = ['a:27017', 'b:27017', 'c:27017'];
const LOST = { problem: 'no route', role: null, current: null, limit: null, totalCreated: null, rejected: null };

function reading(at: number, each: number, away: readonly string[]) {
  const read = HOSTS.filter((host) => !away.includes(host));
  const nodes = HOSTS.map((host) => nodeOf(host, away.includes(host) ? LOST : {}));
  const rows = read.map((name) => ({ name, active: 0, dormant: each }));
  return readingOf(at, [sourceOf('s', each * read.length, { nodes: rows })], nodes);
}

const spikes = ({ told }: { readonly told: readonly string[] }) => told.filter((line) => !line.includes('unreadable'));
const learned = ({ sources: { s } }: ClusterState) => (s === undefined ? 0 : valuesOf(s.dormant).length);

test.each([
  ['from the first day', 0],
  ['since the third day', 3 * DAY],
])('a node that is not read %s keeps no spike of the others quiet', (_, since) => {
  const until = START + 7 * DAY;
  const away = (at: number) => (at >= START + since ? ['c:27017'] : []);
  const calm = heard(times(START, until).map((at) => reading(at, 40, away(at))));
  expect(spikes(calm)).toEqual([]);
  expect(calm.last.remarks).toContain('not read for more than a day: c:27017; the rest is judged as the whole');
  expect(learned(calm.state)).toBeGreaterThanOrEqual(6 * 288);
  const spike = heard(
    times(until, until + 15 * MINUTE).map((at) => reading(at, 400, away(at))),
    calm.state,
  );
  expect(spikes(spike)).toEqual(['2026-10-12T00:05 s dormant-spike firing']);
});

test('a node that comes back is like a new node, and counts after a day', () => {
  const away = heard(times(START, START + 4 * DAY).map((at) => reading(at, 40, ['c:27017'])));
  const back = heard(
    times(START + 4 * DAY, START + 6 * DAY).map((at) => reading(at, 40, [])),
    away.state,
  );
  expect(spikes(back)).toEqual([]);
  expect(back.last.remarks).toEqual([]);
  expect(back.state.sources['s']?.shares['c:27017']?.state).toBe('known');
});

test('nothing is learned for a day, or while no node is read', () => {
  const short = heard(times(START, START + 23 * HOUR).map((at) => reading(at, 40, ['c:27017'])));
  expect(learned(short.state)).toBe(0);
  const none = heard(times(START, START + 3 * DAY, HOUR).map((at) => reading(at, 40, HOSTS)));
  expect(learned(none.state)).toBe(0);
  expect(none.last.remarks.filter((remark) => remark.includes('the whole'))).toEqual([]);
});

test('a node that is unread for weeks stays unread', () => {
  const { last } = heard(times(START, START + 38 * DAY, HOUR).map((at) => reading(at, 40, ['c:27017'])));
  expect(last.remarks).toContain('not read for more than a day: c:27017; the rest is judged as the whole');
});

test('without an access list the other nodes make no complete reading, so that no alert resolves', () => {
  const until = START + 7 * DAY;
  const away = ['c:27017'];
  const spike = heard([
    ...times(START, until).map((at) => reading(at, 40, away)),
    ...times(until, until + 15 * MINUTE).map((at) => reading(at, 400, away)),
  ]);
  expect(spikes(spike)).toEqual(['2026-10-12T00:05 s dormant-spike firing']);
  const nodes = HOSTS.map((host) => nodeOf(host, away.includes(host) ? LOST : {}));
  const untold = times(until + 15 * MINUTE, until + 60 * MINUTE).map((at) => ({
    ...readingOf(at, [], nodes),
    complete: false,
    untold: true as const,
  }));
  const after = heard(untold, spike.state);
  expect(spikes(after)).toEqual([]);
  expect(after.state.sources['s']?.last.dormant).toBe(800);
  const gone = heard(
    untold.map(({ untold: _, ...none }) => none),
    spike.state,
  );
  expect(spikes(gone), 'really nobody').toHaveLength(1);
});

test('sources in the first reading with sources are not new, however late it is', () => {
  const nodes = HOSTS.map((host) => nodeOf(host, {}));
  const untold = times(START, START + 2 * DAY).map((at) => ({ ...readingOf(at, [], nodes), complete: false }));
  const first = heard([...untold, ...times(START + 2 * DAY, START + 2 * DAY + HOUR).map((at) => reading(at, 40, []))]);
  expect(first.told).toEqual([]);
});
