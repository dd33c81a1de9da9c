// The deliveries that a changed alert needs: its message, a reply, a note.

import { criticalSentence, type ReplyKind, replySentence } from '../detection/sentences.ts';
import { type Alert, endOf } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { type Destination, destinationOf, isInUse, type RoutingSettings } from './routing.ts';

/** How one decision changes one alert. */
export interface AlertChange {
  /** With the next version. */
  readonly alert: Alert;
  /** How its message changes: its state or story, only its figures, or not at all. */
  readonly edit: 'state' | 'refresh' | null;
  readonly reply: ReplyKind | null;
  readonly isNowCritical: boolean;
  /** It gets its first message, or its row in the message of an incident. */
  readonly isFirst?: boolean;
  /** It had a message of its own, which becomes a line that links to its incident. */
  readonly isShrunk?: boolean;
  /** It opens an incident again that had ended. */
  readonly isAgain?: boolean;
}

/** The alert after its deliveries, and the deliveries. */
export function notificationsFor(
  change: AlertChange,
  { at, routing }: { readonly at: number; readonly routing: RoutingSettings },
): { readonly alert: Alert; readonly deliveries: readonly Delivery[] } {
  const { isFirst = false, isShrunk = false } = change;
  const { state, shown, replies, severity } = change.alert;
  const destination = destinationOf(change.alert, routing);
  const channel = isInUse(change.alert.channel, routing) ? change.alert.channel : destination.channel;
  const edit = isFirst ? 'state' : shown === null ? null : change.edit;
  const shownAlert =
    edit === null ? change.alert : { ...change.alert, shown: change.alert.value, shownAt: at, channel };
  const reply = shown === null ? null : change.reply;
  const alert = reply === null ? shownAlert : { ...shownAlert, replies: replies + 1 };
  const base = { cluster: alert.cluster, channel: alert.channel, at, refresh: edit === 'refresh' ? severity : null };
  // A member of an incident is a row of the lead's message, and its events are replies there.
  const about = alert.lead ?? alert.id;
  const mentions = state === 'firing' && about === alert.id ? destination.mentions : [];
  const shownIn = isShrunk
    ? [about, alert.id]
    : alert.lead === null && alert.group !== null
      ? [alert.group, about]
      : [about];
  const messages = shownIn.map((one) => messageOf({ ...base, about: one, mentions: one === alert.id ? mentions : [] }));
  const note = isFirst && about === alert.id ? null : noteOf(change, { alert, destination, at });
  const after = note === null ? [] : [note];
  const before = edit === null ? [] : messages;
  if (reply === null) return { alert, deliveries: [...before, ...after] };
  const isLoud =
    !isShrunk && (reply === 'again' || change.isAgain === true || (LOUD.has(reply) && severity === 'critical'));
  const answer: Delivery = {
    ...base,
    id: `${alert.id}/reply/${alert.replies}`,
    kind: 'reply',
    about,
    text: replySentence(reply, alert, { at, end: endOf(alert) }),
    broadcast: isLoud,
    refresh: null,
    mentions: mentionsOf(reply, alert, note === null ? destination : { ...destination, mentions: [] }),
  };
  return { alert, deliveries: [...before, answer, ...after] };
}

/** Replies that the channel shows too when the alert is critical. */
const LOUD: ReadonlySet<ReplyKind> = new Set(['worse', 'joined']);

/** The message of an alert or a group; its text is rendered when it is sent. */
export function messageOf(
  message: Pick<Delivery, 'about' | 'cluster' | 'channel' | 'mentions' | 'at'> & Partial<Pick<Delivery, 'refresh'>>,
): Delivery {
  const id = `${message.about}/message`;
  return { refresh: null, ...message, id, kind: 'message', text: null, broadcast: false };
}

/** The channel of critical alerts gets one note with one mention. */
function noteOf(
  { isNowCritical }: AlertChange,
  context: { readonly alert: Alert; readonly destination: Destination; readonly at: number },
): Delivery | null {
  const { alert, destination, at } = context;
  const { channel, mentions } = destination;
  if (!isNowCritical || alert.state === 'silenced' || channel === null || channel === alert.channel) return null;
  return {
    id: `${alert.id}/note/${alert.refires}`,
    kind: 'note',
    about: alert.lead ?? alert.id,
    cluster: alert.cluster,
    channel,
    text: criticalSentence(alert),
    broadcast: false,
    refresh: null,
    mentions,
    at,
  };
}

function mentionsOf(reply: ReplyKind, { lastAction }: Alert, { owner, mentions }: Destination): readonly string[] {
  if (reply === 'again' || reply === 'joined') return mentions;
  if (reply !== 'worse') return [];
  const holder = lastAction?.act === 'acknowledged' ? lastAction.by : null;
  return [...new Set([owner, holder, ...mentions].filter((name) => name !== null))];
}
