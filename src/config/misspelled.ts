// Variables that are nearly ours, or say in another tool what ours say: set by somebody who believes that we read them.

import { isSlip, nearest } from '../core/base/fuzzy-match.ts';
import type { Problem } from '../core/base/problem.ts';
import { isConnectionString } from '../core/base/redact.ts';
import type { Environment } from './environment.ts';
import { VARIABLES, type VariableName } from './variables.ts';

/** What our longer names begin with. `PORT`, `TZ` and the like are everybody's, and so is what is near to them. */
const OURS = /^(?:MONGODB|ATLAS_CONNS|ANALYSIS|SLACK|HEALTH)_/;
const FIRST_LETTERS = 3;

/**
 * One for each that is a slip away from a variable of ours which is not set: whoever set that one means another thing.
 *
 * @param used variables that the file names: whatever they look like, they say something
 */
export function misspelledIn(env: Environment, used: readonly string[]): readonly Problem[] {
  const isSet = (name: string) => valueIn(env, name) !== '';
  const open = Object.keys(VARIABLES).filter((name) => OURS.test(name) && !isSet(name));
  return Object.keys(env).flatMap((name) => {
    if (!isSet(name) || Object.hasOwn(VARIABLES, name) || used.includes(name) || OTHER_NAMES.has(name)) return [];
    const alike = open.filter((ours) => start(ours) === start(name) && isSlip(name, ours));
    const meant = nearest(name, alike);
    if (meant === null) return [];
    return [{ code: 'setting', text: `${name} is not a setting.`, remedy: `Did you mean ${meant}?` }];
  });
}

function start(name: string): string {
  return name.slice(0, FIRST_LETTERS).toUpperCase();
}

function valueIn(env: Environment, name: string): string {
  return env[name]?.trim() ?? '';
}

/** What other tools call it, with our name: the MongoDB CLI (MCLI), the MCP server (MDB_MCP), frameworks, hosters. */
const OTHER_NAMES: ReadonlyMap<string, VariableName> = new Map(
  Object.entries<readonly string[]>({
    MONGODB_ATLAS_PROJECT_ID: ['MCLI_PROJECT_ID', 'ATLAS_PROJECT_ID', 'ATLAS_GROUP_ID', 'MONGODB_ATLAS_GROUP_ID'],
    MONGODB_ATLAS_CLIENT_ID: ['ATLAS_CLIENT_ID', 'MDB_MCP_API_CLIENT_ID'],
    MONGODB_ATLAS_CLIENT_SECRET: ['ATLAS_CLIENT_SECRET', 'MDB_MCP_API_CLIENT_SECRET'],
    MONGODB_ATLAS_PUBLIC_API_KEY: ['MCLI_PUBLIC_API_KEY', 'ATLAS_PUBLIC_KEY', 'ATLAS_PUBLIC_API_KEY'],
    MONGODB_ATLAS_PRIVATE_API_KEY: ['MCLI_PRIVATE_API_KEY', 'ATLAS_PRIVATE_KEY', 'ATLAS_PRIVATE_API_KEY'],
    MONGODB_USERNAME: ['MONGODB_USER', 'MONGO_USERNAME', 'MONGO_USER'],
    MONGODB_PASSWORD: ['MONGO_PASSWORD', 'MONGODB_PASS', 'MONGO_PASS'],
    MONGODB_URI: [
      'MONGODB_URL',
      'MONGO_URL',
      'MONGO_URI',
      'MONGODB_CONNECTION_STRING',
      'MONGO_CONNECTION_STRING',
      'MDB_MCP_CONNECTION_STRING',
      'MONGODB_ATLAS_URI',
      'ATLAS_URI',
      'DATABASE_URL',
    ],
  } satisfies Partial<Record<VariableName, readonly string[]>>).flatMap(([ours, others]) => {
    const name = Object.keys(VARIABLES).find((known): known is VariableName => known === ours);
    return name === undefined ? [] : others.map((other) => [other, name] as const);
  }),
);

/** Variables under other names are suggested, never taken: an application's own string may do more than read. */
export function otherNamesIn(env: Environment, wanted: (name: VariableName) => boolean): readonly Problem[] {
  return [...OTHER_NAMES].flatMap(([other, ours]) => {
    const value = valueIn(env, other);
    const says = ours === 'MONGODB_URI' ? isConnectionString(value) : value !== '';
    if (!says || valueIn(env, ours) !== '' || !wanted(ours)) return [];
    const remedy = `Set ${ours} if it is meant.`;
    return [{ code: 'setting', text: `${other} is set, but atlas-conns reads ${ours}.`, remedy }];
  });
}

/** Those that hold a secret of another tool, set or not. */
export const SECRET_OTHER_NAMES: readonly string[] = [...OTHER_NAMES]
  .filter(([, ours]) => 'secret' in VARIABLES[ours])
  .map(([other]) => other);
