// The screen as lines: a pure function of the state and its size.

import stringWidth from 'string-width';
import { count } from '../../core/base/format.ts';
import { inWords, SHARED_TIER } from '../../core/base/problem.ts';
import { DROPPED_AFTER, type Track } from '../../core/top/track.ts';
import { padded, printable, wrapped } from '../layout.ts';
import { figuresLines, partLines } from './detail.ts';
import { type Heights, heightsOf } from './heights.ts';
import { cut, paintOf, spread } from './line.ts';
import { shownReadings, type TopState } from './model.ts';
import { tableOf } from './table.ts';

/** Room for the mark of the selected row. */
const MARK = 2;

type Painter = ReturnType<typeof paintOf>;

interface Page {
  readonly width: number;
  readonly height: number;
  readonly paint: Painter;
}

/** @returns exactly as many lines as the size has rows, none wider than its columns */
export function frameOf(state: TopState, { colors }: { readonly colors: boolean }): readonly string[] {
  const { columns: width, rows: height } = state.size;
  const paint = paintOf(colors);
  const page = { width, height, paint };
  if (state.isHelp) return filled(helpLines(page), height);
  const heights = heightsOf(state);
  const above = [
    ...heights.header.map(({ text, style }) => paint(style, cut(text, width))),
    ...(heights.hasGap ? [''] : []),
  ];
  const footer = heights.hasFooter ? [paint('dim', footerOf(state, heights, width))] : [];
  const room = height - above.length - footer.length;
  const body =
    state.opened === null ? rowsOf(state, { ...page, height: room }) : openedOf(state, { ...page, height: room });
  return [...filled([...above, ...filled(body, room)], height - footer.length), ...footer];
}

function filled(lines: readonly string[], height: number): readonly string[] {
  return [...lines.slice(0, height), ...Array.from({ length: Math.max(0, height - lines.length) }, () => '')];
}

function rowsOf(state: TopState, { width, height, paint }: Page): readonly string[] {
  const rows = state.rows.slice(state.offset, state.offset + height - 1);
  const { titles, lines } = tableOf(state, { rows, width: Math.max(1, width - MARK) });
  if (rows.length === 0) return messageOf(state).flatMap((text) => wrapped(text, { width, indent: 0 }).split('\n'));
  return [
    paint('bold', cut(`${' '.repeat(MARK)}${titles}`, width)),
    ...rows.map((row, index) => {
      const isSelected = row.row.id === state.selected.id;
      const text = cut(`${markOf(row, isSelected)} ${lines[index] ?? ''}`, width);
      if (isSelected) return paint('inverse', padded(text, width, 'left')).trimEnd();
      return row.isAbsent ? paint('dim', text) : text;
    }),
  ];
}

/** Styles alone must not carry meaning. */
function markOf({ isAbsent, missed }: Track, isSelected: boolean): string {
  if (isSelected) return '›';
  if (!isAbsent) return ' ';
  return missed > 0 ? '×' : '?';
}

/** Why there is no row. */
export function messageOf(state: TopState): readonly string[] {
  const { reading, tracked, poolsProblem, failure } = shownReadings(state);
  const { view } = state.ordering;
  if (view === 'pools' && poolsProblem !== null) return [printable(inWords(poolsProblem))];
  if ((tracked[view]?.tracks.size ?? 0) > 0) return ['No row matches the filter. Esc clears it, i shows idle rows.'];
  if (view === 'pools' && tracked.pools === null) return ['Reading…'];
  if (view === 'pools') return ['No application has reported its pools.'];
  if (reading === null) return failure === null ? ['Reading…'] : [];
  if (reading.problems.some(({ code }) => code === SHARED_TIER))
    return [`Only totals are available for ${printable(reading.cluster)}. Press n for its nodes.`];
  if (reading.totals.connections === null)
    return [`Only totals are known of this reading of ${printable(reading.cluster)}. Press n for its nodes.`];
  if (state.isFromStore && view === 'user') return ['The history has no users.'];
  return ['No client holds a connection.'];
}

function openedOf(state: TopState, { width, height, paint }: Page): readonly string[] {
  const { opened, ordering, now } = state;
  if (opened === null) return [];
  const { view } = ordering;
  const { name, figures } = figuresLines(opened, { view, width, now });
  const isGone = opened.track.isAbsent;
  const lines = partLines(opened, { view, width }).map(({ text, isTitle }) => (isTitle ? paint('bold', text) : text));
  const fixed = [paint(isGone ? 'dim' : 'bold', name), ...(height > 8 ? [...figures, ''] : figures.slice(0, 1))];
  return [...fixed, ...lines.slice(opened.offset)];
}

const HINTS = '? help  q quit  s a h n u d t views  ← → sort  / filter  Enter opens  Space pauses';
const OPENED_HINTS = 'Esc back  ↑ ↓ scroll  q quit';

function footerOf(state: TopState, { body }: Heights, width: number): string {
  const { rows, offset } = state;
  if (state.isTyping) {
    const prompt = `/${state.ordering.filter}▏`;
    return spread(prompt, 'Enter keeps the filter, Esc clears it', width);
  }
  if (state.opened !== null) return cut(OPENED_HINTS, width);
  const last = Math.min(rows.length, offset + body);
  const place = rows.length === 0 ? 'no rows' : `${count(offset + 1)}–${count(last)} of ${count(rows.length)}`;
  const room = width - stringWidth(place) - 2;
  return room < 10 ? cut(place, width) : spread(cut(HINTS, room), place, width);
}

const KEYS: readonly (readonly [string, string])[] = [
  ['s a h n u d t', 'by source, app, host, node, user, driver; pools of the applications'],
  ['← →', 'sort by the column to the left or to the right'],
  ['r <', 'reverse the order'],
  ['/', 'filter by a part of the name or the last column; Enter keeps it, Esc clears it'],
  ['↑ ↓ j k', 'move the selection; PgUp, PgDn, Home, End as well'],
  ['Enter', 'open the row: its apps, hosts, nodes, drivers; Esc goes back'],
  ['Space', 'pause the screen, and go on; readings go on meanwhile'],
  ['f', 'freeze the order of the rows, and free it'],
  ['i', 'hide rows without an active connection'],
  ['+ -', 'read less often, and more often'],
  ['?', 'this help, and back'],
  ['q Ctrl-C', 'quit; Ctrl-Z suspends'],
];

const NOTES = [
  'MAX and CHANGE count from the start of top; while a node is not read, nothing is compared. NEW/S of a node is its own count; of a source it counts connections that ' +
    'are still open, so more may have come.',
  `A row that is gone is marked × and dims; it is dropped after ${DROPPED_AFTER} readings. A row marked ? may be on a node ` +
    'that was not read.',
  '? among the clients is unknown: drivers that poll do not show how many MongoClients there are. ~ is an estimate.',
];

function helpLines({ width, height, paint }: Page): readonly string[] {
  const keys = KEYS.flatMap(([key, text]) =>
    wrapped(`${key.padEnd(15)}${text}`, { width, indent: Math.min(15, Math.floor(width / 2)) }).split('\n'),
  );
  const notes = NOTES.flatMap((text) => ['', ...wrapped(text, { width, indent: 0 }).split('\n')]);
  const lines = [paint('bold', cut('Keys of atlas-conns top', width)), '', ...keys, ...notes];
  // A low terminal shows the keys first.
  return lines.length > height ? [...keys, ...notes] : lines;
}
