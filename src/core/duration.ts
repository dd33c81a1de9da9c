// Durations as people write them: `30m`, `4h`, `35d`, `8w`.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: WEEK };

/** Milliseconds; null where it is no duration. */
export function parseDuration(text: string): number | null {
  const groups = /^(?<count>[1-9]\d{0,5})(?<unit>[mhdw])$/.exec(text)?.groups;
  const unit = UNITS[groups?.['unit'] ?? ''];
  return unit === undefined ? null : Number(groups?.['count']) * unit;
}

/** In the largest unit that says it whole, e.g. `90m`, `4h`. */
export function durationText(ms: number): string {
  const minutes = Math.round(ms / MINUTE);
  if (minutes >= 2 * 24 * 60) return `${Math.round(minutes / 60 / 24)}d`;
  return minutes >= 120 ? `${Math.round(minutes / 60)}h` : `${minutes}m`;
}
