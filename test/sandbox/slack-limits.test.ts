// The limits of messages and views: the largest thing that Slack takes, and the smallest that it refuses.

import { expect, test } from 'vitest';
import { checkHome, checkMessage, checkModal } from './slack/limits/limits.ts';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const many = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));
const section = (length: number) => ({ type: 'section', text: mrkdwn(length) });
const actions = (elements: unknown[]) => ({ type: 'actions', elements });
const button = (more: object) => ({ type: 'button', text: plain(1), ...more });
const option = (text: number, value: number) => ({ text: plain(text), value: 'v'.repeat(value) });
const select = (options: unknown[]) => actions([{ type: 'static_select', options }]);
const cell = (length: number) => ({ type: 'raw_text', text: 'x'.repeat(length) });
const dataTable = (rows: number, columns: number, length = 1) => ({
  type: 'data_table',
  caption: 'Sources',
  rows: many(rows, () => many(columns, () => cell(length))),
});
const table = (rows: number, columns: number, length = 1) => ({
  type: 'table',
  rows: many(rows, () => many(columns, () => cell(length))),
});
const line = (series: number, points: number, labels = points) => ({
  type: 'data_visualization',
  title: 'Dormant',
  chart: {
    type: 'line',
    series: many(series, (s) => ({ name: `s${s}`, data: many(points, (p) => ({ label: `p${p}`, value: p })) })),
    axis_config: { categories: many(labels, (p) => `p${p}`) },
  },
});
const confirm = (title: number) => ({ title: plain(title), text: plain(300), confirm: plain(30), deny: plain(30) });

/** What it is about, the most that is taken, one more. */
const PER_BLOCK: readonly (readonly [string, unknown, unknown])[] = [
  ['header of 150 characters', { type: 'header', text: plain(150) }, { type: 'header', text: plain(151) }],
  ['header in plain text', { type: 'header', text: plain(1) }, { type: 'header', text: mrkdwn(1) }],
  ['section of 3,000 characters', section(3000), section(3001)],
  ['section with text', section(1), { type: 'section' }],
  ['text of one character', section(1), section(0)],
  [
    '10 fields',
    { type: 'section', fields: many(10, () => mrkdwn(1)) },
    { type: 'section', fields: many(11, () => mrkdwn(1)) },
  ],
  [
    'field of 2,000 characters',
    { type: 'section', fields: [mrkdwn(2000)] },
    { type: 'section', fields: [mrkdwn(2001)] },
  ],
  [
    '10 parts of a context',
    { type: 'context', elements: many(10, () => mrkdwn(1)) },
    { type: 'context', elements: many(11, () => mrkdwn(1)) },
  ],
  ['25 elements of actions', actions(many(25, () => button({}))), actions(many(26, () => button({})))],
  ['button text of 75 characters', actions([button({ text: plain(75) })]), actions([button({ text: plain(76) })])],
  [
    'button value of 2,000 characters',
    actions([button({ value: 'v'.repeat(2000) })]),
    actions([button({ value: 'v'.repeat(2001) })]),
  ],
  [
    'button URL of 3,000 characters',
    actions([button({ url: 'u'.repeat(3000) })]),
    actions([button({ url: 'u'.repeat(3001) })]),
  ],
  [
    'confirmation title of 100',
    actions([button({ confirm: confirm(100) })]),
    actions([button({ confirm: confirm(101) })]),
  ],
  [
    'action_id of 255',
    actions([button({ action_id: 'a'.repeat(255) })]),
    actions([button({ action_id: 'a'.repeat(256) })]),
  ],
  [
    'action_ids that differ',
    actions([button({ action_id: 'a' }), button({ action_id: 'b' })]),
    actions([button({ action_id: 'a' }), button({ action_id: 'a' })]),
  ],
  ['block_id of 255', { ...section(1), block_id: 'b'.repeat(255) }, { ...section(1), block_id: 'b'.repeat(256) }],
  ['100 options', select(many(100, () => option(1, 1))), select(many(101, () => option(1, 1)))],
  ['options at all', select([option(1, 1)]), select([])],
  ['option text of 75', select([option(75, 1)]), select([option(76, 1)])],
  ['option value of 75', select([option(1, 75)]), select([option(1, 76)])],
  [
    '5 options of an overflow',
    actions([{ type: 'overflow', options: many(5, () => option(1, 1)) }]),
    actions([{ type: 'overflow', options: many(6, () => option(1, 1)) }]),
  ],
  ['data_table of 101 rows', dataTable(101, 2), dataTable(102, 2)],
  ['data_table with a row under its heading', dataTable(2, 2), dataTable(1, 2)],
  ['data_table of 20 columns', dataTable(2, 20), dataTable(2, 21)],
  ['data_table of 10,000 characters', dataTable(100, 10, 10), dataTable(100, 10, 11)],
  [
    'data_table with rows of equal length',
    dataTable(2, 2),
    { ...dataTable(2, 2), rows: [[cell(1), cell(1)], [cell(1)]] },
  ],
  ['table of 100 rows', table(100, 2), table(101, 2)],
  ['table of 20 cells a row', table(2, 20), table(2, 21)],
  ['table without empty cells', table(2, 2, 1), table(2, 2, 0)],
  ['chart of 6 series', line(6, 20), line(7, 20)],
  ['chart of 20 points', line(1, 20), line(1, 21)],
  ['chart with a point for each category', line(1, 5, 5), line(1, 5, 4)],
  ['known types', { type: 'divider' }, { type: 'data_tabel' }],
  ['known properties', { type: 'divider' }, { type: 'divider', colour: 'red' }],
];

test.each(PER_BLOCK)('%s is the limit', (_name, most, more) => {
  expect(checkMessage({ text: 'x', blocks: [most] })).toEqual([]);
  expect(checkMessage({ text: 'x', blocks: [more] })).not.toEqual([]);
});

const dividers = (count: number) => many(count, () => ({ type: 'divider' }));

test.each([
  ['50 blocks', { text: 'x', blocks: dividers(50) }, { text: 'x', blocks: dividers(51) }, 'invalid_blocks'],
  ['4,000 characters of text', { text: 'x'.repeat(4000) }, { text: 'x'.repeat(4001) }, 'msg_too_long'],
  ['something to show', { text: 'x' }, { text: ' ' }, 'no_text'],
  [
    'one table',
    { blocks: [table(2, 2), section(1)] },
    { blocks: [table(2, 2), dataTable(2, 2)] },
    'invalid_attachments',
  ],
  [
    '13,200 drawn characters',
    { blocks: many(4, () => section(3000)) },
    { blocks: many(5, () => section(3000)) },
    'msg_blocks_too_long',
  ],
  ['two charts', { blocks: many(2, () => line(1, 2)) }, { blocks: many(3, () => line(1, 2)) }, 'invalid_blocks'],
  [
    'block_ids that differ',
    {
      blocks: [
        { ...section(1), block_id: 'a' },
        { ...section(1), block_id: 'b' },
      ],
    },
    { blocks: many(2, () => ({ ...section(1), block_id: 'a' })) },
    'invalid_blocks',
  ],
])('a message: %s', (_name, most, more, error) => {
  expect(checkMessage(most)).toEqual([]);
  expect(checkMessage(more).map((violation) => violation.error)).toContain(error);
});

test('what menus and confirmations hold is not drawn and does not count', () => {
  const full = select(many(100, () => option(75, 75)));
  expect(checkMessage({ blocks: [full, { ...full }, ...many(4, () => section(3000))] })).toEqual([]);
});

test('a violation points to its place in the words of Slack', () => {
  const blocks = [{ type: 'divider' }, { type: 'section', fields: [mrkdwn(1), mrkdwn(0)] }];
  expect(checkMessage({ text: 'x', blocks })).toEqual([
    { error: 'invalid_blocks', pointer: '/blocks/1/fields/1/text', message: 'must be more than 0 characters' },
  ]);
});

test('App Home takes 100 blocks, and no charts', () => {
  expect(checkHome({ type: 'home', blocks: dividers(100) })).toEqual([]);
  expect(checkHome({ type: 'home', blocks: dividers(101) })).toHaveLength(1);
  expect(checkHome({ type: 'home', blocks: [dataTable(3, 3)] })).toEqual([]);
  expect(checkHome({ type: 'home', blocks: [line(1, 2)] })).toMatchObject([{ pointer: '/view/blocks/0/type' }]);
});

test('a modal needs a title of 24 characters, no table, and a way to send its inputs', () => {
  const input = { type: 'input', label: plain(1), element: { type: 'plain_text_input' } };
  expect(checkModal({ type: 'modal', title: plain(24), submit: plain(24), blocks: [input] })).toEqual([]);
  expect(checkModal({ type: 'modal', title: plain(25), submit: plain(24), blocks: [input] })).toHaveLength(1);
  expect(checkModal({ type: 'modal', title: plain(1), blocks: [input] })).toHaveLength(1);
  expect(checkModal({ type: 'modal', title: plain(1), blocks: [table(2, 2)] })).toHaveLength(1);
  expect(checkModal({ type: 'modal', blocks: [] })).toHaveLength(1);
});
