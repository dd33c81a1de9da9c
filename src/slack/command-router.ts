// Commands, buttons and menus → the feature that answers them.

import { clipped, joinWords } from '../core/base/format.ts';
import {
  COMMANDS,
  type Command,
  type CommandName,
  commandName,
  parseCommand,
  printCommand,
} from '../core/commands/commands.ts';
import type { ClusterList } from '../core/ports/reports.ts';
import { DEFAULT_WINDOW } from '../core/snapshots/time-window.ts';
import {
  ACTIONS,
  readBoard,
  readOverview,
  readPools,
  reportValue,
  type SourceReference,
  viewValue,
} from './blockkit/action-values.ts';
import type { Identity } from './client/decode.ts';
import type { Alerting } from './features/alerts.ts';
import type { ShowHome } from './features/home.ts';
import { clusterNames, findBareSource, type ViewDependencies, viewAt } from './features/lookup.ts';
import { showOverview, showSourceOfAny } from './features/overview.ts';
import { runHistory, showHistory } from './features/show-history.ts';
import {
  type ReadingRequest,
  shareReading,
  showLast,
  showProject,
  showReading,
  showShown,
} from './features/show-report.ts';
import type { Forms, Silencing } from './features/silences.ts';
import { showForecast } from './insight/forecast.ts';
import type { Linting } from './insight/lint.ts';
import { showWhy } from './insight/show-why.ts';
import type { WhatIf } from './insight/what-if.ts';
import { openPools, sharePools, showPools } from './live/show-pools.ts';
import type { Press } from './requests/decode.ts';
import type { RequestContext, RequestHandler } from './requests/handle-request.ts';
import { clusterChoiceView, goneView, helpView, problemView } from './views/notices.ts';
import { statusView } from './views/status.ts';

/** The dependencies of every listener. */
export interface Handlers extends ViewDependencies {
  readonly requests: RequestHandler;
  readonly alerting: Alerting;
  readonly silencing: Silencing;
  readonly forms: Forms;
  readonly linting: Linting;
  readonly whatIf: WhatIf;
  readonly showHome: ShowHome;
  readonly identity: Identity;
}

type Run<Name extends CommandName> = (
  context: RequestContext,
  asked: { readonly command: Command<Name>; readonly list: ClusterList },
  handlers: Handlers,
) => Promise<void>;

/** The action of each command in the table of core/commands. */
const RUN: { readonly [Name in CommandName]: Run<Name> } = {
  report: runReading,
  source: runReading,
  nodes: runReading,
  hygiene: runReading,
  history: runHistories,
  why: runWhy,
  forecast: runForecast,
  pools: (context, { command }, handlers) => showPools(context, command, handlers),
  alerts: (context, { command }, { alerting }) => alerting.board(context, command.cluster),
  silence: (context, { command, list }, { silencing }) => silencing.command(context, { command, clusters: list.names }),
  unsilence: (context, { command }, { alerting }) => alerting.unsilence(context, command),
  lint: (context, _, { linting }) => linting.offer(context),
  async status({ reply, signal }, _, { reports }) {
    const status = await reports.status(signal);
    await reply.show((tables) => statusView({ status, tables }));
  },
  help: ({ reply }, _, { command }) => reply.show(() => helpView(command)),
};

function run<Name extends CommandName>(
  context: RequestContext,
  asked: { readonly command: Command<Name> & { readonly kind: Name }; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  return RUN[asked.command.kind](context, asked, handlers);
}

/** @param text the text after the command or the mention, as Slack delivers it */
export async function runCommand(context: RequestContext, text: string, handlers: Handlers): Promise<void> {
  const { needsNoCluster = false } = COMMANDS[commandName(text, handlers) ?? 'report'];
  const list = needsNoCluster ? NO_CLUSTERS : await clusterNames(handlers, context);
  const { command: slash, redact } = handlers;
  const parsed = parseCommand(text, { clusters: list.names, command: slash, redact });
  if (parsed.ok) return run(context, { command: parsed.command, list }, handlers);
  const { source, problem } = parsed;
  if (source === undefined) return context.reply.show(() => problemView(problem));
  const { clusters, nearest } = await findBareSource(source, { ...handlers, names: list.names }, context);
  const [cluster = null, ...others] = clusters;
  if (cluster === null) {
    const isMeant = problem.remedy.startsWith('Did you mean');
    const meant = nearest === null || isMeant ? '' : `Did you mean the source "${nearest}"? `;
    return context.reply.show(() => problemView({ ...problem, remedy: `${meant}${problem.remedy}` }));
  }
  const command = { kind: 'source', source: source.name, cluster: others.length === 0 ? cluster : null } as const;
  return run(context, { command, list }, handlers);
}

const NO_CLUSTERS: ClusterList = { names: [], left: [], projects: [], problems: [], defaultCluster: null };

async function runReading(
  context: RequestContext,
  {
    command,
    list,
  }: { readonly command: Command<'report' | 'source' | 'nodes' | 'hygiene'>; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  const { names, left } = list;
  if (command.kind === 'hygiene') return runHygiene(context, { command, list }, handlers);
  if (command.kind === 'source' && command.cluster === null && names.length > 1)
    return showSourceOfAny(
      context,
      {
        ...{ text: command.source, list, view: 'source' },
        show: (cluster, source) => showReading(context, { view: 'source', cluster, source, fresh: false }, handlers),
      },
      handlers,
    );
  const cluster = command.cluster ?? list.defaultCluster;
  if (cluster !== null) return showReading(context, { ...readingOf(command, cluster), fresh: false }, handlers);
  if (names.length === 0 || command.kind === 'source')
    return context.reply.show(() => clusterChoiceView({ names, left, optionValue: reportValue }));
  const by = command.kind === 'report' ? command.by : 'source';
  return showOverview(context, { request: { about: command.kind, by, window: DEFAULT_WINDOW }, list }, handlers);
}

async function runHygiene(
  context: RequestContext,
  { command, list }: { readonly command: Command<'hygiene'>; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  const { names, left } = list;
  const cluster = command.cluster ?? list.defaultCluster ?? clusterOfOnlyProject(list);
  if (cluster !== null) return showProject(context, { cluster, fresh: false, page: 0 }, handlers);
  const optionValue = (name: string) => viewValue({ view: 'project', cluster: name });
  return context.reply.show(() => clusterChoiceView({ names, left, optionValue }));
}

/** The overview, if neither a source nor a cluster is named. */
async function runHistories(
  context: RequestContext,
  asked: { readonly command: Command<'history'>; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  const { command, list } = asked;
  const { source, cluster, window } = command;
  const isOfAll = source === null && cluster === null && list.defaultCluster === null && list.names.length > 0;
  if (!isOfAll || handlers.reports.monitor === null) return runHistory(context, asked, handlers);
  return showOverview(context, { request: { about: 'history', by: 'source', window }, list }, handlers);
}

async function runWhy(
  context: RequestContext,
  { command, list }: { readonly command: Command<'why'>; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  const { names, left, defaultCluster } = list;
  const { source: text } = command;
  const show = (cluster: string, source: SourceReference | null) =>
    showWhy(context, { cluster, source, fresh: false }, handlers);
  const showCluster = (cluster: string) => show(cluster, null);
  if (text !== null && command.cluster === null && names.length > 1)
    return showSourceOfAny(context, { text, list, view: 'why', show, showCluster }, handlers);
  const cluster = command.cluster ?? defaultCluster;
  if (cluster !== null) return show(cluster, text === null ? null : { text });
  const optionValue = (name: string) => viewValue({ view: 'why', cluster: name, source: null });
  return context.reply.show(() => clusterChoiceView({ names, left, optionValue }));
}

/** A source is looked up in the default cluster, else in the only one that has it. */
async function runForecast(
  context: RequestContext,
  { command, list }: { readonly command: Command<'forecast'>; readonly list: ClusterList },
  handlers: Handlers,
): Promise<void> {
  const { names, left, defaultCluster } = list;
  const { source, scale } = command;
  const show = (cluster: string) => {
    const growth = source === null ? null : { source: { text: source }, scale };
    return showForecast(context, { cluster, growth, fresh: false }, handlers);
  };
  const meant = command.cluster ?? (source === null || names.length === 1 ? defaultCluster : null);
  if (meant !== null) return show(meant);
  if (source === null || names.length === 0) {
    const optionValue = (cluster: string) => viewValue({ view: 'forecast', cluster, growth: null });
    return context.reply.show(() => clusterChoiceView({ names, left, optionValue }));
  }
  const found = await findBareSource({ name: source, cluster: null, isNear: false }, { ...handlers, names }, context);
  const [only = defaultCluster, ...others] = found.clusters.filter(
    (cluster, _, all) => defaultCluster === null || !all.includes(defaultCluster) || cluster === defaultCluster,
  );
  if (only !== null && others.length === 0) return show(only);
  const form = printCommand({ ...command, cluster: only ?? names[0] ?? null });
  const where = only === null ? 'in no cluster that I know' : `in ${joinWords(found.clusters)}`;
  const remedy = `Name the cluster: "${handlers.command} ${form}".`;
  return context.reply.show(() =>
    problemView({ code: 'which-cluster', text: `The source "${clipped(source)}" is ${where}.`, remedy }),
  );
}

/** Any cluster, if all are of one project. */
function clusterOfOnlyProject({ projects }: ClusterList): string | null {
  const [only, ...others] = projects.filter(({ names }) => names.length > 0);
  return others.length > 0 ? null : (only?.names[0] ?? null);
}

function readingOf(command: Command<'report' | 'source' | 'nodes'>, cluster: string): ReadingRequest {
  switch (command.kind) {
    case 'report':
      return { view: 'report', cluster, by: command.by };
    case 'source':
      return { view: 'source', cluster, source: { text: command.source } };
    case 'nodes':
      return { view: 'nodes', cluster };
  }
}

/** A button or an option that leads to another view in the same place. */
export async function openView(context: RequestContext, press: Press, handlers: Handlers): Promise<void> {
  const overview = readOverview(press.value);
  if (overview !== null) {
    const list = await clusterNames(handlers, context);
    return showOverview(context, { request: overview, list }, handlers);
  }
  const board = readBoard(press.value);
  if (board !== null) return handlers.alerting.turn(context, board);
  const pools = readPools(press.value);
  if (pools !== null) return openPools(context, pools, handlers);
  const request = await viewAt(press.value, handlers, context);
  if (request === null) return context.reply.show(() => goneView({ what: 'The cluster', cluster: null }));
  const { actionId } = press;
  const { cluster } = request;
  const fresh = actionId === ACTIONS.refresh || actionId === ACTIONS.freshReport;
  if (request.view === 'history') return showHistory(context, request, handlers);
  if (request.view === 'why') return showWhy(context, { ...request, fresh }, handlers);
  if (request.view === 'forecast') return showForecast(context, { ...request, fresh }, handlers);
  // Older messages carry the view of one cluster.
  if (request.view === 'project' || request.view === 'hygiene')
    return showProject(context, { cluster, fresh, page: request.page ?? 0 }, handlers);
  const { readAt } = request;
  // A page of the reading on the screen. A new one has other rows.
  const isTurned = actionId === ACTIONS.earlierRows || actionId === ACTIONS.laterRows;
  if ((isTurned || actionId === ACTIONS.back) && readAt !== undefined)
    return showShown(context, { ...request, readAt }, handlers);
  const isLast = actionId === ACTIONS.showLast || (isTurned && handlers.reports.last(cluster) !== null);
  if (isLast) return showLast(context, request, handlers);
  // Older messages carry the report's value on this button.
  if (actionId === ACTIONS.nodes) return showReading(context, { view: 'nodes', cluster, fresh }, handlers);
  return showReading(context, { ...request, fresh }, handlers);
}

/** Posts the view of the clicked message for everyone in the channel. */
export async function shareView(context: RequestContext, press: Press, handlers: Handlers): Promise<void> {
  const pools = readPools(press.value);
  if (pools !== null) return sharePools(context, pools, handlers);
  const request = await viewAt(press.value, handlers, context);
  if (request === null) return context.reply.aside(() => goneView({ what: 'The cluster', cluster: null }));
  const isReading = request.view === 'report' || request.view === 'nodes' || request.view === 'source';
  const reading = isReading ? request : ({ view: 'report', cluster: request.cluster, by: 'source' } as const);
  return shareReading(context, reading, handlers);
}
