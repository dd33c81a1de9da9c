// Local time in a time zone, and the moment of a local time.

import { DAY, MINUTE } from './duration.ts';

export interface WallTime {
  /** `2026-11-30` */
  readonly date: string;
  /** `18:00` */
  readonly time: string;
}

/** A moment since 1970 and the offset of local time from UTC at it, both in milliseconds. */
export interface WallMoment {
  readonly at: number;
  readonly offset: number;
}

/** @param timeZone an IANA name; UTC when it is left out */
export function wallMoment(at: number, timeZone = 'UTC'): WallMoment {
  return { at, offset: offsetAt(at, timeZone) };
}

/**
 * @param timeZone an IANA name; null for the machine's own. An unknown name throws a RangeError; the settings check it.
 */
export function wallTimeAt(at: number, timeZone: string | null): WallTime & { readonly weekday: string } {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { year = '', month = '', day = '', hour = '', minute = '', weekday = '' } = parts;
  return { date: `${year.padStart(4, '0')}-${month}-${day}`, time: `${hour}:${minute}`, weekday };
}

/** `Europe/Vienna`, for the reader of times. @param timeZone null for the machine's own */
export function zoneName(timeZone: string | null): string {
  return timeZone ?? new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone;
}

/**
 * Milliseconds since 1970. When clocks are set back and a time occurs twice, the first counts. When clocks are set
 * forward and the time never occurs, the result is later by the same amount.
 */
export function instantOf({ date, time }: WallTime, timeZone: string | null): number {
  const asUtc = Date.parse(`${date}T${time}:00Z`);
  // No zone moves its clocks twice within two days.
  const offsets = [offsetAt(asUtc - DAY, timeZone), offsetAt(asUtc + DAY, timeZone)];
  const fitting = offsets.map((offset) => asUtc - offset).filter((at) => at + offsetAt(at, timeZone) === asUtc);
  return fitting.length > 0 ? Math.min(...fitting) : asUtc - Math.min(...offsets);
}

function offsetAt(at: number, timeZone: string | null): number {
  const shown = wallTimeAt(at, timeZone);
  return Date.parse(`${shown.date}T${shown.time}:00Z`) - Math.floor(at / MINUTE) * MINUTE;
}

/** Whether a date and time exist; `2026-02-30` does not. */
export function isWallTime({ date, time }: WallTime): boolean {
  const at = Date.parse(`${date}T${time}:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(`${date}T${time}`);
}

// Created once for each zone: creating one takes longer than using it a hundred times.
const formats = new Map<string | null, Intl.DateTimeFormat>();

function formatOf(timeZone: string | null): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    ...(timeZone === null ? {} : { timeZone }),
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}
