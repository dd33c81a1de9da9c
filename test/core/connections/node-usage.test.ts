// Short names of nodes: no longer than it takes to tell the nodes of one cluster apart.

import { expect, test } from 'vitest';
import { shortHosts } from '../../../src/core/connections/node-usage.ts';

const named = (...hosts: readonly string[]) => hosts.map(shortHosts({ nodes: hosts.map((host) => ({ host })) }));

test.each([
  [
    'of a replica set in Atlas',
    ['atlas-x1y2z3-shard-00-00.ab1cd.mongodb.net:27017', 'atlas-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017'],
    ['shard-00-00', 'shard-00-01'],
  ],
  [
    'of shards, with config servers',
    [
      'prod-shard-00-00.ab1cd.mongodb.net:27017',
      'prod-shard-01-00.ab1cd.mongodb.net:27017',
      'prod-config-00-00.x:27017',
    ],
    ['shard-00-00', 'shard-01-00', 'config-00-00'],
  ],
  [
    'where the ends alone are the same',
    ['eu-shard-00-00.example.net:27017', 'us-shard-00-00.example.net:27017'],
    ['eu-shard-00-00', 'us-shard-00-00'],
  ],
  [
    'where two processes share a host',
    ['prod-shard-00-00.example.net:27016', 'prod-shard-00-00.example.net:27017'],
    ['prod-shard-00-00.example.net:27016', 'prod-shard-00-00.example.net:27017'],
  ],
  ['of one’s own', ['db1.example.net:27017', 'db2:27017'], ['db1', 'db2']],
  ['that are addresses', ['10.8.0.1:27017', '[2001:db8::1]:27017'], ['10.8.0.1:27017', '[2001:db8::1]:27017']],
])('nodes %s', (_, hosts, names) => {
  expect(named(...hosts)).toEqual(names);
});
