// Slack's payloads and answers → our types. Only this file and incoming.ts know their fields.

import type { BlockAction, SlashCommand } from '@slack/bolt';
import type { WebAPICallResult } from '@slack/web-api';
import { fieldsOf, flagOf, listOf, textOf } from '../../core/base/json.ts';
import type { AskedIn } from '../../core/base/permissions.ts';
import { FORM, FORM_OPTIONS, type FormOrigin, readOrigin, type SilenceInput } from '../blockkit/silence-fields.ts';
import type { modalOf } from '../views/silence-form.ts';

/** One request of one person. */
export interface SlackRequest {
  /** The same delivery always has the same id. */
  readonly id: string;
  readonly user: string;
  readonly channel: AskedIn;
  readonly origin: Origin;
  /** Only the person sees the answer, also where others could. */
  readonly isPrivate?: boolean;
  /** A connection string was typed. A refusal says what to do about its password, too. */
  readonly hasString?: boolean;
}

/** The way of an answer to the person. */
export type Origin =
  | { readonly kind: 'command'; readonly responseUrl: string }
  | {
      readonly kind: 'click';
      readonly responseUrl: string;
      /** Whether the clicked message is the person's own. Then the answer replaces it. */
      readonly isOwn: boolean;
      readonly threadTs: string | null;
    }
  | {
      readonly kind: 'mention';
      /** The message itself, or the first message of its thread. */
      readonly threadTs: string;
      readonly isInThread: boolean;
    }
  | { readonly kind: 'home' }
  /** An open modal, which shows the answer. */
  | {
      readonly kind: 'modal';
      readonly viewId: string;
      readonly title: string;
      /** Puts a view in it; left out where `views.update` does. */
      readonly put?: PutView;
    };

export type PutView = (view: ReturnType<typeof modalOf>) => Promise<WebAPICallResult>;

/** A pressed button or a chosen option. */
export interface Press {
  readonly actionId: string;
  /** The value of the button or the chosen option; empty when there is none. */
  readonly value: string;
}

export interface Submission {
  readonly request: SlackRequest;
  readonly subject: string;
  readonly input: SilenceInput;
}

/** Ids of direct messages start with D. */
function channelOf(id: string, isShared: boolean | null = null): AskedIn {
  return id.startsWith('D') ? { id, kind: 'direct', isShared } : { id, kind: 'channel', isShared };
}

const HOME: AskedIn = { id: null, kind: 'home', isShared: null };

export function commandRequest(body: SlashCommand): SlackRequest {
  return {
    id: `command ${body.trigger_id}`,
    user: body.user_id,
    channel: channelOf(body.channel_id),
    origin: { kind: 'command', responseUrl: body.response_url },
  };
}

export function clickRequest(body: BlockAction): SlackRequest {
  const { is_ephemeral: isEphemeral, thread_ts: threadTs } = body.container;
  const known = { id: `click ${body.trigger_id}`, user: body.user.id };
  // App Home and modals have no response URL.
  if (body.channel === undefined || !body.response_url) return { ...known, channel: HOME, origin: { kind: 'home' } };
  const channel = channelOf(body.channel.id);
  return {
    ...known,
    channel,
    origin: {
      kind: 'click',
      responseUrl: body.response_url,
      isOwn: isEphemeral === true || channel.kind === 'direct',
      threadTs: textOf(threadTs) ?? textOf(body.message?.['thread_ts']),
    },
  };
}

/** An alert's message belongs to everyone, so the answer to a click is a separate message. */
export function alertRequest(body: BlockAction): SlackRequest {
  const request = clickRequest(body);
  const isEphemeral = body.container.is_ephemeral === true;
  return request.origin.kind === 'click' ? { ...request, origin: { ...request.origin, isOwn: isEphemeral } } : request;
}

/** A request that opened a modal; the modal shows the answer. */
export function inModal(request: SlackRequest, viewId: string, title: string): SlackRequest {
  return { ...request, origin: { kind: 'modal', viewId, title } };
}

/** Where the silence form was opened, so that the result can be shown there. */
export function originOf(body: BlockAction, subject: string): FormOrigin {
  const { channel, origin } = clickRequest(body);
  const click = origin.kind === 'click' ? origin : null;
  return {
    subject,
    channel: channel.id,
    responseUrl: click?.responseUrl ?? null,
    threadTs: click?.threadTs ?? null,
  };
}

/** A submitted form; null for a form that is not the bot's. */
export function submissionOf(body: unknown): Submission | null {
  const { user, view } = fieldsOf(body);
  const { id, private_metadata: metadata, state } = fieldsOf(view);
  const [person, viewId, origin] = [textOf(fieldsOf(user)['id']), textOf(id), readOrigin(textOf(metadata) ?? '')];
  if (person === null || viewId === null || origin === null) return null;
  const { channel, responseUrl, threadTs } = origin;
  const known = { id: `submission ${viewId}`, user: person };
  const request: SlackRequest =
    channel === null || responseUrl === null
      ? { ...known, channel: HOME, origin: { kind: 'home' } }
      : {
          ...known,
          channel: channelOf(channel),
          origin: { kind: 'click', responseUrl, isOwn: false, threadTs },
        };
  return { request, subject: origin.subject, input: silenceInputOf(fieldsOf(state)['values']) };
}

/** A submitted form of any kind, with its fields by action id. Null without a view or a person. */
export interface SubmittedForm {
  readonly user: string;
  readonly viewId: string;
  readonly metadata: string;
  readonly fields: ReadonlyMap<string, EnteredField>;
}

export interface EnteredField {
  /** An error beside the field names its block. */
  readonly block: string;
  /** Null when it is empty. */
  readonly text: string | null;
  /** The values of the chosen options. */
  readonly chosen: readonly string[];
}

export function submittedForm(body: unknown): SubmittedForm | null {
  const { user, view } = fieldsOf(body);
  const { id, private_metadata: metadata, state } = fieldsOf(view);
  const [person, viewId] = [textOf(fieldsOf(user)['id']), textOf(id)];
  if (person === null || viewId === null) return null;
  const fields = Object.entries(fieldsOf(fieldsOf(state)['values'])).flatMap(([block, elements]) =>
    Object.entries(fieldsOf(elements)).map(([action, element]) => [action, enteredOf(block, element)] as const),
  );
  return { user: person, viewId, metadata: textOf(metadata) ?? '', fields: new Map(fields) };
}

function enteredOf(block: string, element: unknown): EnteredField {
  const { value, selected_option: option, selected_options: options } = fieldsOf(element);
  const chosen = [option, ...listOf(options)].flatMap((one) => textOf(fieldsOf(one)['value']) ?? []);
  return { block, text: textOf(value), chosen };
}

/** A press in a modal. Null for one elsewhere. */
export function modalPressOf(body: BlockAction): { readonly viewId: string; readonly metadata: string } | null {
  const { id, private_metadata: metadata } = fieldsOf(body.view);
  const viewId = textOf(id);
  return viewId === null ? null : { viewId, metadata: textOf(metadata) ?? '' };
}

/** The channel in which a form was opened; null for App Home. */
export function channelAsked(id: string | null): AskedIn {
  return id === null ? HOME : channelOf(id);
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
  if (action?.type === 'static_select' || action?.type === 'overflow')
    return { actionId: action.action_id, value: action.selected_option?.value ?? '' };
  return { actionId: action?.action_id ?? '', value: '' };
}

/** A message to the bot. Null for messages that are not from a person: bots, edits, joins. */
export function mentionRequest(body: unknown): { readonly request: SlackRequest; readonly text: string } | null {
  const { event_id: id, is_ext_shared_channel: isShared, event } = fieldsOf(body);
  const { user, channel, ts, thread_ts: threadTs, text, bot_id: bot, subtype } = fieldsOf(event);
  const [person, place, message] = [textOf(user), textOf(channel), textOf(ts)];
  const isWritten = bot === undefined && (subtype === undefined || subtype === 'thread_broadcast');
  if (!isWritten || person === null || place === null || message === null) return null;
  const thread = textOf(threadTs);
  return {
    request: {
      id: `event ${textOf(id) ?? message}`,
      user: person,
      channel: channelOf(place, flagOf(isShared)),
      origin: { kind: 'mention', threadTs: thread ?? message, isInThread: thread !== null },
    },
    text: textOf(text) ?? '',
  };
}

/** Null for the Messages tab, which opens with the same event. */
export function homeRequest(body: unknown): SlackRequest | null {
  const { event_id: id, event } = fieldsOf(body);
  const { user, tab, event_ts: ts } = fieldsOf(event);
  const person = textOf(user);
  if (person === null || tab !== 'home') return null;
  return {
    id: `event ${textOf(id) ?? `${person} ${String(ts)}`}`,
    user: person,
    channel: HOME,
    origin: { kind: 'home' },
  };
}
