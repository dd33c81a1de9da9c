// Slack's dates (`<!date^…>`): in the zone of who reads, which on a loopback page is this machine's.

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

/** A shape that this page does not know gives the fallback, as in an old Slack client. */
export function dateText(input: { seconds: number; format: string; fallback: string }): ReactElement {
  const date = new Date(input.seconds * 1000);
  let known = Number.isFinite(date.getTime());
  const text = input.format.replace(/\{(\w+?)(?:_pretty)?\}/g, (_, name: string) => {
    const shape = SHAPES[name];
    known &&= shape !== undefined;
    return known && shape ? date.toLocaleString('en-GB', shape) : '';
  });
  return h('time', known ? { dateTime: date.toISOString() } : {}, known ? text : input.fallback);
}

/** `10:02`, for the head of a message. */
export function clockTime(ts: string): ReactElement {
  const seconds = Number(ts);
  return dateText({ seconds, format: '{time}', fallback: ts });
}
