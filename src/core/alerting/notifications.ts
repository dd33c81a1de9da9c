// What people are told when a decision changed an alert: its message, a reply, a note, as deliveries.

import { count, span } from '../base/format.ts';

import { type Alert, endOf } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { type Destination, destinationOf, isInUse, type RoutingSettings } from './routing.ts';

/** What a decision makes of one alert. */
export interface AlertChange {
  /** As it is now, of the next version. */
  readonly record: Alert;
  /** Whether its message says something else than before. */
  readonly isChanged: boolean;
  readonly reply: ReplyKind | null;
  readonly isNowCritical: boolean;
}

interface ChangeWithDeliveries {
  readonly record: Alert;
  readonly deliveries: readonly Delivery[];
}

/** The record with what it was told, and the deliveries. What was never posted is posted when it fires, and not before. */
export function notificationsFor(
  step: AlertChange,
  { at, routing }: { readonly at: number; readonly routing: RoutingSettings },
): ChangeWithDeliveries {
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
  { isNowCritical }: AlertChange,
  told: { readonly record: Alert; readonly destination: Destination; readonly at: number },
): Delivery | null {
  const { record, destination, at } = told;
  const { channel, mentions } = destination;
  if (!isNowCritical || record.state === 'silenced' || channel === null || channel === record.channel) return null;
  return {
    id: `${record.id}/note/${record.refires}`,
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

function mentionsOf(reply: ReplyKind, { lastAction }: Alert, { owner, mentions }: Destination): readonly string[] {
  if (reply === 'again') return mentions;
  if (reply !== 'worse') return [];
  const holder = lastAction?.act === 'acknowledged' ? lastAction.by : null;
  return [...new Set([owner, holder, ...mentions].filter((name) => name !== null))];
}

// What is said in an alert's thread: one sentence for each turn of its life that people are to notice.

/** `lapsed`: its silence ended by time; `unsilenced`: somebody ended it, or the alert that became critical. */
type ReplyKind = 'worse' | 'repeat' | 'ended' | 'again' | 'lapsed' | 'unsilenced';

/** Plain text. In the thread of a group it begins with whom it is about. */
function replyText(kind: ReplyKind, record: Alert, at: number): string {
  const text = sentence(kind, record, at);
  return record.group === null || kind === 'again'
    ? text
    : `${record.who}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function sentence(kind: ReplyKind, record: Alert, at: number): string {
  const { who, cluster, what, since, severity, endedAt } = record;
  switch (kind) {
    case 'worse':
      // Shown in the channel too, where nobody sees whose thread it is.
      return `Worse: ${what}${severity === 'critical' ? ` (critical: ${who}, ${cluster})` : ''}`;
    case 'repeat':
      return `Still ${what}, after ${span(at - since)}`;
    case 'ended':
      return `Ended after ${span(endOf(record) - since)}${peakText(record)}${record.endReason === null ? '' : `: ${record.endReason}`}`;
    case 'again':
      return `Firing again after ${span(at - (endedAt ?? since))}: ${who}, ${what}`;
    case 'lapsed':
      return `Firing again, its silence is over: ${what}`;
    case 'unsilenced':
      return `Firing again, its silence was ended: ${what}`;
  }
}

/** For the channel of critical alerts, when the alert's own message is in another. */
function criticalText({ who, cluster, what }: Alert): string {
  return `Critical: ${who} in ${cluster}, ${what}`;
}

/** What cannot be read has no figure that could have a peak. */
function peakText({ rule, peak }: Alert): string {
  return rule === 'unreadable' ? '' : `, peak ${count(peak)}`;
}
