// What people are told when a decision changed an alert: its message, a reply, a note, as deliveries.

import type { Delivery } from '../outbox.ts';
import { criticalText, type ReplyKind, replyText } from '../thread.ts';
import type { AlertRecord } from './alert.ts';
import { type Destination, destinationOf, isInUse, type RoutingSettings } from './routing.ts';

/** What a decision makes of one alert. */
export interface Step {
  /** As it is now, of the next version. */
  readonly record: AlertRecord;
  /** Whether its message says something else than before. */
  readonly isChanged: boolean;
  readonly reply: ReplyKind | null;
  readonly isNowCritical: boolean;
}

interface Told {
  readonly record: AlertRecord;
  readonly deliveries: readonly Delivery[];
}

/** The record with what it was told, and the deliveries. What was never posted is posted when it fires, and not before. */
export function tell(step: Step, { at, routing }: { readonly at: number; readonly routing: RoutingSettings }): Told {
  const { state, shown, replies } = step.record;
  const isFirst = shown === null;
  const isShown = isFirst ? state === 'firing' : step.isChanged;
  const destination = destinationOf(step.record, routing);
  const channel = isInUse(step.record.channel, routing) ? step.record.channel : destination.channel;
  const told = isShown ? { ...step.record, shown: step.record.value, channel } : step.record;
  const reply = isFirst ? null : step.reply;
  const record = reply === null ? told : { ...told, replies: replies + 1 };
  const base = { cluster: record.cluster, channel: record.channel, at };
  const note = isFirst ? null : noteOf(step, { record, destination, at });
  const group = record.group === null ? [] : [messageOf({ ...base, about: record.group, mentions: [] })];
  const mentions = state === 'firing' ? destination.mentions : [];
  const message = isShown ? [...group, messageOf({ ...base, about: record.id, mentions })] : [];
  if (reply === null) return { record, deliveries: [...message, ...(note === null ? [] : [note])] };
  const answer: Delivery = {
    ...base,
    id: `${record.id}/reply/${record.replies}`,
    kind: 'reply',
    about: record.id,
    text: replyText(reply, record, at),
    broadcast: reply === 'again' || (reply === 'worse' && record.severity === 'critical'),
    mentions: mentionsOf(reply, record, note === null ? destination : { ...destination, mentions: [] }),
  };
  return { record, deliveries: [...message, answer, ...(note === null ? [] : [note])] };
}

/** The message of an alert or a group, drawn when it is sent. */
export function messageOf(message: Pick<Delivery, 'about' | 'cluster' | 'channel' | 'mentions' | 'at'>): Delivery {
  return { ...message, id: `${message.about}/message`, kind: 'message', text: null, broadcast: false };
}

/** Whoever looks after critical alerts looks into their channel, and is mentioned once. */
function noteOf(
  { isNowCritical }: Step,
  told: { readonly record: AlertRecord; readonly destination: Destination; readonly at: number },
): Delivery | null {
  const { record, destination, at } = told;
  const { channel, mentions } = destination;
  if (!isNowCritical || record.state === 'silenced' || channel === null || channel === record.channel) return null;
  return {
    id: `${record.id}/note/${record.returns}`,
    kind: 'note',
    about: record.id,
    cluster: record.cluster,
    channel,
    text: criticalText(record),
    broadcast: false,
    mentions,
    at,
  };
}

function mentionsOf(reply: ReplyKind, { handling }: AlertRecord, { owner, mentions }: Destination): readonly string[] {
  if (reply === 'again') return mentions;
  if (reply !== 'worse') return [];
  const holder = handling?.act === 'acknowledged' ? handling.by : null;
  return [...new Set([owner, holder, ...mentions].filter((name) => name !== null))];
}
