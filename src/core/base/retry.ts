// How long to wait before what failed is tried again.

/** Milliseconds. */
export interface Waits {
  readonly least: number;
  readonly most: number;
}

/**
 * Doubling, at least half of it by chance, so that what failed together does not come back together.
 * @param failures in a row before the one that is waited after: 0 for the first
 * @param random 0 ≤ n < 1
 * @returns milliseconds
 */
export function backoff(failures: number, { least, most }: Waits, random: () => number): number {
  return Math.min(most, least * 2 ** Math.min(failures, 20)) * (0.5 + random() / 2);
}
