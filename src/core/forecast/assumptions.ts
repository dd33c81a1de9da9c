// What a forecast takes for granted, as sentences.

import { count, counted, percent, span } from '../base/format.ts';
import { defaultsOf, isSingleThreaded, maxPoolSizeZero } from '../drivers/defaults.ts';
import { DRIVER_TITLES } from '../drivers/driver.ts';
import { watchingOf } from '../drivers/monitors.ts';
import { ignoresMaxIdleTime } from '../drivers/versions.ts';
import type { FleetPlan } from './plan.ts';

/** For a plan whose limit is null. */
export const NO_LIMIT = 'No limit is given. It is one of each node, never of the cluster.';

/** Of instances during a rolling deploy: the default of Kubernetes (maxSurge 25 %, rounded up). */
export const SURGE = 0.25;

/** @param secondsToConnectAll null without a rate at which nodes accept connections */
export function assumptionsOf(plan: FleetPlan, secondsToConnectAll: number | null): readonly string[] {
  return [
    ...heartbeats(plan),
    ...(isSingleThreaded(plan.driver, plan.mode) ? [] : pools(plan)),
    ...nodes(plan),
    ...limits(plan, secondsToConnectAll),
    `Deploy: ${percent(SURGE)} more instances for a while, old and new ones together.`,
    'Election: the former primary keeps its pool, and the new one grows its own.',
  ];
}

function driverWords({ driver }: FleetPlan): string {
  return driver === 'any' ? 'a driver that follows the specification' : `the ${DRIVER_TITLES[driver]} driver`;
}

function heartbeats(plan: FleetPlan): readonly string[] {
  const watched = watchingOf({ ...plan, ...plan.options });
  switch (watched.how) {
    case 'none':
      return ['Behind a load balancer, clients open no heartbeat connections.'];
    case 'shared':
      return [`A single-threaded client of ${driverWords(plan)} has one connection to each visible node, for all.`];
    case 'stream':
      return [
        'Each client has two heartbeat connections to each visible node, because it streams.',
        ...(plan.server === null ? ['The server is 4.4 or later: with an older one, clients poll.'] : []),
        ...(plan.driver === 'node' ? ['Node.js opens the second heartbeat connection after ten seconds.'] : []),
      ];
    case 'poll': {
      const isC = (plan.driver === 'c' || plan.driver === 'cpp') && watched.why !== 'server';
      const number = isC ? `Two, as ${driverWords(plan)} opens them in any case.` : 'One to each visible node.';
      return [`Heartbeat connections: clients poll, because ${pollReason(plan, watched.why)}. ${number}`];
    }
  }
}

function pollReason({ server }: FleetPlan, why: string): string {
  if (why === 'server') return `the server is ${server}`;
  if (why === 'setting') return 'serverMonitoringMode is poll';
  return `they run on functions (${why})`;
}

function pools(plan: FleetPlan): readonly string[] {
  const { driver, mode, options } = plan;
  const defaults = defaultsOf(driver, mode);
  const sentences: string[] = [];
  const who = driverWords(plan);
  if (options.maxPoolSize === undefined)
    sentences.push(`maxPoolSize is ${defaults.maxPoolSize}, the default of ${who}.`);
  else if (options.maxPoolSize === 0)
    sentences.push(
      maxPoolSizeZero(driver) === 'one'
        ? `maxPoolSize=0 means 1 for ${who}.`
        : 'maxPoolSize=0 is unlimited: only a number gives full pools an upper bound.',
    );
  if (defaults.minPoolSize === null && options.minPoolSize !== undefined)
    sentences.push(`minPoolSize is ignored by ${who}.`);
  const idle = options.maxIdleTimeMS ?? defaults.maxIdleTimeMS ?? 0;
  if (ignoresMaxIdleTime(driver, null) && options.maxIdleTimeMS !== undefined)
    sentences.push(`maxIdleTimeMS is ignored by ${who}.`);
  else if (idle === 0) sentences.push('Without maxIdleTimeMS, connections that a burst opened stay open.');
  else sentences.push(`Connections that a burst opened close after ${span(idle)} without work.`);
  return sentences;
}

function nodes({ nodes: all, options }: FleetPlan): readonly string[] {
  const { srvMaxHosts = 0 } = options;
  const [first] = all;
  const routers = all.filter(({ kind }) => kind === 'mongos').length;
  const has = (kind: string) => all.some((node) => node.kind === kind);
  if (options.directConnection === true) return [`directConnection: clients use and watch ${first?.name} alone.`];
  return [
    ...(has('hidden') ? ['No client watches or uses a hidden node.'] : []),
    ...(has('arbiter') ? ['Clients watch an arbiter, but have no pool there.'] : []),
    ...(srvMaxHosts > 0 && srvMaxHosts < routers
      ? [
          `srvMaxHosts: each client takes ${srvMaxHosts} of ${counted(routers, 'router')} at random. The figures are means; a router may get more.`,
        ]
      : []),
  ];
}

function limits(plan: FleetPlan, secondsToConnectAll: number | null): readonly string[] {
  const { limit, reserved, others, operations } = plan;
  const sentences: string[] = [];
  if (Object.values(operations).every((atOnce) => atOnce === 0))
    sentences.push('No operations at once are given, so used is the same as idle.');
  if (limit === null) sentences.push(NO_LIMIT);
  else {
    const kept = reserved === 0 ? 'none' : count(reserved);
    const held = others === 0 ? 'none' : count(others);
    sentences.push(`Of the ${count(limit)} connections of a node, Atlas reserves ${kept}, and others hold ${held}.`);
    if (others > 0) sentences.push('A share of the limit is that of all connections, with those of others.');
  }
  const patience = defaultsOf(plan.driver, plan.mode).connectTimeoutMS ?? 0;
  if (secondsToConnectAll !== null && secondsToConnectAll * 1000 > patience)
    sentences.push(
      `To connect all at once takes longer than connectTimeoutMS (${span(patience)} by default): start instances in groups.`,
    );
  return sentences;
}
