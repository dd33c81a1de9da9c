import { expect, test } from 'vitest';
import { asText, clamped } from '../../../src/slack/blockkit/fallback.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { completeReport, source } from '../../cli/sample.ts';
import { drawn, said } from '../views/drawn.ts';

const sources = [...Array(60).keys()].map((index) => source(`10.0.${index}.0/24`, { name: `*team* ${index}` }));
const report = completeReport({ sources, findings: [] });
const shown = { report, by: 'source', ageMs: 0, place: { kind: 'answer' } } as const;
const view = reportView({ ...shown, tables: 'data_table' });

test('a refused message is sent again without its native table, with short pages of rows and fewer choices', () => {
  const smaller = clamped(reportView({ ...shown, tables: 'short' }));
  expect(smaller.text).toBe(view.text);
  expect(smaller.blocks.map(({ type }) => type)).toEqual([
    'header',
    'rich_text',
    'rich_text',
    'actions',
    'actions',
    'context',
  ]);
  const lines = drawn(smaller).split('\n');
  expect(lines.slice(2, 5)).toEqual([
    'Source                     Dormant  Connections  Active  Clients  Heartbeats',
    '*team* 0                       412          488       4       12          72',
    '*team* 1                       412          488       4       12          72',
  ]);
  expect(lines.find((line) => line.startsWith('and '))).toMatch(/^and 48 more +19,776 +23,424 /);
  expect(lines).toContain('(Next rows (48 more))');
  expect(lines.at(-2)?.split(';')).toHaveLength(20);
});

test('the last resort is words alone, escaped, with the rows of the table', () => {
  const words = asText(view);
  expect(words.blocks).toEqual([]);
  const lines = said(words).split('\n');
  expect(lines[0]).toBe('prod — 785 connections, busiest node at 31 %');
  expect(lines).toContain('∗team∗ 59 · 412 · 488 · 4 · 12 · 72');
});
