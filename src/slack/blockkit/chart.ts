// A line chart within Slack's limits, and a sentence for places that cannot draw it.

import type { Block } from '@slack/types';
import { count } from '../../core/base/format.ts';
import { LIMITS } from './limits.ts';
import { type Phrase, plain } from './rich-text.ts';

/** Missing in the packages' types. https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block */
export interface ChartBlock extends Block {
  readonly type: 'data_visualization';
  readonly title: string;
  readonly chart: {
    readonly type: 'line';
    readonly series: readonly {
      readonly name: string;
      readonly data: readonly { readonly label: string; readonly value: number }[];
    }[];
    readonly axis_config: { readonly categories: readonly string[] };
  };
}

export interface Line {
  readonly name: string;
  /** One for each point. */
  readonly values: readonly number[];
}

/** Null for fewer than two points, which make no line. `points` are their labels: all different, at most twenty. */
export function lineChart(input: {
  readonly title: string;
  readonly points: readonly string[];
  readonly lines: readonly Line[];
}): ChartBlock | null {
  const categories = input.points.slice(-LIMITS.chartPoints).map((label) => plain(label, { max: LIMITS.chartLabel }));
  if (categories.length < 2) return null;
  const series = input.lines.slice(0, LIMITS.chartLines).map(({ name, values }) => {
    const last = values.slice(-categories.length);
    const data = categories.map((label, at) => ({ label, value: Math.round((last[at] ?? 0) * 10) / 10 }));
    return { name: plain(name, { max: LIMITS.chartLabel }), data };
  });
  return {
    type: 'data_visualization',
    title: plain(input.title, { max: LIMITS.chartTitle }),
    chart: { type: 'line', series, axis_config: { categories } },
  };
}

/** `Last 24 h: dormant 40 to 412, 412 at the end; usual 55 to 64, 61 at the end.` */
export function chartLine({ title, chart }: ChartBlock): Phrase {
  const sentences = chart.series.map(({ name, data }) => {
    const values = data.map(({ value }) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${name} ${count(least)} to ${count(most)}, ${count(values.at(-1) ?? 0)} at the end`;
  });
  return [`${title}: ${sentences.join('; ')}.`];
}
