// The time window of a history, and its intervals.

import { DAY, HOUR, MINUTE } from '../base/duration.ts';

/** The offered windows. Any window between the first and the last is valid. */
export const WINDOWS: readonly number[] = [HOUR, DAY, 7 * DAY, 35 * DAY, 400 * DAY];
export const SHORTEST_WINDOW = HOUR;
export const LONGEST_WINDOW = 400 * DAY;
export const DEFAULT_WINDOW = DAY;

const STEPS = [
  ...[5, 10, 15, 30, 60, 90].map((count) => count * MINUTE),
  ...[2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 3, 7, 14, 21].map((count) => count * DAY),
];
const LONGEST_STEP = 28 * DAY;

/**
 * At most this many intervals, which start at round times of UTC, so that two people see the same chart. The window
 * grows by less than one interval; `to` is the end of the present interval.
 */
export function piecesOf({
  window,
  now,
  most,
}: {
  readonly window: number;
  readonly now: number;
  readonly most: number;
}): {
  readonly from: number;
  readonly to: number;
  readonly count: number;
} {
  const step = STEPS.find((length) => window / length <= most) ?? LONGEST_STEP;
  const count = Math.max(1, Math.ceil(window / step));
  const to = Math.ceil(now / step) * step;
  return { from: to - count * step, to, count };
}
