// The history of a source or a cluster: a line chart with its baseline, and a table of current, usual and peak figures.

import type { ActionsBlock, KnownBlock } from '@slack/types';
import { durationText } from '../../core/base/duration.ts';
import { count, counted } from '../../core/base/format.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { Spread } from '../../core/ports/store.ts';
import { WINDOWS } from '../../core/snapshots/time-window.ts';
import { ACTIONS, reportValue, viewValue } from '../blockkit/action-values.ts';
import { actions, button, context, header, message, prose } from '../blockkit/blocks.ts';
import { moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { type TableCell, type TableColumn, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { at } from './alert.ts';
import { historyChart, zoneName } from './chart.ts';

export interface HistoryViewInput {
  readonly history: History;
  /** The cluster's sources over the same time, the largest first; empty for a source's history. */
  readonly sources: readonly History[];
  /** The requested window, in milliseconds. */
  readonly window: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** For the times below the chart. */
  readonly timeZone: string | null;
}

export function historyView({ history, sources, window, tables, place, timeZone }: HistoryViewInput): MessageView {
  const title = titleOf(history, window);
  const name = `Dormant connections, last ${durationText(window)}`;
  const chart = historyChart(history, { figure: 'dormant', title: name, timeZone });
  const lines = [figureLine(history), ...gapLines(history), ...(chart === null ? [NO_CHART] : [])];
  const piece = durationText((history.to - history.from) / Math.max(1, history.buckets.length));
  const times: Phrase = [
    ...['since ', at(history.from), `, in pieces of ${piece}`],
    ` · times below the chart are those of ${zoneName(timeZone)}`,
  ];
  return message({
    said: [[title], ...lines],
    above: [header(title), prose(lines), chart?.block ?? null],
    table: (room) =>
      history.source === null ? sourceTable(sources, { tables, room }) : figureTable(history, { tables, room }),
    below: [windows(history, window), moves(history, place), context([times])],
  });
}

const NO_CHART: Phrase = ['There are too few readings for a chart.'];

function titleOf({ cluster, source }: History, window: number): string {
  const where = plain(cluster, { max: 48 });
  return `${source === null ? where : `${plain(source.name, { max: 60 })} in ${where}`} — the last ${durationText(window)}`;
}

/** `Now 412 dormant, usually 61; peak 540, Saturday 10:05. First seen …` */
function figureLine({ now, usualNow: usually, max, source }: History): Phrase {
  return [
    now === null
      ? 'Not connected at the last reading'
      : `Now ${count(now.dormant)} dormant and ${count(now.active)} active`,
    usually === null ? '' : `, usually ${count(Math.round(usually))} dormant`,
    ...(max === null ? [] : [`; peak ${count(max.value)}, `, at(max.at)]),
    ...(source === null ? [] : ['; first seen ', at(source.firstSeen)]),
    '.',
  ];
}

/** An interval without readings is not zero. */
function gapLines({ buckets }: History): readonly Phrase[] {
  const unread = buckets.filter(({ readings }) => readings === 0).length;
  const partly = buckets.reduce((all, { incomplete }) => all + incomplete, 0);
  return [
    ...(unread === 0
      ? []
      : [[`No readings in ${count(unread)} of ${counted(buckets.length, 'interval')}; they are left out.`]]),
    ...(partly === 0 ? [] : [[`${counted(partly, 'reading')} did not reach every node.`]]),
  ];
}

interface Row {
  readonly from: TableCell;
  readonly dormant: Spread | null;
  readonly pooled: Spread | null;
  readonly usual: number | null;
  readonly readings: number;
}

const most = (spread: Spread | null): TableCell =>
  spread === null ? 'not read' : { value: spread.max, text: count(spread.max) };
const whole = (value: number | null): TableCell =>
  value === null ? '–' : { value: Math.round(value), text: count(Math.round(value)) };

const columns: readonly TableColumn<Row>[] = [
  { title: 'From', kind: 'name', cell: ({ from }) => from },
  { title: 'Dormant, at most', kind: 'figure', cell: ({ dormant }) => most(dormant) },
  { title: 'Median', kind: 'figure', cell: ({ dormant }) => (dormant === null ? '–' : whole(dormant.median)) },
  { title: 'Usual', kind: 'figure', cell: ({ usual }) => whole(usual) },
  { title: 'Pooled, at most', kind: 'figure', cell: ({ pooled }) => (pooled === null ? '–' : most(pooled)) },
  { title: 'Readings', kind: 'figure', cell: ({ readings }) => whole(readings) },
];

/** The newest first, because people look for it. */
function figureTable(
  { buckets }: History,
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  const rows = buckets.map(({ from, dormant, pooled, usual, readings }): Row => {
    return {
      from: moment(new Date(from).toISOString(), 'date-time'),
      dormant,
      pooled,
      readings,
      usual: usual?.dormant.median ?? null,
    };
  });
  return table({
    caption: 'Dormant connections over time',
    columns,
    rows: rows.toReversed(),
    rest: (left) => ({ from: `and ${count(left.length)} more`, dormant: null, pooled: null, usual: null, readings: 0 }),
    style: tables,
    room,
  });
}

interface SourceRow {
  readonly name: string;
  readonly now: number | null;
  readonly usual: number | null;
  readonly max: number | null;
  readonly firstSeen: TableCell;
}

const sourceColumns: readonly TableColumn<SourceRow>[] = [
  { title: 'Source', kind: 'name', cell: ({ name }) => name },
  { title: 'Dormant now', kind: 'figure', cell: ({ now }) => whole(now) },
  { title: 'Usual', kind: 'figure', cell: ({ usual }) => whole(usual) },
  { title: 'Peak', kind: 'figure', cell: ({ max }) => whole(max) },
  { title: 'First seen', kind: 'name', cell: ({ firstSeen }) => firstSeen },
];

function sourceTable(
  sources: readonly History[],
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  return table({
    caption: 'Sources over this time',
    columns: sourceColumns,
    rows: sources.flatMap(({ source, now, usualNow, max }): readonly SourceRow[] =>
      source === null
        ? []
        : [
            {
              name: source.name,
              now: now?.dormant ?? null,
              usual: usualNow,
              max: max?.value ?? null,
              firstSeen: moment(new Date(source.firstSeen).toISOString(), 'date-time'),
            },
          ],
    ),
    rest: (left) => ({ name: `and ${count(left.length)} more`, now: null, usual: null, max: null, firstSeen: '-' }),
    style: tables,
    room,
  });
}

const WINDOW_ACTIONS = [
  ACTIONS.history1h,
  ACTIONS.history24h,
  ACTIONS.history7d,
  ACTIONS.history35d,
  ACTIONS.history400d,
] as const;

function windows({ cluster, source }: History, chosen: number): ActionsBlock {
  return actions(
    WINDOW_ACTIONS.map((action, index) => {
      const window = WINDOWS[index] ?? chosen;
      return button({
        action,
        word: durationText(window),
        value: viewValue({ view: 'history', cluster, source, window }),
        label: `The last ${durationText(window)}`,
        isChosen: window === chosen,
      });
    }),
  );
}

function moves({ cluster, source }: History, place: MessagePlace): ActionsBlock | null {
  if (place.kind === 'shared') return null;
  const back = button({
    action: ACTIONS.back,
    word: 'Back',
    value: source === null ? reportValue(cluster) : viewValue({ view: 'source', cluster, source }),
    label: `Back to ${source?.name ?? cluster}`,
  });
  return actions([back]);
}
