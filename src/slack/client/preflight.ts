// Checks at the start: the token's identity and missing permissions. Only a wrong token is fatal.

import { WebAPIRequestError, type WebClient } from '@slack/web-api';
import type { RoutingSettings } from '../../core/alerting/routing.ts';
import type { Readers } from '../../core/base/permissions.ts';
import type { Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { type ChannelFacts, channelFacts, type Identity, identityOf } from './decode.ts';
import { isTokenGone, NOT_SLACK, slackErrorCode, tokenProblem } from './errors.ts';

interface Scope {
  readonly name: string;
  /** The function that fails without the scope. */
  readonly without: string;
}

/**
 * The manifest's oauth_config.scopes.bot.
 * @internal
 */
export const SCOPES: readonly Scope[] = [
  { name: 'commands', without: 'the slash command does not exist' },
  { name: 'chat:write', without: 'alerts, Share and answers in threads fail' },
  { name: 'app_mentions:read', without: 'mentions in channels and threads are not heard' },
  { name: 'im:history', without: 'direct messages are not heard' },
  { name: 'users:read', without: 'guests cannot be recognised, so every request is refused' },
];

const RECOVERY = 'an alert whose post Slack did not answer is posted again without looking, perhaps twice';

/**
 * oauth_config.scopes.bot_optional, each with its condition.
 * @internal
 */
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
    without: 'members of the configured user groups are refused',
    isNeeded: ({ groups }) => groups.length > 0,
  },
  // No required function needs it: see `cannotRecover`.
  { name: 'channels:history', without: RECOVERY, isNeeded: () => false },
  { name: 'groups:history', without: RECOVERY, isNeeded: () => false },
];

/** @throws UpstreamError when Slack refuses the bot token or cannot be reached */
export async function identify(client: WebClient): Promise<Identity> {
  try {
    return identityOf(await client.auth.test());
  } catch (cause) {
    const code = slackErrorCode(cause);
    if (isTokenGone(code)) throw new UpstreamError(tokenProblem('SLACK_BOT_TOKEN', code), { cause });
    throw new UpstreamError(unreachableProblem(code, cause), { cause });
  }
}

export function unreachableProblem(code: string, error: unknown = null): Problem {
  // A proxy's problem already explains why Slack cannot be reached.
  const onTheWay = problemIn(error);
  if (onTheWay !== null) return { ...onTheWay, code: 'slack-unreachable' };
  if (code === NOT_SLACK) {
    return {
      code: 'slack-unreachable',
      text: "What answered in Slack's place is not Slack.",
      remedy: 'Look for a proxy, a firewall or a login page between this machine and slack.com, or see SLACK_API_URL.',
    };
  }
  return {
    code: 'slack-unreachable',
    text: `Slack did not answer as expected (${code}).`,
    remedy: 'Check that this machine reaches slack.com, or SLACK_API_URL where it is set.',
  };
}

function problemIn(error: unknown): Problem | null {
  if (error instanceof UpstreamError) return error.problem;
  if (error instanceof WebAPIRequestError) return problemIn(error.original);
  return error instanceof Error ? problemIn(error.cause) : null;
}

/** Everything that is missing except the token. Never rejects. */
export async function lacks(input: {
  readonly client: WebClient;
  readonly identity: Identity;
  /** The lists of readers and actors. */
  readonly lists: readonly Readers[];
  /** Ids of the alert channels. */
  readonly alerts?: readonly string[];
}): Promise<readonly Problem[]> {
  const { client, identity, alerts = [] } = input;
  const readers = joined(input.lists);
  const [channels, groups, forAlerts] = await Promise.all([
    Promise.all(readers.channels.map((channel) => channelProblem(client, channel))),
    Promise.all(readers.groups.map((group) => groupProblem(client, group))),
    alertTroubles(client, alerts),
  ]);
  const all = [...scopeProblems(identity, readers), ...channels, ...groups, ...forAlerts.map(({ problem }) => problem)];
  return all.filter((problem) => problem !== null);
}

function joined(lists: readonly Readers[]): Readers {
  const all = (of: (list: Readers) => readonly string[]) => [...new Set(lists.flatMap(of))];
  return {
    users: all(({ users }) => users),
    groups: all(({ groups }) => groups),
    channels: all(({ channels }) => channels),
  };
}

function scopeProblems(identity: Identity, readers: Readers): readonly Problem[] {
  const isMissing = ({ name }: Scope) => identity.scopes?.includes(name) === false;
  return [
    ...SCOPES.filter(isMissing).map((scope) => scopeProblem(identity, scope, 'bot')),
    ...OPTIONAL_SCOPES.filter((scope) => isMissing(scope) && scope.isNeeded(readers)).map((scope) =>
      scopeProblem(identity, scope, 'bot_optional'),
    ),
  ];
}

function scopeProblem({ teamName }: Identity, { name, without }: Scope, list: 'bot' | 'bot_optional'): Problem {
  return {
    code: 'slack-scope',
    text: `The app in ${teamName} lacks the scope ${name}: ${without}.`,
    remedy: `Add ${name} under oauth_config.scopes.${list} in the app's manifest, then reinstall the app.`,
  };
}

/** Good to know, but not a fault: many workspaces do not want their messages read. Null when the scope is granted. */
export function cannotRecover(identity: Identity): Problem | null {
  const scope = OPTIONAL_SCOPES.find(({ name }) => name === 'channels:history');
  if (scope === undefined || identity.scopes?.includes(scope.name) !== false) return null;
  return scopeProblem(identity, scope, 'bot_optional');
}

/** Why a channel cannot get alerts. `code` null: Slack did not answer this time. */
export interface AlertTrouble {
  readonly channel: string;
  readonly code: string | null;
  readonly problem: Problem;
}

/** Problems of the alert channels. Never rejects. */
export async function alertTroubles(client: WebClient, channels: readonly string[]): Promise<readonly AlertTrouble[]> {
  // The bot cannot be removed from a direct message.
  const asked = channels.filter((channel) => /^[CG]/.test(channel));
  const troubles = await Promise.all(asked.map((channel) => alertTrouble(client, channel)));
  return troubles.filter((trouble) => trouble !== null);
}

async function alertTrouble(client: WebClient, channel: string): Promise<AlertTrouble | null> {
  try {
    const facts = channelFacts(await client.conversations.info({ channel }));
    const code = troubleOf(facts);
    const called = facts.name === null ? channel : `#${facts.name} (${channel})`;
    return code === null ? null : { channel, code, problem: alertChannelProblem(channel, code, called) };
  } catch (error) {
    const code = slackErrorCode(error);
    // The missing scope is reported once, with the scopes.
    if (code === 'missing_scope') return null;
    if (code === 'channel_not_found') return { channel, code, problem: alertChannelProblem(channel, code) };
    return { channel, code: null, problem: unchecked('channel', channel, code) };
  }
}

function troubleOf({ isArchived, isShared, isMember }: ChannelFacts): string | null {
  if (isArchived) return 'is_archived';
  if (isShared === true) return SHARED;
  return isMember === false ? 'not_in_channel' : null;
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
    // The missing scope is reported once, with the scopes.
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

/** Ids without duplicates. */
export function alertChannels({ channel, critical, routes }: RoutingSettings): readonly string[] {
  const all = [channel, critical.channel, ...routes.map((route) => route.channel)];
  return [...new Set(all.filter((one) => one !== null))];
}

/** Our own code for a channel that is shared with other organisations. */
export const SHARED = 'shared_channel';

const ABSENT: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found']);

/** @param code Slack's, or `SHARED` */
export function alertChannelProblem(channel: string, code: string, name = channel): Problem {
  const said = (text: string, remedy: string): Problem => ({ code: 'slack-alert-channel', text, remedy });
  if (ABSENT.has(code))
    return said(
      `Alerts cannot be posted in ${name}: the app is not in it, or there is no such channel (${code}).`,
      `Write "/invite @atlas-conns" in it, by the name the app has there; or name another channel than ${channel}.`,
    );
  if (code === 'is_archived')
    return said(`Alerts cannot be posted in ${name}: it is archived.`, 'Unarchive it, or name another channel.');
  if (code === SHARED)
    return said(
      `Alerts are not posted in ${name}: it is shared with another organisation.`,
      'Name a channel of this workspace alone.',
    );
  return said(
    `Alerts cannot be posted in ${name}: Slack refuses them (${code}).`,
    "Check the channel's settings and the scopes of the app.",
  );
}
