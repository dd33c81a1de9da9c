// Commands, buttons and menus → the feature that answers them.

import type { Problem } from '../core/base/problem.ts';
import { COMMANDS, type Command, type CommandName, commandName, parseCommand } from '../core/commands/commands.ts';
import type { ClusterList } from '../core/ports/reports.ts';
import { ACTIONS, reportValue, viewValue } from './blockkit/action-values.ts';
import type { Identity } from './client/decode.ts';
import type { Alerting } from './features/alerts.ts';
import type { ShowHome } from './features/home.ts';
import { clusterNames, findBareSource, type ViewDependencies, viewAt } from './features/lookup.ts';
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
import type { Press } from './requests/decode.ts';
import type { RequestContext, RequestHandler } from './requests/handle-request.ts';
import { clusterChoiceView } from './views/choices.ts';
import { goneView, helpView, problemView } from './views/notices.ts';
import { statusView } from './views/status.ts';

/** The dependencies of every listener. */
export interface Handlers extends ViewDependencies {
  readonly requests: RequestHandler;
  readonly alerting: Alerting;
  readonly silencing: Silencing;
  readonly forms: Forms;
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
  history: runHistory,
  alerts: (context, { command }, { alerting }) => alerting.board(context, command.cluster),
  silence: (context, { command, list }, { silencing }) => silencing.command(context, { command, clusters: list.names }),
  unsilence: (context, { command }, { alerting }) => alerting.unsilence(context, command),
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
  const named = command.cluster ?? list.defaultCluster;
  if (command.kind === 'hygiene') {
    const any = named ?? clusterOfOnlyProject(list);
    if (any !== null) return showProject(context, { cluster: any, fresh: false }, handlers);
    const optionValue = (name: string) => viewValue({ view: 'project', cluster: name });
    return context.reply.show(() => clusterChoiceView({ names, left, optionValue }));
  }
  if (named !== null) return showReading(context, { ...readingOf(command, named), fresh: false }, handlers);
  // A menu's option has no room for the text of a source.
  if (command.kind === 'source' && names.length > 0) {
    const problem = whichCluster(command.source, { names, name: handlers.command });
    return context.reply.show(() => problemView(problem));
  }
  const optionValue = (name: string) => {
    const request = readingOf(command, name);
    return request.view === 'source' ? reportValue(name) : viewValue(request);
  };
  return context.reply.show(() => clusterChoiceView({ names, left, optionValue }));
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

function whichCluster(
  source: string,
  { names, name }: { readonly names: readonly string[]; readonly name: string },
): Problem {
  const form = `source "${source.slice(0, 100)}" in`;
  return {
    code: 'which-cluster',
    text: `In which cluster? I watch ${names.join(', ')}.`,
    remedy: `Write "${name} ${form} ${names[0] ?? '<cluster>'}".`,
  };
}

/** A button or an option that leads to another view in the same place. */
export async function openView(context: RequestContext, press: Press, handlers: Handlers): Promise<void> {
  const request = await viewAt(press.value, handlers, context);
  if (request === null) return context.reply.show(() => goneView({ what: 'The cluster', cluster: null }));
  const { actionId } = press;
  const { cluster } = request;
  const fresh = actionId === ACTIONS.refresh || actionId === ACTIONS.freshReport;
  if (request.view === 'history') return showHistory(context, request, handlers);
  // Older messages carry the view of one cluster.
  if (request.view === 'project' || request.view === 'hygiene')
    return showProject(context, { cluster, fresh }, handlers);
  if (actionId === ACTIONS.showLast) return showLast(context, request, handlers);
  const { readAt } = request;
  if (actionId === ACTIONS.back && readAt !== undefined) return showShown(context, { ...request, readAt }, handlers);
  // Older messages carry the report's value on this button.
  if (actionId === ACTIONS.nodes) return showReading(context, { view: 'nodes', cluster, fresh }, handlers);
  return showReading(context, { ...request, fresh }, handlers);
}

/** Posts the view of the clicked message for everyone in the channel. */
export async function shareView(context: RequestContext, press: Press, handlers: Handlers): Promise<void> {
  const request = await viewAt(press.value, handlers, context);
  if (request === null) return context.reply.aside(() => goneView({ what: 'The cluster', cluster: null }));
  const isReading = request.view === 'report' || request.view === 'nodes' || request.view === 'source';
  const reading = isReading ? request : ({ view: 'report', cluster: request.cluster, by: 'source' } as const);
  return shareReading(context, reading, handlers);
}
