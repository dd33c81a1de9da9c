// Alert actions of people: list, acknowledge, show details, end a silence.

import { isOpen } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { findSilences, isAll } from '../../core/alerting/silence-target.ts';
import { clipped } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/commands.ts';
import { isAboutApp } from '../../core/detection/rules.ts';
import type { AlertOverview, Monitor } from '../../core/ports/monitor.ts';
import {
  type BoardPage,
  matchesKey,
  readAccept,
  readEndingAll,
  recordKey,
  recordValue,
} from '../blockkit/action-values.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { Press } from '../requests/decode.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { acceptedView, acceptQuestionView, detailsView } from '../views/alert-details.ts';
import { alertsView } from '../views/alert-list.ts';
import { goneView, problemView, refusalView } from '../views/notices.ts';
import { acknowledgedView, endAllView, silenceChoiceView, unsilencedPhrase } from '../views/silence.ts';
import { subjectOf } from './alert-target.ts';
import type { ShowHome } from './home.ts';
import { NO_WATCH, type ViewDependencies } from './lookup.ts';
import { showReading } from './show-report.ts';

export interface Alerting {
  board(context: RequestContext, cluster: string | null): Promise<void>;
  /** Another page of the list. The cluster is a key. */
  turn(context: RequestContext, page: BoardPage): Promise<void>;
  unsilence(context: RequestContext, command: Command<'unsilence'>): Promise<void>;
  /** A press on a silence's button. */
  endSilence(context: RequestContext, press: Press): Promise<void>;
  /** A press on the button that ends all silences. */
  endAll(context: RequestContext, press: Press): Promise<void>;
  acknowledge(context: RequestContext, press: Press): Promise<void>;
  details(context: RequestContext, press: Press): Promise<void>;
  /** "This is normal now": the alert resolves, and its level becomes the usual. */
  /** Asks whether the level of an alert is normal. */
  askToAccept(context: RequestContext, key: string): Promise<void>;
  accept(context: RequestContext, press: Press): Promise<void>;
}

export const ALERT_GONE = { what: 'The alert of this message', cluster: null };

export function createAlerting(
  input: ViewDependencies & { readonly now: () => Date; readonly showHome: ShowHome },
): Alerting {
  const { reports, command } = input;

  const showBoard = (
    context: RequestContext,
    shown: { board: AlertOverview; cluster: string | null; notice: Phrase | null; page?: number },
  ) => context.reply.show((tables) => alertsView({ ...shown, tables, place: context.reply.place }));
  const ended = async (context: RequestContext, monitor: Monitor, silences: readonly Silence[]) => {
    const { signal, request } = context;
    await monitor.unsilence({ silences: silences.map(({ id }) => id), by: request.user, signal });
    const board = await monitor.board(signal);
    const standing = board.silences.filter(({ id }) => silences.every((one) => one.id !== id));
    const notice = unsilencedPhrase({
      ended: silences,
      standing,
      reader: { user: request.user, place: context.reply.place },
    });
    await showBoard(context, { board: { ...board, silences: standing }, cluster: null, notice });
  };

  return {
    async board(context, cluster) {
      const { monitor } = reports;
      if (monitor === null) return context.reply.show(() => problemView(NO_WATCH));
      await showBoard(context, { board: await monitor.board(context.signal), cluster, notice: null });
    },

    async turn(context, { cluster: key, page }) {
      const { monitor } = reports;
      if (monitor === null) return context.reply.show(() => problemView(NO_WATCH));
      const board = await monitor.board(context.signal);
      const one = board.alerts.find(({ cluster }) => key !== null && matchesKey(cluster, key));
      await showBoard(context, { board, cluster: one?.cluster ?? null, notice: null, page });
    },

    async unsilence(context, { target, cluster }) {
      const { monitor } = reports;
      const { reply } = context;
      if (monitor === null) return reply.show(() => problemView(NO_WATCH));
      const { acting } = context;
      if (!acting.allowed) return reply.show(() => refusalView(acting));
      const { silences } = await monitor.board(context.signal);
      if (target === null) {
        const here = silences.filter((one) => cluster === null || one.cluster === null || one.cluster === cluster);
        if (here.length === 0) return reply.show(() => problemView(noSilence(cluster)));
        return reply.show(() => silenceChoiceView({ text: null, silences: here, place: reply.place }));
      }
      if (isAll(target)) {
        const here = silences.filter((one) => cluster === null || one.cluster === cluster);
        if (here.length === 0) return reply.show(() => problemView(noSilence(cluster)));
        const asked = input.now().getTime();
        return reply.show(() => endAllView({ silences: here, cluster, asked, place: reply.place }));
      }
      const match = findSilences(target, silences, cluster);
      if (match.kind === 'none') return reply.show(() => problemView(notSilenced(target, match.nearest, silences)));
      if (match.kind === 'several') {
        const { silences: several } = match;
        return reply.show(() => silenceChoiceView({ text: target, silences: several, place: reply.place }));
      }
      await ended(context, monitor, match.silences);
    },

    async endSilence(context, { value }) {
      const { monitor } = reports;
      if (monitor === null) return context.reply.show(() => problemView(NO_WATCH));
      const { acting } = context;
      if (!acting.allowed) return context.reply.aside(() => refusalView(acting));
      const board = await monitor.board(context.signal);
      const silence = board.silences.find(({ id }) => recordValue(id) === value || recordKey(id) === value);
      if (silence === undefined)
        return showBoard(context, { board, cluster: null, notice: ['This silence has ended already.'] });
      await ended(context, monitor, [silence]);
    },

    async endAll(context, { value }) {
      const { monitor } = reports;
      if (monitor === null) return context.reply.show(() => problemView(NO_WATCH));
      const { acting } = context;
      if (!acting.allowed) return context.reply.aside(() => refusalView(acting));
      const all = readEndingAll(value);
      const { silences } = await monitor.board(context.signal);
      const meant = silences.filter(({ cluster, at }) => {
        if (all === null || at > all.asked) return false;
        return all.cluster === null || (cluster !== null && matchesKey(cluster, all.cluster));
      });
      if (meant.length === 0) return context.reply.show(() => problemView(noSilence(null)));
      await ended(context, monitor, meant);
    },

    async acknowledge(context, { value }) {
      const { monitor } = reports;
      const { reply, signal, acting } = context;
      if (monitor === null) return reply.aside(() => problemView(NO_WATCH));
      if (!acting.allowed) return reply.aside(() => refusalView(acting));
      const subject = await subjectOf(value, monitor, { reports, signal });
      if (subject === null) return reply.aside(() => goneView(ALERT_GONE));
      const firing = subject.alerts.filter(({ state }) => state === 'firing');
      const before = subject.alerts.filter(({ state }) => state !== 'firing');
      const ids = firing.map(({ id }) => id);
      const now = ids.length === 0 ? [] : await monitor.acknowledge({ alerts: ids, by: context.request.user, signal });
      const done = now.filter(({ state }) => state === 'acknowledged');
      const others = now.filter(({ state }) => state !== 'acknowledged');
      // App Home has no place for a second message: the overview shows the result.
      if (context.request.origin.kind === 'home') return input.showHome(context, { fresh: false });
      await reply.aside(() => acknowledgedView({ done, before: [...others, ...before] }));
    },

    async details(context, { value }) {
      const { monitor } = reports;
      const { reply, signal } = context;
      if (monitor === null) return reply.show(() => problemView(NO_WATCH));
      const subject = await subjectOf(value, monitor, { reports, signal });
      const [alert] = subject?.alerts ?? [];
      if (alert === undefined) return reply.show(() => goneView(ALERT_GONE));
      const { cluster, node, evidence } = alert;
      const source = isAboutApp(alert.rule) ? null : alert.source;
      if (evidence !== null)
        return reply.show((tables) => detailsView({ alert, evidence, command, tables, place: reply.place }));
      const fresh = false;
      if (source !== null)
        return showReading(context, { view: 'source', cluster, source: { id: source }, fresh }, input);
      if (node !== null) return showReading(context, { view: 'nodes', cluster, fresh }, input);
      return showReading(context, { view: 'report', cluster, by: 'source', fresh }, input);
    },

    async askToAccept(context, key) {
      const { monitor } = reports;
      const { reply, signal, acting } = context;
      if (monitor === null) return reply.aside(() => problemView(NO_WATCH));
      if (!acting.allowed) return reply.aside(() => refusalView(acting));
      const [alert] = (await subjectOf(key, monitor, { reports, signal }))?.alerts.filter(isOpen) ?? [];
      await reply.aside(() => (alert === undefined ? goneView(ALERT_GONE) : acceptQuestionView(alert)));
    },

    async accept(context, { value }) {
      const { monitor } = reports;
      const { reply, signal, acting } = context;
      if (monitor === null) return reply.show(() => problemView(NO_WATCH));
      if (!acting.allowed) return reply.show(() => refusalView(acting));
      const subject = await subjectOf(readAccept(value) ?? '', monitor, { reports, signal });
      if (subject === null) return reply.show(() => goneView(ALERT_GONE));
      const ids = subject.alerts.filter(isOpen).map(({ id }) => id);
      const now = ids.length === 0 ? [] : await monitor.accept({ alerts: ids, by: context.request.user, signal });
      const done = now.filter((alert) => !isOpen(alert));
      await reply.show(() => acceptedView({ done, before: done.length > 0 ? [] : subject.alerts }));
    },
  };
}

function noSilence(cluster: string | null): Problem {
  const where = cluster === null ? '' : ` in ${cluster}`;
  return { code: 'not-silenced', text: `No silence is in force${where}.`, remedy: 'There is nothing to end.' };
}

function notSilenced(target: string, near: string | null, silences: readonly Silence[]): Problem {
  const named = [...new Set(silences.map(({ who }) => who))].slice(0, 5);
  const all = named.length === 0 ? 'Nothing is silenced now.' : `Silenced now: ${named.join(', ')}.`;
  return {
    code: 'not-silenced',
    text: `No silence of "${clipped(target)}" is in force.`,
    remedy: near === null ? all : `Did you mean "${near}"?`,
  };
}
