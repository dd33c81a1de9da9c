// Silences as people make them: by command, by the choice of one of several, and by the form of a button.

import { isAbout, type Silence } from '../../core/alerting/silence.ts';
import { parseDuration } from '../../core/base/duration.ts';
import type { Problem } from '../../core/base/problem.ts';
import { clipped } from '../../core/clip.ts';
import type { Command } from '../../core/commands/command.ts';
import { shortHosts } from '../../core/connections/node-usage.ts';
import { orNull } from '../../core/connections/redaction.ts';
import type { SilenceRequest, Watching } from '../../core/ports/monitor.ts';
import { silenceUntil } from '../../core/silence-end.ts';
import { findSilenceTarget, type KnownCluster, type SilenceTarget } from '../../core/silence-target.ts';
import type { SilenceInput } from '../blockkit/silence-fields.ts';
import { chosenValue, readChosen } from '../chosen.ts';
import type { Guest } from '../requests/handle-request.ts';
import type { Press } from '../requests/request.ts';
import type { Showing } from '../showing.ts';
import { problemView } from '../views/notices.ts';
import { refusalView } from '../views/refusal.ts';
import { MOST_CHOICES, silencedView, targetChoiceView } from '../views/silence.ts';
import { type Subject, subjectOf } from './alert-target.ts';
import type { ShowHome } from './home.ts';
import { NO_WATCH } from './show-history.ts';

export interface Silencing {
  command(
    guest: Guest,
    asked: { readonly command: Extract<Command, { kind: 'silence' }>; readonly clusters: readonly string[] },
  ): Promise<void>;
  /** A press on one of several targets. */
  chosen(guest: Guest, press: Press): Promise<void>;
  /** A submitted form. */
  submitted(guest: Guest, form: { readonly subject: string; readonly input: SilenceInput }): Promise<void>;
}

interface Terms {
  readonly until: number;
  readonly reason: string | null;
  readonly hold: boolean;
}

export interface SilencingInput extends Showing {
  readonly now: () => Date;
  readonly showHome: ShowHome;
}

export function createSilencing(input: SilencingInput): Silencing {
  const { desk, now, timeZone } = input;

  /** Whoever may not is told so; whoever may gets the watch. */
  const admitted = async (guest: Guest): Promise<Watching | null> => {
    const { acting, reply } = guest;
    if (desk.watching === null) await reply.show(() => problemView(NO_WATCH));
    else if (acting.allowed) return desk.watching;
    else await reply.show(() => refusalView(acting));
    return null;
  };

  const silence = async (
    guest: Guest,
    watching: Watching,
    asked: { targets: readonly SilenceTarget[]; terms: Terms },
  ) => {
    const { signal, visit } = guest;
    const silences: Silence[] = [];
    // One after the other: they may be about the same records.
    for (const target of asked.targets) {
      const request: SilenceRequest = { ...target, ...asked.terms };
      silences.push(await watching.silence({ request, by: visit.user, signal }));
    }
    // In App Home the overview lists them.
    if (visit.way.kind === 'home') return input.showHome(guest, { fresh: false });
    const { alerts } = await watching.board(signal);
    const quiet = alerts.filter((alert) => alert.state === 'silenced' && silences.some((one) => isAbout(one, alert)));
    await guest.reply.show(() => silencedView({ silences, quiet: quiet.length }));
  };

  return {
    async command(guest, { command, clusters }) {
      const watching = await admitted(guest);
      if (watching === null) return;
      const { target: wanted, cluster: within, hold, reason } = command;
      const end = silenceUntil(command.until, { now: now().getTime(), timeZone });
      if (!end.ok) return guest.reply.show(() => problemView(end.problem));
      const terms: Terms = { until: end.until, hold, reason };
      const looked = clusters.filter((name) => within === null || name === within);
      const known = await Promise.all(
        looked.map((name) => knownOf(name, { ...input, watching, signal: guest.signal })),
      );
      const match = findSilenceTarget(wanted, { clusters: known, within });
      switch (match.kind) {
        case 'found':
          return silence(guest, watching, { targets: [match.target], terms });
        case 'several': {
          const choices = match.targets.slice(0, MOST_CHOICES).flatMap((target) => {
            const value = chosenValue({ target, ...terms });
            return value === null ? [] : [{ target, value }];
          });
          const more = match.targets.length - choices.length;
          return guest.reply.show(() => targetChoiceView({ wanted, choices, more }));
        }
        case 'none':
          return guest.reply.show(() => problemView(unknownTarget(wanted, match.nearest, input.command)));
      }
    },

    async chosen(guest, { value }) {
      const watching = await admitted(guest);
      if (watching === null) return;
      const chosen = readChosen(value);
      if (chosen === null) return guest.reply.show(() => problemView(FORGOTTEN));
      const { target, ...terms } = chosen;
      await silence(guest, watching, { targets: [target], terms });
    },

    async submitted(guest, { subject: value, input: entered }) {
      const watching = await admitted(guest);
      if (watching === null) return;
      const end = endOf(entered, now());
      const subject = await subjectOf(value, watching, { desk, signal: guest.signal });
      if (!end.ok) return guest.reply.show(() => problemView(end.problem));
      const { hold } = entered;
      const reason = orNull(entered.reason, input.redact);
      const targets = subject === null ? [] : targetsOf(subject, entered);
      await silence(guest, watching, { targets, terms: { until: end.until, reason, hold } });
    },
  };
}

/** A date takes the place of the duration. */
export function endOf({ duration, until }: SilenceInput, now: Date): ReturnType<typeof silenceUntil> {
  const at = now.getTime();
  const length = until === null ? parseDuration(duration ?? '') : until - at;
  return silenceUntil({ for: length ?? 0 }, { now: at, timeZone: null });
}

/** Open alerts, each with its own rule unless all rules were wanted; a source with all of its rules. */
export function targetsOf(subject: Subject, { everyRule }: Pick<SilenceInput, 'everyRule'>): readonly SilenceTarget[] {
  if (subject.kind === 'source') {
    const { cluster, id, name } = subject;
    return [{ cluster, source: id, node: null, rule: null, who: name }];
  }
  const targets = subject.alerts
    .filter(({ state }) => state !== 'ended')
    .map(({ cluster, source, node, rule, who }): SilenceTarget => {
      // What is about neither a source nor a node would be all of the cluster.
      const isWide = everyRule && (source !== null || node !== null);
      return { cluster, source, node, rule: isWide ? null : rule, who };
    });
  const key = ({ cluster, source, node, rule }: SilenceTarget) => JSON.stringify([cluster, source, node, rule]);
  return [...new Map(targets.map((target) => [key(target), target])).values()];
}

async function knownOf(
  name: string,
  { desk, watching, signal }: Pick<Showing, 'desk'> & { readonly watching: Watching; readonly signal: AbortSignal },
): Promise<KnownCluster> {
  const report = desk.last(name)?.report;
  const short = report === undefined ? (host: string) => host : shortHosts(report);
  const nodes = report?.nodes.map(({ host }) => ({ host, name: short(host) })) ?? [];
  return { name, sources: await watching.sources(name, signal), nodes };
}

const FORGOTTEN: Problem = {
  code: 'unknown-choice',
  text: 'I do not know any more what this button was to silence.',
  remedy: 'Write the command again.',
};

function unknownTarget(wanted: string, near: string | null, command: string): Problem {
  return {
    code: 'unknown-target',
    text: `I know no source, node, rule or cluster "${clipped(wanted)}".`,
    remedy: near === null ? `"${command} alerts" lists what fires, and the rules.` : `Did you mean "${near}"?`,
  };
}
