// Settings: environment and YAML file → Config. Reports every problem at once, before any connection.

import type { Route, RoutingSettings } from '../core/alerting/routing.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import type { Label } from '../core/connections/access-list.ts';
import { DEFAULT_BOOK, type RuleBook } from '../core/detection/rules.ts';
import type { ProxySettings } from '../core/ports/clusters.ts';
import type { Schedules } from '../core/ports/monitor.ts';
import { ConfigError } from '../errors.ts';
import { codeOf, type Environment, type ReadFile, saidOf } from './environment.ts';
import type { FileRead, FileSettings, Need } from './file.ts';
import type { Remarks } from './issues.ts';
import { type PoolsConfig, poolsConfig } from './pools.ts';
import { otherKeyNotices, type ProjectConfig, projectOfEnvironment, projectOfFile } from './projects.ts';
import { proxySettings, secretsOfProxy } from './proxy.ts';
import { schedulesOf } from './schedule.ts';
import { mongodbUri, secretsInUri, tokensIn } from './schemas.ts';
import { type SlackConfig, slackConfig } from './slack.ts';
import { type HealthConfig, healthConfig, keepOf, type RetentionSettings } from './storage-and-health.ts';
import {
  misspelledIn,
  otherNamesIn,
  SECRET_KEYS,
  SECRET_OTHER_NAMES,
  VARIABLES,
  type Values,
  type VariableName,
} from './variables.ts';

export interface Config {
  /** The default cluster of commands; null if the number of clusters decides. */
  readonly defaultCluster: string | null;
  readonly projects: readonly ProjectConfig[];
  readonly labels: readonly Label[];
  readonly atlasBaseUrl: string;
  readonly slack: SlackConfig;
  readonly book: RuleBook;
  readonly routing: RoutingSettings;
  readonly schedules: Schedules;
  /** IANA name; null for the system's time zone. */
  readonly timeZone: string | null;
  readonly store: {
    /** Null for the embedded store in `dataDir`. */
    readonly uri: string | null;
    /** The setting of its connection string. */
    readonly setting?: string;
    readonly dataDir: string;
    readonly keep: RetentionSettings;
  };
  /** Null without a proxy. */
  readonly proxy: ProxySettings | null;
  /** Null if neither health nor metrics are served. */
  readonly health: HealthConfig | null;
  readonly pools: PoolsConfig;
  /** Remarks without a fault, e.g. which of two credentials is used. */
  readonly notices: readonly string[];
  /** Every secret value that was read, used or not. */
  readonly secrets: readonly string[];
}

/**
 * @param input.env the environment, including `.env` (see `withDotEnv`); empty values count as unset
 * @param input.needs what the command needs; other settings may be missing, but not malformed
 * @throws ConfigError with every problem
 */
export async function readConfig(input: {
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly needs: readonly Need[];
}): Promise<Config> {
  const { env, needs } = input;
  const remarks: Remarks = { problems: [], notices: [] };
  const values = variables(env, remarks.problems);
  const file = await fileOf({ ...input, path: values.ATLAS_CONNS_CONFIG });
  const { settings } = file;
  const hasFileProblems = file.problems.length > 0;
  remarks.problems.push(...file.problems);

  const projects = needs.includes('clusters') && !hasFileProblems ? projectsOf({ settings, values, remarks }) : [];
  if (!hasFileProblems) checkNames({ projects, settings, problems: remarks.problems });
  const slack = slackConfig({ settings: settings.slack, values, needs, remarks });
  const timeZone = timeZoneOf(values.TZ, remarks);
  const health = healthConfig({ settings: settings.health, values, remarks });
  const healthPort = health?.port ?? null;
  const pools = poolsConfig({ settings: settings.pools, values, healthPort, remarks });
  // Commands that use only files and the store do not use the proxy.
  const proxy = needs.some((need) => need !== 'store') ? proxySettings(env, remarks) : null;
  const misspelled = misspelledIn(env, file.used);
  const isMissing = remarks.problems.length > 0;
  const others = needs.includes('clusters') ? otherNamesIn(env, wantedOf({ projects, values, isMissing })) : [];
  // A misspelled variable may explain a missing setting.
  if (isMissing) throw new ConfigError([...remarks.problems, ...misspelled, ...others]);
  return {
    defaultCluster: settings.default ?? null,
    projects,
    labels: (settings.labels ?? []).map(labelOf),
    atlasBaseUrl: values.MONGODB_ATLAS_BASE_URL ?? VARIABLES.MONGODB_ATLAS_BASE_URL.default,
    slack,
    book: timeZone === null ? file.book : { ...file.book, timeZone },
    routing: routingOf(settings, values),
    schedules: schedulesOf(settings.schedule),
    timeZone,
    store: {
      uri: settings.store?.uri ?? values.ANALYSIS_URI ?? null,
      setting: settings.store?.uri === undefined ? 'ANALYSIS_URI' : 'store.uri',
      dataDir: values.ATLAS_CONNS_DATA_DIR ?? VARIABLES.ATLAS_CONNS_DATA_DIR.default,
      keep: keepOf(settings.store?.keep ?? {}),
    },
    proxy,
    health,
    pools,
    notices: [...remarks.notices, ...otherKeyNotices(values), ...[...misspelled, ...others].map(inWords)],
    secrets: [...new Set([...secretsOfEnvironment(env), ...secretsIn(file.data)])],
  };
}

/**
 * Every value that must never be shown.
 * @internal
 */
export function secretsOf(config: Config): readonly string[] {
  return config.secrets;
}

/** Secrets of the environment alone: known even if the settings as a whole are invalid. */
export function secretsOfEnvironment(env: Environment): readonly string[] {
  const ours = Object.entries(VARIABLES).flatMap(([name, setting]) => ('secret' in setting ? [name] : []));
  const values = [...ours, ...SECRET_OTHER_NAMES].flatMap((name) => {
    // Used without the trailing line end that a secret from a file often has.
    const value = env[name]?.trim();
    if (value === undefined) return [];
    return [value, ...secretsInUri(value), ...(name.endsWith('POOLS_TOKEN') ? tokensIn(value) : [])];
  });
  return [...values, ...secretsOfProxy(env)];
}

/** Variables that another tool's value could fill: those for source names, and more if settings are missing. */
function wantedOf(input: {
  readonly projects: readonly ProjectConfig[];
  readonly values: Values;
  readonly isMissing: boolean;
}): (name: VariableName) => boolean {
  const { projects, values, isMissing } = input;
  const hasAtlas = projects.some(({ atlas }) => atlas !== null);
  return (name) => {
    if (name === 'MONGODB_ATLAS_PROJECT_ID') return isMissing || !hasAtlas;
    if (name.startsWith('MONGODB_ATLAS_')) return !hasAtlas;
    return isMissing && values.MONGODB_URI === undefined;
  };
}

function variables(env: Environment, problems: Problem[]): Values {
  const entries = Object.entries(VARIABLES).flatMap(([name, setting]) => {
    const value = env[name]?.trim();
    if (value === undefined || value === '') return [];
    const checked = setting.shape.safeParse(value);
    if (checked.success) return [[name, checked.data] as const];
    const unfit = setting.shape === mongodbUri ? 'not a usable connection string' : 'invalid';
    const shown = 'secret' in setting ? unfit : JSON.stringify(value);
    const remedy = checked.error.issues.map(({ message }) => message).join(' ');
    problems.push({ code: 'setting', text: `${name} is ${shown}.`, remedy });
    // Malformed is not missing: settings that depend on it must not be reported as missing too.
    return [[name, value] as const];
  });
  return Object.fromEntries(entries) satisfies Partial<Record<VariableName, string>>;
}

/** An unknown zone is only a notice: some systems put a path there. */
function timeZoneOf(name: string | undefined, { notices }: Remarks): string | null {
  if (name === undefined) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    notices.push(
      `TZ is ${JSON.stringify(name)}, not a time zone such as Europe/Berlin. The system's time zone is used.`,
    );
    return null;
  }
}

const NO_FILE = { settings: {}, book: DEFAULT_BOOK, data: null, used: [] } as const;

async function fileOf(input: {
  readonly path: string | undefined;
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly needs: readonly Need[];
}): Promise<FileRead> {
  const { path, env, needs } = input;
  if (path === undefined) return { ...NO_FILE, problems: [] };
  const source = await input.readFile(path).catch((error: unknown) => ({ code: codeOf(error), said: saidOf(error) }));
  if (typeof source === 'string') {
    // Most runs have no file, and do not load the YAML parser.
    const { readFileSettings } = await import('./file.ts');
    return readFileSettings({ name: path, source, env, needs });
  }
  const { code, said } = source;
  const text =
    said === null
      ? `ATLAS_CONNS_CONFIG is ${JSON.stringify(path)}, which cannot be read (${code}).`
      : `ATLAS_CONNS_CONFIG: ${said.message}`;
  const remedy = 'Expected the path of a YAML file, from the working directory or absolute.';
  return { ...NO_FILE, problems: [{ code: 'setting', text, remedy }] };
}

function projectsOf(input: {
  readonly settings: FileSettings;
  readonly values: Values;
  readonly remarks: Remarks;
}): readonly ProjectConfig[] {
  const { settings, values, remarks } = input;
  if (settings.projects === undefined) return projectOfEnvironment(values, remarks);
  return settings.projects.map((project, index) => projectOfFile({ project, index, values, remarks }));
}

/** Clusters must have different names, and the default must be one of them. */
function checkNames(input: {
  readonly projects: readonly ProjectConfig[];
  readonly settings: FileSettings;
  readonly problems: Problem[];
}): void {
  const { projects, problems } = input;
  const names = projects.flatMap(({ ownClusters }) => ownClusters.map(({ name }) => name));
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
    problems.push({
      code: 'setting',
      text: `Two clusters are called ${JSON.stringify(name)}.`,
      remedy: 'Give one of them another name under projects[].clusters.',
    });
  const meant = input.settings.default;
  const all = projects.length > 0 && projects.every(({ clusters }) => clusters?.length === 0);
  if (meant === undefined || !all || names.includes(meant)) return;
  const near = nearest(meant, names);
  const remedy = near === null ? `Expected one of ${names.join(', ')}.` : `Did you mean ${near}?`;
  problems.push({
    code: 'setting',
    text: `default is ${JSON.stringify(meant)}, but no configured cluster has that name.`,
    remedy,
  });
}

function labelOf({ cidr, name, owner, runbook, channel }: NonNullable<FileSettings['labels']>[number]): Label {
  return {
    cidr,
    name,
    ...(owner !== undefined && { owner }),
    ...(runbook !== undefined && { runbook }),
    ...(channel !== undefined && { channel }),
  };
}

/** Values of secret keys, and the password in any connection string. */
function secretsIn(data: unknown): readonly string[] {
  if (typeof data === 'string') return secretsInUri(data);
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => [
    ...(typeof value === 'string' && SECRET_KEYS.includes(key)
      ? [value, ...(key === 'token' ? tokensIn(value) : [])]
      : []),
    ...secretsIn(value),
  ]);
}

// Alert routes.

/** Labels first, then overrides of rules, then routes: later ones win. */
function routingOf(settings: FileSettings, values: Values): RoutingSettings {
  const { slack, labels = [], rules } = settings;
  const routes = [
    ...labels.map(({ cidr, ...label }) => routeOf({ ...label, source: cidr })),
    ...(rules?.overrides ?? []).map(routeOf),
    ...(slack?.routes ?? []).map(routeOf),
  ];
  return {
    channel: slack?.channel ?? values.SLACK_ALERT_CHANNEL ?? null,
    critical: { channel: slack?.critical?.channel ?? null, mention: slack?.critical?.mention ?? null },
    routes: routes.filter(({ channel, owner, runbook }) => (channel ?? owner ?? runbook) !== null),
    fallback: slack?.fallback ?? [],
  };
}

function routeOf(set: { readonly [Field in keyof Route]?: Route[Field] | undefined }): Route {
  const { cluster = null, source = null, node = null, rule = null } = set;
  const { channel = null, owner = null, runbook = null } = set;
  return { cluster, source, node, rule, channel, owner, runbook };
}
