// Settings for the retention of raw readings and hourly figures.

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
    const message = 'Expected at least as long as readings: hourly figures outlive the readings.';
    context.addIssue({ code: 'custom', path: ['hours'], message });
  },
);

/** If only one is set, it adjusts the default of the other, so that they do not conflict. */
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

// Settings for serving health and metrics.

export interface HealthConfig {
  readonly host: string;
  readonly port: number;
}

/** A port is a number in YAML and text in a variable. */
export const filePort = z
  .union([z.number().transform(String), z.string()], { error: 'Expected a port number, 1 to 65535.' })
  .pipe(port);

export const healthSection = section({ host: listenHost.optional(), port: filePort.optional() });

/** Null if it is off because no port is set. */
export function healthConfig(input: {
  readonly settings: z.infer<typeof healthSection> | undefined;
  readonly values: Values;
  readonly remarks: Remarks;
}): HealthConfig | null {
  const { settings, values, remarks } = input;
  const host = settings?.host ?? values.HEALTH_HOST;
  const listenPort = settings?.port ?? values.HEALTH_PORT;
  if (listenPort !== undefined) return { host: host ?? VARIABLES.HEALTH_HOST.default, port: Number(listenPort) };
  if (host !== undefined)
    remarks.notices.push('HEALTH_HOST is set without HEALTH_PORT: health and metrics are not served.');
  return null;
}
