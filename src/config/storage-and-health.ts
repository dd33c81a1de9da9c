// How long the store keeps history: raw readings, and what each hour came to.

import { DAY } from '../core/base/duration.ts';
import { duration, section } from './schemas.ts';

/** Milliseconds. */
export interface Keep {
  readonly readings: number;
  /** Never shorter than `readings`. */
  readonly hours: number;
}

const DEFAULT: Keep = { readings: 35 * DAY, hours: 400 * DAY };
const [LEAST, MOST] = [DAY, 3650 * DAY];

const kept = duration.refine((ms) => ms >= LEAST && ms <= MOST, { error: 'Expected 1d at least and 3650d at most.' });

export const keepSection = section({ readings: kept.optional(), hours: kept.optional() }).superRefine(
  ({ readings, hours }, context) => {
    if (readings === undefined || hours === undefined || hours >= readings) return;
    const message = 'Expected no less than readings: hours are what is left when the readings are gone.';
    context.addIssue({ code: 'custom', path: ['hours'], message });
  },
);

/** What is set alone moves the other's default, not into a contradiction. */
export function keepOf({
  readings,
  hours,
}: {
  readonly readings?: number | undefined;
  readonly hours?: number | undefined;
}): Keep {
  return {
    readings: readings ?? Math.min(DEFAULT.readings, hours ?? DEFAULT.readings),
    hours: hours ?? Math.max(DEFAULT.hours, readings ?? DEFAULT.hours),
  };
}
