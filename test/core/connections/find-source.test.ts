// Which source a person means; the texts around it are those of each face.

import { expect, test } from 'vitest';
import { findSource } from '../../../src/core/connections/find-source.ts';
import { connections, range, reportOn } from '../fixtures.ts';

const { sources } = reportOn({
  groups: [
    connections('203.0.113.9:1'),
    connections('203.0.113.70:1', { count: 5 }),
    connections('10.40.1.1:1', { count: 3 }),
    connections('10.40.200.1:1', { count: 2 }),
    connections('198.51.100.9:1', { count: 1 }),
  ],
  entries: [
    range('203.0.113.0/24', 'Billing API'),
    range('203.0.113.64/26', 'Web EU'),
    range('10.40.0.0/17', 'VPC one'),
    range('10.40.128.0/17', 'VPC two'),
  ],
});

test.each([
  ['203.0.113.0/24', '203.0.113.0/24', 'an id'],
  ['billing api', '203.0.113.0/24', 'a name in other case'],
  ['203.0.113.70', '203.0.113.64/26', 'an address that is connected'],
  ['203.0.113.8', '203.0.113.0/24', 'an address inside an entry'],
  ['203.0.113.77/24', '203.0.113.0/24', 'a block not in canonical form'],
  ['198.51.100.0/24', '198.51.100.9', 'a block around an address'],
  ['web', '203.0.113.64/26', 'a part of a name'],
])('%s finds %s: %s', (wanted, id) => {
  const match = findSource(sources, wanted);
  expect(match.kind === 'found' && match.source.id).toBe(id);
});

test('several matches are returned as candidates, largest first', () => {
  const match = findSource(sources, '10.40');
  expect(match.kind === 'several' && match.candidates.map(({ name }) => name)).toEqual(['VPC one', 'VPC two']);
});

test('without a match the nearest name is returned, if one is near', () => {
  expect(findSource(sources, 'Biling APY')).toEqual({ kind: 'none', nearest: 'Billing API' });
  expect(findSource(sources, 'zzzzzzzzz')).toEqual({ kind: 'none', nearest: null });
});
