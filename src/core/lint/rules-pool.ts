// Rules about pools, monitors and functions.

import { count } from '../base/format.ts';
import { defaultsOf, isSingleThreaded, maxPoolSizeZero } from '../drivers/defaults.ts';
import { type LintRule, type Said, withOption, without } from './rule.ts';
import type { Subject } from './subject.ts';
import { isSeconds } from './values.ts';

const CMAP = 'driver mathematics';
const C_DRIVERS = ['c', 'cpp', 'php'];
/** Milliseconds. Below it, connections are closed and opened again between two bursts. */
const SHORT_IDLE = 10_000;
const GOOD_IDLE = 60_000;
/** One invocation at a time needs as many as its handler has queries at once. */
const FUNCTION_POOL = 5;
/** The default is 2. More handshakes at once are a storm for the server. */
const MANY_CONNECTING = 4;

export const POOL_RULES: readonly LintRule[] = [
  {
    id: 'pool-unlimited',
    severity: 'warning',
    source: 'driver source',
    find: ({ figure, context }) => (figure('maxPoolSize') === 0 ? unlimited(context.driver) : null),
    repair: (draft) => without(draft, 'maxPoolSize'),
  },
  {
    id: 'pool-min-above-max',
    severity: 'error',
    source: 'measured',
    find: (subject) => {
      const most = maxPoolOf(subject);
      // A driver without minPoolSize ignores it.
      const isKnown = defaultsOf(subject.context.driver).minPoolSize !== null;
      const least = isKnown ? (subject.figure('minPoolSize') ?? 0) : 0;
      return most !== null && least > most
        ? {
            text: `minPoolSize is ${count(least)}, and maxPoolSize ${count(most)}. Node.js fails at the first connection, PyMongo at once.`,
            fix: `Write a minPoolSize of at most ${count(most)}, or remove it.`,
          }
        : null;
    },
    repair: (draft) => without(draft, 'minPoolSize'),
  },
  {
    id: 'pool-over-limit',
    severity: 'error',
    source: CMAP,
    find: (subject) => overLimit(subject),
    repair: (draft, subject) => {
      const most = mostThatFits(subject);
      if (most !== null && most >= 1) withOption(draft, 'maxPoolSize', String(most));
    },
  },
  {
    id: 'pool-no-idle-limit',
    severity: ({ functions }) => (functions ? 'warning' : 'info'),
    source: 'driver source',
    find: (subject) => {
      const { anatomy, context } = subject;
      const fallback = defaultsOf(context.driver).maxIdleTimeMS;
      if (anatomy.isUnsafe || fallback === null || fallback > 0 || subject.has('loadBalanced')) return null;
      const given = subject.setting('maxIdleTimeMS');
      return given === null || given.value === 0
        ? {
            text: 'maxIdleTimeMS is not set, so that connections of a burst stay open for as long as the process lives.',
            fix: 'Add maxIdleTimeMS=60000.',
          }
        : null;
    },
    repair: (draft, { context, figure }) => {
      if (context.functions || figure('maxIdleTimeMS') === 0) withOption(draft, 'maxIdleTimeMS', String(GOOD_IDLE));
    },
  },
  {
    id: 'pool-idle-too-short',
    severity: 'warning',
    source: 'measured',
    find: ({ figure, context }) => {
      const idle = figure('maxIdleTimeMS') ?? 0;
      // Seconds in place of milliseconds have a finding of their own.
      if (idle === 0 || isSeconds('maxIdleTimeMS', idle) || idle >= GOOD_IDLE || C_DRIVERS.includes(context.driver))
        return null;
      return {
        text: `maxIdleTimeMS=${idle} closes connections between two bursts, and each new one costs a handshake.`,
        fix: 'Write maxIdleTimeMS=60000 or more.',
        ...(idle >= SHORT_IDLE ? { severity: 'info' } : {}),
      };
    },
    repair: (draft, { figure }) => {
      if ((figure('maxIdleTimeMS') ?? SHORT_IDLE) < SHORT_IDLE) withOption(draft, 'maxIdleTimeMS', String(GOOD_IDLE));
    },
  },
  {
    id: 'pool-idle-ignored',
    severity: 'warning',
    source: 'driver source',
    find: ({ has, context }) =>
      has('maxIdleTimeMS') && C_DRIVERS.includes(context.driver)
        ? { text: 'This driver has no maxIdleTimeMS: it ignores the option.', fix: 'Remove it, and keep few clients.' }
        : null,
    repair: (draft) => without(draft, 'maxIdleTimeMS'),
  },
  {
    id: 'pool-max-connecting',
    severity: 'warning',
    source: CMAP,
    find: ({ figure }) => {
      const most = figure('maxConnecting') ?? 0;
      return most > MANY_CONNECTING
        ? {
            text: `maxConnecting=${count(most)}: each pool makes so many connections at once, and a burst becomes a storm.`,
            fix: 'Remove maxConnecting (the default is 2).',
          }
        : null;
    },
    repair: (draft) => without(draft, 'maxConnecting'),
  },
  {
    id: 'faas-min-pool',
    severity: 'warning',
    source: CMAP,
    find: ({ context, figure }) =>
      context.functions && (figure('minPoolSize') ?? 0) > 0
        ? {
            text: 'minPoolSize keeps connections open to every node in each environment of a function.',
            fix: 'Remove minPoolSize.',
          }
        : null,
    repair: (draft) => without(draft, 'minPoolSize'),
  },
  {
    id: 'faas-max-pool',
    severity: 'warning',
    source: CMAP,
    find: (subject) => {
      const most = maxPoolOf(subject);
      if (!subject.context.functions || subject.anatomy.isUnsafe || most === null || most <= FUNCTION_POOL) return null;
      return {
        text: `maxPoolSize is ${Number.isFinite(most) ? count(most) : 'unlimited'} in each environment of a function. An environment handles one call at a time.`,
        fix: 'Write maxPoolSize=1 to 5: as many as one call has queries at once.',
      };
    },
    repair: (draft) => withOption(draft, 'maxPoolSize', String(FUNCTION_POOL)),
  },
  {
    id: 'monitoring-poll',
    severity: 'info',
    source: 'URI options specification',
    find: ({ text, context }) => {
      const mode = text('serverMonitoringMode');
      if (mode === 'poll' && !context.functions)
        return {
          text: 'serverMonitoringMode=poll has one heartbeat per node in place of two, and notices elections later.',
          fix: 'Remove it, unless connections are short.',
        };
      return mode === 'stream' && context.functions
        ? {
            text: 'serverMonitoringMode=stream has two heartbeats per node on functions.',
            fix: 'Remove it, or write poll.',
          }
        : null;
    },
  },
];

function unlimited(driver: Subject['context']['driver']): Said | null {
  const fix = 'Remove maxPoolSize, or write the number of operations at once.';
  switch (maxPoolSizeZero(driver)) {
    case 'error':
      return { text: 'This driver refuses maxPoolSize=0.', fix };
    case 'one':
      return { text: 'This driver reads maxPoolSize=0 as 1.', fix };
    case 'no pool':
      return null;
    default:
      return { text: 'maxPoolSize=0 is without a limit: one burst can take every connection of a node.', fix };
  }
}

/** Infinity where it is unlimited; null where the driver has no pool, or the option is malformed. */
function maxPoolOf({ setting, context }: Subject): number | null {
  const given = setting('maxPoolSize');
  if (given !== null && typeof given.value !== 'number') return null;
  const most = given?.value ?? defaultsOf(context.driver).maxPoolSize;
  if (most !== 0) return typeof most === 'number' ? most : null;
  return maxPoolSizeZero(context.driver) === 'unlimited' ? Number.POSITIVE_INFINITY : 1;
}

/** Sockets that watch one node: specification of server monitoring. */
function monitorsOf({ flag, text, context }: Subject): number {
  if (flag('loadBalanced') === true) return 0;
  const mode = text('serverMonitoringMode') ?? 'auto';
  const polls = mode === 'poll' || (mode === 'auto' && context.functions);
  return polls && !C_DRIVERS.includes(context.driver) ? 1 : 2;
}

function mostThatFits(subject: Subject): number | null {
  const { fleet } = subject.context;
  if (fleet === null || fleet.instances < 1) return null;
  return Math.floor((fleet.limit - fleet.reserved) / fleet.instances) - monitorsOf(subject);
}

/** Of a driver whose clients have one connection to each node. */
function tooManyClients({ instances, limit, reserved }: NonNullable<Subject['context']['fleet']>): Said | null {
  const room = limit - reserved;
  return instances <= room
    ? null
    : {
        text: `${count(instances)} clients are as many connections on each node, and ${count(room)} fit there.`,
        fix: 'Use fewer worker processes, or a larger tier.',
      };
}

function overLimit(subject: Subject): Said | null {
  const { fleet, driver } = subject.context;
  if (fleet !== null && isSingleThreaded(driver, 'pooled') && !subject.anatomy.isUnsafe) return tooManyClients(fleet);
  const most = maxPoolOf(subject);
  const fits = mostThatFits(subject);
  if (subject.anatomy.isUnsafe || fleet === null || most === null || fits === null || most <= fits) return null;
  const monitors = monitorsOf(subject);
  const room = fleet.limit - fleet.reserved;
  const all = Number.isFinite(most)
    ? `${count(fleet.instances)} × (${count(most)} + ${monitors} heartbeats) = ${count(fleet.instances * (most + monitors))} connections`
    : 'an unlimited number of connections';
  return {
    text: `Full pools are ${all} on one node, and ${count(room)} fit there.`,
    fix:
      fits >= 1
        ? `Write maxPoolSize=${fits} or less.`
        : 'Use fewer instances, or a larger tier: not one connection each fits.',
  };
}
