// Charts: what a point is, the time below it, and what is not drawn.

import { expect, onTestFinished, test } from 'vitest';
import { historyOf as storedHistory } from '../../../src/app/monitor/history.ts';
import { createStateCache } from '../../../src/app/monitor/state-cache.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import type { History, HistoryRequest } from '../../../src/core/ports/monitor.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { ALERT_CHART, alertChart, type Chart, historyChart } from '../../../src/slack/views/chart.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { changeOf, DAY, HOUR, headOf, KEEP, MINUTE, snapshotOf } from '../../store/sample.ts';
import { drawn } from './drawn.ts';
import { historyOf, usualSpread } from './watch-sample.ts';

const UTC = { figure: 'dormant', title: 'Last 24 h, times in UTC', timeZone: 'UTC' } as const;
const seen = (chart: Chart | null) => (chart === null ? null : drawn({ text: '', blocks: [chart.block] }));
const labelsOf = (chart: Chart | null) => chart?.block.chart.axis_config.categories;

/** Four hours in four pieces, from 06:00 to 10:00. */
const hours = (parts: Partial<History> = {}): History => {
  const day = historyOf([60, 61, 62, 412], parts, (index) => [60, 60.4, 61, 61][index] ?? null);
  const from = Date.parse('2026-11-21T06:00:00Z');
  const buckets = day.buckets.map((bucket, index) => ({ ...bucket, from: from + index * HOUR }));
  return { ...day, from, to: from + 4 * HOUR, newest: from + 4 * HOUR - 18 * MINUTE, buckets, ...parts };
};

test('a point has the highest figure and the end of its interval; the last one ends with the newest reading', () => {
  expect(seen(historyChart(hours(), UTC))).toBe(
    [
      'chart: Last 24 h, times in UTC',
      'dormant, at most 07:00 60, 08:00 61, 09:00 62, 09:42 412',
      'usual, at most 07:00 60, 08:00 60.4, 09:00 61, 09:42 61',
    ].join('\n'),
  );
});

test('beside pooled connections stands what was usual for them', () => {
  const buckets = hours().buckets.map((bucket, index) => ({ ...bucket, usual: usualSpread(60, 64 + index) }));
  const chart = historyChart(hours({ buckets }), { ...UTC, figure: 'pooled' });
  expect(seen(chart)).toContain('usual, at most 07:00 64, 08:00 65, 09:00 66, 09:42 67');
});

test('a baseline with gaps is not drawn, and one point is no line', () => {
  const buckets = hours().buckets.map((bucket, index) => (index === 0 ? { ...bucket, usual: null } : bucket));
  expect(seen(historyChart(hours({ buckets }), UTC))).not.toContain('usual, at most');
  expect(historyChart(hours({ buckets: hours().buckets.slice(0, 1) }), UTC)).toBeNull();
});

test('what was not read is no zero: its point is left out, and the chart says so', () => {
  const nothing = { dormant: null, pooled: null };
  const buckets = hours().buckets.map((bucket, index) =>
    index === 0
      ? { ...bucket, ...nothing, readings: 0 }
      : index === 1
        ? { ...bucket, ...nothing, incomplete: 12 }
        : bucket,
  );
  const chart = historyChart(hours({ buckets }), UTC);
  expect(seen(chart)).toContain('dormant, at most 09:00 62, 09:42 412');
  expect(chart?.notes).toEqual([
    ['No readings in 1 of 4 intervals; they are left out.'],
    ['Only incomplete readings in 1 of 4 intervals, without this figure; they are left out.'],
  ]);
});

test("times are those of the given zone, and labels differ: when clocks are set back, and in an interval's first minute", () => {
  const berlin = { ...UTC, timeZone: 'Europe/Berlin' };
  expect(labelsOf(historyChart(hours(), berlin))).toEqual(['08:00', '09:00', '10:00', '10:42']);
  const autumn = Date.parse('2026-10-24T23:00:00Z');
  const buckets = hours().buckets.map((bucket, index) => ({ ...bucket, from: autumn + index * HOUR }));
  const night = hours({ buckets, from: autumn, to: autumn + 4 * HOUR, newest: autumn + 3 * HOUR + 7_000 });
  expect(labelsOf(historyChart(night, berlin))).toEqual(['02:00', '02:00 again', '03:00', '03:00:07']);
  const days = historyOf([1, 2, 3], { newest: null });
  const [from = 0] = days.buckets.map((bucket) => bucket.from);
  const long = (step: number) =>
    labelsOf(
      historyChart(
        {
          ...days,
          to: from + 3 * step,
          buckets: days.buckets.map((bucket, index) => ({ ...bucket, from: from + index * step })),
        },
        UTC,
      ),
    );
  expect(long(12 * HOUR)).toEqual(['11-20 22:00', '11-21 10:00', '11-21 22:00']);
  expect(long(7 * DAY)).toEqual(['2026-11-27 10:00', '2026-12-04 10:00', '2026-12-11 10:00']);
});

/** A reading every five minutes, one second late, and a spike at 13:12. */
async function incident(now: string) {
  const time = (clock: string) => Date.parse(`2026-11-21T${clock}Z`);
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: () => new Date(time(now)) });
  onTestFinished(() => store.close());
  const held = (at: number) => (at >= time('13:12:00') && at < time('13:18:00') ? 412 : 60);
  const snapshots: Snapshot[] = [];
  for (let at = time('10:00:01'); at < time('14:41:00'); at += 5 * MINUTE) {
    // Nothing was read for half an hour.
    if (at > time('12:20:00') && at < time('12:51:00')) continue;
    const usual = { a: { dormant: 61, pooled: 64 } };
    snapshots.push(snapshotOf({ at, holding: { a: [4, held(at)] }, usual, nodes: { n: [held(at) + 40, 500] } }));
  }
  // While the node is full: between two slots.
  const extra = snapshotOf({ at: time('14:41:30'), holding: { a: [4, 90] }, nodes: { n: [497, 500] } });
  snapshots.push({ ...extra, extra: true });
  for (const [index, snapshot] of snapshots.entries()) {
    const head = snapshot.extra === true ? null : headOf(index + 1, snapshot.at);
    await store.write(changeOf({ reading: { slot: snapshot.at, snapshot }, head }));
  }
  const memory = createStateCache({ store, book: DEFAULT_BOOK, readOnly: true });
  const asking = { store, memory, book: DEFAULT_BOOK, now: () => new Date(time(now)) };
  return (request: Partial<HistoryRequest>) =>
    storedHistory(asking, {
      ...{ cluster: 'prod', source: null, signal: new AbortController().signal },
      ...{ ...ALERT_CHART, end: 'newest', ...request },
    });
}

const vienna = { figure: 'dormant', timeZone: 'Europe/Vienna', isOver: false } as const;

test("an alert's chart shows a spike when it was, and ends with the newest reading", async () => {
  const history = await incident('14:44:00');
  const chart = alertChart(await history({ source: 'a' }), vienna);
  expect(chart?.block.title).toBe('Last 3 h, times in Europe/Vienna');
  const [line] = chart?.block.chart.series ?? [];
  // 12:21 to 12:51 in UTC is missing.
  expect(line?.data.map(({ label, value }) => `${label} ${value}`)).toEqual([
    ...['12:51 60', '13:01 60', '13:11 60', '13:21 60'],
    ...['14:01 60', '14:11 60', '14:21 412'],
    ...['14:31 60', '14:41 60', '14:51 60', '15:01 60', '15:11 60', '15:21 60', '15:31 60', '15:41 90'],
  ]);
  expect(chart?.notes).toEqual([['No readings in 3 of 18 intervals; they are left out.']]);
});

test("a node's alert draws the connections of the node and its limit", async () => {
  const history = await incident('14:44:00');
  const chart = alertChart(await history({ node: 'n' }), vienna);
  const lines = chart?.block.chart.series.map(({ name, data }) => [name, ...data.slice(-3).map(({ value }) => value)]);
  expect(lines).toEqual([
    ['connections, at most', 100, 100, 497],
    ['limit', 500, 500, 500],
  ]);
});

test('the chart of an alert that is over ends with its end', async () => {
  const history = await incident('20:44:00');
  const end = Date.parse('2026-11-21T13:30:01Z');
  const chart = alertChart(await history({ source: 'a', end }), { ...vienna, timeZone: 'UTC', isOver: true });
  expect(chart?.block.title).toBe('Its last 3 h, times in UTC');
  expect(chart?.block.chart.series[0]?.data.slice(-2)).toEqual([
    { label: '13:20', value: 412 },
    { label: '13:30', value: 60 },
  ]);
});
