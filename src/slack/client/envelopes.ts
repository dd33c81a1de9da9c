// Checks envelopes between the socket and Slack's library. The library reads them without checks: an exception is an
// unhandled rejection, which ends the process. It also emits events with names from the envelope.

import type { SocketModeReceiver } from '@slack/bolt';
import { type Fields, fieldsOf, jsonIn, textOf } from '../../core/base/json.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { DELIVERY_KINDS, type IncomingKind, LARGEST_DELIVERY, readIncoming, typeOf } from './incoming.ts';

type Client = SocketModeReceiver['client'];

/** @internal */
export type Envelope =
  | { readonly kind: 'control'; readonly type: 'hello' | 'disconnect' }
  | { readonly kind: 'delivery'; readonly id: string; readonly body: Fields }
  | {
      readonly kind: 'unreadable';
      /** The id for the acknowledgement; null when there is none. */
      readonly id: string | null;
      readonly type: string | null;
      readonly reason: string;
    };

/** The library's own event for each message, before it is parsed. */
const RAW = 'ws_message';

export function takeEnvelopes(client: Client, log: Log): void {
  const [library] = client.listeners(RAW);
  if (library === undefined) throw new Error(`Slack's library does not listen to ${RAW}`);
  client.removeAllListeners(RAW);

  const skip = async ({ id, type, reason }: Extract<Envelope, { kind: 'unreadable' }>) => {
    const acknowledged = id !== null && (await isSent(acknowledge(client, id)));
    log.warn({ type, reason, acknowledged }, 'delivery not understood');
  };
  client.on(RAW, (data: unknown) => {
    const envelope = readEnvelope(data);
    if (envelope.kind === 'control') library(JSON.stringify({ type: envelope.type }), false);
    else if (envelope.kind === 'unreadable') void skip(envelope);
    else {
      const { id, body } = envelope;
      // Bolt's receiver listens to this event.
      client.emit('slack_event', { ack: (answer?: object) => acknowledge(client, id, answer), envelope_id: id, body });
    }
  });
}

/**
 * @param data of one message of the socket
 * @internal
 */
export function readEnvelope(data: unknown): Envelope {
  if (typeof data !== 'string') return unreadable({}, 'the message is binary');
  const envelope = jsonIn(data);
  if (envelope === undefined) return unreadable({}, 'the message is not JSON');
  const fields = fieldsOf(envelope);
  const { type, payload } = fields;
  if (type === 'hello' || type === 'disconnect') return { kind: 'control', type };
  if (!isKind(type)) return unreadable(fields, 'the type is unknown');
  const id = textOf(fields['envelope_id']);
  if (id === null) return unreadable(fields, 'envelope_id is missing');
  if (data.length > LARGEST_DELIVERY) return unreadable(fields, 'the message is too long');
  const incoming = readIncoming(type, payload);
  if (incoming.ok) return { kind: 'delivery', id, body: incoming.body };
  return { ...unreadable(fields, incoming.reason), type: incoming.type ?? type };
}

function isKind(type: unknown): type is IncomingKind {
  return DELIVERY_KINDS.some((kind) => kind === type);
}

function unreadable({ envelope_id: id, type }: Fields, reason: string): Extract<Envelope, { kind: 'unreadable' }> {
  return { kind: 'unreadable', id: textOf(id), type: typeOf(type), reason };
}

/** Rejects when the socket is closed. Slack then delivers again. */
function acknowledge({ websocket }: Client, id: string, answer: object = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (websocket?.isActive() !== true) return reject(new Error('the socket to Slack is closed'));
    websocket.send(JSON.stringify({ envelope_id: id, payload: answer }), (error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

async function isSent(sent: Promise<void>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch {
    return false;
  }
}
