// A line of a saved history: what is understood, and how what is wrong is named.

import { expect, test } from 'vitest';
import { decodeSnapshot } from '../../../src/core/snapshots/snapshot.ts';

const line = {
  cluster: 'prod',
  at: '2026-11-21T10:00:00Z',
  complete: false,
  nodes: [
    { host: 'a:27017', role: 'primary', current: 812, limit: 3000, totalCreated: 104223 },
    { host: 'b:27017', problem: 'timed out after 10 s' },
  ],
  sources: [
    { id: '203.0.113.0/24', name: 'Billing API', class: 'listed', active: 4, dormant: 61, monitors: 48, clients: 12 },
  ],
};

test('a snapshot without figures per node, app and host is understood', () => {
  const decoded = decodeSnapshot(line);
  expect(decoded).toMatchObject({
    snapshot: {
      at: Date.parse(line.at),
      nodes: [
        { limit: 3000, problem: null },
        { problem: 'timed out after 10 s', current: null },
      ],
      sources: [{ dormant: 61, nodes: [], apps: [], hosts: [] }],
    },
  });
});

test.each([
  ['no object', 7, 'line: an object'],
  ['no time', { ...line, at: 'soon' }, 'at: a time such as 2026-11-21T10:00:00Z'],
  [
    'a figure below zero',
    { ...line, sources: [{ ...line.sources[0], dormant: -1 }] },
    'sources[0].dormant: a whole number, 0 or more',
  ],
  ['a node without a host', { ...line, nodes: [{}] }, 'nodes[0].host: text'],
  ['no sources', { ...line, sources: undefined }, 'sources: a list'],
])('%s is named with its place', (_, value, expected) => {
  expect(decodeSnapshot(value)).toEqual({ expected });
});
