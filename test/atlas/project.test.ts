// Clusters, processes and networks of a project, over the stand-in.

import { expect, test } from 'vitest';
import { NAMES_UNKNOWN } from '../../src/core/connections/access-list.ts';
import { apiError } from '../sandbox/atlas/fault.ts';
import {
  awsContainer,
  awsPeer,
  clusterProcess,
  dedicatedCluster,
  flexCluster,
  shopScenario,
} from '../sandbox/atlas/scenario.ts';
import { apiKeyOf, bench, NEVER, problemOf } from './fixture.ts';

const HOSTS = ['shop-00-00.example.net:27017', 'shop-00-01.example.net:27017', 'shop-00-02.example.net:27017'];

test('dedicated and Flex clusters are read together, by name, with tier, state and addresses', async () => {
  const privateEndpoint = [{ connectionString: 'mongodb://pl-0/', srvConnectionString: 'mongodb+srv://pl-0/' }];
  const { open } = await bench({
    clusters: [
      dedicatedCluster({ name: 'prod', hosts: HOSTS, tier: 'M30_GEN_2', type: 'SHARDED' }),
      dedicatedCluster({ name: 'new', more: { stateName: 'CREATING', connectionStrings: undefined } }),
      dedicatedCluster({ name: 'archive', more: { paused: true, connectionStrings: { privateEndpoint } } }),
    ],
    flexClusters: [flexCluster('lab')],
  });
  const { clusters, problems } = await open().clusters(NEVER);
  expect(problems).toEqual([]);
  expect(clusters.map(({ name, type, tier, state, paused }) => ({ name, type, tier, state, paused }))).toEqual([
    { name: 'archive', type: 'REPLICASET', tier: 'M30', state: 'IDLE', paused: true },
    { name: 'lab', type: 'FLEX', tier: 'FLEX', state: 'IDLE', paused: false },
    { name: 'new', type: 'REPLICASET', tier: 'M30', state: 'CREATING', paused: false },
    { name: 'prod', type: 'SHARDED', tier: 'M30_GEN_2', state: 'IDLE', paused: false },
  ]);
  expect(clusters[3]?.connectionStrings.standard).toBe(`mongodb://${HOSTS.join(',')}/`);
  expect(clusters[2]?.connectionStrings.standard).toBeNull();
  expect(clusters[0]?.connectionStrings.privateEndpoints).toEqual([
    { connectionString: 'mongodb://pl-0/', srv: 'mongodb+srv://pl-0/' },
  ]);
});

test('the size of a shared tier is the one it has now, and that of a cluster the one that runs', async () => {
  const specs = (electableSpecs: object) => [{ regionConfigs: [{ electableSpecs }] }];
  const { open } = await bench({
    clusters: [
      dedicatedCluster({
        name: 'free',
        more: {
          replicationSpecs: specs({ instanceSize: 'M2', effectiveInstanceSize: 'FLEX' }),
          effectiveReplicationSpecs: undefined,
        },
      }),
      dedicatedCluster({ name: 'grown', more: { effectiveReplicationSpecs: specs({ instanceSize: 'M50' }) } }),
    ],
  });
  const { clusters } = await open().clusters(NEVER);
  expect(clusters.map(({ tier }) => tier)).toEqual(['FLEX', 'M50']);
});

test('refused Flex clusters are named as left out, and the dedicated ones are kept', async () => {
  const { atlas, open } = await bench({ clusters: [dedicatedCluster({ name: 'prod', hosts: HOSTS })] });
  atlas.faults.add(/flexClusters/, apiError(404, 'RESOURCE_NOT_FOUND'));
  const { clusters, problems } = await open().clusters(NEVER);
  expect(clusters.map(({ name }) => name)).toEqual(['prod']);
  expect(problems).toMatchObject([
    { code: 'flex-clusters-unread', text: expect.stringMatching(/^Flex clusters are left out: .*RESOURCE_NOT_FOUND/) },
  ]);
});

test('a cluster that lacks a field is named with the field, and the others are kept', async () => {
  const { open } = await bench({
    clusters: [
      dedicatedCluster({ name: 'odd', more: { stateName: undefined } }),
      dedicatedCluster({ name: 'odder', more: { clusterType: 'CUBE' } }),
      dedicatedCluster({ name: 'prod', hosts: HOSTS }),
    ],
  });
  const { clusters, problems } = await open().clusters(NEVER);
  expect(clusters.map(({ name }) => name)).toEqual(['prod']);
  expect(problems.map(({ text }) => text)).toEqual([
    'The answer from Atlas lacks stateName in cluster odd.',
    'The answer from Atlas has an unknown clusterType in cluster odder: CUBE.',
  ]);
});

test('processes go by the name that connection strings know, also with an API key', async () => {
  const { atlas, open } = await bench({
    processes: [
      clusterProcess(HOSTS[0]!, 'REPLICA_PRIMARY'),
      clusterProcess('mongos.example.net:27016', 'SHARD_MONGOS'),
    ],
  });
  expect(await open({ credentials: apiKeyOf(atlas) }).processes(NEVER)).toEqual([
    { host: HOSTS[0], type: 'REPLICA_PRIMARY', replicaSet: 'atlas-abc123-shard-0', version: '8.0.29' },
    { host: 'mongos.example.net:27016', type: 'SHARD_MONGOS', replicaSet: 'atlas-abc123-shard-0', version: '8.0.29' },
  ]);
});

test('a process without a type is a failure that names the field and the process', async () => {
  const { open } = await bench({ processes: [clusterProcess('a.example.net:27017', 'X', { typeName: undefined })] });
  expect((await problemOf(open().processes(NEVER))).text).toBe(
    'The answer from Atlas lacks typeName in process a.example.net.',
  );
});

test('networks are read from all three providers; a container without a network is left out', async () => {
  const { open } = await bench({
    containers: [
      awsContainer('192.168.240.0/21'),
      { id: '1', providerName: 'GCP', provisioned: true, atlasCidrBlock: '192.168.0.0/18', regions: ['WEST', 'EAST'] },
      { id: '2', providerName: 'AZURE', provisioned: false, atlasCidrBlock: '10.0.0.0/21', region: 'EUROPE_WEST' },
    ],
    peers: {
      AWS: [awsPeer('10.8.0.0/16')],
      AZURE: [{ vnetName: 'vnet-shop', azureSubscriptionId: 'sub-1', status: 'AVAILABLE' }],
      GCP: [{ networkName: 'shop-net', gcpProjectId: 'shop-1', status: 'WAITING_FOR_USER' }],
    },
    endpointServices: {
      AWS: [{ id: 'a', endpointServiceName: 'com.amazonaws.vpce.x', interfaceEndpoints: ['vpce-1', 'vpce-2'] }],
      AZURE: [{ id: 'b', privateLinkServiceName: 'pls_b', privateEndpoints: [] }],
      GCP: [{ id: 'c', endpointGroupNames: ['group-1'] }],
    },
  });
  expect(await open().networks(NEVER)).toEqual({
    containers: [
      { provider: 'AWS', cidrBlock: '192.168.240.0/21', region: 'EU_WEST_1' },
      { provider: 'GCP', cidrBlock: '192.168.0.0/18', region: 'WEST, EAST' },
    ],
    peers: [
      { provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'vpc-0a1b2c (account 123456789012)', status: 'AVAILABLE' },
      { provider: 'AZURE', cidrBlock: null, name: 'vnet-shop (subscription sub-1)', status: 'AVAILABLE' },
      { provider: 'GCP', cidrBlock: null, name: 'shop-net (project shop-1)', status: 'WAITING_FOR_USER' },
    ],
    privateEndpointServices: [
      { provider: 'AWS', name: 'com.amazonaws.vpce.x', endpoints: 2 },
      { provider: 'AZURE', name: 'pls_b', endpoints: 0 },
      { provider: 'GCP', name: 'c', endpoints: 1 },
    ],
    problems: [],
  });
});

test('a network part that fails is a problem, and the others are kept', async () => {
  const { atlas, open } = await bench(shopScenario(HOSTS));
  atlas.faults.add(/peers.*AZURE/, apiError(400, 'INVALID_ATTRIBUTE'));
  atlas.faults.add(/privateEndpoint\/GCP/, { kind: 'answer', status: 200, body: { not: 'a list' } });
  const { peers, containers, problems } = await open().networks(NEVER);
  expect(peers.map(({ provider }) => provider)).toEqual(['AWS']);
  expect(containers).toHaveLength(1);
  expect(problems.map(({ code, text }) => [code, text])).toEqual([
    ['atlas-refused', expect.stringContaining('the AZURE peering connections of project')],
    ['atlas-field-missing', 'The answer from Atlas lacks the list in the GCP private endpoint services.'],
  ]);
});

test('a network part that fails keeps its last answer: a failure renames no source', async () => {
  const { atlas, open } = await bench(shopScenario(HOSTS));
  const project = open();
  const { problems: none, ...before } = await project.networks(NEVER);
  expect(none).toEqual([]);
  expect([before.peers.length, before.containers.length]).toEqual([1, 1]);
  atlas.faults.add(/peers|containers|privateEndpoint/, apiError(400, 'INVALID_ATTRIBUTE'));
  const { problems, ...during } = await project.networks(NEVER);
  expect(problems.length).toBeGreaterThan(2);
  expect(during).toEqual(before);
  atlas.faults.clear();
  atlas.scenario.peers.AWS.splice(0);
  expect((await project.networks(NEVER)).peers).toEqual([]);
});

test('a part without any answer yet may change names later; one that refuses for good does not', async () => {
  const { atlas, open } = await bench(shopScenario(HOSTS));
  const [one, other, third] = [open(), open(), open()];
  const isUntold = async (of: typeof one) => (await of.networks(NEVER)).problems.includes(NAMES_UNKNOWN);
  atlas.faults.add(/peers.*AWS/, apiError(403, 'FORBIDDEN'));
  expect(await isUntold(one)).toBe(false);
  atlas.faults.clear();
  atlas.faults.add(/containers/, { kind: 'answer', status: 200, body: 'no JSON' });
  expect(await isUntold(other)).toBe(true);
  atlas.faults.clear();
  expect(await isUntold(other)).toBe(false);
  atlas.faults.add(/containers/, { kind: 'answer', status: 200, body: 'no JSON' });
  expect(await isUntold(other), 'what it told last stands in').toBe(false);
  atlas.faults.clear();
  atlas.faults.add(/privateEndpoint/, { kind: 'answer', status: 200, body: 'no JSON' });
  expect(await isUntold(third), 'endpoint services name nobody').toBe(false);
});

test('the same failure of every network part is one problem', async () => {
  const { open } = await bench();
  const credentials = { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'wrong' } as const;
  expect((await open({ credentials }).networks(NEVER)).problems.map(({ code }) => code)).toEqual([
    'atlas-credentials-refused',
  ]);
});

test('everything is read with GET at the one version, the token apart', async () => {
  const { atlas, open } = await bench(shopScenario(HOSTS));
  const project = open();
  await Promise.all([
    project.accessList(NEVER),
    project.networks(NEVER),
    project.clusters(NEVER),
    project.processes(NEVER),
  ]);
  const [tokens, others] = [
    atlas.requests.filter(({ target }) => target === '/api/oauth/token'),
    atlas.requests.filter(({ target }) => target !== '/api/oauth/token'),
  ];
  expect(tokens.map(({ method }) => method)).toEqual(['POST']);
  expect(others).toHaveLength(11);
  for (const { method, headers, status } of others) {
    expect([method, status]).toEqual(['GET', 200]);
    expect(headers.accept).toBe('application/vnd.atlas.2025-03-12+json');
    expect(headers['user-agent']).toBe('atlas-conns/test');
  }
});

test.each(['processes', 'clusters'] as const)('%s of which a page fails are not taken for all', async (list) => {
  const many = Array.from({ length: 501 }, (_, index) => clusterProcess(`n${index}.example.net:27017`, 'X'));
  const { atlas, open } = await bench({ [list]: many });
  atlas.faults.add(/pageNum=2/, apiError(400, 'INVALID_ATTRIBUTE'));
  expect(await problemOf(open()[list](NEVER))).toMatchObject({ code: 'atlas-refused' });
});
