// Moves: which clients changed their source between two readings because what names them changed, and by how much.

import { expect, test } from 'vitest';
import { holdersOf, movesOf } from '../../../src/core/snapshots/from-report.ts';
import { connections, type Facts, range, reportOn } from '../fixtures.ts';

const moved = (before: Facts, after: Facts) =>
  movesOf(holdersOf(reportOn(before)), holdersOf(reportOn(after))).map(
    ({ from, to, dormant, pooled, hosts }) => `${from} → ${to}: ${dormant} of ${pooled} from ${hosts}`,
  );

const NET = range('203.0.113.0/24', 'Office');
const groups = [
  connections('203.0.113.7', { count: 30 }),
  connections('203.0.113.7', { app: 'etl', count: 2, activity: 'operation' }),
  connections('203.0.113.8', { count: 8 }),
  connections('198.51.100.1', { count: 5 }),
];

test.each<[string, Facts, Facts, readonly string[]]>([
  ['nothing changed', { entries: [NET] }, { entries: [NET] }, []],
  [
    'an entry was added',
    { entries: [NET] },
    { entries: [NET, range('203.0.113.7/32', 'Billing')] },
    ['203.0.113.0/24 → 203.0.113.7/32: 30 of 32 from 1'],
  ],
  [
    'an entry was narrowed',
    { entries: [NET] },
    { entries: [range('203.0.113.0/29', 'Office')] },
    ['203.0.113.0/24 → 203.0.113.0/29: 30 of 32 from 1', '203.0.113.0/24 → 203.0.113.8: 8 of 8 from 1'],
  ],
  [
    'an entry was removed, or it expired',
    { entries: [NET] },
    { entries: [] },
    ['203.0.113.0/24 → 203.0.113.7: 30 of 32 from 1', '203.0.113.0/24 → 203.0.113.8: 8 of 8 from 1'],
  ],
  ['an entry was renamed', { entries: [NET] }, { entries: [range('203.0.113.0/24', 'Head office')] }, []],
  [
    'two entries became one',
    { entries: [range('203.0.113.7/32'), range('203.0.113.8/32')] },
    { entries: [NET] },
    ['203.0.113.7/32 → 203.0.113.0/24: 30 of 32 from 1', '203.0.113.8/32 → 203.0.113.0/24: 8 of 8 from 1'],
  ],
  [
    'a label came',
    { entries: [NET] },
    { entries: [NET], labels: [{ cidr: '203.0.113.8/32', name: 'Egress' }] },
    ['203.0.113.0/24 → 203.0.113.8/32: 8 of 8 from 1'],
  ],
  [
    'an entry came beside 0.0.0.0/0: what the address held as two apps is one source now',
    { entries: [range('0.0.0.0/0')] },
    { entries: [range('0.0.0.0/0'), range('203.0.113.7/32')] },
    ['0.0.0.0/0 app:billing → 203.0.113.7/32: 30 of 30 from 1', '0.0.0.0/0 app:etl → 203.0.113.7/32: 0 of 2 from 1'],
  ],
  [
    'an entry gave way to 0.0.0.0/0: what was one source is split by app, as the apps hold now',
    { entries: [range('203.0.113.7/32')] },
    { entries: [range('0.0.0.0/0')] },
    [
      '203.0.113.7/32 → 0.0.0.0/0 app:billing: 28 of 30 from 1',
      '203.0.113.8 → 0.0.0.0/0 app:billing: 8 of 8 from 1',
      '198.51.100.1 → 0.0.0.0/0 app:billing: 5 of 5 from 1',
      '203.0.113.7/32 → 0.0.0.0/0 app:etl: 2 of 2 from 1',
    ],
  ],
])('%s', (_, before, after, expected) => {
  expect(moved({ groups, ...before }, { groups, ...after })).toEqual(expected);
});

test('one app that stops and another that starts at an address of 0.0.0.0/0 are no move', () => {
  const entries = [range('0.0.0.0/0')];
  const before = { entries, groups: [connections('203.0.113.7', { app: 'one' })] };
  expect(moved(before, { entries, groups: [connections('203.0.113.7', { app: 'two' })] })).toEqual([]);
});

test('private addresses that a peering names now stay with their app no longer, and back again they do', () => {
  const pod = [connections('10.8.1.4', { app: 'web' }), connections('10.8.1.4', { app: 'etl', count: 4 })];
  const peer = { provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'VPC', status: null } as const;
  const peered: Facts = { networks: { peers: [peer] } };
  const open = { entries: [range('0.0.0.0/0')] };
  expect(moved({ groups: pod }, { groups: pod, ...peered })).toEqual([
    'private app:web → peering:10.8.0.0/16: 10 of 10 from 1',
    'private app:etl → peering:10.8.0.0/16: 4 of 4 from 1',
  ]);
  expect(moved({ groups: pod }, { groups: pod, ...open })).toEqual([
    'private app:web → 0.0.0.0/0 app:web: 10 of 10 from 1',
    'private app:etl → 0.0.0.0/0 app:etl: 4 of 4 from 1',
  ]);
});

test('new and closed clients are no move', () => {
  const before = { entries: [NET], groups: [connections('203.0.113.7')] };
  expect(moved(before, { entries: [], groups: [connections('203.0.113.8')] })).toEqual([]);
});
