// The history as a chart: what was held at most, and what is usual, piece by piece of the time.

import { DAY } from '../../core/duration.ts';
import { counted } from '../../core/figures.ts';
import type { Spread } from '../../core/store.ts';
import type { History } from '../../core/watching.ts';
import { type ChartBlock, type Line, lineChart } from '../chart.ts';
import { LIMITS } from '../limits.ts';
import type { Phrase } from '../phrase.ts';

export interface Chart {
  readonly block: ChartBlock;
  /** What it does not show. */
  readonly notes: readonly Phrase[];
}

/** Null where fewer than two pieces of the time were read. Its labels are times in UTC: a chart knows no reader's zone. */
export function historyChart(
  { buckets, usual, from, to }: History,
  options: { readonly figure: 'dormant' | 'pooled'; readonly title: string },
): Chart | null {
  const { figure } = options;
  const pieces = buckets.map((bucket, at) => ({ at: bucket.from, held: bucket[figure], usual: usual[at] ?? null }));
  const read = pieces.flatMap(({ held, ...piece }) => (held === null ? [] : [{ ...piece, held }]));
  const shown = read.slice(-LIMITS.chartPoints);
  const label = labelOf({ from, to, pieces: buckets.length });
  const block = lineChart({
    title: options.title,
    points: shown.map(({ at }) => label(at)),
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
  const gap: Phrase = [`The chart lacks ${counted(missing, 'point')} of ${pieces.length}: nothing was read then.`];
  return { block, notes: missing === 0 ? [] : [gap] };
}

const most = ({ max }: Spread): number => max;

/** None where it is not known all along: a line with holes filled would be a guess. */
function usualLine(shown: readonly { readonly usual: number | null }[]): readonly Line[] {
  const values = shown.flatMap(({ usual }) => (usual === null ? [] : [usual]));
  return values.length === shown.length ? [{ name: 'usual', values }] : [];
}

/** As short as tells the pieces apart. */
function labelOf({ from, to, pieces }: { readonly from: number; readonly to: number; readonly pieces: number }) {
  const piece = (to - from) / Math.max(1, pieces);
  const [start, end] = to - from <= DAY ? [11, 16] : piece < DAY ? [5, 16] : [0, 10];
  return (at: number) => new Date(at).toISOString().slice(start, end).replace('T', ' ');
}
