// Rules about pools, monitors and functions.

import { count, counted } from '../base/format.ts';
import { defaultsOf, maxPoolSizeZero } from '../drivers/defaults.ts';

import { ignoresMaxIdleTime } from '../drivers/versions.ts';
import { poolBoundsOf } from '../forecast/forecast.ts';
import { poolForecast } from './pool-forecast.ts';
import type { PoolForecast } from './report.ts';
import { type LintRule, type Said, withOption, without } from './rule.ts';
import type { LintSubject } from './subject.ts';

import { isSeconds } from './values.ts';

const CMAP = 'driver mathematics';
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
      const { driver } = subject.context;
      const least = defaultsOf(driver).minPoolSize === null ? 0 : (subject.figure('minPoolSize') ?? 0);
      return most !== null && least > most
        ? {
            text: `minPoolSize is ${count(least)}, and maxPoolSize ${count(most)}. ${failing(driver)}`,
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
      const { largest = 0 } = largestPool(subject) ?? {};
      if (largest >= 1) withOption(draft, 'maxPoolSize', String(largest));
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
            text: `maxIdleTimeMS${given === null ? ' is not set' : '=0 is no limit'}, so that connections of a burst stay open for as long as the process lives.`,
            fix: `${given === null ? 'Add' : 'Write'} maxIdleTimeMS=60000.`,
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
      if (idle === 0 || isSeconds('maxIdleTimeMS', idle) || idle >= GOOD_IDLE) return null;
      if (defaultsOf(context.driver).maxIdleTimeMS === null) return null;
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
    find: (subject) => (subject.has('maxIdleTimeMS') ? idleIgnored(subject) : null),
    repair: (draft, { context }) => {
      if (defaultsOf(context.driver).maxIdleTimeMS === null) without(draft, 'maxIdleTimeMS');
    },
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

function unlimited(driver: LintSubject['context']['driver']): Said | null {
  const fix = 'Remove maxPoolSize, or write the number of operations at once.';
  switch (maxPoolSizeZero(driver)) {
    case 'error':
      return { text: 'This driver refuses maxPoolSize=0.', fix };
    case 'one':
      return { text: 'This driver reads maxPoolSize=0 as 1.', fix };
    case 'no pool':
      return null;
    default: {
      const others = driver === 'any' ? ' Rust refuses it, and C and C++ read it as 1.' : '';
      return { text: `maxPoolSize=0 is without a limit: one burst can take every connection of a node.${others}`, fix };
    }
  }
}

/** Measured with Node.js 7.9 and PyMongo 4.20. */
function failing(driver: LintSubject['context']['driver']): string {
  if (driver === 'node') return 'The driver fails at the first connection.';
  if (driver === 'python') return 'The driver refuses that at once.';
  return driver === 'any' ? 'Node.js fails at the first connection, PyMongo at once.' : 'No pool can have both.';
}

/** Driver source: the C driver and those upon it; NODE-6589. */
function idleIgnored({ figure, context: { driver } }: LintSubject): Said | null {
  if (ignoresMaxIdleTime(driver, null))
    return {
      text: 'This driver has no maxIdleTimeMS: it ignores the option.',
      fix: 'Remove it, and keep few clients.',
    };
  const idle = figure('maxIdleTimeMS') ?? 0;
  const isLate = (figure('minPoolSize') ?? 0) === 0;
  if (idle === 0 || (driver !== 'any' && (driver !== 'node' || !isLate))) return null;
  const node = isLate ? 'Node.js below 6.18.0 closes idle connections only when it takes one out of the pool.' : '';
  const lacking = driver === 'any' ? 'C, C++ and PHP have no maxIdleTimeMS and ignore it. ' : '';
  const few = driver === 'any' ? 'With C, C++ and PHP keep few clients. ' : '';
  const update = isLate ? 'Use Node.js 6.18.0 or later.' : '';
  return { text: `${lacking}${node}`.trim(), fix: `${few}${update}`.trim(), severity: 'info' };
}

/** Infinity where it is unlimited; null where the driver has no pool or refuses the value, or the option is malformed. */
function maxPoolOf({ setting, context: { driver } }: LintSubject): number | null {
  const given = setting('maxPoolSize');
  if (given !== null && typeof given.value !== 'number') return null;
  if (given?.value === 0 && maxPoolSizeZero(driver) === 'error') return null;
  const options = typeof given?.value === 'number' ? { maxPoolSize: given.value } : {};
  const { max } = poolBoundsOf({ driver, mode: 'pooled', options });
  return max === 0 ? null : max;
}

/** The largest maxPoolSize whose full pools fit. Null where they fit, and where nothing is known of a fleet. */
function largestPool(subject: LintSubject): { readonly largest: number; readonly forecast: PoolForecast } | null {
  const { fleet, driver } = subject.context;
  const forecast = poolForecast(subject);
  if (fleet === null || forecast === null) return null;
  const { full } = forecast.fleet;
  const isRefused = subject.figure('maxPoolSize') === 0 && maxPoolSizeZero(driver) === 'error';
  if (isRefused || (full !== null && full <= fleet.limit - fleet.reserved)) return null;
  const largest = Math.floor((fleet.limit - fleet.reserved) / fleet.instances) - forecast.perInstance.monitors;
  return { largest: maxPoolOf(subject) === null ? 0 : largest, forecast };
}

function overLimit(subject: LintSubject): Said | null {
  const { fleet } = subject.context;
  const found = largestPool(subject);
  if (fleet === null || found === null) return null;
  const { largest, forecast } = found;
  const { full, monitors } = forecast.perInstance;
  const all =
    full === null || forecast.fleet.full === null
      ? 'an unlimited number of connections'
      : `${count(fleet.instances)} × (${count(full - monitors)} + ${monitors} heartbeats) = ${counted(forecast.fleet.full, 'connection')}`;
  return {
    text: `Full pools are ${all} on one node, and ${count(Math.max(0, fleet.limit - fleet.reserved))} fit there.`,
    fix:
      largest >= 1
        ? `Write maxPoolSize=${largest} or less.`
        : 'Use fewer instances, or a larger tier: not one connection each fits.',
  };
}
