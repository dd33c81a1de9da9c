// The project that is watched: so many clusters of three nodes, alike but for their names, and one that is found by DNS.

import { type StandInProject, startProject } from '../sandbox/project.ts';
import { demoUsers } from '../sandbox/scenario/demo.ts';
import type { ClusterPlan } from '../sandbox/scenario/scenario.ts';
import type { Source } from '../sandbox/scenario/source.ts';

/** Its pool grows when an alert is wanted. */
export const LOUD = 'Billing API';

const NODE = { name: 'nodejs', version: '7.8.0', platform: 'Node.js v24.21.0, LE' };
const PYTHON = { name: 'PyMongo', version: '4.15.3', platform: 'CPython 3.13.7.final.0' };

const SOURCES: readonly Source[] = [
  {
    ...{
      name: LOUD,
      app: 'billing',
      driver: NODE,
      user: 'billing',
      clients: 4,
      pool: 6,
      poolElsewhere: 1,
      active: 0.1,
    },
    addresses: { blocks: ['203.0.113.0/26'], hosts: 2 },
    wave: { periodSeconds: 600, depth: 0.1 },
  },
  {
    ...{ name: 'Web EU', app: 'web', driver: NODE, user: 'web', clients: 6, pool: 5, poolElsewhere: 1, active: 0.2 },
    addresses: { blocks: ['203.0.113.64/26'], hosts: 6 },
  },
  {
    ...{ name: 'CI runners', app: null, driver: PYTHON, user: 'ci', clients: 3, pool: 2, active: 0.5 },
    addresses: { blocks: ['198.51.100.32/27'], hosts: 3 },
    presence: { everySeconds: 420, forSeconds: 240 },
  },
  {
    ...{ name: 'Kubernetes', app: 'orders', driver: PYTHON, user: 'orders', clients: 8, pool: 2, active: 0.1 },
    addresses: { blocks: ['10.8.0.0/16'], hosts: 8 },
  },
];

export const clusterName = (index: number): string => `fleet-${String(index + 1).padStart(2, '0')}`;

/** What the bot is told by DNS of the first cluster. */
export const ZONE = `${clusterName(0)}.soak.test`;

/** The caller closes it. */
export async function startFleet(clusters: number): Promise<StandInProject> {
  const project = await startProject({
    plan: {
      seed: 20_261_121,
      tickSeconds: 5,
      users: demoUsers,
      clusters: Array.from({ length: clusters }, (_, index) => planOf(index)),
    },
  });
  const [first] = project.atlas.scenario.clusters;
  if (first !== undefined) first['connectionStrings'] = { standardSrv: `mongodb+srv://${ZONE}/?tls=false` };
  return project;
}

function planOf(index: number): ClusterPlan {
  const name = clusterName(index);
  return {
    ...{ name, tier: 'M30', version: '8.0', limit: 3_000, sources: SOURCES },
    members: [0, 1, 2].map((member) => ({
      role: member === 0 ? 'primary' : 'secondary',
      processName: `atlas-${name}-shard-00-0${member}.example.net:27017`,
      address: `192.168.249.${member + 1}`,
    })),
  };
}

/** The most connections that any node has now, and all of them: real ones, which are the bot's alone. */
export function openTo({ scenario }: StandInProject): { readonly most: number; readonly all: number } {
  const open = scenario.clusters.flatMap(({ set }) => set.nodes.map((node) => node.open()));
  return { most: Math.max(0, ...open), all: open.reduce((sum, one) => sum + one, 0) };
}
