// The use cases: what somebody wrote, pressed or opened → a view in the right place.

import { COMMANDS, type Command } from '../core/command.ts';
import type { Answer, ClusterList, Desk } from '../core/desk.ts';
import { parseCommand } from '../core/parse-command.ts';
import type { Problem } from '../core/problem.ts';
import { ACTIONS, matchesKey, readTarget, type Target } from './keys.ts';
import { withProgress } from './progress.ts';
import type { Guest, Reception } from './reception.ts';
import { lastReadingOf, renderingOf, type Wanted } from './rendering.ts';
import type { Timing } from './settings.ts';
import { clusterChoiceView } from './views/choice.ts';
import { goneView } from './views/gone.ts';
import { helpView } from './views/help.ts';
import { problemView } from './views/problem.ts';
import { readingView } from './views/reading.ts';
import { statusView } from './views/status.ts';
import type { Press } from './visit.ts';

export interface AnswersInput {
  readonly desk: Desk;
  readonly command: string;
  readonly explained: Reception['explained'];
  readonly timing: Timing;
}

export interface Answers {
  /** @param text as Slack delivers it: what stands behind the command or the mention */
  command(guest: Guest, text: string): Promise<void>;
  /** A button or a choice that leads to another view in the same place. */
  open(guest: Guest, press: Press): Promise<void>;
  /** Posts what is pressed at for all in the channel. */
  share(guest: Guest, press: Press): Promise<void>;
}

export function createAnswers(input: AnswersInput): Answers {
  const { desk, command: name } = input;
  const show = (guest: Guest, problem: Problem) => guest.reply.show(() => problemView(problem));

  return {
    async command(guest, text) {
      const list = await clustersFor(text, { desk, name, signal: guest.signal });
      const parsed = parseCommand(text, { clusters: list.names, command: name });
      if (!parsed.ok) return show(guest, parsed.problem);
      const { command } = parsed;
      if (command.kind === 'help') return guest.reply.show(() => helpView({ command: name, forms: COMMANDS }));
      if (command.kind === 'status') {
        const status = await desk.status(guest.signal);
        return guest.reply.show((tables) => statusView({ status, tables }));
      }
      const cluster = command.cluster ?? list.defaultCluster;
      if (cluster !== null) return showCluster(guest, { cluster, wanted: wantedBy(command), fresh: false }, input);
      // A choice carries no words: who asks for a source by name has to name its cluster, too.
      if (command.kind === 'source' && list.names.length > 0) {
        return show(guest, whichCluster(command.source, { list, name }));
      }
      const { by, view } = { by: 'source' as const, ...wantedBy(command) };
      return guest.reply.show(() => clusterChoiceView({ names: list.names, left: list.left, by, view }));
    },

    async open(guest, press) {
      const target = await resolved(guest, press.value, desk);
      if (target === null) return guest.reply.show(() => goneView({ what: 'The cluster', cluster: null }));
      const { actionId } = press;
      if (actionId === ACTIONS.showLast) return showLast(guest, target, input);
      const wanted: Wanted = actionId === ACTIONS.nodes ? { view: 'nodes' } : wantedAt(target);
      const fresh = actionId === ACTIONS.refresh || actionId === ACTIONS.freshReport;
      return showCluster(guest, { cluster: target.cluster, wanted, fresh }, input);
    },

    async share(guest, press) {
      const target = await resolved(guest, press.value, desk);
      if (target === null) return guest.reply.aside(() => goneView({ what: 'The cluster', cluster: null }));
      if (!guest.publicly) return guest.reply.aside(() => problemView(NOT_FOR_ALL));
      const { cluster } = target;
      const answer = desk.last(cluster) ?? (await desk.report(cluster, { signal: guest.signal }));
      const place = { kind: 'shared', by: guest.visit.user } as const;
      const posted = await guest.reply.announce(
        renderingOf({ answer, wanted: wantedAt(target), place, command: name, last: null }),
      );
      if (!posted.ok) await guest.reply.aside(() => problemView(notShared(posted.error)));
    },
  };
}

/** Where the clusters cannot be listed, what needs none of them is still answered. */
async function clustersFor(
  text: string,
  { desk, name, signal }: { readonly desk: Desk; readonly name: string; readonly signal: AbortSignal },
): Promise<ClusterList> {
  const parsed = parseCommand(text, { clusters: [], command: name });
  const needsNone = parsed.ok && (parsed.command.kind === 'help' || parsed.command.kind === 'status');
  return needsNone ? { names: [], left: [], problems: [], defaultCluster: null } : desk.clusters(signal);
}

type ClusterCommand = Exclude<Command, { kind: 'help' | 'status' }>;

function wantedBy(command: ClusterCommand): Wanted {
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

function wantedAt({ view, by, source }: Target): Wanted {
  if (view === 'source' && source !== null) return { view, source: { key: source } };
  return view === 'nodes' || view === 'hygiene' ? { view } : { view: 'report', by };
}

/** What a button carries, with the cluster by its name; null where that is no longer watched. */
async function resolved(guest: Guest, value: string, desk: Desk): Promise<Target | null> {
  const target = readTarget(value);
  if (target === null) return null;
  const { names } = await desk.clusters(guest.signal);
  const cluster = names.find((known) => matchesKey(known, target.cluster));
  return cluster === undefined ? null : { ...target, cluster };
}

interface Sought {
  readonly cluster: string;
  readonly wanted: Wanted;
  readonly fresh: boolean;
}

async function showCluster(guest: Guest, { cluster, wanted, fresh }: Sought, input: AnswersInput): Promise<void> {
  const { desk, timing, command } = input;
  const { reply, signal } = guest;
  const nodes = desk.last(cluster)?.report.nodes.length ?? null;
  let answer: Answer;
  try {
    answer = await withProgress({
      afterMs: timing.readingAfter,
      show: () => reply.show(() => readingView({ cluster, nodes })),
      work: desk.report(cluster, { fresh, signal }),
    });
  } catch (error) {
    const problem = input.explained(error, guest);
    const lastReading = lastReadingOf(desk.last(cluster));
    return reply.show(() => problemView(problem, lastReading === null ? {} : { lastReading }));
  }
  await reply.show(renderingOf({ answer, wanted, place: reply.place, command, last: desk.last(cluster) }));
}

async function showLast(guest: Guest, target: Target, { desk, command }: AnswersInput): Promise<void> {
  const { reply } = guest;
  const answer = desk.last(target.cluster);
  const rendering =
    answer === null
      ? () => goneView({ what: 'The last reading', cluster: target.cluster })
      : renderingOf({ answer, wanted: wantedAt(target), place: reply.place, command, last: null });
  await reply.show(rendering);
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

function notShared(error: string): Problem {
  return {
    code: 'not-shared',
    text: `I could not post in this channel (${error}); if Slack was slow to answer, it may have arrived all the same.`,
    remedy: 'Invite me to the channel, then share again.',
  };
}
