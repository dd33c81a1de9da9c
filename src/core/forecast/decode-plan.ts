// A plan from outside: JSON of a file, or what the options of a command say. Every problem at once, with its path.

import { clipped } from '../base/format.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { type Fields, isFields } from '../base/json.ts';
import type { Problem } from '../base/problem.ts';
import { isConnectionString } from '../base/redact.ts';
import { maxPoolSizeZero } from '../drivers/defaults.ts';
import { DRIVER_TITLES, DRIVERS, driverNamed } from '../drivers/driver.ts';
import { NODE_KINDS } from '../drivers/monitors.ts';
import { poolBoundsOf } from './forecast.ts';
import type { FleetPlan, PlanNode, PoolOptions, Sizing } from './plan.ts';

export type DecodedPlan = { readonly plan: FleetPlan } | { readonly problems: readonly Problem[] };

/** Undefined for a wrong value, after saying so. */
type Check<T> = (value: unknown, path: string, say: Say) => T | undefined;
type Say = (text: string, remedy: string) => void;

/** Of words that are as near, the first is suggested. */
const PLAN_FIELDS = [
  'driver',
  'instances',
  'processes',
  'clients',
  'nodes',
  'operations',
  'mode',
  'server',
  'env',
  'options',
  'limit',
  'reserved',
  'others',
  'sizing',
  'establishPerSecond',
];

/** Missing fields are: `pooled`, a present server, 1 process with 1 client, no operations, no limit, `used`. */
export function decodePlan(value: unknown): DecodedPlan {
  const problems: Problem[] = [];
  const say: Say = (text, remedy) => void problems.push({ code: 'plan', text, remedy });
  if (!isFields(value)) {
    say(`The plan is ${shown(value)}.`, 'Expected an object with driver, instances and nodes.');
    return { problems };
  }
  onlyKnown(value, PLAN_FIELDS, '', say, 'options.');
  const read = <T>(name: string, check: Check<T>, missing?: T) => valueIn(value, name, '', say, check, missing);
  const nodes = read('nodes', listOfNodes);
  const whole = {
    driver: read('driver', driver),
    mode: read('mode', mode, 'pooled'),
    server: read('server', orNull(version), null),
    env: read('env', texts, {}),
    options: read('options', poolOptions, {}),
    instances: read('instances', number(1)),
    processes: read('processes', number(1), 1),
    clients: read('clients', number(1), 1),
    nodes,
    operations: read('operations', operationsOn(nodes ?? []), {}),
    limit: read('limit', orNull(number(1)), null),
    reserved: read('reserved', number(0), 0),
    others: read('others', number(0), 0),
    sizing: read('sizing', sizing, 'used'),
    establishPerSecond: read('establishPerSecond', orNull(number(1)), null),
  };
  if (!isWhole(whole)) return { problems };
  if (problems.length === 0) contradictions(whole, say);
  return problems.length === 0 ? { plan: whole } : { problems };
}

type Parts<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function isWhole(parts: Parts<FleetPlan>): parts is FleetPlan {
  return Object.values(parts).every((part) => part !== undefined);
}

/** A missing value is `missing`, or wrong where that is undefined. */
function valueIn<T>(fields: Fields, name: string, path: string, say: Say, check: Check<T>, missing?: T): T | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === undefined && missing !== undefined ? missing : check(value, `${path}${name}`, say);
}

/** @param optionsPath where options of a connection string belong, if not here */
function onlyKnown(fields: Fields, names: readonly string[], path: string, say: Say, optionsPath?: string): void {
  for (const name of Object.keys(fields).filter((key) => !names.includes(key))) {
    const option = PLAN_OPTIONS.find((one) => optionsPath !== undefined && one.toLowerCase() === name.toLowerCase());
    const remedy = option === undefined ? hint(name, names) : `Did you mean ${optionsPath}${option}?`;
    say(`${path}${clipped(name, LONGEST)} is not a field of a plan.`, remedy);
  }
}

const LONGEST = 40;

function hint(word: unknown, words: readonly string[]): string {
  const near = typeof word === 'string' ? nearest(word, words) : null;
  return near === null ? `Expected one of ${words.join(', ')}.` : `Did you mean ${near}?`;
}

/** Values that may be secrets are not repeated. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isFields(value)) return 'an object';
  if (typeof value === 'string' && isConnectionString(value)) return 'a connection string';
  return clipped(JSON.stringify(value), LONGEST);
}

const expected =
  <T>(what: string, isRight: (value: unknown) => value is T): Check<T> =>
  (value, path, say) => {
    if (isRight(value)) return value;
    say(`${path} is ${shown(value)}.`, `Expected ${what}.`);
    return undefined;
  };

const number = (least: number): Check<number> =>
  expected(
    `a whole number from ${least}`,
    (value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= least,
  );

const flag: Check<boolean> = expected('true or false', (value) => typeof value === 'boolean');
const object: Check<Fields> = expected('an object', isFields);
const version: Check<string> = expected(
  'a version as text, such as "4.2" or "8.0.4"',
  (value): value is string => typeof value === 'string' && /^\d+\.\d+(\.\d+)?\S*$/.test(value),
);

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, path, say) =>
    value === null ? null : check(value, path, say);

const oneOf =
  <Word extends string>(words: readonly Word[]): Check<Word> =>
  (value, path, say) => {
    const found = words.find((word) => word === value);
    if (found === undefined) say(`${path} is ${shown(value)}.`, hint(value, words));
    return found;
  };

const mode: Check<FleetPlan['mode']> = oneOf(['pooled', 'single']);
const sizing: Check<Sizing> = oneOf(['used', 'ceiling']);

const driver: Check<FleetPlan['driver']> = (value, path, say) => {
  const found = typeof value === 'string' ? driverNamed(value) : null;
  if (found === null) say(`${path} is ${shown(value)}.`, hint(value, [...DRIVERS, 'any']));
  return found ?? undefined;
};

/** Environment variables: none is repeated, because it may be a secret. */
const texts: Check<Readonly<Record<string, string>>> = (value, path, say) => {
  const fields = object(value, path, say);
  if (fields === undefined) return undefined;
  const entries = Object.entries(fields);
  const right = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  for (const [name, one] of entries)
    if (typeof one !== 'string') say(`${path}.${clipped(name, LONGEST)} is not text.`, 'Expected text in quotes.');
  return Object.fromEntries(right);
};

const monitoringMode: Check<NonNullable<PoolOptions['serverMonitoringMode']>> = oneOf(['auto', 'stream', 'poll']);

/** Options of a connection string that a plan has. */
export const PLAN_OPTIONS: readonly string[] = [
  'minPoolSize',
  'maxPoolSize',
  'maxIdleTimeMS',
  'serverMonitoringMode',
  'srvMaxHosts',
  'directConnection',
  'loadBalanced',
];

const poolOptions: Check<PoolOptions> = (value, path, say) => {
  const fields = object(value, path, say);
  if (fields === undefined) return undefined;
  onlyKnown(fields, PLAN_OPTIONS, `${path}.`, say);
  const read = <T>(name: string, check: Check<T>) =>
    Object.hasOwn(fields, name) ? check(fields[name], `${path}.${name}`, say) : undefined;
  return withoutMissing({
    minPoolSize: read('minPoolSize', number(0)),
    maxPoolSize: read('maxPoolSize', number(0)),
    maxIdleTimeMS: read('maxIdleTimeMS', number(0)),
    serverMonitoringMode: read('serverMonitoringMode', monitoringMode),
    srvMaxHosts: read('srvMaxHosts', number(0)),
    directConnection: read('directConnection', flag),
    loadBalanced: read('loadBalanced', flag),
  });
};

function withoutMissing(parts: Parts<Required<PoolOptions>>): PoolOptions {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

const listOfNodes: Check<readonly PlanNode[]> = (value, path, say) => {
  if (!Array.isArray(value) || value.length === 0) {
    say(`${path} is ${shown(value)}.`, 'Expected a list of nodes, each with name and kind.');
    return undefined;
  }
  const nodes = value.flatMap((one: unknown, index) => {
    const place = `${path}[${index}]`;
    const fields = object(one, place, say);
    if (fields === undefined) return [];
    onlyKnown(fields, ['name', 'kind'], `${place}.`, say);
    const name = valueIn(fields, 'name', `${place}.`, say, nonEmpty);
    const kind = valueIn(fields, 'kind', `${place}.`, say, oneOf(NODE_KINDS));
    return name === undefined || kind === undefined ? [] : [{ name, kind }];
  });
  const seen = new Set<string>();
  const twice = nodes.find(({ name }) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    say(`${path} has two nodes with the name ${shown(twice.name)}.`, 'Expected different names.');
  return nodes;
};

const nonEmpty: Check<string> = expected(
  'text in quotes',
  (value): value is string => typeof value === 'string' && value !== '',
);

const operationsOn =
  (nodes: readonly PlanNode[]): Check<Readonly<Record<string, number>>> =>
  (value, path, say) => {
    const fields = object(value, path, say);
    if (fields === undefined) return undefined;
    const names = [...nodes.map(({ name }) => name), ...NODE_KINDS];
    const check = number(0);
    return Object.fromEntries(
      Object.entries(fields).map(([name, atOnce]) => {
        const place = `${path}.${clipped(name, LONGEST)}`;
        if (!names.includes(name)) say(`${place} is neither a node of the plan nor a kind of node.`, hint(name, names));
        return [name, check(atOnce, place, say) ?? 0];
      }),
    );
  };

/** What each driver refuses. */
function contradictions(plan: FleetPlan, say: Say): void {
  const { options } = plan;
  const { maxPoolSize, minPoolSize, srvMaxHosts = 0 } = options;
  if (maxPoolSize === 0 && maxPoolSizeZero(plan.driver) === 'error')
    say('options.maxPoolSize is 0, which this driver refuses.', 'Expected a whole number from 1.');
  const { min, max } = poolBoundsOf(plan);
  if (min > max) {
    const title = plan.driver === 'any' ? 'the specification' : DRIVER_TITLES[plan.driver];
    const above = maxPoolSize === undefined ? `${max}, the default of ${title}` : `${max}`;
    say(`options.minPoolSize is ${minPoolSize}, above maxPoolSize (${above}).`, 'Lower it, or raise maxPoolSize.');
  }
  if (options.loadBalanced === true && (options.directConnection === true || srvMaxHosts > 0))
    say(
      'options.loadBalanced stands beside directConnection or srvMaxHosts, which drivers refuse.',
      'Keep one of them.',
    );
}

/** The options of a plan among these; those with a wrong value are left out. */
export function knownOptions(fields: Fields): PoolOptions {
  const known = Object.entries(fields).filter(([name]) => PLAN_OPTIONS.includes(name));
  return poolOptions(Object.fromEntries(known), '', () => undefined) ?? {};
}
