// How long history is kept. Both kinds of store use this setting.

import { DAY } from '../core/base/duration.ts';

/** Both in milliseconds. */
export interface Retention {
  /** Raw readings; older ones become hourly rollups. */
  readonly readings: number;
  /** Hourly rollups, resolved alerts, ended silences, and message positions. */
  readonly hours: number;
}

/** Readings that people look at; more of them push out the oldest. */
export const MOST_SHOWN = 100;

/** Older claims of slots are not used any more. */
export const CLAIMS_KEPT = 2 * DAY;

/** Readings before this time prove the current time. A clock that just jumped ahead has none that old. */
export function settledBefore(now: number): number {
  return now - DAY;
}

/**
 * The time that retention uses as now, in milliseconds since 1970. A clock that jumped ahead must not delete the
 * history, unless readings used that clock for a day.
 * @param settled the newest reading before `settledBefore`; null for none
 */
export function tidyingTime(now: number, settled: number | null): number {
  // At most the minimum retention of readings: the reading that proves the time must stay.
  return settled === null ? now : Math.min(now, settled + DAY);
}
