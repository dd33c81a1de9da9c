// Slack's payloads and answers → our types. Beside incoming.ts, the only file that knows their fields.

import type { BlockAction, SlashCommand } from '@slack/bolt';
import type { AskedIn, Asker } from '../../core/base/permissions.ts';
import { fieldsOf, textOf } from '../blockkit/json.ts';
import {
  FORM,
  FORM_OPTIONS,
  type FormOrigin,
  readOrigin,
  type SilenceInput,
  type Submission,
} from '../blockkit/silence-fields.ts';
import type { Press, Visit } from './request.ts';

const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);

/** Ids of direct messages start with D. */
function channelOf(id: string, isShared: boolean | null = null): AskedIn {
  return id.startsWith('D') ? { id, kind: 'direct', isShared } : { id, kind: 'channel', isShared };
}

const HOME: AskedIn = { id: null, kind: 'home', isShared: null };

export function commandVisit(body: SlashCommand): Visit {
  return {
    id: `command ${body.trigger_id}`,
    user: body.user_id,
    channel: channelOf(body.channel_id),
    way: { kind: 'command', responseUrl: body.response_url },
  };
}

export function clickVisit(body: BlockAction): Visit {
  const { is_ephemeral: isEphemeral, thread_ts: threadTs } = body.container;
  const known = { id: `click ${body.trigger_id}`, user: body.user.id };
  // Neither App Home nor a modal has a response URL.
  if (body.channel === undefined || !body.response_url) return { ...known, channel: HOME, way: { kind: 'home' } };
  const channel = channelOf(body.channel.id);
  return {
    ...known,
    channel,
    way: {
      kind: 'click',
      responseUrl: body.response_url,
      isOwn: isEphemeral === true || channel.kind === 'direct',
      threadTs: textOf(threadTs) ?? textOf(body.message?.['thread_ts']),
    },
  };
}

/** Below an alert's message, which is for all wherever it stands: what is said of it stands beside it. */
export function alertVisit(body: BlockAction): Visit {
  const visit = clickVisit(body);
  const isEphemeral = body.container.is_ephemeral === true;
  return visit.way.kind === 'click' ? { ...visit, way: { ...visit.way, isOwn: isEphemeral } } : visit;
}

/** A click that opened a modal, answered in it. */
export function modalVisit(body: BlockAction, viewId: string): Visit {
  return { ...clickVisit(body), way: { kind: 'modal', viewId } };
}

/** Where the form of a silence was opened, so that what becomes of it can be said there. */
export function originOf(body: BlockAction, subject: string): FormOrigin {
  const { channel, way } = clickVisit(body);
  const click = way.kind === 'click' ? way : null;
  return {
    subject,
    channel: channel.id,
    responseUrl: click?.responseUrl ?? null,
    threadTs: click?.threadTs ?? null,
  };
}

/** A submitted form. Null for what is not ours. */
export function submissionOf(body: unknown): Submission | null {
  const { user, view } = fieldsOf(body);
  const { id, private_metadata: metadata, state } = fieldsOf(view);
  const [person, viewId, origin] = [textOf(fieldsOf(user)['id']), textOf(id), readOrigin(textOf(metadata) ?? '')];
  if (person === null || viewId === null || origin === null) return null;
  const { channel, responseUrl, threadTs } = origin;
  const known = { id: `submission ${viewId}`, user: person };
  const visit: Visit =
    channel === null || responseUrl === null
      ? { ...known, channel: HOME, way: { kind: 'home' } }
      : {
          ...known,
          channel: channelOf(channel),
          way: { kind: 'click', responseUrl, isOwn: false, threadTs },
        };
  return { visit, subject: origin.subject, input: silenceInputOf(fieldsOf(state)['values']) };
}

function silenceInputOf(values: unknown): SilenceInput {
  const field = (name: keyof typeof FORM) => fieldsOf(fieldsOf(fieldsOf(values)[FORM[name]])[FORM[name]]);
  const date = field('date')['selected_date_time'];
  const options = field('options')['selected_options'];
  const chosen = Array.isArray(options) ? options.map((option) => textOf(fieldsOf(option)['value'])) : [];
  return {
    duration: textOf(fieldsOf(field('duration')['selected_option'])['value']),
    until: typeof date === 'number' ? date * 1_000 : null,
    reason: textOf(field('reason')['value'])?.trim() || null,
    hold: chosen.includes(FORM_OPTIONS.hold),
    everyRule: chosen.includes(FORM_OPTIONS.everyRule),
  };
}

export function pressOf(body: BlockAction): Press {
  const [action] = body.actions;
  if (action?.type === 'button') return { actionId: action.action_id, value: action.value ?? '' };
  if (action?.type === 'static_select') return { actionId: action.action_id, value: action.selected_option.value };
  return { actionId: action?.action_id ?? '', value: '' };
}

/** A message to the bot. Null for what no person wrote: bots, edits, joins. */
export function mentionVisit(body: unknown): { readonly visit: Visit; readonly text: string } | null {
  const { event_id: id, is_ext_shared_channel: isShared, event } = fieldsOf(body);
  const { user, channel, ts, thread_ts: threadTs, text, bot_id: bot, subtype } = fieldsOf(event);
  const [person, place, message] = [textOf(user), textOf(channel), textOf(ts)];
  const isWritten = bot === undefined && (subtype === undefined || subtype === 'thread_broadcast');
  if (!isWritten || person === null || place === null || message === null) return null;
  const thread = textOf(threadTs);
  return {
    visit: {
      id: `event ${textOf(id) ?? message}`,
      user: person,
      channel: channelOf(place, flagOf(isShared)),
      way: { kind: 'mention', threadTs: thread ?? message, isInThread: thread !== null },
    },
    text: textOf(text) ?? '',
  };
}

/** Null for the Messages tab, which opens by the same event. */
export function homeVisit(body: unknown): Visit | null {
  const { event_id: id, event } = fieldsOf(body);
  const { user, tab, event_ts: ts } = fieldsOf(event);
  const person = textOf(user);
  if (person === null || tab !== 'home') return null;
  return { id: `event ${textOf(id) ?? `${person} ${String(ts)}`}`, user: person, channel: HOME, way: { kind: 'home' } };
}

/** Whose bot this is. */
export interface Identity {
  readonly team: string;
  readonly teamName: string;
  /** Of an Enterprise organisation; null for a single workspace. */
  readonly enterprise: string | null;
  readonly botUser: string;
  readonly botId: string;
  /** Of the token; null where Slack did not tell. */
  readonly scopes: readonly string[] | null;
}

/** @param answer of auth.test */
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

/** @param answer of users.info */
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
  };
}

/** @param answer of usergroups.users.list */
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

/** @param answer of conversations.info */
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

/** A message as the history of a channel or a thread tells it. */
export interface ToldMessage {
  readonly ts: string;
  readonly bot: string | null;
  /** Of its metadata. */
  readonly event: string | null;
  readonly id: string | null;
}

/** @param answer of conversations.history and conversations.replies */
export function toldMessages(answer: unknown): {
  readonly messages: readonly ToldMessage[];
  readonly cursor: string | null;
} {
  const { messages, response_metadata: more } = fieldsOf(answer);
  const told = (Array.isArray(messages) ? messages : []).flatMap((message): readonly ToldMessage[] => {
    const { ts, bot_id: bot, metadata } = fieldsOf(message);
    const { event_type: event, event_payload: payload } = fieldsOf(metadata);
    const place = textOf(ts);
    return place === null
      ? []
      : [{ ts: place, bot: textOf(bot), event: textOf(event), id: textOf(fieldsOf(payload)['id']) }];
  });
  return { messages: told, cursor: textOf(fieldsOf(more)['next_cursor']) };
}
