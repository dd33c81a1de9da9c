// Short ids that people can read aloud: one links an answer to the log, another identifies a replica.

/** Without letters and digits that look alike. */
const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 5;

/** @param random 0 ≤ n < 1 */
export function referenceOf(random: () => number): string {
  return Array.from({ length: LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}
