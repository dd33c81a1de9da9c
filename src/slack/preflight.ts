// Before the bot takes its first command: whose token it is, and what it lacks. Only a wrong token is fatal.

import type { WebClient } from '@slack/web-api';
import type { Readers } from '../core/permission.ts';
import type { Problem } from '../core/problem.ts';
import { UpstreamError } from '../errors.ts';
import { channelFacts, type Identity, identityOf } from './decode.ts';
import { isTokenGone, slackErrorCode, tokenProblem } from './slack-error.ts';

interface Scope {
  readonly name: string;
  /** What does not work without it. */
  readonly without: string;
}

/** The manifest's oauth_config.scopes.bot. */
export const SCOPES: readonly Scope[] = [
  { name: 'commands', without: 'the slash command does not exist' },
  { name: 'chat:write', without: 'Share and answers in threads fail' },
  { name: 'app_mentions:read', without: 'mentions in channels and threads are not heard' },
  { name: 'im:history', without: 'direct messages are not heard' },
  { name: 'users:read', without: 'nobody can be told from a guest, so nobody gets an answer' },
];

/** oauth_config.scopes.bot_optional, with what makes each of them needed. */
export const OPTIONAL_SCOPES: readonly (Scope & { readonly isNeeded: (readers: Readers) => boolean })[] = [
  {
    name: 'channels:read',
    without: 'it is unknown which public channels are shared with other organisations, so Share is refused',
    isNeeded: () => true,
  },
  {
    name: 'groups:read',
    without: 'it is unknown which private channels are shared with other organisations, so Share is refused there',
    isNeeded: () => true,
  },
  {
    name: 'usergroups:read',
    without: 'the configured user groups let nobody in',
    isNeeded: ({ groups }) => groups.length > 0,
  },
];

/** @throws UpstreamError when Slack refuses the bot token or cannot be reached */
export async function identify(client: WebClient): Promise<Identity> {
  try {
    return identityOf(await client.auth.test());
  } catch (cause) {
    const code = slackErrorCode(cause);
    if (isTokenGone(code)) throw new UpstreamError(tokenProblem('SLACK_BOT_TOKEN', code), { cause });
    throw new UpstreamError(unreachableProblem(code), { cause });
  }
}

export function unreachableProblem(code: string): Problem {
  return {
    code: 'slack-unreachable',
    text: `Slack did not answer as expected (${code}).`,
    remedy: 'Check that this machine reaches slack.com, or SLACK_API_URL where it is set.',
  };
}

/** What is missing beside the token. Never rejects. */
export async function lacks(input: {
  readonly client: WebClient;
  readonly identity: Identity;
  readonly readers: Readers;
}): Promise<readonly Problem[]> {
  const { client, identity, readers } = input;
  const [channels, groups] = await Promise.all([
    Promise.all(readers.channels.map((channel) => channelProblem(client, channel))),
    Promise.all(readers.groups.map((group) => groupProblem(client, group))),
  ]);
  return [...scopeProblems(identity, readers), ...channels, ...groups].filter((problem) => problem !== null);
}

function scopeProblems({ scopes, teamName }: Identity, readers: Readers): readonly Problem[] {
  if (scopes === null) return [];
  const problem = ({ name, without }: Scope, list: 'bot' | 'bot_optional'): Problem => ({
    code: 'slack-scope',
    text: `The app in ${teamName} lacks the scope ${name}: ${without}.`,
    remedy: `Add ${name} under oauth_config.scopes.${list} in the app's manifest, then reinstall the app.`,
  });
  const isMissing = ({ name }: Scope) => !scopes.includes(name);
  return [
    ...SCOPES.filter(isMissing).map((scope) => problem(scope, 'bot')),
    ...OPTIONAL_SCOPES.filter((scope) => isMissing(scope) && scope.isNeeded(readers)).map((scope) =>
      problem(scope, 'bot_optional'),
    ),
  ];
}

async function channelProblem(client: WebClient, channel: string): Promise<Problem | null> {
  try {
    const { name, isMember, isArchived } = channelFacts(await client.conversations.info({ channel }));
    const called = name === null ? channel : `#${name} (${channel})`;
    if (isArchived) {
      return { code: 'slack-channel', text: `The channel ${called} is archived.`, remedy: 'Name another one.' };
    }
    return isMember === false ? notMember(called) : null;
  } catch (error) {
    const code = slackErrorCode(error);
    // Said once, with the scopes.
    if (code === 'missing_scope') return null;
    return code === 'channel_not_found' ? notMember(channel) : unchecked('channel', channel, code);
  }
}

function notMember(channel: string): Problem {
  return {
    code: 'slack-channel',
    text: `The app is not in the channel ${channel}: mentions there are not heard.`,
    remedy:
      'Write "/invite @atlas-conns" in it, by the name the app has there; check the id where there is no such channel.',
  };
}

async function groupProblem(client: WebClient, usergroup: string): Promise<Problem | null> {
  try {
    await client.usergroups.users.list({ usergroup });
    return null;
  } catch (error) {
    const code = slackErrorCode(error);
    if (code === 'missing_scope') return null;
    if (code !== 'no_such_subteam') return unchecked('user group', usergroup, code);
    return {
      code: 'slack-group',
      text: `There is no user group ${usergroup}, which is to read connections.`,
      remedy: 'Set slack.read.groups to ids of user groups, S….',
    };
  }
}

function unchecked(what: string, id: string, code: string): Problem {
  return {
    code: 'slack-unchecked',
    text: `Slack did not tell about the ${what} ${id} (${code}).`,
    remedy: 'It is asked for again when it is needed.',
  };
}
