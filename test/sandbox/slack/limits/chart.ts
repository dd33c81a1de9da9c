// data_visualization: pies, and series that have one point for each category.

import { id } from './composition.ts';
import {
  byType,
  type Check,
  every,
  type Fields,
  isFields,
  list,
  number,
  oneOf,
  shape,
  text,
  unique,
  violation,
} from './shape.ts';

const label = text({ max: 20 });
const nameOf = (item: unknown) => (isFields(item) ? item['name'] : undefined);

const pie = shape({
  type: oneOf('pie'),
  segments: list(shape({ label, value: number({ min: Number.MIN_VALUE }) }), { max: 6 }),
});

const categoriesOf = (chart: Fields): readonly unknown[] => {
  const axis = chart['axis_config'];
  return isFields(axis) && Array.isArray(axis['categories']) ? axis['categories'] : [];
};

/** One point a category, in any order. */
const complete: Check = (chart, pointer) => {
  if (!isFields(chart) || !Array.isArray(chart['series'])) return [];
  const wanted = categoriesOf(chart).map(String).sort().join('\n');
  return chart['series'].flatMap((series, index) => {
    const points: readonly unknown[] = isFields(series) && Array.isArray(series['data']) ? series['data'] : [];
    const given = points
      .map((point) => (isFields(point) ? String(point['label']) : ''))
      .sort()
      .join('\n');
    return given === wanted
      ? []
      : [violation(`${pointer}/series/${index}/data`, 'must have exactly one point for each category')];
  });
};

function series(type: string): Check {
  return every(
    shape({
      type: oneOf(type),
      series: every(
        list(shape({ name: label, data: list(shape({ label, value: number() }), { max: 20 }) }), { max: 6 }),
        unique(nameOf, 'series name must be unique'),
      ),
      axis_config: shape({
        categories: list(label, { max: 20 }),
        'x_label?': text({ max: 50 }),
        'y_label?': text({ max: 50 }),
      }),
    }),
    complete,
  );
}

export const dataVisualization = shape({
  type: oneOf('data_visualization'),
  'block_id?': id,
  title: text({ max: 50 }),
  chart: byType({ pie, bar: series('bar'), area: series('area'), line: series('line') }),
});
