// Variables that are nearly ours: set by somebody who believes that they say something.

import { isSlip, nearest } from '../core/nearest.ts';
import type { Problem } from '../core/problem.ts';
import type { Environment } from './environment.ts';
import { VARIABLES } from './settings.ts';

/** What our longer names begin with. `PORT`, `TZ` and the like are everybody's, and so is what is near to them. */
const OURS = /^(?:MONGODB|ATLAS_CONNS|ANALYSIS|SLACK|HEALTH)_/;
const FIRST_LETTERS = 3;

/**
 * One for each that is a slip away from a variable of ours which is not set: whoever set that one means another thing.
 *
 * @param used variables that the file names: whatever they look like, they say something
 */
export function misspelledIn(env: Environment, used: readonly string[]): readonly Problem[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  const open = Object.keys(VARIABLES).filter((name) => OURS.test(name) && !isSet(name));
  return Object.keys(env).flatMap((name) => {
    if (!isSet(name) || Object.hasOwn(VARIABLES, name) || used.includes(name)) return [];
    const alike = open.filter((ours) => start(ours) === start(name) && isSlip(name, ours));
    const meant = nearest(name, alike);
    if (meant === null) return [];
    return [{ code: 'setting', text: `${name} is not a setting.`, remedy: `Did you mean ${meant}?` }];
  });
}

function start(name: string): string {
  return name.slice(0, FIRST_LETTERS).toUpperCase();
}
