// Decodes answers of the Web API. A missing value or a value of another type is null.

import { fieldsOf, flagOf, textOf } from '../../core/base/json.ts';
import type { Asker } from '../../core/base/permissions.ts';

export interface Identity {
  readonly team: string;
  readonly teamName: string;
  /** The Enterprise organisation's id; null for a single workspace. */
  readonly enterprise: string | null;
  readonly botUser: string;
  readonly botId: string;
  /** The token's scopes; null when Slack did not report them. */
  readonly scopes: readonly string[] | null;
}

/** @param answer from auth.test */
export function identityOf(answer: unknown): Identity {
  const fields = fieldsOf(answer);
  const { scopes } = fieldsOf(fields['response_metadata']);
  return {
    team: textOf(fields['team_id']) ?? '',
    teamName: textOf(fields['team']) ?? '',
    enterprise: textOf(fields['enterprise_id']),
    botUser: textOf(fields['user_id']) ?? '',
    botId: textOf(fields['bot_id']) ?? '',
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : null,
  };
}

/** @param answer from users.info */
export function askerOf(answer: unknown, { team, enterprise }: Identity): Omit<Asker, 'groups'> {
  const user = fieldsOf(fieldsOf(answer)['user']);
  const { is_restricted: restricted, is_ultra_restricted: singleChannel, deleted, is_bot: bot } = user;
  const ours = textOf(user['team_id']) === team;
  const organisation = textOf(fieldsOf(user['enterprise_user'])['enterprise_id']);
  return {
    id: textOf(user['id']) ?? '',
    isForeign: user['is_stranger'] === true || !(ours || (enterprise !== null && organisation === enterprise)),
    isGuest: flagOf(restricted) === null ? null : restricted === true || singleChannel === true,
    isPerson: deleted !== true && bot !== true,
    timeZone: zoneOf(textOf(user['tz'])),
  };
}

/** Null for a zone that only Slack knows. */
function zoneOf(name: string | null): string | null {
  try {
    return name === null ? null : new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** @param answer from usergroups.users.list */
export function usersIn(answer: unknown): readonly string[] {
  const { users } = fieldsOf(answer);
  return Array.isArray(users) ? users.filter((user) => typeof user === 'string') : [];
}

export interface ChannelFacts {
  readonly name: string | null;
  readonly isShared: boolean | null;
  readonly isMember: boolean | null;
  readonly isArchived: boolean;
}

/** @param answer from conversations.info */
export function channelFacts(answer: unknown): ChannelFacts {
  const channel = fieldsOf(fieldsOf(answer)['channel']);
  const { is_ext_shared: shared, is_pending_ext_shared: pending, is_member: member } = channel;
  return {
    name: textOf(channel['name']),
    isShared: flagOf(shared) === null ? null : shared === true || pending === true,
    isMember: flagOf(member),
    isArchived: channel['is_archived'] === true,
  };
}

/** A message in the history of a channel or a thread. */
export interface PostedMessage {
  readonly ts: string;
  readonly bot: string | null;
  /** The event type of its metadata. */
  readonly event: string | null;
  readonly id: string | null;
}

/** @param answer from conversations.history and conversations.replies */
export function postedMessages(answer: unknown): {
  readonly messages: readonly PostedMessage[];
  readonly cursor: string | null;
} {
  const { messages, response_metadata: more } = fieldsOf(answer);
  const posted = (Array.isArray(messages) ? messages : []).flatMap((message): readonly PostedMessage[] => {
    const { ts, bot_id: bot, metadata } = fieldsOf(message);
    const { event_type: event, event_payload: payload } = fieldsOf(metadata);
    const place = textOf(ts);
    return place === null
      ? []
      : [{ ts: place, bot: textOf(bot), event: textOf(event), id: textOf(fieldsOf(payload)['id']) }];
  });
  return { messages: posted, cursor: textOf(fieldsOf(more)['next_cursor']) };
}
