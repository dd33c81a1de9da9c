// How far back a history reaches.

import { DAY, HOUR, MINUTE } from './duration.ts';

/** Those that are offered; any other between the first and the last can be asked for. */
export const WINDOWS: readonly number[] = [HOUR, DAY, 7 * DAY, 35 * DAY, 400 * DAY];
export const SHORTEST_WINDOW = HOUR;
export const LONGEST_WINDOW = 400 * DAY;
export const DEFAULT_WINDOW = DAY;

/** A whole number of minutes in the largest unit that says it exactly, a single day in hours: `90m`, `24h`, `7d`. */
export function windowText(ms: number): string {
  if (ms % DAY === 0 && ms > DAY) return `${ms / DAY}d`;
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${Math.round(ms / MINUTE)}m`;
}
