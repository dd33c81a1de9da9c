// Alerts as people handle them: the list, acknowledging, details, and the end of a silence.

import { findSilences, type Silence } from '../../core/alerting/silence.ts';
import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/commands.ts';
import type { AlertOverview, Monitor } from '../../core/ports/monitor.ts';
import { recordKey, recordValue } from '../blockkit/action-values.ts';
import { bold, type Phrase } from '../blockkit/rich-text.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import type { Press } from '../requests/request.ts';
import { alertsView } from '../views/alert-list.ts';
import { goneView, problemView, refusalView } from '../views/notices.ts';
import { acknowledgedView, silenceChoiceView } from '../views/silence.ts';
import { subjectOf } from './alert-target.ts';
import type { ShowHome } from './home.ts';
import type { ViewDependencies } from './report-context.ts';
import { NO_WATCH } from './show-history.ts';
import { showCluster } from './show-report.ts';

export interface Alerting {
  board(guest: RequestContext, cluster: string | null): Promise<void>;
  unsilence(guest: RequestContext, command: Command<'unsilence'>): Promise<void>;
  /** A press on a silence's button. */
  endSilence(guest: RequestContext, press: Press): Promise<void>;
  acknowledge(guest: RequestContext, press: Press): Promise<void>;
  details(guest: RequestContext, press: Press): Promise<void>;
}

export const ALERT_GONE = { what: 'The alert of this message', cluster: null };

export function createAlerting(input: ViewDependencies & { readonly showHome: ShowHome }): Alerting {
  const { reports } = input;

  const showBoard = (
    guest: RequestContext,
    shown: { board: AlertOverview; cluster: string | null; notice: Phrase | null },
  ) => guest.reply.show((tables) => alertsView({ ...shown, tables, place: guest.reply.place }));
  const ended = async (guest: RequestContext, monitor: Monitor, silences: readonly Silence[]) => {
    const { signal, visit } = guest;
    await monitor.unsilence({ silences: silences.map(({ id }) => id), by: visit.user, signal });
    const names = [...new Set(silences.map(({ who }) => who))].flatMap((who, index) => [
      index === 0 ? '' : ', ',
      bold(who),
    ]);
    const notice: Phrase = ['No longer silenced: ', ...names, '.'];
    await showBoard(guest, { board: await monitor.board(signal), cluster: null, notice });
  };

  return {
    async board(guest, cluster) {
      const { monitor } = reports;
      if (monitor === null) return guest.reply.show(() => problemView(NO_WATCH));
      await showBoard(guest, { board: await monitor.board(guest.signal), cluster, notice: null });
    },

    async unsilence(guest, { target, cluster }) {
      const { monitor } = reports;
      const { reply } = guest;
      if (monitor === null) return reply.show(() => problemView(NO_WATCH));
      const { acting } = guest;
      if (!acting.allowed) return reply.show(() => refusalView(acting));
      const { silences } = await monitor.board(guest.signal);
      if (target === null) {
        const here = silences.filter((one) => cluster === null || one.cluster === null || one.cluster === cluster);
        return reply.show(() => (here.length === 0 ? problemView(noSilence(cluster)) : silenceChoiceView(null, here)));
      }
      const match = findSilences(target, silences, cluster);
      if (match.kind === 'none') return reply.show(() => problemView(notSilenced(target, match.nearest, silences)));
      if (match.kind === 'several') return reply.show(() => silenceChoiceView(target, match.silences));
      await ended(guest, monitor, match.silences);
    },

    async endSilence(guest, { value }) {
      const { monitor } = reports;
      if (monitor === null) return guest.reply.show(() => problemView(NO_WATCH));
      const { acting } = guest;
      if (!acting.allowed) return guest.reply.aside(() => refusalView(acting));
      const board = await monitor.board(guest.signal);
      const silence = board.silences.find(({ id }) => recordValue(id) === value || recordKey(id) === value);
      if (silence === undefined)
        return showBoard(guest, { board, cluster: null, notice: ['This silence has ended already.'] });
      await ended(guest, monitor, [silence]);
    },

    async acknowledge(guest, { value }) {
      const { monitor } = reports;
      const { reply, signal, acting } = guest;
      if (monitor === null) return reply.aside(() => problemView(NO_WATCH));
      if (!acting.allowed) return reply.aside(() => refusalView(acting));
      const subject = await subjectOf(value, monitor, { reports, signal });
      if (subject === null) return reply.aside(() => goneView(ALERT_GONE));
      const firing = subject.alerts.filter(({ state }) => state === 'firing');
      const before = subject.alerts.filter(({ state }) => state !== 'firing');
      const ids = firing.map(({ id }) => id);
      const now = ids.length === 0 ? [] : await monitor.acknowledge({ alerts: ids, by: guest.visit.user, signal });
      const done = now.filter(({ state }) => state === 'acknowledged');
      const others = now.filter(({ state }) => state !== 'acknowledged');
      // In App Home nothing stands beside what is shown: there the overview says it.
      if (guest.visit.way.kind === 'home') return input.showHome(guest, { fresh: false });
      await reply.aside(() => acknowledgedView({ done, before: [...others, ...before] }));
    },

    async details(guest, { value }) {
      const { monitor } = reports;
      if (monitor === null) return guest.reply.show(() => problemView(NO_WATCH));
      const subject = await subjectOf(value, monitor, { reports, signal: guest.signal });
      const [alert] = subject?.alerts ?? [];
      if (alert === undefined) return guest.reply.show(() => goneView(ALERT_GONE));
      const { cluster, source, node } = alert;
      const part = node === null ? ({ view: 'report', by: 'source' } as const) : ({ view: 'nodes' } as const);
      const wanted = source === null ? part : ({ view: 'source', source: { id: source } } as const);
      await showCluster(guest, { cluster, wanted, fresh: false }, input);
    },
  };
}

function noSilence(cluster: string | null): Problem {
  const where = cluster === null ? '' : ` in ${cluster}`;
  return { code: 'not-silenced', text: `No silence is in force${where}.`, remedy: 'There is nothing to end.' };
}

function notSilenced(target: string, near: string | null, silences: readonly Silence[]): Problem {
  const named = silences.slice(0, 5).map(({ who }) => who);
  const all = named.length === 0 ? 'Nothing is silenced now.' : `Silenced now: ${named.join(', ')}.`;
  return {
    code: 'not-silenced',
    text: `No silence of "${clipped(target)}" is in force.`,
    remedy: near === null ? all : `Did you mean "${near}"?`,
  };
}
