// The use cases: what somebody wrote, pressed or opened → a view in the right place.

import type { Problem } from '../core/base/problem.ts';
import { COMMANDS, type Command, type CommandName, commandName, parseCommand } from '../core/commands/commands.ts';
import type { ClusterList, ReportService } from '../core/ports/reports.ts';
import { ACTIONS, type ViewTarget } from './blockkit/action-values.ts';
import type { Identity } from './client/decode.ts';
import type { Alerting } from './features/alerts.ts';
import type { ShowHome } from './features/home.ts';
import type { ViewDependencies } from './features/report-context.ts';
import { historyAsked, historyPressed } from './features/show-history.ts';
import {
  type RequestedView,
  renderingOf,
  showCluster,
  showLast,
  showProject,
  surroundings,
} from './features/show-report.ts';
import type { Forms, Silencing } from './features/silences.ts';
import { clusterNames, targetAt } from './requests/clusters.ts';
import type { RequestContext, RequestHandler } from './requests/handle-request.ts';
import type { Press } from './requests/request.ts';
import { clusterChoiceView } from './views/choices.ts';
import { goneView, helpView, problemView } from './views/notices.ts';
import { statusView } from './views/status.ts';

export interface CommandRouterInput extends ViewDependencies {
  readonly alerting: Alerting;
  readonly silencing: Silencing;
}

export interface CommandRouter {
  /** @param text as Slack delivers it: what stands behind the command or the mention */
  command(guest: RequestContext, text: string): Promise<void>;
  /** A button or a choice that leads to another view in the same place. */
  open(guest: RequestContext, press: Press): Promise<void>;
  /** A button or a choice that leads to a history. */
  history(guest: RequestContext, press: Press): Promise<void>;
  /** Posts what is pressed at for all in the channel. */
  share(guest: RequestContext, press: Press): Promise<void>;
}

export function createCommandRouter(input: CommandRouterInput): CommandRouter {
  const { reports, command: name } = input;

  return {
    async command(guest, text) {
      const list = await clustersFor(text, { reports, signal: guest.signal });
      const parsed = parseCommand(text, { clusters: list.names, command: name, redact: input.redact });
      if (!parsed.ok) return guest.reply.show(() => problemView(parsed.problem));
      return run(guest, { command: parsed.command, list }, input);
    },

    async open(guest, press) {
      const target = await targetAt(press.value, { reports, signal: guest.signal });
      if (target === null) return guest.reply.show(() => goneView({ what: 'The cluster', cluster: null }));
      const { actionId } = press;
      if (target.view === 'project') {
        return showProject(guest, { cluster: target.cluster, fresh: actionId === ACTIONS.refresh }, input);
      }
      if (actionId === ACTIONS.showLast) return showLast(guest, { ...target, wanted: wantedAt(target) }, input);
      const wanted: RequestedView = actionId === ACTIONS.nodes ? { view: 'nodes' } : wantedAt(target);
      const fresh = actionId === ACTIONS.refresh || actionId === ACTIONS.freshReport;
      return showCluster(guest, { cluster: target.cluster, wanted, fresh }, input);
    },

    history: (guest, press) => historyPressed(guest, press, input),

    async share(guest, press) {
      const target = await targetAt(press.value, { reports, signal: guest.signal });
      if (target === null) return guest.reply.aside(() => goneView({ what: 'The cluster', cluster: null }));
      if (!guest.publicly) return guest.reply.aside(() => problemView(NOT_FOR_ALL));
      const { cluster } = target;
      const wanted = wantedAt(target);
      const answer = reports.last(cluster) ?? (await reports.report(cluster, { signal: guest.signal }));
      const around = await surroundings(guest, { report: answer.report, wanted }, input);
      const place = { kind: 'shared', by: guest.visit.user } as const;
      const posted = await guest.reply.announce(renderingOf({ ...input, answer, wanted, place, around, last: null }));
      if (posted.ok) return;
      const isDirect = guest.visit.channel.kind === 'direct';
      await guest.reply.aside(() => problemView(notShared(posted.error, isDirect)));
    },
  };
}

type Run<Name extends CommandName> = (
  guest: RequestContext,
  asked: { readonly command: Command<Name>; readonly list: ClusterList },
  input: CommandRouterInput,
) => Promise<void>;

/** What each command of the table in core/commands does. */
const RUN: { readonly [Name in CommandName]: Run<Name> } = {
  report: showAsked,
  source: showAsked,
  nodes: showAsked,
  hygiene: showAsked,
  history: historyAsked,
  alerts: (guest, { command }, { alerting }) => alerting.board(guest, command.cluster),
  silence: (guest, { command, list }, { silencing }) => silencing.command(guest, { command, clusters: list.names }),
  unsilence: (guest, { command }, { alerting }) => alerting.unsilence(guest, command),
  async status(guest, _, { reports }) {
    const status = await reports.status(guest.signal);
    await guest.reply.show((tables) => statusView({ status, tables }));
  },
  help: (guest, _, { command }) => guest.reply.show(() => helpView(command)),
};

function run<Name extends CommandName>(
  guest: RequestContext,
  asked: { readonly command: Command<Name> & { readonly kind: Name }; readonly list: ClusterList },
  input: CommandRouterInput,
): Promise<void> {
  return RUN[asked.command.kind](guest, asked, input);
}

/** Where the clusters cannot be listed, what needs none of them is still answered. */
async function clustersFor(
  text: string,
  looked: { readonly reports: ReportService; readonly signal: AbortSignal },
): Promise<ClusterList> {
  if (COMMANDS[commandName(text) ?? 'report'].needsNoCluster === true)
    return { names: [], left: [], projects: [], problems: [], defaultCluster: null };
  return clusterNames(looked);
}

type ClusterCommand = Command<'report' | 'source' | 'nodes' | 'hygiene'>;

async function showAsked(
  guest: RequestContext,
  { command, list }: { readonly command: ClusterCommand; readonly list: ClusterList },
  input: CommandRouterInput,
): Promise<void> {
  const cluster = command.cluster ?? list.defaultCluster;
  const isOfProject = command.kind === 'hygiene' && command.cluster === null;
  const one = cluster ?? clusterOfOneProject(list);
  if (isOfProject && one !== null) return showProject(guest, { cluster: one, fresh: false }, input);
  if (cluster !== null) return showCluster(guest, { cluster, wanted: wantedBy(command), fresh: false }, input);
  // A choice carries no words: who asks for a source by name has to name its cluster, too.
  if (command.kind === 'source' && list.names.length > 0) {
    const problem = whichCluster(command.source, { list, name: input.command });
    return guest.reply.show(() => problemView(problem));
  }
  const { by, view } = { by: 'source' as const, ...wantedBy(command) };
  const choice = { names: list.names, left: list.left, by, view: isOfProject ? ('project' as const) : view };
  return guest.reply.show(() => clusterChoiceView(choice));
}

/** Any cluster, where all are of one project. */
function clusterOfOneProject({ projects }: ClusterList): string | null {
  const [only, ...others] = projects.filter(({ names }) => names.length > 0);
  return others.length > 0 ? null : (only?.names[0] ?? null);
}

function wantedBy(command: ClusterCommand): RequestedView {
  switch (command.kind) {
    case 'report':
      return { view: 'report', by: command.by };
    case 'source':
      return { view: 'source', source: { text: command.source } };
    case 'nodes':
    case 'hygiene':
      return { view: command.kind };
  }
}

function wantedAt({ view, by, source }: ViewTarget): RequestedView {
  if (view === 'source' && source !== null) return { view, source: { key: source } };
  return view === 'nodes' || view === 'hygiene' ? { view } : { view: 'report', by };
}

function whichCluster(source: string, { list, name }: { readonly list: ClusterList; readonly name: string }): Problem {
  const form = `source "${source.slice(0, 100)}" in`;
  return {
    code: 'which-cluster',
    text: `In which cluster? I watch ${list.names.join(', ')}.`,
    remedy: `Write "${name} ${form} ${list.names[0] ?? '<cluster>'}".`,
  };
}

const NOT_FOR_ALL: Problem = {
  code: 'not-for-all',
  text: 'I do not share here: this channel is shared with another organisation, or I cannot tell whether it is.',
  remedy:
    'In a channel of this workspace alone it works; for me to tell, the app needs the scope channels:read (groups:read for private channels) and an invitation.',
};

function notShared(error: string, isDirect: boolean): Problem {
  return {
    code: 'not-shared',
    text: `I could not post in this channel (${error}); if Slack was slow to answer, it may have arrived all the same.`,
    remedy: isDirect
      ? 'Of direct messages I can post in those with me alone: share there, or in a channel.'
      : 'Invite me to the channel, then share again.',
  };
}

// What every listener works with.

export interface Handlers {
  readonly reception: RequestHandler;
  readonly answers: CommandRouter;
  readonly alerting: Alerting;
  readonly silencing: Silencing;
  readonly forms: Forms;
  readonly showHome: ShowHome;
  readonly identity: Identity;
}
