// "Did you mean": the nearest of the known words, or none when nothing is near.

import { distance } from 'fastest-levenshtein';

/** @returns the known word that differs least from `word` (case ignored), if by at most a third of its letters. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) {
      best = candidate;
      least = steps;
    }
  }
  return best !== null && least <= Math.max(1, Math.ceil(word.length / 3)) ? best : null;
}

/** Whether it is the other word with a slip or two: a letter too many, too few, or another. Case is ignored. */
export function isSlip(word: string, meant: string): boolean {
  return distance(word.toLowerCase(), meant.toLowerCase()) <= MOST_SLIPS;
}

/** Two letters in each other's place count twice. */
const MOST_SLIPS = 2;
