// Tables in pages: every row can be reached, and each page has the sum of all rows.

import { expect, test } from 'vitest';
import { bold, moment } from '../../../src/slack/blockkit/rich-text.ts';
import { figure, restName, type TableInput, table, tablePage } from '../../../src/slack/blockkit/table.ts';
import type { TableStyle } from '../../../src/slack/blockkit/types.ts';
import { fc } from '../../core/arbitrary.ts';
import { drawn } from '../views/drawn.ts';

interface Row {
  readonly name: string;
  readonly value: number;
}

function input(rows: readonly Row[], more: Partial<TableInput<Row>> = {}): TableInput<Row> {
  return {
    caption: 'Rows',
    columns: [
      { title: 'Name', kind: 'name', cell: ({ name }) => name },
      { title: 'Value', kind: 'figure', cell: ({ value }) => figure(value) },
    ],
    rows,
    rest: (others, where) => ({
      name: restName(others, where),
      value: others.reduce((all, { value }) => all + value, 0),
    }),
    style: 'data_table',
    room: 4_000,
    ...more,
  };
}

const shown = (block: Parameters<typeof drawn>[0]['blocks'][number]) =>
  drawn({ text: '', blocks: [block] }).split('\n');
const STYLES: readonly TableStyle[] = ['data_table', 'table', 'text', 'short'];

test('turning pages shows each row once, in order, and each page adds up to all rows', () => {
  const rowsOf = fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.nat({ max: 999 })), { maxLength: 300 });
  fc.assert(
    fc.property(rowsOf, fc.constantFrom(...STYLES), (made, style) => {
      const rows = made.map(([length, value], index): Row => ({ name: `${index} ${'x'.repeat(length)}`, value }));
      const all = rows.reduce((sum, { value }) => sum + value, 0);
      const last = [{ name: 'last', value: 7 }];
      const seen: string[] = [];
      for (let from = 0; from < rows.length; ) {
        const page = tablePage(input(rows, { style, last, from }));
        if (page === null) throw new Error('no page');
        expect([page.from, page.of]).toEqual([from, rows.length]);
        const [, ...lines] = shown(page.block);
        const values = lines.map((line) => Number(/[\d,]+$/.exec(line)?.[0].replaceAll(',', '')));
        expect(values.reduce((sum, value) => sum + value, 0)).toBe(all + 7);
        expect(lines.at(-1)).toMatch(/^last/);
        seen.push(...lines.filter((line) => / x/.test(line)).map((line) => line.split(' ')[0] ?? ''));
        expect(page.end).toBeGreaterThan(from);
        from = page.end;
      }
      expect(seen).toEqual(rows.map((_, index) => `${index}`));
    }),
    { numRuns: 60 },
  );
});

test('a place behind the last row is the first page: there were more rows before', () => {
  const rows = [...Array(120).keys()].map((index) => ({ name: `row ${index}`, value: index }));
  expect(tablePage(input(rows, { from: 500 }))).toMatchObject({ from: 0, end: 99, of: 120 });
  const second = tablePage(input(rows, { from: 99 }));
  expect(second && shown(second.block).slice(1, 3)).toEqual(['99 before | 4,851', 'row 99 | 99']);
});

test('a cell may hold marked words and a time, and unknown is ?, never 0', () => {
  const at = moment('2026-11-21T10:00:00Z', 'date-time');
  const columns = [
    { title: 'State', kind: 'name', cell: () => ['🔴 ', bold('2 critical')] },
    { title: 'Read', kind: 'name', cell: () => [at, ', 5 min ago'] },
    { title: 'Used', kind: 'figure', cell: () => null },
  ] as const;
  const of = (style: TableStyle) => {
    const block = table({ ...input([{ name: 'a', value: 1 }], { style }), columns });
    return block === null ? [] : shown(block).slice(1);
  };
  expect(of('data_table')).toEqual(['🔴 **2 critical** | {2026-11-21 10:00 UTC}, 5 min ago | ?']);
  expect(of('text')).toEqual(['🔴 2 critical  2026-11-21 10:00 UTC, 5 min ago     ?']);
});
