// `data_visualization`: lines, areas and bars as plain SVG with a legend; a pie as the list of its segments.

import { createElement as h, type ReactElement } from 'react';
import { type Fields, fieldsOf, listOf, numberOf, stringOf } from './field.ts';

const FRAME = { width: 640, height: 220, left: 52, right: 8, top: 12, bottom: 26 };

interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export function chart(block: Fields): ReactElement {
  const drawn = fieldsOf(block['chart']);
  const series = listOf(drawn['series']).map(seriesOf);
  const title = stringOf(block['title']);
  const body = drawn['type'] === 'pie' ? pie(drawn) : plot({ drawn, series, title });
  return h('figure', { className: 'chart' }, h('figcaption', null, title), body, legend(series));
}

function seriesOf(series: Fields): Series {
  const points = listOf(series['data']);
  return { name: stringOf(series['name']), values: points.map((point) => numberOf(point['value'])) };
}

function pie(drawn: Fields): ReactElement {
  const segments = listOf(drawn['segments']);
  return h(
    'ul',
    null,
    segments.map((segment, at) =>
      h('li', { key: at }, `${stringOf(segment['label'])}: ${numberOf(segment['value']) ?? '–'}`),
    ),
  );
}

function plot({ drawn, series, title }: { drawn: Fields; series: readonly Series[]; title: string }): ReactElement {
  const { width, height, left, right, top, bottom } = FRAME;
  const all = series.flatMap((one) => one.values).filter((value) => value !== null);
  const ceiling = niceCeiling(Math.max(1, ...all));
  const count = Math.max(1, ...series.map((one) => one.values.length));
  const x = (at: number) => left + ((at + 0.5) * (width - left - right)) / count;
  const y = (value: number) => height - bottom - (value / ceiling) * (height - top - bottom);
  const ticks = [0, ceiling / 2, ceiling].map((value) =>
    h(
      'g',
      { key: value },
      h('line', { x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      h('text', { x: left - 8, y: y(value) + 4, textAnchor: 'end' }, value.toLocaleString('en-US')),
    ),
  );
  return h(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}: ${spoken(series)}` },
    h('g', { className: 'axis' }, ticks, labels(drawn, { x, count })),
    series.map((one, at) => shape({ one, at, of: series.length, type: stringOf(drawn['type']), x, y, count })),
  );
}

function labels(drawn: Fields, { x, count }: { x: (at: number) => number; count: number }): ReactElement[] {
  const written: unknown = fieldsOf(drawn['axis_config'])['categories'];
  const categories = Array.isArray(written) ? written.map(stringOf) : [];
  const every = Math.max(1, Math.ceil(count / 7));
  return categories.flatMap((label, at) =>
    at % every === 0 ? [h('text', { key: at, x: x(at), y: FRAME.height - 6, textAnchor: 'middle' }, label)] : [],
  );
}

function shape(input: {
  one: Series;
  at: number;
  of: number;
  type: string;
  x: (at: number) => number;
  y: (value: number) => number;
  count: number;
}): ReactElement {
  const { one, at, x, y } = input;
  const className = `series series-${at % 6}`;
  const points = one.values.flatMap((value, index) => (value === null ? [] : [{ px: x(index), py: y(value) }]));
  if (input.type === 'bar') {
    const slot = (FRAME.width - FRAME.left - FRAME.right) / input.count;
    const width = (slot * 0.7) / input.of;
    const bars = points.map(({ px, py }, index) =>
      h('rect', { key: index, x: px - slot * 0.35 + at * width, y: py, width, height: y(0) - py }),
    );
    return h('g', { key: at, className: `${className} bar` }, bars);
  }
  return h('polyline', {
    key: at,
    className,
    points: points.map(({ px, py }) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' '),
  });
}

function legend(series: readonly Series[]): ReactElement {
  const entries = series.map((one, at) => h('li', { key: at, className: `series-${at % 6}` }, one.name));
  return h('ul', { className: 'legend' }, entries);
}

function spoken(series: readonly Series[]): string {
  return series.map(({ name, values }) => `${name} ends at ${values.at(-1) ?? 'nothing'}`).join(', ');
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}
