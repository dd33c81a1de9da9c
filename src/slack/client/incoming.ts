// Deliveries before Bolt reads them. Bolt reads fields without checks, and its exceptions can end the process. So Bolt
// gets only the fields that the bot needs, each of the right type. https://docs.slack.dev/interactivity

import { type Fields, fieldsOf, textOf } from '../../core/base/json.ts';
import { FORMS } from '../blockkit/forms.ts';

/** Slack's words, as in Socket Mode. */
export const DELIVERY_KINDS = ['slash_commands', 'interactive', 'events_api'] as const;
export type IncomingKind = (typeof DELIVERY_KINDS)[number];

export type Incoming =
  | { readonly ok: true; readonly body: Fields }
  /**
   * For the log: neither contains a person's text. `type` is Slack's name of the delivery; null for an invalid name.
   */
  | { readonly ok: false; readonly reason: string; readonly type: string | null };

/** Slack's largest view, encoded as a form, is smaller. */
export const LARGEST_DELIVERY = 1024 * 1024;

export function readIncoming(kind: IncomingKind, payload: unknown): Incoming {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return { ok: false, reason: 'the payload is not an object', type: null };
  const fields = fieldsOf(payload);
  const read = READERS[kind](fields);
  if (typeof read !== 'string') return { ok: true, body: read };
  return { ok: false, reason: read, type: typeOf(fieldsOf(fields['event'])['type']) ?? typeOf(fields['type']) };
}

/** Null for a value that does not look like Slack's name of a type. */
export function typeOf(type: unknown): string | null {
  return typeof type === 'string' && /^[a-z_]{1,40}$/.test(type) ? type : null;
}

/** The part of a delivery for Bolt, or what is wrong with the delivery. */
const READERS: Readonly<Record<IncomingKind, (payload: Fields) => Fields | string>> = {
  slash_commands: readCommand,
  interactive: readInteraction,
  events_api: readEvent,
};

function readCommand(payload: Fields): Fields | string {
  const needed = ['command', 'user_id', 'channel_id', 'trigger_id', 'response_url'];
  return lackOf(payload, needed) ?? { text: '', ...picked(payload, [...needed, 'text']) };
}

function readInteraction(payload: Fields): Fields | string {
  const { type } = payload;
  if (type !== 'block_actions' && type !== 'view_submission') return 'the type is unknown';
  const user = picked(fieldsOf(payload['user']), ['id']);
  if (textOf(user['id']) === null) return 'user.id is missing';
  return type === 'block_actions' ? readPress(payload, { type, user }) : readForm(payload, { type, user });
}

/** The format allows several actions; Slack sends one. */
function readPress(payload: Fields, known: Fields): Fields | string {
  const { actions, container, channel, message, trigger_id: trigger } = payload;
  const action = readAction(Array.isArray(actions) ? actions[0] : null);
  if (action === null) return 'the action is missing';
  if (textOf(trigger) === null) return 'trigger_id is missing';
  const { type: place, is_ephemeral: isEphemeral } = fieldsOf(container);
  if (textOf(place) === null) return 'container.type is missing';
  const body = {
    ...known,
    ...picked(payload, ['trigger_id']),
    actions: [action],
    container: {
      ...picked(fieldsOf(container), ['type', 'thread_ts']),
      ...(typeof isEphemeral === 'boolean' && { is_ephemeral: isEphemeral }),
    },
  };
  // Neither App Home nor a modal has a channel or a response URL.
  if (place === 'view') return { ...body, view: picked(fieldsOf(payload['view']), ['id', 'private_metadata']) };
  const where = picked(fieldsOf(channel), ['id']);
  if (textOf(where['id']) === null) return 'channel.id is missing';
  return (
    lackOf(payload, ['response_url']) ?? {
      ...body,
      ...picked(payload, ['response_url']),
      channel: where,
      message: picked(fieldsOf(message), ['thread_ts']),
    }
  );
}

function readAction(given: unknown): Fields | null {
  const action = fieldsOf(given);
  const { type, selected_option: option } = action;
  if (lackOf(action, ['type', 'action_id']) !== null) return null;
  const read = picked(action, ['type', 'action_id', 'block_id', 'value']);
  if (type !== 'static_select' && type !== 'overflow') return read;
  const selected = picked(fieldsOf(option), ['value']);
  return 'value' in selected ? { ...read, selected_option: selected } : null;
}

function readForm(payload: Fields, known: Fields): Fields | string {
  const view = fieldsOf(payload['view']);
  if (!FORMS.some((form) => form === view['callback_id'])) return 'the form is unknown';
  const names = ['id', 'callback_id', 'private_metadata'];
  return lackOf(view, names) ?? { ...known, view: { ...picked(view, names), state: fieldsOf(view['state']) } };
}

function readEvent(payload: Fields): Fields | string {
  const { event: given, is_ext_shared_channel: isShared } = payload;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'the event is missing';
  const event = fieldsOf(given);
  const lack = lackOfEvent(event);
  if (lack !== null) return lack;
  return {
    ...picked(payload, ['event_id']),
    ...(typeof isShared === 'boolean' && { is_ext_shared_channel: isShared }),
    type: 'event_callback',
    event: {
      ...picked(event, ['type', 'user', 'channel', 'ts', 'thread_ts', 'text', 'channel_type', 'tab', 'event_ts']),
      ...Object.fromEntries(Object.entries(event).filter(([name]) => name === 'subtype' || name === 'bot_id')),
    },
  };
}

function lackOfEvent(event: Fields): string | null {
  const { type, subtype, bot_id: bot } = event;
  if (type === 'app_home_opened') return lackOf(event, ['user']);
  if (type !== 'app_mention' && type !== 'message') return 'the type is unknown';
  // Edits, joins and messages of bots have other fields and need no answer.
  return subtype === undefined && bot === undefined ? lackOf(event, ['user', 'channel', 'ts']) : null;
}

function lackOf(fields: Fields, names: readonly string[]): string | null {
  const lacking = names.find((name) => textOf(fields[name]) === null);
  return lacking === undefined ? null : `${lacking} is missing`;
}

/** Only the fields that are text. */
function picked(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]] as const] : [])),
  );
}
