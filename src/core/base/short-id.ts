// Short names that people read aloud: what links an answer to the log, what tells replicas apart.

/** Without letters and digits that are taken for one another. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 5;

/** @param random 0 ≤ n < 1 */
export function referenceOf(random: () => number): string {
  return Array.from({ length: LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}
