import { expect, test } from 'vitest';
import { asText, clamped } from '../../../src/slack/blockkit/fallback.ts';
import { reportView } from '../../../src/slack/views/report.ts';
import { completeReport, source } from '../../cli/sample.ts';
import { drawn, said } from '../views/drawn.ts';

const sources = [...Array(60).keys()].map((index) => source(`10.0.${index}.0/24`, { name: `*team* ${index}` }));
const view = reportView({
  report: completeReport({ sources, findings: [] }),
  by: 'source',
  ageMs: 0,
  tables: 'data_table',
  place: { kind: 'answer' },
});

test('a refused message is sent again without its native table, with fewer rows and choices', () => {
  const smaller = clamped(view);
  expect(smaller.text).toBe(view.text);
  expect(smaller.blocks.map(({ type }) => type)).toEqual(['header', 'rich_text', 'rich_text', 'actions', 'context']);
  const lines = drawn(smaller).split('\n');
  expect(lines.slice(2, 5)).toEqual([
    'Source · Active · Dormant · Heartbeats · Clients · Of all',
    '*team* 0 · 4 · 412 · 72 · 12 · 67 %',
    '*team* 1 · 4 · 412 · 72 · 12 · 67 %',
  ]);
  expect(lines).toContain('… and 46 more rows');
  expect(lines.at(-2)?.split(';')).toHaveLength(20);
});

test('the last resort is words alone, escaped, with the rows of the table', () => {
  const words = asText(view);
  expect(words.blocks).toEqual([]);
  const lines = said(words).split('\n');
  expect(lines[0]).toBe('prod — 785 connections, busiest node at 31 %');
  expect(lines).toContain('∗team∗ 1 · 4 · 412 · 72 · 12 · 67 %');
  expect(lines.at(-1)).toBe('… and 46 more rows');
});
