// Which nodes a cluster has, and which connection string leads to each.

import { expect, test } from 'vitest';
import { connectionStringOf, directUri, parseTarget, whyLeft } from '../../src/cluster/connection-string.ts';
import type { Hello } from '../../src/cluster/decode.ts';
import { standIns, topologyOf } from '../../src/cluster/topology.ts';
import type { NodeReading } from '../../src/core/connections/reading.ts';
import type { AtlasCluster, AtlasProcess } from '../../src/core/ports/clusters.ts';
import { UserError } from '../../src/errors.ts';

const hello = (more: Partial<Hello>): Hello => ({
  role: 'secondary',
  setName: 'rs0',
  members: [],
  arbiters: [],
  isHidden: false,
  ...more,
});
const told = { seeds: ['a:1', 'b:1'], direct: false, processes: [] as AtlasProcess[] };

test('members come from hello; without an answer the seeds stay', () => {
  expect(topologyOf({ ...told, hellos: [] }).hosts).toEqual(['a:1', 'b:1']);
  expect(topologyOf({ ...told, hellos: [hello({ members: ['b:1', 'c:1'] })] }).hosts).toEqual(['b:1', 'c:1']);
});

test('the answer of a primary counts above that of an isolated secondary', () => {
  const hellos = [hello({ members: ['old:1'] }), hello({ role: 'primary', members: ['a:1'] })];
  expect(topologyOf({ ...told, hellos }).hosts).toEqual(['a:1']);
});

test('every mongos of the seed list is read, because none knows the others', () => {
  const mongos = hello({ role: 'mongos', setName: null });
  expect(topologyOf({ ...told, hellos: [mongos, mongos] }).hosts).toEqual(['a:1', 'b:1']);
});

test('a direct connection looks for no other member', () => {
  const hellos = [hello({ members: ['a:1', 'b:1', 'c:1'] })];
  expect(topologyOf({ ...told, seeds: ['a:1'], direct: true, hellos }).hosts).toEqual(['a:1']);
});

test('hidden members come from the processes of the same set, where these speak of the names that we know', () => {
  const process = (host: string, replicaSet = 'rs0'): AtlasProcess => ({
    host,
    replicaSet,
    type: 'REPLICA_SECONDARY',
    version: null,
  });
  const processes = [process('a:1'), process('hidden:1'), process('other:1', 'rs1'), process('arbiter:1')];
  const known = [hello({ members: ['a:1'], arbiters: ['arbiter:1'] })];
  const topology = topologyOf({ ...told, hellos: known, processes });
  expect(topology.hosts).toEqual(['a:1', 'hidden:1']);
  expect(topology.leftOut.map(({ host }) => host)).toEqual(['arbiter:1']);
  const byPrivateNames = [hello({ members: ['a-pri:1'] })];
  expect(topologyOf({ ...told, hellos: byPrivateNames, processes }).hosts).toEqual(['a-pri:1']);
});

test('a seed stands for the member that it is, where that member cannot be reached by its own name', () => {
  const reading = (host: string, kind: 'read' | 'unread'): [string, NodeReading] => {
    const problem = { code: 'refused', text: '', remedy: '' };
    if (kind === 'unread') return [host, { kind, host, problem }];
    const totals = { version: null, current: 1, available: 1, limit: 2, totalCreated: 1, rejected: null };
    return [host, { kind: 'totals', host, role: 'primary', ...totals, problem }];
  };
  const members = { hosts: ['a:1', 'b:1', 'c:1'], leftOut: [] };
  const visit = (me: string | null, unread: readonly string[]) => {
    const results = new Map([
      reading('seed:1', 'read'),
      ...members.hosts.map((host) => reading(host, unread.includes(host) ? 'unread' : 'read')),
    ]);
    const hellos = new Map([['seed:1', hello({ me, members: members.hosts })]]);
    return standIns({ found: members, seeds: ['seed:1'], readings: { results, hellos } });
  };
  expect(visit('b:1', ['a:1', 'b:1', 'c:1']).hosts).toEqual(['a:1', 'seed:1', 'c:1']);
  expect(visit('b:1', ['b:1'])).toMatchObject({
    hosts: ['a:1', 'seed:1', 'c:1'],
    problems: [{ text: expect.stringContaining('The member b:1 of the replica set') }],
  });
  // Reached by its own name, and so read once.
  expect(visit('b:1', ['a:1', 'c:1'])).toEqual({ hosts: members.hosts, problems: [] });
  expect(visit(null, ['a:1', 'b:1', 'c:1']).hosts).toEqual(['seed:1', 'b:1', 'c:1']);
  expect(visit(null, ['a:1']).hosts).toEqual(members.hosts);
});

test('a node inherits credentials and TLS, and nothing of pools or time limits', () => {
  const uri = 'mongodb://u%40x:p%2Fw@a:1,b:2/sales?tls=true&replicaSet=rs0&maxPoolSize=50&readPreference=primary';
  const target = parseTarget({ uri, cluster: 'prod' });
  expect(target).toMatchObject({ srv: false, hosts: ['a:1', 'b:2'], direct: false, user: 'u@x' });
  const direct = directUri(target, { host: 'b:2', authSource: null });
  expect(direct).toBe('mongodb://u%40x:p%2Fw@b:2/sales?tls=true&directConnection=true');
});

test('an SRV string means TLS, and its TXT record says where users live', () => {
  const target = parseTarget({ uri: 'mongodb+srv://u:p@c.example.net/?appName=x', cluster: 'prod' });
  expect(target).toMatchObject({ srv: true, hosts: [] });
  expect(directUri(target, { host: 'n:27017', authSource: 'admin' })).toBe(
    'mongodb://u:p@n:27017/?tls=true&authSource=admin&directConnection=true',
  );
});

test('a string that cannot be used is refused without being repeated', () => {
  const parse = () => parseTarget({ uri: 'mongodb://u:geheim@a:1/?tls=maybe', cluster: 'prod' });
  expect(parse).toThrow(UserError);
  expect(parse).toThrow('the connection string of the cluster prod is not a usable connection string. The option tls');
  expect(parse).not.toThrow(/geheim|maybe/);
});

const atlasCluster: AtlasCluster = {
  name: 'prod',
  type: 'REPLICASET',
  tier: 'M30',
  state: 'IDLE',
  paused: false,
  version: '8.0.29',
  connectionStrings: {
    standard: 'mongodb://a:1,b:1/?tls=true',
    standardSrv: 'mongodb+srv://prod.example.net',
    private: null,
    privateSrv: 'mongodb+srv://prod-pri.example.net',
    privateEndpoints: [{ connectionString: null, srv: 'mongodb+srv://prod-pl-0.example.net' }],
  },
};

test('a found cluster is reached by the addresses that are configured', () => {
  const by = (connection: 'standard' | 'private' | 'private-endpoint') =>
    connectionStringOf(atlasCluster, { connection, username: 'w', password: 'p@/' });
  expect(by('standard')).toBe('mongodb+srv://w:p%40%2F@prod.example.net');
  expect(by('private')).toBe('mongodb+srv://w:p%40%2F@prod-pri.example.net');
  expect(by('private-endpoint')).toBe('mongodb+srv://w:p%40%2F@prod-pl-0.example.net');
  const without = { ...atlasCluster, connectionStrings: { ...atlasCluster.connectionStrings, privateEndpoints: [] } };
  expect(() => connectionStringOf(without, { connection: 'private-endpoint', username: 'w', password: 'p' })).toThrow(
    UserError,
  );
});

test('paused clusters, and those being created or deleted, are left out with a reason', () => {
  expect(whyLeft(atlasCluster)).toBeNull();
  expect(whyLeft({ ...atlasCluster, paused: true })).toBe('paused');
  expect(whyLeft({ ...atlasCluster, state: 'CREATING' })).toBe('creating');
  expect(whyLeft({ ...atlasCluster, state: 'UPDATING' })).toBeNull();
});
