// What the stand-in's project holds, in the Admin API's own shapes, and builders for believable parts of it.

export type Document = Record<string, unknown>;
export type Provider = 'AWS' | 'AZURE' | 'GCP';

/** Everything here may be changed while the stand-in runs; the next request sees it. */
export interface AtlasScenario {
  project: { id: string; name: string };
  /** Other projects that the same credentials may list. */
  otherProjects: { id: string; name: string }[];
  serviceAccount: { clientId: string; clientSecret: string };
  apiKey: { publicKey: string; privateKey: string };
  /** Roles of both credentials in the project; without GROUP_READ_ONLY everything is refused. */
  roles: string[];
  /** Addresses that may use the API; null where the organization does not require a list. */
  apiAccessList: string[] | null;
  tokenSeconds: number;
  /** Requests that one Digest nonce is good for. */
  nonceUses: number;
  accessList: Document[];
  clusters: Document[];
  flexClusters: Document[];
  processes: Document[];
  containers: Document[];
  peers: Record<Provider, Document[]>;
  endpointServices: Record<Provider, Document[]>;
}

export const PROJECT_ID = '64b0c2a5f1e2d3c4b5a69788';

/** A project with valid credentials and nothing in it. */
export function emptyScenario(): AtlasScenario {
  return {
    project: { id: PROJECT_ID, name: 'shop' },
    otherProjects: [],
    serviceAccount: { clientId: 'mdb_sa_id_6540c2a5f1e2d3c4b5a69788', clientSecret: 'mdb_sa_sk_n0t_a_secret' },
    apiKey: { publicKey: 'abcdefgh', privateKey: '00000000-1111-2222-3333-444444444444' },
    roles: ['GROUP_READ_ONLY'],
    apiAccessList: null,
    tokenSeconds: 3_600,
    nonceUses: 1_024,
    accessList: [],
    clusters: [],
    flexClusters: [],
    processes: [],
    containers: [],
    peers: { AWS: [], AZURE: [], GCP: [] },
    endpointServices: { AWS: [], AZURE: [], GCP: [] },
  };
}

/** An entry for a block (`203.0.113.0/24`) or an address, which Atlas then gives in both forms. */
export function accessListEntry(entry: string, more: { comment?: string; deleteAfterDate?: string } = {}): Document {
  const single = !entry.includes('/');
  return {
    cidrBlock: single ? `${entry}/${entry.includes(':') ? 128 : 32}` : entry,
    ...(single && { ipAddress: entry }),
    ...entryRest(more),
  };
}

export function securityGroupEntry(awsSecurityGroup: string, comment = ''): Document {
  return { awsSecurityGroup, ...entryRest({ comment }) };
}

function entryRest(more: { comment?: string; deleteAfterDate?: string }): Document {
  return { groupId: PROJECT_ID, comment: '', ...more, links: [] };
}

/** A dedicated cluster whose nodes listen on `hosts` (`host:port`). */
export function dedicatedCluster(options: {
  name: string;
  hosts?: readonly string[];
  tier?: string;
  type?: 'REPLICASET' | 'SHARDED' | 'GEOSHARDED';
  version?: string;
  more?: Document;
}): Document {
  const { name, hosts = [], tier = 'M30', type = 'REPLICASET', version = '8.0.29' } = options;
  const specs = [
    {
      id: '64b0c2a5f1e2d3c4b5a69701',
      regionConfigs: [
        {
          providerName: 'AWS',
          regionName: 'EU_WEST_1',
          priority: 7,
          electableSpecs: { instanceSize: tier, nodeCount: 3, diskSizeGB: 40, ebsVolumeType: 'STANDARD' },
        },
      ],
      zoneName: 'Zone 1',
    },
  ];
  return {
    id: '64b0c2a5f1e2d3c4b5a69700',
    groupId: PROJECT_ID,
    name,
    clusterType: type,
    stateName: 'IDLE',
    paused: false,
    mongoDBVersion: version,
    mongoDBMajorVersion: version.split('.').slice(0, 2).join('.'),
    createDate: '2024-05-02T08:00:00Z',
    tags: [],
    connectionStrings: hosts.length > 0 ? { standard: `mongodb://${hosts.join(',')}/` } : {},
    replicationSpecs: specs,
    effectiveReplicationSpecs: specs,
    links: [],
    ...options.more,
  };
}

export function flexCluster(name: string, more: Document = {}): Document {
  return {
    id: '64b0c2a5f1e2d3c4b5a69702',
    groupId: PROJECT_ID,
    name,
    clusterType: 'REPLICASET',
    stateName: 'IDLE',
    mongoDBVersion: '8.0.29',
    createDate: '2025-03-02T08:00:00Z',
    connectionStrings: { standard: `mongodb://${name}-shard-00-00.example.net:27017/` },
    providerSettings: { backingProviderName: 'AWS', diskSizeGB: 5, providerName: 'FLEX', regionName: 'EU_WEST_1' },
    links: [],
    ...more,
  };
}

/** A process as `/processes` lists it; `host` is the `host:port` of connection strings. */
export function clusterProcess(host: string, type: string, more: Document = {}): Document {
  const at = host.lastIndexOf(':');
  const port = Number(host.slice(at + 1));
  const hostname = `atlas-abc123-${host.slice(0, at)}`;
  return {
    id: `${hostname}:${port}`,
    groupId: PROJECT_ID,
    hostname,
    userAlias: host.slice(0, at),
    port,
    typeName: type,
    replicaSetName: 'atlas-abc123-shard-0',
    version: '8.0.29',
    created: '2024-05-02T08:00:00Z',
    lastPing: '2026-11-21T10:00:00Z',
    links: [],
    ...more,
  };
}

/** The shop: an access list as teams have it, one cluster on `hosts`, its network container and a peered VPC. */
export function shopScenario(hosts: readonly string[]): AtlasScenario {
  return {
    ...emptyScenario(),
    accessList: [
      accessListEntry('203.0.113.0/24', { comment: 'Billing API' }),
      accessListEntry('198.51.100.7', { comment: 'Nightly export' }),
      accessListEntry('198.51.100.0/24', { comment: 'Office VPN' }),
      accessListEntry('2001:db8:40::/48', { comment: 'Kubernetes egress' }),
      accessListEntry('0.0.0.0/0', { comment: 'functions, to be replaced' }),
      securityGroupEntry('sg-0a1b2c3d', 'Batch workers'),
    ],
    clusters: [dedicatedCluster({ name: 'prod', hosts })],
    processes: hosts.map((host, index) => clusterProcess(host, index === 0 ? 'REPLICA_PRIMARY' : 'REPLICA_SECONDARY')),
    containers: [awsContainer('192.168.240.0/21')],
    peers: { AWS: [awsPeer('10.8.0.0/16')], AZURE: [], GCP: [] },
  };
}

export function awsContainer(atlasCidrBlock: string): Document {
  return {
    id: '64b0c2a5f1e2d3c4b5a69703',
    providerName: 'AWS',
    provisioned: true,
    atlasCidrBlock,
    regionName: 'EU_WEST_1',
    vpcId: 'vpc-0f1e2d3c',
  };
}

export function awsPeer(routeTableCidrBlock: string): Document {
  return {
    id: '64b0c2a5f1e2d3c4b5a69704',
    containerId: '64b0c2a5f1e2d3c4b5a69703',
    accepterRegionName: 'eu-west-1',
    awsAccountId: '123456789012',
    connectionId: 'pcx-0a1b2c3d',
    routeTableCidrBlock,
    statusName: 'AVAILABLE',
    vpcId: 'vpc-0a1b2c',
  };
}
