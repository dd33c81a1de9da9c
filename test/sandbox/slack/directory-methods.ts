// Who and what there is: auth, team, people, user groups, conversations.

import {
  type Answer,
  type Fields,
  isRefusal,
  isTrue,
  type Method,
  type Refusal,
  refuse,
  refuseScope,
  textOf,
  type World,
} from './answer.ts';
import { messageFields } from './chat-methods.ts';
import type { Channel, Message, Person } from './stand-in.ts';
import { BOT, directChannel, isMember, TEAM, type UserGroup, type Workspace } from './workspace.ts';

const KINDS = { public: 'channels', private: 'groups', direct: 'im' } as const;

/** A channel the bot can see, or why it cannot; `right` is `read` or `history`. */
function seen(input: Fields, world: World, right: 'read' | 'history'): Channel | Refusal {
  const { workspace } = world;
  const { scopes } = world.rights;
  const channel = workspace.channels.get(textOf(input['channel']));
  if (channel === undefined) return refuse('channel_not_found');
  const needed = `${KINDS[channel.kind]}:${right}`;
  if (!scopes.has(needed)) return refuseScope(needed, scopes);
  if (!isMember(channel, BOT.user)) {
    if (channel.kind !== 'public') return refuse('channel_not_found');
    if (right === 'history') return refuse('not_in_channel');
  }
  return channel;
}

/** A channel as conversations.info tells it. */
function channelFields(channel: Channel, workspace: Workspace): Fields {
  const isDirect = channel.kind === 'direct';
  return {
    id: channel.id,
    ...(isDirect ? { user: channel.members.find((member) => member !== BOT.user) } : { name: channel.name }),
    is_channel: channel.kind === 'public',
    is_group: false,
    is_im: isDirect,
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_archived: workspace.archived.has(channel.id),
    is_shared: channel.shared === true,
    is_ext_shared: channel.shared === true,
    is_org_shared: false,
    is_member: isMember(channel, BOT.user),
    context_team_id: TEAM.id,
  };
}

/** What stands in the channel itself, the newest first. */
function history(input: Fields, world: World): Answer | Refusal {
  const channel = seen(input, world, 'history');
  if (isRefusal(channel)) return channel;
  const messages = publicIn(channel, world).filter(
    ({ threadTs, broadcast }) => threadTs === null || broadcast === true,
  );
  return told(messages.toReversed(), input);
}

/** A message and what was replied to it, the oldest first. */
function replies(input: Fields, world: World): Answer | Refusal {
  const channel = seen(input, world, 'history');
  if (isRefusal(channel)) return channel;
  const parent = textOf(input['ts']);
  if (world.workspace.message(channel.id, parent) === null) return refuse('thread_not_found');
  return told(
    publicIn(channel, world).filter(({ ts, threadTs }) => ts === parent || threadTs === parent),
    input,
  );
}

function publicIn(channel: Channel, { workspace }: World): readonly Message[] {
  return workspace.messages().filter((message) => message.channel === channel.id && message.ephemeralTo === null);
}

/** A page; its cursor is the number of messages before the next. */
function told(messages: readonly Message[], input: Fields): Answer {
  const [limit, start] = [Number(textOf(input['limit']) || 100), Number(textOf(input['cursor']) || 0)];
  const oldest = textOf(input['oldest']);
  const withMetadata = isTrue(input['include_all_metadata']);
  const wanted = messages.filter(({ ts }) => oldest === '' || Number(ts) > Number(oldest));
  const page = wanted.slice(start, start + limit).map((message) => {
    const { metadata, ...rest } = messageFields(message);
    return withMetadata && metadata !== undefined ? { ...rest, metadata } : rest;
  });
  const next = start + limit < wanted.length ? String(start + limit) : '';
  return { ok: true, messages: page, has_more: next !== '', response_metadata: { next_cursor: next } };
}

function personFields(person: Person): Fields {
  const isForeign = person.team !== undefined && person.team !== TEAM.id;
  return {
    id: person.id,
    team_id: person.team ?? TEAM.id,
    name: person.name,
    real_name: person.name,
    deleted: false,
    is_bot: false,
    is_app_user: false,
    is_restricted: person.guest === true,
    is_ultra_restricted: false,
    ...(isForeign && { is_stranger: true }),
    // The page shows times in the zone of its browser, which is this machine's.
    tz: person.zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    profile: { real_name: person.name, display_name: person.name },
  };
}

function userInfo(input: Fields, { workspace }: World): Answer | Refusal {
  const id = textOf(input['user']);
  if (id === BOT.user) return { ok: true, user: { ...personFields({ id, name: BOT.name }), is_bot: true } };
  const person = workspace.people.get(id);
  return person === undefined ? refuse('user_not_found') : { ok: true, user: personFields(person) };
}

function groupFields({ id, handle, users }: UserGroup): Fields {
  return { id, team_id: TEAM.id, is_usergroup: true, name: handle, handle, user_count: users.length, users };
}

function bot(input: Fields): Answer | Refusal {
  const { id, app, name, user } = BOT;
  if (input['bot'] !== undefined && input['bot'] !== id) return refuse('bot_not_found');
  return { ok: true, bot: { id, deleted: false, name, app_id: app, user_id: user } };
}

function open(input: Fields, { workspace }: World): Answer | Refusal {
  const users = textOf(input['users']).split(',');
  const [user = ''] = users;
  if (users.length > 1) return refuse('not_supported_here');
  if (!workspace.people.has(user)) return refuse('user_not_found');
  return { ok: true, channel: { id: directChannel(workspace, user).id } };
}

const method = (scopes: readonly string[], run: Method['run']): Method => ({ token: 'bot', scopes, run });

export const DIRECTORY_METHODS: Readonly<Record<string, Method>> = {
  'auth.test': method([], (_input, { url }) => ({
    ok: true,
    url: `${url}/`,
    team: TEAM.name,
    team_id: TEAM.id,
    user: BOT.name,
    user_id: BOT.user,
    bot_id: BOT.id,
    is_enterprise_install: false,
  })),
  'apps.connections.open': {
    token: 'app',
    scopes: [],
    run: (_input, { openSocket }) => ({ ok: true, url: openSocket() }),
  },
  'team.info': method(['team:read'], () => ({ ok: true, team: { ...TEAM, email_domain: '' } })),
  'bots.info': method(['users:read'], bot),
  'users.info': method(['users:read'], userInfo),
  'usergroups.list': method(['usergroups:read'], (_input, { workspace }) => ({
    ok: true,
    usergroups: [...workspace.groups.values()].map(groupFields),
  })),
  'usergroups.users.list': method(['usergroups:read'], (input, { workspace }) => {
    const group = workspace.groups.get(textOf(input['usergroup']));
    return group === undefined ? refuse('no_such_subteam') : { ok: true, users: group.users };
  }),
  'conversations.open': method(['im:write'], open),
  'conversations.history': method([], history),
  'conversations.replies': method([], replies),
  'conversations.info': method([], (input, world) => {
    const channel = seen(input, world, 'read');
    return isRefusal(channel) ? channel : { ok: true, channel: channelFields(channel, world.workspace) };
  }),
  'conversations.members': method([], (input, world) => {
    const channel = seen(input, world, 'read');
    if (isRefusal(channel)) return channel;
    return { ok: true, members: channel.members, response_metadata: { next_cursor: '' } };
  }),
};
