// `top` without a screen: a table or CSV for each reading.

import { columnsOf } from '../../core/top/columns.ts';
import type { Track } from '../../core/top/track.ts';
import { csvRows } from '../csv.ts';
import { printable, wrapped } from '../layout.ts';
import { messageOf } from './frame.ts';
import { headerOf } from './header.ts';
import { paintOf } from './line.ts';
import type { TopState } from './model.ts';
import { tableOf } from './table.ts';

/** @returns the text, with its last line end */
export function tableText(state: TopState, { colors }: { readonly colors: boolean }): string {
  const { columns: width } = state.size;
  const paint = paintOf(colors);
  const header = headerOf(state).map(({ text, style }) => paint(style, wrapped(printable(text), { width, indent: 2 })));
  const { titles, lines } = tableOf(state, { rows: state.rows, width });
  const table =
    lines.length === 0
      ? messageOf(state).map((text) => wrapped(text, { width, indent: 0 }))
      : [
          paint('bold', titles),
          ...lines.map((line, index) => (state.rows[index]?.isAbsent ? paint('dim', line) : line)),
        ];
  return `${[...header, '', ...table].join('\n')}\n`;
}

const HEAD = ['at', 'cluster', 'view', 'id', 'name', 'now', 'max', 'active', 'dormant', 'monitors', 'clients'];
const MORE = ['clients_at_least', 'new_per_second', 'new_at_least', 'change', 'read_at', 'state', 'origin'];
const POOLS = ['in_use', 'waiting', 'processes', 'checkouts_per_second', 'timeouts'];

export function csvHead(): string {
  return csvRows([[...HEAD, ...MORE, ...POOLS]]);
}

/** One line a row. */
export function csvText(state: TopState, { at }: { readonly at: number }): string {
  const { view } = state.ordering;
  const change = columnsOf(view).find(({ key }) => key === 'change');
  const rows = state.rows.map((track) => {
    const { row, max } = track;
    const { clients, opened, pool } = row;
    return [
      ...[new Date(at).toISOString(), state.cluster, view, row.id, row.name, row.now, max],
      ...[row.active, row.dormant, row.heartbeats, clients?.clients ?? null],
      ...[clients === null || clients.clients === null ? null : flag(clients.clientsAtLeast === true)],
      ...[opened === null ? null : rounded(opened.perSecond), opened === null ? null : flag(opened.isAtLeast)],
      ...[change?.value(track) ?? null, new Date(row.at).toISOString(), stateOf(track), row.origin],
      ...[pool?.inUse ?? null, pool?.waiting ?? null, pool?.processes ?? null],
      ...[pool?.checkoutsPerSecond == null ? null : rounded(pool.checkoutsPerSecond), pool?.timeouts ?? null],
    ];
  });
  return rows.length === 0 ? '' : csvRows(rows);
}

function flag(value: boolean): string {
  return value ? 'true' : 'false';
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

function stateOf({ isAbsent, missed }: Track): string {
  if (!isAbsent) return 'here';
  return missed > 0 ? 'gone' : 'not-read';
}
