// "Did you mean": the nearest known word, or none when no word is near.

import { distance } from 'fastest-levenshtein';

/** A longer word was pasted, not mistyped. */
export const LONGEST_TYPED = 100;

/** @returns the known word that differs least from `word` (case ignored), if by at most a third of its letters. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > LONGEST_TYPED) return null;
  const most = Math.max(1, Math.ceil(word.length / 3));
  const lower = word.toLowerCase();
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of known) {
    // Each letter that only one word has costs at least one step.
    if (Math.abs(candidate.length - word.length) > most) continue;
    const steps = distance(lower, candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** Whether two words differ by at most two letters. Case is ignored. */
export function isSlip(word: string, meant: string): boolean {
  if (word.length > LONGEST_TYPED || Math.abs(word.length - meant.length) > MOST_SLIPS) return false;
  return distance(word.toLowerCase(), meant.toLowerCase()) <= MOST_SLIPS;
}

/** Two swapped letters count twice. */
const MOST_SLIPS = 2;
