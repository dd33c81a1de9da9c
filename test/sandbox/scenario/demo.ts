// A believable project: three clusters, the sources that hold their connections, and the access list that lets them in.

import type { AccessListEntry, NetworkContainer, PeeredNetwork } from '../../../src/core/connections/access-list.ts';
import type { ClusterPlan, MemberPlan, ScenarioPlan } from './scenario.ts';
import type { Source } from './source.ts';

const NODE = { name: 'nodejs', version: '7.8.0', platform: 'Node.js v24.21.0, LE' };
const JAVA = {
  name: 'mongo-java-driver|sync|spring-boot',
  version: '5.6.1',
  platform: 'Java/Eclipse Adoptium/21.0.8+9',
};
const PYTHON = { name: 'PyMongo', version: '4.15.3', platform: 'CPython 3.13.7.final.0' };
const GO = { name: 'mongo-go-driver', version: '2.4.0', platform: 'go1.25.3' };
const SHELL = { name: 'nodejs|mongosh', version: '6.20.0|2.5.9', platform: 'Node.js v22.20.0, LE' };
const LAMBDA = {
  ...NODE,
  env: { name: 'aws.lambda', region: 'eu-west-1', memory_mb: 512, container: { runtime: 'docker' } },
};

const PROD: readonly Source[] = [
  {
    name: 'Billing API',
    addresses: { blocks: ['203.0.113.0/26'], hosts: 6 },
    app: 'billing',
    driver: NODE,
    user: 'billing',
    clients: 12,
    pool: 6,
    poolElsewhere: 1,
    active: 0.1,
    wave: { periodSeconds: 600, depth: 0.1 },
    operation: {
      ns: 'shop.invoices',
      command: {
        find: 'invoices',
        filter: { email: 'jane.doe@example.com', card: '4111-1111' },
        comment: 'invoice run',
      },
    },
  },
  {
    name: 'Web EU',
    addresses: { blocks: ['203.0.113.64/26'], hosts: 20 },
    app: 'web',
    driver: JAVA,
    user: 'web',
    clients: 20,
    pool: 12,
    poolElsewhere: 2,
    active: 0.2,
    wave: { periodSeconds: 300, depth: 0.2 },
  },
  {
    name: 'CI runners',
    addresses: { blocks: ['198.51.100.32/27'], hosts: 8 },
    app: null,
    driver: PYTHON,
    user: 'ci',
    clients: 8,
    pool: 2,
    active: 0.5,
    presence: { everySeconds: 420, forSeconds: 240 },
  },
  {
    name: 'Nightly ETL',
    addresses: { blocks: ['198.51.100.200/32'], hosts: 1 },
    app: 'etl',
    driver: PYTHON,
    user: 'etl',
    clients: 4,
    pool: 10,
    poolElsewhere: 5,
    active: 0.4,
    presence: { everySeconds: 900, forSeconds: 300 },
  },
  {
    name: 'Office Berlin',
    addresses: { blocks: ['2001:db8:40:1::/64'], hosts: 3 },
    app: 'mongosh 2.5.9',
    driver: SHELL,
    user: 'anna',
    clients: 3,
    pool: 1,
    active: 0,
  },
  {
    name: 'Kubernetes (peered VPC)',
    addresses: { blocks: ['10.8.0.0/16'], hosts: 40 },
    app: 'orders',
    driver: GO,
    user: 'orders',
    clients: 40,
    pool: 3,
    poolElsewhere: 1,
    active: 0.15,
  },
  {
    name: 'Reports (private endpoint)',
    addresses: { blocks: ['192.168.250.0/24'], hosts: 2 },
    app: 'reports',
    driver: JAVA,
    user: 'reports',
    clients: 6,
    pool: 5,
    active: 0.3,
  },
  {
    name: 'Thumbnails (Lambda)',
    addresses: { blocks: ['198.51.100.128/28'], hosts: 4 },
    app: 'thumbnails',
    driver: LAMBDA,
    user: 'thumbnails',
    clients: 20,
    // More than a function uses: `why` says so.
    pool: 2.6,
    active: 0.12,
    monitoring: 'poll',
    churn: 2,
  },
  {
    name: 'Contractor (entry removed)',
    addresses: { blocks: ['192.0.2.77/32'], hosts: 1 },
    app: 'Compass',
    driver: SHELL,
    user: 'contractor',
    clients: 1,
    pool: 4,
    active: 0,
  },
];

const STAGING: readonly Source[] = [
  {
    name: 'Billing API',
    addresses: { blocks: ['203.0.113.0/26'], hosts: 1 },
    app: 'billing',
    driver: NODE,
    user: 'billing',
    clients: 2,
    pool: 3,
    active: 0.1,
  },
  {
    name: 'CI runners',
    addresses: { blocks: ['198.51.100.32/27'], hosts: 4 },
    app: null,
    driver: PYTHON,
    user: 'ci',
    clients: 4,
    pool: 2,
    active: 0.5,
  },
];

/** Named as Atlas names them: a cluster's and a project's part, and what tells a node from the others between them. */
function members(id: string, firstHost: number): readonly MemberPlan[] {
  return Array.from({ length: 3 }, (_, i) => ({
    role: i === 0 ? ('primary' as const) : ('secondary' as const),
    processName: `atlas-${id}-shard-00-0${i}.ab1cd.mongodb.net:27017`,
    address: `192.168.248.${firstHost + i}`,
  }));
}

const prod: ClusterPlan = {
  name: 'prod',
  tier: 'M30',
  version: '8.0',
  limit: 3000,
  members: members('x1y2z3', 10),
  agents: '192.168.248.4',
  sources: PROD,
};

/** Everybody's password is for the loopback only. */
export const demoUsers = [
  { user: 'atlas-conns', password: 'for-the-demo-only', roles: ['clusterMonitor'] },
  { user: 'no-monitor', password: 'for-the-demo-only', roles: ['readWriteAnyDatabase'] },
];

export const demoScenario: ScenarioPlan = {
  seed: 20_261_121,
  tickSeconds: 5,
  users: demoUsers,
  clusters: [
    prod,
    {
      ...prod,
      name: 'staging',
      tier: 'M10',
      limit: 1500,
      version: '8.2',
      members: members('k4m5n6', 20),
      sources: STAGING,
    },
    {
      name: 'sandbox',
      tier: 'M0',
      limit: 500,
      version: '8.0',
      members: members('q7r8s9', 30),
      sources: STAGING.slice(0, 1),
    },
  ],
};

/** The access list that fits; `soon` is when its entry that expires does so. */
export function demoAccessList(soon: Date): readonly AccessListEntry[] {
  const range = (cidrBlock: string, comment: string | null, deleteAfterDate: Date | null = null): AccessListEntry => ({
    kind: 'range',
    cidrBlock,
    comment,
    deleteAfterDate: deleteAfterDate?.toISOString() ?? null,
  });
  return [
    range('203.0.113.0/24', 'Billing API'),
    range('203.0.113.64/26', 'Web EU'),
    range('198.51.100.32/27', 'CI runners'),
    range('198.51.100.200/32', 'Nightly ETL', soon),
    range('198.51.100.128/28', null),
    range('2001:db8:40::/48', 'Office Berlin'),
    range('192.0.2.128/25', 'Old data centre'),
    { kind: 'security-group', securityGroup: 'sg-0a1b2c3d4e5f60718', comment: 'Batch workers' },
  ];
}

export const demoPeers: readonly PeeredNetwork[] = [
  { provider: 'AWS', cidrBlock: '10.8.0.0/16', name: 'vpc-0a1b2c (account 123456789012)', status: 'AVAILABLE' },
];

export const demoContainers: readonly NetworkContainer[] = [
  { provider: 'AWS', cidrBlock: '192.168.248.0/21', region: 'EU_WEST_1' },
];
