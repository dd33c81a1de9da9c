// A project that runs: its clusters as stand-in nodes, their sources over time, and what can be done to them.

import type { ReplicaSet } from '../nodes/replica-set.ts';
import { startReplicaSet } from '../nodes/replica-set.ts';
import type { Tier } from '../nodes/state.ts';
import type { User } from '../nodes/user.ts';
import type { ServerVersion } from '../nodes/version.ts';
import { type Crowd, createCrowd, type PooledOn } from './crowd.ts';
import type { Source } from './source.ts';

export interface MemberPlan {
  readonly role: 'primary' | 'secondary' | 'hidden' | 'arbiter';
  /** `host:port` as the process names itself. */
  readonly processName: string;
  /** Its address inside Atlas's network: the other members see its connections come from there. */
  readonly address: string;
}

export interface ClusterPlan {
  readonly name: string;
  readonly tier: string;
  readonly version: ServerVersion;
  /** Connections per node. */
  readonly limit: number;
  readonly members: readonly MemberPlan[];
  /** Where Atlas's agents connect from. */
  readonly agents?: string;
  readonly sources: readonly Source[];
}

export interface ScenarioPlan {
  readonly seed: number;
  readonly tickSeconds: number;
  readonly users: readonly User[];
  readonly clusters: readonly ClusterPlan[];
}

export interface RunningCluster {
  readonly plan: ClusterPlan;
  readonly set: ReplicaSet;
  /** What the pools of a source have now on each node, by `host:port`. */
  pools(source: string): ReadonlyMap<string, PooledOn>;
  spike(source: string, factor: number, of?: 'pool' | 'clients'): void;
  /** So many dormant connections on the primary beside its pools. */
  leak(source: string, connections: number): void;
  gone(source: string): void;
  calm(source: string): void;
  /** The next electable member becomes primary; load moves with the role. */
  election(): void;
  /** The member at this place can no longer be reached. */
  lostNode(index: number): Promise<void>;
  nodeBack(index: number): Promise<void>;
}

export interface RunningScenario {
  readonly clusters: readonly RunningCluster[];
  /** Throws on a cluster that is not there. */
  cluster(name: string): RunningCluster;
  close(): Promise<void>;
}

/** The caller closes it. */
export async function startScenario(
  plan: ScenarioPlan,
  options: {
    readonly now?: () => Date;
    /** What sources count their time from; now unless told. */
    readonly start?: Date;
    /** Whether nodes are known by their process names, which whoever reads them has to find; where they listen unless told. */
    readonly named?: boolean;
  } = {},
): Promise<RunningScenario> {
  const { now = () => new Date(), named = false } = options;
  const start = options.start ?? now();
  const clusters: RunningCluster[] = [];
  for (const cluster of plan.clusters) {
    const { seed, tickSeconds } = plan;
    const crowd = createCrowd({ seed, tickSeconds, start, sources: cluster.sources });
    clusters.push(running(cluster, crowd, await startSet({ cluster, users: plan.users, now, named }, crowd)));
  }
  return {
    clusters,
    cluster: (name) => {
      const found = clusters.find((cluster) => cluster.plan.name === name);
      if (found === undefined) throw new Error(`the scenario has no cluster ${name}`);
      return found;
    },
    close: async () => {
      await Promise.all(clusters.map(({ set }) => set.close()));
    },
  };
}

interface SetPlan {
  readonly cluster: ClusterPlan;
  readonly users: readonly User[];
  readonly now: () => Date;
  readonly named: boolean;
}

async function startSet({ cluster, users, now, named }: SetPlan, crowd: Crowd): Promise<ReplicaSet> {
  const set = await startReplicaSet({
    setName: `atlas-${cluster.name}-shard-0`,
    version: cluster.version,
    users,
    now,
    members: cluster.members.map(({ role, processName, address }) => ({
      role,
      processName,
      ...(named && { name: processName }),
      tier: tierOf(cluster.tier),
      limit: cluster.limit,
      members: cluster.members.flatMap((other) => (other.address === address ? [] : [other.address])),
      ...(cluster.agents === undefined ? {} : { agents: cluster.agents }),
    })),
  });
  for (const [index, node] of set.nodes.entries()) {
    if (node.role() === 'arbiter') continue;
    node.populate((at, room) => crowd.population({ index, at, room, primary: node.role() === 'primary' }));
  }
  return set;
}

function running(plan: ClusterPlan, crowd: Crowd, set: ReplicaSet): RunningCluster {
  /** What came before is counted by what was true before. */
  const after =
    <T extends readonly unknown[]>(act: (...input: T) => void) =>
    (...input: T) => {
      for (const node of set.nodes) node.counts();
      act(...input);
    };
  return {
    plan,
    set,
    pools: (source) =>
      new Map(
        set.nodes.map((node, index) => {
          // Counts what its sources hold by now.
          node.counts();
          return [node.host, crowd.pools(source, { index, primary: node.role() === 'primary' })];
        }),
      ),
    spike: after(crowd.spike),
    leak: after(crowd.leak),
    gone: after(crowd.gone),
    calm: after(crowd.calm),
    election: after(() => {
      const next = set.nodes.findIndex((node) => node.role() === 'secondary');
      if (next === -1) throw new Error(`${plan.name} has nobody to elect`);
      set.elect(next);
    }),
    lostNode: (index) => set.node(index).refuse(),
    nodeBack: (index) => set.node(index).listen(),
  };
}

function tierOf(tier: string): Tier {
  return tier === 'M0' || tier === 'FLEX' ? tier : 'dedicated';
}
