// Invalid payloads, each with the reason that the log gives.

import type { IncomingKind } from '../../src/slack/client/incoming.ts';
import { ANNA } from '../sandbox/slack/people.ts';

export interface OddDelivery {
  readonly name: string;
  readonly kind: IncomingKind;
  readonly payload: unknown;
  readonly reason: string;
}

const NOT_AN_OBJECT = 'the payload is not an object';
const kinds: readonly IncomingKind[] = ['slash_commands', 'interactive', 'events_api'];

const command = {
  command: '/atlas-conns',
  text: 'help',
  team_id: 'T1',
  user_id: ANNA.id,
  channel_id: 'C0000DBOPS',
  trigger_id: '1.1',
  response_url: 'http://127.0.0.1:1/respond/none',
};
const press = {
  type: 'block_actions',
  trigger_id: '1.2',
  user: { id: ANNA.id },
  team: { id: 'T1' },
  container: { type: 'message', message_ts: '1.1', channel_id: 'C0000DBOPS' },
  channel: { id: 'C0000DBOPS' },
  response_url: 'http://127.0.0.1:1/respond/none',
  actions: [{ type: 'button', action_id: 'refresh', block_id: 'b', value: '' }],
};
const form = {
  type: 'view_submission',
  user: { id: ANNA.id },
  team: null,
  view: { id: 'V1', callback_id: 'silence', private_metadata: '["x",null,null,null]', state: { values: {} } },
};
const mention = {
  type: 'event_callback',
  event_id: 'Ev1',
  event: { type: 'app_mention', user: ANNA.id, channel: 'C0000DBOPS', ts: '1.1', text: 'help' },
};

/** An edit of a message: it has no user, and needs no answer. */
export const EDIT = {
  ...mention,
  event: { type: 'message', subtype: 'message_changed', channel: 'D1', channel_type: 'im', ts: '1.1', message: {} },
};

/** As Slack sends it when an app gets more than 30,000 events an hour. https://docs.slack.dev/apis/events-api */
export const RATE_LIMITED = {
  token: 't',
  team_id: 'T1',
  minute_rate_limited: 1_796_031_000,
  api_app_id: 'A1',
  type: 'app_rate_limited',
};

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const odd = (kind: IncomingKind, name: string, payload: unknown, reason: string): OddDelivery => {
  return { kind, name: `${kind}: ${name}`, payload, reason };
};
const parts = (kind: IncomingKind, whole: object, part: string, reason = `${part} is missing`) =>
  [undefined, null, '', 7, [], {}].map((value) =>
    odd(kind, `${part} is ${JSON.stringify(value)}`, { ...whole, [part]: value }, reason),
  );
const events = (part: string, value: unknown, reason: string) =>
  odd(
    'events_api',
    `event.${part} is ${JSON.stringify(value)}`,
    { ...mention, event: { ...mention.event, [part]: value } },
    reason,
  );

export const ODD_DELIVERIES: readonly OddDelivery[] = [
  ...kinds.flatMap((kind) => [
    odd(kind, 'null', null, NOT_AN_OBJECT),
    odd(kind, 'an array', [], NOT_AN_OBJECT),
    odd(kind, 'an array of objects', [{ event: {} }], NOT_AN_OBJECT),
    odd(kind, 'text', 'x', NOT_AN_OBJECT),
    odd(kind, 'a number', 123, NOT_AN_OBJECT),
  ]),
  odd('slash_commands', 'empty', {}, 'command is missing'),
  odd('interactive', 'empty', {}, 'the type is unknown'),
  odd('events_api', 'empty', {}, 'the event is missing'),
  odd('events_api', 'app_rate_limited', RATE_LIMITED, 'the event is missing'),
  ...[null, [], 'x', 7].map((event) =>
    odd('events_api', `event is ${JSON.stringify(event)}`, { ...mention, event }, 'the event is missing'),
  ),
  odd('events_api', 'empty event', { ...mention, event: {} }, 'the type is unknown'),
  events('type', 'reaction_added', 'the type is unknown'),
  events('type', 'disconnected', 'the type is unknown'),
  events('type', null, 'the type is unknown'),
  events('user', null, 'user is missing'),
  events('user', { id: null }, 'user is missing'),
  events('channel', null, 'channel is missing'),
  events('channel', 7, 'channel is missing'),
  events('ts', undefined, 'ts is missing'),
  odd('events_api', 'home without user', { ...mention, event: { type: 'app_home_opened' } }, 'user is missing'),
  ...['command', 'user_id', 'channel_id', 'trigger_id', 'response_url'].flatMap((part) =>
    parts('slash_commands', command, part),
  ),
  ...parts('interactive', press, 'type', 'the type is unknown'),
  ...parts('interactive', press, 'user', 'user.id is missing'),
  ...parts('interactive', press, 'trigger_id'),
  ...parts('interactive', press, 'container', 'container.type is missing'),
  ...parts('interactive', press, 'channel', 'channel.id is missing'),
  ...parts('interactive', press, 'response_url'),
  ...parts('interactive', press, 'actions', 'the action is missing'),
  ...[[null], [{}], [{ action_id: 'refresh' }], [{ type: 'static_select', action_id: 'choose_source' }]].map(
    (actions) =>
      odd('interactive', `actions are ${JSON.stringify(actions)}`, { ...press, actions }, 'the action is missing'),
  ),
  odd('interactive', 'a shortcut', { ...press, type: 'shortcut' }, 'the type is unknown'),
  odd('interactive', 'a shortcut without user', { type: 'shortcut' }, 'the type is unknown'),
  odd('interactive', 'a form that was closed', { ...form, type: 'view_closed' }, 'the type is unknown'),
  odd('interactive', 'a form without user', { ...form, user: null }, 'user.id is missing'),
  ...parts('interactive', form, 'view', 'the form is unknown'),
  odd('interactive', 'another form', { ...form, view: { ...form.view, callback_id: 'x' } }, 'the form is unknown'),
  odd('interactive', 'a form without id', { ...form, view: { ...form.view, id: null } }, 'id is missing'),
];

/** Invalid only in what Bolt reads and the bot does not: they are answered. */
export const STRANGE_BUT_READ: readonly Omit<OddDelivery, 'reason'>[] = [
  ...[
    { authorizations: [null] },
    { authorizations: null },
    { response_urls: null },
    { is_enterprise_install: {} },
    { event: { ...mention.event, item: 'x', subteam: null, message: 7, assistant_thread: null } },
    { event: { ...mention.event, blocks: nested(1_000) } },
  ].map((more) => ({ kind: 'events_api' as const, name: Object.keys(more).join(), payload: { ...mention, ...more } })),
  ...[{ team: null }, { team: 7 }, { enterprise: 'x' }, { function_data: null }, { message: null }, { name: 'x' }].map(
    (more) => ({ kind: 'interactive' as const, name: Object.keys(more).join(), payload: { ...press, ...more } }),
  ),
  { kind: 'slash_commands', name: 'no team', payload: { ...command, team_id: undefined } },
  { kind: 'slash_commands', name: 'no text', payload: { ...command, text: undefined } },
  { kind: 'slash_commands', name: 'an event in it', payload: { ...command, event: null, actions: null } },
];
