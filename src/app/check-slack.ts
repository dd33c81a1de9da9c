// Use case: what Slack says of the bot's tokens, scopes, channels and user groups, without starting the bot.

import { WebClient } from '@slack/web-api';
import { UpstreamError } from '../errors.ts';
import { type BotLog, libraryLogger } from '../slack/log.ts';
import { identify, lacks, unreachableProblem } from '../slack/preflight.ts';
import type { SlackSettings } from '../slack/settings.ts';
import { isTokenGone, slackErrorCode, tokenProblem } from '../slack/slack-error.ts';
import { clientOptions, createWebClients } from '../slack/web-client.ts';
import type { Finding } from './check.ts';

export async function* checkSlack(settings: SlackSettings, log: BotLog): AsyncGenerator<Finding> {
  const logger = libraryLogger(log);
  const { answers: client } = createWebClients({ settings, logger });
  try {
    const identity = await identify(client);
    yield { ok: true, what: `Slack: the bot token is one of ${identity.teamName}` };
    const missing = await lacks({ client, identity, readers: settings.read });
    for (const problem of missing) yield { ok: false, what: 'Slack', problem };
    if (missing.length === 0) yield { ok: true, what: 'Slack: scopes, channels and user groups' };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    yield { ok: false, what: 'Slack: the bot token', problem: error.problem };
  }
  const { transport } = settings;
  if (transport.kind !== 'socket') return;
  try {
    // Asks for the address of a connection and does not open it.
    await new WebClient(transport.appToken, clientOptions({ settings, logger }, 2)).apps.connections.open();
    yield { ok: true, what: 'Slack: the app token opens Socket Mode' };
  } catch (error) {
    const code = slackErrorCode(error);
    const problem = isTokenGone(code) ? tokenProblem('SLACK_APP_TOKEN', code) : unreachableProblem(code);
    yield { ok: false, what: 'Slack: the app token', problem };
  }
}
