// The history of a source or a cluster: a line chart with its baseline, and a table of peak, usual and typical figures.

import type { ActionsBlock, KnownBlock } from '@slack/types';
import { DAY, durationText } from '../../core/base/duration.ts';
import { count, counted } from '../../core/base/format.ts';
import { zoneName } from '../../core/base/time-zone.ts';
import { gapsOf, type History, type HistoryGap, intervalEnd } from '../../core/ports/monitor.ts';
import type { SeriesBucket, Spread } from '../../core/ports/store.ts';
import { WINDOWS } from '../../core/snapshots/time-window.ts';
import { ACTIONS, reportValue, viewValue } from '../blockkit/action-values.ts';
import { actions, button, context, header, message, prose } from '../blockkit/blocks.ts';
import { moment, type Phrase, plain } from '../blockkit/rich-text.ts';
import { type TableCell, type TableColumn, table } from '../blockkit/table.ts';
import type { MessagePlace, MessageView, TableStyle } from '../blockkit/types.ts';
import { at } from './alert.ts';
import { gapLines, historyChart } from './chart.ts';

export interface HistoryViewInput {
  readonly history: History;
  /** The cluster's sources over the same time, the largest first; empty for a source's history. */
  readonly sources: readonly History[];
  /** The requested window, in milliseconds. */
  readonly window: number;
  readonly tables: TableStyle;
  readonly place: MessagePlace;
  /** The reading that Back leads to, by its time; left out for none. */
  readonly readAt?: number | undefined;
  /** For the times below the chart. */
  readonly timeZone: string | null;
}

export function historyView(input: HistoryViewInput): MessageView {
  const { history, sources, window, tables, place, readAt, timeZone } = input;
  const title = titleOf(history, window);
  const name = `${FIGURES[history.figure]}, last ${durationText(window)}`;
  const chart = historyChart(history, { figure: 'dormant', title: name, timeZone });
  const lines = [
    figureLine(history),
    ...gapLines(history, history.figure),
    ...partlyLines(history),
    ...(chart === null ? [NO_CHART] : []),
  ];
  const piece = durationText((history.to - history.from) / Math.max(1, history.buckets.length));
  const times: Phrase = [
    ...['since ', at(history.from), `, in pieces of ${piece}; a time is the end of its piece`],
    ...(chart === null ? [] : [` · times in the chart are in ${zoneName(timeZone)}`]),
  ];
  const isOverSources = history.source === null && history.figure === 'dormant';
  return message({
    said: [[title], ...lines],
    above: [header(title), prose(lines), chart?.block ?? null],
    table: (room) => (isOverSources ? sourceTable(sources, { tables, room }) : figureTable(history, { tables, room })),
    below: [windows(history, window, readAt), moves(history, place, readAt), context([times])],
  });
}

const FIGURES = { dormant: 'Dormant connections', connections: 'All connections' } as const;
const NO_CHART: Phrase = ['There are too few readings for a chart.'];

function titleOf({ cluster, source }: History, window: number): string {
  const where = plain(cluster, { max: 48 });
  return `${source === null ? where : `${plain(source.name, { max: 60 })} in ${where}`} — the last ${durationText(window)}`;
}

/** `Now 412 dormant, usually 61; peak 540, Saturday 10:05. First seen …` */
function figureLine(history: History): Phrase {
  const { usualNow: usually, max, source } = history;
  return [
    nowOf(history),
    usually === null ? '' : `, usually ${count(Math.round(usually))} dormant`,
    ...(max === null ? [] : [`; peak ${count(max.value)}, `, at(max.at)]),
    ...(source === null ? [] : ['; first seen ', at(source.firstSeen)]),
    '.',
  ];
}

function nowOf({ figure, now, connections, source, newest }: History): string {
  if (newest === null) return 'There is no reading yet';
  if (figure === 'connections') {
    if (connections === null) return 'No node was read at the last reading';
    const { current, limit } = connections;
    const limited = limit === null ? '' : ` of ${count(limit)}`;
    return `Now ${count(current)}${limited} connections on all nodes`;
  }
  if (now !== null) return `Now ${count(now.dormant)} dormant and ${count(now.active)} active`;
  return source === null ? 'The last reading found no sources' : 'Not connected at the last reading';
}

function partlyLines({ figure, buckets }: History): readonly Phrase[] {
  const partly = buckets.reduce((all, { incomplete }) => all + incomplete, 0);
  return [
    ...(figure === 'connections' ? [['Only the totals of the nodes are known in this time, no sources.']] : []),
    ...(partly === 0 ? [] : [[`${counted(partly, 'reading')} did not reach every node.`]]),
  ];
}

interface Row extends Pick<SeriesBucket, 'dormant' | 'pooled' | 'connections' | 'limit'> {
  readonly until: TableCell;
  readonly usual: number | null;
  /** Null for the row of a gap. */
  readonly readings: number | null;
}

const NOTHING = { dormant: null, pooled: null, connections: null, limit: null, usual: null, readings: null } as const;

const whole = (value: number | null): TableCell =>
  value === null ? '–' : { value: Math.round(value), text: count(Math.round(value)) };
const most = (spread: Spread | null): TableCell => whole(spread?.max ?? null);

const UNTIL: TableColumn<Row> = { title: 'Until', kind: 'name', cell: ({ until }) => until };
const READINGS: TableColumn<Row> = { title: 'Readings', kind: 'figure', cell: ({ readings }) => whole(readings) };

const COLUMNS: Readonly<Record<History['figure'], readonly TableColumn<Row>[]>> = {
  dormant: [
    UNTIL,
    { title: 'Dormant, at most', kind: 'figure', cell: ({ dormant }) => most(dormant) },
    { title: 'Usual', kind: 'figure', cell: ({ usual }) => whole(usual) },
    { title: 'Median', kind: 'figure', cell: ({ dormant }) => whole(dormant?.median ?? null) },
    { title: 'Pooled, at most', kind: 'figure', cell: ({ pooled }) => most(pooled) },
    READINGS,
  ],
  connections: [
    UNTIL,
    { title: 'Connections, at most', kind: 'figure', cell: ({ connections }) => most(connections) },
    { title: 'Limit', kind: 'figure', cell: ({ limit }) => whole(limit) },
    { title: 'Median', kind: 'figure', cell: ({ connections }) => whole(connections?.median ?? null) },
    READINGS,
  ],
};

/** The newest first, because people look for it. Time without any reading is one row. */
function figureTable(
  history: History,
  { tables, room }: { readonly tables: TableStyle; readonly room: number },
): KnownBlock | null {
  const gaps = new Map(gapsOf(history).map((gap) => [gap.first, gap]));
  const rows = history.buckets.flatMap((bucket, index): readonly Row[] => {
    const { dormant, pooled, connections, limit, usual, readings } = bucket;
    const gap = gaps.get(index);
    if (gap !== undefined) return [{ ...NOTHING, until: gapCell(gap, history) }];
    if (readings === 0) return [];
    const until = moment(new Date(intervalEnd(history, index)).toISOString(), 'date-time');
    return [{ until, dormant, pooled, connections, limit, usual: usual?.dormant.max ?? null, readings }];
  });
  return table({
    caption: `${FIGURES[history.figure]} over time`,
    columns: COLUMNS[history.figure],
    rows: rows.toReversed(),
    rest: (left) => ({ ...NOTHING, until: `and ${count(left.length)} more` }),
    style: tables,
    room,
  });
}

/** `no readings 02:00 to 21:00` */
function gapCell({ from, to }: HistoryGap, history: History): TableCell {
  const time = (when: number) =>
    moment(new Date(when).toISOString(), history.to - history.from <= DAY ? 'time' : 'date-time');
  return to === null ? ['no readings since ', time(from)] : ['no readings ', time(from), ' to ', time(to)];
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

function windows({ cluster, source }: History, chosen: number, readAt: number | undefined): ActionsBlock {
  const reading = readAt === undefined ? {} : { readAt };
  return actions(
    WINDOW_ACTIONS.map((action, index) => {
      const window = WINDOWS[index] ?? chosen;
      return button({
        action,
        word: durationText(window),
        value: viewValue({ view: 'history', cluster, source, window, ...reading }),
        label: `The last ${durationText(window)}`,
        isChosen: window === chosen,
      });
    }),
  );
}

function moves({ cluster, source }: History, place: MessagePlace, readAt: number | undefined): ActionsBlock | null {
  if (place.kind === 'shared') return null;
  const back = button({
    action: ACTIONS.back,
    word: 'Back',
    value:
      source === null
        ? reportValue(cluster, readAt)
        : viewValue({ view: 'source', cluster, source, ...(readAt !== undefined && { readAt }) }),
    label: `Back to ${source?.name ?? cluster}`,
  });
  return actions([back]);
}
