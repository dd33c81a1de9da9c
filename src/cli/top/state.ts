// Keys, readings, ticks and sizes → the next state of the screen. Pure.

import type { TopUpdate } from '../../app/commands/types.ts';
import { columnsOf } from '../../core/top/columns.ts';
import { type Ordering, orderedTracks, sortColumn } from '../../core/top/order.ts';
import { CLUSTER_VIEWS, isAnswered, type TopView, unreadNodes } from '../../core/top/row.ts';
import { track } from '../../core/top/track.ts';
import { partsHeight } from './detail.ts';
import { bodyRows } from './heights.ts';
import { type Size, shownReadings, type TopReadings, type TopState } from './model.ts';

export type TopEvent =
  | { readonly kind: 'update'; readonly update: TopUpdate }
  /** A character, or the name of a key: `up`, `pagedown`, `return`, `escape`, … */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'size'; readonly size: Size }
  | { readonly kind: 'tick' };

export interface TopStart {
  readonly cluster: string;
  readonly isFromStore: boolean;
  readonly view: TopView;
  readonly filter: string;
  readonly everyMs: number;
  readonly size: Size;
  readonly now: number;
}

export function startOf({ view, filter, ...start }: TopStart): TopState {
  const none = { source: null, app: null, host: null, node: null, user: null, driver: null, pools: null };
  const live = { reading: null, failure: null, most: null, tracked: none, poolsProblem: null, busyMs: 0 };
  return {
    ...start,
    ...{ live, paused: null, isTyping: false, isHelp: false, opened: null, offset: 0, rows: [], isDone: false },
    ordering: { view, column: 'now', isReversed: false, filter, hidesIdle: false, frozen: null },
    selected: { id: null, index: 0 },
  };
}

export function nextState(state: TopState, event: TopEvent, now: number): TopState {
  return settled(changed({ ...state, now }, event));
}

function changed(state: TopState, event: TopEvent): TopState {
  switch (event.kind) {
    case 'update':
      return { ...state, cluster: event.update.cluster, live: withUpdate(state.live, event.update) };
    case 'size':
      return { ...state, size: event.size };
    case 'tick':
      return state;
    case 'key':
      return state.isTyping ? typed(state, event.key) : pressed(state, event.key);
  }
}

// TopReadings.

/** A reading without an answer changes no row: the last figures stay, with their age. */
function withUpdate(before: TopReadings, update: TopUpdate): TopReadings {
  const { reading, failure, pools, busyMs } = update;
  const poolRows = pools.rows === null ? {} : { pools: track(before.tracked.pools, { rows: pools.rows, unread: [] }) };
  const next = {
    ...before,
    ...{ failure, busyMs, poolsProblem: pools.problem },
    tracked: { ...before.tracked, ...poolRows },
  };
  if (reading === null) return next;
  if (!isAnswered(reading)) return { ...next, reading: before.reading ?? reading };
  const unread = unreadNodes(reading);
  const tracks = CLUSTER_VIEWS.map((view) => {
    return [view, track(before.tracked[view], { rows: reading.rows[view], unread })] as const;
  });
  const open = reading.totals.connections;
  return {
    ...next,
    reading,
    most: open === null ? before.most : Math.max(before.most ?? 0, open),
    tracked: { ...next.tracked, ...Object.fromEntries(tracks) },
  };
}

// Keys.

const VIEWS: Readonly<Record<string, TopView>> = {
  ...{ s: 'source', a: 'app', h: 'host', n: 'node', u: 'user', d: 'driver', t: 'pools' },
};

/** Refreshes in milliseconds. */
const PACES = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** The movement of the selection; null for another key. `end` is as far as it goes. */
function movement(key: string, page: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ...{ up: -1, k: -1, down: 1, j: 1, pageup: -page, pagedown: page },
    ...{ home: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY },
  };
  return Object.hasOwn(moves, key) ? (moves[key] ?? null) : null;
}

function pressed(state: TopState, key: string): TopState {
  if (key === 'q') return { ...state, isDone: true };
  if (key === '?') return { ...state, isHelp: !state.isHelp };
  if (state.isHelp) return key === 'escape' ? { ...state, isHelp: false } : state;
  const view = Object.hasOwn(VIEWS, key) ? VIEWS[key] : undefined;
  if (view !== undefined) return withView(state, view);
  const move = movement(key, Math.max(1, bodyRows(state) - 1));
  if (move !== null) return moved(state, move);
  const { ordering } = state;
  switch (key) {
    case 'left':
    case 'right':
      return reordered(state, { column: neighbour(ordering, key === 'left' ? -1 : 1), isReversed: false });
    case 'r':
    case '<':
      return reordered(state, { isReversed: !ordering.isReversed });
    case ' ':
      return { ...state, paused: state.paused === null ? { readings: state.live, at: state.now } : null };
    case 'f':
      return withOrdering(state, { frozen: ordering.frozen === null ? state.rows.map(({ row }) => row.id) : null });
    case 'i':
      return withOrdering(state, { hidesIdle: !ordering.hidesIdle });
    case '/':
      return { ...state, isTyping: true, opened: null };
    case '+':
      return { ...state, everyMs: PACES.find((pace) => pace > state.everyMs) ?? state.everyMs };
    case '-':
      return { ...state, everyMs: PACES.findLast((pace) => pace < state.everyMs) ?? state.everyMs };
    case 'return':
      return opened(state);
    case 'escape':
      return state.opened === null ? withOrdering(state, { filter: '' }) : { ...state, opened: null };
    default:
      return state;
  }
}

/** A frozen order is that of one view. */
function withView(state: TopState, view: TopView): TopState {
  if (view === state.ordering.view) return { ...state, opened: null };
  const { column } = state.ordering;
  const isThere = columnsOf(view).some(({ key }) => key === column);
  return {
    ...withOrdering(state, { view, frozen: null, ...(!isThere && { column: 'now', isReversed: false }) }),
    ...{ opened: null, selected: { id: null, index: 0 }, offset: 0 },
  };
}

function withOrdering(state: TopState, more: Partial<Ordering>): TopState {
  return { ...state, ordering: { ...state.ordering, ...more } };
}

/** A new order is frozen if the one before it was. */
function reordered(state: TopState, more: Partial<Ordering>): TopState {
  const free = withOrdering(state, { ...more, frozen: null });
  if (state.ordering.frozen === null) return free;
  return withOrdering(free, { frozen: rowsOf(free).map(({ row }) => row.id) });
}

function neighbour(ordering: Ordering, step: number): string {
  const columns = columnsOf(ordering.view);
  const place = columns.indexOf(sortColumn(ordering)) + step;
  return (columns[(place + columns.length) % columns.length] ?? sortColumn(ordering)).key;
}

function moved(state: TopState, by: number): TopState {
  if (state.opened !== null) {
    const last = Math.max(0, partsHeight(state.opened) - 1);
    const offset = Math.min(last, Math.max(0, state.opened.offset + by));
    return { ...state, opened: { ...state.opened, offset } };
  }
  const last = Math.max(0, state.rows.length - 1);
  const index = Math.min(last, Math.max(0, state.selected.index + by));
  return { ...state, selected: { id: state.rows[index]?.row.id ?? null, index } };
}

function opened(state: TopState): TopState {
  const chosen = state.rows[state.selected.index];
  return chosen === undefined ? state : { ...state, opened: { track: chosen, parts: chosen.row.parts(), offset: 0 } };
}

/** The filter works while it is typed. */
function typed(state: TopState, key: string): TopState {
  const { filter } = state.ordering;
  if (key === 'return') return { ...state, isTyping: false };
  if (key === 'escape') return { ...withOrdering(state, { filter: '' }), isTyping: false };
  if (key === 'backspace') return withOrdering(state, { filter: [...filter].slice(0, -1).join('') });
  if (key === 'up' || key === 'down') return moved(state, key === 'up' ? -1 : 1);
  return [...key].length === 1 && !/\p{Cc}/u.test(key) ? withOrdering(state, { filter: `${filter}${key}` }) : state;
}

// What follows from the rest of the state.

function rowsOf(state: TopState): TopState['rows'] {
  return orderedTracks(shownReadings(state).tracked[state.ordering.view], state.ordering);
}

/** The selection stays on its row, and in sight. */
function settled(state: TopState): TopState {
  const rows = rowsOf(state);
  const found = rows.findIndex(({ row }) => row.id === state.selected.id);
  const index = found >= 0 ? found : Math.max(0, Math.min(state.selected.index, rows.length - 1));
  const selected = { id: rows[index]?.row.id ?? null, index };
  const page = Math.max(1, bodyRows({ ...state, rows }));
  const least = Math.max(0, index - page + 1);
  const offset = Math.max(0, Math.min(Math.max(least, Math.min(state.offset, index)), rows.length - page));
  return { ...state, rows, selected, offset, opened: stillOpened(state) };
}

/** The tables of an opened row follow its readings. A dropped row stays as it was last. */
function stillOpened({ opened: open, ...state }: TopState): TopState['opened'] {
  if (open === null) return null;
  const track = shownReadings(state).tracked[state.ordering.view]?.tracks.get(open.track.row.id);
  if (track === undefined || track === open.track) return open;
  return { ...open, track, parts: track.row === open.track.row ? open.parts : track.row.parts() };
}
