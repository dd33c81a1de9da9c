// What `history` prints: for people within the terminal's width, for programs as data, and nothing unknown as a zero.

import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { Commands, HistoryQuery } from '../../src/app/commands/types.ts';
import { type HistoryOptions, showHistory } from '../../src/cli/history.ts';
import type { History } from '../../src/core/ports/monitor.ts';
import type { Snapshot } from '../../src/core/snapshots/snapshot.ts';
import { bucketsOf, clusterHistory, historyOf } from './history-sample.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const NOTHING: Pick<HistoryQuery, 'cluster' | 'source' | 'word'> = { cluster: null, source: null, word: null };

async function shown(
  histories: readonly History[],
  more: { readonly options?: HistoryOptions; readonly columns?: number; readonly asked?: Partial<typeof NOTHING> } = {},
) {
  const { terminal, said } = recordedTerminal(more.columns);
  const asked: HistoryQuery[] = [];
  const commands = someCommands({
    history: async (query) => {
      asked.push(query);
      return histories;
    },
  });
  const { signal } = new AbortController();
  const code = await showHistory({
    ...NOTHING,
    ...more.asked,
    options: more.options ?? {},
    commands,
    terminal,
    signal,
  });
  expect(code).toBe(0);
  return { ...said(), asked };
}

const billing = historyOf('203.0.113.0/24', { name: 'Billing API' });

test('one source: its figures in words, a chart with the baseline, and a legend', async () => {
  const { out } = await shown([billing], { asked: { source: 'Billing API' } });
  expect(out).toBe(`Billing API  203.0.113.0/24  prod  dormant connections, last 24h
  412 dormant and 4 active in the last reading · usual 61 · peak 540 dormant
  at 2026-11-21 09:00 · first seen 2026-10-22 06:00

540 ┤                                                      █████████
    │                                             ▇▇▇▇▇▇▇▇▇█████████▇▇▇▇▇▇▇▇▇
    │                                             ███████████████████████████
    │                                             ███████████████████████████
  0 ┤▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅··················███████████████████████████
     2026-11-21 06:00                                        2026-11-21 09:59

No readings 2026-11-21 07:30 to 2026-11-21 08:30.
· no reading at that time
Times are in UTC.
`);
});

test('a cluster: its sum as a chart, and a table of its sources, within 80 columns', async () => {
  const unknown = historyOf('198.51.100.9', {
    buckets: bucketsOf([null, null, null, null, null, null, null, null]),
    usualNow: null,
    now: null,
    max: null,
  });
  const { out } = await shown([clusterHistory(), billing, unknown]);
  const [, , table] = out.split('\n\n');
  expect(table?.split('\n')).toEqual([
    'SOURCE        NOW  USUAL  PEAK         WHEN  FIRST SEEN   DORMANT',
    'Billing API   412     61   540  11-21 09:00  2026-10-22  ▁▁▁··▇█▇',
    '198.51.100.9    –      –     –            –  2026-10-22  ········',
  ]);
  expect(Math.max(...out.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
});

test.each([40, 60, 80, 200])('no line is wider than %i columns, whatever sources are called', async (columns) => {
  const named = historyOf('0.0.0.0/0 app:x', { name: `anyone: app "${'long '.repeat(30)}"` });
  const { out } = await shown([clusterHistory({ cluster: 'a-rather-long-name-of-a-cluster' }), named], { columns });
  const table = out.split('\n').filter((line) => !line.includes('dormant connections'));
  // Figures are never cut: where they alone need more, the line wraps.
  expect(Math.max(...table.map((line) => stringWidth(line)))).toBeLessThanOrEqual(Math.max(columns, 62));
});

test('what was usual is drawn where it is above the figures, and explained', async () => {
  const dormant = [61, 60, 62, null, null, 411, 539, 411];
  const known = await shown([
    historyOf('a', {
      buckets: bucketsOf(
        dormant,
        Array.from({ length: 8 }, () => 300),
      ),
    }),
  ]);
  expect(known.out).toMatch(/│╌{27} {18}█+\n/);
  expect(known.out).toContain('╌ what was usual at that time');
  // As after an update: the readings before it have none.
  const partly = await shown([historyOf('a', { buckets: bucketsOf(dormant, [null, null, 300]) })]);
  expect(partly.out).toMatch(/│ {18}╌{9} {18}█+\n/);
  const none = await shown([historyOf('a', { buckets: bucketsOf(dormant) })]);
  expect(none.out).not.toContain('╌');
  expect(none.out).not.toContain('There is no baseline yet');
});

test('gaps and a missing baseline are said', async () => {
  const buckets = bucketsOf([61, 60, 62, 61, null, null, null, null]).map((bucket, index) => ({
    ...bucket,
    incomplete: index === 0 ? 2 : 0,
  }));
  const { out } = await shown([historyOf('a', { buckets, usualNow: null })]);
  expect(out).toContain('No readings since 2026-11-21 08:00.');
  expect(out).toContain('2 of 24 readings were incomplete');
  expect(out).toContain('There is no baseline yet: it takes a day of history.');
  const none = await shown([clusterHistory({ buckets: bucketsOf([null, null]), now: null, max: null })]);
  expect(none.out).toContain('No readings in this window.');
  expect(none.out).toContain('no sources in the last reading');
});

test('a cluster that hides its sources: the totals of its nodes, of their limit, in text and as data', async () => {
  const buckets = bucketsOf([1, 1, 1]).map((bucket, index) => {
    const value = [90, 480, 120][index] ?? 0;
    const connections = { min: value, median: value, max: value };
    return { ...bucket, dormant: null, pooled: null, usual: null, connections, limit: 500 };
  });
  const [current, limit] = [120, 500];
  const history = clusterHistory({
    ...{ figure: 'connections', buckets, now: null, connections: { current, limit } },
    max: { value: 480, at: buckets[1]?.from ?? 0 },
  });
  const { out } = await shown([history]);
  expect(out).toContain('prod  all connections, last 24h');
  expect(out).toContain('120 of 500 connections on all nodes in the last reading · peak 480');
  expect(out).toContain('480 ┤');
  expect(out).toContain('Only the totals of the nodes are known in this time, no sources.');
  expect(out).not.toContain('baseline');
  const { series } = JSON.parse((await shown([history], { options: { json: true } })).out);
  expect(series).toMatchObject([
    {
      max: { connections: 480, at: '2026-11-21T06:30:00.000Z' },
      points: [{ dormant: null, connections: { max: 90 }, limit: 500 }, { limit: 500 }, { limit: 500 }],
      connections: { current: 120, limit: 500 },
    },
  ]);
});

test('outside text cannot act on the terminal, in any form', async () => {
  const evil = historyOf('0.0.0.0/0 app:x', { name: 'x\u001b[2J\u202e' });
  for (const options of [{}, { json: true }, { csv: true }] as const) {
    const { out } = await shown([clusterHistory(), evil], { options });
    for (const character of ['\u001b', '\u202e']) expect(out).not.toContain(character);
  }
});

test('JSON has the series, with null for what was not read', async () => {
  const { out } = await shown([billing], { options: { json: true, window: 3_600_000 } });
  const { schema, cluster, from, to, series } = JSON.parse(out);
  expect({ schema, cluster, from, to }).toEqual({
    schema: 'atlas-conns/history/1',
    cluster: 'prod',
    from: '2026-11-21T06:00:00.000Z',
    to: '2026-11-21T10:00:00.000Z',
  });
  expect(series).toHaveLength(1);
  const [{ source, now, usual, max, points }] = series;
  expect({ source, now, usual, max }).toMatchObject({
    source: { id: '203.0.113.0/24', name: 'Billing API', firstSeen: '2026-10-22T06:00:00.000Z' },
    now: { active: 4, dormant: 412 },
    usual: 61,
    max: { dormant: 540, at: '2026-11-21T09:00:00.000Z' },
  });
  expect(points[0]).toEqual({
    at: '2026-11-21T06:00:00.000Z',
    dormant: { min: 60, median: 61, max: 62 },
    pooled: { min: 61, median: 65, max: 69 },
    usual: 61,
    readings: 6,
    incomplete: 0,
  });
  expect(points[4]).toMatchObject({ dormant: null, pooled: null, usual: null, readings: 0 });
});

test('CSV has one row for each point; a formula cannot run, and a gap is an empty cell', async () => {
  const { out } = await shown([clusterHistory(), historyOf('=1+1', { name: '@SUM(A1)' })], { options: { csv: true } });
  const rows = out.split('\r\n');
  expect(rows[0]).toBe(
    'cluster,source,name,at,dormant_min,dormant_median,dormant_max,usual,pooled_min,pooled_median,pooled_max,readings,incomplete',
  );
  expect(rows[1]).toBe('prod,,,2026-11-21T06:00:00.000Z,60,61,62,,61,65,69,6,0');
  expect(rows[9]).toBe(`prod,'=1+1,'@SUM(A1),2026-11-21T06:00:00.000Z,60,61,62,61,61,65,69,6,0`);
  expect(rows[12]).toBe(`prod,'=1+1,'@SUM(A1),2026-11-21T07:30:00.000Z,,,,,,,,0,0`);
  expect(rows).toHaveLength(1 + 16 + 1);
});

test('the window is a day by default, and the source is one of the known ones', async () => {
  const { asked } = await shown([billing], { asked: { word: 'billing' } });
  expect(asked).toEqual([expect.objectContaining({ ...NOTHING, word: 'billing', window: 86_400_000 })]);
  const known = [billing.source, historyOf('203.0.113.64/26', { name: 'Web EU' }).source].flatMap((one) => one ?? []);
  expect(asked[0]?.find('billing', known, 'prod')).toBe(billing.source);
  expect(() => asked[0]?.find('Biling API', known, 'prod')).toThrow(
    'No source "Biling API" is in the history of prod.',
  );
});

test('an export has one line for each snapshot, and waits for its reader', async () => {
  const snapshot = (at: number): Snapshot => ({
    cluster: 'prod',
    at,
    complete: true,
    problem: null,
    nodes: [],
    sources: [],
  });
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  let given = 0;
  const exportHistory: Commands['exportHistory'] = async function* () {
    for (; given < 3; given++) yield snapshot(given);
  };
  const terminal = {
    ...recordedTerminal().terminal,
    out: (text: string) => {
      written.push(text);
      return new Promise<void>((resolve) => void waiting.push(resolve));
    },
  };
  const commands = someCommands({ exportHistory });
  const ended = showHistory({
    ...NOTHING,
    options: { export: true },
    commands,
    terminal,
    signal: new AbortController().signal,
  });
  for (const count of [1, 2, 3]) {
    await expect.poll(() => written.length).toBe(count);
    expect(given).toBe(count - 1);
    waiting.at(-1)?.();
  }
  expect(await ended).toBe(0);
  expect(written[2]).toBe(
    '{"cluster":"prod","at":"1970-01-01T00:00:00.002Z","complete":true,"nodes":[],"sources":[]}\n',
  );
});
