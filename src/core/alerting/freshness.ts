// How fresh a message is: when its figures are refreshed, and when it says that nothing was read.

import { HOUR, MINUTE } from '../base/duration.ts';
import { keyOf } from '../detection/alert-state.ts';
import type { AlertTransition } from '../detection/findings.ts';
import { type Alert, isOpen } from './alert.ts';
import type { AlertChange } from './notifications.ts';

/**
 * How a reading that brings no event changes the message of an open alert.
 * @param editedAt when its message was last edited, in milliseconds since 1970; null for never
 */
export function freshEdit(before: Alert, after: Alert, editedAt: number | null): AlertChange['edit'] {
  const isStory =
    before.unreadSince !== null ||
    (before.calmSince === null) !== (after.calmSince === null) ||
    (!isExplained(before) && isExplained(after));
  if (isStory) return 'state';
  const { postedAt, since } = before;
  return before.shown !== null &&
    (isDue({ begunAt: postedAt ?? since, editedAt: editedAt ?? 0 }, after.judgedAt) ||
      hasMoved(before.shown, after.value))
    ? 'refresh'
    : null;
}

/** Whether a reading after the start says who grew. */
export function isExplained({ evidence, since }: Alert): boolean {
  return evidence !== null && (evidence.readAt ?? 0) >= since;
}

/** A message is refreshed with every reading or check of its first hour, later every quarter of an hour. */
const FRESH_FOR = HOUR;
const REFRESHED_EVERY = 15 * MINUTE;
/** Readings and checks are seconds late. */
const TOLERANCE = MINUTE / 4;

function isDue({ begunAt, editedAt }: { readonly begunAt: number; readonly editedAt: number }, at: number): boolean {
  const every = at - begunAt <= FRESH_FOR ? MINUTE : REFRESHED_EVERY;
  return at - editedAt >= every - TOLERANCE;
}

/** When the message of an alert was last edited: that of an incident with any of its alerts. Null for never. */
export function lastEdits(known: readonly Alert[]): (alert: Alert) => number | null {
  const last = new Map<string, number>();
  for (const alert of known) {
    const about = messageAbout(alert);
    last.set(about, Math.max(last.get(about) ?? 0, alert.shownAt ?? 0));
  }
  return (alert) => last.get(messageAbout(alert)) || null;
}

const messageAbout = ({ id, lead }: Alert): string => lead ?? id;

/** By a tenth, either way. */
function hasMoved(shown: number, value: number): boolean {
  return value !== shown && Math.abs(value - shown) >= Math.abs(shown) / 10;
}

const SLOTS_UNREAD = 3;
const USUAL_INTERVAL = 5 * MINUTE;

/** Open alerts that no reading evaluated for three slots: their messages say so. */
export function unreadAlerts({
  at,
  known,
  transitions,
  interval,
}: {
  readonly at: number;
  readonly known: readonly Alert[];
  readonly transitions: readonly AlertTransition[];
  /** The usual time between readings; null while it is unknown. */
  readonly interval: number | null;
}): readonly AlertChange[] {
  const evaluated = new Set(transitions.map(keyOf));
  const longest = SLOTS_UNREAD * (interval ?? USUAL_INTERVAL) - TOLERANCE;
  return known
    .filter(
      (alert) =>
        isOpen(alert) && alert.unreadSince === null && !evaluated.has(keyOf(alert)) && at - alert.judgedAt >= longest,
    )
    .map((alert) => ({
      alert: { ...alert, version: alert.version + 1, unreadSince: alert.judgedAt },
      edit: 'state',
      reply: null,
      isNowCritical: false,
    }));
}
