// The forecast of a plan: from a file, from options, or from both; as text, or as JSON of schema atlas-conns/forecast/1, a
// public format. It needs no settings.

import { InvalidArgumentError, Option } from 'commander';
import { count, counted, percent, span, sum } from '../core/base/format.ts';
import { nearest } from '../core/base/fuzzy-match.ts';
import { type Fields, isFields, jsonIn } from '../core/base/json.ts';
import { DRIVER_TITLES, DRIVERS, driverNamed } from '../core/drivers/driver.ts';
import { NODE_KINDS, type NodeKind } from '../core/drivers/monitors.ts';
import { decodePlan, PLAN_OPTIONS } from '../core/forecast/decode-plan.ts';
import { forecastOf } from '../core/forecast/forecast.ts';
import type { FleetPlan, PlanForecast, PlanNode, Scenario } from '../core/forecast/plan.ts';
import { RESERVED_BY_ATLAS, TIERS, TIERS_AS_OF, type Tier } from '../core/forecast/tiers.ts';
import { lintConnectionString } from '../core/lint/lint.ts';
import { ConfigError, UserError } from '../errors.ts';
import { readText, SETTINGS_LIMIT } from '../files.ts';
import { painter, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal, TextInput } from './terminal.ts';

const SCHEMA = 'atlas-conns/forecast/1';

/** What the command line says. Names of options are those of the plan's fields. */
export interface PlanOptions {
  readonly json?: true;
  readonly plan?: string;
  readonly uriEnv?: string;
  readonly driver?: string;
  readonly mode?: string;
  readonly server?: string;
  readonly functions?: true;
  readonly instances?: number;
  readonly processes?: number;
  readonly clients?: number;
  readonly nodes?: readonly PlanNode[];
  readonly operations?: Readonly<Record<string, number>>;
  readonly minPoolSize?: number;
  readonly maxPoolSize?: number;
  readonly maxIdleTimeMs?: number;
  readonly monitoringMode?: string;
  readonly srvMaxHosts?: number;
  readonly directConnection?: true;
  readonly loadBalanced?: true;
  readonly tier?: Tier;
  readonly limit?: number;
  readonly reserved?: number;
  readonly others?: number;
  readonly sizing?: string;
  readonly perSecond?: number;
}

export function planOptions(): readonly Option[] {
  const number = (flags: string, help: string) => new Option(flags, help).argParser(whole);
  return [
    new Option('--plan <file>', 'a plan as JSON; - is standard input'),
    new Option('--uri-env <name>', 'take pool options from the connection string in this environment variable'),
    new Option('--driver <name>', `${DRIVERS.join(', ')} or any`),
    number('--instances <n>', 'pods, machines or functions'),
    number('--processes <n>', 'of an instance (default: 1)'),
    number('--clients <n>', 'MongoClients of a process (default: 1)'),
    new Option(
      '--nodes <list>',
      'nodes of a replica set, or kinds such as primary, 2 secondary, arbiter (default: 3)',
    ).argParser(nodesOf),
    new Option(
      '--operations <list>',
      'operations at once of a client: on the primary, or such as primary=8,secondary=2',
    ).argParser(operationsOf),
    number('--min-pool-size <n>', 'minPoolSize'),
    number('--max-pool-size <n>', 'maxPoolSize (default: the driver’s)'),
    number('--max-idle-time-ms <n>', 'maxIdleTimeMS'),
    new Option('--monitoring-mode <mode>', 'serverMonitoringMode: auto, stream or poll'),
    number('--srv-max-hosts <n>', 'srvMaxHosts'),
    new Option('--direct-connection', 'directConnection: only the first node'),
    new Option('--load-balanced', 'loadBalanced'),
    new Option('--functions', 'the clients run on functions (AWS Lambda)'),
    new Option('--mode <mode>', 'of the C driver: pooled or single (default: pooled)'),
    new Option('--server <version>', 'version of the server (default: a present one)'),
    new Option('--tier <name>', 'of Atlas, such as M30: its limit, and what Atlas reserves of it').argParser(tierOf),
    number('--limit <n>', 'connections that a node accepts'),
    number('--reserved <n>', 'of them kept by Atlas (default: 0)'),
    number('--others <n>', 'of them held by others (default: 0)'),
    new Option('--sizing <scenario>', 'hold the limit against used or ceiling (default: used)'),
    number('--per-second <n>', 'new connections that a node accepts in a second: 15 on M10 and M20'),
  ];
}

/** Whether there is more than what other forecasts take. */
export function isPlan({ plan, uriEnv, driver, instances }: PlanOptions): boolean {
  return [plan, uriEnv, driver, instances].some((given) => given !== undefined);
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

function kindOf(word: string): NodeKind {
  const kind = NODE_KINDS.find((known) => known === word.toLowerCase());
  if (kind !== undefined) return kind;
  const near = nearest(word, NODE_KINDS);
  throw new InvalidArgumentError(
    near === null ? `Expected kinds of nodes: ${NODE_KINDS.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** `M80`, or `M80 on AWS` where providers differ. */
function tierOf(text: string): Tier {
  const word = text.trim().toLowerCase();
  const names = (tier: Tier) => [tier.name, ...tier.name.split(/ or | on /)].map((name) => name.toLowerCase());
  const found = TIERS.filter((tier) => tier.name.toLowerCase() === word);
  const [tier, ...others] = found.length > 0 ? found : TIERS.filter((one) => names(one).includes(word));
  if (tier !== undefined && others.length === 0) return tier;
  if (tier !== undefined)
    throw new InvalidArgumentError(`Expected ${[tier, ...others].map(({ name }) => `"${name}"`).join(' or ')}.`);
  const short = TIERS.map(({ name }) => name.split(' ')[0] ?? name);
  throw new InvalidArgumentError(`Expected one of ${[...new Set(short)].join(', ')}.`);
}

const MOST_NODES = 1_000;

/** `3`, or `primary, 2 secondary, arbiter`. Nodes of one kind are numbered. */
function nodesOf(text: string): readonly PlanNode[] {
  const secondaries = /^\s*\d+\s*$/.test(text) ? whole(text.trim()) - 1 : null;
  const list = secondaries === null ? text : `primary, ${Math.max(0, secondaries)} secondary`;
  const groups = list.split(',').map((part) => {
    const { number = '1', kind = '' } = /^\s*(?:(?<number>\d{1,9})\s+)?(?<kind>\S.*?)\s*$/.exec(part)?.groups ?? {};
    return { kind: kindOf(kind), number: Number(number) };
  });
  if (sum(groups, ({ number }) => number) > MOST_NODES || secondaries === -1)
    throw new InvalidArgumentError(`Expected 1 to ${count(MOST_NODES)} nodes.`);
  const kinds = groups.flatMap(({ kind, number }) => Array.from({ length: number }, () => kind));
  return kinds.map((kind, index) => {
    const place = kinds.slice(0, index + 1).filter((other) => other === kind).length;
    return { name: kinds.filter((other) => other === kind).length === 1 ? kind : `${kind}-${place}`, kind };
  });
}

/** Where an application writes. */
const WRITTEN: readonly NodeKind[] = ['primary', 'mongos', 'lb', 'single'];

/** `8`, or `primary=8,secondary=2`; a node's name or its kind. */
function operationsOf(text: string): Readonly<Record<string, number>> {
  if (/^\d+$/.test(text)) return Object.fromEntries(WRITTEN.map((kind) => [kind, whole(text)]));
  return Object.fromEntries(
    text.split(',').map((part) => {
      const { name, number } = /^\s*(?<name>\S.*?)\s*=\s*(?<number>\d+)\s*$/.exec(part)?.groups ?? {};
      if (name === undefined || number === undefined)
        throw new InvalidArgumentError('Expected a number, or such as primary=8,secondary=2.');
      return [name, whole(number)];
    }),
  );
}

/** What a plan is read from. */
export interface PlanEdges {
  readonly terminal: Terminal;
  readonly input?: TextInput;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * @returns the exit code. Rejects with ConfigError, each problem with the field's path, or with UserError where there
 * is no plan to decode.
 */
export async function showPlan(options: PlanOptions, edges: PlanEdges): Promise<number> {
  const { terminal } = edges;
  const plan = await planOf(options, edges);
  const { assumptions, ...figures } = forecastOf(plan);
  const forecast = { ...figures, assumptions: [...assumptions, ...tierWords(options)] };
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(
    options.json ? `${shownJson({ schema: SCHEMA, ...forecast }, 2)}\n` : planText(plan, forecast, page),
  );
  return 0;
}

function tierWords({ tier, limit }: PlanOptions): readonly string[] {
  if (tier === undefined || limit !== undefined) return [];
  return [`${tier.name} accepts ${count(tier.connections)} connections a node, by Atlas's table of ${TIERS_AS_OF}.`];
}

/** Options win over the connection string, and that over the file. */
async function planOf(options: PlanOptions, edges: PlanEdges): Promise<FleetPlan> {
  const { plan: path, uriEnv: variable } = options;
  const saved = path === undefined ? {} : planIn(path === '-' ? 'Standard input' : path, await textOf(path, edges));
  const fields = planFields(options);
  const driver = fields['driver'] ?? saved['driver'];
  const given = variable === undefined ? {} : optionsIn(variable, edges.env?.[variable], driver);
  const own = saved['options'] ?? {};
  // What is no object is for the decoder to refuse.
  const pool = isFields(own) ? { ...own, ...given, ...poolFields(options) } : own;
  const decoded = decodePlan({ ...saved, ...fields, options: pool });
  if ('problems' in decoded) throw new ConfigError(decoded.problems);
  return decoded.plan;
}

async function textOf(path: string, { input, signal }: PlanEdges): Promise<string> {
  return path === '-' ? ((await input?.readAll()) ?? '') : readText(path, { signal, limit: SETTINGS_LIMIT });
}

function planIn(where: string, text: string): Fields {
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

function planFields(options: PlanOptions): Fields {
  const { driver, mode, server, instances, processes, clients, operations, others, sizing, tier } = options;
  const { limit = tier?.connections, reserved = tier && RESERVED_BY_ATLAS } = options;
  const usual = options.plan === undefined ? nodesOf(options.loadBalanced ? 'lb' : '3') : undefined;
  return withoutMissing({
    ...{ driver, mode, server, instances, processes, clients, operations, limit, reserved, others, sizing },
    env: options.functions === true ? { AWS_LAMBDA_RUNTIME_API: '127.0.0.1' } : undefined,
    nodes: options.nodes ?? usual,
    establishPerSecond: options.perSecond ?? tier?.establishPerSecond,
  });
}

function poolFields(options: PlanOptions): Fields {
  const { minPoolSize, maxPoolSize, srvMaxHosts, directConnection, loadBalanced } = options;
  const { maxIdleTimeMs: maxIdleTimeMS, monitoringMode: serverMonitoringMode } = options;
  const pool = { minPoolSize, maxPoolSize, srvMaxHosts, directConnection, loadBalanced };
  return withoutMissing({ ...pool, maxIdleTimeMS, serverMonitoringMode });
}

function withoutMissing(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Names of the columns and rows. */
export const SCENARIOS: Readonly<Record<Scenario['name'], string>> = {
  idle: 'idle: minPoolSize',
  used: 'used: operations at once',
  full: 'full: every pool full',
  deploy: 'deploy: used, old and new',
  election: 'election: used, roles changed',
};

const figure = (value: number | null | undefined) => {
  if (value === undefined) return '?';
  return value === null ? 'no bound' : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
};

function planText(plan: FleetPlan, forecast: PlanForecast, { width, paint }: TextPage): string {
  const { scenarios, secondsToConnectAll: seconds } = forecast;
  const [nodeHead = '', ...nodeLines] = tableLines({ columns: nodeColumns(forecast), rows: plan.nodes, width });
  const [head = '', ...lines] = tableLines({ columns: scenarioColumns(plan), rows: scenarios, width });
  const sections = [
    [paint('bold', title(plan, forecast))],
    [paint('bold', nodeHead), ...nodeLines],
    [
      paint('bold', head),
      ...lines.map((line, index) => ((scenarios[index]?.share ?? 0) > 1 ? paint('red', line) : line)),
    ],
    seconds === undefined || plan.establishPerSecond === null
      ? []
      : [`Connecting all takes ${span(seconds * 1000)} at ${count(plan.establishPerSecond)} a second and node.`],
    ['Assumptions:', ...forecast.assumptions.map((text) => wrapped(`- ${printable(text)}`, { width, indent: 2 }))],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n');
}

/** `320 clients (Go): 40 instances × 8 processes` */
function title({ driver, instances, processes, clients }: FleetPlan, forecast: PlanForecast): string {
  const parts = [
    counted(instances, 'instance'),
    ...(processes === 1 ? [] : [`${count(processes)} processes`]),
    ...(clients === 1 ? [] : [`${count(clients)} clients a process`]),
  ];
  const name = driver === 'any' ? 'any driver' : DRIVER_TITLES[driver];
  return `${counted(forecast.clients, 'client')} (${name}): ${parts.join(' × ')}`;
}

function nodeColumns({ perNode, scenarios }: PlanForecast): readonly TextColumn<PlanNode>[] {
  return [
    { title: 'NODE', kind: 'name', cell: ({ name }) => name },
    { title: 'KIND', kind: 'name', cell: ({ kind }) => kind },
    { title: 'HEARTBEATS', kind: 'figure', cell: ({ name }) => figure(perNode[name]?.monitors) },
    ...scenarios.map(
      (scenario): TextColumn<PlanNode> => ({
        title: scenario.name.toUpperCase(),
        kind: 'figure',
        cell: ({ name }) => figure(scenario.perNode[name]),
      }),
    ),
  ];
}

function scenarioColumns({ limit }: FleetPlan): readonly TextColumn<Scenario>[] {
  const columns: readonly TextColumn<Scenario>[] = [
    { title: 'SCENARIO', kind: 'name', cell: ({ name }) => SCENARIOS[name] },
    { title: 'BUSIEST NODE', kind: 'figure', cell: ({ busiest }) => figure(busiest) },
  ];
  if (limit === null) return columns;
  return [
    ...columns,
    { title: 'OF LIMIT', kind: 'figure', cell: ({ share }) => (share === null ? 'no bound' : percent(share)) },
    {
      title: 'INSTANCES THAT FIT',
      kind: 'figure',
      cell: ({ instancesUntilLimit: fit }) => (fit === null ? '?' : count(fit)),
    },
  ];
}
