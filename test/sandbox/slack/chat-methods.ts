// chat.*: posts, edits and deletes, and what keeps the bot from each.

import {
  type Answer,
  blocksIn,
  type Fields,
  isFields,
  isRefusal,
  isTrue,
  type Method,
  type Refusal,
  refuse,
  refuseParts,
  textOf,
  type World,
} from './answer.ts';
import { checkMessage } from './limits/limits.ts';
import type { Channel, Message } from './stand-in.ts';
import { BOT, directChannel, isMember, TEAM, type Workspace } from './workspace.ts';

const write = ['chat:write'];

/** A message as methods and events tell it. */
export function messageFields(message: Message): Fields {
  const isBot = message.user === BOT.user;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    ...(isBot && { bot_id: BOT.id, app_id: BOT.app }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    ...(message.broadcast === true && { subtype: 'thread_broadcast' }),
    ...(message.edits > 0 && { edited: { user: message.user, ts: message.ts } }),
    ...(message.metadata !== undefined && { metadata: message.metadata }),
  };
}

/** Slack's error for a message it does not take; null where it does. */
export function refusedMessage(input: Fields): Refusal | null {
  const blocks = input['blocks'];
  if (typeof blocks === 'string') return refuse('invalid_blocks_format');
  const message = {
    ...(input['text'] !== undefined && { text: input['text'] }),
    ...(blocks !== undefined && { blocks }),
  };
  const violations = checkMessage(message);
  const [first] = violations;
  return first === undefined ? null : refuseParts(violations, first.error);
}

/** By id; a person's id means the direct messages with them. */
function channelOf(input: Fields, workspace: Workspace): Channel | null {
  const id = textOf(input['channel']);
  if (workspace.people.has(id)) return directChannel(workspace, id);
  const channel = workspace.channels.get(id);
  if (channel === undefined) return null;
  // What the bot does not belong to and is not public does not exist for it.
  return channel.kind === 'public' || isMember(channel, BOT.user) ? channel : null;
}

function postMessage(input: Fields, world: World): Answer | Refusal {
  const { workspace } = world;
  const { scopes } = world.rights;
  const channel = channelOf(input, workspace);
  if (channel === null) return refuse('channel_not_found');
  if (workspace.archived.has(channel.id)) return refuse('is_archived');
  if (!isMember(channel, BOT.user) && !scopes.has('chat:write.public')) return refuse('not_in_channel');
  const refused = refusedMessage(input) ?? refusedMetadata(input);
  if (refused !== null) return refused;
  const threadTs = textOf(input['thread_ts']);
  if (threadTs !== '' && workspace.message(channel.id, threadTs) === null) return refuse('thread_not_found');
  const message = workspace.post({
    channel: channel.id,
    user: BOT.user,
    text: textOf(input['text']),
    blocks: blocksIn(input),
    threadTs: threadTs || null,
    broadcast: threadTs !== '' && isTrue(input['reply_broadcast']),
    metadata: input['metadata'],
  });
  return { ok: true, channel: channel.id, ts: message.ts, message: messageFields(message) };
}

function refusedMetadata(input: Fields): Refusal | null {
  const metadata = input['metadata'];
  if (metadata === undefined) return null;
  const isWhole =
    isFields(metadata) && typeof metadata['event_type'] === 'string' && isFields(metadata['event_payload']);
  return isWhole ? null : refuse('invalid_metadata_format');
}

function postEphemeral(input: Fields, { workspace }: World): Answer | Refusal {
  const channel = channelOf(input, workspace);
  const user = textOf(input['user']);
  if (channel === null) return refuse('channel_not_found');
  if (workspace.archived.has(channel.id)) return refuse('is_archived');
  if (!isMember(channel, BOT.user)) return refuse('not_in_channel');
  if (!isMember(channel, user)) return refuse('user_not_in_channel');
  const refused = refusedMessage(input);
  if (refused !== null) return refused;
  const message = workspace.post({
    channel: channel.id,
    user: BOT.user,
    text: textOf(input['text']),
    blocks: blocksIn(input),
    ephemeralTo: user,
    threadTs: textOf(input['thread_ts']) || null,
  });
  return { ok: true, message_ts: message.ts };
}

/** The bot's own message, which is what it may change; ephemeral ones have no `ts` that methods know. */
function ownMessage(input: Fields, workspace: Workspace, error: string): Message | Refusal {
  const channel = workspace.channels.get(textOf(input['channel']));
  if (channel === undefined) return refuse('channel_not_found');
  if (workspace.archived.has(channel.id)) return refuse('is_archived');
  const message = workspace.message(channel.id, textOf(input['ts']));
  if (message === null || message.ephemeralTo !== null) return refuse('message_not_found');
  return message.user === BOT.user ? message : refuse(error);
}

function update(input: Fields, { workspace }: World): Answer | Refusal {
  const message = ownMessage(input, workspace, 'cant_update_message');
  if (isRefusal(message)) return message;
  const refused = refusedMessage(input) ?? refusedMetadata(input);
  if (refused !== null) return refused;
  // Text without blocks takes the blocks away.
  const change = { text: textOf(input['text']), blocks: blocksIn(input) };
  const metadata = input['metadata'];
  const edited = workspace.edit(message, metadata === undefined ? change : { ...change, metadata });
  return { ok: true, channel: edited.channel, ts: edited.ts, text: edited.text, message: messageFields(edited) };
}

function remove(input: Fields, { workspace }: World): Answer | Refusal {
  const message = ownMessage(input, workspace, 'cant_delete_message');
  if (isRefusal(message)) return message;
  workspace.remove(message);
  return { ok: true, channel: textOf(input['channel']), ts: textOf(input['ts']) };
}

function permalink(input: Fields, { workspace, url }: World): Answer | Refusal {
  const channel = workspace.channels.get(textOf(input['channel']));
  if (channel === undefined) return refuse('channel_not_found');
  const ts = textOf(input['message_ts']);
  if (workspace.message(channel.id, ts) === null) return refuse('message_not_found');
  return { ok: true, channel: channel.id, permalink: `${url}/archives/${channel.id}/p${ts.replace('.', '')}` };
}

export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': { token: 'bot', scopes: write, run: postMessage },
  'chat.postEphemeral': { token: 'bot', scopes: write, run: postEphemeral },
  'chat.update': { token: 'bot', scopes: write, run: update },
  'chat.delete': { token: 'bot', scopes: write, run: remove },
  'chat.getPermalink': { token: 'bot', scopes: [], run: permalink },
};
