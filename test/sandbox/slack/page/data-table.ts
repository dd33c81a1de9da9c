// Tables: `data_table` with sorting and pages as in Slack, `table` as it stands.

import { createElement as h, type ReactElement, type ReactNode } from 'react';
import { interactive } from './element.ts';
import { type Fields, fieldsOf, numberOf, stringOf } from './field.ts';
import { libraryHtml } from './library.ts';
import type { Names } from './names.ts';

type Row = readonly Fields[];

export function dataTable(block: Fields, names: Names): ReactElement {
  const [head = [], ...body] = rowsOf(block);
  const numeric = head.map(
    (_, column) => body.length > 0 && body.every((row) => row[column]?.['type'] === 'raw_number'),
  );
  // Of figures: also where some are unknown.
  const figures = head.map((_, column) => body.some((row) => row[column]?.['type'] === 'raw_number'));
  const pageSize = numberOf(block['page_size']) ?? 5;
  const rowHeader = numberOf(block['row_header_column_index']) ?? 0;
  const headers = head.map((cell, column) =>
    h(
      'th',
      { key: column, scope: 'col', 'aria-sort': 'none', className: figures[column] ? 'number' : undefined },
      h(
        'button',
        { type: 'button', 'data-sort': column, 'data-numeric': numeric[column], 'data-focus': `sort/${column}` },
        content(cell, names),
      ),
    ),
  );
  const rows = body.map((row, at) =>
    h(
      'tr',
      { key: at, hidden: at >= pageSize },
      row.map((cell, column) =>
        h(
          column === rowHeader ? 'th' : 'td',
          {
            key: column,
            ...(column === rowHeader && { scope: 'row' }),
            className: figures[column] ? 'number' : undefined,
            'data-value': numberOf(cell['value']) ?? undefined,
          },
          content(cell, names),
        ),
      ),
    ),
  );
  const table = h(
    'table',
    { 'data-page': pageSize },
    h('caption', null, stringOf(block['caption'])),
    h('thead', null, h('tr', null, headers)),
    h('tbody', null, rows),
  );
  return frame(table, body.length > pageSize ? more(body.length) : null);
}

/** Slack turns pages; here one button shows the rest, so that a table can be read whole. */
function more(rows: number): ReactElement {
  return h(
    'button',
    { type: 'button', className: 'more', 'data-more': '', 'data-focus': 'more' },
    `Show all ${rows} rows`,
  );
}

export function plainTable(block: Fields, names: Names): ReactElement {
  const settings = Array.isArray(block['column_settings']) ? block['column_settings'].map(fieldsOf) : [];
  const rows = rowsOf(block).map((row, at) =>
    h(
      'tr',
      { key: at },
      row.map((cell, column) => {
        const { align, is_wrapped: wrapped } = settings[column] ?? {};
        const classes = [align === 'right' && 'number', align === 'center' && 'center', wrapped === true && 'wrapped'];
        const className = classes.filter(Boolean).join(' ') || undefined;
        return h(
          at === 0 ? 'th' : 'td',
          { key: column, className, ...(at === 0 && { scope: 'col' }) },
          content(cell, names),
        );
      }),
    ),
  );
  return frame(h('table', null, h('thead', null, rows.slice(0, 1)), h('tbody', null, rows.slice(1))), null);
}

function frame(table: ReactElement, under: ReactNode): ReactElement {
  // Focusable, so that the keyboard can scroll a wide table on a narrow screen.
  return h('div', { className: 'table' }, h('div', { className: 'scroll', tabIndex: 0, role: 'group' }, table), under);
}

function rowsOf(block: Fields): readonly Row[] {
  const rows: unknown[] = Array.isArray(block['rows']) ? block['rows'] : [];
  return rows.map((row) => (Array.isArray(row) ? row.map(fieldsOf) : []));
}

function content(cell: Fields, names: Names): ReactNode {
  const { type } = cell;
  if (type === 'raw_text' || type === 'raw_number') return stringOf(cell['text']);
  if (type === 'action') return interactive(fieldsOf(cell['element']), { blockId: '' });
  const html = type === 'rich_text' ? libraryHtml(cell, names) : null;
  if (html !== null) return h('div', { dangerouslySetInnerHTML: { __html: html } });
  return type === undefined ? '' : h('span', { className: 'unknown' }, `cell type ${stringOf(type)}`);
}
