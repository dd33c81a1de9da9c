// How long the store keeps history: raw readings, and what each hour came to.

import { z } from 'zod';
import { DAY } from '../core/base/duration.ts';
import type { Remarks } from './issues.ts';
import { duration, listenHost, port, section } from './schemas.ts';
import { VARIABLES, type Values } from './variables.ts';

/** Milliseconds. */
export interface RetentionSettings {
  readonly readings: number;
  /** Never shorter than `readings`. */
  readonly hours: number;
}

const DEFAULT: RetentionSettings = { readings: 35 * DAY, hours: 400 * DAY };
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
}): RetentionSettings {
  return {
    readings: readings ?? Math.min(DEFAULT.readings, hours ?? DEFAULT.readings),
    hours: hours ?? Math.max(DEFAULT.hours, readings ?? DEFAULT.hours),
  };
}

// Where health and metrics are served.

export interface HealthConfig {
  readonly host: string;
  readonly port: number;
}

/** In YAML a port is a number; from a variable it is text. */
const filePort = z
  .union([z.number().transform(String), z.string()], { error: 'Expected a port number, 1 to 65535.' })
  .pipe(port);

export const healthSection = section({ host: listenHost.optional(), port: filePort.optional() });

/** Null where it is off: without a port. */
export function healthConfig(input: {
  readonly settings: z.infer<typeof healthSection> | undefined;
  readonly values: Values;
  readonly remarks: Remarks;
}): HealthConfig | null {
  const { settings, values, remarks } = input;
  const host = settings?.host ?? values.HEALTH_HOST;
  const wanted = settings?.port ?? values.HEALTH_PORT;
  if (wanted !== undefined) return { host: host ?? VARIABLES.HEALTH_HOST.default, port: Number(wanted) };
  if (host !== undefined)
    remarks.notices.push('HEALTH_HOST is set and HEALTH_PORT is not: neither health nor metrics are served.');
  return null;
}
