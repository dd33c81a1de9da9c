// Creates silences: by command, by a choice of several targets, and by the form of a button.

import type { WebClient } from '@slack/web-api';
import type { Alert } from '../../core/alerting/alert.ts';
import { concerns, type Silence, silenceUntil } from '../../core/alerting/silence.ts';
import {
  findSilenceTarget,
  isWholeCluster,
  type KnownCluster,
  type SilenceTarget,
} from '../../core/alerting/silence-target.ts';
import { parseDuration } from '../../core/base/duration.ts';
import { clipped, span } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Command } from '../../core/commands/commands.ts';
import { LONG_REASON, LONGEST_REASON } from '../../core/commands/silence.ts';
import { holdsConnectionString } from '../../core/commands/typed-string.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import { orNull } from '../../core/connections/redaction.ts';
import { appOfSource } from '../../core/pools/look.ts';
import type { AppPools } from '../../core/pools/view.ts';
import type { Monitor, SilenceRequest } from '../../core/ports/monitor.ts';
import type { ReportService } from '../../core/ports/reports.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UpstreamError } from '../../errors.ts';
import { chosenValue, readChosen } from '../blockkit/action-values.ts';
import { FORM, type FormOrigin, type SilenceInput } from '../blockkit/silence-fields.ts';
import { slackErrorCode } from '../client/errors.ts';
import type { Press } from '../requests/decode.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { goneView, problemView, refusalView } from '../views/notices.ts';
import {
  formLines,
  MOST_CHOICES,
  type OfferedTarget,
  partChoiceView,
  silencedView,
  targetChoiceView,
  wholeClusterView,
} from '../views/silence.ts';
import { silenceForm } from '../views/silence-form.ts';
import { type AlertTarget, subjectOf } from './alert-target.ts';
import { ALERT_GONE } from './alerts.ts';
import type { ShowHome } from './home.ts';
import { NO_WATCH, type ViewDependencies } from './lookup.ts';

export interface Silencing {
  command(
    context: RequestContext,
    asked: { readonly command: Command<'silence'>; readonly clusters: readonly string[] },
  ): Promise<void>;
  /** A press on one of several targets. */
  chosen(context: RequestContext, press: Press): Promise<void>;
  /** A submitted form. */
  submitted(context: RequestContext, form: { readonly subject: string; readonly input: SilenceInput }): Promise<void>;
}

interface Terms {
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

export interface SilencingInput extends ViewDependencies {
  readonly now: () => Date;
  readonly showHome: ShowHome;
}

export function createSilencing(input: SilencingInput): Silencing {
  const { reports, now, timeZone } = input;

  /** The monitor, if the person may act. Null after the refusal was shown. */
  const admitted = async (context: RequestContext): Promise<Monitor | null> => {
    const { acting, reply } = context;
    if (reports.monitor === null) await reply.show(() => problemView(NO_WATCH));
    else if (acting.allowed) return reports.monitor;
    else await reply.show(() => refusalView(acting));
    return null;
  };

  const silence = async (
    context: RequestContext,
    monitor: Monitor,
    asked: { targets: readonly SilenceTarget[]; terms: Terms },
  ) => {
    const { signal, request: asker } = context;
    const silences: Silence[] = [];
    // One after the other, because they may change the same records.
    for (const target of asked.targets) {
      const request: SilenceRequest = { ...target, ...asked.terms };
      silences.push(await monitor.silence({ request, by: asker.user, signal }));
    }
    // The overview in App Home lists the silences.
    if (asker.origin.kind === 'home') return input.showHome(context, { fresh: false });
    const { alerts, silences: known } = await monitor.board(signal);
    // Another replica may have read the store before these were written.
    const standing = [...silences, ...known.filter(({ id }) => silences.every((one) => one.id !== id))];
    const muted = alerts.filter((alert) => alert.state === 'silenced' && silences.some((one) => concerns(one, alert)));
    const reader = { user: asker.user, place: context.reply.place };
    await context.reply.show(() => silencedView({ silences, standing, quiet: muted.length, reader }));
  };

  /** Targets whose names fit into a button. */
  const offered = (targets: readonly SilenceTarget[], terms: Terms): readonly OfferedTarget[] =>
    targets.slice(0, MOST_CHOICES).flatMap((target) => {
      const value = chosenValue({ target, ...terms });
      return value === null ? [] : [{ target, value }];
    });

  return {
    async command(context, { command, clusters }) {
      const monitor = await admitted(context);
      if (monitor === null) return;
      const { target: text, cluster: within, hold, reason } = command;
      const end = silenceUntil(command.until, { now: now().getTime(), timeZone });
      if (!end.ok) return context.reply.show(() => problemView(end.problem));
      const terms: Terms = { until: end.until, hold, reason };
      const inScope = clusters.filter((name) => within === null || name === within);
      const [{ alerts }, reporting] = await Promise.all([
        monitor.board(context.signal),
        reportingApps(reports, context),
      ]);
      const known = await Promise.all(
        inScope.map((name) => knownOf(name, { ...input, monitor, alerts, reporting, signal: context.signal })),
      );
      const match = findSilenceTarget(text, { clusters: known, within });
      const length = span(end.until - now().getTime());
      const { reply } = context;
      switch (match.kind) {
        case 'found': {
          const [choice] = isWholeCluster(match.target) ? offered([match.target], terms) : [];
          if (choice !== undefined) return reply.show(() => wholeClusterView({ choice, length }));
          return silence(context, monitor, { targets: [match.target], terms });
        }
        case 'several': {
          const choices = offered(match.targets, terms);
          const more = match.targets.length - choices.length;
          return reply.show(() => targetChoiceView({ text, choices, more, length }));
        }
        case 'part': {
          const { address } = match;
          const [sources, only] = [offered(match.sources, terms), offered(match.only, terms)];
          return reply.show(() => partChoiceView({ address, sources, only, length }));
        }
        case 'none':
          return reply.show(() => problemView(unknownTarget(text, match.nearest, input.command)));
      }
    },

    async chosen(context, { value }) {
      const monitor = await admitted(context);
      if (monitor === null) return;
      const chosen = readChosen(value);
      if (chosen === null) return context.reply.show(() => problemView(EXPIRED));
      const { target, ...terms } = chosen;
      await silence(context, monitor, { targets: [target], terms });
    },

    async submitted(context, { subject: value, input: entered }) {
      const monitor = await admitted(context);
      if (monitor === null) return;
      const end = endOf(entered, now());
      const subject = await subjectOf(value, monitor, { reports, signal: context.signal });
      if (!end.ok) return context.reply.show(() => problemView(end.problem));
      const { hold } = entered;
      const reason = orNull(entered.reason, input.redact);
      const targets = subject === null ? [] : targetsOf(subject, entered);
      await silence(context, monitor, { targets, terms: { until: end.until, reason, hold } });
    },
  };
}

/** A date overrides the duration. */
function endOf({ duration, until }: SilenceInput, now: Date): ReturnType<typeof silenceUntil> {
  const at = now.getTime();
  const length = until === null ? parseDuration(duration ?? '') : until - at;
  return silenceUntil({ for: length ?? 0 }, { now: at, timeZone: null });
}

/** Open alerts, each with its own rule unless all rules were chosen; a source with all of its rules. */
function targetsOf(subject: AlertTarget, { everyRule }: Pick<SilenceInput, 'everyRule'>): readonly SilenceTarget[] {
  if (subject.kind === 'source') {
    const { cluster, id, name } = subject;
    return [{ cluster, source: id, node: null, rule: null, who: name }];
  }
  const targets = subject.alerts
    .filter(({ state }) => state !== 'ended')
    .map(({ cluster, source, node, rule, who }): SilenceTarget => {
      // Without a source and a node, every rule would mean the whole cluster.
      const isWide = everyRule && (source !== null || node !== null);
      return { cluster, source, node, rule: isWide ? null : rule, who };
    });
  const key = ({ cluster, source, node, rule }: SilenceTarget) => JSON.stringify([cluster, source, node, rule]);
  return [...new Map(targets.map((target) => [key(target), target])).values()];
}

async function knownOf(
  name: string,
  {
    reports,
    monitor,
    alerts,
    reporting,
    signal,
  }: Pick<ViewDependencies, 'reports'> & {
    readonly monitor: Monitor;
    readonly alerts: readonly Alert[];
    readonly reporting: readonly AppPools[];
    readonly signal: AbortSignal;
  },
): Promise<KnownCluster> {
  const report = reports.last(name)?.report;
  const short = report === undefined ? (host: string) => host : shortHosts(report);
  const nodes = report?.nodes.map(({ host }) => ({ host, name: short(host) })) ?? [];
  const hosts = new Map(report?.sources.map((source) => [source.id, source.hosts]));
  const known = await monitor.sources(name, signal);
  const sources = known.map((source) => ({ ...source, hosts: hosts.get(source.id) ?? [] }));
  const alerted = alerts.flatMap(({ cluster, source }) => (cluster === name ? (appOfSource(source) ?? []) : []));
  const here = reporting.flatMap(({ app, cluster }) => (cluster === name ? app : []));
  return { name, sources, nodes, apps: [...new Set([...alerted, ...here])] };
}

/** None where no reports are taken, or while they cannot be read. */
async function reportingApps(
  { pools }: Pick<ReportService, 'pools'>,
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<readonly AppPools[]> {
  try {
    return (await pools?.view(signal))?.apps ?? [];
  } catch (error) {
    if (error instanceof UpstreamError) return [];
    throw error;
  }
}

const NO_STRING = 'Everyone can read a reason. Leave the connection string out of it.';

const EXPIRED: Problem = {
  code: 'unknown-choice',
  text: 'This button has expired.',
  remedy: 'Write the command again.',
};

function unknownTarget(typed: string, near: string | null, command: string): Problem {
  return {
    code: 'unknown-target',
    text: `I know no source, node, rule or cluster "${clipped(typed)}".`,
    remedy: near === null ? `"${command} alerts" lists what fires, and the rules.` : `Did you mean "${near}"?`,
  };
}

// The form of a silence. It is opened at once, because a trigger expires after three seconds. Its targets are added
// later.

type Opened = { readonly ok: true; readonly viewId: string } | { readonly ok: false; readonly error: string };

export interface Forms {
  /** Never rejects: Slack's refusal is a result. */
  open(triggerId: string, origin: FormOrigin): Promise<Opened>;
  /** Shows the targets in the open form, or why there are none. */
  explain(context: RequestContext, form: { readonly origin: FormOrigin; readonly opened: Opened }): Promise<void>;
  /** Errors by block; null when there are none. Makes no call, because Slack waits only three seconds. */
  wrong(input: SilenceInput): Record<string, string> | null;
}

export function createForms(input: {
  readonly client: WebClient;
  readonly reports: ReportService;
  readonly now: () => Date;
  readonly log: Log;
}): Forms {
  const { client, reports, now, log } = input;
  return {
    async open(triggerId, origin) {
      try {
        const { view } = await client.views.open({ trigger_id: triggerId, view: silenceForm(origin, []) });
        return view?.id === undefined ? { ok: false, error: 'no_view' } : { ok: true, viewId: view.id };
      } catch (error) {
        return { ok: false, error: slackErrorCode(error) };
      }
    },

    async explain(context, { origin, opened }) {
      const { acting, reply, signal } = context;
      if (!acting.allowed) return reply.show(() => refusalView(acting));
      const { monitor } = reports;
      if (monitor === null) return reply.show(() => problemView(NO_WATCH));
      if (!opened.ok) return reply.show(() => problemView(notOpened(opened.error)));
      const subject = await subjectOf(origin.subject, monitor, { reports, signal });
      const targets = subject === null ? [] : targetsOf(subject, { everyRule: false });
      if (targets.length === 0) return reply.show(() => goneView(ALERT_GONE));
      try {
        await client.views.update({ view_id: opened.viewId, view: silenceForm(origin, formLines(targets)) });
      } catch (error) {
        // The form was sent or closed meanwhile. It works without these lines too.
        log.info({ error: slackErrorCode(error) }, 'silence form not updated');
      }
    },

    wrong(entered) {
      if ((entered.reason ?? '').length > LONGEST_REASON) return { [FORM.reason]: LONG_REASON };
      if (holdsConnectionString(entered.reason ?? '')) return { [FORM.reason]: NO_STRING };
      const end = endOf(entered, now());
      if (end.ok) return null;
      return { [entered.until === null ? FORM.duration : FORM.date]: end.problem.text };
    },
  };
}

function notOpened(error: string): Problem {
  return {
    code: 'form-not-opened',
    text: `Slack did not open the form (${error}).`,
    remedy: 'Press again, or write a silence as a command.',
  };
}
