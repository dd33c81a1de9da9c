// What is said in an alert's thread: one sentence for each turn of its life that people are to notice.

import { type AlertRecord, endOf } from './alerting/alert.ts';
import { count, span } from './base/format.ts';

/** `lapsed`: its silence ended by time; `unsilenced`: somebody ended it, or the alert that became critical. */
export type ReplyKind = 'worse' | 'repeat' | 'ended' | 'again' | 'lapsed' | 'unsilenced';

/** Plain text. In the thread of a group it begins with whom it is about. */
export function replyText(kind: ReplyKind, record: AlertRecord, at: number): string {
  const text = sentence(kind, record, at);
  return record.group === null || kind === 'again'
    ? text
    : `${record.who}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function sentence(kind: ReplyKind, record: AlertRecord, at: number): string {
  const { who, cluster, what, since, severity, endedAt } = record;
  switch (kind) {
    case 'worse':
      // Shown in the channel too, where nobody sees whose thread it is.
      return `Worse: ${what}${severity === 'critical' ? ` (critical: ${who}, ${cluster})` : ''}`;
    case 'repeat':
      return `Still ${what}, after ${span(at - since)}`;
    case 'ended':
      return `Ended after ${span(endOf(record) - since)}${peakText(record)}${record.ending === null ? '' : `: ${record.ending}`}`;
    case 'again':
      return `Firing again after ${span(at - (endedAt ?? since))}: ${who}, ${what}`;
    case 'lapsed':
      return `Firing again, its silence is over: ${what}`;
    case 'unsilenced':
      return `Firing again, its silence was ended: ${what}`;
  }
}

/** For the channel of critical alerts, when the alert's own message is in another. */
export function criticalText({ who, cluster, what }: AlertRecord): string {
  return `Critical: ${who} in ${cluster}, ${what}`;
}

/** What cannot be read has no figure that could have a peak. */
function peakText({ rule, peak }: AlertRecord): string {
  return rule === 'unreadable' ? '' : `, peak ${count(peak)}`;
}
