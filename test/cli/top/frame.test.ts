// The screen as text: what it says at each size, that it fits, and that no outside text can break it.

import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { frameOf } from '../../../src/cli/top/frame.ts';
import type { TopState } from '../../../src/cli/top/model.ts';
import { nextState } from '../../../src/cli/top/state.ts';
import { completeReport, node, report, source } from '../sample.ts';
import { after, event, NOW, shownState, startState, updateOf } from './sample.ts';

const frame = (state: TopState, colors = false) => frameOf(state, { colors });
const text = (state: TopState) =>
  frame(state)
    .map((line) => line.trimEnd())
    .join('\n');

test('120 columns show every column', () => {
  expect(text(shownState({ size: { columns: 120, rows: 11 } }))).toBe(
    `prod  855 connections, max 855, on 3 nodes  read 0 s ago
█████████░░░░░░░░░░░░░░░░░░░░░ 31 % shard-00-00: 465 of 1,500, fine
27 active  650 dormant  126 heartbeats  in no row: 46 internal and 6 own
by source, sort: now ▼, every 2 s
  SOURCE            NOW ▼   MAX ACTIVE DORMANT HEARTBEATS CLIENTS PER CLIENT NEW/S CHANGE      AGE ENTRY
› Billing API         576   576      4     500         72      12         42   ≥ 3    +88      0 s 203.0.113.0/24
  Web EU              153   153     21      96         36       6         20     –      0      0 s 203.0.113.64/26
× anyone: app "etl"    74    74      2      60         12       2         31     –    -74 gone 2 s 0.0.0.0/0
  198.51.100.9         18    18      0      12          6       1         12     –      0      0 s unlisted

? help  q quit  s a h n u d t views  ← → sort  / filter  Enter opens  Space pauses                              1–4 of 4`,
  );
});

test('80 columns leave out the last columns', () => {
  expect(text(shownState({ size: { columns: 80, rows: 16 } }))).toBe(
    `prod  855 connections, max 855, on 3 nodes  read 0 s ago
██████░░░░░░░░░░░░░░ 31 % shard-00-00: 465 of 1,500, fine
27 active  650 dormant  126 heartbeats  in no row: 46 internal and 6 own
by source, sort: now ▼, every 2 s

  SOURCE            NOW ▼   MAX ACTIVE DORMANT HEARTBEATS CLIENTS PER CLIENT
› Billing API         576   576      4     500         72      12         42
  Web EU              153   153     21      96         36       6         20
× anyone: app "etl"    74    74      2      60         12       2         31
  198.51.100.9         18    18      0      12          6       1         12





? help  q quit  s a h n u d t views  ← → sort  / filter  Enter opens …  1–4 of 4`,
  );
});

test('40 columns shorten the names', () => {
  expect(text(shownState({ size: { columns: 40, rows: 10 } }))).toBe(
    `prod 855, max 855, 0 s ago, 3 nodes
███░░░░░░░ 31 % shard-00-00: 465 of 1,5…
by source, sort: now ▼, every 2 s
  SOURCE      NOW ▼   MAX ACTIVE DORMANT
› Billing API   576   576      4     500
  Web EU        153   153     21      96
× anyone:…tl"    74    74      2      60
  198.51.…0.9    18    18      0      12

? help  q quit  s a h n u d t…  1–4 of 4`,
  );
});

test('30 columns and 5 lines show rows', () => {
  expect(text(shownState({ size: { columns: 30, rows: 5 } }))).toBe(
    `prod 855, max 855, 0 s ago, 3…
██░░░░░ 31 % shard-00-00: 465…
  SOURCE      NOW ▼   MAX
› Billing API   576   576
  Web EU        153   153`,
  );
});

test('the header says what holds for all rows', () => {
  const header = (state: TopState) => text(state).split('\n\n')[0]?.split('\n') ?? [];
  const shown = shownState({ size: { columns: 120, rows: 24 } });
  expect(header(after(shown, ' '))[3]).toBe('paused for 0 s, readings go on, by source, sort: now ▼, every 2 s');
  expect(header(after(shown, 'f', 'i', 'r', '/', 'w', 'return', '+'))[3]).toBe(
    'by source, sort: now ▲, order frozen, idle hidden, filter "w", every 5 s',
  );
  const slow = event(shown, { kind: 'update', update: updateOf(completeReport(), { busyMs: 400 }) });
  expect(header(slow)[3]).toBe('by source, sort: now ▼, every 8 s instead of 2 s: $currentOp took 0.4 s of a node');
  const unread = event(shown, { kind: 'update', update: updateOf(report()) });
  expect(header(unread)[0]).toContain('on 3 of 4 nodes');
  expect(header(unread)[4]).toBe(
    'not read: analytics-2: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?',
  );
  const problem = { code: 'x', text: 'Atlas did not answer.', remedy: 'Try again.' };
  const failed = { ...updateOf(report()), reading: null, failure: { at: NOW + 30_000, problem } };
  const late = header(nextState(shown, { kind: 'update', update: failed }, NOW + 36_000));
  expect(late[0]).toBe('prod  855 connections, max 855, on 3 nodes  last reading 34 s ago');
  expect(late[4]).toBe('Atlas did not answer. Try again.');
});

test('a low terminal still names a node that was not read', () => {
  const low = event(startState({ size: { columns: 60, rows: 6 } }), { kind: 'update', update: updateOf(report()) });
  expect(text(low)).toContain('not read: analytics-2');
});

test('an opened row shows its figures and its tables', () => {
  const lines = text(after(shownState({ size: { columns: 80, rows: 30 } }), 'return')).split('\n');
  expect(lines.slice(5, 15)).toEqual([
    'Billing API',
    'now 576  max 576  active 4  dormant 500  heartbeats 72  clients 12  per client',
    '42  new/s ≥ 3  change +88  age 1 s  entry 203.0.113.0/24',
    '',
    'APP      NOW  ACTIVE  DORMANT  HEARTBEATS',
    'billing  576       4      500          72',
    '',
    'HOST         NOW  ACTIVE  DORMANT  HEARTBEATS',
    '203.0.113.9  576       4      500          72',
    '',
  ]);
  expect(lines.at(-1)).toBe('Esc back  ↑ ↓ scroll  q quit');
});

test('the filter is shown while it is typed', () => {
  expect(
    text(after(shownState(), '/', 'w', 'e'))
      .split('\n')
      .at(-1),
  ).toMatch(/^\/we▏ .*Enter keeps the filter/);
});

test.each<[string, TopState, string]>([
  ['nothing is read yet', startState(), 'Reading…'],
  ['the filter leaves out all', after(shownState(), '/', 'z', 'return'), 'No row matches the filter.'],
  ['there are no pools', after(shownState(), 't'), 'No bot is known. Set POOLS_PORT.'],
])('without a row it says why: %s', (_, state, words) => {
  expect(text(state)).toContain(words);
});

test('a cluster that tells its totals alone leads to its nodes', () => {
  const shared = completeReport({
    sources: [],
    totals: { connections: 12, active: null, dormant: null, monitors: null, internal: null, own: null, threads: null },
    nodes: [node('a.example.net:27017', { connections: null, clients: null, current: 12, limit: 500 })],
    problems: [{ code: 'shared-tier', text: 'prod refuses $currentOp.', remedy: 'Use an M10.' }],
  });
  const state = event(startState(), { kind: 'update', update: updateOf(shared) });
  expect(text(state)).toContain('Only totals are available for prod. Press n for its nodes.');
  expect(text(after(state, 'n'))).toMatch(/› a +12 +12 +– +– +–/);
});

test('help names every key', () => {
  const help = text(after(shownState({ size: { columns: 80, rows: 40 } }), '?'));
  for (const key of ['s a h n u d t', '← →', 'r <', '/', '↑ ↓ j k', 'Enter', 'Space', 'f ', 'i ', '+ -', 'q Ctrl-C'])
    expect(help).toContain(`\n${key}`);
});

test('styles change no text, and a selected row has a mark without them', () => {
  for (const state of [
    shownState(),
    after(shownState(), 'return'),
    after(shownState(), '?'),
    after(shownState(), ' '),
  ]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the styles
    const plain = frame(state, true).map((line) => line.replace(/\u001b\[[\d;]*m/g, '').trimEnd());
    expect(plain).toEqual(frame(state).map((line) => line.trimEnd()));
  }
});

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const HOSTILE = [
  '\u001b[2J\u001b[1;1Hgone',
  'a\r\nb\tc',
  '\u202egnp.exe',
  '日本語のサービス名前',
  '👩‍👩‍👧‍👦 family',
  'e\u0301\u0301',
];

test('no outside text can move the cursor, and no line is wider than the screen', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...HOSTILE));
  fc.assert(
    fc.property(
      fc.array(anyText, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 140 }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(
        [],
        ['return'],
        ['a'],
        ['?'],
        ['d', 'return', 'down'],
        ['/', '日', 'x'],
        ['n'],
        ['t'],
        [' ', 'f'],
      ),
      (texts, columns, rows, keys) => {
        const row = { active: 4, dormant: 412, monitors: 72 };
        const sources = texts.map((name, index) =>
          source(`10.0.0.${index}`, {
            name,
            entry: { cidrBlock: name, comment: name, deleteAfterDate: null },
            apps: [{ name, ...row }],
            drivers: [{ name, version: name, platform: name, ...row }],
            nodes: [{ host: name, ...row }],
            users: [{ name, ...row }],
          }),
        );
        const [first = ''] = texts;
        const hostile = report({
          ...{ cluster: first, sources },
          nodes: [node(first), { host: `${first}2`, problem: { code: 'x', text: first, remedy: first } }],
          problems: [{ code: 'y', text: first, remedy: first }],
        });
        const given = event(startState({ size: { columns, rows } }), { kind: 'update', update: updateOf(hostile) });
        const lines = frame(after(given, ...keys));
        expect(lines).toHaveLength(rows);
        for (const line of lines) {
          expect(line).not.toMatch(CONTROL);
          expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        }
      },
    ),
  );
});
