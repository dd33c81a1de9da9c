import { expect, test } from 'vitest';
import type { NodeReading } from '../../../src/core/connections/reading.ts';
import { buildReport, reportInChunks } from '../../../src/core/connections/report.ts';
import { readNode } from '../arbitrary.ts';
import { connections, type Facts, now, range, reportOn } from '../fixtures.ts';

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
    ['unseen-entry 203.0.113.0/24'],
  ],
  ['/0', { groups: used, entries: [range('0.0.0.0/0', 'all')] }, ['open-to-all 0.0.0.0/0']],
  [
    'an entry that another covers',
    { groups: used, entries: [range('203.0.113.9', 'one'), range('203.0.113.0/24', 'app')] },
    ['shadowed-entry 203.0.113.9/32', 'unseen-entry 203.0.113.0/24'],
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
    [`invalid-entry ${zero}`, `unseen-entry ${zero.startsWith('::/') ? '::/128' : '0.0.0.0/32'}`],
  ]),
  ['0.0.0.0/8, which is a block', { entries: [range('0.0.0.0/8', 'odd')] }, ['unseen-entry 0.0.0.0/8']],
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

test('an open entry says what it makes redundant, and how many connections match only it', () => {
  const textsOf = (facts: Facts) => reportOn(facts).findings.map(({ text }) => text);
  const open = range('0.0.0.0/0', 'all');
  expect(textsOf({ groups: used, entries: [open, range('203.0.113.0/24', 'app')] })).toContain(
    '0.0.0.0/0 (all) lets every address in. It makes 1 narrower entry redundant. 0 connections match only this entry.',
  );
  expect(textsOf({ groups: used, entries: [open] })).toEqual([
    '0.0.0.0/0 (all) lets every address in. 10 connections match only this entry.',
  ]);
});

test('warnings stand before notices', () => {
  const entries = [range('198.51.100.0/24'), range('0.0.0.0/0', 'all')];
  const severities = reportOn({ groups: used, entries }).findings.map(({ severity }) => severity);
  expect(severities).toEqual(['warning', 'notice', 'notice']);
});

test('one reading of one cluster never calls an entry unused', () => {
  const entries = [range('203.0.113.0/24', 'app')];
  const at = now.toISOString();
  const unread = {
    kind: 'unread',
    host: 'b:27017',
    problem: { code: 'timeout', text: 'b timed out', remedy: '' },
  } as const;
  const told = (nodes: readonly NodeReading[]) => {
    const reading = { cluster: 'prod', at, tookMs: 1, nodes, leftOut: [], problems: [] };
    const accessList = { entries, complete: true, readAt: at, problems: [] };
    return buildReport({ reading, accessList, networks: null, labels: [], problems: [], now }).findings;
  };
  const read = readNode('a:27017');
  expect(told([read, unread])).toMatchObject([{ kind: 'unseen-entry' }]);
  expect(told([read])).toMatchObject([
    {
      kind: 'unseen-entry',
      text: '203.0.113.0/24 (app) was not seen in this reading of prod. Other clusters or nodes may use it, so do not remove it because of this.',
    },
  ]);
});

test('an entry is covered by the narrowest wider entry of its family, and by the first of equal ones', () => {
  const entries = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.0/24',
    '10.1.0.0/16',
    '::/8',
    '2001:db8::/32',
    '2001:db8:1::/48',
  ];
  const { findings } = reportOn({ entries: entries.map((cidr, index) => range(cidr, `no ${index}`)) });
  const covered = findings
    .filter(({ kind }) => kind === 'shadowed-entry')
    .map(({ text }) => text.replace(/:? it gives.*/, ''));
  expect(covered).toEqual([
    '10.1.0.0/16 (no 1) is covered by 10.0.0.0/8 (no 0)',
    '10.1.2.0/24 (no 2) is covered by 10.1.0.0/16 (no 1)',
    '10.1.0.0/16 (no 3) is covered by 10.0.0.0/8 (no 0)',
    '2001:db8:1::/48 (no 6) is covered by 2001:db8::/32 (no 5)',
  ]);
});

test('a long access list is checked in chunks', () => {
  const entries = Array.from({ length: 20_000 }, (_, index) => range(`10.${index >> 8}.${index & 255}.0/24`, 'one'));
  const steps = reportInChunks({
    reading: { cluster: 'prod', at: now.toISOString(), tookMs: 1, nodes: [], leftOut: [], problems: [] },
    accessList: {
      entries: [...entries, range('10.0.0.0/8', 'all')],
      complete: true,
      readAt: now.toISOString(),
      problems: [],
    },
    ...{ networks: null, labels: [], problems: [], now },
  });
  let many = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) {
      expect(step.value.findings.filter(({ kind }) => kind === 'shadowed-entry')).toHaveLength(20_000);
      break;
    }
    many += 1;
  }
  expect(many).toBeGreaterThan(50);
});
