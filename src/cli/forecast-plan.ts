// The forecast of a plan: from a file, from options, or from both; as text, or as JSON of schema atlas-conns/forecast/1, a
// public format. It needs no settings.

import { Option } from 'commander';
import { count, counted, joinWords, percent, span } from '../core/base/format.ts';
import { type Fields, isFields, jsonIn } from '../core/base/json.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import { DRIVER_TITLES, DRIVERS, driverNamed } from '../core/drivers/driver.ts';
import type { TargetForecast } from '../core/forecast/against.ts';
import { decodePlan } from '../core/forecast/decode-plan.ts';
import { forecastOf } from '../core/forecast/forecast.ts';
import type { FleetPlan, PlanForecast, PlanNode, Scenario } from '../core/forecast/plan.ts';
import { RESERVED_BY_ATLAS, TIERS_AS_OF, type Tier } from '../core/forecast/tiers.ts';
import { optionsInString, type StringOptions } from '../core/lint/plan-options.ts';
import { ConfigError, UserError } from '../errors.ts';
import { readText, SETTINGS_LIMIT } from '../files.ts';
import { painter, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';
import { shownJson } from './report-export.ts';
import type { Terminal, TextInput } from './terminal.ts';
import { nodesOf, operationsOf, stringInVariable, tierOf, whole } from './words.ts';

const SCHEMA = 'atlas-conns/forecast/1';
const FLEET_SCHEMA = 'atlas-conns/forecast-fleet/1';

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

/** Options by their names in help, that other forecasts do not have. */
function givenOf(options: PlanOptions): readonly string[] {
  const { json: _, clients: __, ...plan } = options;
  return Object.entries(plan).flatMap(([name, given]) => (given === undefined ? [] : [name]));
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function isPlan(options: PlanOptions): boolean {
  return givenOf(options).some((name) => planOptions().some((option) => option.attributeName() === name));
}

/** What a watched cluster tells itself. */
const OF_NODES = ['nodes', 'tier', 'limit', 'reserved', 'others', 'sizing'];

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
  const { limit, reserved, others, sizing, tier } = options;
  if (tier !== undefined && limit !== undefined)
    throw new UserError('--tier and --limit are two limits.', 'Use one of them.');
  const { plan, assumed } = await planOf(options, edges);
  const ofLimit = Object.entries({ reserved, others, sizing }).find(([, given]) => given !== undefined);
  if (plan.limit === null && ofLimit !== undefined)
    throw new UserError(`--${ofLimit[0]} needs a limit.`, 'Add --limit 1500 or --tier M30.');
  const { assumptions, ...figures } = forecastOf(plan);
  const forecast = { ...figures, assumptions: [...assumed, ...assumptions, ...tierWords(options)] };
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(
    options.json ? `${shownJson({ schema: SCHEMA, ...forecast }, 2)}\n` : planText(plan, forecast, page),
  );
  return 0;
}

function tierWords({ tier }: PlanOptions): readonly string[] {
  if (tier === undefined) return [];
  return [`${tier.name} accepts ${count(tier.connections)} connections a node, by Atlas's table of ${TIERS_AS_OF}.`];
}

/** A plan for the nodes of a watched cluster, which has its own limits. Rejects as `showPlan`. */
export async function planFor(nodes: readonly PlanNode[], options: PlanOptions, edges: PlanEdges): Promise<FleetPlan> {
  return (await planOf(options, edges, nodes)).plan;
}

/** @throws UserError for an option of the nodes, beside a watched cluster */
export function refuseNodes(options: PlanOptions): void {
  const given = givenOf(options).filter((name) => OF_NODES.includes(name));
  if (given.length === 0) return;
  const names = joinWords(given.map(flagOf));
  throw new UserError(
    `${names} ${given.length === 1 ? 'stands' : 'stand'} beside a watched cluster, which has its own nodes and limits.`,
    'Leave out the cluster, or the option.',
  );
}

interface Planned {
  readonly plan: FleetPlan;
  /** Sentences. */
  readonly assumed: readonly string[];
}

/**
 * Options win over the connection string, and that over the file.
 * @param watched the nodes of a watched cluster
 */
async function planOf(options: PlanOptions, edges: PlanEdges, watched?: readonly PlanNode[]): Promise<Planned> {
  const { plan: path, uriEnv: variable } = options;
  const saved = path === undefined ? {} : planIn(path === '-' ? 'Standard input' : path, await textOf(path, edges));
  const strange = watched === undefined ? [] : OF_NODES.filter((name) => Object.hasOwn(saved, name));
  if (strange.length > 0)
    throw new UserError(
      `The plan has ${joinWords(strange)}, and a watched cluster has its own nodes and limits.`,
      'Leave out the cluster, or these fields.',
    );
  const fields = planFields(options);
  const driver = fields['driver'] ?? saved['driver'];
  const string = variable === undefined ? null : stringIn(variable, edges.env, driver);
  const own = saved['options'] ?? {};
  // What is no object is for the decoder to refuse.
  const pool = isFields(own) ? { ...own, ...string?.options, ...poolFields(options) } : own;
  const usual = usualNodes(isFields(pool) && pool['loadBalanced'] === true, string?.hosts ?? null);
  const isUsual = watched === undefined && options.nodes === undefined && path === undefined;
  const nodes = watched ?? options.nodes ?? (isUsual ? usual.nodes : saved['nodes']);
  const decoded = decodePlan({ ...saved, ...fields, ...(nodes !== undefined && { nodes }), options: pool });
  if ('problems' in decoded) throw new ConfigError(decoded.problems);
  return { plan: decoded.plan, assumed: isUsual ? usual.assumed : [] };
}

/** @param hosts that a connection string lists */
function usualNodes(isBalanced: boolean, hosts: number | null) {
  if (isBalanced) return { nodes: nodesOf('lb'), assumed: [] };
  if (hosts !== null && hosts > 1)
    return {
      nodes: nodesOf(String(hosts)),
      assumed: [`The connection string lists ${counted(hosts, 'host')}: they are the nodes of one replica set.`],
    };
  return { nodes: nodesOf('3'), assumed: ['The cluster is a replica set of 3 nodes, because no nodes are given.'] };
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

function stringIn(variable: string, env: PlanEdges['env'], driver: unknown): StringOptions {
  const text = stringInVariable(variable, env ?? {});
  const named = typeof driver === 'string' ? driverNamed(driver) : null;
  const found = optionsInString(text, named ?? 'any');
  if ('wrong' in found)
    throw new UserError(
      `${variable} cannot be used here. ${found.wrong}`,
      `atlas-conns lint --env ${variable} says what is wrong.`,
    );
  return found;
}

function planFields(options: PlanOptions): Fields {
  const { driver, mode, server, instances, processes, clients, operations, others, sizing, tier } = options;
  const { limit = tier?.connections, reserved = tier && RESERVED_BY_ATLAS } = options;
  return withoutMissing({
    ...{ driver, mode, server, instances, processes, clients, operations, limit, reserved, others, sizing },
    env: options.functions === true ? { AWS_LAMBDA_RUNTIME_API: '127.0.0.1' } : undefined,
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

export const fitText = ({ instancesUntilLimit: fit }: Pick<Scenario, 'instancesUntilLimit'>): string =>
  fit === null ? '?' : count(fit);

export const figure = (value: number | null | undefined) => {
  if (value === undefined) return '?';
  return value === null ? 'no bound' : value.toLocaleString('en-US', { maximumFractionDigits: 2 });
};

function planText(plan: FleetPlan, forecast: PlanForecast, { width, paint }: TextPage): string {
  const { scenarios, secondsToConnectAll: seconds } = forecast;
  const [nodeHead = '', ...nodeLines] = tableLines({ columns: nodeColumns(forecast), rows: plan.nodes, width });
  const [head = '', ...lines] = tableLines({ columns: scenarioColumns(plan), rows: scenarios, width });
  const sections = [
    [paint('bold', fleetTitle(plan, forecast))],
    [paint('bold', nodeHead), ...nodeLines],
    [paint('bold', head), ...lines.map((line, index) => (exceeds(scenarios[index], plan) ? paint('red', line) : line))],
    seconds === undefined ? [] : [connectWords(seconds, plan)],
    ['Assumptions:', ...forecast.assumptions.map((text) => wrapped(`- ${printable(text)}`, { width, indent: 2 }))],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => `${section.join('\n')}\n`)
    .join('\n');
}

/** Whether the fleet needs more than there is: of the limit, or of what others and Atlas leave of it. */
export function exceeds(
  scenario: Pick<Scenario, 'instancesUntilLimit'> | undefined,
  { instances }: Pick<FleetPlan, 'instances'>,
): boolean {
  const fit = scenario?.instancesUntilLimit ?? null;
  return fit !== null && fit < instances;
}

export function connectWords(seconds: number, { establishPerSecond: rate }: FleetPlan): string {
  return `Connecting all takes ${span(seconds * 1000)} at ${count(rate ?? 0)} a second and node.`;
}

/** `320 clients (Go): 40 instances × 8 processes` */
export function fleetTitle({ driver, instances, processes, clients }: FleetPlan, forecast: PlanForecast): string {
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
    {
      title: 'OF LIMIT',
      kind: 'figure',
      cell: ({ share }) => (share === null ? 'no bound' : percent(share)),
    },
    { title: 'INSTANCES THAT FIT', kind: 'figure', cell: fitText },
  ];
}

/** Schema atlas-conns/forecast-fleet/1, a public format. New fields go to the end of their object. */
export function fleetJson(
  { cluster, at }: ConnectionReport,
  { fleet, nodes, scenarios, assumptions }: TargetForecast,
): string {
  const { clients, secondsToConnectAll } = fleet;
  const document = {
    schema: FLEET_SCHEMA,
    ...{ cluster, at, clients },
    nodes: nodes.map(({ name: host, kind, limit, others: connections, filled }) => {
      return { host, kind, limit, connections, ...filled };
    }),
    scenarios,
    ...(secondsToConnectAll !== undefined && { secondsToConnectAll }),
    assumptions,
  };
  return `${shownJson(document, 2)}\n`;
}
