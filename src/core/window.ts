// How far back a history reaches.

import { DAY, HOUR } from './duration.ts';

/** Those that are offered; any other between the first and the last can be asked for. */
export const WINDOWS: readonly number[] = [HOUR, DAY, 7 * DAY, 35 * DAY, 400 * DAY];
export const SHORTEST_WINDOW = HOUR;
export const LONGEST_WINDOW = 400 * DAY;
export const DEFAULT_WINDOW = DAY;
