// The settings as data, for the README's table, redaction and validation.

import type { z } from 'zod';
import { isSlip, nearest } from '../core/base/fuzzy-match.ts';
import type { Problem } from '../core/base/problem.ts';
import { isConnectionString } from '../core/base/redact.ts';
import type { Environment } from './environment.ts';
import {
  channelId,
  httpUrl,
  listenHost,
  mongodbUri,
  oneOf,
  poolsToken,
  port,
  projectId,
  startingWith,
  text,
} from './schemas.ts';

interface Setting {
  /** Its key in the file; absent for settings that only the environment has. */
  readonly key?: string;
  readonly means: string;
  /** The default value. */
  readonly default?: string;
  /** The default in words, if it is not a single value. */
  readonly otherwise?: string;
  /** Redacted wherever it appears. */
  readonly secret?: true;
}
interface Variable extends Setting {
  readonly shape: z.ZodType<string>;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Settings of the environment, in the order of the README. */
export const VARIABLES = {
  MONGODB_ATLAS_PROJECT_ID: { key: 'projects[].id', means: 'the project', shape: projectId },
  MONGODB_ATLAS_CLIENT_ID: { key: 'projects[].clientId', means: 'service account: its client id', shape: text },
  MONGODB_ATLAS_CLIENT_SECRET: {
    key: 'projects[].clientSecret',
    means: 'service account: its secret. A service account wins over an API key',
    secret: true,
    shape: text,
  },
  MONGODB_ATLAS_PUBLIC_API_KEY: { key: 'projects[].publicKey', means: 'or an API key: its public part', shape: text },
  MONGODB_ATLAS_PRIVATE_API_KEY: {
    key: 'projects[].privateKey',
    means: 'API key: its private part',
    secret: true,
    shape: text,
  },
  MONGODB_ATLAS_PUBLIC_KEY: {
    means: 'the same as Terraform calls it, where neither of the two above is set',
    shape: text,
  },
  MONGODB_ATLAS_PRIVATE_KEY: { means: 'API key: its private part, as Terraform calls it', secret: true, shape: text },
  MONGODB_ATLAS_BASE_URL: {
    means: 'another Admin API: Atlas for Government, proxies, tests',
    default: 'https://cloud.mongodb.com',
    shape: httpUrl,
  },
  MONGODB_USERNAME: {
    key: 'projects[].username',
    means: 'database user with `clusterMonitor` only: every cluster of the project is found and read',
    shape: text,
  },
  MONGODB_PASSWORD: { key: 'projects[].password', means: 'its password', secret: true, shape: text },
  MONGODB_URI: {
    key: 'projects[].clusters[].uri',
    means: 'or one cluster, by connection string',
    secret: true,
    shape: mongodbUri,
  },
  ATLAS_CONNS_CONFIG: { means: 'path of a YAML file with the keys of the second column', shape: text },
  ATLAS_CONNS_DATA_DIR: { means: 'where the embedded store lives', default: './data', shape: text },
  ANALYSIS_URI: {
    key: 'store.uri',
    means: 'history and alerts in a MongoDB instead, shared by replicas',
    secret: true,
    shape: mongodbUri,
  },
  SLACK_BOT_TOKEN: {
    means: 'the bot’s token',
    secret: true,
    shape: startingWith('xoxb-', 'the Bot User OAuth Token'),
  },
  SLACK_APP_TOKEN: {
    means: 'for Socket Mode',
    secret: true,
    shape: startingWith('xapp-', 'an app-level token with connections:write'),
  },
  SLACK_SIGNING_SECRET: { means: 'or for HTTP, with `PORT`', secret: true, shape: text },
  PORT: { means: 'where HTTP listens', shape: port },
  HOST: { means: 'on which address, with `PORT`', otherwise: 'all of the machine', shape: listenHost },
  SLACK_ALERT_CHANNEL: { key: 'slack.channel', means: 'channel id for alerts', shape: channelId },
  SLACK_API_URL: { means: 'another Slack, for tests and proxies', shape: httpUrl },
  HEALTH_PORT: {
    key: 'health.port',
    means: 'where `/livez`, `/readyz` and `/metrics` are served',
    otherwise: 'off',
    shape: port,
  },
  HEALTH_HOST: {
    key: 'health.host',
    means: 'on which address; `0.0.0.0` for all, as probes from outside a container need it',
    default: '127.0.0.1',
    shape: listenHost,
  },
  POOLS_PORT: {
    key: 'pools.port',
    means: 'where applications report their connection pools',
    otherwise: 'off',
    shape: port,
  },
  POOLS_HOST: {
    key: 'pools.host',
    means: 'on which address, as `HEALTH_HOST`',
    default: '127.0.0.1',
    shape: listenHost,
  },
  POOLS_TOKEN: {
    key: 'pools.token',
    means: 'the token of the applications, with `POOLS_PORT`; a second one behind a comma while it is replaced',
    secret: true,
    shape: poolsToken,
  },
  ATLAS_CONNS_POOLS_URL: {
    means: 'where applications report; `pools` and `top` ask there if `POOLS_PORT` is not set',
    shape: text,
  },
  ATLAS_CONNS_POOLS_TOKEN: { means: 'the token of an application that reports', secret: true, shape: text },
  LOG_LEVEL: { means: LOG_LEVELS.join(', '), default: 'info', shape: oneOf(LOG_LEVELS) },
  TZ: {
    means: 'time zone of the schedule and of the times that are shown, e.g. `Europe/Berlin`',
    otherwise: 'the system’s',
    shape: text,
  },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;
/** The validated value of each variable that is set. */
export type Values = Readonly<Partial<Record<VariableName, string>>>;

/** Settings that only the file has. */
const FILE_ONLY: readonly (Setting & { readonly key: string })[] = [
  { key: 'default', means: 'the cluster that a command means when it names none' },
  {
    key: 'projects[].connection',
    means: 'which addresses of the nodes to use: standard, private or private-endpoint',
    default: 'standard',
  },
  {
    key: 'projects[].clusters',
    means: 'names or patterns (`stage-*`) of clusters, or `{ name, uri }` for any MongoDB',
    otherwise: 'all of the project',
  },
  { key: 'labels', means: 'names for blocks: `{ cidr, name, owner, runbook, channel }`' },
  { key: 'rules', means: 'the rules of the alerts, and `overrides` by source, cluster or node' },
  {
    key: 'schedule',
    means: 'when to read, as a cron expression, or as one for each cluster: `{ default: …, "stage-*": … }`',
    default: '*/5 * * * *',
  },
  { key: 'slack.command', means: 'the slash command’s name', default: '/atlas-conns' },
  { key: 'slack.critical', means: 'where critical alerts go and whom they mention: `{ channel, mention }`' },
  {
    key: 'slack.routes',
    means:
      'where the alerts of a part go and whom they concern: `{ cluster, source, node, rule, channel, owner, runbook }`; ' +
      'the last that matches wins, over labels and overrides too',
  },
  { key: 'slack.fallback', means: 'ids of the users who are told when a channel is gone' },
  { key: 'slack.read', means: 'who may read: `{ users, groups, channels }`', otherwise: 'every full member' },
  { key: 'slack.act', means: 'who may silence and acknowledge', otherwise: 'who may read' },
  {
    key: 'store.keep',
    means: 'how long readings are kept, and what each hour came to',
    default: '{ readings: 35d, hours: 400d }',
  },
];

const settings: readonly (Setting & { readonly variable?: string })[] = [
  ...Object.entries<Variable>(VARIABLES).map(([variable, setting]) => ({ variable, ...setting })),
  ...FILE_ONLY,
];

/**
 * The README's table, in Markdown.
 * @internal
 */
export function settingsTable(): string {
  const code = (word: string | undefined) => (word === undefined ? '' : `\`${word}\``);
  const rows = settings.map(({ variable, key, means, default: value, otherwise, secret }) => [
    code(variable),
    code(key),
    secret === true ? `${means} (secret)` : means,
    otherwise ?? code(value),
  ]);
  const head = ['Variable', 'In the file', 'Meaning', 'Default'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Names of keys in the file with secret values. */
export const SECRET_KEYS: readonly string[] = settings
  .filter(({ secret }) => secret === true)
  .flatMap(({ key }) => (key === undefined ? [] : [key.slice(key.lastIndexOf('.') + 1)]));

// Finds misspelled variables, and variables of other tools with the same meaning.

/** Prefixes of our names. Names similar to `PORT` or `TZ` may belong to any program. */
const OURS = /^(?:MONGODB|ATLAS_CONNS|ANALYSIS|SLACK|HEALTH|POOLS)_/;
const FIRST_LETTERS = 3;

/**
 * One problem for each variable that is nearly an unset one of ours; a set one was not misspelled.
 *
 * @param used variables in the file: they are in use, whatever their names
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

/** Names in other tools and ours: the MongoDB CLI (MCLI), the MCP server (MDB_MCP), frameworks, hosters. */
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

/** Variables with other names are suggested, never used: an application's own user may have more than read access. */
export function otherNamesIn(env: Environment, isMissing: (name: VariableName) => boolean): readonly Problem[] {
  return [...OTHER_NAMES].flatMap(([other, ours]) => {
    const value = valueIn(env, other);
    const says = ours === 'MONGODB_URI' ? isConnectionString(value) : value !== '';
    if (!says || valueIn(env, ours) !== '' || !isMissing(ours)) return [];
    const remedy = `Set ${ours} if you want this value used.`;
    return [{ code: 'setting', text: `${other} is set, but atlas-conns reads ${ours}.`, remedy }];
  });
}

/** Variables with a secret value, set or not. */
export const SECRET_OTHER_NAMES: readonly string[] = [...OTHER_NAMES]
  .filter(([, ours]) => 'secret' in VARIABLES[ours])
  .map(([other]) => other);
