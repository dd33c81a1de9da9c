// The lines above the table: cluster, busiest node, totals, settings, nodes that were not read.

import { count, counted, joinWords, percent, span } from '../../core/base/format.ts';
import { inWords } from '../../core/base/problem.ts';
import { fullestOf, headroomWord, shortHosts, unreadByCause } from '../../core/connections/node-usage.ts';
import { ageOf } from '../../core/top/columns.ts';
import { sortColumn } from '../../core/top/order.ts';
import type { TopReading } from '../../core/top/row.ts';
import { pace } from '../../core/top/track.ts';
import type { paintOf } from './line.ts';
import { shownReadings, type TopState } from './model.ts';

export interface HeaderLine {
  readonly text: string;
  readonly style: Parameters<ReturnType<typeof paintOf>>[0] | null;
  /** A short terminal leaves out the highest. */
  readonly rank: number;
}

const PLAIN = null;

/** Outside text is not yet printable. In the order of the screen. */
export function headerOf(state: TopState): readonly HeaderLine[] {
  const readings = shownReadings(state);
  const { reading, failure } = readings;
  return [
    titleLine(state),
    ...(reading === null ? [] : [...busiestLine(reading, state.size.columns), ...totalsLine(reading)]),
    { text: settingsOf(state), style: state.paused === null ? PLAIN : 'yellow', rank: 3 },
    ...(reading === null ? [] : unreadLines(reading)),
    ...(failure === null ? [] : [{ text: inWords(failure.problem), style: 'red' as const, rank: 1 }]),
    ...(reading?.problems ?? []).map((problem) => {
      return { text: `problem: ${inWords(problem)}`, style: 'yellow' as const, rank: 4 };
    }),
  ];
}

function titleLine(state: TopState): HeaderLine {
  const { reading, failure, most } = shownReadings(state);
  if (reading === null) return { text: `${state.cluster}  nothing was read yet`, style: 'bold', rank: 0 };
  const { totals, nodes } = reading;
  const unread = nodes.filter(({ problem }) => problem !== null).length;
  const known = unread === 0 ? counted(nodes.length, 'node') : `${nodes.length - unread} of ${nodes.length} nodes`;
  const open = totals.connections === null ? 'connections unknown' : counted(totals.connections, 'connection');
  const max = most === null ? '' : `, max ${count(most)}`;
  const age = `${ageOf(state.now - reading.at)} ago`;
  const isLate = failure !== null || state.isFromStore;
  const style: HeaderLine['style'] = failure === null ? 'bold' : ['bold', 'red'];
  const text =
    state.size.columns < NARROW
      ? `${state.cluster} ${totals.connections === null ? '?' : count(totals.connections)}${max}, ${age}, ${known}`
      : `${state.cluster}  ${open}${max}, on ${known}  ${isLate ? 'last reading' : 'read'} ${age}`;
  return { text, style, rank: 0 };
}

/** Below this width the age comes before the nodes. */
const NARROW = 64;
const BAR = 30;

function busiestLine(reading: TopReading, columns: number): readonly HeaderLine[] {
  const [busiest] = fullestOf(reading.nodes.filter(({ problem }) => problem === null));
  if (busiest === undefined) return [];
  const { host, ratio, current, limit } = busiest;
  const width = Math.max(5, Math.min(BAR, Math.floor(columns / 4)));
  const full = Math.min(width, Math.round(ratio * width));
  const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
  const word = headroomWord(ratio);
  const style = { fine: 'green', tight: 'yellow', critical: 'red' } as const;
  const text = `${bar} ${percent(ratio)} ${shortHosts(reading)(host)}: ${count(current)} of ${count(limit)}, ${word}`;
  return [{ text, style: style[word], rank: 2 }];
}

/** Connections of the cluster and of this program are in no row. */
function totalsLine({ totals }: TopReading): readonly HeaderLine[] {
  const { active, dormant, heartbeats, internal, own } = totals;
  const figures = Object.entries({ active, dormant, heartbeats }).flatMap(([word, figure]) =>
    figure === null ? [] : [`${count(figure)} ${word}`],
  );
  if (figures.length === 0) return [];
  const aside = Object.entries({ internal, own }).flatMap(([word, figure]) =>
    figure === null || figure === 0 ? [] : [`${count(figure)} ${word}`],
  );
  const without = aside.length === 0 ? '' : `  in no row: ${joinWords(aside)}`;
  return [{ text: `${figures.join('  ')}${without}`, style: PLAIN, rank: 5 }];
}

function settingsOf(state: TopState): string {
  const { ordering, isTyping, paused, now } = state;
  const column = sortColumn(ordering);
  const by = ordering.view === 'pools' ? 'pools' : `by ${ordering.view}`;
  return [
    ...(paused === null ? [] : [`paused for ${ageOf(now - paused.at)}, readings go on`]),
    by,
    `sort: ${column.title.toLowerCase()} ${arrowOf(state)}`,
    ...(ordering.frozen === null ? [] : ['order frozen']),
    ...(ordering.hidesIdle ? ['idle hidden'] : []),
    ...(ordering.filter === '' || isTyping ? [] : [`filter "${ordering.filter}"`]),
    paceOf(state),
  ].join(', ');
}

export function arrowOf({ ordering }: Pick<TopState, 'ordering'>): '▼' | '▲' {
  const isDown = (sortColumn(ordering).kind === 'figure') !== ordering.isReversed;
  return isDown ? '▼' : '▲';
}

function paceOf(state: TopState): string {
  const { busyMs } = shownReadings(state);
  if (state.isFromStore) return `the store is asked every ${span(state.everyMs)}`;
  const everyMs = pace({ everyMs: state.everyMs, busyMs });
  if (everyMs <= state.everyMs) return `every ${span(state.everyMs)}`;
  return `every ${span(everyMs)} instead of ${span(state.everyMs)}: $currentOp took ${span(busyMs)} of a node`;
}

/** Each cause once; the nodes by name. */
function unreadLines(reading: TopReading): readonly HeaderLine[] {
  const short = shortHosts(reading);
  const unread = reading.nodes.flatMap(({ host, problem }) => (problem === null ? [] : [{ host, problem }]));
  return unreadByCause(unread).map(({ hosts, problem }) => {
    return { text: `not read: ${hosts.map(short).join(', ')}: ${inWords(problem)}`, style: 'red', rank: 1 };
  });
}
