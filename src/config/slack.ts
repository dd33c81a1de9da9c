// Slack's part of the settings.

import type { Readers } from '../core/base/permissions.ts';
import type { Problem } from '../core/base/problem.ts';
import type { SlackTransport } from '../core/ports/slack.ts';
import type { FileSettings, Need } from './file.ts';
import type { Remarks } from './issues.ts';
import type { Values } from './variables.ts';

export interface SlackConfig {
  /** Whether any Slack setting is present, in the environment or in the file. */
  readonly isSet: boolean;
  /** Null if Slack is not needed, or a setting is missing. */
  readonly transport: SlackTransport | null;
  /** Missing settings of a partly configured Slack, if the command needs them but can start without them. */
  readonly missing: readonly Problem[];
  readonly apiUrl: string | null;
  readonly command: string;
  readonly read: Readers;
  readonly act: Readers;
}

/** Settings are required only if the command uses Slack. */
export function slackConfig(input: {
  readonly settings: FileSettings['slack'];
  readonly values: Values;
  readonly needs: readonly Need[];
  readonly remarks: Remarks;
}): SlackConfig {
  const { settings, values, needs, remarks } = input;
  const isSet = settings !== undefined || VARIABLES_OF_SLACK.some((name) => values[name] !== undefined);
  const missing: Problem[] = [];
  const isNeeded = needs.includes('slack');
  const isAsked = isNeeded || (isSet && needs.includes('slack-if-set'));
  return {
    isSet,
    transport: isAsked ? transportOf(values, isNeeded ? remarks.problems : missing) : null,
    missing,
    apiUrl: values.SLACK_API_URL ?? null,
    command: settings?.command ?? '/atlas-conns',
    read: peopleOf(settings?.read),
    act: peopleOf(settings?.act),
  };
}

/** Does not read `PORT`: many platforms set it for any program. */
const VARIABLES_OF_SLACK = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_ALERT_CHANNEL',
  'SLACK_API_URL',
] as const satisfies readonly (keyof Values)[];

function peopleOf(given: NonNullable<FileSettings['slack']>['read']): Readers {
  return { users: given?.users ?? [], groups: given?.groups ?? [], channels: given?.channels ?? [] };
}

function transportOf(values: Values, problems: Problem[]): SlackTransport | null {
  const {
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_SIGNING_SECRET: signingSecret,
    PORT,
    HOST: host,
  } = values;
  const missing = (name: string, remedy: string) =>
    problems.push({ code: 'setting', text: `${name} is missing.`, remedy });
  if (botToken === undefined) missing('SLACK_BOT_TOKEN', 'Set it to the Bot User OAuth Token, xoxb-….');
  if (appToken === undefined && signingSecret === undefined && PORT === undefined)
    missing('SLACK_APP_TOKEN', 'Set it for Socket Mode; or SLACK_SIGNING_SECRET and PORT for HTTP.');
  else if (appToken === undefined && signingSecret === undefined)
    missing('SLACK_SIGNING_SECRET', 'PORT is set: set both, or SLACK_APP_TOKEN.');
  else if (appToken === undefined && PORT === undefined)
    missing('PORT', 'SLACK_SIGNING_SECRET is set: set both, or SLACK_APP_TOKEN.');
  if (botToken === undefined) return null;
  if (appToken !== undefined) return { kind: 'socket', botToken, appToken };
  if (signingSecret === undefined || PORT === undefined) return null;
  return { kind: 'http', botToken, signingSecret, port: Number(PORT), ...(host !== undefined && { host }) };
}
