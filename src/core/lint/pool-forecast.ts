// What instances with the options of a connection string open on one node.

import { forecastOf } from '../forecast/forecast.ts';
import type { FleetPlan, PlanForecast, Scenario } from '../forecast/plan.ts';
import type { PoolForecast, ScenarioFigures } from './report.ts';
import type { LintSubject } from './subject.ts';

const NODE = 'node';

/** Null without a fleet, and for a string whose options may be a part of a password. */
export function poolForecast(subject: LintSubject): PoolForecast | null {
  const { fleet, driver, functions } = subject.context;
  if (fleet === null || fleet.instances < 1 || subject.anatomy.isUnsafe) return null;
  const { instances, limit, reserved } = fleet;
  const options = poolOptionsOf(subject);
  const plan: FleetPlan = {
    ...{ driver, options, mode: 'pooled', server: null, processes: 1, clients: 1, others: 0, sizing: 'ceiling' },
    ...{ instances, limit, reserved },
    env: functions ? { AWS_LAMBDA_RUNTIME_API: '127.0.0.1' } : {},
    // Full pools are equal on every data-bearing node.
    nodes: [{ name: NODE, kind: options.loadBalanced === true ? 'lb' : 'primary' }],
    operations: { [NODE]: 1 },
    establishPerSecond: null,
  };
  const all = forecastOf(plan);
  const one = forecastOf({ ...plan, instances: 1 });
  return {
    perInstance: { monitors: one.perNode[NODE]?.monitors ?? 0, ...figures(one, 'busiest') },
    fleet: figures(all, 'busiest'),
    instancesUntilLimit: figures(all, 'instancesUntilLimit'),
  };
}

function poolOptionsOf({ figure, flag, text }: LintSubject): FleetPlan['options'] {
  const [minPoolSize, maxPoolSize] = [figure('minPoolSize'), figure('maxPoolSize')];
  const mode = text('serverMonitoringMode');
  return {
    ...(minPoolSize !== null && { minPoolSize }),
    ...(maxPoolSize !== null && { maxPoolSize }),
    ...((mode === 'auto' || mode === 'stream' || mode === 'poll') && { serverMonitoringMode: mode }),
    loadBalanced: flag('loadBalanced') === true,
  };
}

function figures({ scenarios }: PlanForecast, figure: 'busiest' | 'instancesUntilLimit'): ScenarioFigures {
  const of = (name: Scenario['name']) => scenarios.find((one) => one.name === name)?.[figure] ?? null;
  return { idle: of('idle'), used: of('used'), full: of('full') };
}
