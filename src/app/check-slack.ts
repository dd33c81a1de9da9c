// Use case: what Slack says of the bot's tokens, scopes, channels and user groups, without starting the bot; and whether
// an alert arrives.

import { WebClient } from '@slack/web-api';
import type { RoutingSettings } from '../core/alerting/routing.ts';
import { UpstreamError } from '../errors.ts';
import { alertChannels } from '../slack/alert-channel.ts';
import { isFinal, slackErrorCode, tokenProblem } from '../slack/client/errors.ts';
import { type BotLog, libraryLogger } from '../slack/client/log.ts';
import { cannotRecover, identify, lacks, unreachableProblem } from '../slack/client/preflight.ts';
import type { SlackSettings } from '../slack/client/settings.ts';
import { clientOptions, createWebClients } from '../slack/client/web-client.ts';
import { testAlert } from '../slack/notifier/test-alert.ts';
import type { Identity } from '../slack/requests/decode.ts';
import { NO_ALERT_CHANNEL } from './check-watch.ts';
import type { Finding } from './commands/check.ts';

export interface CheckSlackInput {
  readonly settings: SlackSettings;
  readonly routing: RoutingSettings;
  /** Also posts a test alert to every channel that alerts go to, and ends it. */
  readonly alert: boolean;
  readonly now: () => Date;
  readonly log: BotLog;
}

export async function* checkSlack(input: CheckSlackInput): AsyncGenerator<Finding> {
  const { settings, routing, log } = input;
  const clients = createWebClients({ settings, logger: libraryLogger(log) });
  const channels = alertChannels(routing);
  let identity: Identity | null = null;
  try {
    identity = await identify(clients.answers);
    yield { ok: true, what: `Slack: the bot token is one of ${identity.teamName}` };
    const missing = await lacks({
      client: clients.answers,
      identity,
      lists: [settings.read, settings.act],
      alerts: channels,
    });
    for (const problem of missing) yield { ok: false, what: 'Slack', problem };
    if (missing.length === 0) yield { ok: true, what: 'Slack: scopes, channels and user groups' };
    const unread = channels.length === 0 ? null : cannotRecover(identity);
    if (unread !== null) yield { ok: true, what: 'Slack: reading the channels of alerts', problem: unread };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    yield { ok: false, what: 'Slack: the bot token', problem: error.problem };
  }
  yield* checkAppToken(settings, log);
  if (!input.alert || identity === null) return;
  if (channels.length === 0) yield { ok: false, what: 'Slack: a test alert', problem: NO_ALERT_CHANNEL };
  for await (const { what, problem } of testAlert({ ...input, channels, clients }))
    yield problem === null ? { ok: true, what: `Slack: ${what}` } : { ok: false, what: `Slack: ${what}`, problem };
}

async function* checkAppToken(settings: SlackSettings, log: BotLog): AsyncGenerator<Finding> {
  const { transport } = settings;
  if (transport.kind !== 'socket') return;
  try {
    // Asks for the address of a connection and does not open it.
    const options = clientOptions({ settings, logger: libraryLogger(log) }, 2);
    await new WebClient(transport.appToken, options).apps.connections.open();
    yield { ok: true, what: 'Slack: the app token opens Socket Mode' };
  } catch (error) {
    const code = slackErrorCode(error);
    const problem = isFinal(error) ? tokenProblem('SLACK_APP_TOKEN', code) : unreachableProblem(code, error);
    yield { ok: false, what: 'Slack: the app token', problem };
  }
}
