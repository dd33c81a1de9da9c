// A plan against nodes that differ: each with its own limit, and with what others hold on it now.

import { nodesRead, nodesUnread } from '../connections/node-usage.ts';
import type { NodeRole } from '../connections/reading.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { NodeKind } from '../drivers/monitors.ts';
import { NO_LIMIT } from './assumptions.ts';
import { forecastOf } from './forecast.ts';
import { unreadAssumed } from './live.ts';
import type { FleetPlan, NodeRoom, PlanForecast, PlanNode, Scenario } from './plan.ts';
import { RESERVED_BY_ATLAS, TIERS_AS_OF, type Tier } from './tiers.ts';

/** `others` are all connections that are open now. */
type NodeToFill = PlanNode & NodeRoom;

/** Where a fleet would connect to. */
export interface Target {
  readonly nodes: readonly NodeToFill[];
  readonly establishPerSecond: number | null;
  /** Sentences. */
  readonly assumptions: readonly string[];
}

const KINDS: Readonly<Record<NodeRole, NodeKind>> = {
  primary: 'primary',
  secondary: 'secondary',
  mongos: 'mongos',
  standalone: 'single',
  other: 'secondary',
};

/** A watched cluster, with all that is open on it now. Null when no node was read. */
export function clusterTarget(report: ConnectionReport): Target | null {
  const nodes = nodesRead(report).map(({ host, role, hidden, limit, current, connections }): NodeToFill => {
    const kind = hidden === true ? 'hidden' : KINDS[role];
    return { name: host, kind, limit, reserved: 0, others: current ?? connections ?? 0 };
  });
  if (nodes.length === 0) return null;
  const assumptions = [
    'Others hold what they hold in this reading.',
    ...(nodes.some(({ kind }) => kind === 'secondary') ? [SECONDARIES_ASSUMED] : []),
    ...unreadAssumed(nodesUnread(report).length),
  ];
  return { nodes, establishPerSecond: null, assumptions };
}

/** A reading has the role of a node, and not its tags or its priority. */
const SECONDARIES_ASSUMED =
  'Each secondary counts as electable: a reading does not show which of them are analytics or read-only nodes.';

/** A new replica set. */
export function tierTarget({ connections: limit, establishPerSecond, name }: Tier, nodes: number): Target {
  const known = { limit, reserved: RESERVED_BY_ATLAS, others: 0 };
  return {
    nodes: Array.from({ length: nodes }, (_, index): NodeToFill => {
      const kind = index === 0 ? 'primary' : 'secondary';
      return { name: index === 0 ? kind : `${kind}-${index}`, kind, ...known };
    }),
    establishPerSecond,
    assumptions: [
      `${name} accepts ${limit.toLocaleString('en-US')} connections a node, by Atlas's table of ${TIERS_AS_OF}.`,
      `Atlas keeps about ${RESERVED_BY_ATLAS} of them, as in the example of its documentation.`,
    ],
  };
}

export type FilledNode = NodeToFill & {
  /** All connections by scenario, with those of others; null when a pool is unlimited. */
  readonly filled: Readonly<Record<Scenario['name'], number | null>>;
};

export interface FilledScenario {
  readonly name: Scenario['name'];
  /** The node that is nearest to its limit; null when a pool is unlimited, or no limit is known. */
  readonly busiest: { readonly name: string; readonly connections: number; readonly share: number } | null;
  /** Instances that fit on every node; null when a pool is unlimited, or no limit is known. */
  readonly instancesUntilLimit: number | null;
}

export interface TargetForecast {
  readonly fleet: PlanForecast;
  readonly nodes: readonly FilledNode[];
  readonly scenarios: readonly FilledScenario[];
  /** Sentences. */
  readonly assumptions: readonly string[];
}

/** Of a plan, what is not about nodes. */
export type Fleet = Omit<FleetPlan, 'nodes' | 'sizing' | 'establishPerSecond' | keyof NodeRoom>;

export function forecastAgainst(fleet: Fleet, target: Target): TargetForecast {
  const { nodes, establishPerSecond } = target;
  const plan: FleetPlan = {
    ...{ ...fleet, sizing: 'used', establishPerSecond },
    nodes: nodes.map(({ name, kind }) => ({ name, kind })),
    // The nodes differ in these.
    ...{ limit: null, reserved: 0, others: 0 },
  };
  const rooms = new Map(nodes.map((node) => [node.name, node]));
  const forecast = forecastOf(plan, (name) => rooms.get(name) ?? plan);
  const { scenarios, assumptions } = forecast;
  return {
    fleet: forecast,
    nodes: nodes.map((node) => {
      const filled = scenarios.map(({ name, perNode }) => {
        const held = perNode[node.name] ?? null;
        return [name, held === null ? null : node.others + held] as const;
      });
      return { ...node, filled: byScenario(filled) };
    }),
    scenarios: scenarios.map((scenario) => filledScenario(scenario, nodes)),
    assumptions: [...target.assumptions, ...assumptions.filter((sentence) => sentence !== NO_LIMIT)],
  };
}

function byScenario(filled: readonly (readonly [Scenario['name'], number | null])[]): FilledNode['filled'] {
  const all = { idle: null, used: null, full: null, deploy: null, election: null };
  return { ...all, ...Object.fromEntries(filled) };
}

function filledScenario(
  { name, perNode, instancesUntilLimit }: Scenario,
  nodes: readonly NodeToFill[],
): FilledScenario {
  const places = nodes.flatMap(({ name: node, limit, others }) => {
    const held = perNode[node] ?? null;
    if (limit === null || held === null) return [];
    return [{ name: node, connections: others + held, share: (others + held) / limit }];
  });
  const [busiest = null] = places.toSorted((a, b) => b.share - a.share);
  const isUnlimited = Object.values(perNode).some((held) => held === null);
  return { name, busiest: isUnlimited ? null : busiest, instancesUntilLimit };
}
