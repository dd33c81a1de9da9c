// Commands and events in the shape in which Slack delivers them.

import type { Fields } from './answer.ts';
import type { Channel, Message, Person } from './stand-in.ts';
import { viewFields } from './view-methods.ts';
import { BOT, TEAM, type View, type Workspace } from './workspace.ts';

/** Slack's old way to prove itself, which the signature replaced; the app never looks at it. */
const VERIFICATION = 'stand-in-verification';

export const APP = { api_app_id: BOT.app, token: VERIFICATION };

export function commandPayload(input: {
  readonly person: Person;
  readonly channel: Channel;
  readonly command: string;
  readonly text: string;
  readonly triggerId: string;
  readonly responseUrl: string;
}): Fields {
  const { person, channel } = input;
  return {
    ...APP,
    team_id: person.team ?? TEAM.id,
    team_domain: person.team === undefined ? TEAM.domain : 'elsewhere',
    channel_id: channel.id,
    channel_name: nameOf(channel),
    user_id: person.id,
    user_name: person.name,
    command: input.command,
    text: input.text,
    is_enterprise_install: 'false',
    response_url: input.responseUrl,
    trigger_id: input.triggerId,
  };
}

/** What commands and clicks call a channel: private ones and direct messages by their kind. */
export function nameOf(channel: Channel): string {
  if (channel.kind === 'direct') return 'directmessage';
  return channel.kind === 'private' ? 'privategroup' : channel.name;
}

/** The wrapper of every event. */
export function eventPayload(workspace: Workspace, event: Fields, isShared = false): Fields {
  return {
    ...APP,
    team_id: TEAM.id,
    context_team_id: TEAM.id,
    context_enterprise_id: null,
    type: 'event_callback',
    event_id: workspace.newId('Ev'),
    event_time: Math.floor(workspace.now().getTime() / 1000),
    event_context: workspace.newId('EC'),
    authorizations: [
      { enterprise_id: null, team_id: TEAM.id, user_id: BOT.user, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: isShared,
    event,
  };
}

/** A message that a person wrote: as `app_mention`, or as a `message` to the bot alone. */
export function saidEvent(message: Message, person: Person, type: 'app_mention' | 'message'): Fields {
  const team = person.team ?? TEAM.id;
  return {
    type,
    user: message.user,
    text: message.text,
    ts: message.ts,
    channel: message.channel,
    event_ts: message.ts,
    team,
    ...(person.team !== undefined && { user_team: team, source_team: team }),
    ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    ...(type === 'message' && { channel_type: 'im', client_msg_id: `client-${message.ts}` }),
    blocks: [
      {
        type: 'rich_text',
        block_id: 'said',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: message.text }] }],
      },
    ],
  };
}

/** `home` is what the person sees now; null the first time. */
export function homeOpenedEvent(workspace: Workspace, user: string, channel: string, home: View | null): Fields {
  return {
    type: 'app_home_opened',
    user,
    channel,
    tab: 'home',
    event_ts: workspace.newTs(),
    ...(home !== null && { view: viewFields(home) }),
  };
}
