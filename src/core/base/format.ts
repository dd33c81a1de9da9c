// Figures and durations as text, for Slack and terminal alike.

// Created once: creating it takes longer than formatting hundreds of figures.
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567` */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 node`, `3 nodes`, `3 processes` */
export function counted(value: number, noun: string): string {
  const ending = noun.endsWith('s') ? 'es' : 's';
  return `${count(value)} ${noun}${value === 1 ? '' : ending}`;
}

/** `31 %`; one decimal below 1 %, so that a small share is not shown as 0. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return value > 0 && value < 1 ? `${Math.max(0.1, value).toFixed(1)} %` : `${Math.round(value)} %`;
}

/**
 * `0.2 s`, `14 s`, `5 min`, `2 h`, `2 h 10 min`, `3 days`; to the nearest minute, because readings are seconds late.
 */
export function span(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${Number(Math.max(0.1, seconds).toFixed(1))} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.floor(minutes / 1440)} days`;
}

/** `a`, `a and b`, `a, b and c` */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

export function sum<T>(rows: readonly T[], figure: (row: T) => number): number {
  return rows.reduce((all, row) => all + figure(row), 0);
}

/** At most `longest` UTF-16 units, … included. */
export function clipped(text: string, longest = 100): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`.toWellFormed();
}

/** By code units: the same order on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
