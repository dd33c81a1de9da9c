// The report as text: what it says, that it fits, and that no outside text can break it.

import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { painter } from '../../src/cli/layout.ts';
import { reportText, type View } from '../../src/cli/report-text.ts';
import { DIMENSIONS } from '../../src/core/connections/group-by.ts';
import type { ConnectionReport } from '../../src/core/connections/report.ts';
import { completeReport, node, report, source } from './sample.ts';

const view: View = { by: 'source', threads: false, width: 80, paint: painter(false) };
const text = (given: ConnectionReport, more: Partial<View> = {}) => reportText(given, { ...view, ...more });
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

test('headline, totals, table, unread nodes, warnings and left-out nodes stand in this order', () => {
  expect(text(report())).toBe(`prod  785 connections on 3 of 4 nodes
      busiest shard-00-00 at 31 % (465 of 1,500)
      27 active  580 dormant  126 heartbeats  46 internal  6 own

SOURCE             DORMANT  TOTAL  ACTIVE  CLIENTS  HEARTBEATS  ENTRY
Billing API            412    488       4       12          72  203.0.113.0/24
Web EU                  96    153      21        6          36  203.0.113.64/26
anyone: app "etl"       60     74       2        2          12  0.0.0.0/0
198.51.100.9            12     18       0        1           6  unlisted
internal                 –     46       –        –           –
own                      –      6       –        –           –

not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017
  open to this address?
warning: 198.51.100.9 is connected but matches no access list entry
and 1 more finding about the access list: atlas-conns hygiene prod lists them
left out: arbiter.abcde.mongodb.net:27017  an arbiter serves no clients
`);
});

test('a node near its limit is the first warning', () => {
  const tight = node('shard-00-01.abcde.mongodb.net:27017', { current: 1395, available: 105 });
  const warnings = text(completeReport({ nodes: [tight] })).match(/^warning: .*$/gm);
  expect(warnings?.[0]).toBe('warning: shard-00-01 is at 93 % of its limit (1,395 of 1,500)');
  expect(warnings).toHaveLength(2);
});

test('the likely reason of a source is said to be from one reading, without a figure that why would contradict', () => {
  const nodes = [{ host: 'shard-00-00.abcde.mongodb.net:27017', active: 4, dormant: 412, monitors: 24 }];
  const large = (name: string) => source(name, { name, clients: 4, nodes });
  const warned = (names: readonly string[]) =>
    text(completeReport({ sources: names.map(large), findings: [], leftOut: [] }), { width: 120 })
      .split('\n\n')
      .at(-1);
  const line = (name: string) => `warning: ${name}: by this one reading, “Pools larger than their use” is likely.\n`;
  const rest = 'atlas-conns why prod compares with the history, and says what to change\n';
  expect(warned(['a'])).toBe(`${line('a')}${rest}`);
  expect(warned(['a', 'b', 'c', 'd'])).toBe(`${line('a')}${line('b')}${line('c')}and 1 more source: ${rest}`);
});

test('unknown clients are ? and estimates are ~, each with its footnote, and only then', () => {
  const doubtful = source('203.0.113.0/24', { name: 'Lambda', clients: null, estimated: ['monitors'] });
  const shown = text(completeReport({ sources: [doubtful] }));
  expect(shown).toMatch(/^Lambda +~412 +488 +4 +\? +~72 +203\.0\.113\.0\/24$/m);
  expect(shown).toContain('? is unknown: drivers that poll');
  expect(shown).toContain('~ is an estimate:');
  expect(text(completeReport())).not.toMatch(/\?|~/);
});

test('grouped by a dimension, each row names the sources it comes from', () => {
  const shown = text(completeReport(), { by: 'app' });
  expect(shown).toMatch(/^APP +DORMANT +TOTAL +ACTIVE +HEARTBEATS +SOURCES$/m);
  expect(shown).toMatch(/^billing +580 +733 +27 +126 +Billing API, Web EU, .*$/m);
});

test('in each grouping the totals of the rows add up to the headline, and connections without a user come last', () => {
  const anonymous = { active: 0, dormant: 400, monitors: 72 };
  const [billing, ...others] = completeReport().sources;
  const users = [
    { name: null, ...anonymous },
    { name: 'app@admin', active: 4, dormant: 12, monitors: 0 },
  ];
  const sources = billing === undefined ? others : [{ ...billing, users }, ...others];
  for (const by of DIMENSIONS) {
    const shown = text(completeReport({ sources }), { by, width: 200 });
    const rows = [...shown.matchAll(/^(.+?) +(?:–|[\d,]+) +([\d,]+) +(?:–|[\d,]+) .*$/gm)];
    expect([by, rows.reduce((all, [, , total = '']) => all + Number(total.replace(',', '')), 0)]).toEqual([by, 785]);
    if (by === 'user') expect(rows.map(([, name]) => name)).toEqual(['app@admin', '(no user)', 'internal', 'own']);
  }
});

test('--threads sums server threads by name', () => {
  expect(text(completeReport(), { threads: true })).toMatch(/^SERVER THREAD +COUNT\nJournalFlusher +3$/m);
  expect(text(completeReport())).not.toContain('JournalFlusher');
});

test('a cluster that refuses $currentOp shows its totals and the sentence, and no table', () => {
  const unknown = { active: null, dormant: null, monitors: null, internal: null, own: null, threads: null };
  const shown = text(
    completeReport({
      totals: { connections: 12, ...unknown },
      nodes: [node('m0.abcde.mongodb.net:27017', { connections: null, current: 12, available: 488, limit: 500 })],
      sources: [],
      findings: [],
      leftOut: [],
      problems: [{ code: 'shared-tier', text: 'This cluster is an M0.', remedy: 'Use an M10 or larger.' }],
    }),
  );
  expect(shown).toBe(`prod  12 connections on 1 node, busiest m0 at 2 % (12 of 500)
      only totals are available for this cluster

remark: This cluster is an M0. Use an M10 or larger.
`);
});

test('colours only when asked for', () => {
  expect(text(report())).not.toMatch(CONTROL_BUT_NEWLINE);
  expect(text(report(), { paint: painter(true) })).toContain('\u001b[');
});

const CONTROL_BUT_NEWLINE = /[^\P{Cc}\n]/u;

/** Text as access lists and drivers may bring it: wide, combined, control, bidirectional, escape sequences. */
const outside = fc.string({
  unit: fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    fc.constantFrom(
      '\u001b[31m',
      '\n',
      '\r',
      '\t',
      '\u202e',
      '\u2066',
      '\u200f',
      '\u009b2J',
      '漢字',
      '👩‍👩‍👧‍👦',
      '🇩🇪',
      'e\u0301',
      '\ufeff',
    ),
  ),
  maxLength: 60,
});

test('no comment or app name makes a table line wider than the terminal or emits a control character', () => {
  const property = fc.property(
    outside,
    outside,
    fc.integer({ min: 80, max: 200 }),
    fc.constantFrom('source' as const, 'app' as const),
    (name, app, width, by) => {
      const counts = { active: 1_234, dormant: 56_789, monitors: 12 };
      const hostile = source('203.0.113.0/24', { name, ...counts, apps: [{ name: app, ...counts }] });
      const findings = [{ kind: 'no-comment' as const, entry: 'x', severity: 'warning' as const, text: name }];
      const shown = text(completeReport({ sources: [hostile], findings, leftOut: [] }), { by, width });
      const lines = shown.split('\n');
      const at = lines.findIndex((line) => line.startsWith(by.toUpperCase()));
      expect(at).toBeGreaterThan(0);
      expect(lines[at + 1]).toContain('56,789');
      for (const line of lines) expect(line).not.toMatch(CONTROL);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      // headline, totals, empty, head, row, internal, own, empty; then the warning, wrapped, and the end
      expect(lines[8]).toMatch(/^warning:/);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('a name too long is shortened in the middle, and a wider terminal shows more of it', () => {
  const long = source('203.0.113.0/24', { name: `start-${'x'.repeat(90)}-end` });
  const at80 = text(completeReport({ sources: [long] }));
  expect(at80).toMatch(/^start-x+…x+-end +412 +488/m);
  expect(text(completeReport({ sources: [long] }), { width: 200 })).toContain(long.name);
});

test('nine nodes with one cause are one line, with their names', () => {
  const nodes = Array.from({ length: 9 }, (_, index) => {
    const host = `shard-00-0${index}.abcde.mongodb.net:27017`;
    return { host, problem: { code: 'timeout', text: `${host} did not answer in time.`, remedy: 'Check it.' } };
  });
  const shown = text(completeReport({ nodes: [node('a.abcde.mongodb.net:27017'), ...nodes] }));
  const line = /^not read: [\s\S]*?(?=\n(?! ))/m.exec(shown)?.[0].replaceAll(/\s+/g, ' ');
  const names = nodes.map((_, index) => `shard-00-0${index}`).join(', ');
  expect(line).toBe(`not read: 9 nodes (${names}): each did not answer in time. Check it.`);
});
