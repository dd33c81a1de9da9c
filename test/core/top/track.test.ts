// From reading to reading: maximum, change, gone rows, order, pace.

import { expect, test } from 'vitest';
import { columnsOf } from '../../../src/core/top/columns.ts';
import { type Ordering, orderedTracks } from '../../../src/core/top/order.ts';
import type { TopRow } from '../../../src/core/top/row.ts';
import { DROPPED_AFTER, pace, type Tracked, track } from '../../../src/core/top/track.ts';

function row(id: string, now: number, more: Partial<TopRow> = {}): TopRow {
  return {
    ...{ id, name: id, now, active: 0, dormant: now, heartbeats: 0, isEstimated: false, at: 0, origin: '', pool: null },
    ...{ clients: { clients: 1 }, opened: null, parts: () => [] },
    ...more,
  };
}

const read = (before: Tracked | null, rows: readonly TopRow[], isWhole = true) => track(before, { rows, isWhole });
const change = columnsOf('source').find(({ key }) => key === 'change');
const figures = ({ tracks }: Tracked) =>
  [...tracks.values()].map((one) => [one.row.id, one.row.now, one.max, change?.value(one)]);

test('the maximum stays, and the change counts from the first reading', () => {
  const first = read(null, [row('a', 5)]);
  const second = read(first, [row('a', 9), row('b', 4)]);
  const third = read(second, [row('a', 3), row('b', 6)]);
  expect(figures(first)).toEqual([['a', 5, 5, 0]]);
  expect(figures(third)).toEqual([
    ['a', 3, 9, -2],
    ['b', 6, 6, 6],
  ]);
});

test('nothing is compared while a node is unread, and the change counts from the first reading of every node', () => {
  const part = read(null, [row('a', 5)], false);
  const whole = read(part, [row('a', 8), row('b', 4)]);
  const later = read(whole, [row('a', 9), row('b', 4), row('c', 1)]);
  expect(figures(part)).toEqual([['a', 5, 5, null]]);
  expect(figures(whole)).toEqual([
    ['a', 8, 8, 0],
    ['b', 4, 4, 0],
  ]);
  expect(figures(later)).toEqual([
    ['a', 9, 9, 1],
    ['b', 4, 4, 0],
    ['c', 1, 1, 1],
  ]);
  expect(figures(read(later, [row('a', 3)], false))).toEqual([
    ['a', 3, 9, null],
    ['b', 4, 4, null],
    ['c', 1, 1, null],
  ]);
});

test('a row that is gone stays for five readings, and comes back with its maximum', () => {
  let tracked = read(null, [row('a', 5), row('b', 1)]);
  for (let missed = 1; missed <= DROPPED_AFTER; missed++) {
    tracked = read(tracked, [row('b', 1)]);
    expect(tracked.tracks.get('a')).toMatchObject({ missed, isAbsent: true, max: 5 });
  }
  expect(figures(read(tracked, [row('a', 2), row('b', 1)]))[0]).toEqual(['a', 2, 5, -3]);
  expect([...read(tracked, [row('b', 1)]).tracks.keys()]).toEqual(['b']);
});

test('a row that is missing while a node is unread is not gone', () => {
  let tracked = read(null, [row('a', 5)]);
  for (let reading = 0; reading < 2 * DROPPED_AFTER; reading++) tracked = read(tracked, [], false);
  expect(tracked.tracks.get('a')).toMatchObject({ missed: 0, isAbsent: true });
});

const BY_NOW: Ordering = {
  ...{ view: 'source', column: 'now', isReversed: false, filter: '', hidesIdle: false, frozen: null },
};
const order = (tracked: Tracked, more: Partial<Ordering> = {}) =>
  orderedTracks(tracked, { ...BY_NOW, ...more }).map(({ row: { id } }) => id);

const some = read(null, [
  row('c', 5),
  row('b', 5, { active: 2, origin: '10.0.0.0/8' }),
  row('a', 5, { clients: null }),
  row('d', 9, { clients: { clients: 30 } }),
]);

test.each<[string, Partial<Ordering>, readonly string[]]>([
  ['the largest first, equal ones by name', {}, ['d', 'a', 'b', 'c']],
  ['reversed, equal ones still by name', { isReversed: true }, ['a', 'b', 'c', 'd']],
  ['names begin with A', { column: 'name' }, ['a', 'b', 'c', 'd']],
  ['unknown figures are last', { column: 'clients' }, ['d', 'b', 'c', 'a']],
  [
    'unknown figures are last in the reversed order, too',
    { column: 'clients', isReversed: true },
    ['b', 'c', 'd', 'a'],
  ],
  ['a column of another view sorts by the first figure', { column: 'waiting' }, ['d', 'a', 'b', 'c']],
  ['a filter finds names and origins', { filter: '10.0' }, ['b']],
  ['idle rows are hidden', { hidesIdle: true }, ['b']],
  ['a frozen order keeps its places, and new rows are last', { frozen: ['c', 'b'] }, ['c', 'b', 'd', 'a']],
])('order: %s', (_, more, expected) => {
  expect(order(some, more)).toEqual(expected);
});

test('$currentOp takes at most 5 % of the time of a node', () => {
  expect(pace({ everyMs: 2_000, busyMs: 100 })).toBe(2_000);
  expect(pace({ everyMs: 2_000, busyMs: 300 })).toBe(6_000);
  expect(pace({ everyMs: 2_000, busyMs: 0 })).toBe(2_000);
});

test('what is unknown is not a zero in any column', () => {
  const unknown = row('a', 3, { active: null, dormant: null, heartbeats: null, clients: null });
  const [one] = read(null, [unknown]).tracks.values();
  if (one === undefined) throw new Error('no row');
  const texts = Object.fromEntries(columnsOf('source').map(({ key, text }) => [key, text(one, 0)]));
  expect(texts).toMatchObject({
    active: '–',
    dormant: '–',
    heartbeats: '–',
    clients: '–',
    'per-client': '–',
    new: '–',
  });
  const [polled] = read(null, [row('a', 3, { clients: { clients: null } })]).tracks.values();
  if (polled === undefined) throw new Error('no row');
  const per = columnsOf('source').find(({ key }) => key === 'per-client');
  expect(per?.text(polled, 0)).toBe('?');
});

test.each<[string, Partial<TopRow>, string, string]>([
  [
    'a lower bound of clients is an upper one per client',
    { clients: { clients: 4, clientsAtLeast: true } },
    'per-client',
    '≤ 2.5',
  ],
  ['an estimate has its mark', { isEstimated: true }, 'dormant', '~10'],
  ['new connections of a source are at least', { opened: { perSecond: 3, isAtLeast: true } }, 'new', '≥ 3'],
  ['a node counts its own', { opened: { perSecond: 0.5, isAtLeast: false } }, 'new', '0.5'],
])('%s', (_, more, key, expected) => {
  const [one] = read(null, [row('a', 10, more)]).tracks.values();
  if (one === undefined) throw new Error('no row');
  expect(
    columnsOf('source')
      .find((column) => column.key === key)
      ?.text(one, 0),
  ).toBe(expected);
});
