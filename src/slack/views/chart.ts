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
  /** What it does not show. */
  readonly notes: readonly Phrase[];
}

export interface ChartOptions {
  readonly figure: 'dormant' | 'pooled';
  readonly title: string;
  /** Of its labels: a chart knows no reader's zone. IANA name, null for the machine's own. */
  readonly timeZone: string | null;
}

/** Null where fewer than two pieces of the time were read. */
export function historyChart({ buckets, usualMost, from, to }: History, options: ChartOptions): Chart | null {
  const { figure, timeZone } = options;
  const pieces = buckets.map((bucket, at) => ({ at: bucket.from, held: bucket[figure], usual: usualMost[at] ?? null }));
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
      ...(figure === 'dormant' ? usualLine(shown) : []),
    ],
  });
  if (block === null) return null;
  const missing = pieces.length - shown.length;
  const gap: Phrase = [`The chart lacks ${counted(missing, 'point')} of ${pieces.length}: no reading at that time.`];
  return { block, notes: missing === 0 ? [] : [gap] };
}

const most = ({ max }: Spread): number => max;

/** None where it is not known all along: a line with holes filled would be a guess. */
function usualLine(shown: readonly { readonly usual: number | null }[]): readonly Line[] {
  const values = shown.flatMap(({ usual }) => (usual === null ? [] : [usual]));
  return values.length === shown.length ? [{ name: 'usual, at most', values }] : [];
}

/** As people know the zone: `Europe/Berlin`. */
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

/** Where clocks are put back a time comes twice, and a chart takes each of its labels once. */
function apart(labels: readonly string[]): readonly string[] {
  return labels.map((label, at) => (labels.indexOf(label) < at ? `${label} again` : label));
}
