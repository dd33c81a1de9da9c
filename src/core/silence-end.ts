// When a silence ends: as somebody wrote it, and the moment that it means.

import { DAY, MINUTE } from './base/duration.ts';
import type { Problem } from './base/problem.ts';
import { instantOf, wallTimeAt } from './base/time-zone.ts';

/** For so many milliseconds; or until a time of the bot's zone, `date` null for the next such time. */
export type SilenceEnd =
  | { readonly for: number }
  | { readonly date: string | null /** `18:00` */; readonly time: string };

/** What is shorter is over before it helps; what is longer is a rule that should be set otherwise. */
export const SHORTEST_SILENCE = 5 * MINUTE;
export const LONGEST_SILENCE = 400 * DAY;

export type SilenceUntil =
  /** Milliseconds since 1970. */
  { readonly ok: true; readonly until: number } | { readonly ok: false; readonly problem: Problem };

/** @param at `timeZone` is an IANA name, `Europe/Berlin`; null for the machine's own */
export function silenceUntil(
  end: SilenceEnd,
  at: { readonly now: number; readonly timeZone: string | null },
): SilenceUntil {
  const until = 'for' in end ? at.now + end.for : instantBy(end, at);
  if (until <= at.now) return refused('silence-in-the-past', 'That is in the past.');
  const lasts = until - at.now;
  if (lasts < SHORTEST_SILENCE) return refused('silence-too-short', 'A silence lasts at least 5 minutes.');
  return lasts > LONGEST_SILENCE
    ? refused('silence-too-long', 'A silence lasts at most 400 days.')
    : { ok: true, until };
}

function instantBy(
  { date, time }: { readonly date: string | null; readonly time: string },
  { now, timeZone }: { readonly now: number; readonly timeZone: string | null },
): number {
  if (date !== null) return instantOf({ date, time }, timeZone);
  const today = wallTimeAt(now, timeZone).date;
  const tomorrow = new Date(Date.parse(today) + DAY).toISOString().slice(0, today.length);
  const at = instantOf({ date: today, time }, timeZone);
  return at > now ? at : instantOf({ date: tomorrow, time }, timeZone);
}

function refused(code: string, text: string): SilenceUntil {
  return { ok: false, problem: { code, text, remedy: REMEDY } };
}

const REMEDY = 'Say a duration such as 30m, 4h, 1d or 1w, or until a date: until 2026-11-30 18:00.';
