import { expect, test } from 'vitest';
import { connections, type Facts, range, reportOn } from './fixtures.ts';

const found = (facts: Facts) => reportOn(facts).findings.map(({ kind, entry }) => `${kind} ${entry}`);
const used = [connections('203.0.113.9')];

test.each<[string, Facts, readonly string[]]>([
  ['a public client that no entry lets in', { groups: used }, ['unlisted-client 203.0.113.9']],
  [
    'an entry that ends while it is used',
    { groups: used, entries: [range('203.0.113.0/24', 'app', '2026-11-22T10:00:00Z')] },
    ['ends-soon 203.0.113.0/24'],
  ],
  [
    'an entry that ends and is not used',
    { entries: [range('203.0.113.0/24', 'app', '2026-11-22T10:00:00Z')] },
    ['unused-entry 203.0.113.0/24'],
  ],
  ['/0', { groups: used, entries: [range('0.0.0.0/0', 'all')] }, ['open-to-all 0.0.0.0/0']],
  [
    'an entry that another covers',
    { groups: used, entries: [range('203.0.113.9', 'one'), range('203.0.113.0/24', 'app')] },
    ['shadowed-entry 203.0.113.9/32', 'unused-entry 203.0.113.0/24'],
  ],
  [
    'an entry listed twice',
    { groups: used, entries: [range('203.0.113.0/24', 'app'), range('203.0.113.5/24', 'again')] },
    ['duplicate-entry 203.0.113.0/24'],
  ],
  ['an entry that is no block', { entries: [range('203.0.113.0/99', 'typo')] }, ['invalid-entry 203.0.113.0/99']],
  ...['0.0.0.0/32', '0.0.0.0', '::/128', '::ffff:0.0.0.0'].map((zero): [string, Facts, readonly string[]] => [
    `an entry for ${zero} alone`,
    { groups: used, entries: [range('203.0.113.0/24', 'app'), range(zero, 'all')] },
    [`invalid-entry ${zero}`, `unused-entry ${zero.startsWith('::/') ? '::/128' : '0.0.0.0/32'}`],
  ]),
  ['0.0.0.0/8, which is a block', { entries: [range('0.0.0.0/8', 'odd')] }, ['unused-entry 0.0.0.0/8']],
  ['no comment', { groups: used, entries: [range('203.0.113.0/24', '  ')] }, ['no-comment 203.0.113.0/24']],
])('%s is found, and nothing else', (_, facts, expected) => {
  expect(found(facts)).toEqual(expected);
});

test('the time left and the connections held are the evidence', () => {
  const entries = [range('203.0.113.0/24', 'app', '2026-11-21T12:10:00Z')];
  expect(reportOn({ groups: used, entries }).findings[0]?.text).toBe(
    '203.0.113.0/24 (app) ends in 2 h 10 min and holds 10 connections: after that its clients cannot connect again. Extend it or move them.',
  );
});

test('warnings stand before notices', () => {
  const entries = [range('198.51.100.0/24'), range('0.0.0.0/0', 'all')];
  const severities = reportOn({ groups: used, entries }).findings.map(({ severity }) => severity);
  expect(severities).toEqual(['warning', 'notice', 'notice']);
});
