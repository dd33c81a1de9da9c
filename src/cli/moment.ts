// Times at the terminal: in UTC and marked as such, the same wherever the text is read.

/** `2026-09-16 06:10Z` @param at ISO 8601, or milliseconds since 1970 */
export function minute(at: string | number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
}
