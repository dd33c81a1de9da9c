// The end of a silence as people write it: `4h`, `for 2 hours`, `1h 30m`, `until tomorrow`, `until monday 18:00`.

import { NEXT, type SilenceEnd, WEEKDAYS } from '../alerting/silence.ts';
import { DAY, durationText, HOUR, MINUTE, WEEK } from '../base/duration.ts';
import { isWallTime } from '../base/time-zone.ts';

/** A duration or a time in a text; `wrong` is what looks like one. */
export interface Ending {
  readonly start: number;
  readonly end: SilenceEnd | { readonly wrong: string };
  /** The text after it. */
  readonly tail: string;
}

/** Words that have a meaning here. */
export const SILENCE_WORDS: readonly string[] = [
  ...['in', 'of', 'for', 'on', 'hold', 'until', 'next', 'at', 'an', 'and', 'half'],
  ...['today', 'tomorrow', ...WEEKDAYS, 'week', 'weeks', 'day', 'days', 'hour', 'hours', 'minute', 'minutes'],
  ...['morning', 'noon', 'evening', 'midnight'],
];

export function endText(end: SilenceEnd): string {
  return 'for' in end ? durationText(end.for) : ['until', end.day, end.time].filter((word) => word !== null).join(' ');
}

/** Finds the first end at or after a position. It reads each word once while the positions grow. */
export function endFinder(text: string): (from: number) => Ending | null {
  let position = 0;
  let next: Ending | null = null;
  return (from) => {
    const here = endAt(text, from);
    if (here !== null) return here;
    if (next !== null && next.start >= from) return next;
    next = null;
    position = Math.max(position, from);
    while (next === null && position < text.length) {
      const space = text.indexOf(' ', position);
      position = space < 0 ? text.length : space + 1;
      next = endAt(text, position);
    }
    return next;
  };
}

export function endAt(text: string, start: number): Ending | null {
  return lengthAt(text, start) ?? timeAt(text, start);
}

/** The end of a word, or another length of the same duration: `1h30m`. */
const AFTER = '(?=$|[\\s.,;]|\\d{1,6}[mhd](?:$|[\\s.,;]))[.,;]?\\s*';
const UNITS = '(?<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:(?:ee)?ks?)?)';
const firstLength = new RegExp(
  `(?:for )?(?:(?<count>\\d{1,6}(?:\\.\\d{1,2})?) ?${UNITS}|(?<one>half an hour|an? (?:hour|day|week)))${AFTER}`,
  'iy',
);
const nextLength = new RegExp(`(?:and )?(?<count>\\d{1,6}) ?${UNITS}${AFTER}`, 'iy');
const LENGTHS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: WEEK };
const ONE: Readonly<Record<string, number>> = { hour: HOUR, day: DAY, week: WEEK };

/** `4h`, `for 2 hours`, `1 hour and 30 minutes`: units that become smaller are one duration. */
export function lengthAt(
  text: string,
  start: number,
): { readonly start: number; readonly end: { readonly for: number }; readonly tail: string } | null {
  firstLength.lastIndex = start;
  const groups = firstLength.exec(text)?.groups;
  if (groups === undefined) return null;
  let at = firstLength.lastIndex;
  const { one } = groups;
  if (one !== undefined) {
    const length = ONE[one.slice(one.lastIndexOf(' ') + 1).toLowerCase()] ?? 0;
    return { start, end: { for: one.startsWith('h') ? length / 2 : length }, tail: text.slice(at) };
  }
  let unit = unitOf(groups);
  let length = Number(groups['count']) * unit;
  for (;;) {
    nextLength.lastIndex = at;
    const more = nextLength.exec(text)?.groups;
    if (more === undefined || unitOf(more) >= unit) break;
    unit = unitOf(more);
    length += Number(more['count']) * unit;
    at = nextLength.lastIndex;
  }
  return { start, end: { for: Math.round(length / MINUTE) * MINUTE }, tail: text.slice(at) };
}

function unitOf({ unit = '' }: Readonly<Record<string, string>>): number {
  return LENGTHS[unit.charAt(0).toLowerCase()] ?? 0;
}

const DAYS: readonly (readonly [string, RegExp])[] = [
  ['today', /today/iy],
  ['tomorrow', /tomorrow|tmrw?/iy],
  [`${NEXT}monday`, /next week/iy],
  ...['', NEXT].flatMap((next) =>
    WEEKDAYS.map(
      (day) => [`${next}${day}`, new RegExp(`${next}${day.slice(0, 3)}(?:${day.slice(3)})?(?![a-z])`, 'iy')] as const,
    ),
  ),
];
const TIMES: Readonly<Record<string, string>> = {
  morning: '09:00',
  noon: '12:00',
  evening: '18:00',
  midnight: '00:00',
};
/** When a day without a time begins for the people who work then. */
const MORNING = '09:00';
const clock =
  /(?:at )?(?:(?<hour>\d{1,2})(?::(?<minute>\d{2}))? ?(?<half>[ap]m)?|(?<word>morning|noon|evening|midnight))(?=$|[\s.,;])/iy;
const date = /\d{4}-\d{2}-\d{2}/y;

/** `until 18:00`, `until 2026-11-30 18:00`, `until tomorrow`, `until next monday 9am`. */
function timeAt(text: string, start: number): Ending | null {
  const until = /until /iy;
  until.lastIndex = start;
  if (!until.test(text)) return null;
  const from = until.lastIndex;
  const day = dayAt(text, from);
  const isJoined = day !== null && /[ T]/i.test(text.charAt(day.end));
  const time = day === null ? clockAt(text, from) : isJoined ? clockAt(text, day.end + 1) : null;
  const end = time?.end ?? day?.end ?? from;
  const isWhole = /^(?:$|[\s.,;])/.test(text.slice(end));
  if ((day === null && time === null) || !isWhole) return oddTime(text, { start, from });
  const tail = text.slice(end).replace(/^[.,;]?\s*/, '');
  const named = day?.day ?? null;
  if (named === 'today' && time === null) return { start, end: { day: null, time: '00:00' }, tail };
  const isDate = named !== null && /^\d/.test(named);
  const at = time?.time ?? (isDate ? '00:00' : MORNING);
  const isRight = isWallTime({ date: isDate ? named : '2000-01-01', time: at });
  return { start, end: isRight ? { day: named, time: at } : { wrong: text.slice(start, end) }, tail };
}

/** Other words may belong to a name: `wait until done`. */
function oddTime(text: string, { start, from }: { readonly start: number; readonly from: number }): Ending | null {
  const [word = ''] = text.slice(from).split(' ', 1);
  return /\d/.test(word) ? { start, end: { wrong: `until ${word}` }, tail: '' } : null;
}

function dayAt(text: string, at: number): { readonly day: string; readonly end: number } | null {
  for (const [day, form] of DAYS) {
    form.lastIndex = at;
    if (form.test(text)) return { day, end: form.lastIndex };
  }
  date.lastIndex = at;
  const [found] = date.exec(text) ?? [];
  return found === undefined ? null : { day: found, end: date.lastIndex };
}

/** Null for a bare number, which could be anything. */
function clockAt(text: string, at: number): { readonly time: string; readonly end: number } | null {
  clock.lastIndex = at;
  const groups = clock.exec(text)?.groups;
  const { hour, minute, half, word } = groups ?? {};
  const end = clock.lastIndex;
  if (word !== undefined) return { time: TIMES[word.toLowerCase()] ?? MORNING, end };
  if (hour === undefined || (minute === undefined && half === undefined)) return null;
  const isTwelve = Number(hour) === 12;
  const base = half === undefined ? Number(hour) : Number(hour) > 12 ? 99 : isTwelve ? 0 : Number(hour);
  const full = half?.toLowerCase() === 'pm' ? base + 12 : base;
  return { time: `${String(full).padStart(2, '0')}:${minute ?? '00'}`, end };
}
