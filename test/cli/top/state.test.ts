// Keys and readings → the state of the screen.

import { expect, test } from 'vitest';
import type { TopState } from '../../../src/cli/top/model.ts';
import { report } from '../sample.ts';
import { after, event, NOW, shownState, startState, twoReadings, updateOf } from './sample.ts';

const names = (state: TopState) => state.rows.map(({ row }) => row.name);
const chosen = (state: TopState) => state.rows[state.selected.index]?.row.name;

test.each<[readonly string[], Partial<Record<keyof TopState['ordering'], unknown>>]>([
  [['a'], { view: 'app' }],
  [['h'], { view: 'host' }],
  [['n'], { view: 'node' }],
  [['u'], { view: 'user' }],
  [['d'], { view: 'driver' }],
  [['t'], { view: 'pools' }],
  [['a', 's'], { view: 'source' }],
  [['right'], { column: 'max' }],
  [['left'], { column: 'name' }],
  [['left', 'left'], { column: 'origin' }],
  [['r'], { isReversed: true }],
  [['r', '<'], { isReversed: false }],
  [['r', 'right'], { column: 'max', isReversed: false }],
  [['left', 'n'], { column: 'name', view: 'node' }],
  [['right', 'right', 't'], { column: 'now', view: 'pools' }],
  [['i'], { hidesIdle: true }],
  [['i', 'i'], { hidesIdle: false }],
  [['/', 'w', 'e'], { filter: 'we' }],
  [['/', 'w', '\t', 'e', 'backspace', 'return'], { filter: 'w' }],
  [['/', 'w', 'return', 'escape'], { filter: '' }],
  [['/', 'q', 'n', 'escape'], { filter: '', view: 'source' }],
  [['?', 'n', 'escape'], { view: 'source' }],
  [['constructor', 'hasOwnProperty', ''], { view: 'source', column: 'now' }],
])('%j', (keys, expected) => {
  const state = after(shownState(), ...keys);
  expect(state.ordering).toMatchObject(expected);
  expect(state.isDone).toBe(false);
});

test('q quits from everywhere but the filter', () => {
  expect(after(shownState(), 'q').isDone).toBe(true);
  expect(after(shownState(), '?', 'q').isDone).toBe(true);
  expect(after(shownState(), 'return', 'q').isDone).toBe(true);
  expect(after(shownState(), '/', 'q').isDone).toBe(false);
});

test('the filter works while it is typed', () => {
  expect(names(after(shownState(), '/', 'w', 'e'))).toEqual(['Web EU']);
  expect(names(after(shownState(), '/', 'z', 'z'))).toEqual([]);
  expect(names(after(shownState(), '/', 'z', 'escape'))).toHaveLength(4);
});

test('+ and - choose the time between readings, within bounds', () => {
  const everyMs = (...keys: readonly string[]) => after(shownState(), ...keys).everyMs;
  expect([everyMs('+'), everyMs('-'), everyMs('-', '-'), everyMs(...'++++++++')]).toEqual([
    5_000, 1_000, 1_000, 60_000,
  ]);
  expect(after(startState({ everyMs: 7_000 }), '+').everyMs).toBe(10_000);
  expect(after(startState({ everyMs: 7_000 }), '-').everyMs).toBe(5_000);
});

test('the selection stays on its row when the order changes', () => {
  const web = after(shownState(), 'down');
  expect(chosen(web)).toBe('Web EU');
  const reversed = after(web, 'r');
  expect(chosen(reversed)).toBe('Web EU');
  expect(reversed.selected.index).not.toBe(web.selected.index);
});

test.each([
  [['down', 'j'], 2],
  [['down', 'j', 'up', 'k'], 0],
  [['up'], 0],
  [['end'], 3],
  [['pagedown'], 3],
  [['end', 'home'], 0],
  [['end', 'pageup'], 0],
  [Array.from({ length: 9 }, () => 'down'), 3],
])('movement %j selects row %i', (keys, index) => {
  expect(after(shownState(), ...keys).selected.index).toBe(index);
});

test('the selected row is in sight on a low terminal', () => {
  const low = event(shownState(), { kind: 'size', size: { columns: 30, rows: 5 } });
  const last = after(low, 'end');
  expect(last.offset).toBeGreaterThan(0);
  expect(last.selected.index).toBe(3);
  expect(after(last, 'home').offset).toBe(0);
});

test('the selection of a row that is dropped goes to its neighbour', () => {
  const etl = after(shownState(), 'down', 'down');
  expect(chosen(etl)).toBe('anyone: app "etl"');
  const last = twoReadings().at(-1);
  if (last === undefined) throw new Error('no reading');
  let state = etl;
  for (let reading = 0; reading < 6; reading++) state = event(state, { kind: 'update', update: updateOf(last) });
  expect(names(state)).not.toContain('anyone: app "etl"');
  expect(chosen(state)).toBe('198.51.100.9');
});

test('while it is paused, readings go on and the screen stays', () => {
  const [first, second] = twoReadings();
  if (first === undefined || second === undefined) throw new Error('no readings');
  const paused = after(event(startState(), { kind: 'update', update: updateOf(first) }), ' ');
  const later = event(paused, { kind: 'update', update: updateOf(second) });
  const billing = (state: TopState) => state.rows[0]?.row.dormant;
  expect([billing(paused), billing(later), billing(after(later, ' '))]).toEqual([412, 412, 500]);
  expect(after(later, ' ').rows[0]?.max).toBe(576);
});

test('a frozen order stays while figures change, and is free again', () => {
  const [first, second] = twoReadings();
  if (first === undefined || second === undefined) throw new Error('no readings');
  const frozen = after(event(startState(), { kind: 'update', update: updateOf(second) }), 'r', 'f');
  const order = names(frozen);
  expect(order[0]).toBe('198.51.100.9');
  const later = event(frozen, { kind: 'update', update: updateOf(first) });
  expect(names(later)).toEqual([...order, 'anyone: app "etl"']);
  expect(names(after(later, 'f'))[1]).toBe('anyone: app "etl"');
  expect(names(after(later, 'left'))).toEqual(['198.51.100.9', 'anyone: app "etl"', 'Billing API', 'Web EU']);
  expect(after(later, 'n').ordering.frozen).toBeNull();
});

test('Enter opens the selected row and Esc goes back', () => {
  const open = after(shownState(), 'down', 'return');
  expect(open.opened?.track.row.name).toBe('Web EU');
  expect(open.opened?.parts.map(({ title }) => title)).toEqual(['app', 'host', 'node', 'driver']);
  expect(after(open, 'end').opened?.offset).toBeGreaterThan(0);
  expect(after(open, 'end', 'home').opened?.offset).toBe(0);
  expect(after(open, 'escape').opened).toBeNull();
  expect(chosen(after(open, 'escape'))).toBe('Web EU');
  expect(after(open, 'n').opened).toBeNull();
  expect(after(startState(), 'return').opened).toBeNull();
});

test('an opened row follows its readings', () => {
  const [first, second] = twoReadings();
  if (first === undefined || second === undefined) throw new Error('no readings');
  const open = after(event(startState(), { kind: 'update', update: updateOf(first) }), 'return');
  const later = event(open, { kind: 'update', update: updateOf(second) });
  expect(later.opened?.track.row.dormant).toBe(500);
  expect(later.opened?.parts[0]?.rows[0]?.dormant).toBe(500);
});

test('a reading without an answer keeps the last rows and its time', () => {
  const shown = shownState();
  const failure = { at: NOW + 4_000, problem: { code: 'x', text: 'Atlas did not answer.', remedy: '' } };
  const dead = report({ nodes: report().nodes.slice(3), sources: [], at: '2026-11-21T10:00:04.000Z' });
  for (const update of [updateOf(dead, { failure }), { ...updateOf(dead), reading: null, failure }]) {
    const state = event(shown, { kind: 'update', update });
    expect(names(state)).toEqual(names(shown));
    expect(state.live.reading?.at).toBe(NOW + 2_000);
    expect(state.live.failure).toEqual(failure);
  }
});
