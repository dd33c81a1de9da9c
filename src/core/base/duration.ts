// Durations as people write them: `30m`, `4h`, `35d`, `8w`.

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: WEEK };

/** Milliseconds; null for any other text. */
export function parseDuration(text: string): number | null {
  const groups = /^(?<count>[1-9]\d{0,5})(?<unit>[mhdw])$/.exec(text)?.groups;
  const unit = UNITS[groups?.['unit'] ?? ''];
  return unit === undefined ? null : Number(groups?.['count']) * unit;
}

/** A whole number of minutes in the largest exact unit, a single day in hours: `90m`, `24h`, `7d`. */
export function durationText(ms: number): string {
  if (ms % DAY === 0 && ms > DAY) return `${ms / DAY}d`;
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${Math.round(ms / MINUTE)}m`;
}
