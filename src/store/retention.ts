// How long history is kept: a setting of both kinds of store.

import { DAY } from '../core/base/duration.ts';

/** Both in milliseconds. */
export interface Retention {
  /** Raw readings; older ones become hourly rollups. */
  readonly readings: number;
  /** Hourly rollups, ended alerts and silences, and where messages stand. */
  readonly hours: number;
}

/** Claims of slots before that are history that nobody reads. */
export const CLAIMS_KEPT = 2 * DAY;

/** Readings before that tell what time it is: those of a clock that has just jumped ahead do not. */
export function settledBefore(now: number): number {
  return now - DAY;
}

/**
 * By which time tidying may remove: a clock that jumped ahead must not eat the history, unless readings went on by it
 * for a day. Milliseconds since 1970.
 * @param settled the newest reading before `settledBefore`; null for none
 */
export function tidyingTime(now: number, settled: number | null): number {
  // No more than the least that readings are kept: the one that tells must stay.
  return settled === null ? now : Math.min(now, settled + DAY);
}
