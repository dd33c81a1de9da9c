// The history as a chart: the highest and the usual figure of each interval.

import { DAY } from '../../core/base/duration.ts';
import { counted } from '../../core/base/format.ts';
import { wallTimeAt } from '../../core/base/time-zone.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { Spread } from '../../core/ports/store.ts';
import { type ChartBlock, type Line, lineChart } from '../blockkit/chart.ts';
import { LIMITS } from '../blockkit/limits.ts';
import type { Phrase } from '../blockkit/rich-text.ts';

export interface Chart {
  readonly block: ChartBlock;
  /** What the chart does not show. */
  readonly notes: readonly Phrase[];
}

export interface ChartOptions {
  readonly figure: 'dormant' | 'pooled';
  readonly title: string;
  /** For the labels: a chart does not know the reader's zone. IANA name; null for the machine's own. */
  readonly timeZone: string | null;
}

/** Null when fewer than two intervals have readings. */
export function historyChart({ buckets, from, to }: History, options: ChartOptions): Chart | null {
  const { figure, timeZone } = options;
  const pieces = buckets.map((bucket) => ({
    at: bucket.from,
    held: bucket[figure],
    usual: bucket.usual?.[figure].max ?? null,
  }));
  const read = pieces.flatMap(({ held, ...piece }) => (held === null ? [] : [{ ...piece, held }]));
  const shown = read.slice(-LIMITS.chartPoints);
  const label = labelOf({ from, to, pieces: buckets.length, timeZone });
  const block = lineChart({
    title: options.title,
    points: apart(shown.map(({ at }) => label(at))),
    lines: [
      {
        name: figure === 'dormant' ? 'dormant, at most' : 'pooled, at most',
        values: shown.map(({ held }) => most(held)),
      },
      ...usualLine(shown),
    ],
  });
  if (block === null) return null;
  const missing = pieces.length - shown.length;
  const gap: Phrase = [`The chart lacks ${counted(missing, 'point')} of ${pieces.length}: no reading at that time.`];
  return { block, notes: missing === 0 ? [] : [gap] };
}

const most = ({ max }: Spread): number => max;

/** No line unless every point has a usual value: Slack draws no gaps, and a line with filled gaps would be a guess. */
function usualLine(shown: readonly { readonly usual: number | null }[]): readonly Line[] {
  const values = shown.flatMap(({ usual }) => (usual === null ? [] : [usual]));
  return values.length === shown.length ? [{ name: 'usual, at most', values }] : [];
}

/** The zone's usual name: `Europe/Berlin`. */
export function zoneName(timeZone: string | null): string {
  return timeZone ?? new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone;
}

interface Pieces extends Pick<History, 'from' | 'to'>, Pick<ChartOptions, 'timeZone'> {
  readonly pieces: number;
}

/** The shortest labels that differ. */
function labelOf({ from, to, pieces, timeZone }: Pieces): (at: number) => string {
  const piece = (to - from) / Math.max(1, pieces);
  return (at) => {
    const { date, time } = wallTimeAt(at, timeZone);
    if (to - from <= DAY) return time;
    return piece < DAY ? `${date.slice('2026-'.length)} ${time}` : date;
  };
}

/** When clocks are set back a time occurs twice, but a chart accepts each label only once. */
function apart(labels: readonly string[]): readonly string[] {
  return labels.map((label, at) => (labels.indexOf(label) < at ? `${label} again` : label));
}
