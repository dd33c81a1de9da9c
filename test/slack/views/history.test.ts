// The history of a source or a cluster in Slack: what its chart and its table say.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { historyView } from '../../../src/slack/views/history.ts';
import { drawn } from './drawn.ts';
import { historyOf, TEN } from './watch-sample.ts';

const shown = { tables: 'data_table', place: { kind: 'answer' }, timeZone: 'UTC' } as const;

test('a history is a chart, a table and a line; time that was not read is named and no zero', () => {
  const history = historyOf([60, 61, null, 412]);
  expect(drawn(historyView({ history, sources: [], window: DAY, ...shown }))).toMatchInlineSnapshot(`
    "# Billing API in prod — the last 24h
    Now 412 dormant and 4 active, usually 61 dormant; peak 412, {2026-11-21 04:00 UTC}; first seen {2026-10-22 10:00 UTC}.
    No readings in 1 of 4 intervals; they are left out.
    chart: Dormant connections, last 24h
    dormant, at most 16:00 60, 22:00 61, 09:59 412
    usual, at most 16:00 61, 22:00 61, 09:59 61
    Until | Dormant, at most | Usual | Median | Pooled, at most | Readings
    {2026-11-21 09:59 UTC} | 412 | 61 | 412 | 412 | 12
    no readings {22:00 UTC} to {04:00 UTC} | – | – | – | – | –
    {2026-11-20 22:00 UTC} | 61 | 61 | 61 | 61 | 12
    {2026-11-20 16:00 UTC} | 60 | 61 | 60 | 60 | 12
    (1h) (24h) (7d) (35d) (400d)
    (Back)
    small: since <!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>, in pieces of 6h; a time is the end of its piece · times in the chart are in UTC"
  `);
});

test("a cluster's history lists its sources: now, usual, peak, first seen", () => {
  const history = historyOf([600, 700], { source: null, usualNow: null }, () => null);
  const gone = historyOf([9, 0], {
    source: { id: 'x', name: 'Old', firstSeen: TEN - DAY, lastSeen: TEN - HOUR },
    now: null,
    usualNow: null,
  });
  const view = historyView({ history, sources: [historyOf([60, 412]), gone], window: DAY, ...shown });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# prod — the last 24h
    Now 700 dormant and 4 active; peak 700, {2026-11-20 22:00 UTC}.
    chart: Dormant connections, last 24h
    dormant, at most 22:00 600, 09:59 700
    Source | Dormant now | Usual | Peak | First seen
    Billing API | 412 | 61 | 412 | {2026-10-22 10:00 UTC}
    Old | – | – | 9 | {2026-11-20 10:00 UTC}
    (1h) (24h) (7d) (35d) (400d)
    (Back)
    small: since <!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>, in pieces of 12h; a time is the end of its piece · times in the chart are in UTC"
  `);
});

test('one reading makes no chart, and a line says so', () => {
  const view = historyView({ history: historyOf([null, null, 3]), sources: [], window: HOUR, ...shown });
  expect(drawn(view)).toContain('There are too few readings for a chart.');
  expect(view.blocks.map(({ type }) => type)).not.toContain('data_visualization');
});

test('time without any reading is one row of the table, with the times of the chart', () => {
  const held = [60, 61, null, null, null, 62, null, null];
  const history = historyOf(held, { newest: TEN - 7 * HOUR });
  const view = historyView({ history, sources: [], window: DAY, ...shown });
  const rows = drawn(view)
    .split('\n')
    .filter((line) => line.includes(' | '));
  expect(rows.map((row) => row.split(' | ').slice(0, 3).join(' | '))).toEqual([
    'Until | Dormant, at most | Usual',
    'no readings since {03:00 UTC} | – | –',
    '{2026-11-21 03:00 UTC} | 62 | 61',
    'no readings {16:00 UTC} to {01:00 UTC} | – | –',
    '{2026-11-20 16:00 UTC} | 61 | 61',
    '{2026-11-20 13:00 UTC} | 60 | 61',
  ]);
  expect(drawn(view)).toContain('dormant, at most 13:00 60, 16:00 61, 03:00 62');
  expect(drawn(view)).toContain('No readings in 5 of 8 intervals; they are left out.');
  const text = historyView({ history, sources: [], window: DAY, ...shown, tables: 'text' });
  expect(drawn(text)).toContain('no readings 16:00 UTC to 01:00 UTC');
});

test('a cluster that hides its sources shows the totals of its nodes and their limit', () => {
  const day = historyOf([null, null, null]);
  const totals = [90, 480, 120].map((value) => ({ min: value, median: value - 10, max: value }));
  const buckets = day.buckets.map((bucket, index) => {
    return { ...bucket, connections: totals[index] ?? null, limit: 500, readings: 12 };
  });
  const history = historyOf([], {
    ...{ source: null, figure: 'connections', usualNow: null, now: null, buckets },
    ...{ connections: { current: 120, limit: 500 }, max: { value: 480, at: TEN - 10 * HOUR } },
  });
  const seen = drawn(historyView({ history, sources: [], window: DAY, ...shown }));
  expect(seen).toContain('Now 120 of 500 connections on all nodes; peak 480, {2026-11-21 00:00 UTC}.');
  expect(seen).toContain('Only the totals of the nodes are known in this time, no sources.');
  expect(seen).toContain('connections, at most 18:00 90, 02:00 480, 09:59 120\nlimit 18:00 500, 02:00 500, 09:59 500');
  expect(seen).toContain('Until | Connections, at most | Limit | Median | Readings');
  expect(seen).toContain('{2026-11-21 02:00 UTC} | 480 | 500 | 470 | 12');
  const unread = { ...history, connections: null, newest: TEN - MINUTE };
  expect(drawn(historyView({ history: unread, sources: [], window: DAY, ...shown }))).toContain(
    'No node was read at the last reading; peak 480',
  );
});
