// table and data_table: one of them a message, and the smaller of the numbers that Slack's documents name.

import { id } from './composition.ts';
import { button } from './element.ts';
import { richText } from './rich-text.ts';
import {
  byType,
  type Check,
  every,
  flag,
  isFields,
  list,
  number,
  oneOf,
  shape,
  text,
  type Violation,
  violation,
} from './shape.ts';

export const TABLE_CHARACTERS = 10_000;

const rawText = shape({ type: oneOf('raw_text'), text: text() });
const rawNumber = shape({ type: oneOf('raw_number'), value: number(), 'text?': text() });
const action = shape({ type: oneOf('action'), element: button, fallback: text() });
const cell = byType({ raw_text: rawText, raw_number: rawNumber, rich_text: richText });
const dataCell = byType({ raw_text: rawText, raw_number: rawNumber, rich_text: richText, action });
const heading = byType({ raw_text: rawText, raw_number: rawNumber });
const setting = shape({ 'align?': oneOf('left', 'center', 'right'), 'is_wrapped?': flag });
const settingOrNone: Check = (value, pointer) => (value === null ? [] : setting(value, pointer));

/** What a reader sees of a table's cells, in characters. */
export function tableCharacters(block: unknown): number {
  return isFields(block) ? shown(block['rows']) : 0;
}

function shown(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + shown(one), 0);
  if (!isFields(value)) return 0;
  if (value['type'] === 'raw_number') return String(value['text'] ?? value['value']).length;
  const own = typeof value['text'] === 'string' ? value['text'].length : 0;
  return (
    own + shown(value['elements']) + shown(value['element']) + (isFields(value['text']) ? shown(value['text']) : 0)
  );
}

const notTooLong: Check = (block, pointer) =>
  tableCharacters(block) > TABLE_CHARACTERS
    ? [violation(`${pointer}/rows`, `no more than ${TABLE_CHARACTERS} characters in all cells allowed`)]
    : [];

/** Every row as long as the first, whose cells are the columns' names. */
const even: Check = (block, pointer) => {
  const rows = isFields(block) && Array.isArray(block['rows']) ? block['rows'] : [];
  const columns = Array.isArray(rows[0]) ? rows[0] : [];
  return rows.flatMap((row, index): readonly Violation[] => {
    const at = `${pointer}/rows/${index}`;
    if (index === 0) return columns.flatMap((name, column) => heading(name, `${at}/${column}`));
    const isEven = Array.isArray(row) && row.length === columns.length;
    return isEven ? [] : [violation(at, `must have ${columns.length} cells as the first row has`)];
  });
};

export const table = every(
  shape({
    type: oneOf('table'),
    'block_id?': id,
    rows: list(list(cell, { max: 20 }), { max: 100 }),
    'column_settings?': list(settingOrNone, { max: 20 }),
  }),
  notTooLong,
);

export const dataTable = every(
  shape({
    type: oneOf('data_table'),
    'block_id?': id,
    caption: text(),
    rows: list(list(dataCell, { max: 20 }), { min: 2, max: 101 }),
    'page_size?': number({ min: 1, max: 100 }),
    'row_header_column_index?': number({ min: 0, max: 19 }),
  }),
  even,
  notTooLong,
);
