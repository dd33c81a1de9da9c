// The history as a chart: the highest and the usual figure of each interval, or a node's connections and its limit.

import { DAY, HOUR, MINUTE } from '../../core/base/duration.ts';
import { count, counted } from '../../core/base/format.ts';
import { wallTimeAt, zoneName } from '../../core/base/time-zone.ts';
import { type History, type HistoryRequest, intervalEnd } from '../../core/ports/monitor.ts';
import { type ChartBlock, type Line, lineChart } from '../blockkit/chart.ts';
import { LIMITS } from '../blockkit/limits.ts';
import type { Phrase } from '../blockkit/rich-text.ts';

export interface Chart {
  readonly block: ChartBlock;
  /** What the chart does not show. */
  readonly notes: readonly Phrase[];
}

export interface ChartOptions {
  /** Of a source or a cluster; a history of connections is drawn as such. */
  readonly figure: 'dormant' | 'pooled';
  readonly title: string;
  /** For the labels: a chart does not know the reader's zone. IANA name; null for the machine's own. */
  readonly timeZone: string | null;
}

/** What the chart of an alert asks of the history: three hours in pieces of ten minutes, because Slack draws 20 points. */
export const ALERT_CHART = { window: 3 * HOUR, points: 18 } as const satisfies Partial<HistoryRequest>;

/**
 * @param history as `ALERT_CHART` asks for it, of a source or a node
 * @returns null when fewer than two intervals have readings
 */
export function alertChart(
  history: History,
  { isOver, ...options }: Omit<ChartOptions, 'title'> & { readonly isOver: boolean },
): Chart | null {
  const title = `${isOver ? 'Its last' : 'Last'} 3 h, times in ${zoneName(options.timeZone)}`;
  return historyChart(history, { ...options, title });
}

/** Each point has the highest figure of its interval, and the time of its end. Null when fewer than two have readings. */
export function historyChart(history: History, options: ChartOptions): Chart | null {
  const { buckets } = history;
  const figure = history.figure === 'connections' ? 'connections' : options.figure;
  const read = buckets.flatMap((bucket, index) => {
    const { [figure]: spread, usual, limit } = bucket;
    if (spread === null) return [];
    const known = figure === 'connections' ? null : (usual?.[figure].max ?? null);
    return [{ end: intervalEnd(history, index), most: spread.max, usual: known, limit }];
  });
  const shown = read.slice(-LIMITS.chartPoints);
  const block = lineChart({
    title: options.title,
    points: labelsOf(history, { ends: shown.map(({ end }) => end), timeZone: options.timeZone }),
    lines: [
      { name: `${figure}, at most`, values: shown.map(({ most }) => most) },
      ...whole(
        'usual, at most',
        shown.map(({ usual }) => usual),
      ),
      ...whole(
        'limit',
        shown.map(({ limit }) => limit),
      ),
    ],
  });
  if (block === null) return null;
  return { block, notes: gapLines(history, figure) };
}

/** No line unless every point has a value: Slack draws no gaps, and a line with filled gaps would be a guess. */
function whole(name: string, values: readonly (number | null)[]): readonly Line[] {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? [{ name, values: known }] : [];
}

/** Intervals without a figure. They are not zero. */
export function gapLines({ buckets }: History, figure: 'dormant' | 'pooled' | 'connections'): readonly Phrase[] {
  const unread = buckets.filter(({ readings }) => readings === 0).length;
  const partly = buckets.filter(({ readings, [figure]: spread }) => readings > 0 && spread === null).length;
  const all = counted(buckets.length, 'interval');
  return [
    ...(unread === 0 ? [] : [[`No readings in ${count(unread)} of ${all}; they are left out.`]]),
    ...(partly === 0
      ? []
      : [[`Only incomplete readings in ${count(partly)} of ${all}, without this figure; they are left out.`]]),
  ];
}

/** The shortest labels that differ. A chart accepts each label only once. */
function labelsOf(
  { from, to, buckets }: History,
  { ends, timeZone }: { readonly ends: readonly number[]; readonly timeZone: string | null },
): readonly string[] {
  const piece = (to - from) / Math.max(1, buckets.length);
  const labels = ends.map((end) => {
    const { date, time } = wallTimeAt(end, timeZone);
    if (to - from <= DAY) return time;
    return `${piece < DAY ? date.slice('2026-'.length) : date} ${time}`;
  });
  return labels.map((label, index) => {
    if (labels.indexOf(label) === index) return label;
    const end = ends[index] ?? 0;
    // The newest reading may be in the first minute of its interval; or clocks are set back, and a time occurs twice.
    return end % MINUTE >= 1_000 ? `${label}:${new Date(end).toISOString().slice(17, 19)}` : `${label} again`;
  });
}
