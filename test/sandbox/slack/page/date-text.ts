// Slack's dates: in the zone of who reads, which on a loopback page is this machine's, and said against their day, which
// is simulated where time is.

import { createElement as h, type ReactElement } from 'react';

const SHAPES: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_slash: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
  time_secs: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};
const DAYS: Readonly<Record<number, string>> = { [-1]: 'Yesterday', 0: 'Today', 1: 'Tomorrow' };

interface SlackDate {
  /** Since 1970. */
  readonly seconds: number;
  /** Words with Slack's placeholders in them. */
  readonly format: string;
  readonly fallback: string;
  /** The moment of who reads. */
  readonly now: Date;
}

/** A placeholder that this page does not know gives the fallback, as in an old Slack client. */
export function dateWords({ seconds, format, fallback, now }: SlackDate): string {
  const date = new Date(seconds * 1000);
  if (!Number.isFinite(date.getTime())) return fallback;
  let known = true;
  const text = format.replace(/\{(\w+?)(_pretty)?\}/g, (_, name: string, pretty?: string) => {
    const shape = SHAPES[name];
    known &&= shape !== undefined;
    return (pretty && DAYS[daysBetween(now, date)]) || date.toLocaleString('en-GB', shape);
  });
  return known ? text : fallback;
}

export function dateText(date: SlackDate): ReactElement {
  const at = new Date(date.seconds * 1000);
  return h('time', Number.isFinite(at.getTime()) ? { dateTime: at.toISOString() } : {}, dateWords(date));
}

/** `10:02`, for the head of a message. */
export function clockTime(ts: string, now: Date): ReactElement {
  return dateText({ seconds: Number(ts), format: '{time}', fallback: ts, now });
}

function daysBetween(from: Date, to: Date): number {
  const dayOf = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (dayOf(to) - dayOf(from)) / 86_400_000;
}
