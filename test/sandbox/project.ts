// The demo's Atlas project, whole: clusters of stand-in nodes, and a stand-in Admin API that tells of them.

import type { AccessListEntry } from '../../src/core/connections/access-list.ts';
import {
  type AtlasScenario,
  accessListEntry,
  awsContainer,
  awsPeer,
  clusterProcess,
  dedicatedCluster,
  emptyScenario,
  PROJECT_ID,
  securityGroupEntry,
} from './atlas/scenario.ts';
import { type AtlasStandIn, startAtlas } from './atlas/server.ts';
import { findNames, namesEnv } from './names.ts';
import { demoAccessList, demoContainers, demoPeers, demoScenario, demoUsers } from './scenario/demo.ts';
import { type RunningCluster, type RunningScenario, type ScenarioPlan, startScenario } from './scenario/scenario.ts';

export interface StandInProject {
  readonly atlas: AtlasStandIn;
  readonly scenario: RunningScenario;
  /** What a user of this project would have in the environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Everything listens on loopback; the caller closes it. */
export async function startProject(
  options: {
    readonly now?: () => Date;
    /** The demo's own unless told. */
    readonly plan?: ScenarioPlan;
    /** What sources count their time from; now unless told. */
    readonly start?: Date;
    /** Whether nodes have names as long as Atlas's, found by this process and by one with `env`; addresses unless told. */
    readonly named?: boolean;
  } = {},
): Promise<StandInProject> {
  const { now = () => new Date(), plan = demoScenario, start = now(), named = false } = options;
  const scenario = await startScenario(plan, { now, start, named });
  const nodes = scenario.clusters.flatMap(({ set }) => set.nodes);
  const names = Object.fromEntries(nodes.map(({ host, port }) => [host, port]));
  const forget = named ? findNames(names) : () => undefined;
  const atlas = await startAtlas({ scenario: atlasOf(scenario, now()), now });
  const [reader] = demoUsers;
  if (reader === undefined) throw new Error('the demo has no user to read with');
  return {
    atlas,
    scenario,
    env: {
      MONGODB_ATLAS_BASE_URL: atlas.url,
      MONGODB_ATLAS_PROJECT_ID: PROJECT_ID,
      MONGODB_ATLAS_CLIENT_ID: atlas.scenario.serviceAccount.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: atlas.scenario.serviceAccount.clientSecret,
      MONGODB_USERNAME: reader.user,
      MONGODB_PASSWORD: reader.password,
      ...(named && namesEnv(names)),
    },
    close: async () => {
      forget();
      await Promise.all([atlas.close(), scenario.close()]);
    },
  };
}

function atlasOf(scenario: RunningScenario, now: Date): AtlasScenario {
  const soon = new Date(now.getTime() + 26 * 3_600_000);
  return {
    ...emptyScenario(),
    accessList: demoAccessList(soon).map(entryDocument),
    clusters: scenario.clusters.map(clusterDocument),
    processes: scenario.clusters.flatMap(processDocuments),
    containers: demoContainers.map(({ cidrBlock }) => awsContainer(cidrBlock)),
    peers: { AWS: demoPeers.map(({ cidrBlock }) => awsPeer(cidrBlock ?? '')), AZURE: [], GCP: [] },
  };
}

function entryDocument(entry: AccessListEntry) {
  const comment = entry.comment ?? '';
  if (entry.kind === 'security-group') return securityGroupEntry(entry.securityGroup, comment);
  const { cidrBlock, deleteAfterDate } = entry;
  return accessListEntry(cidrBlock, { comment, ...(deleteAfterDate !== null && { deleteAfterDate }) });
}

function clusterDocument({ plan: { name, tier, version }, set }: RunningCluster) {
  const cluster = dedicatedCluster({ name, tier, version: `${version}.4` });
  return { ...cluster, connectionStrings: { standard: set.uri } };
}

const PROCESS_TYPES: Readonly<Record<string, string>> = {
  primary: 'REPLICA_PRIMARY',
  secondary: 'REPLICA_SECONDARY',
  hidden: 'REPLICA_SECONDARY',
  arbiter: 'REPLICA_ARBITER',
};

function processDocuments({ plan: { members }, set }: RunningCluster) {
  return set.nodes.map((node, at) =>
    clusterProcess(node.host, PROCESS_TYPES[node.role()] ?? 'NO_DATA', {
      id: members[at]?.processName,
      hostname: members[at]?.processName.replace(/:\d+$/, ''),
      replicaSetName: set.setName,
    }),
  );
}
