// The arithmetic of a plan: connections on each node, idle, used and with full pools; how many instances fit.
// Of one client on one node: pool + monitors (specification: connection monitoring and pooling, server monitoring).

import { sum } from '../base/format.ts';
import { defaultsOf, isSingleThreaded, maxPoolSizeZero } from '../drivers/defaults.ts';
import { monitorsOnNode } from '../drivers/monitors.ts';
import { assumptionsOf, SURGE } from './assumptions.ts';
import type { FleetPlan, NodeForecast, NodeRoom, PlanForecast, PlanNode, Scenario } from './plan.ts';

/** Pool sizes of one client on one node. */
interface PoolBounds {
  readonly min: number;
  /** Infinity is unlimited. */
  readonly max: number;
}

/** What the driver makes of `minPoolSize` and `maxPoolSize`; both 0 for a driver without a pool. */
export function poolBoundsOf({ driver, mode, options }: Pick<FleetPlan, 'driver' | 'mode' | 'options'>): PoolBounds {
  const defaults = defaultsOf(driver, mode);
  if (defaults.maxPoolSize === null) return { min: 0, max: 0 };
  // A driver that does not know minPoolSize ignores it.
  const min = defaults.minPoolSize === null ? 0 : (options.minPoolSize ?? defaults.minPoolSize);
  const { maxPoolSize = defaults.maxPoolSize } = options;
  if (maxPoolSize > 0) return { min, max: maxPoolSize };
  return { min, max: maxPoolSizeZero(driver) === 'one' ? 1 : Number.POSITIVE_INFINITY };
}

/** Connections of one client. */
type Figures = Readonly<Record<'monitors' | 'idle' | 'used' | 'full' | 'afterElection', number>>;

interface ClientOnNode extends Figures {
  readonly name: string;
  /** With srvMaxHosts, a client uses and watches `share` of `of` routers. */
  readonly share: number;
  readonly of: number;
}

const ELECTABLE = ['primary', 'secondary'];

/** One client on each node of the plan. */
function clientOnNodes(plan: FleetPlan): readonly ClientOnNode[] {
  const { options, nodes } = plan;
  const operations = new Map(Object.entries(plan.operations));
  const atOnce = (one: PlanNode) => operations.get(one.name) ?? operations.get(one.kind) ?? 0;
  const isElectable = ({ kind }: PlanNode) => ELECTABLE.includes(kind);
  const atPrimary = Math.max(0, ...nodes.filter(isElectable).map(atOnce));
  const isDirect = options.directConnection === true;
  const isSingle = isSingleThreaded(plan.driver, plan.mode);
  const routers = routersOf(plan);
  const { min, max } = poolBoundsOf(plan);
  return nodes.map((node, index) => {
    const whole = { name: node.name, share: 1, of: 1, ...(!isDirect && node.kind === 'mongos' && routers) };
    // A client that connects to a hidden member or an arbiter directly watches and uses it.
    const kind = isDirect ? 'single' : node.kind;
    if (isDirect ? index > 0 : kind === 'hidden') return { ...whole, ...always(0) };
    if (isSingle) return { ...whole, ...always(1), monitors: 0 };
    const monitors = monitorsOnNode({ ...plan, ...options }, kind);
    if (kind === 'arbiter') return { ...whole, ...always(monitors) };
    const withPool = (wanted: number) => monitors + Math.min(Math.max(min, wanted), max);
    return {
      ...whole,
      monitors,
      idle: withPool(0),
      used: withPool(atOnce(node)),
      full: monitors + max,
      afterElection: withPool(isElectable(node) && !isDirect ? atPrimary : atOnce(node)),
    };
  });
}

const always = (count: number): Figures => ({
  ...{ monitors: count, idle: count, used: count, full: count, afterElection: count },
});

function routersOf({ options: { srvMaxHosts = 0 }, nodes }: FleetPlan): Pick<ClientOnNode, 'share' | 'of'> {
  const of = nodes.filter(({ kind }) => kind === 'mongos').length;
  return { of, share: srvMaxHosts === 0 ? of : Math.min(srvMaxHosts, of) };
}

/**
 * Linear in the number of nodes. Figures have two decimals where srvMaxHosts makes them a mean.
 * @param plan as `decodePlan` returns it
 * @param roomOn by the node's name, where nodes differ: else each has the room of the plan
 */
export function forecastOf(plan: FleetPlan, roomOn: (node: string) => NodeRoom = () => plan): PlanForecast {
  const { instances, limit, sizing, establishPerSecond: rate } = plan;
  const ofInstance = plan.processes * plan.clients;
  const nodes = clientOnNodes(plan);
  const on = (node: ClientOnNode, figure: keyof Figures, count = instances) =>
    (node[figure] * count * ofInstance * node.share) / node.of;
  const total = (figure: keyof Figures) => hundredths(sum(nodes, (node) => on(node, figure)));
  const named = <Figure>(figures: (node: ClientOnNode) => Figure): Readonly<Record<string, Figure>> =>
    Object.fromEntries(nodes.map((node) => [node.name, figures(node)]));
  /** Instances whose connections fit beside the reserved ones and those of others, on each node. */
  const fitting = (figure: keyof Figures): number | null => {
    const counts = nodes.map((node) => {
      const room = roomOn(node.name);
      if (room.limit === null) return Number.POSITIVE_INFINITY;
      const free = Math.max(0, room.limit - room.reserved - room.others);
      return Math.floor((free * node.of) / (node[figure] * ofInstance * node.share));
    });
    const least = Math.min(...counts.filter((count) => !Number.isNaN(count)));
    const isUnlimited = nodes.some((node) => node[figure] === Number.POSITIVE_INFINITY);
    return isUnlimited || !Number.isFinite(least) ? null : least;
  };
  const scenario = (name: Scenario['name'], figure: keyof Figures, surge = 0): Scenario => {
    const count = Math.ceil(instances * (1 + surge));
    const busiest = Math.max(...nodes.map((node) => on(node, figure, count)));
    const shares = nodes.flatMap((node) => {
      const room = roomOn(node.name);
      return room.limit === null ? [] : [shareOf(room.others + on(node, figure, count), room.limit)];
    });
    const fits = fitting(figure);
    return {
      name,
      busiest: bounded(busiest),
      share: shares.length > 0 && Number.isFinite(busiest) ? Math.max(...shares) : null,
      instancesUntilLimit: fits === null ? null : Math.floor(fits / (1 + surge)),
      perNode: named((node) => bounded(on(node, figure, count))),
    };
  };

  const sized = sizing === 'used' ? 'used' : 'full';
  const busiest = Math.max(...nodes.map((node) => on(node, sized)));
  const isBounded = Number.isFinite(busiest);
  const seconds = rate !== null && isBounded ? Math.ceil(busiest / rate) : null;
  return {
    clients: instances * ofInstance,
    perNode: named(
      (node): NodeForecast => ({
        monitors: hundredths(on(node, 'monitors')),
        idle: hundredths(on(node, 'idle')),
        used: hundredths(on(node, 'used')),
        ceiling: bounded(on(node, 'full')),
      }),
    ),
    total: { idle: total('idle'), used: total('used'), ceiling: bounded(total('full')) },
    monitorsTotal: total('monitors'),
    ...(limit !== null && { sizing, instancesUntilLimit: fitting(sized) }),
    ...(limit !== null && isBounded && { busiestShareOfLimit: shareOf(busiest, limit) }),
    ...(seconds !== null && { secondsToConnectAll: seconds }),
    scenarios: [
      scenario('idle', 'idle'),
      scenario('used', 'used'),
      scenario('full', 'full'),
      scenario('deploy', 'used', SURGE),
      scenario('election', 'afterElection'),
    ],
    assumptions: assumptionsOf(plan, seconds),
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

function bounded(value: number): number | null {
  return Number.isFinite(value) ? hundredths(value) : null;
}

function shareOf(connections: number, limit: number): number {
  return Math.round((connections / limit) * 10_000) / 10_000;
}
