// What somebody wrote, said back to them: its beginning, where it is long.

/** At most `longest` UTF-16 units, … included. */
export function clipped(text: string, longest = 100): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`.toWellFormed();
}
