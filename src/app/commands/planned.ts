// Use case: the forecast of a planned fleet, from a file, from options, or from both.

import { type Fields, fieldsOf, isFields, jsonIn } from '../../core/base/json.ts';
import { driverNamed } from '../../core/drivers/driver.ts';
import { decodePlan, PLAN_OPTIONS } from '../../core/forecast/decode-plan.ts';
import { forecastOf } from '../../core/forecast/forecast.ts';
import { lintConnectionString } from '../../core/lint/lint.ts';
import { ConfigError, UserError } from '../../errors.ts';
import type { PlannedFleet, PlanRequest, World } from './types.ts';

/** Rejects with ConfigError, each problem with the field's path, or with UserError where there is no plan to decode. */
export async function planned(request: PlanRequest, world: Pick<World, 'env' | 'readFile'>): Promise<PlannedFleet> {
  const { path, uriVariable, fields } = request;
  const saved = path === null ? {} : planIn(path, await world.readFile(path));
  const driver = fields['driver'] ?? saved['driver'];
  const given = uriVariable === null ? {} : optionsIn(uriVariable, world.env[uriVariable], driver);
  const own = saved['options'] ?? {};
  // What is no object is for the decoder to refuse.
  const options = isFields(own) ? { ...own, ...given, ...fieldsOf(fields['options']) } : own;
  const decoded = decodePlan({ ...saved, ...fields, options });
  if ('problems' in decoded) throw new ConfigError(decoded.problems);
  return { plan: decoded.plan, forecast: forecastOf(decoded.plan) };
}

function planIn(path: string, text: string): Fields {
  const where = path === '-' ? 'Standard input' : path;
  const value = jsonIn(text);
  if (value === undefined) throw new UserError(`${where} is not JSON.`, EXAMPLE);
  if (!isFields(value)) throw new UserError(`${where} has no plan.`, EXAMPLE);
  return value;
}

const EXAMPLE =
  'Expected a plan such as {"driver":"node","instances":20,"nodes":[{"name":"a","kind":"primary"}],"operations":{"primary":8}}.';

/** Of the connection string only these options leave this function. */
function optionsIn(variable: string, text: string | undefined, driver: unknown): Fields {
  if (!/^[A-Za-z_]\w*$/.test(variable))
    throw new UserError(
      'The name of an environment variable is missing.',
      'Give the name of the variable that has the connection string, not the string.',
    );
  if (text === undefined || text === '')
    throw new UserError(`The environment has no ${variable}.`, 'Set it to the connection string, or correct the name.');
  const named = typeof driver === 'string' ? driverNamed(driver) : null;
  const { valid, options } = lintConnectionString(text, { driver: named ?? 'any', functions: false, fleet: null });
  if (!valid)
    throw new UserError(
      `${variable} is not a usable connection string.`,
      `atlas-conns lint --env ${variable} says what is wrong.`,
    );
  return Object.fromEntries(Object.entries(options).filter(([name]) => PLAN_OPTIONS.includes(name)));
}
