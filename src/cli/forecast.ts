// `atlas-conns forecast`: of a watched cluster, of one of its sources that grows, and of a planned fleet.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Commands } from '../app/commands/types.ts';
import { count, counted, joinWords, percent } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { isClients, isFactor } from '../core/commands/forecast.ts';
import { clientsShown } from '../core/connections/clients.ts';
import { nodesRead, nodesUnread, shortHosts } from '../core/connections/node-usage.ts';
import type { ConnectionReport } from '../core/connections/report.ts';
import {
  clusterTarget,
  type FilledNode,
  type FilledScenario,
  forecastAgainst,
  type TargetForecast,
} from '../core/forecast/against.ts';
import { growthSpan, growthWords, type NodeGrowth, reachWords } from '../core/forecast/growth.ts';
import {
  type ClusterForecast,
  clusterForecast,
  type NodeOutlook,
  type Scale,
  type ScaledNode,
  type SourceForecast,
  type SourceRoom,
  scaledSource,
  scaleWords,
} from '../core/forecast/live.ts';
import { fullNow, withRoom } from '../core/forecast/outlook.ts';
import type { FleetPlan, Scenario } from '../core/forecast/plan.ts';
import { UserError } from '../errors.ts';
import {
  connectWords,
  exceeds,
  figure,
  fitText,
  fleetJson,
  fleetTitle,
  isPlan,
  type PlanEdges,
  type PlanOptions,
  planFor,
  planOptions,
  refuseNodes,
  SCENARIOS,
  showPlan,
} from './forecast-plan.ts';
import { painter, printable, type TextColumn, type TextPage, tableLines, wrapped } from './layout.ts';
import { findSource } from './report.ts';
import { shownJson } from './report-export.ts';
import type { Terminal } from './terminal.ts';
import { CLUSTER, clusterOption, oneCluster, typedName, type WithCluster } from './words.ts';

interface ForecastContext extends PlanEdges {
  /** Called with the exit code. */
  readonly exit: (code: number) => void;
  readonly commands: Commands;
  readonly signal: AbortSignal;
}

interface LiveOptions extends PlanOptions, WithCluster {
  readonly scale?: number;
}

export function addForecast(program: Command, context: ForecastContext): void {
  const command = program
    .command('forecast')
    .description('show when nodes reach their limit and how many more clients fit; or what a planned fleet opens')
    .argument('[cluster]', CLUSTER, typedName)
    .argument('[source]', 'by name, IP address or CIDR block, with --scale or --clients', typedName)
    .addOption(clusterOption())
    .addOption(new Option('--scale <factor>', 'the source with this many times its clients').argParser(factor))
    .option('--json', 'print JSON');
  for (const option of planOptions()) command.addOption(option);
  command
    .addHelpText(
      'after',
      `
Of a cluster: reads every node, and the history that serve or watch has
written for its growth. With --scale 2 or --clients 40: one source, with more
clients. A word alone is then the source.

A plan is a JSON file, options, or both; then the options win. It needs no
settings. With a cluster, it is held against that: its nodes, their limits, and
what others hold now. Limits are those of a node, never of a cluster.

Examples:
  atlas-conns forecast prod
  atlas-conns forecast prod "Billing API" --scale 2
  atlas-conns forecast "Billing API" --clients 40 --json
  atlas-conns forecast prod --driver node --instances 20 --operations 8
  atlas-conns forecast --driver node --instances 40 --operations 8 --limit 1500
  atlas-conns forecast --driver pymongo --instances 20 --processes 4 --nodes 'primary, 2 secondary, arbiter'
  atlas-conns forecast --driver java --instances 50 --nodes '9 mongos' --srv-max-hosts 3
  atlas-conns forecast --uri-env MONGODB_URI --driver go --instances 12
  atlas-conns forecast --plan fleet.json --json | jq .busiestShareOfLimit

Exit code: 0 a forecast, also one over the limit; 1 a node could not be read; 2 invalid plan, options or settings.`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: LiveOptions) => {
      if (isPlan(options)) {
        if (options.scale !== undefined)
          throw new UserError('--scale is of a source, and the other options are of a plan.', 'Leave one of them out.');
        if (second !== undefined)
          throw new UserError(printable(`A plan has no source, and "${second}" is one.`), 'Leave one of them out.');
        const cluster = oneCluster(first, options);
        return context.exit(
          await (cluster === null ? showPlan(options, context) : showPlanOn(cluster, options, context)),
        );
      }
      const isJson = options.json === true;
      context.exit(await showLiveForecast({ ...context, ...livingOf(first, second, options), isJson }));
    });
}

/** `prod`, `prod "Billing API" --scale 2`, `"Billing API" --clients 40`. */
function livingOf(first: string | undefined, second: string | undefined, options: LiveOptions) {
  const { scale: times, clients } = options;
  const growths: readonly Scale[] = [
    ...(times === undefined ? [] : [{ factor: times }]),
    ...(clients === undefined ? [] : [{ clients }]),
  ];
  const [scale, other] = growths;
  if (other !== undefined) throw new UserError('--scale and --clients are two growths.', 'Use one of them.');
  if (scale === undefined) {
    if (second !== undefined)
      throw new UserError(printable(`No growth of "${second}" is given.`), 'Add --scale 2 or --clients 40.');
    return { cluster: oneCluster(first, options), growing: null };
  }
  if ('clients' in scale && !isClients(scale.clients))
    throw new UserError('--clients is out of range.', 'Use a whole number from 1 to 999,999.');
  const source = second ?? first;
  if (source === undefined)
    throw new UserError('No source is given.', 'Name it: forecast prod "Billing API" --scale 2.');
  const cluster = oneCluster(second === undefined ? undefined : first, options);
  return { cluster, growing: { source, scale } };
}

function factor(text: string): number {
  const value = Number(text.replace(/^[x×]/i, ''));
  if (isFactor(value)) return value;
  throw new InvalidArgumentError('Expected a factor such as 2 or 1.5, up to 1,000.');
}

// A plan against a watched cluster.

/** @returns the exit code: 0 every node was read, 1 a node could not be read */
async function showPlanOn(cluster: string, options: PlanOptions, context: ForecastContext): Promise<number> {
  const { commands, terminal, signal } = context;
  refuseNodes(options);
  const report = await commands.report({ cluster, threads: false, signal });
  const target = clusterTarget(report);
  // The report says why.
  if (target === null)
    throw new UserError(`No node of ${printable(cluster)} could be read.`, '"atlas-conns check" says why.');
  const plan = await planFor(
    target.nodes.map(({ name, kind }) => ({ name, kind })),
    options,
    context,
  );
  const forecast = forecastAgainst(plan, { ...target, establishPerSecond: plan.establishPerSecond });
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  await terminal.out(
    options.json === true
      ? fleetJson(report, forecast)
      : fleetText(plan, forecast, { report, short: shortHosts(report), page }),
  );
  return isWhole(report) ? 0 : 1;
}

function fleetText(
  plan: FleetPlan,
  { fleet, nodes, scenarios, assumptions }: TargetForecast,
  { report, short, page }: Page & { readonly report: ConnectionReport },
): string {
  const column = (name: Scenario['name']): TextColumn<FilledNode> => ({
    title: name.toUpperCase(),
    kind: 'figure',
    cell: ({ filled }) => figure(filled[name]),
  });
  const nodeColumns: readonly TextColumn<FilledNode>[] = [
    { title: 'NODE', kind: 'name', cell: ({ name }) => short(name) },
    { title: 'NOW', kind: 'figure', cell: ({ others }) => count(others) },
    ...scenarios.map(({ name }) => column(name)),
    { title: 'LIMIT', kind: 'figure', cell: ({ limit }) => known(limit) },
  ];
  const columns: readonly TextColumn<FilledScenario>[] = [
    { title: 'SCENARIO', kind: 'name', cell: ({ name }) => SCENARIOS[name] },
    { title: 'FULLEST NODE', kind: 'name', cell: ({ busiest }) => (busiest === null ? '?' : short(busiest.name)) },
    { title: 'OF LIMIT', kind: 'figure', cell: ({ busiest }) => (busiest === null ? '?' : percent(busiest.share)) },
    { title: 'INSTANCES THAT FIT', kind: 'figure', cell: fitText },
  ];
  const [head = '', ...lines] = tableOf(columns, scenarios, page);
  const { cluster, at } = report;
  const seconds = fleet.secondsToConnectAll;
  return textOf(page, [
    [page.paint('bold', fleetTitle(plan, fleet))],
    [`${printable(cluster)}, as read ${at}: all connections of each node`, ...tableOf(nodeColumns, nodes, page)],
    [head, ...lines.map((line, index) => (exceeds(scenarios[index], plan) ? page.paint('red', line) : line))],
    seconds === undefined ? [] : [connectWords(seconds, plan)],
    ['Assumptions:', ...assumptions.map((text) => `- ${text}`)],
  ]);
}

// The forecast of a watched cluster, and of a source, as text and as JSON.

const CLUSTER_SCHEMA = 'atlas-conns/forecast-cluster/1';
const SOURCE_SCHEMA = 'atlas-conns/forecast-source/1';

/** @returns the exit code: 0 every node was read, 1 a node could not be read */
async function showLiveForecast(input: {
  /** As typed; null for the default. */
  readonly cluster: string | null;
  /** Null for the cluster as a whole. */
  readonly growing: { readonly source: string; readonly scale: Scale } | null;
  readonly isJson: boolean;
  readonly commands: Commands;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { cluster, growing, isJson, commands, terminal, signal } = input;
  const report = await commands.report({ cluster, threads: false, signal });
  const page = { width: terminal.columns, paint: painter(terminal.colors) };
  const short = shortHosts(report);
  if (growing === null) {
    const hosts = nodesRead(report).map(({ host }) => host);
    const { growth, problem } = await commands.growth({ cluster: report.cluster, hosts, signal });
    const forecast = clusterForecast(report, growth);
    await terminal.out(isJson ? clusterJson(forecast, problem) : clusterText(forecast, { problem, short, page }));
  } else {
    const { redact = (text: string) => text } = terminal;
    const scaled = scaledSource(report, findSource(report, redact(growing.source)), growing.scale);
    if (!scaled.ok) throw new UserError(printable(scaled.problem.text), 'Scale its connections instead: --scale 2.');
    await terminal.out(isJson ? sourceJson(scaled.forecast) : sourceText(scaled.forecast, { short, page }));
  }
  return isWhole(report) ? 0 : 1;
}

const isWhole = (report: ConnectionReport) => nodesUnread(report).length === 0 && nodesRead(report).length > 0;

/** Schema atlas-conns/forecast-cluster/1, a public format. New fields go to the end of their object. */
function clusterJson({ cluster, at, nodes, sources, assumptions }: ClusterForecast, problem: Problem | null): string {
  const document = {
    schema: CLUSTER_SCHEMA,
    cluster,
    at,
    nodes: nodes.map(({ host, role, now, limit, headroom, growth, reaches }) => {
      return { host, role, connections: now, limit, headroom, growth: growthJson(growth), daysUntilLimit: reaches };
    }),
    sources: sources.map(({ id, name, clients, fits, fitsAtLeast, busiest, perClient, reason }) => {
      const bound = fitsAtLeast === true ? { moreClientsFitAtLeast: true } : {};
      const each = { busiest, connectionsPerClient: perClient };
      return { id, name, clients, moreClientsFit: fits, ...bound, ...each, reason };
    }),
    assumptions,
    problems: problem === null ? [] : [problem],
  };
  return `${shownJson(document, 2)}\n`;
}

function growthJson(growth: NodeGrowth): object {
  const { kind, days } = growth;
  if (growth.kind === 'unknown' || growth.kind === 'none') return { kind, days };
  const { likely, least, most } = growth;
  return { kind, days, perDay: likely.perDay, least: least.perDay, most: most.perDay };
}

/** Schema atlas-conns/forecast-source/1, a public format. New fields go to the end of their object. */
function sourceJson({ cluster, at, source, scale, clients, nodes, assumptions }: SourceForecast): string {
  const document = {
    schema: SOURCE_SCHEMA,
    ...{ cluster, at, source, scale, clients },
    nodes: nodes.map(({ host, role, limit, now, held, scaled, full, deploy, election }) => {
      return { host, role, limit, connections: now, held, scaled, full, deploy, election };
    }),
    assumptions,
  };
  return `${shownJson(document, 2)}\n`;
}

const known = (figure: number | null) => (figure === null ? '?' : count(figure));

interface Page {
  readonly short: (host: string) => string;
  readonly page: TextPage;
}

function clusterText(forecast: ClusterForecast, { problem, short, page }: Page & { problem: Problem | null }): string {
  const { cluster, nodes, sources, assumptions } = forecast;
  const nodeColumns: readonly TextColumn<NodeOutlook>[] = [
    { title: 'NODE', kind: 'name', cell: ({ host }) => short(host) },
    { title: 'CONNECTIONS', kind: 'figure', cell: ({ now }) => known(now) },
    { title: 'LIMIT', kind: 'figure', cell: ({ limit }) => known(limit) },
    { title: 'FREE', kind: 'figure', cell: ({ headroom }) => known(headroom) },
    { title: 'GROWTH', kind: 'figure', cell: ({ growth }) => growthWords(growth) },
  ];
  const sourceColumns: readonly TextColumn<SourceRoom>[] = [
    { title: 'SOURCE', kind: 'name', cell: ({ name }) => name },
    { title: 'CLIENTS', kind: 'figure', cell: ({ clients }) => known(clients) },
    { title: 'MORE CLIENTS FIT', kind: 'figure', cell: moreThatFit },
    { title: 'UNTIL FULL', kind: 'name', cell: ({ busiest }) => (busiest === null ? '' : short(busiest)) },
  ];
  const reasons = Map.groupBy(
    sources.filter(({ reason }) => reason !== null),
    ({ reason }) => reason,
  );
  const unknown = [...reasons].map(
    ([reason, of]) =>
      `How many more clients of ${printable(named(of.map(({ name }) => name)))} fit is unknown. ${reason}`,
  );
  return textOf(page, [
    [page.paint('bold', printable(cluster))],
    tableOf(nodeColumns, nodes, page),
    [...fullNow(nodes).map(({ host, words }) => `${short(host)} ${words}`), ...outlookLines(nodes, short)],
    tableOf(sourceColumns, sources, page),
    [...unknown, ...assumptions, ...(problem === null ? [] : [`problem: ${inWords(problem)}`])],
  ]);
}

const MOST_NAMED = 5;

/** `Billing API, CI and 3 more` */
function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return joinWords(more > 0 ? [...names.slice(0, MOST_NAMED), `${count(more)} more`] : names);
}

function moreThatFit({ fits, fitsAtLeast }: SourceRoom): string {
  return clientsShown({ clients: fits, ...(fitsAtLeast === true && { clientsAtLeast: true }) });
}

/** The nodes that reach their limit, the soonest first. */
export function outlookLines(nodes: readonly NodeOutlook[], short: (host: string) => string): readonly string[] {
  return withRoom(nodes)
    .flatMap(({ host, growth, reaches }) => (reaches === null ? [] : [{ host, growth, reaches }]))
    .toSorted((a, b) => a.reaches.likely - b.reaches.likely)
    .map(({ host, growth, reaches }) => `${short(host)} ${reachWords(reaches)}, ${growthSpan(growth)}.`);
}

function sourceText({ cluster, source, scale, clients, nodes, assumptions }: SourceForecast, { short, page }: Page) {
  const { now, scaled } = clients;
  const many =
    now === null || scaled === null ? 'clients unknown' : `${counted(now, 'client')} now, ${count(scaled)} then`;
  const column = (title: string, figure: (node: ScaledNode) => number | null): TextColumn<ScaledNode> => {
    return { title, kind: 'figure', cell: (node) => ofLimit(figure(node), node) };
  };
  const columns: readonly TextColumn<ScaledNode>[] = [
    { title: 'NODE', kind: 'name', cell: ({ host }) => short(host) },
    column('NOW', (node) => node.now),
    column('THEN', (node) => node.scaled),
    column('FULL POOLS', (node) => node.full),
    column('DEPLOY', (node) => node.deploy),
    column('ELECTION', (node) => node.election),
  ];
  const title = `${source.name} ${scaleWords(scale)}`;
  return textOf(page, [
    [`${page.paint('bold', printable(title))}  ${printable(cluster)}, ${many}`],
    tableOf(columns, nodes, page),
    assumptions,
  ]);
}

/** `530 (53 %)` */
function ofLimit(value: number | null, { limit }: ScaledNode): string {
  if (value === null) return '?';
  return limit === null || limit <= 0 ? count(value) : `${count(value)} (${percent(value / limit)})`;
}

function tableOf<Row>(columns: readonly TextColumn<Row>[], rows: readonly Row[], page: TextPage): readonly string[] {
  if (rows.length === 0) return [];
  const [head = '', ...lines] = tableLines({ columns, rows, width: page.width });
  return [page.paint('bold', head), ...lines];
}

function textOf({ width }: TextPage, sections: readonly (readonly string[])[]): string {
  const [title = [], nodes = [], ...others] = sections;
  const sentences = others.map((lines) => lines.map((line) => wrapped(line, { width, indent: 2 })));
  return [title, nodes, ...sentences]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}
