// The options of a planned fleet in a connection string.

import type { DriverChoice } from '../drivers/driver.ts';
import { knownOptions, PLAN_OPTIONS } from '../forecast/decode-plan.ts';
import type { PoolOptions } from '../forecast/plan.ts';
import { lintConnectionString } from './lint.ts';

/** What a plan takes of a connection string. */
export interface StringOptions {
  readonly options: PoolOptions;
  /** The number of hosts that it lists; null for an SRV name. */
  readonly hosts: number | null;
}

/** Findings after which drivers differ in the value of an option, or in whether they start. */
const UNCLEAR = ['integer-invalid', 'boolean-invalid', 'value-invalid', 'option-empty', 'option-repeated'];

/**
 * Nothing else of the string leaves this function.
 * @returns `wrong`: sentences that contain no part of the string but names of options
 */
export function optionsInString(text: string, driverOfPlan: DriverChoice): StringOptions | { readonly wrong: string } {
  const context = { driver: driverOfPlan, functions: false, fleet: null };
  const { valid, hosts, srv, options, findings } = lintConnectionString(text, context);
  if (!valid) return { wrong: 'It is not a usable connection string.' };
  const unclear = findings.find(
    (finding) => UNCLEAR.includes(finding.id) && PLAN_OPTIONS.some((name) => finding.text.includes(` ${name} `)),
  );
  if (unclear !== undefined) return { wrong: unclear.text };
  return { options: knownOptions(options), hosts: srv ? null : hosts.length };
}
