// How far back a history reaches, and the pieces it is shown in.

import { DAY, HOUR, MINUTE } from '../base/duration.ts';

/** Those that are offered; any other between the first and the last can be asked for. */
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
 * At most so many pieces, which begin at round times (of UTC), so that two people who ask see the same. The window is
 * made longer by less than a piece; `to` is the end of the piece that runs now.
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
