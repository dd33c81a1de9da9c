// The deliveries that a changed alert needs: its message, a reply, a note.

import { criticalSentence, type ReplyKind, replySentence } from '../detection/sentences.ts';
import { type Alert, endOf } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { type Destination, destinationOf, isInUse, type RoutingSettings } from './routing.ts';

/** How one decision changes one alert. */
export interface AlertChange {
  /** With the next version. */
  readonly alert: Alert;
  /** Whether its message changes. */
  readonly isChanged: boolean;
  readonly reply: ReplyKind | null;
  readonly isNowCritical: boolean;
}

/**
 * The alert after its deliveries, and the deliveries. An alert gets its message when it fires, unless it is silenced.
 */
export function notificationsFor(
  change: AlertChange,
  { at, routing }: { readonly at: number; readonly routing: RoutingSettings },
): { readonly alert: Alert; readonly deliveries: readonly Delivery[] } {
  const { state, shown, replies } = change.alert;
  const isFirst = shown === null;
  const isShown = isFirst ? state === 'firing' : change.isChanged;
  const destination = destinationOf(change.alert, routing);
  const channel = isInUse(change.alert.channel, routing) ? change.alert.channel : destination.channel;
  const shownAlert = isShown ? { ...change.alert, shown: change.alert.value, channel } : change.alert;
  const reply = isFirst ? null : change.reply;
  const alert = reply === null ? shownAlert : { ...shownAlert, replies: replies + 1 };
  const base = { cluster: alert.cluster, channel: alert.channel, at };
  const note = isFirst ? null : noteOf(change, { alert, destination, at });
  const group = alert.group === null ? [] : [messageOf({ ...base, about: alert.group, mentions: [] })];
  const mentions = state === 'firing' ? destination.mentions : [];
  const message = isShown ? [...group, messageOf({ ...base, about: alert.id, mentions })] : [];
  if (reply === null) return { alert, deliveries: [...message, ...(note === null ? [] : [note])] };
  const answer: Delivery = {
    ...base,
    id: `${alert.id}/reply/${alert.replies}`,
    kind: 'reply',
    about: alert.id,
    text: replySentence(reply, alert, { at, end: endOf(alert) }),
    broadcast: reply === 'again' || (reply === 'worse' && alert.severity === 'critical'),
    refresh: null,
    mentions: mentionsOf(reply, alert, note === null ? destination : { ...destination, mentions: [] }),
  };
  return { alert, deliveries: [...message, answer, ...(note === null ? [] : [note])] };
}

/** The message of an alert or a group; its text is rendered when it is sent. */
export function messageOf(message: Pick<Delivery, 'about' | 'cluster' | 'channel' | 'mentions' | 'at'>): Delivery {
  return { ...message, id: `${message.about}/message`, kind: 'message', text: null, broadcast: false, refresh: null };
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
    about: alert.id,
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
  if (reply === 'again') return mentions;
  if (reply !== 'worse') return [];
  const holder = lastAction?.act === 'acknowledged' ? lastAction.by : null;
  return [...new Set([owner, holder, ...mentions].filter((name) => name !== null))];
}
